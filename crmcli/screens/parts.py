"""What the screens are put together from: when something is due, what it is about, and what to type next."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from crmcli.i18n import N_, _, language
from crmcli.nouns import numbered
from crmcli.queries.reader import Reader, has_namesake
from crmcli.render.lines import DIM, ID, LATE, SOON, Line, Span, fit_line, line, line_width, styled, wrap
from crmcli.render.values import Labels
from crmcli.when.say import say_distance, say_moment, say_overdue
from crmcli.when.words import WEEKDAY_NAMES

Row = dict[str, Any]

WIDEST = 160
"""Beyond so many cells a line is no longer read across: screens end there, in a pipe as well."""
SEVERE = frozenset({"high", "critical"})
_RECORDS = frozenset({"callback", "complaint", "promise", "supervision"})
"""Kinds of items that are records of their own; the others are of the contact itself."""
HEADINGS = {
    "callback": N_("Callbacks"),
    "complaint": N_("Complaints"),
    "escalation": N_("Escalations"),
    "promise": N_("Promises"),
    "supervision": N_("Supervised"),
    "birthday": N_("Birthdays"),
    "date": N_("Dates"),
    "forgotten": N_("Forgotten"),
}
"""Kind of item → the heading over several of them, in the order in which they are read."""
_SHORTLY = timedelta(hours=1)
_GAP = 3
_WEEK = 7
_LAST_WORDS = 24
"""Cells for what was said last to somebody who is forgotten: a reminder, not a text to read."""


def due_of(item: Row) -> tuple[date, time | None]:
    """Return the day of an item's or record's `due_at`, and its time unless it lasts all day."""
    due = item["due_at"]
    if item["all_day"]:
        return date.fromisoformat(due), None
    moment = datetime.fromisoformat(due)
    return moment.date(), moment.timetz()


def when_due(item: Row, now: datetime) -> Line:
    """Return when an item is due, or how late it is, in the colour of its urgency."""
    if item["kind"] == "forgotten":
        said = _("{days} of {every} days").format(days=item["days"], every=item["every"])
        return styled(said, LATE if item["days"] > 2 * item["every"] else SOON)
    if item["kind"] == "birthday" or (item["kind"] in {"date", "promise"} and item["all_day"] and not item["overdue"]):
        day, _time = due_of(item)
        return styled(say_moment(day, None, now), SOON if day == now.date() else "")
    if item["kind"] == "supervision":
        return _report_due(item, now)
    return deadline(item, now) if item["kind"] in {"complaint", "escalation"} else callback_due(item, now)


def _report_due(item: Row, now: datetime) -> Line:
    """Return when somebody must report on what is supervised, or how late the report is."""
    day, _time = due_of(item)
    late = say_overdue(day, None, now, short=True)
    if late:
        return styled(_("report {late} late").format(late=late), LATE)
    return styled(_("report {moment}").format(moment=say_moment(day, None, now)), SOON if day == now.date() else "")


def callback_due(item: Row, now: datetime) -> Line:
    """Return when an open callback is due: today the time is enough."""
    day, clock = due_of(item)
    if item["overdue"]:
        return styled(say_overdue(day, clock, now, short=True) or f"{clock:%H:%M}", LATE)
    if day != now.date():
        return styled(say_moment(day, clock, now), "")
    if clock is None:
        return styled(_("any time"), DIM)
    return styled(f"{clock:%H:%M}", SOON if datetime.fromisoformat(item["due_at"]) - now <= _SHORTLY else "")


def deadline(item: Row, now: datetime) -> Line:
    """Return by when a complaint wants its answer or its solution, or how late that is."""
    day, clock = due_of(item)
    answer = item["deadline"] == "respond"
    late = say_overdue(day, clock, now, short=True)
    if late:
        return styled((_("answer {late} late") if answer else _("{late} late")).format(late=late), LATE)
    days = (day - now.date()).days
    said = "" if days == 0 else WEEKDAY_NAMES[language()][day.weekday()] if days < _WEEK else say_moment(day, None, now)
    moment = f"{said} {clock:%H:%M}".lstrip()
    said = (_("answer by {moment}") if answer else _("solve by {moment}")).format(moment=moment)
    return styled(said, LATE if item["overdue"] else SOON if days <= 1 else "")


def action(item: Row, labels: Labels) -> Line:
    """Return what kind of thing is to be done."""
    style = DIM
    match item["kind"]:
        case "callback":
            said = labels.get(("callback_kind", item["action"]), item["action"])
        case "complaint":
            said = labels.get(("severity", item["severity"]), item["severity"])
            style = LATE if item["severity"] in SEVERE else DIM
        case "escalation":
            said, style = _("tell {person}").format(person=item["to"]), LATE
        case "forgotten":
            said = labels.get(("class", item["class"]), item["class"])
        case "promise":
            said = _("promise")
        case "supervision":
            said = item["owner"]
        case _:
            said = ""
    return styled(said, style) if said else ()


def subject(item: Row) -> Line:
    """Return what it is about."""
    if item["kind"] == "birthday":
        return line(_("turns {age}").format(age=item["age"])) if item["age"] else ()
    if item["kind"] == "forgotten":
        return fit_line(styled(item["text"], DIM), _LAST_WORDS)
    if item["kind"] == "supervision":
        return line(styled(item["item"], ID), " ", item["text"])
    return line(item["text"])


def number(item: Row) -> str:
    """Return what to type for an item; nothing for what has no record."""
    kind = "complaint" if item["kind"] == "escalation" else item["kind"]
    return numbered(kind, item["id"]) if kind in _RECORDS else ""


def where(row: Row) -> str:
    """Return where somebody works, and as what."""
    return " · ".join(filter(None, (row.get("company"), row.get("title"))))


def ahead(day: date, clock: time | None, now: datetime) -> str:
    """Return a moment and how far away it is: `Fri 4 Dec 15:00, in 9 days`; `tomorrow` says that itself."""
    said, distance = say_moment(day, clock, now), say_distance(day, clock, now)
    return (
        said if not any(map(str.isdecimal, said)) else _("{moment}, {distance}").format(moment=said, distance=distance)
    )


def reference(reader: Reader, name: str, id_: int) -> str:
    """Return what to type for a contact: the name where it is theirs alone and plain to a shell, else the id."""
    if not name.replace(" ", "").isalnum() or name.isdigit() or has_namesake(reader, id_):
        return str(id_)
    return f'"{name}"' if " " in name else name


def hints(commands: Iterable[tuple[str, str]], edge: int) -> list[Line]:
    """Return what to type next: `done: crm done 12`, and so on."""
    said = [line(Span(_("{purpose}: ").format(purpose=purpose), DIM), command) for purpose, command in commands]
    return flow(said, edge)


def flow(pieces: Iterable[Line], edge: int, indent: int = 0) -> list[Line]:
    """Return lines with as many of the pieces beside each other as fit; one that is too long alone is wrapped."""
    lines: list[Line] = []
    for piece in pieces:
        if lines and line_width(lines[-1]) + _GAP + line_width(piece) <= edge:
            lines[-1] = line(lines[-1], " " * _GAP, piece)
        else:
            lines.append(line(" " * indent, piece))
    return [wrapped for content in lines for wrapped in wrap(content, edge, indent=2)]


def dotted(parts: Sequence[Line]) -> Line:
    """Return the parts on one line with dots between them."""
    spans: list[Span] = []
    for part in parts:
        if part:
            spans += [Span(" · ", DIM), *part] if spans else part
    return tuple(spans)
