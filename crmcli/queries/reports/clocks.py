"""How long complaints took on clocks that stand: out of business hours, and while they waited for the customer."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property

from crmcli.queries.reader import Reader
from crmcli.rules.business_hours import Calendar, OpenTime

_PAUSES = """
SELECT complaint_id, kind, strftime('%s', at) + 0 FROM complaint_step
WHERE kind IN ('wait', 'resume') AND at <= :now ORDER BY complaint_id, id
"""


class Clocks:
    """Measures the times of complaints; when the desk is open is asked only if one needs it."""

    def __init__(self, reader: Reader, desk: Callable[[], Calendar | None]) -> None:
        self._reader = reader
        self._desk = desk

    def seconds(self, times: Sequence[tuple[int, int, int, int]]) -> Iterator[float]:
        """Yield how long each took: its complaint's id, whether in business hours, from when, to when (epoch).

        Pauses do not count; what lies in one belongs to it.
        """
        for id_, business, since, until in times:
            stood = sum(
                self._long(business, max(since, begin), min(until, end)) for begin, end in self._pauses.get(id_, ())
            )
            yield self._long(business, since, until) - stood

    def _long(self, business: int, since: float, until: float) -> float:
        if business and self._open:
            return self._open.seconds(since, until)
        return max(0, until - since)

    @cached_property
    def _open(self) -> OpenTime | None:
        calendar = self._desk()
        if calendar is None:
            return None
        first = self._reader.all("SELECT min(received_at) FROM complaint")[0][0]
        since = datetime.fromisoformat(first) if first else self._reader.now
        return OpenTime(since, self._reader.now.astimezone(UTC), calendar)

    @cached_property
    def _pauses(self) -> dict[int, list[tuple[float, float]]]:
        """The pauses of each complaint; one that is not over lasts until now."""
        pauses: dict[int, list[tuple[float, float]]] = defaultdict(list)
        begun: dict[int, float] = {}
        for id_, kind, at in self._reader.all(_PAUSES, {}):
            if kind == "wait":
                begun[id_] = at
            elif id_ in begun:
                pauses[id_].append((begun.pop(id_), at))
        for id_, at in begun.items():
            pauses[id_].append((at, self._reader.now.timestamp()))
        return dict(pauses)
