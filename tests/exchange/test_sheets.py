import gc
import io
import re
import sys
import tempfile
import zipfile
from datetime import date, datetime, time, timedelta
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it has no types
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import CrmError, UsageError
from crmcli.exchange import sheets
from crmcli.exchange.csvfile import Row
from crmcli.exchange.sheetout import guarded, write_sheet
from crmcli.exchange.sheets import read_sheet
from crmcli.exchange.sniff import kind_of
from crmcli.exchange.worksheet import Cell

ODS_CELLS = {
    str: '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>',
    float: '<table:table-cell office:value-type="float" office:value="{}"/>',
    date: '<table:table-cell office:value-type="date" office:date-value="{}"/>',
}
NOON = datetime.fromisoformat("2026-12-01T12:00")
MIDNIGHT = datetime.fromisoformat("2026-12-01")


def book(content: dict[str, dict[tuple[int, int], Any]], **formats: str) -> bytes:
    """Return an XLSX file: sheet → (row, column), from 0, → value."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    form = workbook.add_format({"num_format": formats.get("dates", "yyyy/m/d h:mm")})
    for name, cells in content.items():
        sheet = workbook.add_worksheet(name)
        if name.startswith("hidden"):
            sheet.hide()
        for (row, column), value in cells.items():
            if isinstance(value, date | time | timedelta):
                sheet.write_datetime(row, column, value, form)
            else:
                sheet.write(row, column, value)
    workbook.close()
    return stream.getvalue()


def ods(rows: list[list[Any]], merged: dict[tuple[int, int], str] | None = None) -> bytes:
    """Return an ODS file; `merged`: row and column → the attributes of a cell that was merged."""
    body = "".join(
        "<table:table-row>"
        + "".join(
            ODS_CELLS[type(cell)].format(cell).replace("-cell ", f"-cell {(merged or {}).get((at, column), '')} ", 1)
            for column, cell in enumerate(row)
        )
        + "</table:table-row>"
        for at, row in enumerate(rows)
    )
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content{names}><office:body><office:spreadsheet>'
            f'<table:table table:name="S">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return stream.getvalue()


def read(data: bytes, sheet: str = "") -> tuple[list[str], list[Row]]:
    rows = read_sheet(io.BytesIO(data), sheet)
    return rows.header, list(rows)


def test_cells_as_the_sheet_means_them() -> None:
    values = {
        "phone": 13800138000,
        "price": 12.5,
        "sum": 0.1 + 0.2,
        "long": 123456789012345000.0,
        "moment": NOON,
        "day": MIDNIGHT,
        "clock": time(9, 30),
        "flag": True,
        "text": "  =1+1\ttab\nline ",
        "code": "007",
        "error": "=1/0",
        "negative": -5,
        "tiny": 0.0000001,
    }
    cells = {(0, column): name for column, name in enumerate(values)} | {
        (1, column): value for column, value in enumerate(values.values())
    }
    header, rows = read(book({"S": cells}))
    assert dict(zip(header, rows[0].cells, strict=True)) == {
        "phone": "13800138000",
        "price": "12.5",
        "sum": "0.3",
        "long": "123456789012345000",
        "moment": "2026-12-01 12:00",
        "day": "2026-12-01",
        "clock": "09:30",
        "flag": "true",
        "text": "  =1+1\ttab\nline ",
        "code": "007",
        "error": "0",
        "negative": "-5",
        "tiny": "0.0000001",
    }


def test_chinese_dates_and_long_durations() -> None:
    header = {(0, 0): "日期", (0, 1): "时长"}
    data = book({"S": header | {(1, 0): MIDNIGHT}}, dates='[$-804]yyyy"年"m"月"d"日";@')
    assert read(data)[1][0].cells[0] == "2026-12-01"
    data = book({"S": header | {(1, 1): timedelta(hours=30, minutes=5)}}, dates="[h]:mm")
    assert read(data)[1][0].cells[1] == "30:05"


def test_the_header_is_found_below_titles_and_blank_rows_are_skipped() -> None:
    cells = {
        (1, 1): "客户名单",
        (2, 1): "部门：销售部",
        (2, 4): "2026年",
        (4, 1): "姓名",
        (4, 2): " 手机\n号码 ",
        (4, 3): "公司",
        (4, 5): "备注",
        (5, 1): "张三",
        (7, 1): "李四",
        (7, 4): "?",
    }
    assert read(book({"S": cells})) == (
        ["姓名", "手机 号码", "公司", "column E", "备注"],
        [Row(6, ["张三", "", "", "", ""]), Row(8, ["李四", "", "", "?", ""])],
    )


def test_sheets_by_name_and_number() -> None:
    data = book(
        {"empty": {}, "hidden one": {(0, 0): "h"}, "First": {(0, 0): "a"}, "第二": {(0, 0): "b"}, "2": {(0, 0): "c"}}
    )
    found = {sheet: read(data, sheet)[0] for sheet in ("", "first", "第二", "4", "2", "hidden one")}
    assert found == {"": ["a"], "first": ["a"], "第二": ["b"], "4": ["b"], "2": ["c"], "hidden one": ["h"]}
    for wanted in ("9", "0", "-1", "Third"):
        with pytest.raises(UsageError, match="no sheet") as caught:
            read(data, wanted)
        assert "第二" in caught.value.hint


def test_other_sheets_are_told_where_nobody_chose_one() -> None:
    people = {(0, 0): "name", (1, 0): "Ann"}
    content = book({"A": people, "hidden": people, "B": {}, "C": {**people, (2, 0): "Bob"}})
    sheet = read_sheet(io.BytesIO(content))
    assert (len(list(sheet)), sum(sheet.left_out.values())) == (1, 3)
    assert "C" in next(iter(sheet.left_out))
    chosen = read_sheet(io.BytesIO(content), "A")
    assert (len(list(chosen)), chosen.left_out) == (1, {})


def test_a_cell_merged_downwards_is_that_of_each_row() -> None:
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet()
    sheet.merge_range(0, 1, 0, 3, "客户")
    rows = [
        ("公司", "姓名", "备注"),
        ("甲", "一", "x"),
        ("", "二", ""),
        ("", "三", "y"),
        ("乙", "四", ""),
        ("", "", ""),
    ]
    for row, cells in enumerate(rows, 1):
        for column, cell in enumerate(cells, 1):
            sheet.write(row, column, cell)
    sheet.merge_range(2, 1, 4, 1, "甲")
    sheet.merge_range(3, 3, 4, 3, "y")
    sheet.merge_range(5, 1, 8, 2, "乙")
    for place in ((1, 0, 3, 0), (1, 7, 3, 9), (50, 1, 60, 1)):  # empty ones around the table
        sheet.merge_range(*place, "")
    workbook.close()
    assert [row.cells for row in read_sheet(stream)] == [
        ["甲", "一", "x"],
        ["甲", "二", "y"],
        ["甲", "三", "y"],
        ["乙", "四", ""],
    ]


def test_what_was_merged_in_an_open_document() -> None:
    rows = [["公司", "姓名", "备注"], ["甲", "一", "x"], ["", "二", ""], ["", "三", "y"], ["乙", "四", ""]]
    merged = {(1, 0): 'table:number-rows-spanned="3" table:number-columns-spanned="1"'}
    assert [row.cells for row in read_sheet(io.BytesIO(ods([*rows], merged)))] == [
        ["甲", "一", "x"],
        ["甲", "二", ""],
        ["甲", "三", "y"],
        ["乙", "四", ""],
    ]


def merged_book(rows: list[list[str]], *places: tuple[int, int, int, int]) -> bytes:
    """Return an XLSX file; `places`: first row and column, last row and column of what was merged."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet()
    for place in places:
        sheet.merge_range(*place, rows[place[0]][place[1]])
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell:
                sheet.write(row, column, cell)
    workbook.close()
    return stream.getvalue()


