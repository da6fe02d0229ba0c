"""What a person may ask for: to see everything, to be forgotten everywhere, and to say which channels may be used."""

import json
import zipfile
from contextlib import closing

import pytest

from crmcli.services import privacy
from crmcli.store import files
from tests.conftest import Crm, content, opened
from tests.kept import filled_once

SECRETS = ("欧阳靖", "ouyang", "13912345678", "39-1234-5678", "jing@secret.example", "jingwx88", "Zephyrine", "玛瑙路")
"""Whatever names the person or was said to them: nothing of it may be left in the file."""


@pytest.fixture
@filled_once
def filled(crm: Crm) -> Crm:
    """Give a database with a person who left traces everywhere, and others whose records must stay."""
    crm.ok("add", "王五", "--phone", "13700000000")
    crm.ok("add", "欧阳靖", "--phone", "13911112222", "--company", "华东电力", "--tag", "玛瑙路")
    crm.ok("contact", "edit", "欧阳靖", "--phone", "139-1234-5678", "--email", "jing@secret.example")
    crm.ok("contact", "edit", "2", "--add-im", "wechat:jingwx88", "--address", "玛瑙路1号", "--set", "pet=Zephyrine")
    crm.ok("log", "欧阳靖", "Zephyrine is ill", "--next", "tomorrow 10:00", "--purpose", "ask about Zephyrine")
    crm.ok("complain", "欧阳靖", "玛瑙路 delivery late")
    crm.ok("complaint", "comment", "c1", "Zephyrine again")
    crm.ok("complaint", "delete", "c1")
    crm.ok("complain", "欧阳靖", "玛瑙路 again")
    crm.ok("contact", "consent", "欧阳靖", "email", "yes", "--source", "玛瑙路 shop")
    crm.ok("add", "赵六", "--referred-by", "139 1234 5678")
    crm.ok("contact", "edit", "赵六", "王五", "--region", "华东", "-y")
    crm.ok("remind", "--within", "3d", "--once")
    (crm.folder / "secret.txt").write_text("Zephyrine's file")
    (crm.folder / "shared.txt").write_text("price list")
    crm.ok("attach", "欧阳靖", str(crm.folder / "secret.txt"), str(crm.folder / "shared.txt"))
    crm.ok("attach", "王五", str(crm.folder / "shared.txt"))
    return crm


