"""`crm calendar --sync`: what is changed in a folder is taken over, put back and told, or left as it is."""

import re
from pathlib import Path

import pytest

from tests.conftest import Crm
from tests.vdirs import calendars, change, drop_our_lines, tick

NEW = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
    "DTSTART:{start}\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
"""An entry that another program has made."""


def test_a_promise_that_is_moved_or_reworded_is_corrected(on_calendar: Crm, tmp_path: Path) -> None:
    sync = ("calendar", "--sync", str(tmp_path), "--todos", "--only", "promises")
    on_calendar.ok("promise", "张三", "周五前寄样本", "--by", "2026-11-27 17:00")
    on_calendar.ok(*sync, CRM_LANG="zh")
    change(tmp_path, "张三：承诺：周五前寄样本", "20261127T170000", "20261130T100000")
    change(tmp_path, "张三：承诺：周五前寄样本", ";TZID=Asia/Shanghai:20261130T100000", ":20261130T020000Z")
    change(tmp_path, "张三：承诺：周五前寄样本", "承诺：周五前寄样本", "承诺：周一前寄合同")
    assert on_calendar("calendar", "--to", str(tmp_path), "--todos", "--only", "promises").code == 5
    answer = on_calendar.data(*sync)
    assert (answer["updated"], answer["put_back"], answer["left_alone"]) == (1, [], [])
    promise = on_calendar.data("promise", "show", "p1")
    assert (promise["due"], promise["text"]) == ("2026-11-30T10:00:00+08:00", "周一前寄合同")
    assert promise["zone"] == "Asia/Shanghai"
    assert list(calendars(tmp_path)) == ["张三: promised: 周一前寄合同"]
    assert not on_calendar.data(*sync)["changed"]
    tick(tmp_path, "张三: promised: 周一前寄合同")
    change(tmp_path, "张三: promised: 周一前寄合同", "20261130T100000", "20261130T090000")
    answer = on_calendar.data(*sync)
    assert (answer["updated"], answer["promises"]) == (1, [1])
    assert on_calendar.data("promise", "show", "p1")["due"] == "2026-11-30T09:00:00+08:00"


def test_what_a_calendar_cannot_change_is_put_back_and_told(on_calendar: Crm, tmp_path: Path) -> None:
    on_calendar.ok("promise", "张三", "寄样本", "--by", "2026-11-27")
    on_calendar.ok("supervise", "c1", "客户很着急", "--by", "王工", "--every", "2d")
    sync = ("calendar", "--sync", str(tmp_path))
    on_calendar.ok(*sync)
    written = calendars(tmp_path)
    change(tmp_path, "张三's birthday", "19880229", "19880301")
    change(tmp_path, "张三: answer complaint c1", "DESCRIPTION:交付延迟", "DESCRIPTION:客户在等")
    change(tmp_path, "张三: report of 王工: 客户很着急", "SUMMARY:张三: report of", "SUMMARY:张三: visit of")
    change(tmp_path, "张三: promised: 寄样本", "SUMMARY:张三: promised: 寄样本", "SUMMARY:寄合同")
    changed = {*calendars(tmp_path)}
    result = on_calendar.ok(*sync, "-n")
    assert result.err.count("put back as crm has it: ") == 4
    assert "put back as crm has it: 寄合同: it is changed with crm, not in a calendar\n" in result.err
    assert {*calendars(tmp_path)} == changed, "a dry run"
    answer = on_calendar.data(*sync)
    assert (len(answer["put_back"]), answer["updated"], answer["left_alone"]) == (4, 0, [])
    assert calendars(tmp_path) == written
    answer = on_calendar.data(*sync)
    assert (answer["changed"], "put_back" in answer) == (False, False)