def test_a_heading_of_two_rows() -> None:
    rows = [["姓名", "公司", "联系方式", ""], ["", "", "手机", "邮箱"], ["张三", "甲", "138", "a@b.cn"]]
    header, read_rows = read(merged_book(rows, (0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3)))
    assert (header, read_rows) == (["姓名", "公司", "手机", "邮箱"], [Row(3, ["张三", "甲", "138", "a@b.cn"])])


def test_a_heading_that_is_there_twice_says_of_what() -> None:
    rows = [["姓名", "本人", "", "联系人", ""], ["", "手机", "邮箱", "姓名", "手机"], ["张三", "1", "2", "张父", "3"]]
    header, _rows = read(merged_book(rows, (0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 0, 4)))
    assert header == ["姓名", "手机", "邮箱", "联系人 姓名", "联系人 手机"]


def test_a_title_across_the_columns_is_no_row() -> None:
    rows = [["客户", "", ""], ["姓名", "公司", "手机"], ["华东区", "", ""], ["张三", "甲", "138"], ["李四", "", ""]]
    sheet = read_sheet(io.BytesIO(merged_book(rows, (0, 0, 0, 2), (2, 0, 2, 2))))
    assert [row.cells for row in sheet] == [["张三", "甲", "138"], ["李四", "", ""]]
    assert list(sheet.left_out.values()) == [1]


def test_open_document() -> None:
    data = ods([["姓名", "手机", "日期"], ["张三", 13800138000.0, date(2026, 12, 1)]])
    assert kind_of(io.BytesIO(data)) == "ods"
    assert read(data) == (["姓名", "手机", "日期"], [Row(2, ["张三", "13800138000", "2026-12-01"])])


def test_old_excel() -> None:
    data = OLD.read_bytes()
    assert kind_of(io.BytesIO(data)) == "xls"
    assert read(data) == (["姓名", "手机", "日期"], [Row(2, ["张三", "13800138000", "2026-12-01"])])


def test_an_empty_one() -> None:
    with pytest.raises(UsageError, match="empty"):
        read(book({"S": {}}))
    with pytest.raises(UsageError, match="empty"):
        read(book({"S": {}}), "S")


