"""Any bytes at all, and a process that dies: an import ends in a clear message, and the database is as it was."""

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.exchange.sheetout import write_sheet
from tests.conftest import Crm, opened

MB = 1 << 20


def sheet() -> bytes:
    stream = io.BytesIO()
    write_sheet(stream, ["name", "phone"], [["Ann", "13800138000"], ["Bob", "13900139000"]], name="x", guard=False)
    return stream.getvalue()


def zipped(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return stream.getvalue()


FILES = [
    b"name,phone\nAnn,13800138000\nBob,13900139000\n",
    "姓名\t手机\n张三\t13800138000\n".encode("gb18030"),
    "name;phone\nAnn;13800138000\n".encode("utf-16"),
    b'[{"name": "Ann", "phones": ["13800138000"]}, {"name": "Bob"}]',
    b'{"name": "Ann", "fields": {"a": "1"}}\n{"name": "Bob"}\n',
    b'{"record": "contact", "name": "Ann", "uid": "a"}\n{"record": "content", "sha256": "x", "data": "eA=="}\n',
    b"BEGIN:VCARD\nVERSION:4.0\nFN:Ann\nTEL:13800138000\nEND:VCARD\n",
    b"BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=D5=C5;=C8=FD\nEND:VCARD\n",
    b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\nDTSTART:20261201T100000Z\nSUMMARY:Ann: x\nEND:VEVENT\nEND:VCALENDAR\n",
    sheet(),
    zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_xml=b"<x/>"),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "Workbook".encode("utf-16-le") + b"\0" * 600,
]
"""One of each kind."""

PATCHES = st.lists(st.tuples(st.floats(0, 1), st.sampled_from(["cut", "put", "take", "end"]), st.binary(max_size=9)))


def patched(content: bytes, patches: list[tuple[float, str, bytes]]) -> bytes:
    """Return the file with bytes changed, put in, taken out, or cut off at some place."""
    for share, what, data in patches:
        place = int(share * len(content))
        rest = {"cut": content[place + len(data) :], "put": content[place:], "take": content[place + 9 :], "end": b""}
        content = content[:place] + data * (what in {"cut", "put"}) + rest[what]
    return content


def state(crm: Crm) -> Any:
    return [crm.data(noun, "list") for noun in ("contact", "company", "callback")]


