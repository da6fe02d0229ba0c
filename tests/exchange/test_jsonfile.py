import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import UsageError
from crmcli.exchange.csvfile import Row
from crmcli.exchange.jsonfile import read_objects


def read(data: bytes) -> tuple[list[str], list[Row]]:
    rows = read_objects(io.BytesIO(data))
    return rows.header, list(rows)


RECORDS: list[dict[str, Any]] = [
    {"name": "张三", "phones": ["+86138", "a;b"], "fields": {"size": "42"}, "id": 7, "company": None, "tags": []},
    {},
    {"name": "Ann", "vip": True, "reach": [{"kind": "phone"}], "fields": {}},
]
FOUND = (
    ["name", "phones", "fields", "id", "company", "tags", "vip", "reach"],
    [
        Row(1, ["张三", "+86138; a\\;b", '{"size": "42"}', "7", "", "", "", ""]),
        Row(3, ["Ann", "", "", "", "", "", "true", '[{"kind": "phone"}]']),
    ],
)


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(RECORDS).encode(),
        json.dumps(RECORDS, indent=2, ensure_ascii=False).encode("utf-8-sig"),
        json.dumps(RECORDS, ensure_ascii=False).encode("utf-16"),
        "\n".join(map(json.dumps, RECORDS)).encode(),
        "\r\n\r\n".join(map(json.dumps, RECORDS)).encode() + b"\r\n",
    ],
)
def test_arrays_and_lines(data: bytes) -> None:
    assert read(data) == FOUND


@pytest.mark.parametrize("ending", [b"", b"\n", b'\n{"name": "Bob"}\n'])
def test_half_a_character_is_left_out(ending: bytes) -> None:
    data = rb'{"name": "Ann \ud83d", "na\ud83dmes": ["\ude00", "\ud83d\ude00"], "fields": {"\uD83d": "x\udfff"}}'
    header, rows = read(data + ending)
    assert header == ["name", "names", "fields"]
    assert rows[0] == Row(1, ["Ann ", "; 😀", '{"": "x"}'])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[]", "no records"),
        (b"[{}]", "no records"),
        (b"[1, 2]", "record 1 is no object"),
        (b'[{"a": 1}, 2]', "record 2 is no object"),
        (b'{"a": 1}\n{"a": ', "record 2 is not valid"),
        (b'[{"a": 1}, {"a": 2}', "record 3 is not valid"),
        (b'[{"a": 1}, {"a"', "record 2 is not valid"),
        (b"[" * 100_000, "not valid"),
    ],
)
def test_what_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        read(data)
    assert caught.value.hint


def test_a_file_of_many_pieces() -> None:
    records = [{"name": f"{number:06}" * 20} for number in range(20_000)]
    assert len(read(json.dumps(records).encode())[1]) == 20_000


KEYS = st.text(st.characters(codec="utf-8"), min_size=1)


@given(st.lists(st.dictionaries(KEYS, KEYS, min_size=1), min_size=1), st.booleans())
def test_any_texts_come_back(records: list[dict[str, str]], lines: bool) -> None:
    data = "\n".join(map(json.dumps, records)) if lines else json.dumps(records)
    header, rows = read(data.encode())
    found = [{name: cell for name, cell in zip(header, row.cells, strict=True) if cell} for row in rows]
    assert found == records


@given(st.one_of(st.binary(), st.text(st.sampled_from('[]{}":,1ae\\ \n')).map(str.encode)))
def test_any_bytes_are_rows_or_refused(data: bytes) -> None:
    for start in (b"", b'[{"a": 1}', b'{"a": 1}'):
        try:
            header, rows = read(start + data)
        except UsageError:
            continue
        assert all(len(row.cells) == len(header) for row in rows)
