"""`crm export --to`: names that no export can have, and places where there can be no file."""

import os
import re
from collections.abc import Callable
from errno import EACCES, ENOSPC
from pathlib import Path

import pytest

from crmcli.errors import CrmError
from crmcli.exchange.files import whole_file
from tests.conftest import Crm

MUM = b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Mum\r\nEND:VCARD\r\n"


@pytest.mark.parametrize(
    ("records", "endings"),
    [
        ("contacts", ".csv .tsv .json .jsonl .md .xlsx .vcf .ics"),
        ("callbacks", ".csv .tsv .json .jsonl .md .xlsx .ics"),
        ("companies", ".csv .tsv .json .jsonl .md .xlsx"),
        ("all", ".json .jsonl .ics"),
    ],
)
def test_the_endings_are_those_that_can_be(crm: Crm, records: str, endings: str) -> None:
    assert f"one of {endings}, or say it with -o" in crm("export", records, "--to", "x.html").err


@pytest.mark.parametrize("dry", [(), ("-n",)])
def test_a_file_in_no_folder_is_named(crm: Crm, dry: tuple[str, ...]) -> None:
    refused = crm("export", "contacts", "--to", "gone/folder/x.csv", *dry)
    assert (refused.code, refused.out) == (2, "")
    assert "gone/folder/x.csv can't be written: there is no folder" in refused.err


@pytest.mark.parametrize(
    "line", ["export contacts --to {}/ -o vcard", "export all --to {}/ -o csv", "calendar --sync {}"]
)
def test_a_file_in_a_folders_place_is_told(crm: Crm, line: str) -> None:
    taken = crm.folder / "taken"
    taken.write_text("mine", "utf-8")
    refused = crm(*line.format(taken).split())
    assert refused.code == 2
    assert refused.err == f"error: {taken} is a file and no folder — name a folder\n"
    assert taken.read_text("utf-8") == "mine"


def test_what_is_open_already_is_written_on(crm: Crm) -> None:
    """With `--to /dev/stdout >> log` a new file took the log's place: what was in it went, and what came after."""
    log = crm.folder / "log"
    log.write_text("before\n", "utf-8")
    number = os.open(log, os.O_WRONLY | os.O_APPEND)
    try:
        crm.ok("export", "contacts", "--to", f"/dev/fd/{number}", "--columns", "name", "-o", "csv")
        os.write(number, b"after\n")
    finally:
        os.close(number)
    assert log.read_text("utf-8").split() == ["before", "name", "after"]


def test_standard_output_by_its_name_carries_the_records_alone(crm: Crm) -> None:
    crm.ok("add", "Ann")
    assert crm.ok("export", "contacts", "--to", "/dev/stdout", "--columns", "name", "-o", "csv").out == "name\nAnn\n"


