"""Whether the values of custom fields are such as their fields take.

A declaration may come from another machine after the values, or be written by another program. Queries by such a field
leave the value out or refuse its word, and what an export has of it can't be imported again.
"""

import json
import sqlite3
from collections.abc import Iterator

from crmcli.i18n import N_, ngettext
from crmcli.rules.custom_fields import CustomField, Labels
from crmcli.store.health.check import Check, Subject, named, newest

_DECLARED = (
    "SELECT noun, code, type, iif(json_valid(choices), choices, NULL), yearly FROM custom_field ORDER BY noun, position"
)
_VALUES = """
SELECT id, fields -> :path FROM {noun}
WHERE iif(json_valid(fields), fields ->> :path, NULL) IS NOT NULL AND {which}
"""


def _misfits(subject: Subject) -> str:
    wrong = [
        (field.noun, id_, field.code, value)
        for field in _fields(subject.connection)
        for id_, value in _values(subject, field)
        if not field.fits(value)
    ]
    said = ngettext("{count} value does not fit its field", "{count} values do not fit their fields", len(wrong))
    return f"{said.format(count=len(wrong))}: {named(wrong)}" if wrong else ""


def _fields(connection: sqlite3.Connection) -> Iterator[CustomField]:
    """Yield the declared fields, with what tells whether a value is theirs."""
    for noun, code, type_, choices, yearly in connection.execute(_DECLARED).fetchall():
        unnamed = Labels(code, code)
        yield CustomField(
            noun, code, type_, unnamed, choices=dict.fromkeys(json.loads(choices or "{}"), unnamed), yearly=bool(yearly)
        )


def _values(subject: Subject, field: CustomField) -> Iterator[tuple[int, str | int | float | bool]]:
    """Yield the id of each record that has the field, and its value."""
    sql = _VALUES.format(noun=field.noun, which=newest(field.noun, sampled=subject.sampled))
    for id_, value in subject.connection.execute(sql, {"path": f'$."{field.code}"'}):
        yield id_, json.loads(value)


FITTING = Check(
    "fitting",
    N_("values fit their custom fields"),
    _misfits,
    N_("crm field show says what it takes; crm field edit --add-choice, or crm contact edit ID --set FIELD=VALUE"),
    samples=True,
)
