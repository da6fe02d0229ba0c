import io
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import icalendar
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmcli.errors import UsageError
from crmcli.exchange.headers import match_headers
from crmcli.exchange.ical import FIELDS, read_calendar
from crmcli.exchange.icalout import birthday_entry, callback_entry, deadline_entry, write_calendar
from crmcli.nouns import noun
from crmcli.rules.persons import NOBODY
from crmcli.services.importing.foreign import with_foreign

OUTLOOK = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


def calendar(*lines: str, name: str = "VEVENT", before: str = "") -> bytes:
    return "\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", before, f"BEGIN:{name}", *lines, f"END:{name}", "END:VCALENDAR", ""]
    ).encode()


def read(data: bytes) -> list[dict[str, str]]:
    rows = read_calendar(io.BytesIO(data))
    return [{name: cell for name, cell in zip(rows.header, row.cells, strict=True) if cell} for row in rows]


def fields(*lines: str, name: str = "VEVENT", before: str = "") -> dict[str, str]:
    return read(calendar(*lines, name=name, before=before))[0]


@pytest.mark.parametrize(
    ("line", "due", "zone"),
    [
        ("DTSTART;VALUE=DATE:20261201", "2026-12-01", ""),
        ("DTSTART:20261201", "2026-12-01", ""),
        ("DTSTART:20261201T150000", "2026-12-01T15:00", ""),
        ("DTSTART:20261201T150030Z", "2026-12-01T15:00:30+00:00", "UTC"),
        ("DTSTART;TZID=Europe/Berlin:20260701T090000", "2026-07-01T09:00+02:00", "Europe/Berlin"),
        ('DTSTART;TZID="Europe/Berlin":20261201T090000', "2026-12-01T09:00+01:00", "Europe/Berlin"),
        (
            "DTSTART;TZID=/mozilla.org/20050126_1/Asia/Shanghai:20261201T090000",
            "2026-12-01T09:00+08:00",
            "Asia/Shanghai",
        ),
        ("DTSTART;TZID=China Standard Time:20261201T090000", "2026-12-01T09:00+08:00", "Asia/Shanghai"),
        ("DTSTART;TZID=Customized Time Zone:20260701T090000", "2026-07-01T09:00+02:00", ""),
        ("DTSTART;TZID=nowhere:20261201T090000", "2026-12-01T09:00", ""),
        ("DTSTART:20261399", "20261399", ""),
        ("DTSTART:soon", "soon", ""),
    ],
)
def test_when(line: str, due: str, zone: str) -> None:
    found = fields("SUMMARY:x", line, before=OUTLOOK)
    assert (found["due"], found.get("zone", "")) == (due, zone)


def test_a_to_do_is_due_when_it_is_due() -> None:
    found = fields("SUMMARY:x", "DTSTART:20261130", "DUE:20261201", "COMPLETED:20261202T010000Z", name="VTODO")
    assert found["due"] == "2026-12-01"
    assert (found["status"], found["done_at"]) == ("done", "2026-12-02T01:00+00:00")


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ((), ""),
        (("STATUS:NEEDS-ACTION",), "open"),
        (("STATUS:IN-PROCESS",), "open"),
        (("STATUS:COMPLETED",), "done"),
        (("PERCENT-COMPLETE:100",), "done"),
        (("STATUS:CANCELLED",), "cancelled"),
        (("STATUS:CONFIRMED", "X-CRM-STATUS:done"), "done"),
    ],
)
def test_status(lines: tuple[str, ...], status: str) -> None:
    assert fields("SUMMARY:x", *lines).get("status", "") == status


@pytest.mark.parametrize(
    ("lines", "contact", "purpose"),
    [
        (("SUMMARY:Ann Lee: price",), "Ann Lee", "price"),
        (("SUMMARY:张三：报价", "DESCRIPTION:带样品"), "张三", "报价\n带样品"),
        (("SUMMARY:Ann Lee",), "Ann Lee", "Ann Lee"),
        (
            ("SUMMARY:Call", "ATTENDEE;CN=Ann Lee;ROLE=CHAIR:mailto:ann@x.cn", "ATTENDEE:mailto:b@x.cn"),
            "ann@x.cn",
            "Call",
        ),
        (("SUMMARY:Call", 'ATTENDEE;CN="Lee, Ann":urn:uuid:1'), "Lee, Ann", "Call"),
        (("SUMMARY:moved: price", "X-CRM-CONTACT:Ann"), "Ann", "moved: price"),
        (("SUMMARY;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0=E4=B8=89: x",), "张三", "x"),
    ],
)
def test_who_and_what(lines: tuple[str, ...], contact: str, purpose: str) -> None:
    found = fields(*lines)
    assert (found["contact"], found["purpose"]) == (contact, purpose)


