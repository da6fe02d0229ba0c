"""What an undo must leave declared: words that records have, and values that fit their custom fields.

A word that came with a change may be everybody's by the time that the change is taken back, and a value that comes back
may be of a kind that its field is no longer. No later change of the journal touches the same record, so that nothing
else would tell.
"""

import json
from collections.abc import Iterator
from typing import Any

from crmcli.errors import ConflictError
from crmcli.i18n import _, ngettext
from crmcli.nouns import NOUNS, noun
from crmcli.queries.custom_fields import custom_fields
from crmcli.queries.vocabulary import in_use, uses
from crmcli.rules import shellwords
from crmcli.rules.custom_fields import PARTIES, CustomField, Value
from crmcli.rules.vocabulary import OPEN_SETS
from crmcli.store.transaction import Transaction

_GONE = "SELECT before FROM change_row WHERE change_id = ? AND entity = 'vocabulary' AND after IS NULL ORDER BY id"
_ELSE = "SELECT EXISTS (SELECT 1 FROM change_row WHERE change_id = ? AND entity <> 'vocabulary')"
_UNKNOWN = """
SELECT DISTINCT after ->> :path FROM change_row
WHERE change_id = :change AND entity = :entity AND after IS NOT NULL AND before ->> :path IS NOT after ->> :path
AND after ->> :path NOT IN (SELECT code FROM vocabulary WHERE "set" = :set)
"""
_VALUES = """
SELECT entity_id, before ->> '$.fields', after ->> '$.fields' FROM change_row
WHERE change_id = ? AND entity = ? AND after IS NOT NULL AND before ->> '$.fields' IS NOT after ->> '$.fields'
"""
_KINDS = ("type", "choices", "yearly")
_REDECLARED = f"""
SELECT entity_id FROM change_row WHERE change_id = ? AND entity = 'custom_field' AND after IS NOT NULL
AND ({" OR ".join(f"before ->> '$.{kind}' IS NOT after ->> '$.{kind}'" for kind in _KINDS)})
"""
"""Fields whose values are read otherwise than before."""


def keep_declared(tx: Transaction, change: int) -> None:
    """See that what the open change, which takes back `change`, leaves behind is declared.

    A word of a set that grows by use stays where other records have it. Raises ConflictError for any other word that
    records have, for a record that comes back with one that is gone, and for values that do not fit their field.
    """
    _keep_words(tx, change)
    _refuse_unknown(tx, change)
    for party in PARTIES:
        fields = custom_fields(tx.connection, party)
        if fields:
            _refuse_misfits(change, _held_anew(tx, party, fields))
            _refuse_misfits(change, _returned(tx, party, fields))


def _keep_words(tx: Transaction, change: int) -> None:
    more = tx.connection.execute(_ELSE, (tx.change,)).fetchone()[0]
    for (image,) in tx.connection.execute(_GONE, (tx.change,)).fetchall():
        row = json.loads(image)
        used = uses(tx.connection, row["set"], row["code"])
        if used and more and row["set"] in OPEN_SETS:
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join(f":{name}" for name in row)
            tx.connection.execute(f"INSERT INTO vocabulary ({names}) VALUES ({marks})", row)
        elif used:
            raise conflict(change, *in_use(row["set"], row["code"], used))


def _refuse_unknown(tx: Transaction, change: int) -> None:
    for name in NOUNS:
        for field in noun(name).fields:
            if not field.vocabulary:
                continue
            values = {
                "change": tx.change,
                "entity": name.replace("-", "_"),
                "path": f'$."{field.name}"',
                "set": field.vocabulary,
            }
            row = tx.connection.execute(_UNKNOWN, values).fetchone()
            if row:
                said = _("{set} has no word “{text}”").format(set=field.vocabulary, text=row[0])
                first = f"crm vocabulary add {field.vocabulary} {shellwords.word(row[0])}"
                raise conflict(change, said, _("first: {commands}").format(commands=first))


def _held_anew(tx: Transaction, party: str, fields: list[CustomField]) -> Iterator[tuple[int, CustomField, Value]]:
    """Yield whose value of which field is read otherwise now, and the value."""
    redeclared = {row[0] for row in tx.connection.execute(_REDECLARED, (tx.change,))}
    for field in fields:
        if field.id in redeclared:
            sql = f"SELECT id, fields FROM {party} WHERE fields ->> ? IS NOT NULL ORDER BY id"
            for id_, held in tx.connection.execute(sql, (f'$."{field.code}"',)):
                yield id_, field, json.loads(held)[field.code]


def _returned(tx: Transaction, party: str, fields: list[CustomField]) -> Iterator[tuple[int, CustomField, Value]]:
    """Yield who has which value of which field again, and the value."""
    known = {field.code: field for field in fields}
    for id_, before, after in tx.connection.execute(_VALUES, (tx.change, party)):
        had: dict[str, Any] = json.loads(before or "{}")
        for code, value in json.loads(after).items():
            if code in known and had.get(code) != value:
                yield id_, known[code], value


def _refuse_misfits(change: int, values: Iterator[tuple[int, CustomField, Value]]) -> None:
    misfits = [(id_, field) for id_, field, value in values if not field.fits(value)]
    if not misfits:
        return
    first, field = misfits[0]
    count = sum(other is field for _id, other in misfits)
    said = ngettext(
        "{count} value does not fit {field} ({type})", "{count} values do not fit {field} ({type})", count
    ).format(count=count, field=field.code, type=_(field.type))
    hint = _("crm {noun} show {id}, and crm field show {noun} {code} says what it is")
    raise conflict(change, said, hint.format(noun=field.noun, id=first, code=field.code))


def conflict(change: int, reason: str, hint: str) -> ConflictError:
    """Return the error for a change that can't be taken back, with the reason and what to do first."""
    return ConflictError(_("change {id} can't be taken back: {reason}").format(id=change, reason=reason), hint=hint)
