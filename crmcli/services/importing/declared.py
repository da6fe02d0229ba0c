"""Declarations of a database as the export of another one has them: its custom fields."""

import json
from collections.abc import Mapping

from crmcli.i18n import _
from crmcli.rules.custom_fields import PARTIES, TYPES, is_code
from crmcli.rules.names import clean
from crmcli.services.importing.plan import RejectedError
from crmcli.store.transaction import Transaction

_KEY = {"noun", "code"}
_PUT = """
INSERT INTO custom_field ({names}) VALUES ({marks}) ON CONFLICT (noun, code) DO UPDATE SET {sets}
WHERE ({changed}) IS NOT ({excluded})
"""


def put_field(tx: Transaction, cells: Mapping[str, str]) -> str:
    """Add or change a custom field as another database has it; return created, updated or unchanged.

    Raises RejectedError for what no field can be.
    """
    values = _read(cells)
    key = (values["noun"], values["code"])
    known = tx.connection.execute("SELECT 1 FROM custom_field WHERE noun = ? AND code = ?", key).fetchone()
    others = [name for name in values if name not in _KEY]
    sql = _PUT.format(
        names=", ".join(values),
        marks=", ".join(f":{name}" for name in values),
        sets=", ".join(f"{name} = excluded.{name}" for name in others),
        changed=", ".join(others),
        excluded=", ".join(f"excluded.{name}" for name in others),
    )
    changed = tx.connection.execute(sql, values).rowcount
    return ("updated" if known else "created") if changed else "unchanged"


def _read(cells: Mapping[str, str]) -> dict[str, str | int | None]:
    noun, code, type_ = (cells.get(name, "") for name in ("noun", "code", "type"))
    if noun not in PARTIES or not is_code(code) or type_ not in TYPES:
        raise RejectedError("code", code[:60], _("not what an export writes there"))
    try:
        choices = json.loads(cells.get("choices") or "null")
        labels = {name: {"en": clean(said["en"]), "zh": clean(said["zh"])} for name, said in (choices or {}).items()}
        numbers = {name: int(cells.get(name) or 0) for name in ("position", "remind_days")}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RejectedError("choices", cells.get("choices", "")[:60], _("not what an export writes there")) from error
    return {
        "noun": noun,
        "code": code,
        "type": type_,
        "en": clean(cells.get("en", "")) or code,
        "zh": clean(cells.get("zh", "")) or code,
        "aliases": clean(cells.get("aliases", "")),
        "choices": json.dumps(labels, ensure_ascii=False) if labels and type_ == "choice" else None,
        "required": int(cells.get("required") == "true"),
        "remind_days": numbers["remind_days"] if cells.get("remind_days") and type_ == "date" else None,
        "yearly": int(cells.get("yearly") == "true" and type_ == "date"),
        "position": numbers["position"],
        "origin": cells.get("origin") or None,
        "hidden": int(cells.get("hidden") == "true"),
    }
