"""Presets from the command line: chosen, switched and switched back, and nothing is lost."""

from pathlib import Path

import pytest

from crmcli.store.presets import NAMES
from tests.conftest import Crm

MINE = """
title = { en = "tea", zh = "茶庄" }

[vocabulary.class]
regular = { en = "regular", zh = "熟客", cadence_days = 20 }
core = { en = "core", zh = "老主顾" }

[fields.contact]
tea = { en = "Tea", zh = "喜欢的茶" }

[notices]
visit = { en = "come for tea", zh = "请来喝茶", every = "60d" }
"""


def offered(crm: Crm, set_: str = "class") -> dict[str, str]:
    return {row["code"]: row["zh"] for row in crm.data("vocabulary", "list", set_)}


def everything(crm: Crm) -> dict[str, list[dict[str, object]]]:
    nouns = ("vocabulary", "field")
    return {name: [{**row, "id": 0} for row in crm.data(name, "list", "--all", "--sort", "id")] for name in nouns}


def test_init_makes_a_database_and_says_where(crm: Crm) -> None:
    crm.not_begun()
    made = crm.ok("init")
    assert str(crm.db) in made.out
    assert "crm add NAME" in made.err
    assert crm.db.stat().st_mode & 0o777 == 0o600
    again = crm.data("init")
    assert again == {"path": str(crm.db), "preset": "general", "new": False}


def test_a_dry_run_and_a_list_make_nothing(crm: Crm) -> None:
    crm.not_begun()
    assert str(crm.db) in crm.ok("init", "--preset", "auto", "-n").out
    assert [row["name"] for row in crm.data("preset", "list")] == list(NAMES)
    assert not crm.db.exists()


def test_init_with_a_preset_that_is_none_makes_nothing(crm: Crm) -> None:
    crm.not_begun()
    assert crm("init", "--preset", "bakery").code == 2
    assert not crm.db.exists()


@pytest.mark.parametrize("name", NAMES[1:])
def test_every_preset_gives_a_working_database(crm: Crm, name: str) -> None:
    crm.not_begun()
    assert crm.data("init", "--preset", name)["new"]
    for language in ("en", "zh"):
        shown = crm.ok("preset", "show", name, "--lang", language, COLUMNS="80").out
        assert shown.strip()
    code = next(iter(offered(crm)))
    crm.ok("add", "张三", "--class", code)
    for kind in offered(crm, "complaint_type"):
        crm.ok("complain", "张三", "…", "--type", kind)
    for kind in offered(crm, "callback_kind"):
        crm.ok("plan", "张三", "tomorrow", "x", "--kind", kind)
    for kind in offered(crm, "followup_kind"):
        crm.ok("log", "张三", "x", "--kind", kind)
    assert crm("doctor").code == 0


def test_switching_hides_and_switching_back_shows_again(crm: Crm) -> None:
    crm.ok("init", "--preset", "utility")
    before = everything(crm)
    crm.ok("add", "张三", "--class", "居民", "--set", "户号=3100123")
    crm.ok("preset", "use", "auto")
    assert "residential" not in offered(crm)
    assert offered(crm)["level-h"] == "H级"
    assert "account" not in [row["code"] for row in crm.data("field", "list")]
    shown = crm.ok("show", "张三", "--lang", "zh").out
    assert "居民" in shown
    assert "户号 3100123" in shown
    assert [row["name"] for row in crm.data("list", "class:居民 户号:3100123")] == ["张三"]
    crm.ok("preset", "use", "utility")
    after = everything(crm)
    kept = [row for row in after["vocabulary"] if not row["hidden"]]
    assert kept == [row for row in before["vocabulary"] if not row["hidden"]]
    assert [row for row in after["field"] if not row["hidden"]] == before["field"]


