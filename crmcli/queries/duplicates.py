"""Who is there already: contacts that share a way to be reached, or name and company."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from crmcli.i18n import _
from crmcli.rules.names import clean, name_key

_WHO = """
SELECT id, name, company, title, owner, last_contact_at, :why AS why
FROM contacts WHERE {condition} ORDER BY id LIMIT 10
"""


def find_duplicates(
    connection: sqlite3.Connection, keys: Sequence[str], key_of_name: str, company: str
) -> list[dict[str, Any]]:
    """Return the contacts that somebody with these phones, e-mails and handles, this name and this company may be.

    Each has `why`: what is the same. A name alone is compared with names without a company.
    """
    found: dict[int, dict[str, Any]] = {}
    for key in keys:
        condition = "id IN (SELECT contact_id FROM contact_point WHERE key = :key)"
        for row in connection.execute(_WHO.format(condition=condition), {"key": key, "why": key}):
            found.setdefault(row["id"], dict(row))
    if not keys and not clean(company):
        values = {"name": key_of_name, "why": _("name")}
        for row in connection.execute(_WHO.format(condition="name_key = :name AND company_id IS NULL"), values):
            found.setdefault(row["id"], dict(row))
    if clean(company):
        condition = "name_key = :name AND company_id IN (SELECT id FROM company WHERE name_key = :company)"
        values = {"name": key_of_name, "company": name_key(clean(company)), "why": _("name and company")}
        for row in connection.execute(_WHO.format(condition=condition), values):
            found.setdefault(row["id"], dict(row))
    return list(found.values())
