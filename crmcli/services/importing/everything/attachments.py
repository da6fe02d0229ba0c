"""Attachments of an export of everything: what is known of them, and their contents in pieces."""

import binascii
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from crmcli.exchange.jsonfile import Objects
from crmcli.i18n import _
from crmcli.nouns import CONTENT
from crmcli.queries.everything import LINKS
from crmcli.rules.names import clean
from crmcli.services.importing import cells as cell
from crmcli.services.importing.identity import id_of, left_of
from crmcli.services.importing.plan import RejectedError
from crmcli.services.importing.told import stamps
from crmcli.store.received import Received
from crmcli.store.transaction import Transaction
from crmcli.when.stored import moment_text

_COLUMNS = ("contact_id", "complaint_id", "followup_id", "name", "label", "media_type", "sent_at")
_TOLD = ", ".join(_COLUMNS)
_PUT = f"""
INSERT INTO attachment (uid, sha256, bytes, {_TOLD}, created_at, updated_at)
VALUES (:uid, :sha256, :bytes, {", ".join(f":{name}" for name in _COLUMNS)}, coalesce(:created_at, :now), :updated_at)
ON CONFLICT (uid) DO UPDATE
SET sha256 = excluded.sha256, bytes = excluded.bytes, {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)},
    updated_at = max(attachment.updated_at, :updated_at)
WHERE :replace AND (sha256, {_TOLD}) IS NOT (excluded.sha256, {", ".join(f"excluded.{name}" for name in _COLUMNS)})
"""


class Taking(NamedTuple):
    """How attachments are taken."""

    contents: Received
    now: datetime
    replace: bool
    """Whether one that is there is changed to what the file says."""
    keep: bool
    """Whether what is written is kept; not in a dry run."""


def take_contents(objects: Objects, contents: Received) -> None:
    """Write the contents that the file has to the disk; one that is damaged is left out."""
    pieces = (cells for _number, cells in objects.part(CONTENT))
    for sha256, parts in groupby(pieces, lambda cells: cells.get("sha256", "")):
        contents.take(sha256, _decoded(parts))


def _decoded(parts: Iterator[Mapping[str, str]]) -> Iterator[bytes]:
    for cells in parts:
        try:
            yield b64decode(cells.get("data", ""), validate=True)
        except (binascii.Error, ValueError):
            yield b""  # the hash will tell


def put_attachment(tx: Transaction, cells: Mapping[str, str], taking: Taking) -> str:
    """Add or change an attachment; return created, updated, unchanged or skipped.

    Raises RejectedError for one whose contact or whose content is neither in the file nor here.
    """
    values: dict[str, str | int | None] = {
        **{column: _target(tx, table, cells.get(field, "")) for field, (table, column) in LINKS["attachment"].items()},
        **{name: cells.get(name) or None for name in ("label", "media_type", "sent_at", "created_at")},
        "uid": cells.get("uid", ""),
        "name": clean(cells.get("name", "")),
        "sha256": cells.get("sha256", ""),
        "now": moment_text(taking.now),
        "updated_at": stamps(cells, taking.now)["updated_at"],
        "replace": taking.replace,
    }
    for name in ("uid", "name", "media_type"):
        if not values[name]:
            raise RejectedError(name, "", _("not what an export writes there"))
    for name in ("sent_at", "created_at"):
        values[name] = cell.moment(name, str(values[name])) if values[name] else None
    if values["contact_id"] is None:
        raise RejectedError("contact_uid", cells.get("contact_uid", ""), _("there is no such contact"))
    values["bytes"] = _content(tx, str(values["sha256"]), taking)
    known = tx.connection.execute(f"SELECT {_TOLD} FROM attachment WHERE uid = :uid", values).fetchone()
    if known:  # null is said, and what is not said stays
        fields = {column: field for field, (_table, column) in LINKS["attachment"].items()}
        values |= {column: known[column] for column in _COLUMNS if fields.get(column, column) not in cells}
    if tx.connection.execute(_PUT, values).rowcount:
        return "updated" if known else "created"
    return "unchanged" if taking.replace else "skipped"


def _target(tx: Transaction, table: str, uid: str) -> int | None:
    """Return the id of the record with this uid, or of the one that it was merged into."""
    return left_of(tx, table, uid) if table == "contact" else id_of(tx, table, uid)


def _content(tx: Transaction, sha256: str, taking: Taking) -> int:
    """Keep a content and return its size; RejectedError when there is none."""
    staged = taking.contents.staged.get(sha256)
    if staged is None:
        here = tx.connection.execute("SELECT bytes FROM attachment WHERE sha256 = ?", (sha256,)).fetchone()
        if here is None:
            raise RejectedError("sha256", sha256[:64], _("its content is not in the file, or damaged"))
        return int(here[0])
    if taking.keep and staged.passing.exists():
        staged.keep()
    return staged.bytes