def test_a_repeat_that_is_taken_out_of_a_callback_is_put_back_and_told(on_calendar: Crm, tmp_path: Path) -> None:
    on_calendar.ok("plan", "张三", "every monday 9:00", "例会")
    sync = ("calendar", "--sync", str(tmp_path))
    on_calendar.ok(*sync)
    change(tmp_path, "张三: 例会", "RRULE:FREQ=WEEKLY;BYDAY=MO\r\n", "")
    change(tmp_path, "张三: 送样品", "SUMMARY:张三: 送样品", "SUMMARY:张三:  送 合同")
    assert [each["value"] for each in on_calendar.data(*sync)["put_back"]] == ["张三: 例会"]


def test_what_is_left_alone_stays_as_it_is(on_calendar: Crm, tmp_path: Path) -> None:
    on_calendar.ok("promise", "张三", "寄样本", "--by", "2026-11-27")
    sync = ("calendar", "--sync", str(tmp_path), "--todos")
    on_calendar.ok(*sync)
    change(tmp_path, "张三: 送样品", "20261204T150000", "20261304T150000")
    change(tmp_path, "张三: promised: 寄样本", "DUE;VALUE=DATE:20261127", "DUE:soon")
    change(tmp_path, "张三: promised: 寄样本", "promised: 寄样本", "promised: 寄合同")
    before = {path: path.read_bytes() for path in tmp_path.glob("*.ics")}
    for _time in range(2):
        answer = on_calendar.data(*sync)
        assert [each["value"] for each in answer["left_alone"]] == ["20261304T150000", "张三: promised: 寄合同"]
        assert (answer["put_back"], answer["updated"], answer["changed"]) == ([], 0, False)
    assert all(path.read_bytes() == content for path, content in before.items())
    assert on_calendar.data("promise", "show", "p1")["text"] == "寄样本"


def test_what_was_changed_of_something_that_is_over_here_is_told(on_calendar: Crm, tmp_path: Path) -> None:
    on_calendar.ok("promise", "张三", "寄样本", "--by", "2026-11-27")
    sync = ("calendar", "--sync", str(tmp_path))
    on_calendar.ok(*sync)
    on_calendar.ok("promise", "keep", "p1")
    change(tmp_path, "张三: promised: 寄样本", "promised: 寄样本", "promised: 寄合同")
    change(tmp_path, "张三: 送样品", "END:VEVENT", "")
    told = on_calendar.ok(*sync).err.splitlines()
    assert told[0].startswith("left alone: ")
    assert told[0].endswith(".ics: the entry is cut off: END:VEVENT is missing")
    assert told[1] == "put back as crm has it: 张三: promised: 寄合同: it is no longer in the calendar"
    (tmp_path / "x.ics").write_text("no calendar", "utf-8")
    assert "left alone: x.ics: the calendar has no events and no to-dos\n" in on_calendar.ok(*sync).err


def test_a_callback_that_is_done_here_keeps_its_date(on_calendar: Crm, tmp_path: Path) -> None:
    sync = ("calendar", "--sync", str(tmp_path))
    on_calendar.ok(*sync)
    change(tmp_path, "张三: 送样品", "20261204T150000", "20261206T150000")
    on_calendar.ok("done", "1")
    answer = on_calendar.data(*sync)
    said = {"value": "张三: 送样品", "message": "it is no longer in the calendar"}
    assert (answer["updated"], answer["put_back"]) == (0, [said])
    assert on_calendar.data("callback", "show", "1")["due_on"] == "2026-12-04"
    assert "张三: 送样品" not in calendars(tmp_path)


