"""Another process writes between two statements of a command: what comes of both is what one after the other gives.

A command looks somebody up, asks, computes, and only then writes in one transaction; what it looked at may be gone or
another by then. Whatever it was, the end must be that of the two commands in one order or the other, or that of the
rival alone where this one says that it can't be done.
"""

import re
from difflib import ndiff
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import NamedTuple

from tests.faults.forks import Ended
from tests.faults.machine import DOCUMENTED, Machine, new_folder, require_honest
from tests.faults.repertoire import READS, TAGGED, WRITES, furnish
from tests.faults.rivals import Meeting, Rival, met

_ROWS = TAGGED + 10
_ALONE = {"restore", "archive", "erase", "settings", "settings anew", "init"}
"""What is no rival: it waits until nobody else has the database open, or writes settings besides or instead."""
_TAKES_AWAY = re.compile("delete|merge|erase|undo|cancel|close|done")
"""What is likeliest to matter to another command: two times of three the rival is such a one."""
_TOOK = re.compile('"finished_at": "[^"]*"')
_BY_LOT = re.compile("[0-9a-f]{32}|[0-9.]+ (?:KB|MB)")
_LINES = {**WRITES, **{" ".join(line): line for line in READS}}


class _Outcome(NamedTuple):
    """What is left when both are over, and what this command said."""

    state: dict[str, list[str]]
    ended: Ended


@cache
def _home() -> Machine:
    home = Machine(new_folder())
    furnish(home, _ROWS)
    return home


def _race(home: Machine, line: tuple[str, ...], rival: tuple[str, ...], before: int) -> tuple[Ended, Meeting]:
    order = Rival(list(rival), before, str(new_folder() / "rival.json"))
    ended = home.run(*line, rival=order)
    return ended, met(order)


@cache
def _places(line: tuple[str, ...]) -> int:
    """Return before how many statements of a command another process can come."""
    home = _home().copy(new_folder())
    return _race(home, line, (), 0)[1].statements


def try_one(_folder: Path, seed: int) -> str:
    """Let one command meet another once."""
    chance = Random(seed)  # noqa: S311 - the same every time
    name = chance.choice([*_LINES])
    rivals = [other for other in WRITES if other not in _ALONE]
    rival = chance.choice([other for other in rivals if _TAKES_AWAY.search(other)] if seed % 3 else rivals)
    return _meet(name, rival, chance.randint(1, max(1, _places(_LINES[name]))))


def try_everywhere(name: str, rival: str) -> set[str]:
    """Let a command meet another before each of its statements; return what became of it."""
    places = range(1, _places(_LINES[name]) + 1)
    return {_meet(name, rival, place) for place in places}


def _meet(name: str, rival: str, before: int) -> str:
    """Let the rival come before that statement of the command, and require what must hold; return which came first."""
    line, about = _LINES[name], (name, rival, before)
    home = _home().copy(new_folder())
    ended, meeting = _race(home, line, WRITES[rival], before)
    require_honest(_readable(ended, home), *about)
    if meeting.code is None:
        return "not met"
    assert meeting.code in DOCUMENTED, (*about, meeting)
    assert "Traceback" not in meeting.said, (*about, meeting)
    home.examined({"log"})
    raced = _Outcome(_state(home), _readable(ended, home))
    rmtree(home.folder)  # all are kept in places whose names are as long: what is printed is wrapped alike
    orders = {"rival first": (WRITES[rival], line), "rival last": (line, WRITES[rival])}
    serial = {said: _in_turn(lines, line) for said, lines in orders.items()}
    for said, outcome in serial.items():
        if _alike(raced, outcome):
            return said if ended.code == 0 else f"{said}, refused"
    if ended.code and raced.state == _in_turn((WRITES[rival],), line).state:
        return "refused"
    raise AssertionError((*about, ended, {said: _differences(raced, outcome) for said, outcome in serial.items()}))


def _state(home: Machine) -> dict[str, list[str]]:
    """Return all that is recorded, but for how long reminders took, which a rival delays."""
    return {table: sorted(_TOOK.sub("", row) for row in rows) for table, rows in home.state().items()}


def _readable(ended: Ended, home: Machine) -> Ended:
    """Return what was said without what differs every time, and with plain ends of lines."""
    out, err = (_BY_LOT.sub("", text.replace(str(home.folder), "").replace("\r\n", "\n")) for text in ended[2:])
    return ended._replace(out=out, err=err)


@lru_cache(8)
def _in_turn(lines: tuple[tuple[str, ...], ...], asked: tuple[str, ...]) -> _Outcome:
    """Run command lines one after another; return what is left, and what the one that is asked about said."""
    home = _home().copy(new_folder())
    said = Ended(0, 0, "", "")
    for line in lines:
        ended = home.run(*line)
        said = _readable(ended, home) if line == asked else said
    outcome = _Outcome(_state(home), said)
    rmtree(home.folder)
    return outcome


def _alike(one: _Outcome, other: _Outcome) -> bool:
    return one.state == other.state and (one.ended.code, one.ended.out) == (other.ended.code, other.ended.out)


def _differences(one: _Outcome, other: _Outcome) -> dict[str, object]:
    """Return what tells two outcomes apart, for a report."""
    found: dict[str, object] = {}
    for table in one.state.keys() | other.state.keys():
        ours, theirs = (set(outcome.state.get(table, ())) for outcome in (one, other))
        if ours != theirs:
            found[table] = (sorted(ours - theirs)[:2], sorted(theirs - ours)[:2])
    if one.ended.code != other.ended.code:
        found["code"] = (one.ended.code, other.ended.code, other.ended.err)
    if one.ended.out != other.ended.out:
        found["out"] = [
            line for line in ndiff(one.ended.out.splitlines(), other.ended.out.splitlines()) if line[0] != " "
        ]
    return found
