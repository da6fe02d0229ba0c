"""Forgotten customers: no real contact for longer than their class or a tag allows, and no callback planned."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from crmcli.queries.agenda.items import Due, Source, Window, midnight, read, when, who
from crmcli.queries.reader import Reader, Row
from crmcli.when.value import YEARS

_OF = {
    "class": "s.class = :code",
    "tag": "s.contact_id IN (SELECT t.contact_id FROM tag t WHERE t.key = :code)",
}
"""Whom a cadence is for."""
_NOT_OF = {
    "class": "coalesce(s.class, '') <> :{name}",
    "tag": "s.contact_id NOT IN (SELECT t.contact_id FROM tag t WHERE t.key = :{name} AND t.contact_id IS NOT NULL)",
}


class _Cadence(NamedTuple):
    set: str
    code: str
    days: int


def due(reader: Reader, window: Window, limit: int | None = None) -> Due:
    """Return the contacts without contact for more days than they may be, and without a callback.

    Of several cadences, that of the class and those of tags, the shortest holds. The longest overdue come first,
    measured by what is allowed: 60 days of 30 before 100 of 90.
    """
    cadences = _cadences(reader)
    sources = [_source(reader, window, cadence, cadences[:number]) for number, cadence in enumerate(cadences)]
    return read(reader, sources, _forgotten_contact, limit)


def _source(reader: Reader, window: Window, cadence: _Cadence, shorter: list[_Cadence]) -> Source:
    """Return whom this cadence forgets, but for those to whom a shorter one applies."""
    last = (
        "SELECT f.text FROM followups f WHERE f.contact_id = s.contact_id AND f.kind <> 'note' "
        "ORDER BY f.at DESC LIMIT 1"
    )
    others = {f"code{number}": other for number, other in enumerate(shorter) if "tag" in (other.set, cadence.set)}
    conditions = [_OF[cadence.set], *(_NOT_OF[other.set].format(name=name) for name, other in others.items())]
    return Source(
        f"s.contact_id, s.touched_at, s.class, {cadence.days} AS every, c.name AS contact, c.company, c.title, "
        f"c.owner, ({last}) AS text",
        "contact_state s JOIN contacts c ON c.id = s.contact_id",
        "contact_state s",
        " AND ".join([*conditions, "s.open_callbacks = 0 AND s.touched_at < :before"]),
        "s.touched_at",
        {
            "code": cadence.code,
            "before": midnight(reader, _days_before(window.day, cadence.days)),
            **{name: other.code for name, other in others.items()},
        },
    )


def _forgotten_contact(reader: Reader, row: Any) -> Row:
    touched = reader.local(row["touched_at"]) or ""
    since = date.fromisoformat(touched[:10])
    due = (since + timedelta(days=row["every"])).isoformat()
    return {
        "kind": "forgotten",
        "id": row["contact_id"],
        **who(row),
        **when(due, all_day=True),
        "overdue": due < reader.clock["today"],
        "text": row["text"] or "",
        "days": (reader.now.date() - since).days,
        "every": row["every"],
        "class": row["class"],
        "owner": row["owner"],
        "occurrence": f"forgotten:{row['contact_id']}@{row['touched_at']}",
    }


def _cadences(reader: Reader) -> list[_Cadence]:
    """Return all cadences, the shortest first."""
    sql = (
        'SELECT "set", code, cadence_days FROM vocabulary '
        """WHERE "set" IN ('class', 'tag') AND cadence_days > 0 ORDER BY cadence_days, "set", code"""
    )
    return [_Cadence(*row) for row in reader.all(sql)]


def _days_before(day: date, days: int) -> date:
    """Return the day so many days earlier, no earlier than anybody's calendar begins."""
    return date.fromordinal(max(date(YEARS.start, 1, 1).toordinal(), day.toordinal() - days))
