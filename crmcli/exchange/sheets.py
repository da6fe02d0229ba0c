"""Spreadsheets (XLSX, XLS, ODS) as rows.

python-calamine reads them, in a process of its own: it is fast and knows every kind, but a file that is damaged or
made for it ends the whole process (two cells at opposite corners of a sheet make it ask for 512 GB). Only the process
that reads is lost then, and its memory is its own.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

from crmcli.errors import UsageError
from crmcli.exchange import sniff
from crmcli.exchange.csvfile import Row
from crmcli.exchange.sheetout import ZONE
from crmcli.i18n import _, joined

_LARGEST = 1 << 30
"""Bytes of a spreadsheet without its compression: more than a million rows of twenty columns."""
_LOOKED_AT = 25
"""Rows among which the header is."""
_FILLED = 0.6
"""Of the cells of the fullest row, a header fills at least so many: titles above it fill one or two."""
_PROPERTIES = "docProps/custom.xml"
_MOST_PROPERTIES = 1 << 20
_NAMED_ZONE = re.compile(rb'name="%s"[^>]*>\s*<vt:lpwstr>([\w+/-]{1,64})<' % ZONE.encode(), re.ASCII)
_WORKER = Path(__file__).with_name("sheetworker.py")


class Sheet:
    """The rows of one sheet, with the same interface as crmcli.exchange.csvfile.Rows; `name` says which sheet it is.

    `left_out` tells, when the rows were read, of the other sheets that have some, unless one was asked for.
    """

    header: list[str]
    name: str
    encoding = "utf-8"
    delimiter = ","
    left_out: Mapping[str, int] = MappingProxyType({})

    def __init__(self, stream: BinaryIO, sheet: str = "", zone: str = "") -> None:
        """`zone`: in which its moments are meant, where it says so."""
        self.zone = zone
        self._stream = _with_descriptor(stream)
        self._worker = subprocess.Popen(  # noqa: S603 - our own script, without a shell
            [sys.executable, "-P", str(_WORKER), sheet],
            stdin=self._stream,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._worker.stdout  # noqa: S101 - a pipe was asked for
        self._output = self._worker.stdout
        try:
            about = _opened(self._next(), sheet)
            self.name = about["sheet"]
            self._rows = self._start(about)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows below the header that are not blank; UsageError where the file can't be read on."""
        try:
            width = len(self.header)
            titles = 0
            for number, cells, title in self._rows:
                titles += title
                if not title:
                    yield Row(number, cells[:width])
            told = {_("title across the columns"): titles} if titles else {}
            self.left_out = {**told, **dict(self._others())}
        finally:
            self.close()

    def close(self) -> None:
        """Give up reading."""
        self._worker.kill()
        self._output.close()
        self._worker.wait()
        self._stream.close()

    def _start(self, about: Any) -> Iterator[tuple[int, list[str], bool]]:
        """Find the header, and return the rows after it."""
        rows = iter(self._next, None)
        top = list(islice(rows, _LOOKED_AT))
        if not top:
            raise UsageError(
                _("the sheet {name} is empty").format(name=self.name), hint=_("its first row names the columns")
            )
        counts = [sum(map(bool, cells)) for _number, cells, _title in top]
        found = next(index for index, count in enumerate(counts) if count >= max(counts) * _FILLED)
        number, cells, _is_title = top[found]
        end = about["deep"].get(str(number), number)
        for number, below, _is_title in top[found + 1 :]:
            if number > end:
                break
            found += 1
            cells = _headings(cells, below)
        number = top[found][0]
        self.header = [
            heading
            or (
                _("column {letter}").format(letter=_letter(about["first"] + index))
                if about["last"][index] > number
                else ""
            )
            for index, heading in enumerate(" ".join(cell.split()) for cell in cells)
        ]
        while self.header and not self.header[-1]:
            self.header.pop()
        return chain(top[found + 1 :], rows)

    def _others(self) -> Iterator[tuple[str, int]]:
        """Yield what the other sheets are, and how many rows they have, as far as the worker can tell."""
        for line in self._output:
            name, rows = json.loads(line)
            yield _("row of the sheet “{sheet}” (--sheet reads it)").format(sheet=name), rows

    def _next(self) -> Any:
        """Return what the worker says next, None at its end; UsageError when it did not get there."""
        line = self._output.readline()
        if line.endswith(b"\n"):
            return json.loads(line)
        code = self._worker.wait()
        if code == 1:
            raise sniff.damaged()
        if code:
            raise UsageError(
                _("the spreadsheet is damaged, or a cell far outside its table makes it too large"),
                hint=_("copy the table into a new spreadsheet, or save it as CSV"),
            )
        return None


def read_sheet(stream: BinaryIO, sheet: str = "") -> Sheet:
    """Return the rows of a spreadsheet; `sheet` is a name or a number from 1, else the first that shows something.

    The header is the first row that is about as full as the table: titles above it are skipped.
    Raises UsageError for one that is damaged, protected, empty, or larger than 1 GB without its compression.
    """
    return Sheet(stream, sheet, _zone(stream))


def _zone(stream: BinaryIO) -> str:
    """Return the zone that an export of ours names; empty where there is none.

    Raises UsageError when an archive says that it unpacks to too much; the reading process is limited as well.
    """
    stream.seek(0)
    if not zipfile.is_zipfile(stream):
        return ""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            size = sum(file.file_size for file in archive.infolist())
            zone = _named_zone(archive)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise sniff.damaged() from error
    if size > _LARGEST:
        raise UsageError(
            _("the spreadsheet unpacks to {size} MB; at most {largest} MB are read").format(
                size=size >> 20, largest=_LARGEST >> 20
            ),
            hint=_("save it as CSV, which is read whatever its size"),
        )
    return zone


def _named_zone(archive: zipfile.ZipFile) -> str:
    """Return the zone that a workbook's own properties name; nothing where they can't be read."""
    with suppress(KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        with archive.open(_PROPERTIES) as properties:
            named = _NAMED_ZONE.search(properties.read(_MOST_PROPERTIES))
        return named[1].decode() if named else ""
    return ""


def _with_descriptor(stream: BinaryIO) -> BinaryIO:
    """Return the stream, from its beginning, as a file that another process can read."""
    stream.seek(0)
    try:
        os.lseek(stream.fileno(), 0, os.SEEK_SET)
    except OSError:  # no file of the system
        spool: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the rows
        shutil.copyfileobj(stream, spool)
        spool.flush()
        os.lseek(spool.fileno(), 0, os.SEEK_SET)
        return spool
    return stream


def _headings(above: list[str], below: list[str]) -> list[str]:
    """Return the headings that two rows make: those below; one that is there already together with what is above."""
    headings: list[str] = []
    group = ""
    for over, heading in zip(above, below, strict=True):
        group = over or group
        again = heading in headings and heading != group
        headings.append(f"{group} {heading}" if again else heading or over)
    return headings


def _letter(column: int) -> str:
    """Return what a spreadsheet calls a column (counted from 0): A, B, …, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _opened(about: Any, sheet: str) -> Any:
    """Return what the worker says about the sheet; UsageError when it could not open one."""
    if about is None:
        raise sniff.damaged()
    error = about.get("error")
    if error == "protected":
        raise sniff.protected()
    if error == "sheet":
        raise UsageError(
            _("there is no sheet “{sheet}”").format(sheet=sheet),
            hint=_("its sheets are: {names}").format(names=joined(about["sheets"])),
        )
    if error:
        raise UsageError(_("the spreadsheet is empty"), hint=_("its first row names the columns"))
    return about
