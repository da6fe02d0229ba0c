"""When a repeat comes next (skeleton: signatures are final). Pure: days only, no clock."""

from datetime import date


def next_occurrence(rule: str, anchor: date, after: date) -> date | None:
    """Return the first day of the series strictly after `after`; None when it has ended."""
    raise NotImplementedError


def following(rule: str, anchor: date, due: date, done: date, *, after_done: bool = False) -> date | None:
    """Return the day that follows the occurrence due on `due` and done on `done`."""
    raise NotImplementedError


def limit_rule(rule: str, *, until: date | None = None, times: int | None = None) -> str:
    """Return the rule with an end: the last day (inclusive) or the number of occurrences."""
    raise NotImplementedError


def anchor_rule(rule: str, first: date) -> str:
    """Return a bare monthly or yearly rule tied to its first day, so that a 31st falls on the end of short months."""
    raise NotImplementedError


def count_down(rule: str) -> str | None:
    """Return the rule with one occurrence fewer (for a series that counts from the day done); None after the last."""
    raise NotImplementedError