def test_a_cell_in_the_far_corner_ends_only_the_process_that_reads() -> None:
    with pytest.raises(UsageError, match="far outside"):
        read(book({"S": {(0, 0): "a", (1_048_575, 16_383): "b"}}))


def test_a_zip_bomb_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_LARGEST", 1 << 21)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(3 << 20))
    assert len(stream.getvalue()) < 1 << 13
    with pytest.raises(UsageError, match="3 MB; at most 2 MB"):
        read(stream.getvalue())


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_damaged_one_is_refused(kept: float) -> None:
    data = book({"S": {(0, 0): "a", (1, 0): "b"}})
    with pytest.raises(UsageError) as caught:
        read(data[: int(len(data) * kept)])
    assert caught.value.hint


OLD = Path(__file__).parent / "data" / "old.xls"
SAMPLES = [book({"S": {(0, 0): "a", (1, 0): 1}}), ods([["a"], [1.0]]), OLD.read_bytes()]
CHANGES = st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 255)), min_size=1, max_size=20)


@settings(max_examples=15)
@given(st.sampled_from(range(len(SAMPLES))), CHANGES)
def test_any_change_of_a_byte_is_rows_or_refused(sample: int, changes: list[tuple[int, int]]) -> None:
    content = bytearray(SAMPLES[sample])
    for place, byte in changes:
        content[place % len(content)] = byte
    try:
        header, rows = read(bytes(content))
    except UsageError:
        return
    assert all(len(row.cells) == len(header) for row in rows)


def test_what_is_written_is_read() -> None:
    stream = io.BytesIO()
    header = ["姓名", "手机", "日期", "时间", "数", "大", "公式", "空"]
    row: list[Cell] = ["张三", "013800138000", date(2026, 12, 1), NOON, 12.5, 10**17, "=1+1", None]
    assert write_sheet(stream, header, [row], name="客户", guard=True) == 1
    rows = read_sheet(io.BytesIO(stream.getvalue()), "客户")
    assert rows.header == header
    assert list(rows) == [
        Row(2, ["张三", "013800138000", "2026-12-01", "2026-12-01 12:00", "12.5", "100000000000000000", "=1+1", ""])
    ]


ANY = st.characters(codec="utf-8", exclude_categories=["Cc"])
TEXT = st.text(st.one_of(ANY, st.sampled_from("=_x00\n\t")), min_size=1)


@settings(max_examples=10)
@given(st.lists(st.tuples(TEXT, TEXT), max_size=30))
def test_any_text_comes_back(rows: list[tuple[str, str]]) -> None:
    stream = io.BytesIO()
    write_sheet(stream, ["a", "b"], rows)
    assert [row.cells for row in read_sheet(io.BytesIO(stream.getvalue()))] == [list(row) for row in rows]


def test_columns_are_as_wide_as_what_they_hold() -> None:
    stream = io.BytesIO()
    write_sheet(stream, ["id", "name", "notes", "on"], [[7, "欧阳娜娜和她的同事", "x" * 900, date(1988, 11, 26)]])
    with zipfile.ZipFile(stream) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    widths = [float(width) for width in re.findall(r'<col min="\d" max="\d" width="([\d.]+)"', sheet)]
    assert all(width >= least for width, least in zip(widths, (3, 18, 50, 10), strict=True)), widths
    assert widths[2] < 60


def test_what_a_spreadsheet_cannot_hold_is_refused() -> None:
    with pytest.raises(CrmError, match=r"row 2.*32,767"):
        write_sheet(io.BytesIO(), ["a"], [["x" * 32_768]])


@pytest.mark.parametrize("text", ["=1+1", "+86 138", "-5", "@x", "\t=1", "\r=1"])
def test_guarded_cells(text: str) -> None:
    assert guarded(text) == "'" + text
    assert guarded("a" + text) == "a" + text


class SmallDisk(io.BytesIO):
    """A stream with room for so many bytes."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, content: Any) -> int:
        """Take what there is room for; raises OSError."""
        if self.tell() + len(content) > self.room:
            raise OSError(ENOSPC, "No space left on device")
        return super().write(content)


@pytest.mark.parametrize("room", [0, 100, 1_000, 5_000])
def test_a_full_disk_is_told_once_and_leaves_nothing(
    room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", later.append)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(OSError, match="No space left") as told, SmallDisk(room) as stream:
        write_sheet(stream, ["name"], [[f"n{number}"] for number in range(1000)])
    assert told.value.errno == ENOSPC
    told.value.__traceback__ = None
    del told
    gc.collect()
    assert not later
    assert not [*tmp_path.iterdir()]


def test_a_full_disk_for_temporary_files_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def fail(workbook: Any) -> None:
        workbook.worksheets()[0].row_data_fh.close()  # it would stay open, and be complained of later
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(xlsxwriter.Workbook, "_store_workbook", fail)
    with pytest.raises(OSError, match="No space left") as told:
        write_sheet(io.BytesIO(), ["name"], [["n"]])
    assert str(told.value.filename).startswith(str(tmp_path))
