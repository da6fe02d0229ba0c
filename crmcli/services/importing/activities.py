"""Rows of follow-ups, callbacks and complaints: how their cells are read."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from crmcli.errors import CrmError, WhenError
from crmcli.exchange.ical import OWN
from crmcli.i18n import _
from crmcli.rules.clean import printable
from crmcli.rules.names import clean, name_key, unpadded
from crmcli.rules.phones import phone_keys
from crmcli.rules.reach import normalise_email
from crmcli.rules.service_levels import OWED_NOTHING
from crmcli.rules.workflow import OPEN
from crmcli.services.importing import cells as cell
from crmcli.services.importing.kinds import LINKS, SETS, Activity
from crmcli.services.importing.plan import Plan, RejectedError
from crmcli.services.importing.problems import telling_all
from crmcli.services.importing.staging import Sound, Staged
from crmcli.services.importing.words import Words
from crmcli.when.moments import parse_due, parse_when
from crmcli.when.recurrence import next_occurrence
from crmcli.when.repeats import parse_repeat
from crmcli.when.stored import moment_text
from crmcli.when.value import When
from crmcli.when.zone import load_zone

_LEAST_DIGITS = 5


Record = dict[str, str]


class ActivityReader:
    """Reads the rows of follow-ups, callbacks, complaints or promises."""

    def __init__(self, activity: Activity, plan: Plan, words: Words) -> None:
        self.columns = self.filled = (*LINKS, *activity.columns)
        self._activity = activity
        self._plan = plan
        self.words = words
        self._who = [column.position for column in plan.headers.columns if column.field == "contact"]
        self._values: Callable[[Record], dict[str, Any]] = {
            "followup": self._followup,
            "callback": self._callback,
            "complaint": self._complaint,
            "promise": self._promise,
        }[activity.table]

    def read(self, rows: Sequence[Sound], staged: Staged) -> None:
        """Add the rows' values to the batch, or why they can't be taken."""
        staged.read_each(telling_all(self._read, self._plan), rows)

    def _read(self, number: int, cells: list[str], staged: Staged) -> None:
        """Add a row's values; raises RejectedError."""
        record = {field: str(text) for field, text in self._plan.headers.record(cells).items()}
        points: list[tuple[str, str]] = []
        name = ""
        for text in filter(None, (cells[position].strip() for position in self._who)):
            keys = _point_keys(text, self._plan.country)
            points += keys
            name = name or ("" if keys else unpadded(clean(text)))
        id_ = record.get("contact_id", "")
        external = record.get("external_id") or id_
        if not (name or points or record.get("contact_uid") or external):
            raise RejectedError("contact", "", _("it does not say whose it is"))
        values = {
            "uid": record.get("uid"),
            "contact_uid": record.get("contact_uid"),
            "contact_id": int(id_) if id_.isascii() and id_.isdigit() and len(id_) <= cell.DIGITS else None,
            "external_id": external or None,
            "name": name or None,
            "name_key": name_key(name) or None,
            "company_key": name_key(clean(record.get("company", ""))) or None,
            "told_at": moment_text(self._plan.now),
            "dated": "due" in record,
            "zoned": "zone" in record,
            **{
                column: self.words.code(set_, column, record[column])
                for column, set_ in SETS[self._activity.table].items()
                if column in record
            },
            **self._values(record),
        }
        staged.rows.append([number, *map(values.get, self.columns)])
        staged.add_points([number], [[(kind, None, None, key, None) for kind, key in points]])

    def _followup(self, record: Record) -> dict[str, Any]:
        at, also = cell.happened("at", record.get("at", ""), self._plan)
        return {
            "at": at,
            "also": also,
            "minutes": cell.minutes(record.get("minutes", "")),
            "text": _said(record, "text"),
            "outcome": clean(record.get("outcome", "")) or None,
            "owner": cell.owner(record.get("owner", "")),
        }

    def _callback(self, record: Record) -> dict[str, Any]:
        foreign = self._plan.calendar and not OWN.keys() & record.keys()
        try:
            now = self._now_there(_zone_meant(record, self._plan.now) if foreign else record.get("zone", ""))
            when = parse_due(record["due"], now, order=self._plan.order) if "due" in record else None
        except CrmError as error:
            raise RejectedError("due", record.get("due", ""), error.message) from error
        try:
            repeat = parse_repeat(record["repeat"], now, start=when) if "repeat" in record else None
        except CrmError as error:
            raise RejectedError("repeat", record["repeat"], error.message) from error
        first = repeat.first if repeat else when
        if first is None and "uid" not in record:
            raise lacking("due_on")
        done_at, _also = cell.happened("done_at", record.get("done_at", ""), self._plan)
        self._require_open(record, done_at, "callback_status")
        values: dict[str, Any] = {
            **(cell.due_columns(first) if first else {}),
            "purpose": clean(record.get("purpose", "")) or None,
            "done_at": done_at,
            "snoozed_from": cell.promised("snoozed_from", record.get("snoozed_from", "")),
            "owner": cell.owner(record.get("owner", "")),
        }
        values |= self._status(record, done_at)
        if repeat and first:
            values |= {
                "rule": repeat.rule,
                "anchor": cell.day("anchor", record.get("anchor", "")),
                "after_done": cell.flag("after_done", record.get("after_done", "")),
                "series": record.get("series"),
            }
            if foreign and not done_at:
                values |= cell.due_columns(_still_to_come(repeat.rule, first, now))
                values |= {"anchor": first.day.isoformat(), "series": record.get("uid"), "foreign_series": 1}
        return values

    def _status(self, record: Record, done_at: str | None) -> dict[str, Any]:
        """Return what a record says of whether its callback is open, where it does not name that."""
        values: dict[str, Any] = {}
        if done_at and "status" not in record:
            values["status"] = "done"
        if self._plan.calendar and record.get("status") == "open":
            # what no program has changed since says nothing new; a new callback is open anyway
            changed_at, _also = cell.happened("changed_at", record.get("changed_at", ""), self._plan)
            values |= {"changed_at": changed_at} if changed_at else {"status": None}
        return values

    def _now_there(self, zone: str) -> datetime:
        """Return the present in the zone that the row names: its time is meant on the clocks there."""
        return self._plan.now.astimezone(load_zone(zone)) if zone else self._plan.now

    def _complaint(self, record: Record) -> dict[str, Any]:
        moments = {
            name: cell.happened(name, record.get(name, ""), self._plan)
            for name in ("received_at", "responded_at", "resolved_at", "closed_at", "waiting_since")
        }
        values: dict[str, Any] = {name: moment for name, (moment, _also) in moments.items()}
        if not self._plan.exported:  # what is there comes back, whatever an earlier version took
            self._require_order(record, values)
        values |= {
            "also": moments["received_at"][1],
            "text": _said(record, "text"),
            "department": clean(record.get("department", "")) or None,
            **{name: clean(record.get(name, "")) or None for name in ("assignee", "responsible", "escalated_to")},
            "valid": cell.flag("valid", record.get("valid", "")),
            "satisfaction": self._rating(record.get("satisfaction", "")),
            "steps": cell.steps(record.get("steps", "")),
        }
        for name in ("respond_by", "resolve_by"):
            values[name] = self._moment(name, record[name]) if name in record else None
        return values | self._firsts(record, values)

    def _rating(self, text: str) -> int | None:
        return (cell.number if self._plan.exported else cell.rating)("satisfaction", text)

    def _require_order(self, record: Record, values: dict[str, Any]) -> None:
        """Raise RejectedError for a complaint that was over before it came, or is open though it was solved."""
        for name in ("responded_at", "resolved_at", "closed_at"):
            if cell.is_before(values[name], values["received_at"], self._plan.now):
                raise RejectedError(name, record[name], _("it was received later than that"))
        over = values["resolved_at"] or values["closed_at"]
        if over and "status" in record and self.words.code("complaint_status", "status", record["status"]) in OPEN:
            raise RejectedError("status", record["status"], _("there is a moment at which it was solved or closed"))

    def _require_open(self, record: Record, done_at: str | None, set_: str) -> None:
        """Raise RejectedError for what is called open though it says when it was done or settled."""
        if self._plan.exported or self._plan.calendar or not done_at or "status" not in record:
            return
        if self.words.code(set_, "status", record["status"]) == "open":
            raise RejectedError("status", record["status"], _("there is a moment at which it was done"))

    def _firsts(self, record: Record, values: dict[str, Any]) -> dict[str, Any]:
        """Return the state that a new complaint has where the row does not say; its deadlines depend on whose it is."""
        type_ = self.words.code("complaint_type", "type", record.get("type", "complaint"))
        if type_ in OWED_NOTHING:
            return {"first_status": "closed", "first_closed_at": values["received_at"] or moment_text(self._plan.now)}
        return {
            "first_status": "closed" if values["closed_at"] else "resolved" if values["resolved_at"] else "received"
        }

    def _promise(self, record: Record) -> dict[str, Any]:
        made_at, also = cell.happened("made_at", record.get("made_at", ""), self._plan)
        settled_at, _also = cell.happened("settled_at", record.get("settled_at", ""), self._plan)
        self._require_open(record, settled_at, "promise_status")
        if not self._plan.exported and cell.is_before(settled_at, made_at, self._plan.now):
            raise RejectedError("settled_at", record["settled_at"], _("it was promised later than that"))
        values: dict[str, Any] = {
            "made_at": made_at,
            "also": also,
            "text": _said(record, "text"),
            "settled_at": settled_at,
            "outcome": printable(record.get("outcome", "")).strip() or None,
            "owner": cell.owner(record.get("owner", "")),
        }
        if "due" in record:
            try:
                when = parse_due(record["due"], self._now_there(record.get("zone", "")), order=self._plan.order)
            except CrmError as error:
                raise RejectedError("due", record["due"], error.message) from error
            values |= {**cell.due_columns(when), "due_by": moment_text(when.end())}
        elif "uid" not in record:
            raise lacking("due_on")
        return values

    def _moment(self, field: str, text: str) -> str:
        """Return a moment as it is stored; a day alone is its noon."""
        try:
            when = parse_when(text, self._plan.now, order=self._plan.order, future=False)
        except WhenError as error:
            raise RejectedError(field, text, error.message) from error
        return cell.stored_at(when, when.time or cell.NOON)