def check(crm: Crm, before: Any, *arguments: str, stdin: bytes = b"") -> int:
    """Import, and require an answer in one line and, after a failure, what was there before."""
    result = crm("import", *arguments, "-o", "json", stdin=stdin)
    assert result.code in (0, 1, 2, 6), result
    assert "Traceback" not in result.err
    assert "something went wrong" not in result.err, result
    if result.code in (1, 2):
        assert result.err.count("\n") == 1
        assert state(crm) == before
    return result.code


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give a database that every example finds as the first did: what an example imports is undone."""
    with pytest.MonkeyPatch.context() as patch:
        crm = Crm(tmp_path_factory.mktemp("hostile"), patch)
        crm.ok("add", "Ann", "-p", "13800138000")
        yield crm


@settings(max_examples=20)
@given(st.sampled_from(FILES), PATCHES, st.sampled_from([(), ("--as", "callbacks"), ("--as", "companies"), ("-n",)]))
def test_any_file_of_any_kind_that_was_spoilt(
    shared: Crm, content: bytes, patches: list[tuple[float, str, bytes]], options: tuple[str, ...]
) -> None:
    before = state(shared)
    if check(shared, before, "-", *options, stdin=patched(content, patches)) in (0, 6) and state(shared) != before:
        shared.ok("undo")
        assert state(shared) == before


@settings(max_examples=8)
@given(st.lists(st.tuples(st.sampled_from(FILES), PATCHES), min_size=1, max_size=3), st.sampled_from([".vcf", ".ics"]))
def test_any_folder(shared: Crm, files: list[tuple[bytes, list[Any]]], suffix: str) -> None:
    before = state(shared)
    folder = shared.folder / "vdir"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for number, (content, patches) in enumerate(files):
        (folder / f"{number}{suffix}").write_bytes(patched(content, patches))
    if check(shared, before, str(folder)) in (0, 6) and state(shared) != before:
        shared.ok("undo")


HUGE = {
    "a cell of 10 MB": b"name,notes\nZoe," + b"x" * (10 * MB) + b"\n",
    "a cell of 10 MB in quotes": b'name,notes\nZoe,"' + b"x\n" * (5 * MB) + b'"\n',
    "a quote that never ends": b'name,notes\nZoe,"' + b"x\n" * (5 * MB),
    "a million columns": b"name" + b",a" * 1_000_000 + b"\nZoe" + b",1" * 1_000_000 + b"\n",
    "a line of 20 MB": b"x" * (20 * MB),
    "NULs": b"\0" * MB,
    "NULs between": b"n\0a\0m\0e\0\n\0Z\0o\0e\0\n",
    "deep JSON": b"[" * 200_000,
    "a deep object": b'[{"a":' * 100_000,
    "a card without an end": b"BEGIN:VCARD\nFN:Zoe\nNOTE:" + b"x\n " * (MB >> 2),
    "a bomb behind a spreadsheet's name": zipped(xl__workbook_xml=b"0" * (60 * MB), xl__worksheets__sheet1_xml=b""),
    "a ZIP of something": zipped(a_txt=b"x"),
    "an empty file": b"",
    "a BOM alone": b"\xef\xbb\xbf",
    "half a UTF-16 character": b"\xff\xfen\0a\0m\0e\0\n\0Z",
    "HTML": b"<!doctype html><table><tr><td>name",
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 9,
}


@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE.keys())
def test_the_huge_and_the_foreign(crm: Crm, content: bytes) -> None:
    crm.ok("add", "Ann")
    before = state(crm)
    path = crm.folder / "file.xlsx"
    path.write_bytes(content)
    check(crm, before, str(path))


def rows(path: Path) -> tuple[Any, ...]:
    """Return what the database has, and whether it is sound."""
    with closing(opened(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        counted = ("contact", "contact_point", "company", "tag", "search", "contact_state", "change", "change_row")
        return tuple(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in counted)


@pytest.mark.skipif(os.name != "posix", reason="no SIGKILL")
def test_an_import_that_is_killed_at_any_moment_leaves_the_database_as_it_was(crm: Crm) -> None:
    crm.ok("import", "-", stdin="name,phone,company,tags\nAnn,13900000001,Acme,vip\nBob,13900000002,,\n")
    before = rows(crm.db)
    file = crm.folder / "large.csv"
    lines = (f"n{number},{13800000000 + number},c{number % 500},t\n" for number in range(12_000))
    file.write_text("name,phone,company,tags\n" + "".join(lines), "utf-8")
    environ = {**os.environ, "CRM_DB": str(crm.db), "CRM_KEY": crm.key, "CRM_LANG": "en", "HOME": str(crm.folder)}
    command = [sys.executable, "-m", "crmcli", "import", str(file), "-q"]
    killed = 0
    for pause in (0.4, 0.9, 1.4, 2.0):
        with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
            if process.wait() == 0 or rows(crm.db)[0] == 12_002:  # it had committed, and was killed on its way out
                break
        killed += 1
        assert rows(crm.db) == before
        assert [row["name"] for row in crm.data("contact", "list")] == ["Ann", "Bob"]
    assert killed
    summary = crm.data("import", str(file))
    assert summary["created"] + summary["unchanged"] == 12_000
    assert not [*crm.db.parent.glob("*.part")]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_number_that_is_none_is_kept_as_text(crm: Crm, number: str, kind: str) -> None:
    line = f'{{"record": "contact", "uid": "u1", "name": "Ann", "fields": {{"a": {number}, "b": 1.5}}}}\n'
    table = f'uid,name,fields\nu1,Ann,"{{""a"": {number}, ""b"": 1.5}}"\n'
    text = line if kind == "jsonl" else table
    assert crm.data("import", "-", stdin=text)["created"] == 1
    assert crm.data("import", "-", stdin=text)["unchanged"] == 1  # SQLite took it for damage
    with closing(opened(crm.db)) as connection:
        assert connection.execute("SELECT json_valid(fields) FROM contact").fetchone()[0]

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    fields = json.loads(crm.ok("show", "Ann", "-o", "json").out, parse_constant=refuse)["fields"]
    assert fields == {"a": fields["a"], "b": 1.5}
    assert isinstance(fields["a"], str)


@pytest.mark.parametrize("mapping", ["no JSON", "[1]", "null", "5"])
def test_a_mapping_that_another_program_wrote_is_told(crm: Crm, mapping: str) -> None:
    with closing(opened(crm.db)) as connection:
        connection.execute("INSERT INTO import_map VALUES ('mine', ?)", (mapping,))
    result = crm("import", "-", "--use-map", "mine", stdin="name\nAnn\n")
    assert (result.code, result.out) == (2, "")
    assert "the mapping “mine” can't be read" in result.err


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"]
)
@pytest.mark.parametrize("field", ["created_at", "updated_at", "sent_at", "at"])
def test_a_moment_beyond_the_calendar_is_none(crm: Crm, field: str, moment: str) -> None:
    crm.ok("add", "Ann")
    crm.ok("contact", "consent", "Ann", "email", "yes")
    crm.ok("survey", "send", "Ann")
    records = map(json.loads, crm.ok("export", "all", "-o", "jsonl").out.splitlines())
    lines = [json.dumps(record | ({field: moment} if field in record else {})) for record in records]
    crm.anew()
    result = crm("import", "-", stdin="\n".join(lines))
    assert result.code == (0 if field.endswith("ated_at") else 6), result.err
    assert ("OverflowError" in result.err, len(crm.data("contact", "list"))) == (False, 1)
    for zone in ("Asia/Shanghai", "America/New_York"):
        crm.ok("export", "all", "-o", "json", TZ=zone)
        crm.ok("today", TZ=zone)


def test_a_text_that_was_cut_within_a_character_is_taken(crm: Crm) -> None:
    told = r'[{"name": "Ann \ud83d", "uid": "a\ud83d", "phones": ["138001\ud83d38000"], "birthday": "no \ud83d"}]'
    done = crm("import", "-", "--rejects", str(crm.folder / "bad.json"), "-o", "json", stdin=told)
    assert (done.code, done.json["rejected"]) == (6, 1)
    told = told.replace("no ", "1990-01-02")
    assert crm.data("import", "-", stdin=told)["created"] == 1
    (contact,) = crm.data("list")
    assert (contact["name"], contact["phones"], contact["birthday"]) == ("Ann", ["+8613800138000"], "1990-01-02")


LINKED = [{"complaint_uid": "kx", "text": None}, {"complaint_uid": "ky", "text": None}]


def test_records_that_point_at_themselves_or_in_a_ring(crm: Crm) -> None:
    def of(record: str, uid: str, **said: Any) -> str:
        return json.dumps({"record": record, "uid": uid, **said})

    told = [
        *(of("contact", uid, name=uid, referred_by_uid=by) for uid, by in ("ab", "bc", "ca")),
        *(of("former", uid, noun="contact", left_uid=left) for uid, left in ("ab", "ba", "cc")),
        *(of("promise", f"p{uid}", contact_uid="a", text=uid, due="2026-12-01", replaces_uid="px") for uid in "xyz"),
        *(of("complaint", f"k{uid}", contact_uid="a", text=uid, links=LINKED) for uid in "xy"),
    ]
    first = crm.data("import", "-", stdin="\n".join(told) + "\n")
    assert (first["created"], first["skipped"], first["rejected"]) == (8, 3, 0)
    again = crm.data("import", "-", stdin="\n".join(told) + "\n")
    assert (again["unchanged"], again["skipped"], again["rejected"]) == (8, 3, 0)
    links = [crm.data("complaint", "show", f"c{number}")["links"] for number in (1, 2)]
    assert [[link["complaint_id"] for link in each] for each in links] == [[2], [1]]
    crm.ok("doctor")


@pytest.mark.parametrize("name", ["form", "code"])
@pytest.mark.parametrize("value", [["x"], {"x": 1}, 10**30, 1.5, True, None])
def test_what_is_no_text_where_a_record_is_named_breaks_nothing(crm: Crm, value: object, name: str) -> None:
    crm.ok("add", "张三")
    crm.ok("complain", "张三", "late")
    crm.ok("complain", "张三", "again")
    crm.ok("complaint", "link", "c1", "--complaint", "c2", "--improvement", "checklist")
    crm.ok("survey", "send", "张三")
    crm.ok("survey", "return", "1", "--answers", "promise=90/80")
    records = crm.ok("export", "all", "-o", "json").json
    for row in records:
        if row["record"] == "complaint":
            row["links"] = [{**link, said: value} for link in row["links"] for said in ("complaint_uid", "text")]
        if row["record"] == "survey":
            row["answers"] = [{**answer, name: value} for answer in row["answers"]]
    done = crm("import", "-", "-o", "json", "--db", str(crm.folder / "other.db"), stdin=json.dumps(records))
    assert (done.code, [error["field"] for error in done.json["errors"]]) == (6, ["answers"])
