"""Date and time → text, in the language in use (skeleton: signatures are final)."""

from datetime import date, datetime, time

from crmcli.when.value import When


def say_moment(day: date, time: time | None, now: datetime, *, year_always: bool = False) -> str:
    """Return the moment as people say it: `today 15:00`, `Fri 4 Dec`, `12月4日 周五 15:00`."""
    raise NotImplementedError


def say_distance(day: date, time: time | None, now: datetime) -> str:
    """Return how far away the moment is: `in 9 days`, `in 6 h`, `2 days ago`, `今天`."""
    raise NotImplementedError


def say_overdue(day: date, time: time | None, now: datetime, *, short: bool = False) -> str:
    """Return how late it is (`3 days overdue`; short: `3 days`), empty when it is not."""
    raise NotImplementedError


def echo(when: When, now: datetime) -> str:
    """Return what was understood: `Fri 4 Dec 2026 15:00, in 9 days`."""
    raise NotImplementedError


def say_repeat(rule: str) -> str:
    """Return the repeat as people say it: `every month on the 31st`; a rule that is not known, as it is."""
    raise NotImplementedError
