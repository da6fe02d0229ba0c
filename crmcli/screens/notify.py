"""Reminders through the channels of the settings: one message a channel and run, each item through each channel once.

Read what is due, claim it for every channel that speaks now, send all messages at the same time, and mark what was
taken. What was not taken is tried again later, with growing pauses; the other channels do not wait for it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from crmcli import i18n
from crmcli.context import Context
from crmcli.errors import CrmError, UsageError
from crmcli.i18n import _, ngettext
from crmcli.notify.address import address_of
from crmcli.notify.channels import send_all
from crmcli.notify.message import Message
from crmcli.queries import agenda
from crmcli.queries.agenda.items import reached
from crmcli.queries.deliveries import NEW, Channel, channel_states
from crmcli.queries.reader import Reader
from crmcli.render.lines import DIM, NAME, Span, line
from crmcli.rules.shellwords import word
from crmcli.rules.silence import parse_clock, parse_kinds, speaks
from crmcli.screens.due import plan_daily, planned, plans
from crmcli.screens.idle import Idleness
from crmcli.screens.lengths import before, period
from crmcli.screens.message import compose
from crmcli.screens.parts import Row
from crmcli.services.reminders import Run
from crmcli.services.runs import recorded
from crmcli.store.heartbeat import beat

PARTLY, FAILED = 6, 1
"""Exit codes: some channels took their message, none did."""


class _Task(NamedTuple):
    """What goes through one channel in this run."""

    name: str
    run: Run
    items: list[Row]
    claimed: list[str]
    address: str
    message: Message
    failures: int


def run(context: Context, channels: Sequence[str], *, within: str = "", digest: bool = False) -> int:
    """Deliver what is due through these channels, all without names; return 0, 1 or 6.

    Raises UsageError for an unknown channel and for settings that can't be read.
    """
    names = _chosen(context, channels)
    idleness = Idleness(context)
    plan_daily(context)
    states = dict.fromkeys(names, NEW) | channel_states(context.connection)
    due = _due(context, within, [states[name] for name in names], context.reader)
    broken: dict[str, str] = {}
    tasks = []
    for name in names:
        try:
            task = _task(context, name, states[name], due[states[name].since(context.now)], broken, digest=digest)
        except UsageError as error:  # how it is to speak can't be read: the others do
            broken[name] = _complete(error)
        else:
            tasks += [task] if task else []
    if context.options.dry_run:
        _preview(context, tasks)
        return _outcome(context, len(tasks), broken)
    failed = _send(context, tasks) | broken
    if not context.simulated:
        beat(str(context.database))
    if not tasks and not failed:
        idleness.note(partial(_acts, context, states, names, digest=digest))
    return _report(context, tasks, failed)


def _acts(
    context: Context, states: Mapping[str, Channel], names: Sequence[str], moment: datetime, *, digest: bool
) -> bool:
    """Return whether a run at that moment would have anything to send or to plan, with the database as it is."""
    all_due = _due(context, "", [states[name] for name in names], context.reader_at(moment))
    for name in names:
        state, text = states[name], _texts(context, name)
        due = all_due[state.since(moment)]
        resting = state.rests(context.now) and state.rests(moment)
        if resting or not speaks(moment, text["quiet"], text["days"]):
            continue
        run_, nag = Run(context.connection, name, moment), period(text["nag"]) if text["nag"] else None
        summed_up = [_digest_of(moment)] if _digests(text, moment, digest=digest) else []
        if run_.free(_occurrences(_meant_for(context, name, due)), nag=nag) or run_.free(summed_up):
            return True
    return not planned(context, moment)


def test(context: Context, channels: Sequence[str]) -> int:
    """Send a greeting through these channels, so that their settings can be tried; return 0, 1 or 6."""
    text = _("This channel of crm works.")
    message = Message("crm", text, f"<p>{text}</p>", '{"items": []}')
    failed, addresses = {}, {}
    for name in _chosen(context, channels):
        try:
            addresses[name] = (_address(context, name), message)
        except CrmError as error:
            failed[name] = _complete(error)
    failed |= send_all(addresses) if not context.options.dry_run else {}
    for name in addresses.keys() - failed:
        context.output.message(_("{channel} took a message").format(channel=name))
    hint = _("a greeting is not tried again: mend it, then crm remind --test {channel}")
    return _outcome(context, len(addresses.keys() - failed), failed, hint)


def _chosen(context: Context, channels: Sequence[str]) -> list[str]:
    known = context.settings.named("channel")
    unknown = [name for name in channels if name not in known]
    if unknown or not known:
        raise UsageError(
            _("there is no channel {name}").format(name=unknown[0]) if unknown else _("there is no channel to notify"),
            hint=_("set one up: crm config set channel.me.url - asks for its address; see crm guide reminders"),
        )
    return list(dict.fromkeys(channels)) or known


def _due(context: Context, within: str, states: Iterable[Channel], reader: Reader) -> dict[date, list[Row]]:
    """Return what is due at the reader's moment, with what had its day since one day or another.

    One channel may not have been told for days what the others were.
    """
    ahead, kinds = period(within) if within else timedelta(), plans(context.settings)
    days = {state.since(reader.now) for state in states}
    return {day: agenda.read_due(reader, within=ahead, plans=kinds, since=day) for day in days}


def _task(
    context: Context, name: str, state: Channel, due: Sequence[Row], broken: dict[str, str], *, digest: bool
) -> _Task | None:
    """Claim what this channel is to say now; None when that is nothing, or when it is silent or resting.

    Raises UsageError, before anything is claimed, when its settings can't be read.
    """
    text = _texts(context, name)
    if not speaks(context.now, text["quiet"], text["days"]) or state.rests(context.now):
        return None
    run_ = Run(context.connection, name, context.now)
    dry_run = context.options.dry_run
    if not dry_run:
        run_.forget(_occurrences(due))
    mine = _meant_for(context, name, due)
    nag = period(text["nag"]) if text["nag"] else None
    digests = _digests(text, context.now, digest=digest)
    claimed = run_.claim(_occurrences(mine), nag=nag, dry_run=dry_run)
    items = [item for item in mine if item["occurrence"] in claimed]
    today = _digest_of(context.now)
    whole = digests and bool(run_.claim([today], dry_run=dry_run))
    if whole:
        day = _meant_for(context, name, _day(context))
        items = [*day, *(item for item in items if item["occurrence"] not in _occurrences(day))]
    taken = [*claimed, *([today] if whole else [])]
    if not items:
        run_.delivered(() if dry_run else taken)  # a day without work needs no message
        return None
    try:
        address = "" if dry_run else _address(context, name)
    except CrmError as error:
        broken[name] = _complete(error)
        run_.failed(taken, broken[name], state.attempts + 1)
        return None
    with _speaking(text["language"]):
        message = compose(context, items, day=whole)
    return _Task(name, run_, items, taken, address, message, state.attempts)


def _texts(context: Context, name: str) -> dict[str, str]:
    """Return how the channel is to speak, as the settings say it."""
    keys = ("quiet", "days", "digest", "nag", "language")
    return {key: context.settings.text(f"channel.{name}.{key}") for key in keys}


def _digests(text: Mapping[str, str], moment: datetime, *, digest: bool) -> bool:
    """Return whether it is time for the digest of the day."""
    return digest or (bool(text["digest"]) and reached(moment, parse_clock(text["digest"])))


def _digest_of(moment: datetime) -> str:
    return f"digest@{moment.date()}"


def _day(context: Context) -> list[Row]:
    """Return the day's work of the kinds that reminders speak of."""
    settings = context.settings
    days, rows = settings.number("birthday_days"), settings.number("forgotten_rows")
    day = agenda.read_day(context.reader, birthday_days=days, forgotten_rows=rows, notice=before(settings, "complaint"))
    spoken_of = plans(settings)
    return [item for item in day.items if item["kind"] in spoken_of]


