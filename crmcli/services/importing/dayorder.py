"""Which of two numbers is the month: a column of birthdays has one order, whichever cell of it tells."""

import re
import sqlite3
from datetime import date

_NUMBERS = re.compile(r"\s*(\d{1,2})[-/](\d{1,2})(?:[-/]\d{4})?(?!\d)", re.ASCII)
_MONTHS = 12
_EITHER, _DAY_FIRST, _MONTH_FIRST = "?", ">", "<"
_MARKED = "birthday GLOB '*[<>?]'"
_TURNED = "substr(birthday, 1, length(birthday) - 6) || substr(birthday, -3, 2) || '-' || substr(birthday, -6, 2)"
"""A birthday that ends with a mark, without it, day and month in each other's place."""


def mark(text: str) -> str:
    """Return what a birthday, as the file has it, says of the order: staged behind it until all rows are there."""
    numbers = _NUMBERS.match(text)
    if numbers is None or numbers[1] == numbers[2]:
        return ""
    first, second = int(numbers[1]), int(numbers[2])
    if first <= _MONTHS and second <= _MONTHS:
        return _EITHER
    return _DAY_FIRST if first > _MONTHS else _MONTH_FIRST


def settle_order(connection: sqlite3.Connection, order: str, today: date) -> int:
    """Give the birthdays that were read in the usual `order` the other one if that is their column's; return how many.

    It is where a cell has it and none has the usual one. Nobody is born tomorrow by that.
    """
    marks = f"SELECT DISTINCT substr(birthday, -1) FROM incoming WHERE {_MARKED}"
    found = {row[0] for row in connection.execute(marks)}
    if not found:
        return 0
    turned = 0
    if found - {_EITHER} == {_DAY_FIRST if order == "md" else _MONTH_FIRST}:
        turned = connection.execute(
            f"UPDATE incoming SET birthday = {_TURNED} WHERE substr(birthday, -1) = '?' AND {_TURNED} <= ?",
            (today.isoformat(),),
        ).rowcount
    connection.execute(f"UPDATE incoming SET birthday = substr(birthday, 1, length(birthday) - 1) WHERE {_MARKED}")
    return turned
