"""What kind of file it is, told from its content: names lie, and standard input has none."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from crmcli.errors import UsageError
from crmcli.exchange.text import decode
from crmcli.i18n import _

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
_HEAD = 1 << 16
_CHUNK = 1 << 20
_LONGEST_STREAM = 64
"""Bytes of a stream's name."""
_STREAMS = {"Workbook": "xls", "Book": "xls", "EncryptedPackage": "protected", "WordDocument": "Word"}
"""Streams of an OLE file, which old Office programs write; the first that is there tells."""
_FOREIGN = {
    "<!doctype html": "HTML",
    "<html": "HTML",
    "<table": "HTML",
    "<?xml": "XML",
    "{\\rtf": "RTF",
}
_MARKED = {"BEGIN:VCARD": "vcard", "BEGIN:VCALENDAR": "ical"}
ITEMS = {".vcf": "vcard", ".ics": "ical"}
"""The files of a folder as khard, khal, todoman and vdirsyncer keep it (vdir)."""


def kind_of(file: Path | BinaryIO) -> str:
    """Return csv, xlsx, xls, ods, vcard, ical, json or jsonl; of a folder with .vcf or .ics files: folder.

    A stream must be seekable; it is left at its beginning. Raises UsageError for anything else that can be told (PDF,
    pictures, Word, archives), OSError for what can't be opened.
    """
    if isinstance(file, Path):
        if file.is_dir():
            return _folder(file)
        with file.open("rb") as stream:
            return kind_of(stream)
    head = file.read(_HEAD)
    file.seek(0)
    if head.startswith(_ZIP):
        kind = _zip_kind(file)
    elif head.startswith(_OLE):
        kind = _ole_kind(file)
    else:
        kind = _marked(head.decode("latin-1").removeprefix("\xef\xbb\xbf")) or _text_kind(file)
    file.seek(0)
    return kind


def records_in(folder: Path) -> Iterator[Path]:
    """Yield a folder's files of records and those of its collections, one level below, as the vdir layout has them.

    What begins with a dot is a program's own.
    """
    for pattern in ("*", "*/*"):
        for path in folder.glob(pattern):
            hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            if path.suffix.lower() in ITEMS and not hidden and path.is_file():
                yield path


def _folder(folder: Path) -> str:
    if any(records_in(folder)):
        return "folder"
    raise UsageError(
        _("the folder {path} has no .vcf or .ics files").format(path=folder),
        hint=_("name a file, or a folder as khard and khal keep it"),
    )


def _zip_kind(stream: BinaryIO) -> str:
    """Return which spreadsheet a ZIP archive is."""
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            if {"xl/workbook.xml", "xl/workbook.bin"} & names:
                return "xlsx"
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    if file.read(len(_OPEN_DOCUMENT)) == _OPEN_DOCUMENT:
                        return "ods"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise damaged() from error
    if any(name.startswith("word/") for name in names):
        raise _refused("Word")
    raise _refused("ZIP")


def _ole_kind(stream: BinaryIO) -> str:
    """Return `xls` for an old Excel file; the directory of streams may stand anywhere in it."""
    found: set[str] = set()
    rest = b""
    while chunk := stream.read(_CHUNK):
        content = rest + chunk
        found |= {name for name in _STREAMS if f"{name}\0".encode("utf-16-le") in content}
        rest = content[-_LONGEST_STREAM:]
    kind = next((kind for name, kind in _STREAMS.items() if name in found), "Office")
    if kind == "protected":
        raise protected()
    if kind != "xls":
        raise _refused(kind)
    return kind


def _text_kind(stream: BinaryIO) -> str:
    """Return the kind of a text file."""
    text = decode(stream)
    sample = text.read(_HEAD).lstrip("\ufeff \t\r\n")
    text.detach()
    start = sample[:100].casefold()
    foreign = next((kind for mark, kind in _FOREIGN.items() if start.startswith(mark)), "")
    if foreign:
        raise _refused(foreign)
    return _marked(sample) or _json_kind(sample) or "csv"


def _marked(sample: str) -> str:
    """Return `vcard` or `ical` when the text begins as one: its charset may change from line to line."""
    start = sample.lstrip()[:100].upper()
    return next((kind for mark, kind in _MARKED.items() if start.startswith(mark)), "")


def _json_kind(sample: str) -> str:
    """Return `json` or `jsonl` when the text begins as an array of objects or as an object, else nothing."""
    rest = sample[1:].lstrip()
    if sample.startswith("[") and rest[:1] in {"{", "]"}:
        return "json"
    if not (sample.startswith("{") and rest[:1] in {'"', "}"}):
        return ""
    try:
        json.loads(sample.partition("\n")[0])
    except (ValueError, RecursionError):
        return "json"
    return "jsonl"


def _refused(kind: str) -> UsageError:
    return UsageError(
        _("this is a {kind} file, which can't be imported").format(kind=kind),
        hint=_(
            "give CSV, XLSX, XLS, ODS, vCard, iCalendar or JSON; save it as one of these in the program it comes from"
        ),
    )


def damaged() -> UsageError:
    """Return the error for a spreadsheet that can't be read."""
    return UsageError(
        _("the spreadsheet is damaged"), hint=_("open it in a spreadsheet program and save it again, or as CSV")
    )


def protected() -> UsageError:
    """Return the error for a file with a password."""
    return UsageError(
        _("the file is protected by a password"), hint=_("save it without one in the program it comes from")
    )
