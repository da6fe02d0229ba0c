"""Writing contacts."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from crmcli.errors import ConflictError, UsageError
from crmcli.i18n import _
from crmcli.models.contact import Contact
from crmcli.queries.duplicates import find_duplicates
from crmcli.queries.reader import Reader
from crmcli.rules.birthdays import parse_birthday
from crmcli.rules.custom_values import Around
from crmcli.rules.grouping import readable_phone
from crmcli.rules.points import POINT_KINDS
from crmcli.services import parties
from crmcli.services.company import company_called
from crmcli.services.records import delete, id_of, load
from crmcli.services.vocabulary import require_code
from crmcli.store.transaction import Transaction
from crmcli.when.say import say_moment

PLAIN_FIELDS = ("title", "region", "address", "owner", "notes")


def add_contact(
    tx: Transaction,
    given: Mapping[str, Any],
    *,
    now: datetime,
    country: str,
    owner: str,
    order: str = "md",
    force: bool = False,
) -> int:
    """Add a contact from the options that were given, and its company where that is new; return the contact's id.

    Raises ConflictError with who is there already (same phone, e-mail or handle, or name and company) unless forced,
    and UsageError for what can't be read and for a required field that is missing.
    """
    contact = Contact(**parties.names(given["name"]), owner=owner, created_at=now, updated_at=now)
    if not force:
        _refuse_duplicate(Reader(tx.connection, now, country), contact, given)
    tx.session.add(contact)
    tx.session.flush()
    _apply(tx, contact, given, Around(now, country, order), owner)
    parties.require_fields(tx, contact)
    return id_of(contact)


def edit_contact(
    tx: Transaction,
    id_: int,
    given: Mapping[str, Any],
    *,
    now: datetime,
    country: str,
    owner: str,
    order: str = "md",
) -> None:
    """Change what was given of a contact; an empty text clears a field."""
    contact = load(tx, Contact, id_)
    if given.get("name") is not None:
        parties.rename(contact, given["name"])
    _apply(tx, contact, given, Around(now, country, order), owner)
    contact.updated_at = now


def delete_contact(tx: Transaction, id_: int) -> None:
    """Delete a contact with follow-ups, callbacks and complaints; `crm undo` brings them all back."""
    delete(tx, Contact, id_)


def _apply(tx: Transaction, contact: Contact, given: Mapping[str, Any], around: Around, owner: str) -> None:
    parties.apply_texts(contact, PLAIN_FIELDS, given)
    if given.get("company") is not None:
        contact.company_id = company_called(tx, given["company"], now=around.now, owner=owner)
    if given.get("class") is not None:
        contact.class_ = require_code(tx, "class", given["class"]) if given["class"] else None
    if given.get("source") is not None:
        contact.source = require_code(tx, "source", given["source"]) if given["source"] else None
    if given.get("birthday") is not None:
        contact.birthday = None
        if given["birthday"]:
            contact.birthday = parse_birthday(given["birthday"], around.now.date(), around.order)
    if "referred_by_id" in given:
        if contact.id == given["referred_by_id"]:
            raise UsageError(
                _("{name} can't have been referred by themselves").format(name=contact.name),
                hint=_("name who sent them"),
            )
        contact.referred_by_id = given["referred_by_id"]
    parties.apply_lists(tx, contact, given, around)
    tx.session.flush()


def others_reached(reader: Reader, ids: Collection[int], given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return who else has a phone, e-mail or handle that was given to these contacts, each with `why`: which."""
    keys = _keys(reader, given, "add_")
    return [row for row in find_duplicates(reader, keys, "", "") if row["id"] not in ids] if keys else []


def _keys(reader: Reader, given: Mapping[str, Any], *prefixes: str) -> list[str]:
    return [
        parties.make_point(kind, text, reader.country).key
        for field, kind in POINT_KINDS.items()
        for prefix in ("", *prefixes)
        for text in given.get(prefix + field) or ()
        if text.strip()
    ]


def _refuse_duplicate(reader: Reader, contact: Contact, given: Mapping[str, Any]) -> None:
    """Raise ConflictError with who is there already, and when they were last contacted."""
    found = find_duplicates(reader, _keys(reader, given), contact.name_key, given.get("company") or "")
    if found:
        first = found[0]
        last = first["last_contact_at"] and datetime.fromisoformat(first["last_contact_at"]).date()
        raise ConflictError(
            _("{name} is there already ({about}): last contact {last}, same {why}").format(
                name=first["name"],
                about=" · ".join(filter(None, (first["company"], first["title"], first["owner"], str(first["id"])))),
                last=say_moment(last, None, reader.now) if last else _("never"),
                why=readable_phone(first["why"]),
            ),
            hint=_("crm show {id}; add all the same with --force").format(id=first["id"]),
            candidates=found,
            told=True,
        )
