"""One complaint in full: what was said, where it stands, every step, its links, and the follow-ups on it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from crmcli.context import Context
from crmcli.i18n import _
from crmcli.nouns import noun, numbered
from crmcli.queries.answers import similar
from crmcli.queries.reader import get
from crmcli.queries.vocabulary import labels
from crmcli.render.lines import DIM, TITLE, Line, Span, line, wrap
from crmcli.render.table import record_card
from crmcli.render.text import fit, width
from crmcli.render.values import Labels, said
from crmcli.screens.parts import Row

_LISTS = ("steps", "links", "promises", "followups")

_Event = tuple[str, str, str, str]
"""When, what kind of thing, what was said, and what stands dim beside it."""


def run(context: Context, id_: int) -> int:
    """Print a complaint."""
    row = get(context.reader, "complaint", id_)
    remaining = _remaining(context, row)
    output = context.output
    declaration = noun("complaint")
    answers = similar(context.reader, row["text"]) if row["resolved_at"] is None else []
    if output.data:
        minutes = None if remaining is None else int(remaining.total_seconds()) // 60
        output.card({**row, "remaining_minutes": minutes, "answers": answers}, declaration, now=context.now)
        return 0
    words = labels(context.connection)
    edge = output.terminal.width
    output.screen(record_card(_shown(row), declaration, width=edge, now=context.now, labels=words))
    if remaining is not None and row["hours"] == "business":
        output.screen([(), line(_("{time} of business hours are left").format(time=_length(remaining)))])
    events = (_steps(context, row, words), _links(row), _promises(context, row, words), _followups(context, row, words))
    for key, listed in zip(_LISTS, events, strict=True):
        field = declaration.field(key)
        output.screen(_section(_(field.label) if field else key, listed, edge))
    output.screen(
        _section(_("Similar"), [("", numbered("answer", a["id"]), a["question"], a["answer"]) for a in answers], edge)
    )
    return 0


def _shown(row: Row) -> Row:
    """Return the record without what is listed below, and without what is as ever for who works alone."""
    dull = {
        "reopened": row["reopened"] == 0,
        "hours": row["hours"] == "always",
        "responsible": row["responsible"] == row["assignee"],
    }
    return {key: value for key, value in row.items() if key not in _LISTS and not dull.get(key)}


def _remaining(context: Context, row: Row) -> timedelta | None:
    """Return how much time of its clock is left until the next deadline; None when none is ahead."""
    if row["deadline_at"] is None:
        return None
    from crmcli.rules.business_hours import elapsed
    from crmcli.rules.service_levels import desk_calendar

    calendar = desk_calendar(row["hours"], context.settings, context.now)
    return elapsed(context.now, datetime.fromisoformat(row["deadline_at"]), calendar)


def _length(time: timedelta) -> str:
    hours, minutes = divmod(int(time.total_seconds()) // 60, 60)
    return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)


def _steps(context: Context, row: Row, words: Labels) -> list[_Event]:
    return [
        (
            said(step["at"], context.now),
            words.get(("complaint_step", step["kind"]), step["kind"]),
            " · ".join(filter(None, [*_details(context, step["data"] or {}, words), step["note"]])),
            step["actor"],
        )
        for step in row["steps"]
    ]


def _details(context: Context, data: Row, words: Labels) -> Iterator[str]:
    """Yield what a step says beyond its note."""
    if data.get("valid") is not None:
        yield _("valid") if data["valid"] else _("not valid")
    for key, set_ in (
        ("type", "complaint_type"),
        ("category", "complaint_category"),
        ("severity", "severity"),
        ("cause", "complaint_cause"),
    ):
        if data.get(key):
            yield words.get((set_, data[key]), str(data[key]))
    yield from (f"{number} {option}" for number, option in enumerate(data.get("options", ()), 1))
    if data.get("text"):
        yield f"{data['option']} {data['text']}"
    yield from (str(data[key]) for key in ("to", "department", "asked", "improvement") if data.get(key))
    if data.get("complaint"):
        yield f"c{data['complaint']}"
    if data.get("followup"):
        yield _("follow-up {id}").format(id=data["followup"])
    if data.get("opens_at"):
        yield _("the desk opens {moment}").format(moment=said(data["opens_at"], context.now))


def _links(row: Row) -> list[_Event]:
    return [
        (
            _("improvement") if link["complaint_id"] is None else _("complaint"),
            "",
            link["text"],
            "" if link["complaint_id"] is None else f"c{link['complaint_id']}",
        )
        for link in row["links"]
    ]


def _promises(context: Context, row: Row, words: Labels) -> list[_Event]:
    return [
        (
            said(promise["due"], context.now),
            words.get(("promise_status", promise["status"]), promise["status"]),
            promise["text"],
            numbered("promise", promise["id"]),
        )
        for promise in row["promises"]
    ]


def _followups(context: Context, row: Row, words: Labels) -> list[_Event]:
    return [
        (
            said(event["at"], context.now),
            words.get(("followup_kind", event["kind"]), event["kind"]),
            event["text"],
            str(event["id"]),
        )
        for event in row["followups"]
    ]


def _section(title: str, events: Sequence[_Event], edge: int) -> Iterator[Line]:
    """Yield a title and the events below it, whole."""
    if not events:
        return
    yield ()
    yield line(Span(title, TITLE))
    when, what = (max(width(event[column]) for event in events) for column in (0, 1))
    for moment, kind, text, aside in events:
        head = line("  ", Span(fit(moment, when), DIM), "  ", fit(f"{kind}  " if kind else "", what + 2 if what else 0))
        yield from wrap((*head, *line(f"{text}  " if text else "", Span(aside, DIM))), edge, indent=when + what + 6)
