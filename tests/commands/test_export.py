"""`crm export`: everything, in every format, in files that import again and give the same data."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.conftest import ENCRYPTED_TOO, Crm
from tests.kept import filled_once

STAMPS = {"id", "company_id", "contact_id", "referred_by_id", "callback_id", "complaint_id", "followup_id"}
STAMPS |= {"created_at", "updated_at"}
CARD = {"uid", "name", "company", "title", "reach", "region", "address", "birthday", "class", "source", "referred_by"}
CARD |= {"owner", "tags", "notes", "fields"}
RECORDS = ("companies", "contacts", "followups", "callbacks", "complaints")


def rows(crm: Crm, records: str) -> list[dict[str, Any]]:
    """Return what is exported, without ids and stamps, in an order that ids have no part in."""
    found: list[dict[str, Any]] = crm.ok("export", records, "-o", "json").json
    for row in found:
        for name in STAMPS & row.keys():
            del row[name]
        for followup in row.get("followups") or ():
            del followup["id"]
    return sorted(found, key=lambda row: str(row["uid"] if records != "companies" else row["name"]))


@pytest.fixture
@filled_once
def full(crm: Crm) -> Crm:
    crm.ok("company", "add", "华东电力", "--industry", "电力", "--phone", "021-12345678", "--tag", "大客户")
    crm.ok(
        *("add", "张三", "--company", "华东电力", "--phone", "work=010-12345678-803", "--phone", "13800138000"),
        *(
            "--email",
            "z@x.cn",
            "--im",
            "wechat:zs88",
            "--class",
            "interested",
            "--source",
            "朋友圈",
            "--tag",
            "vip,老客户",
        ),
        *("--birthday", "05-12", "--address", "a;b\n“c”, d", "--notes", '=1+1 "x"\r\ny', "--set", "account=1;2\\"),
    )
    crm.ok("add", "O'Brien", "--referred-by", "1", "--force", "--phone", "13800138000")
    crm.ok(
        "log",
        "1",
        "价格谈到8折\n第二行",
        "--kind",
        "visit",
        "--minutes",
        "30",
        "--next",
        "fri 15:00",
        "--purpose",
        "送样品",
    )
    crm.ok("plan", "1", "every month on 31 at 10:00")
    crm.ok("plan", "2", "2026-12-01")
    crm.ok("snooze", "2", "2027-02-03")
    crm.ok("done", "3", "did it")
    crm.ok("complain", "2", "late again", "--category", "delivery", "--severity", "high")
    crm.ok("complaint", "resolve", "c1", "sent anew")
    return crm


def test_csv_to_standard_output(full: Crm) -> None:
    (first, second) = csv.DictReader(io.StringIO(full.ok("export", "contacts").out, newline=""))
    assert first["phones"] == "+861012345678\\;ext=803; +8613800138000"
    assert first["tags"] == "vip; 老客户"
    assert json.loads(first["fields"]) == {"account": "1;2\\"}
    assert second["name"] == "O'Brien"


def test_query_columns_and_order(full: Crm) -> None:
    assert full.ok("export", "contacts", "tag:vip", "--columns", "name,id").out == "name,id\n张三,1\n"
    assert full.ok("export", "contacts", "-tag:vip", "--columns", "id").out == "id\n2\n"
    assert full.ok("export", "contact", "--where", "tag:vip or name:brien", "--columns", "id", "--sort", "-id").out == (
        "id\n2\n1\n"
    )
    assert full.ok("export", "contacts", "-q").out == "1\n2\n"
    assert full("export", "contacts", "--columns", "shoe").code == 2
    assert full("export", "shoes").code == 2


def test_a_file_says_its_format_and_is_its_owners_alone(full: Crm, tmp_path: Path) -> None:
    for ending, start in {"csv": "id,uid", "tsv": "id\tuid", "json": "[\n", "jsonl": '{"id"', "md": "| "}.items():
        path = tmp_path / f"x.{ending}"
        path.write_text("old", "utf-8")
        assert full.ok("export", "contacts", "--to", str(path)).out == f"2 records written to {path}\n"
        assert path.read_text("utf-8").startswith(start)
        assert path.stat().st_mode & 0o777 == 0o600
    full.ok("export", "contacts", "--to", str(tmp_path / "x.txt"), "-o", "jsonl")
    assert (tmp_path / "x.txt").read_text("utf-8") == (tmp_path / "x.jsonl").read_text("utf-8")
    assert full("export", "contacts", "--to", str(tmp_path / "x")).code == 2
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("x")) == [
        *("x.csv", "x.json", "x.jsonl", "x.md", "x.tsv", "x.txt")
    ]


def test_a_file_that_can_not_be_written_leaves_the_old_one(full: Crm, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no" / "x.csv"):
        refused = full("export", "contacts", "-o", "csv", "--to", str(path))
        assert refused.code == 2
        assert refused.err.count("\n") == 1
    old = tmp_path / "x.csv"
    old.write_text("old", "utf-8")
    full.ok("export", "contacts", "--to", str(old), "--dry-run")
    assert old.read_text("utf-8") == "old"


@pytest.mark.parametrize("ending", ["csv", "tsv", "json", "jsonl", "xlsx"])
def test_what_is_exported_imports_again_and_gives_the_same(full: Crm, tmp_path: Path, ending: str) -> None:
    (tmp_path / "other").mkdir()
    other = Crm(tmp_path / "other", full._monkeypatch)  # noqa: SLF001 - a second database beside the first
    for records in RECORDS:
        path = tmp_path / f"{records}.{ending}"
        full.ok("export", records, "--to", str(path))
        other.ok("import", str(path), "--as", records)
        summary = other.data("import", str(path), "--as", records)
        assert (summary["unchanged"], summary["change"]) == (summary["read"], None), records
    for records in RECORDS:
        assert rows(other, records) == rows(full, records)
    again = full.data("import", str(tmp_path / f"contacts.{ending}"))
    assert (again["unchanged"], again["change"]) == (2, None)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"])
def test_a_sheet_has_what_is_promised_on_the_clocks_where_it_is(crm: Crm, tmp_path: Path, zone: str) -> None:
    crm.ok("add", "张三")
    for when in ("2026-12-06 14:00", "2026-12-07", "2026-12-08 00:00"):
        crm.ok("plan", "张三", when, TZ="America/New_York")
        crm.ok("promise", "张三", f"by {when}", "--by", when, TZ="America/New_York")
    for records in ("callbacks", "promises"):
        path = tmp_path / f"{records}.xlsx"
        crm.ok("export", records, "--to", str(path), TZ=zone)
        again = crm.data("import", str(path), "--as", records, TZ=zone)
        assert (again["unchanged"], again["change"]) == (3, None)


def test_a_sheet_is_read_on_the_clocks_on_which_it_was_written(full: Crm, tmp_path: Path) -> None:
    before = {records: rows(full, records) for records in RECORDS}
    for records in RECORDS:
        path = tmp_path / f"{records}.xlsx"
        full.ok("export", records, "--to", str(path), TZ="Asia/Shanghai")
        again = full.data("import", str(path), "--as", records, TZ="America/New_York")
        assert (again["unchanged"], again["change"]) == (again["read"], None), records
    assert {records: rows(full, records) for records in RECORDS} == before


def test_contacts_as_vcards_come_back_the_same(full: Crm, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Crm(tmp_path / "other", full._monkeypatch)  # noqa: SLF001 - a second database beside the first
    for version in ("4.0", "3.0"):
        path = tmp_path / f"{version}.vcf"
        said = full.ok("export", "contacts", "--to", str(path), "--vcard", version).out
        assert said == f"2 records written to {path}\n"
        assert path.read_bytes().count(f"VERSION:{version}\r\n".encode()) == 2
        summary = other.data("import", str(path))
        assert summary["created"] + summary["unchanged"] == 2, summary
    ours = [{name: row[name] for name in CARD} for row in rows(full, "contacts")]
    for row in ours:
        row["notes"] = row["notes"] and row["notes"].replace("\r\n", "\n")  # a card has one kind of line break
    assert [{name: row[name] for name in CARD} for row in rows(other, "contacts")] == ours
    assert full.ok("export", "contacts", "-o", "vcard").out.encode() == (tmp_path / "4.0.vcf").read_bytes()
    for wrong in (["contacts", "--vcard", "2.1"], ["companies", "-o", "vcard"], ["contacts", "-o", "odt"]):
        assert full("export", *wrong).code == 2
    assert full("export", "contacts", "-o", "vcard", "--columns", "name").code == 2


@ENCRYPTED_TOO
def test_an_export_never_takes_the_place_of_a_database(full: Crm) -> None:
    before = full.ok("list", "-o", "json").out
    for command in (("export", "contacts", "-o", "csv"), ("export", "all", "-o", "json")):
        refused = full(*command, "--to", str(full.db))
        assert (refused.code, refused.out) == (2, "")
        assert "is a database" in refused.err
    assert full.ok("list", "-o", "json").out == before


def test_an_earlier_export_is_never_taken_for_an_encrypted_database(full: Crm, tmp_path: Path) -> None:
    sheet = tmp_path / "all.xlsx"
    noise = bytes(range(256)) * 32
    for content, code in ((b"PK\3\4" + noise[4:], 0), (noise, 2)):
        sheet.write_bytes(content)
        assert full("export", "contacts", "--to", str(sheet)).code == code


def test_callbacks_deadlines_and_birthdays_as_calendars(full: Crm, tmp_path: Path) -> None:
    path = tmp_path / "x.ics"
    assert full.ok("export", "callbacks", "--to", str(path)).out == f"3 records written to {path}\n"
    imported = full.data("import", str(path))
    assert (imported["read"], imported["rejected"], imported["change"]) == (3, 0, None), imported
    assert path.read_bytes().count(b"BEGIN:VEVENT") == 3
    full.ok("export", "callbacks", "status:open", "--to", str(path), "--todos")
    assert path.read_bytes().count(b"BEGIN:VTODO") == 2
    full.ok("complain", "1", "broken")
    deadlines = full.ok("export", "complaints", "-o", "ical").out
    assert deadlines.count("BEGIN:VEVENT") == 1
    assert "张三" in deadlines
    assert full.ok("export", "contacts", "-o", "ical").out.count("RRULE:FREQ=YEARLY") == 1


def test_folders_have_a_file_for_each_record(full: Crm, tmp_path: Path) -> None:
    people, dates = tmp_path / "people", tmp_path / "dates"
    dates.mkdir()
    assert full.ok("export", "contacts", "--to", f"{people}/", "-n").out.startswith("dry run: 2 records")
    assert not people.exists()
    for _again in range(2):
        assert full.ok("export", "contacts", "--to", f"{people}/").out == f"2 records written to {people}/\n"
        assert full.ok("export", "callbacks", "--to", str(dates)).out == f"3 records written to {dates}\n"
        assert len([*people.glob("*.vcf")]) == 2
        assert len([*dates.glob("*.ics")]) == 3
    assert full.data("import", str(people))["unchanged"] == 2
    assert full.data("import", str(dates))["unchanged"] == 3
    assert full("export", "companies", "--to", f"{people}/").code == 2


def test_spreadsheets_count_with_numbers_and_days_and_take_nothing_for_a_formula(full: Crm, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    full.ok("export", "followups", "--columns", "text,minutes,at", "--sort", "-minutes", "--to", str(path))
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert sheet[0] == ["text", "minutes", "at"]
    assert sheet[1] == ["价格谈到8折\n第二行", 30.0, datetime(2026, 11, 25, 9)]  # noqa: DTZ001 - a sheet has no zones
    full.ok("add", '=cmd|"calc"!A1', "--force")
    for ending in ("csv", "tsv"):
        path = tmp_path / f"x.{ending}"
        full.ok("export", "contacts", "=cmd", "--columns", "id,name", "--for-spreadsheet", "--to", str(path))
        assert "'=cmd" in path.read_text("utf-8")
    assert "\"'=cmd" not in full.ok("export", "contacts", "--columns", "name").out
    assert full("export", "contacts", "-o", "json", "--for-spreadsheet").code == 2


def test_minus_o_says_the_format_and_not_what_is_printed(full: Crm, tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert full.ok("export", "contacts", "-o", "json", "--to", str(path)).out == f"2 records written to {path}\n"
    assert len(json.loads(path.read_text("utf-8"))) == 2
    path = tmp_path / "x.csv"
    assert full.ok("export", "contacts", "-q", "--to", str(path)).out == ""
    assert path.read_text("utf-8").startswith("id,uid")
    printed = full.ok("export", "contacts", "--to", str(path), CRM_OUTPUT="json")
    assert printed.json == {"records": 2, "path": str(path)}


WORDS = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="､,，、;；|/:"), min_size=1, max_size=8)
TAGS = st.text(st.sampled_from("ab张;；|/:\\*'="), min_size=1, max_size=8) | WORDS
TEXTS = st.text(st.sampled_from("ab 张;,\"\n\r\\|='٣é😀"), max_size=12)
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["张三", "李四", "Ann Lee", "O'Brien"]) | WORDS,
            "company": st.sampled_from(["", "华东电力", "Acme"]),
            "phones": st.lists(st.sampled_from(["13800138000", "work=010-12345678-9", "+49 30 123456"]), max_size=2),
            "emails": st.lists(st.sampled_from(["a@b.cn", "home=张@例子.中国"]), max_size=2, unique=True),
            "handles": st.lists(st.sampled_from(["wechat:A b", "qq:12345", "@x"]), max_size=2, unique=True),
            "tags": st.lists(TAGS, max_size=2),
            "title": TEXTS,
            "notes": TEXTS,
            "birthday": st.sampled_from(["", "1988-05-12", "02-29"]),
            "set": st.dictionaries(WORDS, TEXTS, max_size=2),
        }
    ),
    max_size=4,
)


def _options(person: dict[str, Any]) -> list[str]:
    """Return a person as the options of `crm add`."""
    options = [f"--{name}={person[name]}" for name in ("company", "title", "notes", "birthday") if person[name]]
    for name, option in (("phones", "phone"), ("emails", "email"), ("handles", "im"), ("tags", "tag")):
        options += [f"--{option}={value}" for value in person[name]]
    fields = [f"--set={name}={value}" for name, value in person["set"].items() if "=" not in name]
    return ["add", "--force", *options, *fields, "--", person["name"]]


@settings(max_examples=12)
@given(PEOPLE)
def test_any_contacts_come_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, people: list[dict[str, Any]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        one, two = (Crm(tmp_path_factory.mktemp(name), patch) for name in ("one", "two"))
        for person in people:
            assert one(*_options(person)).code in (0, 2), person
        summary = two.data("import", "-", stdin=one.ok("export", "contacts").out)
        assert summary["created"] == summary["read"], summary
        assert rows(two, "contacts") == rows(one, "contacts")


def everything(crm: Crm) -> list[str]:
    """Return all records of a database as text, without ids, stamps and uids of what they belong to, sorted."""
    found: list[dict[str, Any]] = crm.ok("export", "all", "-o", "json").json
    for row in found:
        for name in STAMPS & row.keys():
            del row[name]
        for followup in row.get("followups") or ():
            del followup["id"]
    return sorted(json.dumps(row, ensure_ascii=False, sort_keys=True) for row in found)


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_everything_comes_back_with_its_links(full: Crm, tmp_path: Path, ending: str) -> None:
    (tmp_path / "other").mkdir()
    other = Crm(tmp_path / "other", full._monkeypatch)  # noqa: SLF001 - a second database beside the first
    full.ok("contact", "consent", "1", "email", "yes", "--source", "form")
    full.ok("contact", "consent", "1", "传真", "no")
    full.ok("vocabulary", "edit", "class", "interested", "--en", "keen", "--every", "20")
    full.ok("company", "add", "华东电力", "--force")
    full.ok("contact", "edit", "2", "--company", "华东电力")
    (tmp_path / "note.txt").write_text("x", "utf-8")
    full.ok("attach", "1", str(tmp_path / "note.txt"))
    path = tmp_path / f"all.{ending}"
    assert full.ok("export", "all", "--to", str(path)).out.endswith(f"records written to {path}\n")
    imported = other("import", str(path))
    assert imported.code == 0, imported
    assert imported.err == ""
    assert everything(other) == everything(full)
    again = other.data("import", str(path), "--as", "all")
    assert (again["unchanged"], again["change"]) == (again["read"], None), again
    other.ok("undo")
    assert everything(other) == []
    assert other("import", str(path), "--as", "contacts").code == 2
    assert other("import", str(path), "--map", "name=title").code == 2


def test_everything_as_a_folder_of_tables_and_as_a_calendar(full: Crm, tmp_path: Path) -> None:
    folder = tmp_path / "all"
    written = full.ok("export", "all", "--to", f"{folder}/")
    assert written.out == f"9 records written to {folder}/\n"
    assert "imported again whole is: crm export all --to all.json" in written.err
    tables = sorted(path.stem for path in folder.iterdir())
    assert set(tables) > set(RECORDS)
    full.ok("export", "all", "--to", f"{folder}/", "-o", "xlsx")
    assert sorted(path.stem for path in folder.glob("*.xlsx")) == tables
    assert full.ok("export", "all", "-o", "ical").out.count("BEGIN:VEVENT") == 4
    for wrong in (
        ["-o", "vcard"],
        ["--to", "x.csv"],
        ["--columns", "name"],
        ["tag:vip"],
        ["--to", f"{folder}/", "-o", "ical"],
    ):
        assert full("export", "all", *wrong).code == 2


@settings(max_examples=8)
@given(PEOPLE, st.data())
def test_any_database_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, people: list[dict[str, Any]], data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        one, two = (Crm(tmp_path_factory.mktemp(name), patch) for name in ("one", "two"))
        ids = [one.data(*_options(person))["id"] for person in people if one(*_options(person), "-n").code == 0]
        for id_ in data.draw(st.lists(st.sampled_from(ids), max_size=4)) if ids else ():
            when = data.draw(st.sampled_from(["2026-12-01", "fri 15:00", "every 2 weeks on fri at 10:00"]))
            said = data.draw(WORDS)
            one.ok("plan", "--kind", "visit", "--", str(id_), when, said)
            one.ok("log", "--minutes", "5", "--", str(id_), said)
            one.ok("complain", "--severity", "high", "--", str(id_), said)
        if not ids:
            return
        summary = two.data("import", "-", stdin=one.ok("export", "all", "-o", "jsonl").out)
        assert summary["rejected"] == 0, summary
        assert everything(two) == everything(one)


def test_columns_may_be_named_as_a_list_heads_them(full: Crm) -> None:
    by_name = full.ok("export", "callbacks", "--columns", "due,contact").out
    assert full.ok("export", "callbacks", "--columns", "When,contact").out == by_name
    assert full.ok("export", "callbacks", "--columns", "时间,客户", CRM_LANG="zh").out == by_name
    assert full("export", "callbacks", "--columns", "nothing").code == 2
