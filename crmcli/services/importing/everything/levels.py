"""Service levels, as an export of everything has them."""

from collections.abc import Mapping

from crmcli.errors import WhenError
from crmcli.services.importing.plan import RejectedError
from crmcli.services.importing.words import Words
from crmcli.store.transaction import Transaction
from crmcli.when.periods import parse_amount

_SETS = {"type": "complaint_type", "severity": "severity", "class": "class", "hours": "hours"}
_SAME = "type IS :type AND severity IS :severity AND class IS :class"
_VALUES = "(respond, resolve, hours, escalate_to, origin, hidden)"
_GIVEN = "(:respond, :resolve, :hours, :escalate_to, :origin, :hidden)"


def put_level(tx: Transaction, cells: Mapping[str, str], *, words: Words) -> str:
    """Add or change the service level for the same complaints; return created, updated or unchanged.

    Raises RejectedError for a word that is none, and for what is no length of time.
    """
    for name in ("respond", "resolve"):
        try:
            parse_amount(cells.get(name) or "1d")
        except WhenError as error:
            raise RejectedError(name, cells[name][:60], error.message) from error
    texts = {name: cells.get(name) or None for name in ("respond", "resolve", "escalate_to", "origin")}
    codes = {name: words.code(set_, name, cells[name]) if cells.get(name) else None for name, set_ in _SETS.items()}
    given = {**texts, **codes, "hours": codes["hours"] or "always", "hidden": int(cells.get("hidden") == "true")}
    if tx.connection.execute(f"SELECT 1 FROM service_level WHERE {_SAME}", given).fetchone() is None:
        columns = ("type", "severity", "class", "respond", "resolve", "hours", "escalate_to", "origin", "hidden")
        tx.connection.execute(
            f"INSERT INTO service_level ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})",
            given,
        )
        return "created"
    changed = tx.connection.execute(
        f"UPDATE service_level SET {_VALUES} = {_GIVEN} WHERE {_SAME} AND {_VALUES} IS NOT {_GIVEN}", given
    ).rowcount
    return "updated" if changed else "unchanged"