def test_a_zone_that_would_take_for_ever_to_compute_is_unknown() -> None:
    zone = OUTLOOK.replace("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "FREQ=SECONDLY")
    assert (
        fields("SUMMARY:x", "DTSTART;TZID=Customized Time Zone:20260701T090000", before=zone)["due"]
        == "2026-07-01T09:00"
    )


def test_repeats_end_on_a_day_of_their_zone() -> None:
    lines = ("SUMMARY:x", "DTSTART;TZID=Asia/Shanghai:20261201T090000", "RRULE:freq=weekly;UNTIL=20261231T155959Z")
    assert fields(*lines)["repeat"] == "FREQ=WEEKLY;UNTIL=20261231"


def test_what_no_field_has() -> None:
    data = calendar(
        "SUMMARY:x",
        "LOCATION:Room 1",
        "X-MOZ-GENERATION:3",
        "EXDATE:20261201",
        "BEGIN:VALARM",
        "SUMMARY:alarm",
        "END:VALARM",
    )
    data += calendar("SUMMARY:x", "RECURRENCE-ID:20261201T090000")
    rows = read_calendar(io.BytesIO(data))
    assert rows.header == [*FIELDS, "LOCATION"]
    assert [row.cells[-1] for row in rows] == ["Room 1"]
    assert rows.left_out == {"EXDATE": 1, "VALARM": 1, "RECURRENCE-ID": 1}


def test_the_columns_are_those_of_a_callback() -> None:
    others = ["LOCATION", "CATEGORIES", "PRIORITY", "URL", "GEO", "COMMENT", "RESOURCES", "RELATED-TO"]
    found = match_headers([*FIELDS, *others], with_foreign(noun("callback")))
    assert {column.field for column in found.columns} >= set(FIELDS) - {"zone"}
    assert list(found.unknown) == others


def test_an_entry_that_is_cut_off_is_told() -> None:
    rows = list(read_calendar(io.BytesIO(calendar("SUMMARY:x") + b"BEGIN:VTODO\nSUMMARY:y\n")))
    assert [(row.number, bool(row.error)) for row in rows] == [(1, False), (2, True)]


@pytest.mark.parametrize("data", [b"", b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", b"BEGIN:VCARD\nFN:x\nEND:VCARD\n"])
def test_nothing_in_it(data: bytes) -> None:
    with pytest.raises(UsageError):
        read(data)


def written(*entries: Any, todos: bool = False) -> bytes:
    stream = io.BytesIO()
    assert write_calendar(stream, entries, todos=todos) == len(entries)
    return stream.getvalue()


ROW = {
    "uid": "0123",
    "contact": "张三",
    "kind": "visit",
    "due_on": "2026-12-01",
    "due_at": "2026-12-01T15:00:00+08:00",
    "zone": "Europe/Berlin",
    "purpose": "price, sample; and\n\n  more",
    "repeat": "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270131",
    "status": "open",
    "done_at": None,
    "owner": "wei",
    "updated_at": "2026-11-25T09:00:00+08:00",
}


@pytest.mark.parametrize("todos", [False, True])
def test_a_callback_in_the_eyes_of_another_program(todos: bool) -> None:
    data = written(callback_entry(ROW), todos=todos)
    (entry,) = (part for part in icalendar.Calendar.from_ical(data).walk() if part.name in {"VEVENT", "VTODO"})
    assert entry["SUMMARY"] == "张三: price, sample; and"
    assert entry.decoded("DUE" if todos else "DTSTART").isoformat() == "2026-12-01T08:00:00+01:00"
    assert entry["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20270131T225959Z;BYDAY=TU"
    assert b"BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n" in data


def columns(row: dict[str, Any]) -> dict[str, str]:
    """Return what the columns of a callback's entry have to be, moments as the same instants."""
    return {
        name: row[name]
        for name in ("uid", "contact", "kind", "purpose", "repeat", "status", "owner")
        if row.get(name) and row[name] != "open"  # which an event has no way to say
    }


TEXT = st.text(
    st.one_of(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), st.sampled_from("\n;:,\\"))
).map(str.strip)
NAME = TEXT.map(lambda text: " ".join(text.split())).filter(bool)
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "UTC", "America/New_York"])
MOMENT = partial(datetime.fromtimestamp, tz=UTC)
ROWS = st.fixed_dictionaries(
    {
        "uid": NAME,
        "contact": NAME,
        "kind": NAME,
        "due_on": st.dates(date(2000, 1, 1), date(2100, 1, 1)).map(date.isoformat),
        "due_at": st.one_of(st.none(), st.integers(10**9, 25 * 10**8).map(lambda at: MOMENT(at - at % 60).isoformat())),
        "zone": ZONES,
        "purpose": TEXT,
        "repeat": st.sampled_from(
            [None, "FREQ=DAILY", "FREQ=MONTHLY;BYMONTHDAY=15;COUNT=3", "FREQ=WEEKLY;UNTIL=20491231"]
        ),
        "status": st.sampled_from(["open", "done", "cancelled"]),
        "owner": st.one_of(st.none(), NAME),
    }
)


SECOND = {"uid": "u", "contact": "x", "kind": "visit", "due_on": "2027-10-31", "purpose": "", "owner": None}
SECOND |= {"due_at": "2027-10-31T01:30:00+00:00", "zone": "Europe/Berlin", "repeat": None, "status": "open"}


@given(st.lists(ROWS, min_size=1, max_size=3), st.booleans())
@example([dict(SECOND)], True)
@example([dict(SECOND)], False)
@example([SECOND | {"repeat": "FREQ=DAILY"}], True)
@example([SECOND | {"repeat": "FREQ=DAILY"}], False)
def test_any_callback_comes_back(rows: list[dict[str, Any]], todos: bool) -> None:
    for row in rows:
        row["done_at"] = "2026-12-01T01:00:00+00:00" if row["status"] == "done" else None
    found = read(written(*map(callback_entry, rows), todos=todos))
    assert [columns(row) for row in found] == [columns(row | {"owner": row["owner"] or NOBODY}) for row in rows]
    for row, back in zip(rows, found, strict=True):
        if row["due_at"]:
            assert datetime.fromisoformat(back["due"]) == datetime.fromisoformat(row["due_at"])
            assert back["zone"] == row["zone"]
        else:
            assert back["due"] == row["due_on"]
        if row["done_at"]:
            assert datetime.fromisoformat(back["done_at"]) == datetime.fromisoformat(row["done_at"])


def test_deadlines_and_birthdays_are_shown_and_not_read() -> None:
    contact = {"uid": "c", "name": "张三", "birthday": "--02-29"}
    complaint = {"uid": "k", "contact": "张三", "text": "late", "deadline_at": "2026-12-01T15:00:00+08:00"}
    data = written(birthday_entry(contact), deadline_entry(complaint, "Asia/Shanghai"), callback_entry(ROW))
    assert b"UID:c-birthday\r\n" in data
    assert b"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1\r\n" in data
    assert b"UID:k-deadline\r\n" in data
    assert [row["contact"] for row in read(data)] == ["张三"]
    assert birthday_entry({"uid": "c", "name": "x", "birthday": None}) is None
    assert deadline_entry({"uid": "k", "deadline_at": None}, "UTC") is None


PIECES = r"""
BEGIN:VEVENT\n END:VEVENT\n BEGIN:VTIMEZONE\n END:VTIMEZONE\n BEGIN:STANDARD\n END:STANDARD\n TZID:a\n ;TZID=a
DTSTART 20261201T090000 TZOFFSETTO: RRULE: UNTIL=20261231T155959Z DUE: SUMMARY: ATTENDEE: \n \x20 ; : " \\ \x00 \xff
"""
PIECE = st.sampled_from([piece.encode().decode("unicode_escape").encode("latin-1") for piece in PIECES.split()])


@given(st.one_of(st.binary(), st.lists(st.one_of(PIECE, st.binary(max_size=3))).map(b"".join)))
def test_any_bytes_are_rows_or_refused(data: bytes) -> None:
    for start in (b"", b"BEGIN:VEVENT\nSUMMARY:x\n"):
        try:
            rows = read_calendar(io.BytesIO(start + data))
            assert all(len(row.cells) == len(rows.header) for row in rows)
        except UsageError:
            continue
