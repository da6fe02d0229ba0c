"""Rows that say less than there is to know: what they do not say stays as it is."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest

from tests.conftest import Crm

_CALLBACKS = "due_on due_at zone repeat anchor after_done series status done_at snoozed_from purpose kind owner"
_PROMISES = "text due_on due_at zone status settled_at outcome owner"


def _with_repeats(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("plan", "张三", "every 2 weeks on monday at 10:00", "invoice", TZ="America/New_York")
    crm.ok("plan", "张三", "every month", "report", "--after-done")
    crm.ok("plan", "张三", "2026-12-06", "a day there", TZ="America/New_York")
    crm.ok("snooze", "1", "2026-12-20")


def _with_promises(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("promise", "张三", "call", "--by", "2026-12-05 09:00", TZ="America/New_York")
    crm.ok("promise", "张三", "send", "--by", "2026-12-05", TZ="America/New_York")
    crm.ok("promise", "renegotiate", "p2", "2026-12-08")


def _exported(crm: Crm, noun: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(crm.ok("export", noun).out)))


def _import(crm: Crm, noun: str, rows: Sequence[dict[str, str]], columns: Sequence[str]) -> Any:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return crm.data("import", "-", "--as", noun, stdin=out.getvalue())


@pytest.mark.parametrize("left_out", ["due", "zone", "anchor", "after_done", "repeat", "series", "snoozed_from"])
def test_a_repeat_stays_as_it_is_whatever_column_is_left_out(crm: Crm, left_out: str) -> None:
    _with_repeats(crm)
    before = crm.data("callback", "list")
    rows = _exported(crm, "callbacks")
    done = _import(crm, "callbacks", rows, [column for column in rows[0] if column != left_out])
    after = crm.data("callback", "list")
    assert (done["unchanged"], done["change"]) == (len(rows), None)
    assert [{name: row[name] for name in _CALLBACKS.split()} for row in after] == [
        {name: row[name] for name in _CALLBACKS.split()} for row in before
    ]


def test_a_repeat_that_a_row_gives_begins_with_what_is_planned(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("plan", "张三", "2026-12-04 15:00", "call")
    row = {**_exported(crm, "callbacks")[0], "repeat": "every week"}
    _import(crm, "callbacks", [row], ["uid", "contact_uid", "repeat"])
    (callback,) = crm.data("callback", "list")
    assert (callback["due_at"], callback["anchor"]) == ("2026-12-04T15:00:00+08:00", "2026-12-04")
    assert callback["series"]
    crm.ok("done", "1", "x")
    assert crm.data("callback", "list", "status:open")[0]["due_at"] == "2026-12-11T15:00:00+08:00"


def test_a_callback_that_is_moved_takes_its_repeat_along(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("plan", "张三", "every 2 weeks", "call")
    row = {**_exported(crm, "callbacks")[0], "due": "2026-12-16"}
    _import(crm, "callbacks", [row], ["uid", "contact_uid", "due", "repeat"])
    (callback,) = crm.data("callback", "list")
    assert (callback["due_on"], callback["anchor"]) == ("2026-12-16", "2026-12-16")


@pytest.mark.parametrize("kept", ["X-NONE", "X-CRM-ZONE", "X-CRM-CONTACT"])
@pytest.mark.parametrize("todos", [(), ("--todos",)])
def test_a_calendar_without_what_only_we_read_changes_nothing(crm: Crm, kept: str, todos: tuple[str, ...]) -> None:
    _with_repeats(crm)
    crm.ok("plan", "张三", "2026-12-08")
    before = crm.data("callback", "list")
    crm.ok("export", "callbacks", "--to", str(crm.folder / "all.ics"), *todos)
    lines = (crm.folder / "all.ics").read_text("utf-8").replace("\n ", "").splitlines()
    stripped = "\n".join(line for line in lines if not line.startswith("X-CRM") or line.startswith(kept))
    assert crm.data("import", "-", stdin=stripped)["unchanged"] == len(before)
    assert crm.data("callback", "list") == before


@pytest.mark.parametrize("name", ["Acme", "+86 138 0013 8000", "zs@x.cn", "ZS@x.cn", "wechat:zs"])
def test_somebody_who_is_known_keeps_the_name_where_a_file_has_none(crm: Crm, name: str) -> None:
    reach = ("--phone", "13800138000", "--email", "zs@x.cn", "--im", "wechat:zs")
    crm.ok("add", "张三", *reach)
    card = f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nORG:Acme\nTEL:13800138000\nEMAIL:zs@x.cn\nIMPP:wechat:zs\nEND:VCARD\n"
    crm.ok("import", "-", stdin=card)
    (row,) = crm.data("contact", "list")
    assert (row["name"], row["company"]) == ("张三", "Acme")


def test_a_new_name_is_taken_and_a_uid_names_whoever_it_says(crm: Crm) -> None:
    crm.ok("add", "张三", "--phone", "13800138000")
    crm.ok("import", "-", stdin="name,phone\n张三丰,13800138000\n")
    (row,) = crm.data("contact", "list")
    assert row["name"] == "张三丰"
    crm.ok("import", "-", stdin=f"uid,name,company\n{row['uid']},Acme,Acme\n")
    assert crm.data("contact", "list")[0]["name"] == "Acme"


@pytest.mark.parametrize("left_out", ["due", "zone", "status", "settled_at", "outcome"])
def test_a_promise_stays_as_it_is_whatever_column_is_left_out(crm: Crm, left_out: str) -> None:
    _with_promises(crm)
    before = crm.data("promise", "list", "status:open,kept,renegotiated")
    rows = _exported(crm, "promises")
    done = _import(crm, "promises", rows, [column for column in rows[0] if column != left_out])
    after = crm.data("promise", "list", "status:open,kept,renegotiated")
    assert (done["unchanged"], done["change"], len(after)) == (3, None, 3)
    assert [{name: row[name] for name in _PROMISES.split()} for row in after] == [
        {name: row[name] for name in _PROMISES.split()} for row in before
    ]


def test_a_promise_says_since_when_it_is_kept_and_no_longer_when_it_is_open_again(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("promise", "张三", "call", "--by", "2026-12-05")
    (row,) = _exported(crm, "promises")
    _import(crm, "promises", [{**row, "status": "kept"}], ["uid", "contact_uid", "status"])
    assert crm.data("promise", "show", "p1")["settled_at"] == "2026-11-25T09:00:00+08:00"
    _import(crm, "promises", [{**row, "status": "open"}], ["uid", "contact_uid", "status"])
    assert crm.data("promise", "show", "p1")["settled_at"] is None


@pytest.mark.parametrize("status", ["closed", "resolved", "已关闭"])
def test_a_complaint_that_a_file_calls_over_is_never_due(crm: Crm, status: str) -> None:
    crm.ok("add", "张三")
    text = f"contact,text,status,received_at\n张三,late,{status},2026-11-01\n"
    crm.ok("import", "-", "--as", "complaints", stdin=text)
    assert crm.data("today")["items"] == []
    assert crm.data("contact", "show", "张三")["open_complaints"] == 0
    assert crm.data("import", "-", "--as", "complaints", stdin=text)["unchanged"] == 1


def test_the_state_of_a_complaint_and_its_moments_go_together(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("complain", "张三", "late", "--at", "2026-11-20 10:00")
    (row,) = _exported(crm, "complaints")

    def told(column: str, text: str) -> tuple[str | None, ...]:
        _import(crm, "complaints", [{**row, column: text}], ["uid", "contact_uid", column])
        now = crm.data("complaint", "show", "c1")
        return tuple(now[name] and now[name][:10] for name in ("status", "resolved_at", "closed_at"))

    assert told("status", "resolved") == ("resolved", "2026-11-25", None)
    assert crm.data("today")["items"] == []
    assert told("status", "closed") == ("closed", "2026-11-25", "2026-11-25")
    assert told("status", "received") == ("received", None, None)
    assert [item["kind"] for item in crm.data("today")["items"]] == ["complaint"]
    assert told("resolved_at", "2026-11-22") == ("resolved", "2026-11-22", None)
    assert told("closed_at", "2026-11-23") == ("closed", "2026-11-22", "2026-11-23")


@pytest.mark.parametrize(
    ("noun", "command", "column"),
    [
        ("followup", ("log", "张三", "talked", "--at", "2026-11-20 10:20:30"), "at"),
        ("complaint", ("complain", "张三", "late", "--at", "2026-11-20 10:20:30"), "received_at"),
        ("promise", ("promise", "张三", "call", "--by", "2026-12-05"), "made_at"),
    ],
)
def test_when_it_was_is_corrected_in_a_file(crm: Crm, noun: str, command: tuple[str, ...], column: str) -> None:
    crm.ok("add", "张三")
    crm.ok(*command, CRM_NOW="2026-11-20T10:20:30+08:00")
    (row,) = _exported(crm, f"{noun}s")
    for same in (row[column], "2026-11-20 10:20", "2026/11/20"):  # as spreadsheets save it
        done = _import(crm, f"{noun}s", [{**row, column: same}], ["uid", "contact_uid", column])
        assert done["unchanged"] == 1, same
    done = _import(crm, f"{noun}s", [{**row, column: "2026-11-19 15:00"}], list(row))
    assert (done["updated"], crm.data(noun, "list")[0][column]) == (1, "2026-11-19T15:00:00+08:00")
    assert crm.data("undo")
    assert crm.data(noun, "list")[0][column] == "2026-11-20T10:20:30+08:00"


@pytest.mark.parametrize(
    ("noun", "columns"),
    [("followup", "contact at text"), ("callback", "contact due owner"), ("complaint", "contact text received_at")],
)
def test_a_file_without_kind_or_purpose_doubles_nothing(crm: Crm, noun: str, columns: str) -> None:
    crm.ok("add", "张三")
    crm.ok("log", "张三", "talked", "--kind", "visit")
    crm.ok("plan", "张三", "2026-12-04 15:00", "sample", "--kind", "visit")
    crm.ok("plan", "张三", "2026-12-04 16:00", "invoice", "--kind", "visit")
    crm.ok("complain", "张三", "why", "--type", "inquiry")
    before = crm.data(noun, "list", "--all") if noun != "followup" else crm.data(noun, "list")
    done = _import(crm, f"{noun}s", _exported(crm, f"{noun}s"), columns.split())
    assert (done["unchanged"], done["change"]) == (len(before), None)
    if noun == "callback":  # one that has none is another
        row = {"contact": "张三", "due": "2026-12-04 15:00", "purpose": "", "kind": "visit"}
        assert _import(crm, "callbacks", [row], list(row))["created"] == 1


def test_a_complaint_is_received_once_whenever_that_was(crm: Crm) -> None:
    """Its history had a second beginning after an import of a database in which the moment was corrected."""
    crm.ok("add", "张三")
    crm.ok("complain", "张三", "late")
    later = {"CRM_NOW": "2026-11-25T10:00:00+08:00"}
    crm.ok("complaint", "edit", "c1", "--at", "2026-11-20 10:00", **later)
    corrected = crm.ok("export", "all", "-o", "jsonl", **later).out
    crm.ok("undo", **later)
    crm.ok("import", "-", stdin=corrected, **later)
    row = crm.data("complaint", "show", "c1")
    assert [step["at"] for step in row["steps"]] == [row["received_at"]] == ["2026-11-20T10:00:00+08:00"]
    assert crm.data("import", "-", stdin=corrected, **later)["change"] is None