def test_all_that_they_said_is_listed(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("config", "set", "page", "1")
    for answer in ("yes", "no", "withdrawn"):
        crm.ok("contact", "consent", "张三", "email", answer)
    said = crm.ok("contact", "consent", "张三")
    assert (len(said.out.splitlines()), said.err) == (4, "")


def test_consent_keeps_its_history(crm: Crm) -> None:
    crm.ok("add", "张三")
    row = crm.data("contact", "consent", "张三", "邮件", "同意", "--source", "表格", "--at", "2026-11-01 10:00")
    assert (row["channel"], row["answer"], row["source"]) == ("email", "yes", "表格")
    crm.ok("contact", "consent", "张三", "phone", "no")
    assert [item["name"] for item in crm.data("list", "consent:email")] == ["张三"]
    assert crm.data("list", "consent:phone") == []
    crm.ok("contact", "consent", "张三", "email", "withdrawn")

    shown = crm.data("show", "张三")
    assert shown["consent"] == []
    assert {(c["channel"], c["answer"]) for c in shown["consents"]} == {("email", "withdrawn"), ("phone", "no")}
    assert [(c["answer"], c["current"]) for c in crm.data("contact", "consent", "张三")] == [
        ("withdrawn", True),
        ("no", True),
        ("yes", False),
    ]
    crm.ok("undo")
    assert crm.data("show", "张三")["consent"] == ["email"]
    earlier = crm.ok("contact", "consent", "张三", "email", "no", "--at", "2026-10-01")
    assert (earlier.out, earlier.err) == (
        "张三: e-mail — no\n",
        "a later answer is in force: crm contact consent 1\n",
    )


@pytest.mark.parametrize("words", [["email"], ["email", "maybe"], ["email", "yes", "--at", "tomorrow"]])
def test_consent_that_says_nothing_is_refused(crm: Crm, words: list[str]) -> None:
    crm.ok("add", "张三")
    assert crm("contact", "consent", "张三", *words).code == 2


def test_everything_about_one_person(filled: Crm) -> None:
    everything = json.loads(filled.ok("contact", "export-all", "欧阳靖").out)
    assert everything["contact"]["name"] == "欧阳靖"
    counted = {
        key: len(value) for key, value in everything.items() if isinstance(value, list) and value and key != "journal"
    }
    assert counted == {"followups": 1, "callbacks": 1, "complaints": 1, "attachments": 2, "consents": 1}
    assert any(change["command"].startswith("log 欧阳靖") for change in everything["journal"])

    target = filled.folder / "all.zip"
    filled.ok("contact", "export-all", "欧阳靖", "--to", str(target))
    assert target.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(target) as archive:
        assert json.loads(archive.read("contact.json"))["contact"] == everything["contact"]
        assert archive.read("attachments/1-secret.txt") == b"Zephyrine's file"


def test_erasing_leaves_nothing_in_the_file(filled: Crm) -> None:
    before = content(filled.db)
    assert all(secret.encode() in before for secret in SECRETS[:6])

    row = filled.data("contact", "erase", "欧阳靖", "-y")

    assert (row["followups"], row["callbacks"], row["complaints"], row["attachments"]) == (1, 1, 1, 2)
    after = content(filled.db)
    assert [secret for secret in SECRETS if secret.encode() in after] == []
    assert filled("show", "欧阳靖").code == 3
    assert filled("history", "2").code == 3
    kept = [path.read_text() for path in filled.db.with_name("crm.db.files").rglob("*") if path.is_file()]
    assert kept == ["price list"]


def test_what_others_have_stays_and_can_be_undone(filled: Crm) -> None:
    numbers = {row["command"].partition(" --")[0]: row["id"] for row in filled.data("history")}
    filled.ok("contact", "erase", "欧阳靖", "-y")
    assert filled.data("show", "赵六")["referred_by"] is None
    filled.ok("undo", str(max(numbers.values())))  # the file of 王五
    assert filled.data("attachment", "list") == []
    filled.ok("undo", str(numbers["contact edit 赵六 王五"]))
    assert filled.data("show", "赵六")["region"] is None
    filled.ok("doctor")
    commands = [row["command"] for row in filled.data("history")]
    assert "contact erase 2" in commands
    assert "log …" in commands
    assert "add 王五 --phone 13700000000" in commands


def test_an_erasure_that_is_interrupted_says_what_may_be_left_and_that_it_stays(
    filled: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(privacy, "empty_log", interrupted)
    run = filled("contact", "erase", "欧阳靖", "-y")
    assert (run.code, run.out) == (130, "")
    remnants, ended = run.err.splitlines()
    assert remnants.startswith(f"the records are erased, but remnants may still be in {filled.db}: interrupted — ")
    assert ended.endswith("was written; nothing takes it back")


def test_an_attachment_that_can_not_be_removed_is_told(filled: Crm) -> None:
    """In a folder that another user keeps closed nothing was found, and so nothing was said."""
    secret = files.path_of(filled.db, filled.data("attachment", "show", "1")["sha256"])
    secret.rename(filled.folder / "moved")
    secret.mkdir()  # what nobody may unlink, not even root
    told = filled("contact", "erase", "欧阳靖", "-y")
    assert told.code == 7
    assert told.err.startswith(f"error: the records are erased, but {secret} is still there: ")
    assert filled("show", "2").code == 3
    assert not set(SECRETS) & {word for word in SECRETS if word.encode() in filled.db.read_bytes()}


def test_an_erasure_is_not_undone_nor_in_the_way(filled: Crm) -> None:
    filled.ok("contact", "erase", "欧阳靖", "-y")
    change = filled.data("history")[0]["id"]
    before = filled.data("list")
    for words in (["undo"], ["undo", "-n"], ["undo", str(change)]):
        refused = filled(*words)
        assert (refused.code, refused.out) == (5, "")
        assert "erased somebody" in refused.err
    assert filled.data("list") == before
    filled.ok("add", "新人")
    assert "新人" in filled.ok("undo").out


def test_one_who_was_imported_goes_and_the_import_is_still_undone(crm: Crm) -> None:
    crm.ok("import", "-", stdin="姓名,手机\n钱七,13600000001\n孙八,13600000002\n")
    crm.ok("contact", "edit", "孙八", "--notes", "x")
    crm.ok("contact", "erase", "孙八", "-y")
    assert "孙八".encode() not in content(crm.db)
    crm.ok("undo", "1")
    assert crm.data("list") == []


def test_one_of_whom_nothing_but_a_name_was_merged_goes_too(crm: Crm) -> None:
    crm.ok("add", "Ann")
    crm.ok("add", "欧阳靖", "--title", "秘书长")
    crm.ok("contact", "-y", "merge", "1", "2")
    crm.ok("contact", "erase", "1", "-y")
    left = content(crm.db)
    assert not [s for s in ("欧阳靖", "秘书长") if s.encode() in left]


@pytest.mark.parametrize("format_", ["csv", "json", "xlsx"])
def test_what_they_said_comes_back_with_an_export_of_contacts(crm: Crm, format_: str) -> None:
    crm.ok("add", "张三", "--phone", "13800138000")
    crm.ok("add", "李四")
    crm.ok("contact", "consent", "张三", "email", "no", "--source", "form, signed")
    crm.ok("contact", "consent", "张三", "phone", "yes", "--at", "2026-11-01")
    path, other = crm.folder / f"contacts.{format_}", ("--db", str(crm.folder / "other.db"))
    crm.ok("export", "contacts", "--to", str(path))
    tried = crm.ok("import", str(path), "-n", *other)
    assert "2 answers on consent would be noted" in tried.err
    assert "2 answers on consent noted" in crm.ok("import", str(path), *other).err
    mine, theirs = (
        [
            [row[name] for name in ("channel", "answer", "at", "source")]
            for row in crm.data("show", "张三", *db)["consents"]
        ]
        for db in ((), other)
    )
    assert (len(mine), mine) == (2, theirs)
    assert "consent" not in crm.ok("import", str(path), *other).err
    assert crm.data("list", "consent:phone", *other)[0]["name"] == "张三"
    crm.ok("undo", *other)
    assert crm.data("contact", "list", *other) == []


def test_a_consent_that_makes_no_sense_is_told(crm: Crm) -> None:
    for cell in (
        "yes",
        '[{"channel":"email"}]',
        '[{"channel":"email","answer":"maybe","at":"2026-11-01T00:00:00Z"}]',
        "[1]",
    ):
        done = crm("import", "-", "-o", "json", stdin=json.dumps([{"name": "张三", "consents": cell}]))
        assert (done.code, done.json["errors"][0]["field"]) == (6, "consents"), cell


@pytest.mark.parametrize("name", ["王", "李"])
def test_one_whose_name_is_a_single_character_takes_no_other_commands_along(crm: Crm, name: str) -> None:
    crm.ok("add", "李四", "--phone", "13800138000")
    crm.ok("add", name, "--force")
    crm.ok("contact", "edit", "李四", "--title", "经理")
    crm.ok("contact", "erase", "2", "-y")
    commands = [row["command"] for row in crm.data("history")]
    assert commands == [
        "contact erase 2",
        "contact edit 李四 --title 经理",
        "add …",
        "add 李四 --phone 13800138000",
    ]


def test_those_merged_into_them_go_too(crm: Crm) -> None:
    crm.ok("add", "欧阳靖", "--phone", "13911112222")
    crm.ok("add", "欧阳小靖", "--phone", "13933334444", "--tag", "Zephyrine")
    crm.ok("contact", "merge", "1", "2", "-y")
    crm.ok("contact", "erase", "1", "-y")
    left = content(crm.db)
    assert not [s for s in ("欧阳靖", "欧阳小靖", "13911112222", "13933334444", "Zephyrine") if s.encode() in left]


@pytest.mark.parametrize("again", [0, 1])
def test_a_merge_that_was_undone_brings_nothing_of_them_back(crm: Crm, again: int) -> None:
    """The other one got their title, their phone and notes that name them; that is no record of theirs."""
    crm.ok("add", "Ann", "--title", "Buyer")
    crm.ok("add", "欧阳靖", "--phone", "13911112222", "--title", "秘书长", "--region", "西南")
    crm.ok("contact", "merge", "1", "2", "-y")
    for change in range(3, 4 + 2 * again):
        crm.ok("undo", str(change))
    assert crm.ok("contact", "erase", "2", "-y").out.startswith("Erased 欧阳靖 (2)")
    left = content(crm.db)
    assert [text for text in ("欧阳靖", "13911112222", "秘书长", "西南") if text.encode() in left] == []
    for change in range(3, 5 + 2 * again):
        assert crm("undo", str(change)).code == 5
    assert crm.data("contact", "show", "1")["notes"] is None
    assert crm.ok("undo", "1").code == 0


def test_nobody_is_merged_again_into_one_who_was_erased(crm: Crm) -> None:
    crm.ok("add", "Ann")
    crm.ok("add", "欧阳靖")
    crm.ok("--lang", "en", "contact", "-y", "merge", "2", "1")
    crm.ok("undo", "3")
    crm.ok("contact", "erase", "2", "-y")
    assert crm("undo", "4").code == 5
    assert crm.data("show", "1")["name"] == "Ann"


def test_one_of_whom_nothing_but_a_name_was_merged_again_goes_too(crm: Crm) -> None:
    crm.ok("add", "Ann")
    crm.ok("add", "欧阳靖", "--title", "秘书长")
    crm.ok("contact", "merge", "1", "2", "-y")
    crm.ok("undo", "3")
    crm.ok("undo", "4")
    crm.ok("contact", "erase", "1", "-y")
    left = content(crm.db)
    assert not [s for s in ("欧阳靖", "秘书长") if s.encode() in left]


@pytest.mark.parametrize("edit", [("edit", "1", "2", "--notes", "contact merge 1 2"), ("-y", "edit", "merge", "2")])
def test_a_command_that_only_says_merge_can_be_done_again_for_others(crm: Crm, edit: tuple[str, ...]) -> None:
    crm.ok("add", "Merge")
    crm.ok("add", "李四")
    crm.ok("contact", *edit, "--title", "Buyer", "-y")
    crm.ok("undo", "3")
    crm.ok("contact", "erase", "1", "-y")
    crm.ok("undo", "4")
    assert crm.data("show", "2")["title"] == "Buyer"


def test_who_was_deleted_with_them_by_a_query_for_merges_is_somebody_else(crm: Crm) -> None:
    crm.ok("add", "Ann", "--notes", "contact merge")
    crm.ok("add", "李四", "--notes", "contact merge")
    crm.ok("contact", "delete", "--where", "notes:'contact merge'", "-y")
    crm.ok("contact", "erase", "1", "-y")
    crm.ok("undo", "3")
    assert [row["name"] for row in crm.data("list")] == ["李四"]


@pytest.mark.parametrize(
    "merge",
    [
        ("contact", "merge", "1", "2", "-y"),
        ("-y", "contact", "merge", "1", "2"),
        ("--lang", "zh", "-yo", "json", "contact", "--color=never", "merge", "1", "2"),
        ("contact", "--as-of", "2026-11-25 10:00", "-y", "merge", "1", "2"),
    ],
)
def test_a_merge_is_known_wherever_its_options_stand(crm: Crm, merge: tuple[str, ...]) -> None:
    crm.ok("add", "Ann")
    crm.ok("add", "欧阳靖", "--title", "秘书长")
    crm.ok(*merge)
    crm.ok("contact", "erase", "1", "-y")
    left = content(crm.db)
    assert not [s for s in ("欧阳靖", "秘书长") if s.encode() in left]


def test_older_rows_of_the_journal_begin_with_options(crm: Crm) -> None:
    """They have what stood before the verb, too: a verb that names nobody stays as it was, one that does is a verb."""
    crm.ok("import", "-", stdin="name,title\n欧阳靖,秘书长\nAnn,\n")
    crm.ok("contact", "edit", "1", "--region", "西南")
    crm.ok("contact", "merge", "2", "1", "-y")
    imported, edited = '--db "my customers.db" import -', "--lang zh -yo json contact edit 1 --region 西南"
    merged = '"--as-of=2026-11-25 10:00" -y contact --color never merge 2 1'
    with closing(opened(crm.db)) as connection:
        for row, command in enumerate((imported, edited, merged), 1):
            connection.execute("UPDATE change SET command = ? WHERE id = ?", (command, row))
    assert crm.data("history")[1]["command"] == edited
    crm.ok("contact", "erase", "2", "-y")
    commands = [row["command"] for row in crm.data("history")]
    assert commands == ["contact erase 2", "contact …", "contact edit …", imported]
    assert not [word for word in ("欧阳靖", "秘书长", "西南") if word.encode() in content(crm.db)]


def test_one_who_is_a_part_of_somebody_is_not_said_to_be_erased(crm: Crm) -> None:
    crm.ok("add", "欧阳靖", "--phone", "13911112222")
    crm.ok("add", "李四")
    crm.ok("contact", "merge", "2", "1", "-y")
    refused = crm("contact", "erase", "1", "-y")
    assert (refused.code, refused.out) == (5, "")
    assert "contact 1 was merged into 李四 (2) — crm contact erase 2" in refused.err
    crm.ok("undo")
    crm.ok("contact", "erase", "1", "-y")
    assert b"13911112222" not in content(crm.db)
    assert crm.data("show", "2")["name"] == "李四"


def test_one_who_is_a_part_of_somebody_deleted_goes_with_them(crm: Crm) -> None:
    """Else the other one's return brings their phone and notes back."""
    crm.ok("add", "欧阳靖", "--phone", "13911112222", "--notes", "住在东山")
    crm.ok("add", "李四")
    crm.ok("contact", "merge", "2", "1", "-y")
    crm.ok("contact", "delete", "2")
    refused = crm("contact", "erase", "1", "-y")
    assert (refused.code, refused.out) == (5, "")
    assert "contact 1 was merged into 李四 (2) — crm contact erase 2" in refused.err
    crm.ok("contact", "erase", "2", "-y")
    assert not [word for word in ("欧阳靖", "13911112222", "东山") if word.encode() in content(crm.db)]


def test_one_who_was_deleted_before_is_erased_by_number(crm: Crm) -> None:
    crm.ok("add", "欧阳靖", "--phone", "13911112222")
    crm.ok("contact", "delete", "1")
    crm.ok("contact", "erase", "1", "-y")
    assert "欧阳靖".encode() not in content(crm.db)
    assert crm("contact", "erase", "1", "-y").code == 3


def test_it_asks_and_a_dry_run_only_says(filled: Crm) -> None:
    before = filled.data("contact", "export-all", "欧阳靖")
    assert filled("contact", "erase", "欧阳靖").code == 2
    said = filled.ok("contact", "erase", "欧阳靖", "-n")
    assert "dry run: Erased 欧阳靖 (2): 1 follow-up, 1 callback, 1 complaint, 2 attachments" in said.out
    assert filled.data("contact", "export-all", "欧阳靖") == before
    with closing(opened(filled.db)) as connection:
        assert connection.execute("SELECT count(*) FROM reminder").fetchone()[0]


def test_what_was_learnt_from_their_complaints_stays_and_is_said(filled: Crm) -> None:
    filled.ok("complaint", "resolve", "c2", "a new one for 玛瑙路")
    filled.ok("complaint", "learn", "c2")
    filled.ok("complain", "王五", "no light")
    filled.ok("complaint", "resolve", "c3", "a lamp")
    filled.ok("complaint", "learn", "c3")
    dry = filled.ok("contact", "erase", "欧阳靖", "-n")
    assert "an answer that was learnt from their complaints stays, perhaps with their words: a1" in dry.err
    filled.ok("answer", "edit", "a1", "--question", "late delivery", "--answer", "a new one")
    assert filled.data("contact", "erase", "欧阳靖", "-y")["answers"] == [1]
    assert not [secret for secret in SECRETS if secret.encode() in content(filled.db)]
    assert [row["id"] for row in filled.data("find", "delivery") if row["kind"] == "answer"] == [1]
    assert [row["question"] for row in filled.data("answer", "list", "--sort", "id")] == ["late delivery", "no light"]


def test_backups_that_still_have_them_are_named(filled: Crm) -> None:
    backup = filled.data("backup")["path"]
    filled.ok("log", "王五", "met 欧阳靖")
    erased = filled.ok("contact", "erase", "欧阳靖", "-y")
    assert f"still in {backup}" in erased.err
    assert "1 other record still has the name in it" in erased.err
