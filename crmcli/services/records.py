"""The one record that a service is about."""

from typing import TypeVar

from sqlmodel import SQLModel

from crmcli.errors import NotFoundError
from crmcli.i18n import _
from crmcli.nouns import numbered
from crmcli.store.transaction import Transaction

Record = TypeVar("Record", bound=SQLModel)


def load(tx: Transaction, model: type[Record], id_: int) -> Record:
    """Return a record; raises NotFoundError."""
    record = tx.session.get(model, id_)
    if record is None:
        raise not_found(str(model.__tablename__).replace("_", "-"), id_)
    return record


def not_found(noun: str, id_: int) -> NotFoundError:
    """Return the error for a record that is not there, or no longer: another process may have deleted it just now."""
    return NotFoundError(
        _("there is no {noun} {id}").format(noun=_(noun), id=numbered(noun, id_)),
        hint=_("crm {noun} list shows them").format(noun=noun),
    )


def id_of(record: SQLModel) -> int:
    """Return the id of a record that was flushed."""
    id_: int | None = getattr(record, "id", None)
    assert id_ is not None  # noqa: S101 - it was flushed
    return id_


def added(tx: Transaction, record: SQLModel) -> int:
    """Add a record and return its id."""
    tx.session.add(record)
    tx.session.flush()
    return id_of(record)


def delete(tx: Transaction, model: type[SQLModel], id_: int) -> None:
    """Delete a record, and what the database deletes with it; raises NotFoundError."""
    tx.session.delete(load(tx, model, id_))
    tx.session.flush()
