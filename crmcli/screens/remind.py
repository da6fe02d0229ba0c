"""What is due, for cron: a line an item, nothing when nothing is due."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from crmcli.context import Context
from crmcli.errors import CrmError, reason_of
from crmcli.i18n import _
from crmcli.queries import agenda
from crmcli.queries.agenda.items import ITEM
from crmcli.queries.deliveries import NEW, channel_states
from crmcli.queries.reader import Reader
from crmcli.queries.vocabulary import labels
from crmcli.render.layout import Column, Section, layout
from crmcli.render.lines import DIM, ID, NAME, Line, Span, line, styled
from crmcli.screens.due import plan_daily, planned, plans
from crmcli.screens.idle import Idleness
from crmcli.screens.lengths import period
from crmcli.screens.parts import WIDEST, Row, action, due_of, number, subject, when_due
from crmcli.services.reminders import CLAIM, PRINTED, Run, claimed
from crmcli.services.runs import recorded
from crmcli.store.heartbeat import beat
from crmcli.when.say import say_moment

SOMETHING = 10
"""The exit code of `--exit-code` when something is due."""
PATIENCE = (CLAIM - timedelta(minutes=1)).total_seconds()
"""Seconds that a command may take which is told each item once: soon after, another run would tell it the same."""
_COLUMNS = (
    Column(shrink=1, least=20),
    Column(drop=2),
    Column(shrink=1, least=12),
    Column(shrink=2, least=16, drop=1),
    Column(),
)


def run(
    context: Context, *, within: str = "", once: bool = False, exit_code: bool = False, command: str | None = None
) -> int:
    """Print what is due, or hand it to the command; return 10 when something is and `exit_code` was asked for.

    With `once` every item is delivered the first time it is due and never again. Raises CrmError when the command
    fails.
    """
    recurring = (once or command is not None) and not context.options.dry_run
    ahead = period(within) if within else timedelta()
    idleness = Idleness(context)
    hand_over = partial(_hand_over, context, command=command, once=once)
    try:
        if recurring:
            plan_daily(context)
        items = _due(context, context.reader, ahead, once=once)
        if once:
            occurrences = [item["occurrence"] for item in items]
            with claimed(context.connection, occurrences, context.now, dry_run=context.options.dry_run) as mine:
                items = [item for item in items if item["occurrence"] in mine]
                _deliver(context, items, hand_over, record=recurring)
        else:
            _deliver(context, items, hand_over, record=recurring)
    finally:
        if recurring and not context.simulated:
            beat(str(context.database))
    if not items:
        idleness.note(partial(_acts, context, once=once, recurring=recurring))
    return SOMETHING if exit_code and items else 0


def _due(context: Context, reader: Reader, within: timedelta, *, once: bool) -> list[Row]:
    """Return what is due; of what is told once also what had its day while nobody could tell it."""
    since = channel_states(context.connection).get(PRINTED, NEW).since(reader.now) if once else None
    return agenda.read_due(reader, within=within, plans=plans(context.settings), since=since)


def _acts(context: Context, moment: datetime, *, once: bool, recurring: bool) -> bool:
    """Return whether a run at that moment would have anything to do, with the database as it is."""
    due = _due(context, context.reader_at(moment), timedelta(), once=once)
    news = Run(context.connection, PRINTED, moment).free(item["occurrence"] for item in due) if once else bool(due)
    return news or (recurring and not planned(context, moment))


def _deliver(
    context: Context, items: Sequence[Row], hand_over: Callable[[Sequence[Row]], None], *, record: bool
) -> None:
    """Hand the items over and record that, if there are any and it is wanted."""
    if not items or not record:
        hand_over(items)
        return
    options = [word for word in context.arguments if word.startswith("--")]  # what they say may be a secret
    with recorded(context.connection, " ".join(["remind", *options]), len(items), context.now) as run_:
        hand_over(items)
        run_.delivered = len(items)


def _hand_over(context: Context, items: Sequence[Row], *, command: str | None, once: bool) -> None:
    """Print the items, or hand them to the command; when this returns those that are told `once` have arrived."""
    content = {"as_of": context.now.isoformat(), "items": items}
    output = context.output
    if command is not None and not context.options.dry_run:
        if items:
            _execute(command, content, PATIENCE if once else None)
    elif items and output.terminal.stream is None and once:
        raise BrokenPipeError  # standard output was closed: nobody is told
    elif output.data:
        output.document(content, items, ITEM if items else None)  # cron mails whatever is printed
    else:
        output.screen(_screen(context, items))
    output.flush()


def _execute(command: str, content: Row, patience: float | None) -> None:
    """Run the command, without a shell, with the items as JSON on its standard input.

    Raises CrmError unless it exits 0, and, having ended it, when that takes longer than so many seconds.
    """
    import json
    import shlex
    import subprocess

    text = json.dumps(content, ensure_ascii=False).encode()
    try:
        words = shlex.split(command)
        if not words:
            raise CrmError(_("--exec names no command"), hint=_("nothing counts as delivered"))
        done = subprocess.run(words, input=text, check=False, timeout=patience)  # noqa: S603 - the user's own command
    except subprocess.TimeoutExpired as error:
        raise CrmError(
            _("{command} had not ended after {minutes} min").format(command=command, minutes=int(error.timeout // 60)),
            hint=_("nothing counts as delivered"),
        ) from error
    except (ValueError, OSError) as error:
        raise CrmError(
            _("can't run {command}: {reason}").format(command=command, reason=reason_of(error)),
            hint=_("nothing counts as delivered"),
        ) from error
    if done.returncode:
        raise CrmError(
            _("{command} failed with exit code {code}").format(command=command, code=done.returncode),
            hint=_("nothing counts as delivered"),
        )


def _screen(context: Context, items: Sequence[Row]) -> Iterator[Line]:
    words = labels(context.connection)
    rows = [
        (_when(context, item), action(item, words), _who(item), _about(item), styled(number(item), ID))
        for item in items
    ]
    yield from layout([Section("", rows)], _COLUMNS, min(context.output.terminal.width, WIDEST), indent=0)


def _when(context: Context, item: Row) -> Line:
    """Return when it is due; of a callback or promise the moment itself: a mail is read later than it was written."""
    said = when_due(item, context.now)
    if item["kind"] not in ("callback", "promise"):
        return said
    day, clock = due_of(item)
    moment = f"{clock:%H:%M}" if clock and day == context.now.date() else say_moment(day, clock, context.now)
    return styled(moment, said[0].style)


def _about(item: Row) -> Line:
    """Return what it is about; no heading says that it is a birthday."""
    return subject(item) or (line(_("birthday")) if item["kind"] == "birthday" else ())


def _who(item: Row) -> Line:
    name = Span(item["contact"], NAME)
    company = item["company"]
    return line(name, Span(_(" ({company})").format(company=company), DIM)) if company else line(name)
