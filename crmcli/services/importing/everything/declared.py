"""Declarations of a database as the export of another one has them: its presets, custom fields and notices."""

import json
import tomllib
from collections.abc import Mapping

from crmcli.errors import CrmError
from crmcli.i18n import _
from crmcli.rules.custom_fields import PARTIES, TYPES, asked_as, built_in, is_code
from crmcli.rules.names import clean
from crmcli.rules.preset_checks import MOST_BYTES
from crmcli.rules.presets import BASE, KEYS
from crmcli.services.importing.cells import number
from crmcli.services.importing.plan import RejectedError
from crmcli.services.importing.told import completed
from crmcli.services.importing.words import Words
from crmcli.services.presets import mistakes
from crmcli.store.presets import remember, used
from crmcli.store.transaction import Transaction
from crmcli.when.periods import parse_period
from crmcli.when.value import MOST_DAYS

_PUT = """
INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {sets}
WHERE ({changed}) IS NOT ({excluded})
"""

_KEEP = """
INSERT INTO preset (name, text, current) VALUES (?, ?, 0) ON CONFLICT (name) DO UPDATE SET text = excluded.text
"""


def put_preset(tx: Transaction, cells: Mapping[str, str]) -> str:
    """Note a preset that another database was made with; return created, updated or unchanged.

    The one in use there is so here, unless another than the one that a database begins with is in use already. Raises
    RejectedError for what no preset can be.
    """
    name, text = clean(cells.get("name", "")), cells.get("text", "")
    if not name or not _is_preset(text):
        raise RejectedError("text", name[:60], _("not what an export writes there"))
    there = {known: (kept, current) for known, kept, current in used(tx.connection)}
    in_use = next((known for known, (_kept, current) in there.items() if current), BASE)
    current = in_use == name or (cells.get("current") == "true" and in_use == BASE)
    if there.get(name) == (text, current):
        return "unchanged"
    if current:
        remember(tx.connection, name, text)
    else:
        tx.connection.execute(_KEEP, (name, text))
    return "updated" if name in there else "created"


def _is_preset(text: str) -> bool:
    try:
        return 0 < len(text.encode()) <= MOST_BYTES and not any(mistakes(tomllib.loads(text)))
    except (ValueError, RecursionError):
        return False


def put_field(tx: Transaction, cells: Mapping[str, str]) -> str:
    """Add or change a custom field as another database has it; return created, updated or unchanged.

    Raises RejectedError for what no field can be.
    """
    return _put(tx, "custom_field", _read(completed(tx, "custom_field", KEYS["custom_field"], cells)))


def put_notice(tx: Transaction, words: Words, cells: Mapping[str, str]) -> str:
    """Add or change a notice as another database has it; return created, updated or unchanged.

    Raises RejectedError for what no notice can be.
    """
    other = ("field", "before") if cells.get("every") else ("every",) if cells.get("field") else ()
    cells = completed(tx, "notice", KEYS["notice"], cells) | {name: cells.get(name, "") for name in other}
    code, field, every = (cells.get(name, "") for name in ("code", "field", "every"))
    if not is_code(code) or bool(field) == bool(every):
        raise RejectedError("code", code[:60], _("not what an export writes there"))
    for name in ("before", "every"):
        try:
            parse_period(cells.get(name) or "1d")
        except CrmError as error:
            raise RejectedError(name, cells[name][:60], error.message) from error
    texts = {name: clean(cells.get(name, "")) for name in ("en", "zh", "query", "field", "before", "every", "origin")}
    values = {name: text or None for name, text in texts.items()} | {"query": texts["query"]}
    kind = words.code("callback_kind", "kind", cells.get("kind", ""))
    labels = {name: texts[name] or code for name in ("en", "zh")}
    return _put(
        tx, "notice", {"code": code, **values, **labels, "kind": kind, "hidden": int(cells.get("hidden") == "true")}
    )


def _put(tx: Transaction, table: str, values: Mapping[str, str | int | None]) -> str:
    """Add or change the row with this key and return what became of it."""
    key = KEYS[table]
    which = " AND ".join(f"{name} = :{name}" for name in key)
    known = tx.connection.execute(f"SELECT 1 FROM {table} WHERE {which}", values).fetchone()
    others = [name for name in values if name not in key]
    sql = _PUT.format(
        table=table,
        key=", ".join(key),
        names=", ".join(f'"{name}"' for name in values),
        marks=", ".join(f":{name}" for name in values),
        sets=", ".join(f'"{name}" = excluded."{name}"' for name in others),
        changed=", ".join(f'"{name}"' for name in others),
        excluded=", ".join(f'excluded."{name}"' for name in others),
    )
    changed = tx.connection.execute(sql, values).rowcount
    return ("updated" if known else "created") if changed else "unchanged"


def _read(cells: Mapping[str, str]) -> dict[str, str | int | None]:
    noun, code, type_ = (cells.get(name, "") for name in ("noun", "code", "type"))
    if noun not in PARTIES or not is_code(code) or type_ not in TYPES:
        raise RejectedError("code", code[:60], _("not what an export writes there"))
    taken = built_in(noun)
    for word in (code, *(clean(cells.get(name, "")) for name in ("en", "zh"))):
        if means := taken.get(asked_as(word)):
            raise RejectedError("code", word, _("“{word}” is the field {code} already").format(word=word, code=means))
    try:
        choices = json.loads(cells.get("choices") or "null")
        labels = {name: {"en": clean(said["en"]), "zh": clean(said["zh"])} for name, said in (choices or {}).items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RejectedError("choices", cells.get("choices", "")[:60], _("not what an export writes there")) from error
    numbers = {name: number(name, cells.get(name) or "0") or 0 for name in ("position", "remind_days")}
    if numbers["remind_days"] > MOST_DAYS:
        raise RejectedError("remind_days", cells["remind_days"], _("not what an export writes there"))
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
