"""Declaring custom fields, and what becomes of the values that records have already."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from crmcli.errors import ConflictError, UsageError
from crmcli.i18n import _, ngettext, one_of
from crmcli.models.custom_field import CustomField as Stored
from crmcli.queries.custom_fields import custom_fields
from crmcli.rules.custom_fields import (
    LONGEST_CODE,
    TYPES,
    CustomField,
    Labels,
    Value,
    built_in,
    folded,
    heard_as,
    is_code,
)
from crmcli.rules.custom_values import Around, read_value, value_text
from crmcli.rules.names import clean
from crmcli.services.records import id_of
from crmcli.store.transaction import Transaction

_SHOWN = 10
"""Records that are named whose value does not fit."""


class _Misfit(NamedTuple):
    """A record whose value can't be read as the field's type."""

    id: int
    name: str
    value: Value
    why: str


def add_field(tx: Transaction, noun: str, code: str, given: Mapping[str, Any], around: Around) -> tuple[int, int]:
    """Declare a field and return its id, and how many records had a value of it already.

    Values that records keep under its code, a label or an alias become the field's, read as its type says. Raises
    UsageError for what can't be declared, ConflictError for a name that is taken and for values that do not fit.
    """
    name = clean(code).casefold()
    if not is_code(name):
        raise UsageError(
            _("“{code}” can't be a field's code").format(code=code),
            hint=_("letters, digits, - and _, a letter first, {most} at most").format(most=LONGEST_CODE),
        )
    known = custom_fields(tx.connection, noun)
    last = tx.connection.execute("SELECT coalesce(max(position), 0) FROM custom_field WHERE noun = ?", (noun,))
    stored = Stored(noun=noun, code=name, type="text", en=name, zh=name, position=last.fetchone()[0] + 1)
    _refuse_known(known, name)
    _apply(stored, {"type": "text", **given})
    field = as_field(stored)
    _refuse_taken(known, field, field.words)
    _refuse_shared(field)
    tx.session.add(stored)
    tx.session.flush()
    taken = _convert(tx, field, None, around)
    return id_of(stored), taken


def edit_field(tx: Transaction, id_: int, given: Mapping[str, Any], around: Around) -> int:
    """Change what was given of a field and return how many values were converted; its code stays.

    Raises ConflictError when values do not fit the new type or choices, with those records, and as `add_field` does.
    """
    stored = tx.session.get_one(Stored, id_)
    before = as_field(stored)
    _apply(stored, given)
    field = as_field(stored)
    others = [known for known in custom_fields(tx.connection, field.noun) if known.id != id_]
    _refuse_taken(others, field, [word for word in field.words if before.hidden or word not in before.words])
    if field.choices != before.choices:
        _refuse_shared(field)
    tx.session.flush()
    if (field.type, field.choices, field.yearly) == (before.type, before.choices, before.yearly):
        return 0
    return _convert(tx, field, before, around)


def delete_field(tx: Transaction, field: CustomField, *, drop_values: bool) -> int:
    """Delete a declaration and return how many records have a value; it stays as free text unless it is dropped."""
    count = 0
    for id_, _name, fields in _holders(tx, field.noun):
        if field.code in fields:
            count += 1
            value = fields.pop(field.code)
            if not drop_values:
                fields[field.code] = value_text(field, value)
            _write(tx, field.noun, id_, fields)
    tx.session.delete(tx.session.get_one(Stored, field.id))
    tx.session.flush()
    return count


def count_values(tx_or_connection: Any, field: CustomField) -> int:
    """Return how many records have a value of the field."""
    path = f'$."{field.code}"'
    sql = f"SELECT count(*) FROM {field.noun} WHERE fields <> '{{}}' AND fields ->> ? IS NOT NULL"
    return int(tx_or_connection.execute(sql, (path,)).fetchone()[0])


def as_field(stored: Stored) -> CustomField:
    """Return a stored declaration as rules know it."""
    choices = json.loads(stored.choices) if stored.choices else {}
    return CustomField(
        stored.noun,
        stored.code,
        stored.type,
        Labels(stored.en, stored.zh),
        tuple(filter(None, stored.aliases.split("|"))),
        {code: Labels(**labels) for code, labels in choices.items()},
        required=bool(stored.required),
        remind_days=stored.remind_days,
        yearly=bool(stored.yearly),
        hidden=bool(stored.hidden),
        id=stored.id or 0,
    )


def _apply(stored: Stored, given: Mapping[str, Any]) -> None:
    """Write what was given into the declaration; raises UsageError for what does not go together."""
    if given.get("type") is not None:
        stored.type = _type(given["type"])
    _label(stored, given)
    for column in ("required", "yearly", "hidden"):
        if given.get(column) is not None:
            setattr(stored, column, int(given[column]))
    if given.get("remind_days") is not None:
        stored.remind_days = None if given["remind_days"] < 0 else given["remind_days"]
    aliases = _split(given["aliases"]) if given.get("aliases") else stored.aliases.split("|")
    gone = {folded(alias) for alias in _split(given.get("remove_aliases") or ())}
    aliases = [alias for alias in (*aliases, *_split(given.get("add_aliases") or ())) if folded(alias) not in gone]
    stored.aliases = "|".join(dict.fromkeys(filter(None, aliases)))
    choices = _choices(stored, given)
    stored.choices = json.dumps(choices, ensure_ascii=False) if choices else None
    if (stored.type == "choice") != bool(choices):
        raise UsageError(
            _("a choice, and nothing else, has values to choose from"),
            hint='crm field add contact supply --type choice --choice "home=household|居民" --choice "shop=商业"',
        )
    if stored.type != "date" and (stored.yearly or stored.remind_days is not None):
        raise UsageError(
            _("only a date comes back every year, or reminds"), hint="crm field add contact expires --type date"
        )


def _type(text: str) -> str:
    wanted = folded(text)
    found = next((type_ for type_ in TYPES if wanted in (type_, folded(_(type_)))), None)
    if found is None:
        raise UsageError(_("there is no type {type}").format(type=text), hint=one_of(TYPES))
    return found


def _label(stored: Stored, given: Mapping[str, Any]) -> None:
    """Set the labels; one that is missing, when the other is given for the first time, is the other."""
    en, zh = (clean(given.get(language) or "") for language in ("en", "zh"))
    fresh = stored.en == stored.code and stored.zh == stored.code
    stored.en = en or (zh if fresh and zh else stored.en)
    stored.zh = zh or (en if fresh and en else stored.zh)


def _choices(stored: Stored, given: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = json.loads(stored.choices) if stored.choices else {}
    chosen = _read_choices(given["choices"]) if given.get("choices") else known
    gone = {folded(word) for word in _split(given.get("remove_choices") or ())}
    chosen = {**chosen, **_read_choices(given.get("add_choices") or ())}
    return {code: labels for code, labels in chosen.items() if not gone & set(map(folded, (code, *labels.values())))}


def _read_choices(texts: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return choices from `code=English|中文` texts; a label that is missing is the other one, or the code."""
    found = {}
    for text in _split(texts, "，", ","):
        code, _equals, labels = text.partition("=")
        en, _bar, zh = labels.partition("|")
        name = clean(code)
        if not name:
            raise UsageError(_("“{text}” is no choice").format(text=text), hint='--choice "home=household|居民"')
        en, zh = clean(en), clean(zh)
        found[name] = {"en": en or zh or name, "zh": zh or en or name}
    return found


