"""What tests of imports share: running one from standard input, and what came of it."""

from typing import Any

from tests.conftest import Crm, opened

HEADER = "姓名,手机,公司,职务"
LI = "李四,139 0013 9000,南方电网,经理"


def imported(crm: Crm, text: str | bytes, *arguments: str) -> dict[str, Any]:
    """Import a text, which must not fail, and return the summary."""
    result = crm("import", "-", *arguments, "-o", "json", stdin=text)
    summary: dict[str, Any] = result.json
    assert result.code == (6 if summary["rejected"] else 0), result
    counts = ("created", "updated", "unchanged", "skipped", "rejected")
    assert sum(summary[name] for name in counts) == summary["read"]
    return summary


def counts(summary: dict[str, Any]) -> dict[str, int]:
    """Return what is not none of a summary."""
    names = ("created", "updated", "unchanged", "skipped", "rejected")
    return {name: summary[name] for name in names if summary[name]}


def contacts(crm: Crm) -> list[dict[str, Any]]:
    """Return all contacts as they were added."""
    rows: list[dict[str, Any]] = crm.data("contact", "list", "--sort", "id")
    return rows


def dump(crm: Crm) -> list[str]:
    """Everything in the database that is the user's."""
    connection = opened(crm.db)
    tables = ("contact", "company", "contact_point", "tag", "followup", "callback", "complaint", "vocabulary", "change")
    found = [str(row) for table in tables for row in connection.execute(f"SELECT * FROM {table} ORDER BY id")]
    connection.close()
    return found
