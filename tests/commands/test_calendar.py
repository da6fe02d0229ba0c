"""`crm calendar`: a feed, and folders whose changes come back."""

from pathlib import Path
from typing import Any

import icalendar
import pytest

from crmcli.exchange import blocks, folder
from crmcli.exchange.vdir import changes, item
from crmcli.services import ticked
from tests.conftest import Crm
from tests.rows import NOW, Rows, days
from tests.vdirs import calendars, change, drop_our_lines, tick


def test_a_feed_is_the_same_until_something_changes(on_calendar: Crm, tmp_path: Path) -> None:
    path = tmp_path / "crm.ics"
    assert on_calendar.ok("calendar", "--to", str(path)).out == f"4 entries in {path}\n"
    path.chmod(0o644)
    before = path.stat()
    assert "already up to date" in on_calendar.ok("calendar", "--to", str(path), CRM_NOW="2026-11-26T09:00").out
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert on_calendar.ok("calendar").out == path.read_bytes().decode()
    on_calendar.ok("done", "1")
    answer = on_calendar.data("calendar", "--to", str(path))
    assert answer == {"entries": 3, "path": str(path), "changed": True}
    assert path.stat().st_mode & 0o777 == 0o644
    assert [file.name for file in tmp_path.iterdir() if "ics" in file.name] == ["crm.ics"]
    summaries = [str(event["SUMMARY"]) for event in icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")]
    assert summaries == ["张三: 周会", "张三: answer complaint c1", "张三's birthday"]
    assert on_calendar("import", str(path)).err.count("left out") >= 1  # nothing of a feed is for us to read


def test_kinds_alarms_and_settings(on_calendar: Crm) -> None:
    def summaries(*options: str) -> list[str]:
        out = on_calendar.ok("calendar", *options).out
        return [line.partition(":")[2] for line in out.splitlines() if line.startswith("SUMMARY")]

    assert summaries("--only", "birthdays") == ["张三's birthday"]
    assert summaries("--only", "deadlines,callbacks") == ["张三: answer complaint c1", "张三: 送样品", "张三: 周会"]
    assert "张三's birthday" not in summaries("--todos")
    assert "TRIGGER:-P1D" in on_calendar.ok("calendar", "--alarm", "1 day").out
    assert "VALARM" not in on_calendar.ok("calendar", "--alarm", "none").out
    on_calendar.ok("config", "set", "calendar.alarm", "")
    on_calendar.ok("config", "set", "calendar.morning", "07:30")
    on_calendar.ok("config", "set", "calendar.minutes", "45")
    out = on_calendar.ok("calendar").out
    assert "TRIGGER:-P" not in out
    assert "TRIGGER:PT7H30M" in out
    assert "DURATION:PT45M" in out
    assert on_calendar("config", "set", "calendar.morning", "early").code == 2
    assert on_calendar("config", "set", "calendar.alarm", "soon").code == 2
    for wrong in (
        ["--only", "parties"],
        ["--alarm", "soon"],
        ["--to", "a.ics", "--sync", "b"],
        ["--to", "/none/a.ics"],
    ):
        assert on_calendar("calendar", *wrong).code == 2, wrong


def test_nothing_is_written_in_a_dry_run(on_calendar: Crm, tmp_path: Path) -> None:
    on_calendar.ok("calendar", "--to", str(tmp_path / "a.ics"), "-n")
    on_calendar.ok("calendar", "--to", f"{tmp_path}/folder/", "-n")
    on_calendar.ok("calendar", "--sync", f"{tmp_path}/other", "-n")
    assert not [path for path in tmp_path.iterdir() if path.name in ("a.ics", "folder", "other")]


def test_a_folder_mirrors_what_is_planned(on_calendar: Crm, tmp_path: Path) -> None:
    folder = tmp_path / "calendar"
    on_calendar.ok("calendar", "--to", f"{folder}/")
    assert len(calendars(folder)) == 4
    own = folder / "own.ics"
    own.write_bytes(
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:mine\r\nSUMMARY:dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    times = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    on_calendar.ok("done", "1")
    on_calendar.ok("calendar", "--to", str(folder))
    assert set(calendars(folder)) == {"张三: 周会", "张三: answer complaint c1", "张三's birthday", "dentist"}
    assert all(path.stat().st_mtime_ns == times[path] for path in folder.iterdir())


def test_what_is_ticked_off_comes_back(on_calendar: Crm, tmp_path: Path) -> None:
    folder = tmp_path / "todos"
    sync = ("calendar", "--sync", str(folder), "--todos")
    on_calendar.ok(*sync)
    tick(folder, "张三: 周会")
    tick(folder, "张三: answer complaint c1")
    refused = on_calendar("calendar", "--to", str(folder), "--todos")
    assert refused.code == 5
    assert "--sync" in refused.err
    shown = on_calendar.ok(*sync, "-n").out
    assert "Done 张三: call 周会 (2)" in shown
    assert len(calendars(folder)) == 3
    assert "put back as crm has it: 张三: answer complaint c1: a tick" in on_calendar.ok(*sync, "-n").err
    answer = on_calendar.data(*sync)
    assert (answer["done"], answer["cancelled"], answer["created"], answer["entries"]) == ([2], [], 0, 3)
    later = on_calendar.data("callback", "list", "status:open", "周会")
    assert [(row["due_on"], row["repeat"]) for row in later] == [("2026-12-23", "FREQ=WEEKLY;INTERVAL=2")]
    followup = on_calendar.data("followup", "list")[0]
    assert (followup["text"], followup["at"], followup["callback_id"]) == ("周会", "2026-11-25T08:50:00+08:00", 2)
    assert (
        str(calendars(folder)["张三: answer complaint c1"]["STATUS"]) == "NEEDS-ACTION"
    )  # that takes more than a tick
    assert not on_calendar.data(*sync)["changed"]
    on_calendar.ok("undo")
    assert on_calendar.data("callback", "show", "2")["status"] == "open"
    assert on_calendar.data("followup", "list") == []


def test_a_promise_that_is_ticked_off_is_kept(on_calendar: Crm, tmp_path: Path) -> None:
    folder = tmp_path / "todos"
    sync = ("calendar", "--sync", str(folder), "--todos", "--only", "promises")
    on_calendar.ok("promise", "张三", "周五前寄样本", "--by", "2026-11-27 17:00")
    on_calendar.ok(*sync)
    ((summary, todo),) = calendars(folder).items()
    assert summary == "张三: promised: 周五前寄样本"
    assert str(todo.decoded("DUE")) == "2026-11-27 17:00:00+08:00"
    tick(folder, summary)
    assert "Promise p1 to 张三 is kept" in on_calendar.ok(*sync).out
    assert on_calendar.data("promise", "show", "p1")["status"] == "kept"
    assert not calendars(folder)
    on_calendar.ok("undo")
    on_calendar.ok(*sync)
    assert list(calendars(folder)) == [summary]


def test_a_supervised_item_shows_when_its_report_is_due(on_calendar: Crm, tmp_path: Path) -> None:
    on_calendar.ok("supervise", "c1", "客户很着急", "--by", "王工", "--every", "2d")
    sync = ("calendar", "--sync", str(tmp_path / "todos"), "--todos", "--only", "supervisions")
    on_calendar.ok(*sync)
    ((summary, todo),) = calendars(tmp_path / "todos").items()
    assert summary == "张三: report of 王工: 客户很着急"
    assert str(todo.decoded("DUE")) == "2026-11-27"
    tick(tmp_path / "todos", summary)
    assert "put back as crm has it" in on_calendar.ok(*sync).err


def test_what_is_moved_reworded_cancelled_or_added_comes_back(on_calendar: Crm, tmp_path: Path) -> None:
    folder = tmp_path / "todos"
    sync = ("calendar", "--sync", str(folder), "--todos")
    on_calendar.ok(*sync)
    change(folder, "张三: 送样品", "20261204T150000", "20261205T160000")
    change(folder, "张三: 送样品", "SUMMARY:张三: 送样品", "SUMMARY:张三: 送合同")
    change(folder, "张三: 周会", "NEEDS-ACTION", "CANCELLED")
    new = "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:{uid}\r\nDUE;VALUE=DATE:20261203\r\n"
    new += "SUMMARY:{text}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    (folder / "new.ics").write_bytes(new.format(uid="new", text="张三: 寄样本").encode())
    (folder / "milk.ics").write_bytes(new.format(uid="milk", text="买牛奶").encode())
    (folder / "broken.ics").write_bytes(b"BEGIN:VCALENDAR\r\n")
    result = on_calendar.ok(*sync)
    assert "left alone: 买牛奶" in result.err
    assert "1 new" in result.out
    assert "1 changed" in result.out
    moved = on_calendar.data("callback", "show", "1")
    assert (moved["due_at"], moved["purpose"]) == ("2026-12-05T16:00:00+08:00", "送合同")
    assert on_calendar.data("callback", "show", "2")["status"] == "cancelled"
    assert {"张三: 送合同", "张三: 寄样本", "买牛奶"} <= {
        str(part["SUMMARY"])
        for path in folder.glob("*.ics")
        if path.name != "broken.ics"
        for part in icalendar.Calendar.from_ical(path.read_bytes()).walk("VTODO")
    }
    assert len(on_calendar.data("callback", "list", "寄样本")) == 1
    again = on_calendar.data(*sync)
    assert (again["created"], again["updated"], again["changed"]) == (0, 0, False)


def test_a_dry_run_counts_what_would_be_left_in_the_folder(on_calendar: Crm, tmp_path: Path) -> None:
    sync = ("calendar", "--sync", str(tmp_path), "--todos")
    on_calendar.ok(*sync)
    tick(tmp_path, "张三: 送样品")
    said = on_calendar.ok(*sync, "-n").out.replace("dry run: ", "")
    assert on_calendar.ok(*sync).out == said


def test_what_is_changed_in_the_folder_meanwhile_is_taken_over_the_next_time(
    on_calendar: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = ("calendar", "--sync", str(tmp_path), "--todos")
    on_calendar.ok(*sync)
    change(tmp_path, "张三: 周会", "NEEDS-ACTION", "CANCELLED")
    real = ticked.take_back

    def slow(*given: Any, **named: Any) -> ticked.Taken:
        change(tmp_path, "张三: 送样品", "20261204T150000", "20261205T160000")
        change(tmp_path, "张三: 周会", "SUMMARY:张三: 周会", "SUMMARY:张三: 月会")
        return real(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(ticked, "take_back", slow)
        on_calendar.ok(*sync)
    assert "张三: 月会" in calendars(tmp_path)
    on_calendar.ok(*sync)
    assert on_calendar.data("callback", "show", "1")["due_at"] == "2026-12-05T16:00:00+08:00"


@pytest.mark.parametrize("said", ["EXDATE;TZID=Asia/Shanghai:20261209T090000", "RECURRENCE-ID:20261209T010000Z"])
def test_one_occurrence_that_was_moved_or_left_out_is_told(on_calendar: Crm, tmp_path: Path, said: str) -> None:
    on_calendar.ok("plan", "张三", "every monday 9:00", "例会")
    folder = tmp_path / "events"
    sync = ("calendar", "--sync", str(folder))
    on_calendar.ok(*sync)
    change(folder, "张三: 例会", "RRULE", f"{said}\r\nRRULE")
    assert on_calendar("calendar", "--to", str(folder)).code == 5
    assert (
        on_calendar.ok(*sync).err
        == "put back as crm has it: 张三: 例会: one occurrence is put off or left out by crm snooze, crm done\n"
    )
    assert on_calendar.ok(*sync).err == ""


def test_what_changed_here_alone_is_not_undone_by_an_old_file(on_calendar: Crm, tmp_path: Path) -> None:
    folder = tmp_path / "todos"
    sync = ("calendar", "--sync", str(folder), "--todos")
    on_calendar.ok(*sync)
    on_calendar.ok("snooze", "1", "2026-12-10 10:00")
    on_calendar.ok("callback", "edit", "2", "--purpose", "月会")
    on_calendar.ok(*sync)
    entries = calendars(folder)
    assert str(entries["张三: 送样品"].decoded("DUE")) == "2026-12-10 10:00:00+08:00"
    assert "张三: 月会" in entries
    assert on_calendar.data("callback", "show", "1")["due_at"] == "2026-12-10T10:00:00+08:00"


def test_what_was_changed_where_a_server_drops_our_lines_is_not_lost(on_calendar: Crm, tmp_path: Path) -> None:
    on_calendar.ok("promise", "张三", "寄合同", "--by", "2026-12-08")
    to, sync = (("calendar", how, f"{tmp_path}/", "--todos") for how in ("--to", "--sync"))
    on_calendar.ok(*to)
    drop_our_lines(tmp_path)
    assert on_calendar.data(*to)["changed"], "nothing was changed there, so that it may be written anew"
    drop_our_lines(tmp_path)
    change(tmp_path, "张三: 送样品", "20261204T150000", "20261205T160000")
    refused = on_calendar(*to)
    assert (refused.code, "--sync" in refused.err) == (5, True)
    tick(tmp_path, "张三: promised: 寄合同")
    taken = on_calendar.data(*sync)
    assert (taken["created"], taken["updated"], taken["promises"]) == (0, 1, [1])
    assert on_calendar.data("callback", "show", "1")["due_at"] == "2026-12-05T16:00:00+08:00"
    assert on_calendar.data("callback", "show", "2")["repeat"]
    assert not on_calendar.data(*sync)["changed"]


def test_what_was_changed_here_and_perhaps_there_is_left_to_the_user(on_calendar: Crm, tmp_path: Path) -> None:
    """A server dropped what would say whether anybody has changed the entry since it was written."""
    sync = ("calendar", "--sync", str(tmp_path), "--todos")
    on_calendar.ok(*sync)
    drop_our_lines(tmp_path)
    on_calendar.ok("snooze", "1", "2026-12-10 10:00", CRM_NOW="2026-11-25T10:00:00+08:00")
    left = on_calendar.data(*sync)["left_alone"]
    assert [(one["value"], "delete the file" in one["message"]) for one in left] == [("张三: 送样品", True)]
    assert str(calendars(tmp_path)["张三: 送样品"].decoded("DUE")) == "2026-12-04 15:00:00+08:00"
    assert on_calendar.data("callback", "show", "1")["due_at"] == "2026-12-10T10:00:00+08:00"
    change(tmp_path, "张三: 送样品", "LAST-MODIFIED:20261125T010000Z", "LAST-MODIFIED:20261126T010000Z")
    assert on_calendar.data(*sync, CRM_NOW="2026-11-27T10:00:00+08:00")["updated"] == 1
    assert on_calendar.data("callback", "show", "1")["due_at"] == "2026-12-04T15:00:00+08:00"


def test_what_was_changed_here_is_not_undone_where_a_server_drops_when_it_was_written(
    on_calendar: Crm, tmp_path: Path
) -> None:
    sync = ("calendar", "--sync", str(tmp_path), "--only", "callbacks")
    on_calendar.ok(*sync)
    drop_our_lines(tmp_path)
    change(tmp_path, "张三: 送样品", "LAST-MODIFIED:20261125T010000Z\r\n", "")
    on_calendar.ok("callback", "edit", "1", "--purpose", "报价", CRM_NOW="2026-11-25T10:00:00+08:00")
    answer = on_calendar.data(*sync)
    assert (answer["updated"], [one["value"] for one in answer["left_alone"]]) == (0, ["张三: 送样品"])
    assert on_calendar.data("callback", "show", "1")["purpose"] == "报价"


def test_what_only_crm_changes_is_written_anew_where_a_server_drops_our_lines(on_calendar: Crm, tmp_path: Path) -> None:
    sync = ("calendar", "--sync", str(tmp_path), "--only", "birthdays")
    on_calendar.ok(*sync)
    drop_our_lines(tmp_path)
    on_calendar.ok("contact", "edit", "1", "--birthday", "1990-01-01", CRM_NOW="2026-11-25T10:00:00+08:00")
    answer = on_calendar.data(*sync)
    assert (answer["changed"], answer.get("left_alone", []), answer.get("put_back", [])) == (True, [], [])
    assert str(calendars(tmp_path)["张三's birthday"].decoded("DTSTART")) == "1990-01-01"


def test_a_folder_that_nobody_changed_is_not_taken_apart_again(
    on_calendar: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_calendar.ok("promise", "张三", "寄样本", "--by", "2026-11-27")
    sync = ("calendar", "--sync", str(tmp_path))
    on_calendar.ok(*sync)
    for module in (blocks, folder, item, changes):
        monkeypatch.delattr(module, "read_blocks", raising=False)
        monkeypatch.delattr(module, "read_calendar", raising=False)
    assert not on_calendar.data(*sync)["changed"]


def test_a_large_calendar_is_written_in_good_time(crm: Crm, tmp_path: Path) -> None:
    rows = Rows(crm.db)
    who = rows.contact()
    rows.connection.execute("BEGIN")
    for number in range(2_000):
        rows.callback(who, NOW + days(number / 10), purpose=f"{number}")
    rows.connection.execute("COMMIT")
    assert crm.data("calendar", "--to", str(tmp_path / "a.ics"))["entries"] == 2_000
