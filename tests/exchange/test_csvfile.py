import codecs
import io
import os
import tracemalloc
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import UsageError
from crmcli.exchange.csvfile import Row, Rows, read_rows, write_rows

TEXT = "姓名,手机,公司\n李四,139 0013 9000,南方电网\n"


def read(data: bytes) -> Rows:
    return read_rows(io.BytesIO(data))


def cells(data: bytes) -> list[list[str]]:
    rows = read(data)
    return [rows.header, *(row.cells for row in rows)]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
    ],
)
def test_encodings(encoding: str, told: str) -> None:
    rows = read(TEXT.encode(encoding))
    assert rows.encoding == told
    assert rows.header == ["姓名", "手机", "公司"]
    assert list(rows) == [Row(2, ["李四", "139 0013 9000", "南方电网"])]


def test_utf_16_big_endian_with_mark() -> None:
    assert cells(codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"))[1][0] == "李四"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Name;Société;Ville\r\nHélène;Café de Flore, Paris;Orléans\r\nAndré;Crédit Général;Nîmes\r\n"),
        ("cp1252", "name,region\nHélène,Orléans à côté\nSociété Générale,Nîmes\n"),
        ("cp1252", "Name;Ort\nSøren;Århus\nÅse Bjørn;Tromsø\nJörgen;Malmö\n"),
        ("cp1252", "Name;Ort\nJoão;São Paulo\n"),
        ("cp1252", "Name;Ort\nNiccolò;Forlì\nGià Perché;Città di Castello\n"),
        ("cp1252", "Name;Ort\nÞór;Ísafjörður\n"),
        ("shift_jis", "名前,会社\n田中さくら,トヨタ自動車\n山田花子,ソフトバンク株式会社\n"),
        ("big5", "姓名,公司\n陳大文,台灣電力公司\n林志玲,中華電信股份有限公司\n"),
    ],
)
def test_other_encodings_are_guessed(encoding: str, text: str) -> None:
    rows = read(text.encode(encoding))
    assert [rows.header, *(row.cells for row in rows)] == [line.split(rows.delimiter) for line in text.splitlines()]


@pytest.mark.parametrize("end", ["\n", "\n李四,\n" * 50])
@pytest.mark.parametrize("name", ["Ann\0", "An\0n", "张三\0", "\0三\0"])
def test_a_stray_nul_makes_no_text_utf_16(name: str, end: str) -> None:
    rows = read(f"name,phone\n{name},138{end}".encode())
    assert (rows.encoding, rows.header, next(iter(rows)).cells[0]) == ("utf-8", ["name", "phone"], name)


@pytest.mark.parametrize("text", ["a\n1\n", "姓名\n张三\n", "姓名,备注\n张三," + "谈价格" * 100 + ",\n"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(encoding: str, text: str) -> None:
    assert read(text.encode(encoding)).encoding == encoding


def test_a_file_that_turns_chinese_late() -> None:
    rows = read(b"name,phone\n" + b"ann,138\n" * 200_000 + "李四,139\n".encode("gbk"))
    assert rows.encoding == "gb18030"
    assert list(rows)[-1] == Row(200_002, ["李四", "139"])


def test_a_pipe() -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as end:
        end.write(TEXT.encode("gb18030"))
    with os.fdopen(reader, "rb") as stream:
        assert [row.cells[0] for row in read_rows(stream)] == ["李四"]


def test_a_stream_is_read_from_where_it_is() -> None:
    stream = io.BytesIO(b"junk\na,b\n1,2\n")
    stream.readline()
    rows = read_rows(stream)
    assert rows.header == ["a", "b"]
    rows.close()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0rest", "spreadsheet"),
        (b"%PDF-1.7", "PDF"),
        (b"\x00\x01\x02\x00\x00abc", "not a text file"),
        (b"a,b\n" * 100_000 + bytes(100_000), "not a text file"),
        (b"", "empty"),
        (b"\n\r\n , \n"[:3], "empty"),
        (codecs.BOM_UTF8, "empty"),
    ],
)
def test_what_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        read(data)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [
        (b"a,b\n1,2", ","),
        (b"a;b\n1,5;2,5", ";"),
        (b"a\tb\n1,5\t2;5", "\t"),
        (b"a|b\n1|2", "|"),
        (b"name\nann\nbob", ","),
        (b"name, first;phone\nann;1\nbob;2\n", ";"),
        (b'"a;x",b\n1,2\n', ","),
        (b"sep=;\r\na;b,c\r\n1;2\r\n", ";"),
        (b'"sep=|"\na|b\n', "|"),
    ],
)
def test_delimiters(data: bytes, delimiter: str) -> None:
    assert read(data).delimiter == delimiter


def test_rows_as_a_spreadsheet_numbers_them() -> None:
    rows = read(b'\r\n\r\n a ,"b\nc"\r\n\r\n1,"x\ny"\r\n3,4,5\r\n6\r\n,\r\n7,8,,\r\n')
    assert rows.header == ["a", "b c"]
    assert list(rows) == [
        Row(5, ["1", "x\ny"]),
        Row(6, ["3", "4", "5"], "3 cells, but the header has 2"),
        Row(7, ["6", ""]),
        Row(9, ["7", "8"]),
    ]


def test_the_hidden_first_line_is_no_row() -> None:
    assert list(read(b"sep=;\r\na;b\r\n1;2\r\n")) == [Row(2, ["1", "2"])]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends(end: bytes) -> None:
    assert cells(end.join([b"name,company", b"ann,acme", b""])) == [["name", "company"], ["ann", "acme"]]


