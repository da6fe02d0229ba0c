import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import UsageError
from crmcli.exchange.sniff import kind_of


def archive(**files: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, text in files.items():
            file.writestr(name.replace("__", "/").replace("_", "."), text)
    return stream.getvalue()


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes((1 << 20) - 12) + f"{stream}\0".encode("utf-16-le")


VCARD = "BEGIN:VCARD\r\nFN:张三\r\nEND:VCARD\r\n"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"name,phone\nann,1\n", "csv"),
        ("姓名\t手机\n".encode("utf-16"), "csv"),
        (VCARD.encode(), "vcard"),
        (b"\xef\xbb\xbf \r\n" + VCARD.lower().encode("gbk"), "vcard"),
        (VCARD.encode("utf-16"), "vcard"),
        (b"BEGIN:VCARD\r\nFN:\xd5\xc5\xe5\xbc\xa0\xff\r\n", "vcard"),
        (b"BEGIN:VCALENDAR\nVERSION:2.0\n", "ical"),
        (b'[{"name": "ann"}]', "json"),
        (b"[ ]", "json"),
        (b'{\n  "name": "ann"\n}', "json"),
        (b'{"name": "ann"}\n{"name": "bob"}\n', "jsonl"),
        (b'{"name": "ann"}', "jsonl"),
        (b"[id],name\n1,ann\n", "csv"),
        (b"{id},name\n1,ann\n", "csv"),
        (archive(xl__workbook_xml=""), "xlsx"),
        (archive(xl__workbook_bin=""), "xlsx"),
        (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "ods"),
        (ole("Workbook"), "xls"),
        (ole("Book"), "xls"),
    ],
)
def test_kinds(data: bytes, kind: str) -> None:
    stream = io.BytesIO(data)
    assert kind_of(stream) == kind
    assert stream.tell() == 0


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "PNG"),
        (archive(word__document_xml=""), "Word"),
        (archive(a_txt=""), "ZIP"),
        (b"PK\x03\x04rest", "damaged"),
        (ole("WordDocument"), "Word"),
        (ole("EncryptedPackage"), "password"),
        (ole("x"), "Office"),
        (b"<html><table><tr><td>1", "HTML"),
        (b'<?xml version="1.0"?><Workbook/>', "XML"),
        (b"{\\rtf1 x}", "RTF"),
        (b"\x00\x01\x00\x00\x02\x00a", "text file|something else"),
    ],
)
def test_what_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        kind_of(io.BytesIO(data))
    assert caught.value.hint


def test_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "wrong.pdf").write_bytes(VCARD.encode())
    assert kind_of(tmp_path / "wrong.pdf") == "vcard"
    with pytest.raises(UsageError, match="has no"):
        kind_of(tmp_path)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "a.VCF").write_bytes(VCARD.encode())
    assert kind_of(tmp_path) == "folder"


@given(
    st.binary(), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"BEGIN:V", b'{"', b"[{"])
)
def test_any_bytes_are_of_some_kind_or_refused(data: bytes, start: bytes) -> None:
    try:
        assert kind_of(io.BytesIO(start + data))
    except UsageError:
        return