def _meant_for(context: Context, name: str, items: Sequence[Row]) -> list[Row]:
    """Return the items of the kinds and of the person that the channel is for; what is nobody's is everybody's."""
    kinds = parse_kinds(context.settings.text(f"channel.{name}.kinds"))
    person = context.settings.text(f"channel.{name}.person").casefold()
    return [
        item
        for item in items
        if (not kinds or item["kind"] in kinds) and (not person or (item.get("owner") or person).casefold() == person)
    ]


def _address(context: Context, name: str) -> str:
    reference = context.settings.text(f"channel.{name}.url")
    if not reference:
        raise CrmError(
            _("the channel {name} has no address").format(name=name), hint=f"crm config set channel.{name}.url -"
        )
    return address_of(reference, context.settings.path, context.environ)


def _send(context: Context, tasks: Sequence[_Task]) -> dict[str, str]:
    """Send and mark; return why channels failed. A claim that was lost meanwhile is another run's to send."""
    tasks = [task for task in tasks if task.run.holds(task.claimed) == set(task.claimed)]
    if not tasks:
        return {}
    count = len({item["occurrence"] for task in tasks for item in task.items})
    with recorded(context.connection, "remind --notify", count, context.now) as record:
        failed = send_all({task.name: (task.address, task.message) for task in tasks})
        for task in tasks:
            if task.name in failed:
                task.run.failed(task.claimed, failed[task.name], task.failures + 1)
            else:
                task.run.delivered(task.claimed)
        heard = {item["occurrence"] for task in tasks if task.name not in failed for item in task.items}
        record.delivered, record.failed = len(heard), count - len(heard)
        record.error = "; ".join(f"{name}: {error}" for name, error in failed.items())
    return failed


