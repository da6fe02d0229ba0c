"""Writing attachments: what is known of a file. Its content is kept by `store/files.py`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from mimetypes import guess_type
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from crmcli.errors import UsageError
from crmcli.exchange.files import whole_file
from crmcli.i18n import _
from crmcli.models.attachment import Attachment
from crmcli.models.complaint import Complaint
from crmcli.models.contact import Contact
from crmcli.models.followup import Followup
from crmcli.queries.reader import Reader, Row, get_many
from crmcli.rules.filenames import file_name
from crmcli.rules.names import clean
from crmcli.services.records import delete, load
from crmcli.store.files import Staged
from crmcli.store.transaction import Transaction

_UNKNOWN_TYPE = "application/octet-stream"
_MOST_NAMES = 10_000
"""So many files of one name are looked past in a folder before giving up."""


def attach(
    tx: Transaction, contact_id: int, files: Sequence[Staged], given: Mapping[str, Any], *, now: datetime
) -> list[int]:
    """Note copied files as a contact's and return the attachments' ids.

    `given` may have `label`, `sent`, `complaint_id` and `followup_id`. Raises UsageError when the complaint or
    follow-up is another contact's.
    """
    load(tx, Contact, contact_id)
    attached = []
    for file in files:
        attachment = Attachment(
            contact_id=contact_id,
            name=clean(file.name) or file.sha256[:8],
            sha256=file.sha256,
            bytes=file.bytes,
            media_type=guess_type(file.name)[0] or _UNKNOWN_TYPE,
            created_at=now,
            updated_at=now,
        )
        _belong(tx, attachment, given)
        _apply(attachment, given, now)
        tx.session.add(attachment)
        attached.append(attachment)
    tx.session.flush()
    return [attachment.id for attachment in attached if attachment.id is not None]


def edit_attachment(tx: Transaction, id_: int, given: Mapping[str, Any], *, now: datetime) -> None:
    """Change what was given: `name`, `label` (an empty one clears it), and whether it was `sent`."""
    attachment = load(tx, Attachment, id_)
    if given.get("name") is not None:
        name = clean(Path(given["name"]).name)
        if not name:
            raise UsageError(_("the name is empty"), hint=_("a file name such as price-list.pdf"))
        attachment.name = name
        attachment.media_type = guess_type(name)[0] or _UNKNOWN_TYPE
    _apply(attachment, given, now)
    attachment.updated_at = now
    tx.session.flush()


def delete_attachment(tx: Transaction, id_: int) -> None:
    """Delete an attachment; its content stays for `crm undo`."""
    delete(tx, Attachment, id_)


def earlier(reader: Reader, contact_id: int, hashes: Sequence[str], *, sent: bool) -> list[Row]:
    """Return the contact's attachments with these contents, the newest first; of what is being sent, those sent."""
    found = []
    for sha256 in dict.fromkeys(hashes):
        condition = "AND sent_at IS NOT NULL" if sent else ""
        found += reader.all(
            f"SELECT id FROM attachment WHERE contact_id = :contact AND sha256 = :sha256 {condition} "
            "ORDER BY coalesce(sent_at, created_at) DESC, id DESC LIMIT 1",
            {"contact": contact_id, "sha256": sha256},
        )
    return get_many(reader, "attachment", [row[0] for row in found])


def copy_out(content: Path, folder: Path, name: str) -> Path:
    """Copy a stored file into a folder under its own name, or the first like it that is free; return where it is."""
    target = free_path(folder, name)
    with content.open("rb") as source, whole_file(target) as copy:
        copyfileobj(source, copy)
    return target


def free_path(folder: Path, name: str) -> Path:
    """Return where a file of this name goes in a folder: its own name, or the first like it that is free."""
    safe = file_name(name)
    stem, suffix = Path(safe).stem, Path(safe).suffix
    names = (safe, *(f"{stem} ({number}){suffix}" for number in range(2, _MOST_NAMES)))
    path = next((folder / name for name in names if not (folder / name).exists()), None)
    if path is None:
        raise UsageError(_("{folder} is full of files of that name").format(folder=folder), hint=_("name another one"))
    return path


def _apply(attachment: Attachment, given: Mapping[str, Any], now: datetime) -> None:
    if given.get("label") is not None:
        attachment.label = clean(given["label"]) or None
    if given.get("sent") is not None:
        attachment.sent_at = now if given["sent"] else None


def _belong(tx: Transaction, attachment: Attachment, given: Mapping[str, Any]) -> None:
    """Link an attachment with what it is about; raises UsageError when that is another contact's."""
    attachment.complaint_id = given.get("complaint_id")
    attachment.followup_id = given.get("followup_id")
    for name, record in (
        ("complaint", attachment.complaint_id and tx.session.get(Complaint, attachment.complaint_id)),
        ("followup", attachment.followup_id and tx.session.get(Followup, attachment.followup_id)),
    ):
        if record and record.contact_id != attachment.contact_id:
            raise UsageError(
                _("{noun} {id} is another contact's").format(noun=_(name), id=record.id),
                hint=_("crm show {contact} shows whose").format(contact=record.contact_id),
            )
