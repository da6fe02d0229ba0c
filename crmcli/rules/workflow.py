"""The steps of a complaint as data: in which states each is possible, and to which it leads.

A step that is not in the row of the present state is refused. A further step (assess, propose, approve, …) is a further
row here and a command.
"""

from collections.abc import Mapping

OPEN = ("received", "assessed", "assigned", "proposed", "approved")
"""States in which the customer still waits for a solution."""

STATES = (*OPEN, "resolved", "closed")


def _stay(*states: str) -> dict[str, str]:
    """Return the moves of a step that leaves the state as it is."""
    return {state: state for state in states}


def _lead(to: str, *states: str) -> dict[str, str]:
    """Return the moves of a step that leads from any of these states to one."""
    return dict.fromkeys(states, to)


MOVES: Mapping[str, Mapping[str, str]] = {
    "respond": _stay(*OPEN),
    "comment": _stay(*STATES),
    "assign": {**_stay(*OPEN), **_lead("assigned", "received", "assessed")},
    "resolve": _lead("resolved", *OPEN),
    "close": _lead("closed", *OPEN, "resolved"),
    "reopen": _lead("received", "resolved", "closed"),
}
"""Step → {state: the state that it leads to}."""

_ONCE = frozenset({"respond"})
"""Steps that stop a clock, and do so once: the first answer."""


def possible_steps(state: str, *, answered: bool) -> list[str]:
    """Return the steps that a complaint in this state can take."""
    return [step for step, moves in MOVES.items() if state in moves and not (answered and step in _ONCE)]
