"""All that is shown of a life agrees with what was entered: each figure, day and sum is worked out here once more.

The records as the lists give them are taken for true; what summaries, the day's work, reminders, search and reports
say of them is computed from those by other means than the program's.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.conftest import Crm
from tests.machines.acts import ACTS, Act, Life, Thing
from tests.machines.desk import Desk
from tests.machines.test_taking_back import ACTS_DONE
from tests.machines.test_two_machines import SEED, told

_EVERY = 10
"""Acts between two looks at all screens."""
_NOUNS = ("contact", "company", "followup", "callback", "complaint", "promise", "supervision", "survey", "answer")
_BEGINNINGS = {
    "Asia/Shanghai": "2026-11-02T08:00",
    "Europe/Berlin": "2026-10-24T08:00",
    "America/New_York": "2027-03-13T08:00",
    "Australia/Lord_Howe": "2027-04-03T08:00",
}
"""When life begins where; but in Shanghai the clocks change on the next day."""
_OVER = frozenset({"resolved", "closed"})
_WITHIN = timedelta(days=3)
_NEAR = timedelta(hours=24)
_FOUND = frozenset({"contact", "company", "followup", "complaint"})
Row = dict[str, Any]


class Facts(NamedTuple):
    """The records at a moment."""

    now: datetime
    rows: dict[str, list[Row]]
    cadences: dict[tuple[str, str], int]

    def of(self, noun: str, contact: Row) -> list[Row]:
        """Return the records of a contact."""
        return [row for row in self.rows[noun] if row["contact_id"] == contact["id"]]


def test_every_screen_says_what_was_entered(crm: Crm, tmp_path: Path) -> None:
    desk, life, rng = Desk("A", crm), Life(tmp_path), Random(SEED)  # noqa: S311 - nothing secret
    zone = ZoneInfo([*_BEGINNINGS][SEED % len(_BEGINNINGS)])
    moment = datetime.fromisoformat(_BEGINNINGS[zone.key]).replace(tzinfo=zone)
    for setting in (("timezone", zone.key), ("forgotten_rows", "1000")):
        desk.ok(moment.isoformat(), "config", "set", *setting)
    for field in (("level",), ("meter",), ("expiry", "--type", "date")):
        desk.ok(moment.isoformat(), "field", "add", "contact", *field)
    deeds, weights = zip(*ACTS, strict=True)
    for number in range(1, ACTS_DONE + 1):
        moment = _later(moment, timedelta(minutes=rng.choice((1, 20, 60, 400))))
        (deed,) = rng.choices(deeds, weights)
        deed(life, Act(desk, moment.isoformat(), rng))
        if number % _EVERY == 0:
            look(desk, life, _later(moment, timedelta(seconds=1)))
    look(desk, life, _later(moment, timedelta(days=9)))


def look(desk: Desk, life: Life, now: datetime) -> None:
    """Compare all that is shown at a moment with what it should be."""
    rows = {noun: desk.ok(now.isoformat(), noun, "list", "--all") for noun in _NOUNS}
    words = desk.ok(now.isoformat(), "vocabulary", "list", "--all")
    cadences = {(row["set"], row["code"]): row["cadence_days"] for row in words if row["cadence_days"]}
    facts = Facts(now, rows, cadences)
    shown = {
        "summaries": _summaries(facts),
        "today": _today(desk, facts),
        "remind": _remind(desk, facts),
        "complaints": _complaints(desk, facts),
        "promises": _promises(desk, facts),
        "followups": _followups(desk, facts),
        "found": _found(desk, life, facts),
        "dossiers": _dossiers(desk, facts),
        "satisfaction": _satisfaction(desk, facts),
        "groups": _groups(desk, facts),
        "calendar": _calendar(desk, facts),
    }
    for name, (said, true) in shown.items():
        assert said == true, told([desk], name, now, *_differing(said, true))


def _differing(said: Any, true: Any) -> Iterable[Any]:
    if isinstance(said, dict):
        return [(key, said.get(key), true.get(key)) for key in said | true if said.get(key) != true.get(key)]
    return [said, true]


def _later(moment: datetime, by: timedelta) -> datetime:
    """Return a moment so much later, whatever the clocks show meanwhile."""
    return (moment.astimezone(UTC) + by).astimezone(moment.tzinfo)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _first(moments: Iterable[str]) -> str | None:
    """Return the earliest of moments and days: a day comes before what has a time on it."""
    return min(moments, key=lambda text: (text[:10], _at(text).timestamp() if len(text) > 10 else 0), default=None)


def _is_open(row: Row) -> bool:
    return bool(row["status"] == "open")


def _summaries(facts: Facts) -> tuple[Any, Any]:
    """What contacts and companies say of what they have."""
    said: Row = {}
    true: Row = {}
    for contact in facts.rows["contact"]:
        talks = [row["at"] for row in facts.of("followup", contact) if row["kind"] != "note"]
        plans = [row["due"] for row in facts.of("callback", contact) if _is_open(row)]
        cases = [row for row in facts.of("complaint", contact) if row["status"] not in _OVER]
        said[contact["name"]] = [contact[key] for key in ("last_contact_at", "next_callback_at", "open_complaints")]
        true[contact["name"]] = [max(talks, key=_at, default=None), _first(plans), len(cases)]
    people = Counter(contact["company_id"] for contact in facts.rows["contact"])
    for company in facts.rows["company"]:
        said[company["name"]] = company["contacts"]
        true[company["name"]] = people[company["id"]]
    return said, true


def _is_late(row: Row, now: datetime) -> bool:
    return row["due_on"] < now.date().isoformat() if row["all_day"] else _at(row["due"]) < now


def _deadline(case: Row, now: datetime) -> str | None:
    """Return what a complaint wants next: its answer, or its solution."""
    if case["status"] in _OVER or case["waiting_since"]:
        return None
    answer: str | None = case["respond_by"]
    solution: str | None = case["resolve_by"]
    if case["responded_at"] or not answer or (solution and _at(solution) <= now):
        return solution
    return min(answer, solution, key=_at) if solution else answer


def _forgotten(facts: Facts) -> set[int]:
    found = set()
    for contact in facts.rows["contact"]:
        cadences = [
            *(facts.cadences.get(("tag", tag.casefold())) for tag in contact["tags"]),
            facts.cadences.get(("class", contact["class"])),
        ]
        since = _at(contact["last_contact_at"] or contact["created_at"]).astimezone(facts.now.tzinfo).date()
        shortest = min(filter(None, cadences), default=None)
        idle = not any(map(_is_open, facts.of("callback", contact)))
        if shortest and idle and (facts.now.date() - since).days > shortest:
            found.add(contact["id"])
    return found


def _today(desk: Desk, facts: Facts) -> tuple[Any, Any]:
    """The day's work, with all of its items."""
    now = facts.now
    said = desk.ok(now.isoformat(), "today")
    day = now.date().isoformat()
    plans = [row for row in facts.rows["callback"] if _is_open(row)]
    late = [row for row in plans if _is_late(row, now)]
    cases = [row for row in facts.rows["complaint"] if (due := _deadline(row, now)) and _at(due) <= _later(now, _NEAR)]
    promises = [row for row in facts.rows["promise"] if _is_open(row) and row["due_on"] <= day]
    watched = [row for row in facts.rows["supervision"] if _wants_report(row, day)]
    true = {
        "callback": {row["id"] for row in plans if row in late or row["due_on"] == day},
        "complaint": {row["id"] for row in cases},
        "promise": {row["id"] for row in promises},
        "supervision": {row["id"] for row in watched},
        "forgotten": _forgotten(facts),
        "late": {row["id"] for row in late},
        "coming": dict(sorted(Counter(row["due_on"] for row in plans if day < row["due_on"] <= _day(now, 6)).items())),
    }
    items = said["items"]
    shown = {
        **{kind: {item["id"] for item in items if item["kind"] == kind} for kind in [*true][:5]},
        "late": {item["id"] for item in items if item["kind"] == "callback" and item["overdue"]},
        "coming": {row["on"]: row["count"] for row in said["coming"]},
    }
    return shown, true


