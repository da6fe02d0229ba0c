"""`crm export --to`: names that no export can have, and places where there can be no file."""

import pytest

from tests.conftest import Crm


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
