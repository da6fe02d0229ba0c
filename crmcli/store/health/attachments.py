"""Checks of what lies beside the database: the contents of attachments, and what killed processes left."""

from collections.abc import Sequence
from pathlib import Path

from crmcli.i18n import N_, _, joined, ngettext
from crmcli.store.backup import default_folder
from crmcli.store.copies import copies_without_files
from crmcli.store.files import collect, keepers, lacking, unused
from crmcli.store.health.check import Check, Subject
from crmcli.store.leftovers import clear, disk_time, leftovers

_NAMED = 3
"""So many of the missing files are named."""


def _contents(subject: Subject) -> str:
    return said_lost(lacking(subject.connection, subject.path))


def said_lost(names: Sequence[str]) -> str:
    """Return how many attachments have lost their contents, and which; empty when none has."""
    if not names:
        return ""
    said = ngettext(
        "{count} attachment has lost its content", "{count} attachments have lost their content", len(names)
    )
    return f"{said.format(count=len(names))}: {', '.join(names[:_NAMED])}{'…' if len(names) > _NAMED else ''}"


def _unused(subject: Subject) -> str:
    count = len(unused(subject.connection, subject.path, copies_without_files(subject.path))) + len(
        _broken_off(subject)
    )
    said = ngettext("{count} file belongs to nothing", "{count} files belong to nothing", count)
    return said.format(count=count) if count else ""


def _unreadable(subject: Subject) -> str:
    copies = keepers(subject.connection, subject.path, copies_without_files(subject.path))
    said = _("contents that nothing refers to are kept, because they may belong to {path}, which can't be read")
    return said.format(path=joined(map(str, copies[:_NAMED]))) if copies else ""


def _collect(subject: Subject) -> None:
    collect(subject.connection, subject.path, copies=copies_without_files(subject.path))
    clear(_broken_off(subject))


def _broken_off(subject: Subject) -> list[Path]:
    """Return the copies of the database that were never finished."""
    return leftovers(subject.path, default_folder(subject.path), disk_time(subject.path.absolute().parent))


CHECKS = (
    Check(
        "attachments",
        N_("every attachment has its content"),
        _contents,
        N_("attach the files again, or: crm restore BACKUP; crm attachment verify reads them through"),
    ),
    Check(
        "copies",
        N_("every copy that may need an attachment can be read"),
        _unreadable,
        N_("put the copy elsewhere, or delete it; then: crm doctor --fix"),
    ),
    Check("files", N_("no file beside the database is left over"), _unused, N_("crm doctor --fix"), _collect),
)
