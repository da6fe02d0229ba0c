"""Writing companies."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from crmcli.errors import ConflictError
from crmcli.i18n import _
from crmcli.models.company import Company
from crmcli.queries.parties import candidates
from crmcli.queries.reader import Reader
from crmcli.rules.custom_values import Around
from crmcli.rules.names import clean, name_key
from crmcli.services import parties
from crmcli.services.records import delete, id_of, load
from crmcli.store.transaction import Transaction

PLAIN_FIELDS = ("industry", "website", "region", "address", "owner", "notes")


def add_company(
    tx: Transaction,
    given: Mapping[str, Any],
    *,
    now: datetime,
    country: str,
    owner: str,
    order: str = "md",
    force: bool = False,
) -> int:
    """Add a company from the given options and return its id.

    Raises ConflictError when its name is there, UsageError for what can't be read or is missing.
    """
    company = Company(**parties.names(given["name"]), owner=owner, created_at=now, updated_at=now)
    if not force:
        _refuse_duplicate(tx, company)
    tx.session.add(company)
    tx.session.flush()
    _apply(tx, company, given, Around(now, country, order))
    parties.require_fields(tx, company)
    return id_of(company)


def edit_company(
    tx: Transaction,
    id_: int,
    given: Mapping[str, Any],
    *,
    now: datetime,
    country: str,
    order: str = "md",
    force: bool = False,
) -> None:
    """Change what was given of a company; an empty text clears a field.

    Raises ConflictError when another company has the new name, unless forced.
    """
    company = load(tx, Company, id_)
    if given.get("name") is not None:
        parties.rename(company, given["name"])
        if not force:
            _refuse_duplicate(tx, company)
    _apply(tx, company, given, Around(now, country, order))
    company.updated_at = now


def delete_company(tx: Transaction, id_: int) -> None:
    """Delete a company; its contacts stay, without a company."""
    delete(tx, Company, id_)


def find_company(tx: Transaction, name: str) -> Company | None:
    """Return the company of exactly this name, the oldest where there are several."""
    query = select(Company).where(Company.name_key == name_key(clean(name))).order_by(col(Company.id))
    return tx.session.exec(query).first()


def company_called(tx: Transaction, name: str, *, now: datetime, owner: str) -> int | None:
    """Return the id of the company of this name, added where it is new; None for an empty name."""
    if not clean(name):
        return None
    company = find_company(tx, name)
    if company is None:
        company = Company(**parties.names(name), owner=owner, created_at=now, updated_at=now)
        tx.session.add(company)
        tx.session.flush()
    return id_of(company)


def _apply(tx: Transaction, company: Company, given: Mapping[str, Any], around: Around) -> None:
    parties.apply_texts(company, PLAIN_FIELDS, given)
    parties.apply_lists(tx, company, given, around)
    tx.session.flush()


def _refuse_duplicate(tx: Transaction, company: Company) -> None:
    """Raise ConflictError when another company has this one's name."""
    query = select(Company).where(Company.name_key == company.name_key, col(Company.id).is_distinct_from(company.id))
    with tx.session.no_autoflush:
        known = tx.session.exec(query.order_by(col(Company.id))).first()
    if known is not None:
        raise ConflictError(
            _("there is a company {name} already ({id})").format(name=known.name, id=known.id),
            hint=_("crm company show {id}; have both all the same with --force").format(id=known.id),
            candidates=candidates(Reader(tx.connection, company.updated_at), "company", [id_of(known)]),
            told=True,
        )
