"""`crm vocabulary`: words with labels in both languages, accepted wherever a code is, kept while they are in use."""

import tomllib
from contextlib import closing
from importlib import resources

import pytest

from tests.conftest import Crm, opened


def words() -> list[tuple[str, str, str]]:
    """Return (set, code, what may be typed for it) of everything that a new database knows."""
    text = resources.files("crmcli.presets").joinpath("general.toml").read_text("utf-8")
    return [
        (set_, code, typed)
        for set_, known in tomllib.loads(text)["vocabulary"].items()
        for code, word in known.items()
        for typed in (code, word["en"], word["zh"], *filter(None, word.get("aliases", "").split("|")))
    ]


def test_every_word_means_its_own_code(crm: Crm) -> None:
    from crmcli.queries.vocabulary import code_of
    from crmcli.store.database import open_database

    crm.ok("vocabulary", "list")
    connection = open_database(crm.db)
    assert [word for word in words() if code_of(connection, word[0], word[2].upper()) != word[1]] == []
    connection.close()


def test_full_width_letters_mean_the_word_that_is_there(crm: Crm) -> None:
    """A set that grows by what is typed would have the word twice, and each report two lines for it."""
    assert crm.data("add", "张三", "--source", "Ｅｘｐｏ", "--class", "ｃｏｒｅ")["source"] == "expo"
    assert crm.data("complain", "张三", "晚了", "--category", "ＤＥＬＩＶＥＲＹ")["category"] == "delivery"
    assert crm.data("complain", "张三", "晚了", "--category", "ｂ2ｂ")["category"] == "ｂ2ｂ"


def test_list_groups_by_set(crm: Crm) -> None:
    shown = crm.ok("vocabulary", "list").out
    assert "class  contact · Class, service-level · Class\n" in shown
    assert "\n  core            core            核心    every 30 days  核心客户\n" in shown
    assert "\n\nsource  contact · Source\n" in shown
    assert crm.ok("vocabulary", "list", "severity").out.splitlines()[0].startswith("severity  complaint · Severity")


def test_a_list_goes_on_after_what_it_says(crm: Crm) -> None:
    first = crm.ok("vocabulary", "list", "severity", "--limit", "3", "-o", "csv", "--columns", "code")
    option = first.err.partition("; ")[2].partition(" goes on")[0].split()
    rest = crm.ok("vocabulary", "list", "severity", *option, "-o", "csv", "--columns", "code")
    assert (first.out + rest.out).split() == ["code", "low", "normal", "high", "code", "critical"]
    assert crm("vocabulary", "list", "--after", "x").code == 2


def test_list_as_data_and_by_query(crm: Crm) -> None:
    rows = crm.data("vocabulary", "list", "class")
    assert [row["code"] for row in rows][:2] == ["core", "potential"]
    assert rows[0].keys() >= {"id", "set", "code", "en", "zh", "aliases", "position", "cadence_days"}
    assert [row["code"] for row in crm.data("vocabulary", "list", "cadence_days<30")] == ["collection"]
    assert [row["code"] for row in crm.data("vocabulary", "list", "severity", "紧急")] == ["critical"]
    assert crm.ok("vocabulary", "list", "severity", "--columns", "code", "-o", "csv").out.split() == [
        *("code", "low", "normal", "high", "critical")
    ]
    assert crm.ok("vocabulary", "list", "code:nothing").err == "nothing matches\n"


def test_add_a_class_and_use_it_by_any_name(crm: Crm) -> None:
    said = crm.ok("vocabulary", "add", "class", "Gold", "--zh", "金牌", "--every", "10", "--alias", "VIP，大客户").out
    assert said == "Added gold to class: 金牌, 金牌 · every 10 days\n"
    for number, name in enumerate(("gold", "GOLD", "金牌", "vip", "大客户")):
        assert crm.data("add", f"Ann {number}", "--class", name)["class"] == "gold"
    row = crm.data("contact", "show", "1")
    assert row["cadence_days"] == 10
    assert len(crm.data("contact", "list", "class:金牌")) == 5
    assert crm.data("vocabulary", "show", "class", "vip")["position"] == 7


@pytest.mark.parametrize(
    ("every", "days"),
    [
        ("30", 30),
        ("30d", 30),
        ("2 weeks", 14),
        ("weekly", 7),
        ("每两周", 14),
        ("每月", 30),
        ("季度", 90),
        ("0", None),
        ("", None),
    ],
)
def test_a_rhythm_is_said_as_elsewhere(crm: Crm, every: str, days: int | None) -> None:
    assert crm.data("vocabulary", "edit", "class", "core", "--every", every)["cadence_days"] == days


def test_a_rhythm_that_nobody_lives_is_refused(crm: Crm) -> None:
    refused = crm("vocabulary", "edit", "class", "core", "--every", "9999 years")
    assert (refused.code, refused.err) == (2, "error: every 9999 years is too seldom — 100000d at most\n")
    crm.ok("add", "张三", "--class", "core")
    with closing(opened(crm.db)) as connection, connection:  # as an earlier version took it
        connection.execute("UPDATE vocabulary SET cadence_days = 3650000 WHERE code = 'core'")
    for command in (("today",), ("remind",)):
        crm.ok(*command, TZ="Asia/Shanghai")


