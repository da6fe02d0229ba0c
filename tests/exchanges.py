"""Two machines, each of which imports the other's export of everything."""

from typing import Any

from tests.conftest import Crm

AT = "2026-11-25T{}:00+08:00"


def at(clock: str, crm: Crm, *arguments: str) -> None:
    """Run a command line at a time of the day."""
    crm.ok(*arguments, CRM_NOW=AT.format(clock))


def carry(clock: str, start: Crm, end: Crm) -> dict[str, Any]:
    """Take everything from one machine to the other at a time of the day."""
    text = start.ok("export", "all", "-o", "jsonl", CRM_NOW=AT.format(clock)).out
    summary: dict[str, Any] = end.data("import", "-", stdin=text, CRM_NOW=AT.format(clock))
    return summary


def exchange(clock: str, crm: Crm, other: Crm) -> None:
    """Take everything from each to the other; then there is nothing more to take."""
    carry(clock, crm, other)
    carry(clock, other, crm)
    assert [carry(clock, *way)["change"] for way in ((crm, other), (other, crm))] == [None, None]