def _zone_meant(record: Record, now: datetime) -> str:
    """Return the zone in which another program's moment is meant; empty for that of `now`.

    Programs that know no zones write UTC. That the user's is meant is certain but where a rule would name other days.
    """
    zone = record.get("zone", "")
    if zone != "UTC" or "due" not in record:
        return zone
    try:
        here = datetime.fromisoformat(record["due"]).astimezone(now.tzinfo)
    except OverflowError:  # at the end of the calendar, which is refused as a date
        return zone
    return zone if "repeat" in record and here.date().isoformat() != record["due"][:10] else ""


def _still_to_come(rule: str, first: When, now: datetime) -> When:
    """Return the occurrence that is next: another program's calendar keeps the first one, however long ago it was.

    Of a series that has ended it is the first one.
    """
    day: date | None = first.day
    while day and _is_over(first._replace(day=day), now):
        day = next_occurrence(rule, first.day, max(day, now.date() - timedelta(days=1)))
    return first._replace(day=day or first.day)


def _is_over(when: When, now: datetime) -> bool:
    instant = when.instant()
    return when.day < now.date() if instant is None else instant < now


def _point_keys(text: str, country: str) -> list[tuple[str, str]]:
    """Return what a contact may be found by if the text is a phone number or an e-mail address."""
    if "@" in text:
        try:
            return [("email", normalise_email(text))]
        except ValueError:
            return []
    if sum(map(str.isdecimal, text)) < _LEAST_DIGITS:
        return []
    return [("phone", key) for key in phone_keys(text, country)]


def _said(record: Record, field: str) -> str | None:
    text = printable(record.get(field, "")).strip()
    if not text and "uid" not in record:
        raise lacking(field)
    return text or None


def lacking(column: str) -> RejectedError:
    """Return why a new record without this required column is turned away."""
    if column == "due_on":
        return RejectedError("due", "", _("it does not say when"))
    return RejectedError(column, "", _("the text is empty"))
