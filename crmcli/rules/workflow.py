"""The steps of a complaint as data: in which states each is possible, and to which it leads.

受理 → 判定 → 责任部门 → 处理方案 → 批示 → 解决 → 回访关闭. None of the steps between receiving and solving is needed
unless the complaint's type requires it (vocabulary). A step that does not fit the present state is refused.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

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
    "assess": {**_stay(*OPEN), "received": "assessed"},
    "assign": {**_stay(*OPEN), **_lead("assigned", "received", "assessed")},
    "accept": {**_stay(*OPEN), **_lead("assigned", "received", "assessed")},
    "decline": _stay(*OPEN),
    "propose": _lead("proposed", *OPEN),
    "approve": _lead("approved", "proposed"),
    "reject": _lead("assigned", "proposed"),
    "wait": _stay(*OPEN),
    "resume": _stay(*OPEN),
    "escalate": _stay(*OPEN),
    "comment": _stay(*STATES),
    "link": _stay(*STATES),
    "resolve": _lead("resolved", *OPEN),
    "close": _lead("closed", *OPEN, "resolved"),
    "reopen": _lead("received", "resolved", "closed"),
}
"""Step → {state: the state that it leads to}."""

REQUIRABLE = ("respond", "assess", "assign", "accept", "propose", "approve")
"""Steps that a type may require before a complaint of it is solved."""

_UNDOES = {
    "reopen": REQUIRABLE,
    "assign": ("accept",),
    "propose": ("approve",),
    "reject": ("propose", "approve"),
}
"""Step → the steps before it that count no more."""

FOLLOWED = {
    "wait": ("resume", "reopen"),
    "resume": ("wait",),
    "resolve": ("wait", "reopen"),
    "close": ("wait", "resolve", "reopen"),
    "reopen": ("resolve", "close"),
}
"""Step → the steps that, once taken, it comes after."""

_CLOCKS = ("hours", "respond_by", "resolve_by")
CHANGED = {
    "respond": ("respond_by",),
    "assess": ("type", "category", "severity", "cause", *_CLOCKS),
    "assign": ("department", "assignee"),
    "accept": ("assignee", "responsible"),
    "decline": ("assignee",),
    "resume": ("respond_by", "resolve_by", "waiting_since"),
    "reopen": ("resolved_at", "closed_at", "satisfaction", *_CLOCKS),
}
"""Step → what it may change of a complaint that reports tell: it keeps how that was before it."""


class Facts(NamedTuple):
    """What decides, besides the state, which steps are possible."""

    answered: bool = False
    """The customer has had a first answer."""
    asked: bool = False
    """Somebody else than who answers for it was asked to take it over, and has not said yes or no; or nobody does."""
    waiting: bool = False
    """It waits for the customer, and its clocks stand."""


def possible_steps(state: str, facts: Facts) -> list[str]:
    """Return the steps that a complaint in this state can take."""
    ruled_out = {
        "respond": facts.answered,
        "accept": not facts.asked,
        "decline": not facts.asked,
        "wait": facts.waiting,
        "resume": not facts.waiting,
    }
    return [step for step, moves in MOVES.items() if state in moves and not ruled_out.get(step)]


def missing_steps(required: str | None, taken: Iterable[str]) -> list[str]:
    """Return which of the required steps (a text with spaces) still count as not taken, given all steps in order."""
    done: set[str] = set()
    for step in taken:
        done.difference_update(_UNDOES.get(step, ()))
        done.add(step)
    return [step for step in (required or "").split() if step not in done]