def test_edit(crm: Crm) -> None:
    row = crm.data("vocabulary", "edit", "class", "核心", "--en", "key account", "--every", "21", "--add-alias", "KA")
    assert (row["code"], row["en"], row["zh"], row["cadence_days"]) == ("core", "key account", "核心", 21)
    assert row["aliases"] == "核心客户|ka"
    row = crm.data("vocabulary", "edit", "class", "ka", "--remove-alias", "核心客户", "--every", "0", "--en", "")
    assert (row["aliases"], row["cadence_days"], row["en"]) == ("ka", None, "core")
    assert crm.data("vocabulary", "edit", "class", "core", "--alias", "")["aliases"] == ""
    assert crm.data("vocabulary", "edit", "direction", "in", "--zh", "来电")["zh"] == "来电"


def test_labels_change_what_is_shown(crm: Crm) -> None:
    crm.ok("add", "Ann", "--class", "core")
    crm.ok("vocabulary", "edit", "class", "core", "--zh", "重点")
    assert "重点" in crm.ok("--lang", "zh", "contact", "list").out
    assert crm.data("contact", "list", "class:重点")[0]["class"] == "core"


def test_what_is_in_use_is_not_deleted(crm: Crm) -> None:
    crm.ok("add", "Ann", "--source", "expo")
    result = crm("vocabulary", "delete", "source", "展会")
    assert result.code == 5
    assert "contacts 1" in result.err
    assert "crm contact list source:expo" in result.err
    crm.ok("contact", "edit", "1", "--source", "web")
    assert crm.data("vocabulary", "delete", "source", "展会")["code"] == "expo"
    assert "expo" not in crm.ok("vocabulary", "list", "source").out


def test_words_that_were_learnt_can_be_labelled(crm: Crm) -> None:
    result = crm.ok("add", "Ann", "--source", "广交会")
    assert result.err == "new source: “广交会”; crm vocabulary edit gives it labels\n"
    crm.ok("vocabulary", "edit", "source", "广交会", "--en", "Canton Fair")
    assert crm.data("contact", "list", 'source:"canton fair"')[0]["source"] == "广交会"
    assert crm.ok("contact", "edit", "1", "--source", "canton fair").err == ""


def test_delete_several(crm: Crm) -> None:
    assert crm("vocabulary", "delete", "source", "expo", "web").code == 2
    assert len(crm.data("vocabulary", "delete", "source", "expo", "web", "-y")) == 2
    assert crm.ok("vocabulary", "delete", "source", "site", "-n").out.startswith("dry run: Deleted site of source")
    assert "site" in crm.ok("vocabulary", "list", "source").out


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (3, ("add", "colour", "red")),
        (2, ("add", "complaint_status", "lost")),
        (2, ("add", "class", " ")),
        (5, ("add", "class", "core")),
        (5, ("add", "class", "核心")),
        (5, ("add", "class", "heart", "--zh", "核心")),
        (5, ("add", "class", "heart", "--alias", "lead")),
        (2, ("add", "source", "fair2", "--every", "3")),
        (2, ("add", "class", "x", "--every", "often")),
        (2, ("add", "class", "x", "--every", "2h")),
        (2, ("add", "class", "x", "--every", "-3")),
        (2, ("add", "class", "x", "--every", "every monday")),
        (2, ("edit", "class", "core")),
        (5, ("edit", "class", "core", "--zh", "潜在")),
        (5, ("edit", "class", "core", "--add-alias", "won")),
        (3, ("edit", "class", "nothing", "--zh", "x")),
        (3, ("delete", "class", "nothing")),
        (3, ("show", "nothing", "core")),
        (5, ("delete", "severity", "normal")),
        (5, ("delete", "complaint_status", "resolved")),
        (2, ("list", "colour:red")),
    ],
)
def test_what_can_not_be_done(crm: Crm, code: int, arguments: tuple[str, ...]) -> None:
    before = crm.ok("vocabulary", "list", "-o", "csv").out
    result = crm("vocabulary", *arguments)
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith("error: ")
    assert crm.ok("vocabulary", "list", "-o", "csv").out == before


def test_closed_sets_do_not_grow_by_use(crm: Crm) -> None:
    result = crm("add", "Ann", "--class", "platinum")
    assert result.code == 2
    assert "core, potential, interested" in result.err
    assert crm.data("contact", "list") == []


@pytest.mark.parametrize("name", [("--zh", "ＧＯＬＤ"), ("--en", "Gold"), ("--alias", "ｇｏｌｄ")])
def test_a_new_word_takes_no_name_of_another_in_whatever_width(crm: Crm, name: tuple[str, str]) -> None:
    crm.ok("vocabulary", "add", "class", "gold")
    result = crm("vocabulary", "add", "class", "best", *name)
    assert (result.code, "means gold already" in result.err) == (5, True), result
    crm.ok("vocabulary", "add", "class", "best")
    assert crm("vocabulary", "edit", "class", "best", *name).code == 5
