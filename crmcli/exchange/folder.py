"""Folders with a file a record (vdir), as khard, khal, todoman and vdirsyncer keep them.

See https://vdirsyncer.pimutils.org/en/stable/vdir.html
"""

import errno
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from crmcli.config import private_folder
from crmcli.errors import CrmError, UsageError, reason_of
from crmcli.exchange.blocks import charset_of, read_blocks
from crmcli.exchange.contentline import name_of, parse, unfold
from crmcli.exchange.csvfile import Row
from crmcli.exchange.files import content_of, replace_file
from crmcli.exchange.ical import Entries, read_calendar
from crmcli.exchange.parted import part, parts_of, paths_of
from crmcli.exchange.sniff import ITEMS, records_in
from crmcli.exchange.vcard import Cards, read_cards
from crmcli.i18n import _, ngettext

_PLAIN = re.compile(r"[\w@-][\w.@+-]{0,180}", re.ASCII)
"""UIDs that are file names everywhere."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_RECORDS = frozenset({"VCARD", "VEVENT", "VTODO", "VJOURNAL"})


class Items:
    """The records of a folder's files as rows, with the same interface as crmcli.exchange.csvfile.Rows.

    Rows are numbered through.
    """

    header: list[str]
    encoding = "utf-8"
    delimiter = ","

    def __init__(self, folder: Path) -> None:
        paths = sorted(records_in(folder))
        kinds = {ITEMS[path.suffix.lower()] for path in paths}
        if len(kinds) != 1:
            what = _("{path} has .vcf and .ics files") if kinds else _("the folder {path} has no .vcf or .ics files")
            raise UsageError(what.format(path=folder), hint=_("import one folder of one kind at a time"))
        self.kind = kinds.pop()
        """vcard or ical."""
        self._paths = paths
        self.left_out: dict[str, int] = Counter()
        columns: dict[str, None] = {}
        for rows in self._opened():
            if isinstance(rows, str):
                problem = rows
            else:
                columns |= dict.fromkeys(rows.header)
                rows.close()
        if not columns:
            raise UsageError(problem, hint=_("no file of the folder can be read"))
        self.header = list(columns)

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows of all files; a file that can't be read is a row with an error."""
        number = 0
        for rows in self._opened():
            if isinstance(rows, str):
                number += 1
                yield Row(number, [""] * len(self.header), rows)
                continue
            places = {name: index for index, name in enumerate(rows.header)}
            order = [places.get(name, -1) for name in self.header]
            for row in rows:
                number += 1
                yield Row(number, [row.cells[place] if place >= 0 else "" for place in order], row.error)
            self.left_out.update(rows.left_out)

    def close(self) -> None:
        """Give up reading; each file is closed when it has been read."""

    def _opened(self) -> Iterator[Cards | Entries | str]:
        """Yield the rows of each file, or why it can't be read."""
        for path in self._paths:
            with path.open("rb") as stream:
                try:
                    rows = read_cards(stream) if self.kind == "vcard" else read_calendar(stream)
                except UsageError as error:
                    yield f"{path.name}: {error.message}"
                else:
                    yield rows


def read_folder(folder: Path) -> Items:
    """Return the rows of a folder with .vcf files, or one with .ics files, its subfolders included.

    Raises UsageError when it has neither, both, or none that can be read; OSError.
    """
    return Items(folder)


class Written(NamedTuple):
    """How many files a folder has of us, and how many of them were written because they said something else."""

    items: int
    changed: int


def write_folder(
    folder: Path,
    suffix: str,
    items: Iterable[tuple[str, bytes]],
    seen: Mapping[Path, bytes] | None = None,
    known: Mapping[Path, str] = MappingProxyType({}),
    keeping: Callable[[bytes, bytes], bytes] = lambda _there, here: here,
) -> Written:
    """Write a file for each item (UID and content); `suffix` is `.vcf` or `.ics`.

    Files that have the same UID already are replaced, whatever their names and also in the folder's collections, unless
    they have the same content; others stay, and a file that has one of each is parted. So does one that does not say
    any more what was `seen` in it: another program has written it since. `known` are the UIDs of files that need not be
    read for them; `keeping` makes of what was seen in a file, and of what is to be written, what is. Raises OSError;
    CrmError when others are written by then.
    """
    private_folder(folder)
    items = list(items)
    if seen is None:
        _part(folder, suffix, {uid for uid, _item in items})
    places = defaultdict(list)
    for path in _files(folder, suffix):
        for uid in uids_of(path, known):
            places[uid].append(path)
    files = [(path, item) for uid, item in items for path in places.get(uid) or [folder / (_file_name(uid) + suffix)]]
    was = seen or {}
    with telling_what_is_there() as written:
        for path, item in files:
            is_as_seen = seen is None or content_of(path) in (was.get(path), None)
            if is_as_seen and replace_file(path, keeping(was[path], item) if path in was else item):
                written.append(path)
    return Written(len(items), len(written))


def _files(folder: Path, suffix: str) -> list[Path]:
    return [path for path in records_in(folder) if path.suffix.lower() == suffix]


def _part(folder: Path, suffix: str, uids: set[str]) -> None:
    """Let each record be a file where a file has one with such a UID and another: that must not go with it."""
    there = {*_files(folder, suffix)}
    for path in there:
        content = content_of(path) or b""
        parts = parts_of(content)
        if len(parts) > 1 and not uids.isdisjoint(uids_of(path, {})):
            part(path, content, dict(zip(paths_of(path, there), parts, strict=False)))


@contextmanager
def telling_what_is_there() -> Iterator[list[Path]]:
    """Give the list of the files that have been written; where one can't be, CrmError says how many are there."""
    written: list[Path] = []
    try:
        yield written
    except OSError as error:
        if not written:
            raise
        said = ngettext(
            "{path}: {reason}; {count} file was written before, and is whole",
            "{path}: {reason}; {count} files were written before, and are whole",
            len(written),
        )
        raise CrmError(
            said.format(path=error.filename, reason=reason_of(error), count=len(written)),
            hint=_("free some space, then run it again") if error.errno in _FULL else "",
        ) from error


def _file_name(uid: str) -> str:
    return uid if _PLAIN.fullmatch(uid) else hashlib.sha256(uid.encode()).hexdigest()


def uids_of(path: Path, known: Mapping[Path, str]) -> set[str]:
    """Return the UIDs in a file, as they stand there and bare; the one that is `known` of it without reading.

    None when it can't be read.
    """
    if path in known:
        return {known[path]}
    try:
        with path.open("rb") as stream:
            charset = charset_of(stream)
            lines = [
                line for block in read_blocks(stream, charset, _RECORDS) for line in unfold(block.lines, old=False)
            ]
    except (UsageError, OSError):
        return set()
    found = (parse(line, charset) for line in lines if name_of(line) == "UID")
    return {uid for line in found if line for uid in (line.text, line.text.removeprefix("urn:uuid:"))}