def _report(context: Context, tasks: Sequence[_Task], failed: dict[str, str]) -> int:
    """Say what happened: as data when asked for, of failures on standard error; silence is success, for cron."""
    if context.output.data:
        rows = [
            {"channel": task.name, "items": len(task.items), "delivered": task.name not in failed} for task in tasks
        ]
        context.output.document({"as_of": context.now.isoformat(), "channels": rows, "failed": failed}, rows)
    elif context.output.terminal.interactive:
        for task in tasks:
            if task.name not in failed:
                said = ngettext("{count} item went to {channel}", "{count} items went to {channel}", len(task.items))
                context.output.message(said.format(count=len(task.items), channel=task.name))
    return _outcome(context, len([task for task in tasks if task.name not in failed]), failed)


def _outcome(context: Context, done: int, failed: dict[str, str], hint: str = "") -> int:
    hint = hint or _("it is tried again; crm remind --status shows when")
    for name, error in failed.items():
        said = _("{channel} failed: {reason}").format(channel=name, reason=error)
        context.output.error(CrmError(said, hint=hint.format(channel=word(name))))
    return 0 if not failed else PARTLY if done else FAILED


def _preview(context: Context, tasks: Sequence[_Task]) -> None:
    """Print what would be sent, and where."""
    if context.output.data:
        rows = [{"channel": task.name, "title": task.message.title, "text": task.message.text} for task in tasks]
        context.output.document({"as_of": context.now.isoformat(), "channels": rows}, rows)
        return
    for task in tasks:
        context.output.screen(
            [
                line(Span(f"{task.name}  ", NAME), task.message.title),
                *(line(Span(f"  {said}", DIM)) for said in task.message.text.splitlines()),
                (),
            ]
        )


def _occurrences(items: Iterable[Row]) -> list[str]:
    return [item["occurrence"] for item in items]


def _complete(error: CrmError) -> str:
    return " — ".join(filter(None, (error.message, error.hint)))


@contextmanager
def _speaking(language: str) -> Iterator[None]:
    """Speak the recipient's language within the block."""
    before = i18n.language()
    i18n.activate(language or before)
    try:
        yield
    finally:
        i18n.activate(before)
