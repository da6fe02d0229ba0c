"""The custom fields that a database declares, as fields like the built-in ones."""

import json
import sqlite3

from crmcli.errors import NotFoundError
from crmcli.i18n import _, joined
from crmcli.nouns import HOLDER, Field, Noun
from crmcli.rules.custom_fields import PARTIES, CustomField, Labels, folded, is_code

_KINDS = {"number": "number", "money": "number", "date": "date", "choice": "code", "flag": "flag"}
"""Which kind of field a type is; all others are text."""
_DECLARED = (
    "SELECT id, noun, code, type, en, zh, aliases, choices, required, remind_days, yearly, hidden FROM custom_field "
    "WHERE noun = ? ORDER BY hidden, position"
)


def custom_fields(connection: sqlite3.Connection, noun: str) -> list[CustomField]:
    """Return the fields that are declared for contacts or companies, those in use first."""
    return [_declared(row) for row in connection.execute(_DECLARED, (noun,)) if is_code(row["code"])]


def with_custom_fields(connection: sqlite3.Connection, noun: Noun) -> Noun:
    """Return the noun with the fields that the database has of its own."""
    own = custom_fields(connection, noun.name) if noun.name in PARTIES else []
    return noun.with_fields(tuple(map(_field, own))) if own else noun


def meant(fields: list[CustomField], word: str) -> CustomField | None:
    """Return the field that a code, a label of either language or an alias means; None when there is none."""
    wanted = folded(word)
    named = (field for field in fields if folded(field.code) == wanted)
    return next(named, next((field for field in fields if wanted in map(folded, field.words)), None))


def find_field(connection: sqlite3.Connection, noun: str, word: str) -> CustomField:
    """Return the field of a noun that a word means; raises NotFoundError with those that there are."""
    fields = custom_fields(connection, noun)
    found = meant(fields, word)
    if found is None:
        known = joined(field.code for field in fields)
        raise NotFoundError(
            _("a {noun} has no custom field “{name}”").format(noun=_(noun), name=word),
            hint=_("it has: {fields}").format(fields=known) if known else _("crm field add declares one"),
        )
    return found


def choice_fields(connection: sqlite3.Connection) -> list[CustomField]:
    """Return the fields whose values are chosen."""
    declared = _DECLARED.replace("noun = ?", "type = 'choice'")
    return [_declared(row) for row in connection.execute(declared) if is_code(row["code"])]


def _declared(row: sqlite3.Row) -> CustomField:
    choices = json.loads(row["choices"]) if row["choices"] else {}
    return CustomField(
        noun=row["noun"],
        code=row["code"],
        type=row["type"],
        labels=Labels(row["en"], row["zh"]),
        aliases=tuple(filter(None, row["aliases"].split("|"))),
        choices={code: Labels(labels["en"], labels["zh"]) for code, labels in choices.items()},
        required=bool(row["required"]),
        remind_days=row["remind_days"],
        yearly=bool(row["yearly"]),
        hidden=bool(row["hidden"]),
        id=row["id"],
    )


def _field(custom: CustomField) -> Field:
    label = custom.labels.said()
    return Field(
        custom.code,
        _KINDS.get(custom.type, "text"),
        label,
        tuple(word for word in custom.words if word not in (custom.code, label)),
        sql=f"({HOLDER} ->> '$.\"{custom.code}\"')",
        match="phone" if custom.type == "phone" else "",
        vocabulary=custom.choice_set,
        future=custom.type == "date",
        yearly=custom.yearly,
        custom=custom.type,
        hidden=custom.hidden,
        late=custom.remind_days is not None and not custom.yearly,
    )
