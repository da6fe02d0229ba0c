import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.nouns import Noun, noun
from crmcli.render.data import write
from crmcli.rules.lists import join, split

ROW: dict[str, Any] = {
    "name": "张三",
    "id": 1,
    "phones": ["+8613800138000", "a;b"],
    "fields": {"车牌": "沪A"},
    "notes": 'two\nlines, "quoted"\t|\\ \x1b[31m',
    "birthday": None,
    "extra": True,
}
COLUMNS = ("name", "id", "phones", "fields", "notes", "birthday", "extra")


def written(rows: Any, form: str, columns: Sequence[str] | None = None, of: Noun | None = None) -> str:
    stream = io.StringIO()
    write(rows, form, stream, of or noun("contact"), columns)
    return stream.getvalue()


def test_json_of_a_record_keeps_the_order_of_the_declaration() -> None:
    text = written(ROW, "json")
    assert json.loads(text) == ROW
    assert list(json.loads(text)) == ["id", "name", "phones", "notes"[:0] or "birthday", "notes", "fields", "extra"]
    assert '"张三"' in text
    assert text.startswith('{\n  "id": 1,\n')


def test_json_of_rows() -> None:
    assert written([], "json") == "[]\n"
    assert written([{"id": 1}, {"id": 2}], "json") == '[\n  {\n    "id": 1\n  },\n  {\n    "id": 2\n  }\n]\n'
    assert json.loads(written([ROW, ROW], "json")) == [ROW, ROW]
    assert written([{"id": 1, "name": "a"}], "jsonl", ["name", "title"]) == '{"name": "a", "title": null}\n'


def test_json_holds_what_utf8_and_terminals_cannot() -> None:
    text = written([{"name": "\udc80 \x9b31m \u202e 😀"}], "jsonl")
    assert text == '{"name": "\\udc80 \\u009b31m \\u202e 😀"}\n'
    assert json.loads(text) == {"name": "\udc80 \x9b31m \u202e 😀"}


def test_json_for_an_encoding_that_lacks_chinese() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    write({"name": "张三é😀"}, "json", stream, None)
    stream.seek(0)
    assert json.loads(stream.read()) == {"name": "张三é😀"}


def test_csv_keeps_everything() -> None:
    text = written([ROW], "csv", COLUMNS)
    (row,) = csv.DictReader(io.StringIO(text))
    assert row == {
        "name": "张三",
        "id": "1",
        "phones": "+8613800138000; a\\;b",
        "fields": '{"车牌": "沪A"}',
        "notes": ROW["notes"],
        "birthday": "",
        "extra": "true",
    }
    assert split(row["phones"]) == ROW["phones"]
    assert "\r" not in text


def test_csv_has_all_fields_and_a_header_even_without_rows() -> None:
    header = written([], "csv").splitlines()
    assert header == [",".join(field.name for field in noun("contact").fields)]
    assert written([ROW], "csv").splitlines()[0] == header[0] + ",extra"


def test_tsv_is_csv_with_tabs() -> None:
    assert list(csv.reader(io.StringIO(written([ROW], "tsv", ("id", "notes"))), delimiter="\t")) == [
        ["id", "notes"],
        ["1", ROW["notes"]],
    ]


def test_plain_is_one_harmless_line_a_record() -> None:
    assert (
        written([ROW, ROW], "plain", COLUMNS).splitlines()
        == ['张三\t1\t+8613800138000; a\\;b\t{"车牌": "沪A"}\ttwo lines, "quoted" |\\ ␛[31m\t\ttrue'] * 2
    )


def test_markdown() -> None:
    assert written([ROW], "md", ("id", "notes", "birthday")) == (
        '| Id | Notes | Birthday |\n| --- | --- | --- |\n| 1 | two<br>lines, "quoted" \\|\\\\ ␛[31m |  |\n'
    )
    assert written([{"name": "<b>"}], "md", ["name"]).endswith("| &lt;b> |\n")


def test_ids() -> None:
    assert written([{"id": 1}, {"id": None}, {"id": 22}], "ids") == "1\n22\n"


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "tsv", "md", "ids", "plain"])
def test_rows_are_written_as_they_come(form: str) -> None:
    stream = io.StringIO()
    before: list[int] = []

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(3):
            before.append(len(stream.getvalue()))
            yield {"id": number}

    write(rows(), form, stream, None)
    assert 0 < before[2] < len(stream.getvalue())


records = st.fixed_dictionaries({"id": st.integers(), "name": st.text(), "notes": st.none() | st.text()})


@given(st.lists(records))
def test_json_says_what_it_was_given(rows: list[dict[str, Any]]) -> None:
    assert json.loads(written(rows, "json")) == rows
    assert [json.loads(text) for text in written(rows, "jsonl").split("\n") if text] == rows


@given(st.lists(records), st.sampled_from(["csv", "tsv"]))
def test_csv_says_what_it_was_given(rows: list[dict[str, Any]], form: str) -> None:
    text = written(rows, form, ("id", "name", "notes"))
    read = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t" if form == "tsv" else ","))
    assert read[1:] == [[str(row["id"]), row["name"], row["notes"] or ""] for row in rows]


@given(st.lists(records, min_size=1))
def test_plain_has_one_line_a_record(rows: list[dict[str, Any]]) -> None:
    lines = written(rows, "plain", ("id", "name", "notes")).split("\n")[:-1]
    assert [line.count("\t") for line in lines] == [2] * len(rows)
    assert all(line.replace("\t", "").isprintable() or "\x1b" not in line for line in lines)


@given(st.lists(st.text(min_size=1).map(lambda text: text.strip(" ")).filter(bool)))
def test_lists_are_read_back(items: list[str]) -> None:
    assert split(join(items)) == items


def test_lists_of_other_programs_are_read() -> None:
    assert split("a;b ; ;c;") == ["a", "b", "c"]
    assert split("C:\\x; y\\") == ["C:\\x", "y\\"]
    assert split("") == []