def test_what_the_user_did_stays(crm: Crm) -> None:
    crm.ok("vocabulary", "add", "class", "gold", "--zh", "金牌")
    crm.ok("vocabulary", "edit", "source", "referral", "--zh", "熟人介绍")
    crm.ok("field", "add", "contact", "plate", "--type", "text", "--zh", "我的车牌")
    crm.ok("preset", "use", "auto")
    assert offered(crm)["gold"] == "金牌"
    assert offered(crm, "source")["referral"] == "熟人介绍"
    mine = {row["code"]: row for row in crm.data("field", "list")}
    assert (mine["plate"]["zh"], mine["plate"]["origin"]) == ("我的车牌", None)
    crm.ok("preset", "use", "general")
    assert offered(crm, "source")["referral"] == "熟人介绍"
    assert {row["code"] for row in crm.data("field", "list")} == {"plate"}


@pytest.mark.parametrize(
    ("own", "said", "mended"),
    [
        (
            ("vocabulary", "add", "class", "gold", "--en", "gold", "--zh", "车主"),
            "in class, “车主” means gold here, and owner in the preset — crm vocabulary edit class gold --zh … first",
            ("vocabulary", "edit", "class", "gold", "--zh", "金牌"),
        ),
        (
            ("vocabulary", "add", "class", "fleet", "--zh", "车队", "--alias", "OWNER"),
            (
                "in class, “owner” means fleet here, and owner in the preset — "
                "crm vocabulary edit class fleet --remove-alias owner first"
            ),
            ("vocabulary", "edit", "class", "fleet", "--remove-alias", "owner"),
        ),
        (
            ("field", "add", "contact", "number", "--zh", "车牌号"),
            (
                "in contact, “车牌号” means number here, and plate in the preset — "
                "crm field edit contact number --en … --zh … first"
            ),
            ("field", "edit", "contact", "number", "--en", "number", "--zh", "号码"),
        ),
    ],
)
def test_a_word_does_not_come_to_mean_two_codes(
    crm: Crm, own: tuple[str, ...], said: str, mended: tuple[str, ...]
) -> None:
    if own[0] == "field":
        crm.ok("preset", "use", "auto")
        crm.ok("preset", "use", "general")
    crm.ok(*own)
    before = everything(crm)
    result = crm("preset", "use", "auto")
    assert (result.code, result.err) == (5, f"error: {said}\n")
    assert everything(crm) == before
    crm.ok(*mended)
    crm.ok("preset", "use", "auto")
    crm.ok("preset", "use", "auto")


def test_a_code_goes_on_meaning_itself(crm: Crm) -> None:
    """Words that were learnt are codes, which nobody can change."""
    crm.ok("add", "张三", "--source", "车展", "--class", "核心")
    crm.ok("add", "李四", "--source", "抖音")
    crm.ok("field", "add", "contact", "车牌号")
    crm.ok("contact", "edit", "张三", "--set", "车牌号=沪A1")
    said = crm.ok("preset", "use", "auto").err
    assert "in source, “车展” goes on meaning itself, and the preset calls expo so, too: " in said
    assert "crm vocabulary edit source expo --zh …" in said
    assert "crm field edit contact plate --zh …" in said
    assert said.count("goes on meaning itself") == 2
    for query in ("source:车展", "车牌号:沪A1"):
        assert [row["name"] for row in crm.data("list", query)] == ["张三"]
    assert [row["name"] for row in crm.data("list", "source:抖音")] == ["李四"]
    assert "goes on" not in crm.ok("preset", "use", "auto").err


def test_a_switch_is_one_change(crm: Crm) -> None:
    crm.ok("init")
    before = everything(crm)
    crm.ok("preset", "use", "logistics", "-n")
    assert everything(crm) == before
    crm.ok("preset", "use", "logistics")
    assert everything(crm) != before
    crm.ok("undo")
    assert everything(crm) == before
    assert crm.data("init")["preset"] == "general"
    crm.ok("preset", "use", "general")
    assert everything(crm) == before


def test_the_programs_own_words_are_always_there(crm: Crm) -> None:
    crm.ok("init", "--preset", "library")
    assert offered(crm, "complaint_status")["received"] == "已受理"
    assert offered(crm, "severity")["normal"] == "一般"


