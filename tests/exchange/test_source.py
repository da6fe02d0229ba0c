import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import UsageError
from crmcli.exchange.sheetout import write_sheet
from crmcli.exchange.source import open_source

VCARD = b"BEGIN:VCARD\nFN:Ann\nEND:VCARD\n"
EVENT = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n"


@pytest.mark.parametrize(
    ("data", "kind", "rows"),
    [
        (b"name\nann\n", "csv", 1),
        (VCARD * 2, "vcard", 2),
        (EVENT, "ical", 1),
        (b'[{"name": "ann"}]', "json", 1),
        (b'{"name": "ann"}\n', "jsonl", 1),
    ],
)
def test_the_reader_is_chosen_by_the_content(tmp_path: Path, data: bytes, kind: str, rows: int) -> None:
    path = tmp_path / "file.pdf"
    path.write_bytes(data)
    for file in (path, io.BytesIO(data), pipe(data)):
        found, source = open_source(file)
        assert (found, len(list(source))) == (kind, rows)
        assert source.left_out == {}
        source.close()
    with pytest.raises(UsageError, match="sheets"):
        open_source(path, "1")


EMPTY_CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.json", b"[]\n"), ("a", b"[ \n ]"), ("a.ics", EMPTY_CALENDAR), ("a.jsonl", b""), ("a.vcf", b"")],
)
def test_a_whole_file_may_hold_nothing(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    _kind, source = open_source(path.open("rb"))
    assert (source.header, list(source)) == ([], [])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b""),
        ("a.ics", b""),
        ("a.json", b"[{}]"),
        ("a.ics", EMPTY_CALENDAR[:30]),
        ("a.ics", EMPTY_CALENDAR.replace(b"END:", b"BEGIN:VJOURNAL\r\nEND:VJOURNAL\r\nEND:")),
    ],
)
def test_what_is_cut_off_or_something_else_is_told(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UsageError):
        open_source(path.open("rb"))


def pipe(data: bytes) -> io.BufferedReader:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    return io.BufferedReader(Pipe(data))


def test_spreadsheets_from_files_and_pipes(tmp_path: Path) -> None:
    stream = io.BytesIO()
    write_sheet(stream, ["name"], [["ann"]], name="S")
    (tmp_path / "a.csv").write_bytes(stream.getvalue())
    for file in (tmp_path / "a.csv", pipe(stream.getvalue())):
        kind, source = open_source(file, "s")
        assert (kind, source.header, [row.cells for row in source]) == ("xlsx", ["name"], [["ann"]])
        source.close()


def test_a_file_that_is_given_up_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with path.open("wb") as stream:
        write_sheet(stream, ["name"], [["ann"]] * 1000)
    _kind, source = open_source(path)
    source.close()
    source.close()


STARTS = [b"", VCARD, EVENT, b"\xef\xbb\xbf", b"\xff\xfe", b'{"a":', b"[{", b"a,b\n", b"%PDF", b"PK\x03\x04"]


@given(st.sampled_from(STARTS), st.binary())
def test_any_bytes_are_rows_or_refused(start: bytes, data: bytes) -> None:
    try:
        _kind, source = open_source(io.BytesIO(start + data))
        assert all(row.error or len(row.cells) == len(source.header) for row in source)
    except UsageError as error:
        if not error.message:
            raise
