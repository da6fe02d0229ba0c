"""The independent model of the reminders: what is to be told when, who may speak when, and what was not as promised.

It imports nothing of the program. Moments are in UTC unless they are called local.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
EVER = datetime.min.replace(tzinfo=UTC)
"""Before everything."""
CLAIM = timedelta(minutes=10)
"""So long what a killed run had claimed is left to it: the stated window."""
FIRST_REST, LONGEST_REST = timedelta(minutes=5), timedelta(hours=6)

Key = tuple[str, int, str, str]
"""Kind, contact, which of its deadlines or fields, and when it is due: a moment or a day."""


def instant(zone: ZoneInfo, day: date, clock: time = time()) -> datetime:
    """Return the moment of a wall clock: where a night lacks it, so much later; where it has it twice, the first."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def from_on(zone: ZoneInfo, day: date, clock: time) -> datetime:
    """Return the first moment of a day at which the wall clock has reached a time."""
    moment = instant(zone, day, clock)
    while (before := (moment - MINUTE).astimezone(zone)).date() == day and before.time() >= clock:
        moment -= MINUTE
    return moment


@dataclass
class Telling:
    """Something that every channel meant for it tells from a moment on, once, unless it is over before."""

    key: Key
    since: datetime
    owner: str = ""
    over: datetime | None = None
    until: datetime | None = None
    """Till when by the clock it is told, where that ends of itself."""
    born: datetime = EVER
    """When it was written."""

    def open(self, at: datetime) -> bool:
        """Return whether it is not over yet."""
        return self.over is None or at < self.over


@dataclass
class Heard:
    """One arrival: when, and of which run."""

    at: datetime
    started: datetime
    clock: datetime
    """What the run's clock said."""
    lost: bool
    """Whether the run ended before it could remember that it had spoken."""
    digest: bool
    """Whether it was part of the summary of a day."""


@dataclass
class Minute:
    """One minute: what the clock said, and who would have been heard in it."""

    at: datetime
    clock: datetime
    open: frozenset[str]


@dataclass
class Channel:
    """A recipient, and how the settings say that they are spoken to."""

    name: str
    kinds: frozenset[str] = frozenset()
    person: str = ""
    quiet: tuple[time, time] | None = None
    weekdays: frozenset[int] = frozenset(range(7))
    nag: timedelta | None = None
    digest: time | None = None
    rest: bool = True
    """Whether it is left alone for a while when it failed."""
    down_until: datetime = EVER
    failures: int = 0
    """In a row."""
    certain: int = 0
    """Of them, those that are remembered in any case: they are forgotten when all that failed is over."""
    tried: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    """When it was spoken to, and until when it rests after that; None when it took it."""
    rested: datetime = EVER
    """Until when it rests in any case."""
    unheard: frozenset[Key] = frozenset()
    digests: dict[date, list[tuple[Heard, frozenset[Key]]]] = field(default_factory=dict)

    def wants(self, telling: Telling) -> bool:
        """Return whether it is meant for this one."""
        kind = not self.kinds or telling.key[0] in self.kinds
        return kind and (not self.person or not telling.owner or telling.owner == self.person)

    def speaks(self, local: datetime) -> bool:
        """Return whether the settings let it speak at this moment of the wall clock."""
        if local.weekday() not in self.weekdays:
            return False
        if self.quiet is None:
            return True
        start, end = self.quiet
        clock = local.time()
        return not (start <= clock < end if start <= end else clock >= start or clock < end)

    def rests(self, at: datetime, clock: datetime) -> bool:
        """Return whether it failed lately; a rest that lies too far ahead was begun by a wrong clock."""
        if not self.rest:
            return False
        index = bisect_left(self.tried, at, key=lambda tried: tried[0])
        retry = self.tried[index - 1][1] if index else None
        return retry is not None and clock < retry <= clock + LONGEST_REST

    def answered(self, at: datetime, clock: datetime, keys: frozenset[Key], *, taken: bool, waiting: bool) -> None:
        """Remember what became of a message: after each failure in a row it rests twice as long."""
        self.failures = 0 if taken else self.failures + 1
        self.certain = 0 if taken else self.certain + 1 if waiting else 1
        self.tried.append((at, None if taken else clock + _rest(self.failures)))
        self.rested = at if taken else clock + _rest(self.certain)
        self.unheard = frozenset() if taken else keys


def _rest(failures: int) -> timedelta:
    return min(FIRST_REST * (1 << min(failures - 1, 10)), LONGEST_REST)