def _day(now: datetime, ahead: int) -> str:
    return (now.date() + timedelta(days=ahead)).isoformat()


def _wants_report(row: Row, day: str) -> bool:
    return row["status"] == "open" and row["report_on"] is not None and row["report_on"] <= day


def _remind(desk: Desk, facts: Facts) -> tuple[Any, Any]:
    """What is due within some days."""
    said = desk.ok(facts.now.isoformat(), "remind", "--within", f"{_WITHIN.days}d")["items"]
    until = _later(facts.now, _WITHIN)
    day = until.date().isoformat()

    def is_due(row: Row) -> bool:
        return row["due_on"] <= day if row["all_day"] else _at(row["due"]) <= until

    true = {
        **{
            noun: {row["id"] for row in facts.rows[noun] if _is_open(row) and is_due(row)}
            for noun in ("callback", "promise")
        },
        "supervision": {row["id"] for row in facts.rows["supervision"] if _wants_report(row, day)},
    }
    return {kind: {item["id"] for item in said if item["kind"] == kind} for kind in true}, true


def _came(case: Row, ends: tuple[str, ...]) -> str | None:
    return next((case[end] for end in ends if case[end]), None)


def _is_too_late(case: Row, ends: tuple[str, ...], due: str, now: datetime) -> bool:
    """Return whether an answer or a solution came, or will come, after its time, before it was reopened, too."""
    for step in case["steps"]:
        data = step["data"] or {}
        if step["kind"] == "reopen" and data.get(due) and _at(data["solved_at"]) > _at(data[due]):
            return True
    at = _came(case, (*ends, "waiting_since"))
    return bool(case[due]) and (_at(at) if at else now) > _at(case[due])


