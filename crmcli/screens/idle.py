"""Until when a run of the reminders that found nothing to do need not be repeated (see `store.idle`).

Within a stretch in which no day or hour of the settings begins or ends, and no clock is changed, what is due only grows
and what was tried only becomes free again: so what has nothing to do at its end has nothing to do anywhere in it.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta

from crmcli.context import Context
from crmcli.nouns.kinds import KINDS
from crmcli.rules.silence import parse_clock, parse_hours
from crmcli.store import idle

Acts = Callable[[datetime], bool]
"""Whether a run at that moment had anything to do, with the database as it is."""

_STRETCHES = tuple(timedelta(minutes=minutes) for minutes in (60, 30, 15, 8, 4, 2))
"""Tried one after the other. No note holds for longer, so that nothing unforeseen can hold anything up for longer."""
_SECOND = timedelta(seconds=1)


class Idleness:
    """What a run rests on, taken before it reads anything, and the note that it may leave in the end."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._settings = str(context.settings_path.expanduser())
        self._seen = idle.stamps(str(context.database), self._settings)

    def note(self, acts: Acts) -> None:
        """Note until when there is nothing to do; nothing when that is not long, or not for certain."""
        context = self._context
        if context.simulated or context.options.dry_run or context.output.data:
            return
        if not idle.settled(self._seen, context.begun):
            return
        for until in self._ends():
            if not acts((until - _SECOND).astimezone(context.now.tzinfo)):
                now = context.now.timestamp()
                database = str(context.database)
                idle.note(
                    context.arguments, context.environ, database, self._settings, self._seen, now, until.timestamp()
                )
                return

    def _ends(self) -> Iterator[datetime]:
        """Yield ends of stretches from now on, in UTC, the longest first, in which no clock is changed."""
        now = self._context.now
        following = min(_moments(self._context))
        for stretch in _STRETCHES:
            until = min(now.astimezone(UTC) + stretch, following)
            if (until - _SECOND).astimezone(now.tzinfo).utcoffset() == now.utcoffset():
                yield until


def _moments(context: Context) -> Iterator[datetime]:
    """Yield when today, and tomorrow, something of the settings begins or ends, in UTC: midnight always does."""
    now, settings = context.now, context.settings
    clocks = {time()}
    for name in (f"remind.{kind}.at" for kind in KINDS):
        if settings.text(name):
            clocks.add(parse_clock(settings.text(name)))
    for channel in settings.named("channel"):
        digest, quiet = (settings.text(f"channel.{channel}.{key}") for key in ("digest", "quiet"))
        clocks |= {parse_clock(digest)} if digest else set()
        clocks |= {*parse_hours(quiet)} if quiet.strip() else set()
    for day in (now.date(), now.date() + timedelta(days=1)):
        for wall in (datetime.combine(day, clock, tzinfo=now.tzinfo) for clock in clocks):
            moments = (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))  # a wall's clock may say it twice
            yield from (moment for moment in moments if moment > now.astimezone(UTC))
