"""What contacts and companies have in common: names, ways to reach them, tags, custom fields."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import col, select

from crmcli.errors import UsageError
from crmcli.i18n import _, joined
from crmcli.models.company import Company
from crmcli.models.contact import Contact, ContactPoint, Tag
from crmcli.queries.custom_fields import custom_fields, meant
from crmcli.rules.clean import printable
from crmcli.rules.custom_fields import CustomField, Value, asked_as, built_in
from crmcli.rules.custom_values import Around, read_value
from crmcli.rules.names import clean, clean_name, spelt
from crmcli.rules.points import POINT_KINDS, read_point
from crmcli.rules.tags import split_tags
from crmcli.store.transaction import Transaction


def names(name: str) -> dict[str, Any]:
    """Return a name and all that it is found by, as columns; raises UsageError when it is empty."""
    try:
        clean_one = clean_name(name)
    except ValueError as error:
        raise UsageError(str(error), hint=_("give the name first: crm add 张三 --phone 13800138000")) from error
    return {"name": clean_one, **spelt(clean_one)._asdict()}


def rename(party: Contact | Company, name: str) -> None:
    """Give a contact or company another name; raises UsageError when it is empty."""
    for column, value in names(name).items():
        setattr(party, column, value)


def make_point(kind: str, text: str, country: str) -> ContactPoint:
    """Return a way to reach somebody, normalised; a label may stand before it (`work=+49…`).

    Raises UsageError when the text is no such thing.
    """
    try:
        return ContactPoint(**read_point(kind, text, country)._asdict())
    except ValueError as error:
        raise UsageError(str(error), hint=_("phones as 138 0013 8000 or +49 30 123, e-mails as a@b.cn")) from error


def points_of(tx: Transaction, party: Contact | Company, kind: str) -> Sequence[ContactPoint]:
    """Return the ways of one kind to reach a party, in their order."""
    owner = ContactPoint.contact_id if isinstance(party, Contact) else ContactPoint.company_id
    query = select(ContactPoint).where(col(owner) == party.id, ContactPoint.kind == kind)
    return tx.session.exec(query.order_by(col(ContactPoint.id))).all()


def add_points(tx: Transaction, party: Contact | Company, kind: str, points: Iterable[ContactPoint]) -> None:
    """Add ways to reach a party, leaving out those that are there already."""
    known = {point.key for point in points_of(tx, party, kind)}
    for point in points:
        if point.key not in known:
            known.add(point.key)
            _own(point, party)
            tx.session.add(point)
    tx.session.flush()


def replace_points(tx: Transaction, party: Contact | Company, kind: str, points: Sequence[ContactPoint]) -> None:
    """Leave a party exactly these ways of one kind."""
    wanted = {point.key for point in points}
    for point in points_of(tx, party, kind):
        if point.key not in wanted:
            tx.session.delete(point)
    tx.session.flush()
    add_points(tx, party, kind, points)


def remove_points(tx: Transaction, party: Contact | Company, kind: str, points: Iterable[ContactPoint]) -> None:
    """Remove ways to reach a party; raises UsageError when it has no such one."""
    known = {point.key: point for point in points_of(tx, party, kind)}
    for point in points:
        if point.key not in known:
            raise UsageError(
                _("{name} has no {value}").format(name=party.name, value=point.value),
                hint=_("crm show {id} lists them").format(id=party.id),
            )
        tx.session.delete(known[point.key])
    tx.session.flush()


def tags_of(tx: Transaction, party: Contact | Company) -> Sequence[Tag]:
    """Return a party's tags."""
    owner = Tag.contact_id if isinstance(party, Contact) else Tag.company_id
    return tx.session.exec(select(Tag).where(col(owner) == party.id).order_by(col(Tag.id))).all()


def add_tags(tx: Transaction, party: Contact | Company, names: Iterable[str]) -> None:
    """Stick tags on a party; several may stand in one text, separated by commas."""
    known = {tag.key for tag in tags_of(tx, party)}
    for name in split_tags(names):
        if name.casefold() not in known:
            known.add(name.casefold())
            tag = Tag(name=name, key=name.casefold())
            _own(tag, party)
            tx.session.add(tag)
    tx.session.flush()


def remove_tags(tx: Transaction, party: Contact | Company, names: Iterable[str]) -> None:
    """Take tags off a party; one that it does not have is no error."""
    unwanted = {name.casefold() for name in split_tags(names)}
    for tag in tags_of(tx, party):
        if tag.key in unwanted:
            tx.session.delete(tag)
    tx.session.flush()