def _complaints(desk: Desk, facts: Facts) -> tuple[Any, Any]:
    """The report on complaints, and what the list says of each."""
    total = desk.ok(facts.now.isoformat(), "report", "complaints", "--from", "2026-01-01")["total"]
    cases = facts.rows["complaint"]
    answer, solution = ("responded_at", "resolved_at", "closed_at"), ("resolved_at", "closed_at")
    late = {
        case["id"]: (
            _is_too_late(case, answer, "respond_by", facts.now),
            _is_too_late(case, solution, "resolve_by", facts.now),
        )
        for case in cases
    }
    ratings = [case["satisfaction"] for case in cases if case["satisfaction"]]
    took = [_seconds(case, case["received_at"], end) for case in cases if (end := _came(case, answer))]
    true = {
        "count": len(cases),
        "open": sum(case["status"] not in _OVER for case in cases),
        "reopened": sum(case["reopened"] > 0 for case in cases),
        "responded": sum(bool(_came(case, answer)) for case in cases),
        "resolved": sum(bool(_came(case, solution)) for case in cases),
        "responded_late": sum(first for first, _second in late.values()),
        "resolved_late": sum(second for _first, second in late.values()),
        "breached": sum(any(both) for both in late.values()),
        "breached_both": sum(all(both) for both in late.values()),
        "rated": len(ratings),
        "response_median": round(median(took) / 60, 1) if took else None,
    }
    of_each = {case["id"]: case["breached"] for case in cases}
    said = {key: total.get(key) for key in true}
    return said | {"each": of_each}, true | {"each": {id_: any(both) for id_, both in late.items()}}


def _seconds(case: Row, since: str, until: str) -> float:
    """Return how long a complaint's clock went between two moments: it stands while it waits for the customer."""
    begin, end = _at(since).timestamp(), _at(until).timestamp()
    stood, waiting = 0.0, None
    for step in case["steps"]:
        at = _at(step["at"]).timestamp()
        if step["kind"] == "wait":
            waiting = at
        elif step["kind"] == "resume" and waiting is not None:
            stood += max(0, min(at, end) - max(waiting, begin))
            waiting = None
    if waiting is not None:
        stood += max(0, end - max(waiting, begin))
    return end - begin - stood


def _promises(desk: Desk, facts: Facts) -> tuple[Any, Any]:
    """The report on promises."""
    said = desk.ok(facts.now.isoformat(), "report", "promises", "--from", "2026-01-01", "--until", "2027-12-31")
    rows = facts.rows["promise"]
    kept = [row for row in rows if row["status"] == "kept"]

    def in_time(row: Row) -> bool:
        settled = _at(row["settled_at"]).astimezone(facts.now.tzinfo)
        return settled.date().isoformat() <= row["due_on"] if row["all_day"] else settled <= _at(row["due"])

    true = {
        "count": len(rows),
        "kept": sum(map(in_time, kept)),
        "kept_late": len(kept) - sum(map(in_time, kept)),
        "overdue": sum(_is_open(row) and _is_late(row, facts.now) for row in rows),
        "open": sum(_is_open(row) and not _is_late(row, facts.now) for row in rows),
        **{name: sum(row["status"] == name for row in rows) for name in ("broken", "renegotiated", "cancelled")},
    }
    return {key: said["total"][key] for key in true}, true