def test_what_others_added_stays_though_the_record_changes(on_calendar: Crm, tmp_path: Path) -> None:
    sync = ("calendar", "--sync", str(tmp_path))
    on_calendar.ok(*sync)
    place = "LOCATION;X-A=b:Gate 3\\, 北京\r\n 市\r\nCATEGORIES:花\r\nDTEND:20261204T170000\r\n"
    change(tmp_path, "张三: 送样品", "SEQUENCE:", f"{place}SEQUENCE:")
    assert not on_calendar.data(*sync)["changed"]
    assert on_calendar.data(*sync, "--alarm", "1h")["changed"]
    on_calendar.ok("snooze", "1", "2026-12-05 9:00")
    assert on_calendar.data(*sync, "--alarm", "1h")["changed"]
    written = calendars(tmp_path)["张三: 送样品"]
    assert (written["LOCATION"], written["CATEGORIES"].to_ical()) == ("Gate 3, 北京市", "花".encode())
    assert (written.decoded("DTSTART").day, "DTEND" in written) == (5, False)
    assert not on_calendar.data(*sync, "--alarm", "1h")["changed"]
    change(tmp_path, "张三's birthday", "19880229", "19880301")
    change(tmp_path, "张三's birthday", "SEQUENCE:", "LOCATION:x\r\nSEQUENCE:")
    assert on_calendar.data(*sync)["put_back"]
    assert calendars(tmp_path)["张三's birthday"]["LOCATION"] == "x"


def test_what_was_changed_there_leaves_what_was_changed_here_of_the_same_entry(
    on_calendar: Crm, tmp_path: Path
) -> None:
    on_calendar.ok("promise", "张三", "寄样本", "--by", "2026-11-27")
    sync = ("calendar", "--sync", str(tmp_path))
    on_calendar.ok(*sync)
    on_calendar.ok("callback", "edit", "1", "--purpose", "送合同", "--owner", "wei", "--kind", "visit")
    change(tmp_path, "张三: 送样品", "20261204T150000", "20261205T160000")
    on_calendar.ok("promise", "edit", "p1", "--by", "2026-12-01")
    change(tmp_path, "张三: promised: 寄样本", "promised: 寄样本", "promised: 寄样书")
    answer = on_calendar.data(*sync)
    assert (answer["updated"], answer["put_back"], answer["left_alone"], answer["changed_here_too"]) == (2, [], [], [])
    callback, promise = on_calendar.data("callback", "show", "1"), on_calendar.data("promise", "show", "p1")
    assert (callback["due"], callback["purpose"]) == ("2026-12-05T16:00:00+08:00", "送合同")
    assert (callback["owner"], callback["kind"]) == ("wei", "visit")
    assert (promise["due"], promise["text"]) == ("2026-12-01", "寄样书")
    assert not on_calendar.data(*sync)["changed"]


def test_what_was_changed_here_and_otherwise_there_is_told(on_calendar: Crm, tmp_path: Path) -> None:
    sync = ("calendar", "--sync", str(tmp_path))
    on_calendar.ok(*sync)
    on_calendar.ok("callback", "edit", "1", "--when", "2026-12-24 10:00")
    change(tmp_path, "张三: 送样品", "20261204T150000", "20261205T160000")
    assert "changed here, too, and now as it is there: 张三: 送样品\n" in on_calendar.ok(*sync, "-n").err
    assert on_calendar.data(*sync)["changed_here_too"] == ["张三: 送样品"]
    assert on_calendar.data("callback", "show", "1")["due"] == "2026-12-05T16:00:00+08:00"


def test_an_entry_at_the_end_of_the_calendar_is_left_alone(on_calendar: Crm, tmp_path: Path) -> None:
    sync = ("calendar", "--sync", str(tmp_path))
    on_calendar.ok(*sync)
    far = NEW.format(uid="far", start="99991231T235959Z", summary="张三: 以后")
    (tmp_path / "far.ics").write_bytes(far.encode())
    (tmp_path / "new.ics").write_bytes(NEW.format(uid="new", start="20261207", summary="张三: 回访").encode())
    change(tmp_path, "张三: 送样品", "DTSTART;TZID=Asia/Shanghai:20261204", "DTSTART;TZID=Asia/Shanghai:00010101")
    answer = on_calendar.data(*sync)
    assert (answer["created"], len(answer["left_alone"])) == (1, 2)
    assert on_calendar("import", str(tmp_path / "far.ics")).code == 6