def set_fields(
    tx: Transaction, party: Contact | Company, given: Iterable[str], removed: Iterable[str], around: Around
) -> None:
    """Set custom fields from `field=value` texts, remove others by name.

    A declared field is named by its code, a label or an alias, and its value is read as its type says; any other is
    free text. Raises UsageError for a text without `=`, a value that does not fit, and a required field that would go.
    """
    declared = custom_fields(tx.connection, _noun(party))
    fields = json.loads(party.fields or "{}")
    for text in given:
        name, equals, value = text.partition("=")
        name = clean(name)  # before it is looked up: what nobody sees would make of a field's name another one
        if not equals or not name:
            raise UsageError(_("“{text}” is not field=value").format(text=text), hint='--set "account=12345"')
        field = meant(declared, name)
        if field is None and value and asked_as(name) in built_in(_noun(party)):
            raise UsageError(
                _("“{name}” is a field of its own, not a custom one").format(name=name),
                hint=_("it has its own option: crm {noun} edit --help").format(noun=_noun(party)),
            )
        key = field.code if field else name
        fields[key] = _value(field, value, around) if field else printable(value).strip()
    for name in map(clean, removed):
        field = meant(declared, name)
        key = field.code if field else name
        if key not in fields:
            raise UsageError(
                _("{name} has no field “{field}”").format(name=party.name, field=name),
                hint=_("it has: {fields}").format(fields=joined(fields) or "-"),
            )
        del fields[key]
    kept = {name: value for name, value in fields.items() if value not in ("", None)}
    for field in declared:
        if field.required and not field.hidden and field.code in json.loads(party.fields or "{}"):
            _require(field, kept)
    party.fields = json.dumps(kept, ensure_ascii=False)


def require_fields(tx: Transaction, party: Contact | Company) -> None:
    """Raise UsageError when a new record lacks a custom field that is required."""
    fields = json.loads(party.fields or "{}")
    for field in custom_fields(tx.connection, _noun(party)):
        if field.required and not field.hidden:
            _require(field, fields)


def _require(field: CustomField, fields: Mapping[str, Value]) -> None:
    if field.code not in fields:
        raise UsageError(
            _("{label} is required").format(label=field.labels.said()),
            hint=_("give it: --set {code}=…; crm field show {noun} {code} says what it is").format(
                code=field.code, noun=field.noun
            ),
        )


def _value(field: CustomField, text: str, around: Around) -> Value | None:
    try:
        return read_value(field, text, around)
    except ValueError as error:
        raise UsageError(
            _("{label}: {value}").format(label=field.labels.said(), value=error),
            hint=_("crm field show {noun} {code} says what it is").format(code=field.code, noun=field.noun),
        ) from error


def _noun(party: Contact | Company) -> str:
    return "contact" if isinstance(party, Contact) else "company"


def _own(part: ContactPoint | Tag, party: Contact | Company) -> None:
    if isinstance(party, Contact):
        part.contact_id = party.id
    else:
        part.company_id = party.id


def apply_texts(party: Contact | Company, fields: Iterable[str], given: Mapping[str, Any]) -> None:
    """Change those of these fields that were given; whose they are is one line, as imports read it."""
    for field in fields:
        if given.get(field) is not None:
            read = clean if field == "owner" else printable
            setattr(party, field, read(given[field]).strip() or None)


def apply_lists(tx: Transaction, party: Contact | Company, given: Mapping[str, Any], around: Around) -> None:
    """Apply the list options of add and edit: `phones` replaces, `add_phones` and `remove_phones` change; and so on."""
    for field, kind in POINT_KINDS.items():
        for prefix, change in (("", replace_points), ("add_", add_points), ("remove_", remove_points)):
            texts = given.get(prefix + field)
            if texts:
                change(tx, party, kind, [make_point(kind, text, around.country) for text in texts if text.strip()])
    if given.get("tags"):
        remove_tags(tx, party, [tag.name for tag in tags_of(tx, party) if tag.name not in split_tags(given["tags"])])
        add_tags(tx, party, given["tags"])
    add_tags(tx, party, given.get("add_tags") or ())
    remove_tags(tx, party, given.get("remove_tags") or ())
    if given.get("set") or given.get("unset"):
        set_fields(tx, party, given.get("set") or (), given.get("unset") or (), around)
