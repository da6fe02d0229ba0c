"""The day's work on one screen."""

from collections.abc import Iterator
from datetime import date

from crmcli.context import Context
from crmcli.i18n import _, language, ngettext
from crmcli.queries import agenda
from crmcli.queries.agenda import Day
from crmcli.queries.agenda.callbacks import COUNTED_AHEAD, next_callback
from crmcli.queries.agenda.items import COUNTED, ITEM, Due
from crmcli.queries.reader import Reader
from crmcli.queries.vocabulary import labels
from crmcli.render.layout import Column, Section, layout
from crmcli.render.lines import DIM, ID, LATE, NAME, SOON, TITLE, Line, Span, fit_line, line, styled, wrap
from crmcli.render.values import Labels
from crmcli.screens.lengths import before
from crmcli.screens.parts import WIDEST, Row, action, ahead, dotted, due_of, hints, number, reference, subject, when_due
from crmcli.screens.stopped import stopped_line
from crmcli.when.say import say_moment
from crmcli.when.words import WEEKDAY_NAMES

ROWS = 12
"""So many items of a kind are shown: one glance is enough for a screen, the rest is a list."""
_BIRTHDAYS = 5
_COMING = 4
_COLUMNS = (
    Column(shrink=1, least=12),
    Column(shrink=2, least=10, drop=1),
    Column(drop=3),
    Column(drop=2),
    Column(shrink=2, least=16),
    Column(shrink=1, least=20),
    Column(right=True),
)


def run(context: Context) -> int:
    """Print the day's work."""
    output, settings = context.output, context.settings
    day = agenda.read_day(
        context.reader,
        birthday_days=settings.number("birthday_days"),
        forgotten_rows=settings.number("forgotten_rows"),
        limit=None if output.data else ROWS,
        notice=before(settings, "complaint"),
    )
    if output.data:
        output.document({"as_of": context.now.isoformat(), **_data(day)}, day.items, ITEM)
        return 0
    edge = min(output.terminal.width, WIDEST)
    output.screen(_screen(context, day, edge))
    return 0


def _data(day: Day) -> Row:
    """Return the day as data. `counts` says how many there are of each, `forgotten` with those that are not listed."""
    counts = {name: due.total for name, due in day.sections.items()}
    return {"items": day.items, "counts": counts, "coming": day.coming}


def _screen(context: Context, day: Day, edge: int) -> Iterator[Line]:
    yield from wrap(_headline(context, day), edge, indent=2)
    stopped = stopped_line(context)
    if stopped:
        yield from wrap(stopped, edge, indent=2)
    if not day.items and not agenda.anybody(context.reader):
        yield from _welcome(edge)
        return
    yield ()
    sections = _sections(context, day, labels(context.connection))
    lines = layout(sections, _COLUMNS, edge)
    yield from lines
    if not lines:
        yield line(_("Nobody is waiting for you today."))
    coming = _coming(context, day)
    if coming:
        yield ()
        yield fit_line(coming, edge)
    yield ()
    yield from hints(_hints(context.reader, day), edge)


def _headline(context: Context, day: Day) -> Line:
    """Return the date and how much there is to do."""
    today = styled(say_moment(context.now.date(), None, context.now, year_always=True), TITLE)
    return dotted([today, *(counts(day) or [line(_("nothing due"))])])


def counts(day: Day) -> list[Line]:
    """Return how many there are of each kind of item to be done, those that are not left out."""
    complaints = ngettext("{count} complaint", "{count} complaints", day.complaints.total)
    promises = ngettext("{count} promise", "{count} promises", day.promises.total)
    dates = ngettext("{count} date", "{count} dates", day.dates.total)
    kinds = (
        (_("{count} overdue"), day.overdue, LATE),
        (_("{count} today"), day.today, "bold"),
        (complaints, day.complaints, _urgency(day.complaints)),
        (promises, day.promises, _urgency(day.promises)),
        (_("{count} supervised"), day.supervisions, _urgency(day.supervisions)),
        (dates, day.dates, _urgency(day.dates)),
        (_("{count} forgotten"), day.forgotten, SOON),
    )
    return [styled(text.format(count=_count(due.total)), style) for text, due, style in kinds if due.total]


def _urgency(due: Due) -> str:
    return LATE if any(item["overdue"] for item in due.items) else SOON


def _count(total: int, most: int = COUNTED) -> str:
    return str(total) if total <= most else f"{most}+"


