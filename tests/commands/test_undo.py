"""`crm undo` and `crm history`: what is taken back, what is refused, and how it is told."""

from contextlib import closing

import pytest

from crmcli.commands import history
from tests.conftest import ENCRYPTED_TOO, Crm, opened

pytestmark = ENCRYPTED_TOO


def test_the_last_change_is_taken_back_whole(crm: Crm) -> None:
    crm.ok("add", "张三", "--company", "华东电力", "--phone", "13800138000", "--tag", "vip", "--source", "fair")
    result = crm.ok("undo")
    assert result.out.startswith("Undid 1: add 张三 --company 华东电力")
    assert crm.data("contact", "list") == []
    assert crm.data("company", "list") == []
    assert crm("show", "13800138000").code == 3


def test_undo_goes_back_step_by_step_and_says_when_nothing_is_left(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("contact", "edit", "张三", "--title", "采购")
    crm.ok("undo")
    assert crm.data("contact", "list")[0]["title"] is None
    crm.ok("undo")
    result = crm("undo")
    assert result.code == 5
    assert "nothing to undo" in result.err


def test_undoing_an_undo_does_it_again(crm: Crm) -> None:
    crm.ok("add", "张三", "--phone", "13800138000", "--tag", "vip")
    before = crm.data("contact", "show", "张三")
    crm.ok("undo")
    assert crm.ok("undo", "2").out.startswith("Did 1 again: add 张三")
    assert crm.data("contact", "show", "张三") == before
    assert [row["undone_by"] for row in crm.data("history")] == [None, 3, None]
    crm.ok("undo")
    assert crm.data("contact", "list") == []


def test_a_deleted_contact_comes_back_with_everything(crm: Crm) -> None:
    crm.ok("add", "张三", "--phone", "13800138000")
    crm.ok("add", "李四", "--referred-by", "张三")
    crm.ok("log", "张三", "价格谈到8折", "--next", "tomorrow 15:00", "--purpose", "送样品")
    crm.ok("complain", "张三", "交付延迟")
    before = [crm.data(noun, "list") for noun in ("contact", "followup", "callback", "complaint")]
    crm.ok("contact", "delete", "张三")
    assert crm.data("followup", "list") == []
    crm.ok("undo")
    assert [crm.data(noun, "list") for noun in ("contact", "followup", "callback", "complaint")] == before


def test_a_record_that_has_changed_since_is_not_undone(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("contact", "edit", "张三", "--title", "采购")
    crm.ok("contact", "edit", "张三", "--title", "总监")
    before = crm.data("contact", "list")
    result = crm("undo", "2", "-o", "json")
    assert result.code == 5
    assert result.out == ""
    assert '"hint": "first: crm undo 3"' in result.err
    assert crm.data("contact", "list") == before
    crm.ok("undo", "3")
    crm.ok("undo", "2")
    assert crm.data("contact", "list")[0]["title"] is None


def test_what_others_added_later_is_never_lost(crm: Crm) -> None:
    crm.ok("add", "张三", "--company", "华东电力")
    crm.ok("log", "张三", "谈了")
    crm.ok("add", "李四", "--company", "华东电力")
    result = crm("undo", "1")
    assert result.code == 5
    assert "crm undo 3, crm undo 2" in result.err
    assert len(crm.data("followup", "list")) == 1
    crm.ok("contact", "edit", "李四", "--company", "")
    crm.ok("undo", "2")
    result = crm("undo", "1")  # 李四 was at the company once, but is not any more
    assert result.code == 0, result


def test_a_record_does_not_come_back_without_what_it_belongs_to(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("log", "张三", "谈了")
    crm.ok("followup", "delete", "1")
    crm.ok("contact", "delete", "张三")
    result = crm("undo", "3")
    assert result.code == 5
    assert "crm undo 4" in result.err
    assert crm.data("followup", "list") == []


def test_what_is_undone_or_unknown_is_refused(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("undo", "1")
    again = crm("undo", "1")
    assert again.code == 5
    assert "undone already" in again.err
    assert "crm undo 2" in again.err
    assert crm("undo", "99").code == 3
    assert crm("undo", "zero").code == 2
    assert crm("undo", "0").code == 2
    assert crm("undo", str(2**63)).code == 2


def test_a_change_outside_the_program_is_noticed(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("contact", "edit", "张三", "--title", "采购")
    connection = opened(crm.db)
    connection.execute("UPDATE contact SET notes = 'by hand'")
    connection.commit()
    connection.close()
    result = crm("undo")
    assert result.code == 5
    assert crm.data("contact", "list")[0]["notes"] == "by hand"


def test_a_dry_run_tells_field_by_field(crm: Crm) -> None:
    crm.ok("add", "张三", "--company", "华东电力", "--class", "interested")
    crm.ok("contact", "edit", "张三", "--company", "Acme", "--class", "core", "--add-tag", "vip")
    result = crm.ok("undo", "-n")
    assert result.out.startswith("dry run: Undid 2: contact edit 张三")
    assert "Company  Acme → 华东电力" in result.out
    assert "Class  core → interested" in result.out
    assert "deleted tag 1  vip" in result.out
    assert crm.data("contact", "list")[0]["company"] == "Acme"
    changes = crm.data("undo", "-n")["changes"]
    assert {
        "entity": "contact",
        "id": 1,
        "what": "changed",
        "field": "class",
        "before": "core",
        "after": "interested",
    } in (changes)
    assert [row["id"] for row in crm.data("history")] == [2, 1]


def test_a_dry_run_names_everything_as_people_do(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("field", "add", "contact", "meter", "--type", "number")
    assert "deleted field 1  meter" in crm.ok("undo", "-n").out
    crm.ok("contact", "edit", "张三", "--set", "meter=5", "--set", "note=x")
    told = crm.ok("undo", "-n").out
    assert "contact 1  meter  5 → —" in told
    assert "contact 1  note  x → —" in told
    crm.ok("field", "delete", "contact", "meter", "-y")
    assert "created field 1  meter" in crm.ok("undo", "-n").out
    crm.ok("service-level", "add", "--severity", "high", "--respond", "4h")
    crm.ok("service-level", "edit", "1", "--respond", "2h")
    assert "service level 1  Answer within  2h → 4h" in crm.ok("undo", "-n").out
    crm.ok("add", "李四")
    crm.ok("contact", "distinct", "张三", "李四")
    assert "_" not in crm.ok("undo", "-n").out


def test_a_dry_run_lists_the_records_that_it_counts(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    def listed() -> tuple[str, list[str]]:
        said, *lines = crm.ok("undo", "-n").out.splitlines()
        return said.rpartition("(")[2], [line.strip() for line in lines]

    crm.ok("add", "张三", "--phone", "13800138000", "--email", "a@b.cn", "--tag", "x", "--company", "华东")
    assert listed() == ("2 records)", ["deleted contact 1  张三", "deleted company 1  华东"])
    crm.ok("complain", "张三", "late")
    assert listed() == ("1 record)", ["deleted complaint 1  late"])
    crm.ok("contact", "edit", "张三", "--add-phone", "13900139000")
    assert listed() == ("1 record)", ["deleted reach 3  +8613900139000"])
    crm.ok("contact", "delete", "张三", "-y")
    assert listed() == ("2 records)", ["created contact 1  张三", "created complaint 1  late"])
    assert len(crm.data("undo", "-n")["changes"]) == 7
    crm.ok("undo")
    crm.ok("plan", "张三", "tomorrow 9:00", "call")
    crm.ok("snooze", "1", "fri")
    monkeypatch.setattr(history, "_SHOWN", 1)
    result = crm.ok("undo", "-n")
    assert (result.out.count("\n"), result.err) == (2, ""), "there is no more to show"


def test_json_is_the_change_that_took_back(crm: Crm) -> None:
    crm.ok("add", "张三")
    row = crm.data("undo")
    assert (row["id"], row["undoes"], row["undone_by"], row["rows"], row["actor"]) == (2, 1, None, 1, "wei")


def test_history_is_newest_first_and_marks_what_is_undone(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("add", "李四")
    crm.ok("undo")
    lines = crm.ok("history").out.splitlines()
    assert [line.split()[-1] for line in lines] == ["Id", "3", "2", "1"]
    assert "takes back 2" in lines[1]
    assert "undone by 3" in lines[2]
    assert "today 09:00" in lines[3]
    assert len(crm.data("history", "--limit", "1")) == 1
    limited = crm.ok("history", "--limit", "2")
    assert len(limited.out.splitlines()) == 3
    assert "the first 2" in limited.err


def test_history_has_commands_without_what_concerns_the_run(crm: Crm) -> None:
    crm.ok("--db", str(crm.db), "-o", "json", "add", "张三", "--title", "Buyer")
    crm.ok("--lang=en", "log", "张三", "--kind", "call", "asks -o json")
    assert [row["command"] for row in crm.data("history")] == [
        'log 张三 --kind call "asks -o json"',
        "add 张三 --title Buyer",
    ]
    assert crm.ok("--lang", "en", "undo").out.startswith("Undid 2: log 张三 ")


def test_history_of_a_contact_is_its_own(crm: Crm) -> None:
    crm.ok("add", "张三", "--phone", "13800138000")
    crm.ok("add", "李四")
    crm.ok("contact", "edit", "张三", "--title", "采购")
    crm.ok("contact", "edit", "张三", "--title", "总监")
    crm.ok("log", "张三", "谈了")
    out = crm.ok("history", "张三").out
    assert "李四" not in out
    assert "Title  采购 → 总监" in out
    assert "created followup 1  谈了" in out
    assert "created reach 1  +8613800138000" in out
    rows = crm.data("history", "张三")
    assert [row["id"] for row in rows] == [5, 4, 3, 1]
    assert rows[1]["changes"] == [
        {"entity": "contact", "id": 1, "what": "changed", "field": "title", "before": "采购", "after": "总监"}
    ]
    assert rows[3]["changes"][0]["after"]["created_at"] == "2026-11-25T09:00:00+08:00"


def test_the_history_of_a_deleted_contact_is_found_by_its_number(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("contact", "delete", "张三")
    assert "deleted contact 1  张三" in crm.ok("history", "1").out
    assert crm("history", "张三").code == 3
    assert crm("history", "7").code == 3


def test_an_imported_contact_tells_where_it_comes_from(crm: Crm) -> None:
    crm.ok("import", "-", stdin="姓名,手机,标签\n李四,139 0013 9000,vip\n")
    crm.ok("contact", "edit", "李四", "--title", "采购")
    rows = crm.data("history", "李四")
    assert [row["command"].split()[0] for row in rows] == ["contact", "import"]
    created = {item["entity"]: item["after"] for item in rows[1]["changes"]}
    assert created["contact"]["title"] is None  # as it was then
    assert created["contact_point"]["value"] == "+8613900139000"
    assert crm("undo", "1").code == 5
    crm.ok("undo")
    crm.ok("undo")
    assert crm.data("contact", "list") == []
    assert crm.ok("history", "1").code == 0


def test_data_is_printed_as_data(crm: Crm) -> None:
    crm.ok("add", "[/red]x", "--notes", "\x1b[31mred")
    crm.ok("contact", "edit", "1", "--title", "[bold]t")
    assert "[bold]t" in crm.ok("history", "1").out
    assert "\x1b" not in crm.ok("undo", "-n").out + crm.ok("history").out


def test_history_of_nothing(crm: Crm) -> None:
    result = crm.ok("history")
    assert result.out == ""
    assert "nothing was changed yet" in result.err
    assert crm.data("history") == []


def test_what_is_counted_are_records(crm: Crm) -> None:
    """An import of two people with a phone each was “4 records”."""
    people = crm.folder / "people.csv"
    people.write_text("name,phone\nAnn,13800138001\nBob,13800138002\n", "utf-8")
    crm.ok("import", str(people))
    assert crm.ok("undo").out.rstrip().endswith("(2 records)")
    crm.ok("add", "Cat", "--phone", "13800138003", "--tag", "a,b")
    crm.ok("contact", "edit", "Cat", "--add-tag", "c")
    assert [crm.ok("undo").out.rstrip()[-10:] for _each in "12"] == ["(1 record)"] * 2


def test_who_takes_back_much_is_told_how_it_is_done_again(crm: Crm) -> None:
    crm.ok("import", "-", stdin="name\n" + "".join(f"Person {number}x\n" for number in range(101)))
    assert crm.ok("undo", "-y").out == "Undid 1: import - (101 records); crm undo 2 does it again\n"
    assert crm.ok("undo", "2").out == "Did 1 again: import - (101 records)\n"
    assert len(crm.data("list")) == 101
    crm.ok("add", "张三")
    assert crm.ok("undo").out == "Undid 4: add 张三 (1 record)\n"


@pytest.mark.parametrize("spoilt", ["{oops", "5"])
def test_a_change_whose_journal_was_spoilt_is_named(crm: Crm, spoilt: str) -> None:
    crm.ok("add", "Ann")
    crm.ok("contact", "edit", "1", "--title", "Buyer")
    with closing(opened(crm.db)) as connection:
        connection.execute("UPDATE change_row SET before = ? WHERE change_id = 2", (spoilt,))
    refused = crm("undo")
    assert (refused.code, refused.err.count("\n")) == (7, 1)
    assert "change 2 can't be taken back: what the journal has of contact 1 can't be read" in refused.err
    assert "crm restore" in refused.err
    crm.ok("contact", "edit", "1", "--title", "")
    crm.ok("undo")
    assert crm.data("show", "1")["title"] == "Buyer"
