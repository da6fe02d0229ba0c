"""`crm calendar --sync`: what is changed in a folder is taken over, put back and told, or left as it is."""

from pathlib import Path

import pytest

from tests.conftest import Crm
from tests.kept import filled_once
from tests.vdirs import calendars, change, tick


@pytest.fixture
@filled_once
def filled(crm: Crm) -> Crm:
    """One customer with one of everything that a calendar shows."""
    crm.ok("add", "张三", "--company", "华东电力", "--phone", "138 0013 8000", "--birthday", "1988-02-29")
    crm.ok("plan", "张三", "2026-12-04 15:00", "送样品")
    crm.ok("plan", "张三", "every 2 weeks", "周会")
    crm.ok("complain", "张三", "交付延迟", "--severity", "high")
    return crm


def test_a_promise_that_is_moved_or_reworded_is_corrected(filled: Crm, tmp_path: Path) -> None:
    sync = ("calendar", "--sync", str(tmp_path), "--todos", "--only", "promises")
    filled.ok("promise", "张三", "周五前寄样本", "--by", "2026-11-27 17:00")
    filled.ok(*sync, CRM_LANG="zh")
    change(tmp_path, "张三：承诺：周五前寄样本", "20261127T170000", "20261130T100000")
    change(tmp_path, "张三：承诺：周五前寄样本", ";TZID=Asia/Shanghai:20261130T100000", ":20261130T020000Z")
    change(tmp_path, "张三：承诺：周五前寄样本", "承诺：周五前寄样本", "承诺：周一前寄合同")
    assert filled("calendar", "--to", str(tmp_path), "--todos", "--only", "promises").code == 5
    answer = filled.data(*sync)
    assert (answer["updated"], answer["put_back"], answer["left_alone"]) == (1, [], [])
    promise = filled.data("promise", "show", "p1")
    assert (promise["due"], promise["text"]) == ("2026-11-30T10:00:00+08:00", "周一前寄合同")
    assert promise["zone"] == "Asia/Shanghai"
    assert list(calendars(tmp_path)) == ["张三: promised: 周一前寄合同"]
    assert not filled.data(*sync)["changed"]
    tick(tmp_path, "张三: promised: 周一前寄合同")
    change(tmp_path, "张三: promised: 周一前寄合同", "20261130T100000", "20261130T090000")
    answer = filled.data(*sync)
    assert (answer["updated"], answer["promises"]) == (1, [1])
    assert filled.data("promise", "show", "p1")["due"] == "2026-11-30T09:00:00+08:00"


def test_what_a_calendar_cannot_change_is_put_back_and_told(filled: Crm, tmp_path: Path) -> None:
    filled.ok("promise", "张三", "寄样本", "--by", "2026-11-27")
    filled.ok("supervise", "c1", "客户很着急", "--by", "王工", "--every", "2d")
    sync = ("calendar", "--sync", str(tmp_path))
    filled.ok(*sync)
    written = calendars(tmp_path)
    change(tmp_path, "张三's birthday", "19880229", "19880301")
    change(tmp_path, "张三: answer complaint c1", "DESCRIPTION:交付延迟", "DESCRIPTION:客户在等")
    change(tmp_path, "张三: report of 王工: 客户很着急", "SUMMARY:张三: report of", "SUMMARY:张三: visit of")
    change(tmp_path, "张三: promised: 寄样本", "SUMMARY:张三: promised: 寄样本", "SUMMARY:寄合同")
    changed = {*calendars(tmp_path)}
    result = filled.ok(*sync, "-n")
    assert result.err.count("put back as crm has it: ") == 4
    assert "put back as crm has it: 寄合同: it is changed with crm, not in a calendar\n" in result.err
    assert {*calendars(tmp_path)} == changed, "a dry run"
    answer = filled.data(*sync)
    assert (len(answer["put_back"]), answer["updated"], answer["left_alone"]) == (4, 0, [])
    assert calendars(tmp_path) == written
    answer = filled.data(*sync)
    assert (answer["changed"], "put_back" in answer) == (False, False)


def test_a_repeat_that_is_taken_out_of_a_callback_is_put_back_and_told(filled: Crm, tmp_path: Path) -> None:
    filled.ok("plan", "张三", "every monday 9:00", "例会")
    sync = ("calendar", "--sync", str(tmp_path))
    filled.ok(*sync)
    change(tmp_path, "张三: 例会", "RRULE:FREQ=WEEKLY;BYDAY=MO\r\n", "")
    change(tmp_path, "张三: 送样品", "SUMMARY:张三: 送样品", "SUMMARY:张三:  送 合同")
    assert [each["value"] for each in filled.data(*sync)["put_back"]] == ["张三: 例会"]