@pytest.mark.parametrize(
    ("places", "uid"), [(("work/a.ics",), "a"), (("a.ics", "b.ics"), "a"), (("a.ics",), "urn:uuid:a")]
)
def test_what_was_taken_over_from_any_file_is_not_set_back_by_it(
    crm: Crm, tmp_path: Path, places: tuple[str, ...], uid: str
) -> None:
    crm.ok("add", "张三")
    sync = ("calendar", "--sync", str(tmp_path))
    (tmp_path / "work").mkdir()
    for place in places:
        (tmp_path / place).write_bytes(NEW.format(uid=uid, start="20261207", summary="张三: 回访").encode())
    assert crm.data(*sync)["created"] == 1
    crm.ok("callback", "edit", "1", "--purpose", "报价", "--when", "2026-12-09")
    assert crm.data(*sync).get("updated", 0) == 0
    (row,) = crm.data("callback", "list")
    assert (row["due"], row["purpose"]) == ("2026-12-09", "报价")
    assert len([*tmp_path.rglob("*.ics")]) == len(places)


def test_a_name_that_was_changed_here_does_not_become_part_of_the_purpose(on_calendar: Crm, tmp_path: Path) -> None:
    sync = ("calendar", "--sync", str(tmp_path), "--only", "callbacks")
    on_calendar.ok(*sync)
    drop_our_lines(tmp_path)
    change(tmp_path, "张三: 周会", "SUMMARY:张三: 周会", "SUMMARY:月会")
    on_calendar.ok("contact", "edit", "张三", "--name", "张珊")
    answer = on_calendar.data(*sync)
    assert [left["value"] for left in answer["left_alone"]] == ["张三: 送样品"]
    assert {row["purpose"] for row in on_calendar.data("callback", "list")} == {"送样品", "月会"}


def test_a_copy_that_was_made_there_is_an_entry_of_its_own(crm: Crm, tmp_path: Path) -> None:
    crm.ok("add", "张三")
    crm.ok("plan", "张三", "every monday 9:00", "例会")
    sync = ("calendar", "--sync", str(tmp_path))
    crm.ok(*sync)
    (path,) = tmp_path.glob("*.ics")
    lines = [b"UID:copy\r\n" if line[:4] == b"UID:" else line for line in path.read_bytes().splitlines(keepends=True)]
    copy = tmp_path / "copy.ics"
    copy.write_bytes(b"".join(lines))
    crm.ok(*sync)
    copy.write_bytes(copy.read_bytes().replace(b"T090000", b"T110000"))
    assert crm.data(*sync)["created"] == 1
    assert not crm.data(*sync)["changed"]
    one, other = crm.data("callback", "list")
    assert (one["due"][11:16], other["due"][11:16], other["uid"]) == ("09:00", "11:00", "copy")
    assert one["series"] != other["series"]


def test_an_entry_without_an_identity_gets_one(crm: Crm, tmp_path: Path) -> None:
    crm.ok("add", "张三")
    sync = ("calendar", "--sync", str(tmp_path))
    file = tmp_path / "a.ics"
    file.write_bytes(NEW.format(uid="", start="20261207", summary="张三: 回访").replace("UID:\r\n", "").encode())
    before = file.read_bytes()
    assert crm.data(*sync, "-n")["created"] == 1
    assert file.read_bytes() == before
    assert crm.data(*sync)["created"] == 1
    assert crm.data("callback", "list")[0]["uid"].encode() in file.read_bytes()
    crm.ok("callback", "edit", "1", "--purpose", "报价", "--when", "2026-12-09")
    assert crm.data(*sync)["changed"]
    assert [(row["due"], row["purpose"]) for row in crm.data("callback", "list")] == [("2026-12-09", "报价")]
    assert [*tmp_path.glob("*.ics")] == [file]


