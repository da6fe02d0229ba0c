"""One salesperson with two machines, each of which takes an export of everything from the other in the evening."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.conftest import Crm, opened
from tests.machines.acts import ACTS, Act, Life, Thing
from tests.machines.desk import Desk, known_as, records

DAYS = int(os.environ.get("CRM_DAYS", "4"))
"""Of the life that the test lives: `CRM_DAYS=14 CRM_SEED=7 pytest tests/machines`."""
SEED = int(os.environ.get("CRM_SEED", "1"))
LINES = int(os.environ.get("CRM_LINES", "40"))
"""Of what was done, when something is wrong."""
_A_DAY = 24
"""Acts of both machines together."""
_SETTLED = 4
"""Exports of an evening after which there is nothing to be told."""
MORNING = datetime.fromisoformat("2026-11-02T08:00:00+08:00")


def test_both_know_what_was_done_on_either(crm: Crm, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    desks = [Desk("A", crm), Desk("B", Crm(tmp_path / "other", crm._monkeypatch))]  # noqa: SLF001 - the other machine
    rng = Random(SEED)  # noqa: S311 - nothing secret
    life = Life(tmp_path)
    for desk in desks:
        for field in (("level",), ("meter",), ("expiry", "--type", "date")):
            desk.ok(MORNING.isoformat(), "field", "add", "contact", *field)
    desks[0].ok(MORNING.isoformat(), "notice", "add", "expires", "--field", "expiry", "--before", "20d")
    for day in range(DAYS):
        work(life, desks, rng, MORNING + timedelta(days=day))
        exchange(desks, MORNING + timedelta(days=day, hours=10), tmp_path)
        compare(life, desks, MORNING + timedelta(days=day, hours=11))


def work(life: Life, desks: list[Desk], rng: Random, morning: datetime) -> None:
    """Live through a day, now on one machine and now on the other."""
    acts, weights = zip(*ACTS, strict=True)
    for minutes in range(0, _A_DAY * 20, 20):
        now = (morning + timedelta(minutes=minutes)).isoformat()
        (deed,) = rng.choices(acts, weights)
        deed(life, Act(rng.choice(desks), now, rng))


def exchange(desks: list[Desk], evening: datetime, folder: Path) -> None:
    """Take what the other has, each from each; then once more, and nothing changes.

    Between, twice: what belonged to one who was merged on one machine belongs to both on the other.
    """
    one, other = desks
    for minute, (giver, taker) in enumerate(((one, other), (other, one)) * 3):
        now = (evening + timedelta(minutes=minute)).isoformat()
        path = folder / f"{giver.name}.jsonl"
        giver.give(now, path)
        summary = taker.take(now, path)
        if minute >= _SETTLED or (minute > 1 and not merged(path)):
            assert summary["change"] is None, told(desks, summary, last_change(taker))


def merged(path: Path) -> bool:
    return '"record": "former"' in path.read_text("utf-8")


def last_change(desk: Desk) -> str:
    """Return the last change of a machine, to be read when there should have been none."""
    rows = opened(desk.crm.db).execute(
        "SELECT entity, before, after FROM change_row WHERE change_id = (SELECT max(id) FROM change)"
    )
    return "\n".join(map(str, rows))


def told(desks: list[Desk], *what: object) -> str:
    """Return what is wrong, and what was done before."""
    done = sorted(line for desk in desks for line in desk.log)
    return "\n".join(["", *done[-LINES:], *map(str, what)])


def compare(life: Life, desks: list[Desk], now: datetime) -> None:
    """Hold the machines against each other, and both against what was done."""
    exports = [desk.everything(now.isoformat()) for desk in desks]
    known = known_as(*exports)
    one, other = (records(rows, known) for rows in exports)
    assert one.keys() == other.keys(), told(desks, one.keys() ^ other.keys())
    for key, row in one.items():
        differing = {
            name: (row.get(name), other[key].get(name)) for name in row if row.get(name) != other[key].get(name)
        }
        assert not differing, told(desks, key, differing)
    rows = {row["uid"]: row for row in exports[0] if "uid" in row and row["record"] != "former"}
    for thing in life.things:
        assert thing.uid in rows or thing.uid in life.loose or thing.uid in known, told(desks, thing)
    said = "".join(map(str, rows.values()))
    for (thing, field), value in life.expected.items():
        if thing.uid in rows and not is_loose(life, thing, rows, known):
            assert value_of(rows[thing.uid], field) == value, told(desks, thing, field, value)
    for thing, _field, text in life.within:
        if thing.uid in rows and not is_loose(life, thing, rows, known):
            assert text in said, told(desks, thing, text)


def value_of(row: dict[str, Any], field: str) -> Any:
    name, _dot, part = field.partition(".")
    return row[name].get(part) if part else row[name]


def is_loose(life: Life, thing: Thing, rows: dict[str, Any], known: dict[str, str]) -> bool:
    """Return whether it, or whose it is, was deleted or merged meanwhile."""
    return not {thing.uid, rows[thing.uid].get("contact_uid")}.isdisjoint({*life.loose, *known})