def _split(texts: Iterable[str], *marks: str) -> list[str]:
    """Return what commas separate; of aliases bars too."""
    separators = marks or ("，", ",", "|")
    parts = list(texts)
    for mark in separators:
        parts = [piece for part in parts for piece in part.split(mark)]
    return [clean(part) for part in parts if clean(part)]


def _refuse_known(known: Iterable[CustomField], code: str) -> None:
    if any(field.code == code for field in known):
        raise ConflictError(_("there is a field {code} already").format(code=code), hint=_("crm field edit changes it"))


def _refuse_taken(known: Iterable[CustomField], field: CustomField, words: Iterable[str]) -> None:
    """Raise ConflictError when one of these words for a field means another one to queries, built-in or not."""
    others = {heard_as(word): other.code for other in known if not other.hidden for word in other.words}
    others |= built_in(field.noun)
    for word in words:
        if taken := others.get(heard_as(word)):
            raise ConflictError(
                _("“{word}” is the field {code} already").format(word=word, code=taken), hint=_("call it otherwise")
            )


def _refuse_shared(field: CustomField) -> None:
    """Raise ConflictError when a word means two of the field's choices."""
    means: dict[str, str] = {}
    for code, labels in field.choices.items():
        for word in (code, *labels):
            if means.setdefault(folded(word), code) != code:
                raise ConflictError(
                    _("in {set}, “{word}” means {code} already").format(
                        set=field.code, word=word, code=means[folded(word)]
                    ),
                    hint=_("call it otherwise"),
                )


def _convert(tx: Transaction, field: CustomField, before: CustomField | None, around: Around) -> int:
    """Give every record's value the field's type; return how many there were. Raises ConflictError for misfits."""
    names = {field.code} if before else set(map(folded, field.words))
    misfits: list[_Misfit] = []
    count = 0
    for id_, name, fields in _holders(tx, field.noun):
        key = field.code if field.code in fields else next((key for key in fields if folded(key) in names), None)
        if key is None:
            continue
        value = fields.pop(key)
        try:
            kept = value in field.choices  # a code means itself, whatever the choices are called
            read = value if kept else read_value(field, value_text(before or field, value), around)
        except ValueError as error:
            misfits.append(_Misfit(id_, name, value, str(error)))
            continue
        count += 1
        _write(tx, field.noun, id_, {**fields, **({} if read is None else {field.code: read})})
    if misfits:
        _refuse(field, misfits)
    return count


def _refuse(field: CustomField, misfits: list[_Misfit]) -> None:
    said = ngettext(
        "{count} value does not fit {field} ({type})", "{count} values do not fit {field} ({type})", len(misfits)
    )
    raise ConflictError(
        said.format(count=len(misfits), field=field.code, type=_(field.type)),
        hint=_("mend them first: crm {noun} edit {id} --set {code}=…").format(
            noun=field.noun, id=misfits[0].id, code=field.code
        ),
        candidates=[misfit._asdict() for misfit in misfits[:_SHOWN]],
    )


def _holders(tx: Transaction, noun: str) -> Iterator[tuple[int, str, dict[str, Value]]]:
    """Yield id, name and custom values of the records that have any."""
    rows = tx.connection.execute(f"SELECT id, name, fields FROM {noun} WHERE fields <> '{{}}' ORDER BY id").fetchall()
    for id_, name, fields in rows:
        yield id_, name, json.loads(fields)


def _write(tx: Transaction, noun: str, id_: int, fields: Mapping[str, Value]) -> None:
    tx.connection.execute(f"UPDATE {noun} SET fields = ? WHERE id = ?", (json.dumps(fields, ensure_ascii=False), id_))