@pytest.mark.parametrize("known", ["张三", "李四"])
def test_an_entry_beside_one_of_an_unknown_contact_is_not_set_back(crm: Crm, tmp_path: Path, known: str) -> None:
    """Two entries in one file, either of which may be the one that is taken over."""
    crm.ok("add", known)
    sync = ("calendar", "--sync", str(tmp_path))
    one, other = (
        NEW.format(uid=uid, start="20261207", summary=f"{who}: 回访") for uid, who in (("a", "张三"), ("b", "李四"))
    )
    both = one.replace("END:VCALENDAR\r\n", "").replace("\r\nSUMMARY", "\r\nX-CRM-KIND:visit\r\nSUMMARY")
    file = tmp_path / "both.ics"
    file.write_bytes((both + other.partition("VCALENDAR\r\n")[2]).encode())
    answer = crm.data(*sync)
    assert (answer["created"], len(answer["left_alone"])) == (1, 1)
    crm.ok("callback", "edit", "1", "--purpose", "报价", "--when", "2026-12-09")
    answer = crm.data(*sync)
    assert (answer.get("created", 0), answer.get("updated", 0), len(answer["left_alone"])) == (0, 0, 1)
    assert [(row["due"], row["purpose"]) for row in crm.data("callback", "list")] == [("2026-12-09", "报价")]
    assert {*calendars(tmp_path)} == {f"{known}: 报价", *({"张三: 回访", "李四: 回访"} - {f"{known}: 回访"})}
    crm.ok("add", "李四" if known == "张三" else "张三")
    assert crm.data(*sync)["created"] == 1
    assert not crm.data(*sync)["changed"]
    assert len([*tmp_path.glob("*.ics")]) == 2


@pytest.mark.parametrize("how", ["--to", "--sync"])
def test_a_file_with_an_entry_of_ours_and_another_loses_neither(on_calendar: Crm, tmp_path: Path, how: str) -> None:
    run = ("calendar", how, f"{tmp_path}/", "--only", "callbacks")
    on_calendar.ok(*run)
    drop_our_lines(tmp_path)
    entry = NEW.format(uid="x", start="20261207", summary="Lunch").split("VCALENDAR\r\n")[1].removesuffix("END:")
    (path,) = (path for path in tmp_path.glob("*.ics") if "送样品" in path.read_text("utf-8"))
    path.write_bytes(path.read_bytes().replace(b"END:VCALENDAR", f"{entry}END:VCALENDAR".encode()))
    on_calendar.ok(*run, "--alarm", "1h")
    assert {*calendars(tmp_path)} == {"张三: 送样品", "张三: 周会", "Lunch"}


def test_a_journal_beside_an_entry_of_ours_stays(on_calendar: Crm, tmp_path: Path) -> None:
    sync = ("calendar", "--sync", str(tmp_path), "--only", "callbacks")
    on_calendar.ok(*sync)
    journal = "BEGIN:VJOURNAL\r\nUID:j\r\nSUMMARY:Diary\r\nEND:VJOURNAL\r\n"
    change(tmp_path, "张三: 送样品", "END:VCALENDAR", f"{journal}END:VCALENDAR")
    on_calendar.ok("callback", "edit", "1", "--purpose", "报价")
    on_calendar.ok(*sync)
    assert {*calendars(tmp_path)} == {"张三: 报价", "张三: 周会", "Diary"}


@pytest.mark.parametrize("end", [("callback", "delete", "1", "-y"), ("done", "1"), ("callback", "cancel", "1")])
def test_what_is_over_here_does_not_come_back_from_a_server_that_drops_our_lines(
    on_calendar: Crm, tmp_path: Path, end: tuple[str, ...]
) -> None:
    sync = ("calendar", "--sync", str(tmp_path), "--only", "callbacks")
    on_calendar.ok(*sync)
    drop_our_lines(tmp_path)
    on_calendar.ok(*end)
    answer = on_calendar.data(*sync)
    assert (answer.get("created", 0), answer.get("updated", 0), answer.get("left_alone", [])) == (0, 0, [])
    assert "送样品" not in {row["purpose"] for row in on_calendar.data("callback", "list", "status:open")}
    assert "张三: 送样品" not in calendars(tmp_path)
    assert on_calendar.ok(*sync).err == ""


