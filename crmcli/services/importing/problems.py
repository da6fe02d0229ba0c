"""All that is wrong with a row: who corrects one cell is not to find the next one at the next import."""

from collections.abc import Callable, Iterator

from crmcli.i18n import _
from crmcli.services.importing.plan import Plan, RejectedError
from crmcli.services.importing.rejects import said_reason
from crmcli.services.importing.staging import Staged

_MOST = 20
"""So many problems of a row are told."""

Read = Callable[[int, list[str], Staged], None]
"""Adds a row's values to a batch; raises RejectedError for the first cell that can't be read."""


def telling_all(read: Read, plan: Plan) -> Read:
    """Return what reads a row likewise, but tells all of its bad cells at once; rows without any cost nothing more."""

    def careful(number: int, cells: list[str], staged: Staged) -> None:
        try:
            read(number, cells, staged)
        except RejectedError as first:
            others = [said_reason(problem.field, problem.message) for problem in _others(read, cells, first, plan)]
            raise RejectedError(first.field, first.value, _("; ").join([first.message, *others])) from first

    return careful


def _others(read: Read, cells: list[str], first: RejectedError, plan: Plan) -> Iterator[RejectedError]:
    """Yield what else is wrong with a row: it is read again and again, each time with the last problem mended."""
    mended, told = [*cells], {(first.field, first.value), (first.field, "")}
    problem = _next_problem(read, mended, first, plan)
    for _time in range(_MOST):
        if problem is None:
            return
        if (problem.field, problem.value) not in told:
            yield problem
        told |= {(problem.field, problem.value), (problem.field, "")}
        problem = _next_problem(read, mended, problem, plan)


def _next_problem(read: Read, cells: list[str], problem: RejectedError, plan: Plan) -> RejectedError | None:
    """Empty the cells of a problem, or put a day there where something must be said, and return the next problem.

    None when nothing else is wrong, and when this one is in no cell.
    """
    places = [column.position for column in plan.headers.columns if column.field == problem.field]
    places = [place for place in places if problem.value and problem.value in cells[place]] or places
    for fitting in ("", plan.now.date().isoformat()):
        for place in places:
            cells[place] = fitting
        try:
            read(0, cells, Staged([], [], [], []))
        except RejectedError as following:
            if following.field != problem.field or following.value not in ("", fitting):
                return following
        else:
            return None
    return None