@pytest.mark.parametrize(
    "line", ["export contacts", "export all", "calendar", "report promises", "contact export-all 1"]
)
def test_a_hyphen_is_standard_output(crm: Crm, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It made a file of this name."""
    monkeypatch.chdir(crm.folder)
    crm.ok("add", "Ann", "--birthday", "05-12")
    assert crm.ok(*line.split(), "--to", "-", "-o", "json").out == crm.ok(*line.split(), "-o", "json").out
    assert not Path("-").exists()


def test_a_spreadsheet_goes_through_a_pipe(crm: Crm) -> None:
    """It said “Illegal seek”."""
    reader, writer = os.pipe()
    crm.ok("export", "contacts", "-o", "xlsx", "--to", f"/dev/fd/{writer}")
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        assert pipe.read(2) == b"PK"


def test_a_pipe_whose_reader_left_has_not_got_the_file(crm: Crm) -> None:
    """It ended as `| head` does, with 0: a script took the export for whole, and an import was quietly taken back."""
    pipe = crm.folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    written = whole_file(pipe)
    written.__enter__().write(b"x")
    os.close(reader)
    with pytest.raises(CrmError, match=f"{pipe}: Broken pipe"):
        written.__exit__(None, None, None)


def test_a_dry_run_into_a_folder_that_is_still_to_be_made_counts_what_is_written(crm: Crm) -> None:
    crm.ok("add", "Ann")
    folder = crm.folder / "tables"
    line = ("export", "all", "--to", f"{folder}/")
    said = crm.ok(*line, "-n").out.replace("dry run: ", "")
    assert not folder.exists()
    assert crm.ok(*line).out == said


def test_a_place_that_can_not_be_written_is_told_by_its_own_name(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*, prefix: str, dir: Path) -> tuple[int, str]:  # noqa: A002 - the library's name
        raise PermissionError(EACCES, "Permission denied", f"{dir}/{prefix}passing")

    monkeypatch.setattr("crmcli.exchange.files.mkstemp", refused)
    path = crm.folder / "out.csv"
    assert crm("export", "contacts", "--to", str(path)).err == f"error: {path}: Permission denied\n"


@pytest.mark.parametrize(
    "line",
    ["export contacts --to {}/ -o vcard", "export all --to {}/ -o csv", "calendar --to {}/", "calendar --sync {}"],
)
def test_a_disk_that_is_full_half_way_leaves_whole_files_and_is_told(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    for name in ("Ann", "Bob", "Cy", "Di"):
        crm.ok("add", name, "--birthday", "1988-05-12")
    folder, written = crm.folder / "out", crm.folder / "written"
    fsync = os.fsync

    def fail(number: int) -> None:
        if len([*folder.glob("[!.]*")]) >= 2:
            raise OSError(ENOSPC, "No space left on device")
        fsync(number)

    crm.ok(*line.format(written).split())
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        refused = crm(*line.format(folder).split())
    assert (refused.code, refused.out) == (1, "")
    assert re.fullmatch(
        r"error: .*/out/[\w-]+\.\w{3}: No space left on device; 2 files were written before, and are whole"
        " — free some space, then run it again\n",
        refused.err,
    )
    there = [*folder.iterdir()]
    assert len(there) == 2
    assert all(path.read_bytes() == (written / path.name).read_bytes() for path in there)


def test_a_card_beside_one_of_ours_in_its_file_stays(crm: Crm) -> None:
    crm.ok("add", "Ann")
    crm.ok("add", "Bob")
    line, folder = ("export", "contacts", "--to", f"{crm.folder}/cards/", "-o", "vcard"), crm.folder / "cards"
    crm.ok(*line)
    (path,) = (path for path in folder.iterdir() if b"FN:Ann\r\n" in path.read_bytes())
    path.write_bytes(path.read_bytes() + MUM)
    crm.ok("contact", "edit", "Ann", "--title", "CEO")
    for _time in range(2):
        crm.ok(*line)
        cards = sorted(path.read_bytes() for path in folder.iterdir())
        assert len(cards) == 3
        assert MUM in cards
        assert sum(b"TITLE:CEO" in card for card in cards) == 1


@pytest.mark.parametrize(
    "put",
    [
        pytest.param(lambda card: b"\xef\xbb\xbf" + MUM + card, id="behind-a-byte-order-mark"),
        pytest.param(lambda card: (card + MUM).decode().encode("utf-16"), id="utf-16"),
        pytest.param(lambda card: (card + MUM).replace(b"\n", b""), id="carriage-returns-alone"),
        pytest.param(lambda card: card + MUM + b"BEGIN:VCARD\r\nFN:Cut", id="one-cut-off"),
    ],
)
def test_a_card_stays_however_its_file_is_written(crm: Crm, put: Callable[[bytes], bytes]) -> None:
    crm.ok("add", "Ann")
    line, folder = ("export", "contacts", "--to", f"{crm.folder}/cards/", "-o", "vcard"), crm.folder / "cards"
    crm.ok(*line)
    (path,) = folder.iterdir()
    path.write_bytes(put(path.read_bytes()))
    crm.ok("contact", "edit", "Ann", "--title", "CEO")
    crm.ok(*line)
    cards = [path.read_bytes() for path in folder.iterdir()]
    assert sum(b"TITLE:CEO" in card for card in cards) == 1
    assert any(MUM in card for card in cards)