def test_nothing_is_doubled_where_a_server_drops_our_lines_and_writes_identities_in_capitals(
    on_calendar: Crm, tmp_path: Path
) -> None:
    on_calendar.ok("promise", "张三", "寄样本", "--by", "2026-11-27")
    sync = ("calendar", "--sync", str(tmp_path))
    on_calendar.ok(*sync)
    there = {*calendars(tmp_path)}
    drop_our_lines(tmp_path)
    for path in tmp_path.glob("*.ics"):
        path.write_bytes(re.sub(rb"(?<=UID:)[0-9a-f]+", lambda uid: uid[0].upper(), path.read_bytes()))
    callbacks = on_calendar.data("callback", "list")
    change(tmp_path, "张三: 送样品", "SUMMARY:张三: 送样品", "SUMMARY:张三: 报价")
    answer = on_calendar.data(*sync)
    assert (answer["created"], answer["updated"]) == (0, 1)
    assert [row["id"] for row in on_calendar.data("callback", "list")] == [row["id"] for row in callbacks]
    assert {*calendars(tmp_path)} == there - {"张三: 送样品"} | {"张三: 报价"}
    assert len([*tmp_path.glob("*.ics")]) == len(there)


def test_what_was_changed_there_after_it_was_deleted_here_comes_back(on_calendar: Crm, tmp_path: Path) -> None:
    sync = ("calendar", "--sync", str(tmp_path), "--only", "callbacks")
    on_calendar.ok(*sync)
    drop_our_lines(tmp_path)
    on_calendar.ok("callback", "delete", "1", "-y")
    change(tmp_path, "张三: 送样品", "LAST-MODIFIED:20261125T010000Z", "LAST-MODIFIED:20261126T010000Z")
    assert on_calendar.data(*sync, CRM_NOW="2026-11-27T10:00:00+08:00")["created"] == 1


def test_a_kept_promise_does_not_become_a_callback_where_a_server_drops_our_lines(
    on_calendar: Crm, tmp_path: Path
) -> None:
    on_calendar.ok("promise", "张三", "寄样本", "--by", "2026-11-27")
    sync = ("calendar", "--sync", str(tmp_path))
    on_calendar.ok(*sync)
    drop_our_lines(tmp_path)
    on_calendar.ok("promise", "keep", "p1")
    on_calendar.ok("complaint", "delete", "c1", "-y")
    on_calendar.ok("contact", "edit", "1", "--birthday", "")
    answer = on_calendar.data(*sync)
    assert (answer.get("created", 0), answer.get("left_alone", [])) == (0, [])
    assert {*calendars(tmp_path)} == {"张三: 送样品", "张三: 周会"}


ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:张三: 送样品\r\nTRIGGER:{}\r\nEND:VALARM\r\n"


@pytest.mark.parametrize("drop", [False, True])
def test_an_alarm_that_was_added_stays_though_the_record_changes(
    on_calendar: Crm, tmp_path: Path, *, drop: bool
) -> None:
    sync = ("calendar", "--sync", str(tmp_path), "--only", "callbacks")
    on_calendar.ok(*sync)
    change(tmp_path, "张三: 送样品", "TRIGGER:-PT15M", "TRIGGER:-P0DT0H15M0S")  # as some servers put it
    change(tmp_path, "张三: 送样品", "END:VALARM\r\n", "END:VALARM\r\n" + ALARM.format("-P1D"))
    assert not on_calendar.data(*sync)["changed"]
    if drop:
        drop_our_lines(tmp_path)
    on_calendar.ok("callback", "edit", "1", "--purpose", "送合同")
    change(tmp_path, "张三: 送样品", "SUMMARY:张三: 送样品", "SUMMARY:张三: 送合同")
    for options, ours in (((), "-PT15M"), (("--alarm", "2h"), "-PT2H"), (("--alarm", "none"), "")):
        on_calendar.ok(*sync, *options)
        assert not on_calendar.data(*sync, *options)["changed"]
        entry = calendars(tmp_path)["张三: 送合同"].to_ical().decode()
        assert sorted(re.findall(r"TRIGGER:(\S+)", entry)) == sorted(filter(None, ["-P1D", ours]))