def _sections(context: Context, day: Day, words: Labels) -> list[Section]:
    every = {"overdue": "crm callback list overdue:yes", "today": "crm callback list due:today"}
    birthdays = Due(day.birthdays.items[:_BIRTHDAYS], day.birthdays.total)
    titled = (
        (_("Overdue"), LATE, day.overdue, every["overdue"]),
        (_("Today"), TITLE, day.today, every["today"]),
        (_("Complaints"), TITLE, day.complaints, "crm complaint list"),
        (_("Promises"), TITLE, day.promises, "crm promise list"),
        (_("Supervised"), TITLE, day.supervisions, "crm supervision list"),
        (_("Forgotten"), TITLE, day.forgotten, ""),
        (_("Dates"), TITLE, day.dates, ""),
        (_("Birthdays"), TITLE, birthdays, ""),
    )
    return [
        Section(
            _title(title, style, due),
            [_cells(item, context, words) for item in due.items],
            command if due.total > len(due.items) else "",
        )
        for title, style, due, command in titled
    ]


def _title(title: str, style: str, due: Due) -> Line:
    """Return a section's title; where not all is shown, how much is."""
    heading = Span(title, style if style == TITLE else f"{TITLE} {style}")
    if due.total <= len(due.items):
        return line(heading)
    shown = _("{shown} of {total}").format(shown=len(due.items), total=_count(due.total))
    return line(heading, Span(f"  {shown}", DIM))


def _cells(item: Row, context: Context, words: Labels) -> tuple[Line, ...]:
    return (
        styled(item["contact"], NAME),
        styled(item["company"] or "", DIM),
        styled(item.get("title") or "", DIM),
        action(item, words),
        subject(item),
        when_due(item, context.now),
        styled(number(item), ID),
    )


def _coming(context: Context, day: Day) -> Line:
    """Return how many callbacks the next days hold; where they hold none, the first one after them."""
    title = Span(_("Next") + "  ", TITLE)
    if day.coming:
        return line(title, dotted([line(_coming_day(context, row)) for row in day.coming[:_COMING]]))
    item = next_callback(context.reader)
    if item is None:
        return ()
    moment = styled(ahead(*due_of(item), context.now), "")
    return line(title, dotted([moment, styled(item["contact"], NAME), line(item["text"])]))


def _coming_day(context: Context, row: Row) -> str:
    day = date.fromisoformat(row["on"])
    tomorrow = (day - context.now.date()).days == 1
    said = say_moment(day, None, context.now) if tomorrow else WEEKDAY_NAMES[language()][day.weekday()]
    return _("{day}: {count}").format(day=said, count=_count(row["count"], COUNTED_AHEAD))


def _hints(reader: Reader, day: Day) -> Iterator[tuple[str, str]]:
    """Yield what can be typed next, with ids and names from the screen."""
    callbacks = [*day.overdue.items, *day.today.items]
    if callbacks:
        yield _("done"), f'crm done {callbacks[0]["id"]} "…"'
        yield _("later"), _("crm snooze {id} fri").format(id=callbacks[-1]["id"])
    for item in day.complaints.items[:1]:
        yield _("solved"), f'crm complaint resolve {number(item)} "…"'
    for item in day.promises.items[:1]:
        yield _("kept"), f"crm promise keep {number(item)}"
    for item in day.supervisions.items[:1]:
        yield _("report"), f'crm supervision report {number(item)} "…"'
    for item in day.items[:1]:
        yield _("before a call"), f"crm show {reference(reader, item['contact'], item['contact_id'])}"
    if not callbacks:
        for item in day.forgotten.items[:1]:
            who = reference(reader, item["contact"], item["contact_id"])
            yield _("plan it"), _('crm plan {who} "fri 15:00"').format(who=who)
    if not day.items:
        yield _("plan a call"), _('crm plan NAME "fri 15:00"')
        yield _("who has waited longest"), "crm list --sort last_contact_at"


def _welcome(edge: int) -> Iterator[Line]:
    """Yield what to type first."""
    yield ()
    yield line(_("Nobody is here yet. Begin with one of these:"))
    yield ()
    first = (
        (_('crm add 张三 --company 华东电力 --phone "138 0013 8000"'), _("your first customer")),
        ("crm import customers.csv", _("all of them, from a spreadsheet")),
        ("crm demo", _("look around among made-up ones first")),
    )
    rows = [(line(command), styled(meaning, DIM)) for command, meaning in first]
    yield from layout([Section("", rows)], (Column(), Column(drop=1)), edge)