def test_what_is_left_alone_stays_as_it_is(filled: Crm, tmp_path: Path) -> None:
    filled.ok("promise", "张三", "寄样本", "--by", "2026-11-27")
    sync = ("calendar", "--sync", str(tmp_path), "--todos")
    filled.ok(*sync)
    change(tmp_path, "张三: 送样品", "20261204T150000", "20261304T150000")
    change(tmp_path, "张三: promised: 寄样本", "DUE;VALUE=DATE:20261127", "DUE:soon")
    change(tmp_path, "张三: promised: 寄样本", "promised: 寄样本", "promised: 寄合同")
    before = {path: path.read_bytes() for path in tmp_path.glob("*.ics")}
    for _time in range(2):
        answer = filled.data(*sync)
        assert [each["value"] for each in answer["left_alone"]] == ["20261304T150000", "张三: promised: 寄合同"]
        assert (answer["put_back"], answer["updated"], answer["changed"]) == ([], 0, False)
    assert all(path.read_bytes() == content for path, content in before.items())
    assert filled.data("promise", "show", "p1")["text"] == "寄样本"


def test_what_was_changed_of_something_that_is_over_here_is_told(filled: Crm, tmp_path: Path) -> None:
    filled.ok("promise", "张三", "寄样本", "--by", "2026-11-27")
    sync = ("calendar", "--sync", str(tmp_path))
    filled.ok(*sync)
    filled.ok("promise", "keep", "p1")
    change(tmp_path, "张三: promised: 寄样本", "promised: 寄样本", "promised: 寄合同")
    change(tmp_path, "张三: 送样品", "END:VEVENT", "")
    told = filled.ok(*sync).err.splitlines()
    assert told[0].startswith("left alone: ")
    assert told[0].endswith(".ics: the entry is cut off: END:VEVENT is missing")
    assert told[1] == "put back as crm has it: 张三: promised: 寄合同: it is no longer in the calendar"
    (tmp_path / "x.ics").write_text("no calendar", "utf-8")
    assert "left alone: x.ics: the calendar has no events and no to-dos\n" in filled.ok(*sync).err


def test_what_crm_has_no_field_for_stays_until_the_record_changes_here(filled: Crm, tmp_path: Path) -> None:
    sync = ("calendar", "--sync", str(tmp_path))
    filled.ok(*sync)
    change(tmp_path, "张三: 送样品", "SEQUENCE:", "LOCATION:Gate 3\r\nSEQUENCE:")
    assert not filled.data(*sync)["changed"]
    assert calendars(tmp_path)["张三: 送样品"]["LOCATION"] == "Gate 3"
    assert filled.data(*sync, "--alarm", "1h")["changed"]
    change(tmp_path, "张三's birthday", "19880229", "19880301")
    change(tmp_path, "张三's birthday", "SEQUENCE:", "LOCATION:x\r\nSEQUENCE:")
    assert filled.data(*sync)["put_back"]
    assert "LOCATION" not in calendars(tmp_path)["张三's birthday"]


def test_what_was_changed_there_leaves_what_was_changed_here_of_the_same_entry(filled: Crm, tmp_path: Path) -> None:
    filled.ok("promise", "张三", "寄样本", "--by", "2026-11-27")
    sync = ("calendar", "--sync", str(tmp_path))
    filled.ok(*sync)
    filled.ok("callback", "edit", "1", "--purpose", "送合同", "--owner", "wei", "--kind", "visit")
    change(tmp_path, "张三: 送样品", "20261204T150000", "20261205T160000")
    filled.ok("promise", "edit", "p1", "--by", "2026-12-01")
    change(tmp_path, "张三: promised: 寄样本", "promised: 寄样本", "promised: 寄样书")
    answer = filled.data(*sync)
    assert (answer["updated"], answer["put_back"], answer["left_alone"], answer["changed_here_too"]) == (2, [], [], [])
    callback, promise = filled.data("callback", "show", "1"), filled.data("promise", "show", "p1")
    assert (callback["due"], callback["purpose"]) == ("2026-12-05T16:00:00+08:00", "送合同")
    assert (callback["owner"], callback["kind"]) == ("wei", "visit")
    assert (promise["due"], promise["text"]) == ("2026-12-01", "寄样书")
    assert not filled.data(*sync)["changed"]


def test_what_was_changed_here_and_otherwise_there_is_told(filled: Crm, tmp_path: Path) -> None:
    sync = ("calendar", "--sync", str(tmp_path))
    filled.ok(*sync)
    filled.ok("callback", "edit", "1", "--when", "2026-12-24 10:00")
    change(tmp_path, "张三: 送样品", "20261204T150000", "20261205T160000")
    assert "changed here, too, and now as it is there: 张三: 送样品\n" in filled.ok(*sync, "-n").err
    assert filled.data(*sync)["changed_here_too"] == ["张三: 送样品"]
    assert filled.data("callback", "show", "1")["due"] == "2026-12-05T16:00:00+08:00"
