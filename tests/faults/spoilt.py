"""Exports in which values were replaced by others: an import takes or rejects them, and what it took breaks nothing.

Another program, or a hand, writes a list where a text belongs, a number that no column holds, a moment at the end of
the calendar. Whatever was taken must be shown, counted, reminded of and exported, so that it can be imported again.
"""

import csv
import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.machine import DOCUMENTED, Machine, new_folder, require_honest
from tests.faults.repertoire import DATA, READS, furnish

_ROWS = 5
_TABLES = (
    "contacts",
    "companies",
    "followups",
    "callbacks",
    "complaints",
    "promises",
    "supervisions",
    "answers",
    "surveys",
)
_NUMBERS = (10**30, 10**18, 2**63, -1, 0, 1.5, float("inf"), float("nan"))
_TEXTS = (
    *("", "-", "x" * 70_000, "12", "9" * 30, "1e999", "+1.234", "yes", "me", "a:b@c", "=1+1", "../../etc", '"', "\n\n"),
    *("null", "[]", "{}", "[1]", "[null]", '["x"]', '{"a":1}', '{"a":{"b":[]}}', "\u202e\x1b[31m", "open", "done"),
    *("2026-11-25", "9999-12-31", "0001-01-01", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00Z", "24:00", "明天"),
    *("99999 years", "every day", "FREQ=DAILY;COUNT=99999999999999", "FREQ=YEARLY;INTERVAL=999999999", "FREQ=SECONDLY"),
    "Asia/Shanghai",
)
_VALUES: tuple[Any, ...] = (*_NUMBERS, *_TEXTS, True, False, None, [], {}, ["x"], [[1]], [None], {"a": 1}, {"": ""})
_ZONES = ("Asia/Shanghai", "America/New_York", "UTC")
_AFTER = (("today",), ("remind", "--within", "9d"), ("export", "all", "-o", "json", "--to", "again.json"))
"""What must succeed."""
_READS = [line for line in READS if line not in DATA]
_WRONG = frozenset({1, 7})
"""Exit codes of what can't be done for any other reason than what was asked."""


@cache
def _home() -> Machine:
    home = Machine(new_folder())
    furnish(home, _ROWS)
    home.ok("contact", "consent", "张三", "email", "no", "--source", "表格")
    home.ok("complaint", "link", "c1", "--complaint", "c2", "--followup", "1", "--improvement", "清单")
    home.ok("supervision", "report", "s1", "一半", "--percent", "50")
    home.ok("survey", "return", "1", "--answers", "promise=90/80")
    home.ok("question", "edit", "1", "--weight", "3")
    home.ok("contact", "merge", "4", "5", "-y")
    home.ok("contact", "distinct", "4", "6")
    home.ok("company", "distinct", "1", "2")
    home.ok("vocabulary", "edit", "class", "core", "--every", "45")
    home.ok("vocabulary", "add", "tag", "vip", "--zh", "贵宾", "--every", "每月")
    (home.folder / "own.toml").write_text(home.ok("preset", "show", "library", "--toml"), "utf-8")
    home.ok("preset", "use", "own.toml", "-y")
    for table in _TABLES:
        home.ok("export", table, "--to", f"{table}.csv")
    home.ok("export", "all", "--to", "whole.json")
    return home


def try_one(folder: Path, seed: int) -> str:
    """Import a file in which values were replaced, into a copy of where it comes from or into a new database."""
    chance = Random(seed)  # noqa: S311 - the same every time
    home = _home().copy(folder)
    whole = chance.random() < 0.5
    file, said = _spoil_records(home, chance) if whole else _spoil_table(home, chance)
    name = "new.db" if chance.random() < 0.4 else home.db.name
    zone = chance.choice(_ZONES)
    more = () if whole else chance.choice([(), ("--extra", "fields"), ("--on-duplicate", "create")])
    code = _run(home, name, zone, said, "import", file, *more)
    there = Machine(folder, name)
    if there.db.exists():
        for line in (*_AFTER, *chance.sample(_READS, 6)):
            after = _run(home, name, zone, said, *line)
            assert after == 0 or line not in _AFTER, (line, said, after)
        there.examined()
        assert _run(home, "third.db", zone, said, "import", "again.json") == 0, said
    return f"{'everything' if whole else 'a table'}: {'taken' if code == 0 else 'rejected'}"


def _run(home: Machine, database: str, zone: str, said: object, *line: str) -> int:
    """Run a command line on a database; it must end honestly, whatever it says."""
    ended = home.run(*line, "--db", database, TZ=zone)
    require_honest(ended, line, said)
    assert ended.code in DOCUMENTED - _WRONG, (line, said, ended)
    return ended.code


def _spoil_records(home: Machine, chance: Random) -> tuple[str, object]:
    """Replace values in an export of everything; return the file, and what was replaced."""
    records = json.loads((home.folder / "whole.json").read_text("utf-8"))
    said = []
    for _time in range(chance.choice((1, 1, 1, 2))):
        kind = chance.choice(sorted({str(one["record"]) for one in records}))
        record = chance.choice([one for one in records if str(one["record"]) == kind])
        place, value = chance.choice([*_places(record)]), chance.choice(_VALUES)
        inside = record
        for key in place[:-1]:
            inside = inside[key]
        inside[place[-1]] = value
        said.append((record.get("record"), place, str(value)[:40]))
    (home.folder / "spoilt.json").write_text(json.dumps(records), "utf-8")
    return "spoilt.json", said


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where there are values in an object of JSON, at every depth."""
    if place:
        yield place
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from _places(one, (*place, key))


def _spoil_table(home: Machine, chance: Random) -> tuple[str, object]:
    """Replace cells in the export of a noun, perhaps without uids; return the file, and what was replaced."""
    table = chance.choice(_TABLES)
    rows = [*csv.DictReader(io.StringIO((home.folder / f"{table}.csv").read_text("utf-8-sig")))]
    said: list[object] = [table]
    for _time in range(chance.choice((1, 1, 2, 3))):
        row, value = chance.choice(rows), str(chance.choice((*_NUMBERS, *_TEXTS)))
        column = chance.choice([*row])
        row[column] = value
        said.append((column, value[:40]))
    columns = [name for name in rows[0] if name not in ("id", "uid") or chance.random() > 0.3]
    with (home.folder / f"spoilt-{table}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return f"spoilt-{table}.csv", said