class Model:
    """What is to be told, what was heard, and the minutes between."""

    def __init__(self, zone: ZoneInfo, channels: list[Channel]) -> None:
        self.zone = zone
        self.channels = {channel.name: channel for channel in channels}
        self.tellings: dict[Key, Telling] = {}
        self.heard: dict[tuple[str, Key], list[Heard]] = {}
        self.minutes: list[Minute] = []
        self.wrong: list[int] = []
        """Which minutes had a wrong clock."""
        self.held: dict[str, list[tuple[datetime, datetime]]] = {channel.name: [] for channel in channels}
        """When runs were killed or held up that had claimed for a channel, and what their clocks said."""
        self.hot: set[datetime] = set()
        """Minutes in which something happens, where trouble is worth most."""
        self.faults: list[str] = []
        self.now = EVER

    def tell(self, kind: str, contact: int, due: datetime | date, since: datetime, **more: str) -> Telling:
        """Add something to tell; `more` is `detail` and `owner`."""
        said = f"{due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(due, datetime) else due.isoformat()
        telling = Telling((kind, contact, more.get("detail", ""), said), since.astimezone(UTC), more.get("owner", ""))
        telling.born = self.now
        self.tellings[telling.key] = telling
        self.hot.add(telling.since.replace(second=0) + (MINUTE if telling.since.second else timedelta()))
        return telling

    def passed(self, at: datetime, clock: datetime, open_: frozenset[str]) -> None:
        """Remember a minute."""
        if clock != at:
            self.wrong.append(len(self.minutes))
        self.minutes.append(Minute(at, clock, open_))

    def spoken(self, channel: str, arrival: Heard, keys: list[Key], *, taken: bool) -> None:
        """Take down a message through a channel, which took it or not."""
        to = self.channels[channel]
        at, clock = arrival.at, arrival.clock
        local = clock.astimezone(self.zone)
        if not to.speaks(local):
            self.faults.append(f"{channel} spoke at {local}, when it is silent")
        waiting = (
            to.rest and bool(to.unheard) and all(self._open(key, at) for key in to.unheard) and not self._was_wrong(to)
        )
        if waiting and at == clock < to.rested <= clock + LONGEST_REST:  # another was begun by a wrong clock
            self.faults.append(f"{channel} was tried at {at}, while it rests")
        if arrival.digest and taken:
            to.digests.setdefault(local.date(), []).append((arrival, frozenset(keys)))
        if taken:
            for key in keys:
                self.heard.setdefault((channel, key), []).append(arrival)
        if at != arrival.started:  # it slept, and knows nothing of what happened meanwhile
            if not taken:
                rest = LONGEST_REST if to.failures else FIRST_REST
                to.tried.append((at, max(clock + rest, to.rested)))
                to.failures += 1
        elif not arrival.lost:
            to.answered(at, clock, frozenset(keys), taken=taken, waiting=waiting)
            if not taken:
                self.hot.add(to.tried[-1][1] or at)

    def _open(self, key: Key, at: datetime) -> bool:
        """Return whether it is still told by a right clock: an answer that is owed is not once the solution is."""
        telling = self.tellings.get(key)
        return telling is not None and telling.open(at) and not (telling.until and telling.until <= at)

    def _was_wrong(self, to: Channel) -> bool:
        """Return whether the clock is wrong, or was since the last failure: what failed may be forgotten then."""
        failed = to.tried[-1][0]
        last = self.minutes[self.wrong[-1]].at if self.wrong else failed - MINUTE
        return last >= failed - MINUTE

    def complaints(self) -> Iterator[str]:
        """Yield what was not as promised."""
        yield from self.faults
        for channel, key in self.heard:
            if key not in self.tellings:
                yield f"{channel} {key} was never to be told"
            elif not self.channels[channel].wants(self.tellings[key]):
                yield f"{channel} {key} was not meant for it"
        for telling in self.tellings.values():
            for to in self.channels.values():
                if to.wants(telling):
                    for said in self._judged(to, telling, self.heard.get((to.name, telling.key), [])):
                        yield f"{to.name} {telling.key}, to be told since {telling.since}, {said}"
        for to in self.channels.values():
            if to.digest:
                yield from self._digests(to, to.digest)

    def _judged(self, channel: Channel, telling: Telling, heard: list[Heard]) -> Iterator[str]:
        real = [one for one in heard if not (one.digest and one.clock < telling.since)]
        expected = self._first(channel, telling, telling.since)
        if expected and not real:
            yield f"never arrived; expected by {expected.at}"
        if expected and real and real[0].at > expected.at:
            yield f"was expected by {expected.at} and arrived at {real[0].at}"
        for one in real:
            if one.clock < telling.since:
                yield f"arrived early, at {one.at}"
            if not telling.open(one.started):
                yield f"arrived at {one.at}, though it was over at {telling.over}"
        real = [one for one in real if not one.digest]
        for before, after in pairwise(real):
            gap = after.at - before.at
            nagged = channel.nag and self._latest(before.at, after) - before.clock >= channel.nag
            if not nagged and not (before.lost and self._free(before, after)):
                yield f"arrived twice, at {before.at} and {after.at} ({gap})"
        for one in real:
            following = next((later for later in heard if later.at > one.at), None)
            wait = timedelta() if one.lost else channel.nag
            since = max(one.clock + (wait or timedelta()), telling.since) if wait else telling.since
            again = self._first(channel, telling, since, one.at) if wait is not None else None
            if again and (following is None or following.at > again.at):
                yield f"was not said again by {again.at}, after {one.at}"

    def _free(self, before: Heard, after: Heard) -> bool:
        """Return whether a claim that a killed run left had been over by some run's clock, right or wrong."""
        between = (self.minutes[index] for index in self.wrong if before.at < self.minutes[index].at <= after.at)
        return any(abs(clock - before.clock) > CLAIM for clock in (after.clock, *(minute.clock for minute in between)))

    def _latest(self, after: datetime, by: Heard) -> datetime:
        """Return the latest moment that any run's clock has said since a moment: what it claimed may be said later.

        That is one by a clock that was ahead, or the last before the clock was put back.
        """
        ahead = [self.minutes[index] for index in self.wrong if after < self.minutes[index].at <= by.at]
        start, end = (bisect_right(self.minutes, at, key=lambda minute: minute.at) for at in (after, by.at))
        between = (self.minutes[index] for index in range(end - 1, start - 1, -1))
        right = islice((minute for minute in between if minute.clock == minute.at), 1)
        return max([by.clock, *(minute.clock for minute in (*ahead, *right))])

    def _first(self, channel: Channel, telling: Telling, since: datetime, after: datetime = EVER) -> Minute | None:
        """Return the first minute in which it could be told since a moment, by the clock; None if it was over before.

        It is one later than `after`.
        """
        for index in self._from(since):
            minute = self.minutes[index]
            if not telling.open(minute.at):
                return None
            if telling.until and minute.clock >= telling.until:
                continue
            if (
                minute.clock >= since
                and minute.at > after
                and minute.at >= telling.born
                and self._able(channel, telling, minute)
            ):
                return minute
        return None

    def _from(self, since: datetime) -> Iterator[int]:
        """Yield the minutes of which the clock may say that moment or a later one, in order."""
        start = bisect_left(self.minutes, since, key=lambda minute: minute.at)
        first = bisect_left(self.minutes, since - timedelta(days=2), key=lambda minute: minute.at)
        ahead = self.wrong[bisect_left(self.wrong, first) : bisect_left(self.wrong, start)]
        yield from ahead
        yield from range(start, len(self.minutes))

    def _able(self, channel: Channel, telling: Telling, minute: Minute) -> bool:
        return (
            channel.name in minute.open
            and channel.speaks(minute.clock.astimezone(self.zone))
            and not channel.rests(minute.at, minute.clock)
            and not self._held(channel, telling, minute)
        )

    def _held(self, channel: Channel, telling: Telling, minute: Minute) -> bool:
        """Return whether a run that died or sleeps had claimed it, which leaves it to that run for a while."""
        held = self.held[channel.name]
        end = bisect_left(held, minute.at, key=lambda one: one[0])
        recent = held[max(0, end - 30) : end]
        return any(clock >= telling.since and abs(minute.clock - clock) <= CLAIM for _at, clock in recent)

    def _belongs(self, channel: Channel, telling: Telling, since: datetime, by: Minute) -> bool:
        """Return whether a summary has it: what is to be done; who was late, or is forgotten, if not told before."""
        told = any(one.at < by.at for one in self.heard.get((channel.name, telling.key), []))
        due = (
            telling.since <= since
            and telling.born <= by.at
            and telling.open(by.at)
            and not (telling.until and telling.until <= by.clock)
        )
        return due and not (told and telling.key[0] in ("escalation", "forgotten"))

    def _digests(self, channel: Channel, clock: time) -> Iterator[str]:
        """Yield which days were not summed up, or not wholly."""
        days = sorted({minute.at.astimezone(self.zone).date() for minute in self.minutes})
        wanted = [telling for telling in self.tellings.values() if channel.wants(telling)]
        for day in days:
            since = instant(self.zone, day, clock)
            midnight = instant(self.zone, day + timedelta(days=1))
            summary = Telling(
                ("digest", 0, "", day.isoformat()), since, over=midnight + 2 * timedelta(days=1), until=midnight
            )
            by = self._first(channel, summary, since)
            work = {one.key for one in wanted if by and self._belongs(channel, one, since, by)}
            sent = channel.digests.get(day, [])
            if by and work and not (sent and sent[0][0].at <= by.at):
                yield f"{channel.name} was to sum up {day} by {by.at}"
            for one, keys in sent[:1]:
                if by and not work <= keys:
                    yield f"{channel.name} left out of {day} at {one.at}: {sorted(work - keys)}"
            if any(not one.lost for one, _keys in sent[:-1]):
                yield f"{channel.name} summed up {day} twice"