def test_header_keeps_repeated_and_empty_headings() -> None:
    assert read("\ufeffa,,a\u00a0\n".encode()).header == ["a", "", "a"]


def test_a_quotation_mark_never_closed_names_its_row() -> None:
    with pytest.raises(UsageError, match="row 3"):
        cells(b'a,b\n1,"x\ny"\n2,"z\n3,4\n')


def test_a_very_large_cell() -> None:
    assert len(cells(b'a,b\n"' + b"x" * 1_000_000 + b'",1\n')[1][0]) == 1_000_000


def test_memory_does_not_grow_with_the_file() -> None:
    class Endless(io.RawIOBase):
        """Gives `left` bytes of rows, once."""

        def __init__(self, left: int) -> None:
            self.left = left

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # the base declares any buffer
            size = min(len(buffer), self.left) // 8 * 8
            buffer[:size] = b"ann,138\n" * (size // 8)
            self.left -= size
            return size

    def peak(size: int) -> int:
        tracemalloc.start()
        stream: BinaryIO = io.BufferedReader(Endless(size))
        assert sum(1 for _row in read_rows(stream)) == size // 8 - 1
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(2_400_000) < 1.2 * peak(1_200_000)


CHINESE = "姓名手机公司备注李四南方电网华东张三"
HEADER = ["姓名", "手机", "公司备注"]
ASCII = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
COMMON = st.text(alphabet=st.one_of(ASCII, st.sampled_from(CHINESE), st.sampled_from("\r\n\t;|")))
ANY = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"))


def tables(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.lists(texts, min_size=3, max_size=3).filter(any), max_size=8)


@pytest.mark.parametrize("wrong", ["张三,上海\n".encode("gb18030"), "Anaïs,Nîmes\n".encode("cp1252"), b"\xff\n"])
def test_one_row_in_another_encoding_does_not_garble_all_others(wrong: bytes) -> None:
    text = "name,region\n" + "Zoë,Köln\n王五,北京\n" * 20
    with pytest.raises(UsageError, match="line 42 is not in UTF-8"):
        read_rows(io.BytesIO(text.encode() + wrong))


@pytest.mark.parametrize(
    ("encoding", "legacy", "utf_8", "said"),
    [
        ("gb18030", "王五,上海\n", "张三,北京\n李四,南京\n", "line 2 is in UTF-8, and line 4 is not"),
        ("gb18030", "王五,上海\n" * 40, "张三,北京\n", "line 2 is in UTF-8, and line 3 is not"),
        ("gb18030", "王五,上海\n" * 40, "欧阳靖,北京\n", "line 2 is in UTF-8, and line 3 is not"),
        ("gb18030", "王五,上海\n" * 40, "Ann（VIP）,北京\n", "line 2 is in UTF-8, and line 3 is not"),
        ("cp1252", "Anaïs,Nîmes\n", "Zoë,Köln\nMüller,Bonn\n", "line 2 is in UTF-8, and line 4 is not"),
        ("cp1252", "Anaïs,Nîmes\nHélène,Orléans\n" * 20, "Zoë,Köln\n", "line 2 is in UTF-8, and line 3 is not"),
        ("cp1252", "Anaïs,Nîmes\nHélène,Orléans\n" * 20, "王五,北京\n", "line 2 is in UTF-8, and line 3 is not"),
    ],
)
def test_a_few_rows_in_another_encoding_are_not_garbled(encoding: str, legacy: str, utf_8: str, said: str) -> None:
    """As when one export is put behind another."""
    for first, second in ((utf_8.encode(), legacy.encode(encoding)), (legacy.encode(encoding), utf_8.encode())):
        with pytest.raises(UsageError, match=said if first == utf_8.encode() else "is in UTF-8, and line 2 is not"):
            read_rows(io.BytesIO(b"name,region\n" + first + second))


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gb18030", "name,region\n小学,血学\n朱镕基,璐璐\n喆堃淼,媛媛\n李玥,镕\n" + "张三丰,上海\n" * 30),
        ("cp1251", "name,region\nЕё,Москва\nГёте,Её\n" + "Сергей Рёрих,Санкт-Петербург\n" * 30),
        ("cp1252", "name,region\nÖ,Ä\nMÜLLER,É\n" + "Hélène,Orléans à côté\n" * 30),
    ],
)
def test_one_encoding_is_not_taken_for_two(encoding: str, text: str) -> None:
    assert cells(text.encode(encoding)) == [line.split(",") for line in text.splitlines()]


@given(
    tables(COMMON),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_what_is_written_is_read(rows: list[list[str]], encoding: str, delimiter: str, line_end: str) -> None:
    stream = io.BytesIO()
    written = write_rows(stream, HEADER, rows, encoding=encoding, delimiter=delimiter, line_end=line_end)
    assert written == len(rows)
    assert not stream.closed
    found = read(stream.getvalue())
    assert found.delimiter == delimiter
    assert [found.header, *(row.cells for row in found)] == [HEADER, *rows]


@given(tables(ANY), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_any_character_survives(rows: list[list[str]], encoding: str) -> None:
    stream = io.BytesIO()
    write_rows(stream, HEADER, rows, encoding=encoding)
    assert cells(stream.getvalue()) == [HEADER, *rows]


@given(
    st.one_of(
        st.binary(),
        st.binary().map(lambda data: codecs.BOM_UTF16_LE + data),
        st.binary().map(lambda data: codecs.BOM_UTF8 + data),
    )
)
def test_any_bytes_are_rows_or_refused(data: bytes) -> None:
    try:
        rows = read(data)
        found = list(rows)
    except UsageError:
        return
    assert all(row.error or len(row.cells) == len(rows.header) for row in found)
