"""Who is there already, and what: contacts that share a way to be reached, or a name and company; plans made twice."""

from collections.abc import Sequence
from typing import Any

from crmcli.i18n import _
from crmcli.queries.reader import Reader
from crmcli.rules.names import clean, name_key

_WHO = (
    "SELECT id, name, company, title, owner, last_contact_at, :why AS why FROM contacts "
    "WHERE {condition} ORDER BY id LIMIT 10"
)
_SAME_POINT = "id IN (SELECT contact_id FROM contact_point WHERE key = :key)"
_SAME_NAME = "name_key = :name AND company_id IS NULL"
_SAME_NAME_AND_COMPANY = "name_key = :name AND company_id IN (SELECT id FROM company WHERE name_key = :company)"
_SAME_PLAN = ("contact_id", "kind", "due_on", "due_time", "zone", "purpose", "owner", "rule", "after_done")
_PLANNED_BEFORE = (
    "SELECT min(o.id) FROM callback b JOIN callback o ON o.id <> b.id AND o.status = 'open' "
    f"AND {' AND '.join(f'o.{name} IS b.{name}' for name in _SAME_PLAN)} WHERE b.id = :id"
)


def find_duplicates(reader: Reader, keys: Sequence[str], key_of_name: str, company: str) -> list[dict[str, Any]]:
    """Return the contacts that somebody with these phones, e-mails and handles, this name and this company may be.

    Each has `why`: what is the same. A name alone is compared with names without a company.
    """
    alike: list[tuple[str, dict[str, str]]] = [(_SAME_POINT, {"key": key, "why": key}) for key in keys]
    if clean(company):
        names = {"name": key_of_name, "company": name_key(clean(company))}
        alike.append((_SAME_NAME_AND_COMPANY, {**names, "why": _("name and company")}))
    elif not keys:
        alike.append((_SAME_NAME, {"name": key_of_name, "why": _("name")}))
    found: dict[int, dict[str, Any]] = {}
    for condition, values in alike:
        for row in reader.connection.execute(_WHO.format(condition=condition), values):
            found.setdefault(row["id"], {**row, "last_contact_at": reader.local(row["last_contact_at"])})
    return list(found.values())


def planned_before(reader: Reader, id_: int) -> int | None:
    """Return the id of an open callback that is the very same as this one, which has just been planned; or None."""
    found: int | None = reader.connection.execute(_PLANNED_BEFORE, {"id": id_}).fetchone()[0]
    return found