def _followups(desk: Desk, facts: Facts) -> tuple[Any, Any]:
    """The report on follow-ups."""
    said = desk.ok(facts.now.isoformat(), "report", "followups", "--from", "2026-01-01", "--by", "kind")
    rows = facts.rows["followup"]
    kinds = {
        kind: (count, len({row["contact_id"] for row in rows if row["kind"] == kind}))
        for kind, count in Counter(row["kind"] for row in rows).items()
    }
    return {row["kind"]: (row["count"], row["contacts"]) for row in said["rows"]}, kinds


def _found(desk: Desk, life: Life, facts: Facts) -> tuple[Any, Any]:
    """What search finds of what was made: its contact, by the text that it alone has."""
    said, true = {}, {}
    known = {row["uid"]: row for noun in _FOUND for row in facts.rows[noun]}
    for thing in life.things[-_EVERY:]:
        row = known.get(thing.uid)
        if row is None or thing.marker not in _text(row, thing):
            continue
        found = desk.ok(facts.now.isoformat(), "find", thing.marker)
        true[thing.marker] = True
        said[thing.marker] = any(one.get("id") == row["id"] or row.get("contact_id") == one.get("id") for one in found)
    return said, true


def _text(row: Row, thing: Thing) -> str:
    return str(row["text"] if thing.table in {"followup", "complaint"} else row["name"])


def _dossiers(desk: Desk, facts: Facts) -> tuple[Any, Any]:
    """What the screen of a contact shows of what is open."""
    said, true = {}, {}
    for contact in facts.rows["contact"][:3]:
        shown = desk.ok(facts.now.isoformat(), "show", str(contact["id"]))
        said[contact["id"]] = [sorted(row["id"] for row in shown[name]) for name in ("callbacks", "complaints")]
        true[contact["id"]] = [
            sorted(row["id"] for row in facts.of("callback", contact) if _is_open(row)),
            sorted(row["id"] for row in facts.of("complaint", contact) if row["status"] not in _OVER),
        ]
    return said, true


def _satisfaction(desk: Desk, facts: Facts) -> tuple[Any, Any]:
    """The report on satisfaction: what was sent, and how closed cases were rated."""
    total = desk.ok(facts.now.isoformat(), "report", "satisfaction", "--from", "2026-01-01")["total"]
    closed = [case for case in facts.rows["complaint"] if case["closed_at"]]
    ratings = [case["satisfaction"] for case in closed if case["satisfaction"]]
    true = {
        "sent": len(facts.rows["survey"]),
        "closed": len(closed),
        "rated": len(ratings),
        "rating": round(sum(ratings) / len(ratings), 2) if ratings else None,
        **{f"rated_{points}": ratings.count(points) for points in range(1, 6)},
    }
    return {key: total[key] for key in true}, true


def _groups(desk: Desk, facts: Facts) -> tuple[Any, Any]:
    """Reports by groups: together the groups are all."""
    said, true = {}, {}
    for name, by in (
        ("complaints", "week,severity"),
        ("complaints", "breach"),
        ("followups", "day"),
        ("promises", "month"),
    ):
        report = desk.ok(facts.now.isoformat(), "report", name, "--from", "2026-01-01", "--by", by)
        said[name, by] = sum(row["count"] for row in report["rows"])
        true[name, by] = report["total"]["count"]
    return said, true


def _calendar(desk: Desk, facts: Facts) -> tuple[Any, Any]:
    """The feed: whatever is open has an entry; a repeat that was put off has one more, with which it goes on."""
    feed = desk.run(facts.now.isoformat(), "calendar", "--only", "callbacks,promises").out
    entries = [line for line in feed.splitlines() if line.startswith("UID:") and not line.endswith("-series")]
    return len(entries), sum(map(_is_open, facts.rows["callback"] + facts.rows["promise"]))