def test_a_file_of_ones_own(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "tea.toml"
    file.write_text(MINE, "utf-8")
    assert crm.ok("preset", "check", str(file)).code == 0
    crm.ok("init", "--preset", str(file))
    assert offered(crm) == {"regular": "熟客", "core": "老主顾"}
    crm.ok("add", "张三", "--class", "熟客", "--set", "喜欢的茶=龙井")
    crm.ok("preset", "use", "general")
    assert offered(crm)["core"] == "核心"
    file.unlink()
    crm.ok("preset", "use", "tea")  # the database knows it
    assert offered(crm) == {"regular": "熟客", "core": "老主顾"}
    assert [row["name"] for row in crm.data("preset", "list") if row["current"]] == ["tea"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shown_to_make_ones_own_of_it_is_a_good_preset(crm: Crm, tmp_path: Path, name: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(crm.ok("preset", "show", name, "--toml").out, "utf-8")
    assert crm.ok("preset", "check", str(file))
    before = offered(crm)
    crm.ok("init", "--preset", str(file))
    assert name != "general" or offered(crm) == before


def test_check_names_every_mistake_with_its_line(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "tea.toml"
    file.write_text(
        MINE.replace("cadence_days = 20", "cadence_days = -1").replace('every = "60d"', 'every = "soon"'), "utf-8"
    )
    result = crm("preset", "check", str(file))
    assert result.code == 1
    assert "line 5, vocabulary.class.regular.cadence_days" in result.out
    assert "line 12, notices.visit.every" in result.out
    assert [row["line"] for row in crm("preset", "check", str(file), "-o", "json").json] == [5, 12]
    assert crm("preset", "use", str(file)).code == 2


def test_check_names_a_query_that_asks_for_what_nobody_has(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "tea.toml"
    file.write_text(
        '[title]\nen = "Tea"\nzh = "茶"\n[fields.contact]\nblend = { en = "Blend", zh = "配方", aliases = "mix" }\n'
        '[notices]\nvisit = { en = "Visit", zh = "拜访", every = "60d", query = "blend:x 配方:y mix:z class:core" }\n'
        'call = { en = "Call", zh = "致电", every = "60d", query = "blnd:x" }\n',
        "utf-8",
    )
    result = crm("preset", "check", str(file))
    assert (result.code, len(result.out.splitlines())) == (1, 1), result
    assert "line 8, notices.call.query: " in result.out
    assert crm("preset", "use", str(file)).code == 2


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"a = ", b"[" * 5000, b"x" * 300_000, b"a = " + b"[" * 5000, b"\x00", b""]
)
def test_hostile_files_are_refused(crm: Crm, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(content)
    for verb in ("check", "use"):
        result = crm("preset", verb, str(file))
        assert result.code in (1, 2)
        assert "Traceback" not in result.err
    assert crm("preset", "use", str(tmp_path)).code == 2


def test_a_field_of_another_type_is_no_accident(crm: Crm) -> None:
    crm.ok("init", "--preset", "auto")
    crm.ok("field", "edit", "contact", "vehicle", "--type", "number")
    crm.ok("preset", "use", "utility")
    crm.ok("preset", "use", "auto")  # the user chose the type: it stays
    assert next(row for row in crm.data("field", "list") if row["code"] == "vehicle")["type"] == "number"


def test_what_is_exported_after_a_switch_imports_as_it_is(crm: Crm) -> None:
    crm.ok("add", "张三", "--class", "collection", "--source", "expo")
    crm.ok("plan", "张三", "2026-12-01", "--kind", "collection")
    crm.ok("answer", "add", "Why?", "So", "--category", "billing")
    for preset in ("utility", "library", "auto"):
        crm.ok("preset", "use", preset, "-y")
        for records in ("contacts", "callbacks"):
            text = crm.ok("export", records, "-o", "csv").out
            assert crm.data("import", "-", "--as", records, stdin=text)["unchanged"] == 1
        assert crm.data("import", "-", stdin=crm.ok("export", "all", "-o", "jsonl").out)["updated"] == 0
    crm.ok("preset", "use", "utility", "-y")
    crm.ok("import", "-", stdin="name,class\nAnn,collection\n")
    assert crm.data("contact", "show", "Ann")["class"] == "arrears"
