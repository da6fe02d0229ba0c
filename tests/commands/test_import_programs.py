"""`crm import` of other programs' files: their headings, their ids, what they say of the next callback."""

from typing import Any

import pytest

from tests.conftest import Crm
from tests.kept import filled_once

COUNTS = ("created", "updated", "unchanged", "skipped", "rejected")


def imported(crm: Crm, text: str, *arguments: str) -> dict[str, int]:
    summary = crm("import", "-", *arguments, "-o", "json", stdin=text).json
    return {name: summary[name] for name in COUNTS if summary[name]}


def contacts(crm: Crm) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = crm.data("contact", "list", "--sort", "id")
    return rows


# the next callback

NEXT = "姓名,手机,下次联系时间\n张三,13800138000,2026-12-01 15:00\n李四,,2026/12/2 00:00\n王五,,无\n"


@pytest.mark.parametrize(
    "heading", ["下次联系时间", "下次回访", "next contact", "Next follow-up date", "Next Callback"]
)
def test_the_next_contact_becomes_a_callback(crm: Crm, heading: str) -> None:
    assert "2 callbacks would be planned" in crm.ok("import", "-", "-n", stdin=NEXT).err
    run = crm.ok("import", "-", stdin=NEXT.replace("下次联系时间", heading))
    assert "2 callbacks planned" in run.err
    rows = crm.data("callback", "list", "--sort", "id")
    assert [(row["contact"], row["due"], row["owner"]) for row in rows] == [
        ("张三", "2026-12-01T15:00:00+08:00", "wei"),
        ("李四", "2026-12-02", "wei"),
    ]
    crm.ok("undo")
    assert crm.data("callback", "list", "--all") == []


def test_a_callback_is_planned_once_whatever_became_of_it(crm: Crm) -> None:
    imported(crm, NEXT)
    assert imported(crm, NEXT) == {"unchanged": 3}
    crm.ok("snooze", "1", "2026-12-05")
    crm.ok("done", "2", "told")
    before = crm.data("callback", "list", "--all")
    again = crm.ok("import", "-", "-o", "json", stdin=NEXT)
    assert (again.json["change"], again.err) == (None, "")
    assert crm.data("callback", "list", "--all") == before
    assert imported(crm, NEXT.replace("15:00", "16:00")) == {"unchanged": 3}
    assert len(crm.data("callback", "list", "--all")) == len(before) + 1


def test_a_next_contact_without_a_year_is_the_nearest(crm: Crm) -> None:
    """As a spreadsheet shows a day, `12月1日`: that was planned for the year before, and late at once."""
    imported(crm, "姓名,下次联系时间\n张三,12月1日\n李四,11月20日\n王五,周五\n赵六,明年3月\n")
    rows = crm.data("callback", "list", "--sort", "id")
    assert [row["due"] for row in rows] == ["2026-12-01", "2026-11-20", "2026-11-27", "2027-03-01"]


def test_a_next_contact_that_is_no_moment_is_rejected(crm: Crm) -> None:
    (error,) = crm("import", "-", "-o", "json", stdin="姓名,下次回访\n张三,回头再说\n").json["errors"]
    assert (error["field"], error["value"]) == ("next_contact", "回头再说")
    assert contacts(crm) == []


# columns that no field has


def test_unknown_columns_become_custom_fields_and_come_back(crm: Crm) -> None:
    text = "姓名,颜色,尺码,颜色\n张三,红,,蓝\n李四,,L,\n"
    assert "颜色, 尺码" in crm.ok("import", "-", stdin=text).err
    assert [row["fields"] for row in contacts(crm)] == [{}, {}]
    assert imported(crm, text, "--extra", "fields") == {"updated": 2}
    assert [row["fields"] for row in contacts(crm)] == [{"颜色": "红; 蓝"}, {"尺码": "L"}]
    assert imported(crm, text, "--extra", "fields") == {"unchanged": 2}
    exported = crm.ok("export", "contacts").out
    crm.ok("undo", "--yes")
    assert imported(crm, exported) == {"updated": 2}
    assert [row["fields"] for row in contacts(crm)] == [{"颜色": "红; 蓝"}, {"尺码": "L"}]


@pytest.mark.parametrize("arguments", [["--extra", "tags"], ["--extra", "fields", "--as", "callbacks"]])
def test_extra_columns_that_can_not_be_kept_are_refused(crm: Crm, arguments: list[str]) -> None:
    assert crm("import", "-", *arguments, stdin="name\nAnn\n").code == 2


# ids and accounts


@pytest.mark.parametrize("heading", ["Record ID", "Record Id", "Contact ID", "客户编号", "External ID"])
def test_who_was_renamed_is_found_by_the_id_of_the_other_program(crm: Crm, heading: str) -> None:
    assert imported(crm, f"name,{heading}\nAnn Lee,101\nBob,102\n") == {"created": 2}
    assert imported(crm, f"name,{heading},title\nAnn Smith,101,CEO\n") == {"updated": 1}
    assert [(row["name"], row["fields"]) for row in contacts(crm)] == [
        ("Ann Smith", {"external_id": "101"}),
        ("Bob", {"external_id": "102"}),
    ]
    assert imported(crm, f"name,{heading}\nCarl,102\n", "--match", "uid,email") == {"created": 1}


def test_the_same_id_of_two_programs_is_not_the_same_person(crm: Crm) -> None:
    imported(crm, "name,Record ID,email\nAnn,1,ann@x.de\n")
    assert imported(crm, "name,Contact ID,email\nBob,1,bob@x.de\n") == {"created": 1}
    assert imported(crm, "name,Record ID,email\nAnna,1,ann@x.de\n") == {"updated": 1}


def test_rows_with_one_id_are_one_company(crm: Crm) -> None:
    text = "公司名称,客户编号,行业\n华东电力,K1,电力\n华东电力集团,K1,\n"
    assert imported(crm, text, "--as", "companies") == {"created": 1, "updated": 1}
    (row,) = crm.data("company", "list")
    assert (row["name"], row["fields"]) == ("华东电力集团", {"external_id": "K1"})


def test_an_account_identifies_and_a_website_does_not(crm: Crm) -> None:
    imported(crm, "姓名,微信,Website\n张三,zs88,https://acme.cn\n")
    assert imported(crm, "姓名,微信,职务\n张三丰,zs88,总监\n") == {"updated": 1}
    assert imported(crm, "姓名,Website\n李四,https://acme.cn\n王五,https://acme.cn\n") == {"created": 2}
    assert imported(crm, "姓名\n张三丰\n", "--match", "handle") == {"created": 1}


# zones and series


def test_a_time_is_meant_on_the_clocks_of_its_zone(crm: Crm) -> None:
    crm.ok("add", "Ann")
    text = (
        "contact,due,zone,repeat,purpose\n"
        "Ann,2027-03-22 10:00,Europe/Berlin,FREQ=WEEKLY,wall\n"
        "Ann,2027-03-22T17:00:00+08:00,Europe/Berlin,FREQ=WEEKLY,instant\n"
    )
    assert imported(crm, text, "--as", "callbacks") == {"created": 2}
    for id_ in ("1", "2"):
        crm.ok("done", id_, "ok")
    rows = crm.data("callback", "list", "--sort", "id")
    assert [(row["zone"], row["due"]) for row in rows] == [
        ("Europe/Berlin", "2027-03-29T16:00:00+08:00"),
        ("Europe/Berlin", "2027-03-29T16:00:00+08:00"),
    ]


EVENT = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART;TZID=Europe/Berlin:{start}\r\nRRULE:{rule}\r\n"
    "SUMMARY:Ann: call\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.mark.parametrize(
    ("start", "rule", "due"),
    [
        ("20260105T100000", "FREQ=WEEKLY", "2026-11-30T17:00:00+08:00"),
        ("20261118T100000", "FREQ=WEEKLY", "2026-11-25T17:00:00+08:00"),  # later today
        ("20261118T010000", "FREQ=WEEKLY", "2026-12-02T08:00:00+08:00"),  # an hour ago
        ("20261201T100000", "FREQ=WEEKLY", "2026-12-01T17:00:00+08:00"),
        ("20250131T100000", "FREQ=MONTHLY", "2026-11-30T17:00:00+08:00"),
        ("20260105T100000", "FREQ=WEEKLY;COUNT=3", "2026-01-05T17:00:00+08:00"),  # ended
    ],
)
def test_a_series_of_another_calendar_goes_on_from_now(crm: Crm, start: str, rule: str, due: str) -> None:
    crm.ok("add", "Ann")
    text = EVENT.format(uid="x", start=start, rule=rule)
    assert imported(crm, text) == {"created": 1}
    (row,) = crm.data("callback", "list")
    assert (row["due"], row["anchor"]) == (due, f"{start[:4]}-{start[4:6]}-{start[6:8]}")
    assert imported(crm, text) == {"unchanged": 1}


def test_our_own_series_comes_back_overdue_as_it_was(crm: Crm) -> None:
    crm.ok("add", "Ann")
    text = "contact,due,repeat\nAnn,2026-10-05,every monday\n"
    assert imported(crm, text, "--as", "callbacks") == {"created": 1}
    file = crm.folder / "own.ics"
    crm.ok("export", "callbacks", "--to", str(file))
    assert imported(crm, file.read_text("utf-8")) == {"unchanged": 1}


# notes above the header


NOTES = (
    'Notes:\n"When exporting your connection data, you may notice that some of the email addresses are missing."\n\n'
    "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
    "Ann,Lee,https://www.linkedin.com/in/annlee,,Acme,CEO,05 Nov 2025\n"
    'Bob,"Ray, PhD",https://www.linkedin.com/in/bob-ray,bob@x.de,Acme,,01 Nov 2025\n'
)


@pytest.mark.parametrize("text", [NOTES, NOTES.replace(",", "\t").replace("Ray\t", "Ray,")])
def test_what_stands_above_the_header_is_skipped(crm: Crm, text: str) -> None:
    run = crm.ok("import", "-", stdin=text)
    assert "Connected On" in run.err
    assert [(row["name"], row["handles"], row["emails"]) for row in contacts(crm)] == [
        ("Ann Lee", ["linkedin:annlee"], []),
        ("Bob Ray, PhD", ["linkedin:bob-ray"], ["bob@x.de"]),
    ]
    assert imported(crm, text) == {"unchanged": 2}


def test_a_row_is_numbered_as_the_file_shows_it_below_a_title(crm: Crm) -> None:
    (error,) = crm("import", "-", "-o", "json", stdin="客户名单\n\n姓名,手机,公司\n张三,12,华东\n").json["errors"]
    assert error["row"] == 4


@pytest.mark.parametrize("text", ["name\nAnn\nBob\n", "name\nAnn, Bob\n", "姓名,手机\n张三,\n李四,\n"])
def test_a_narrow_file_begins_with_its_header(crm: Crm, text: str) -> None:
    crm("import", "-", stdin=text)
    assert all(row["name"] not in {"name", "姓名"} for row in contacts(crm))


# backup


def test_a_large_import_into_what_is_there_makes_a_backup(crm: Crm) -> None:
    rows = "".join(f"Ann {number}\n" for number in range(1000))
    backups = crm.db.parent / "backups"
    crm.ok("import", "-", stdin=f"name\n{rows}")
    assert not backups.exists()
    crm.ok("import", "-", "-n", stdin=f"name,title\n{rows}")
    crm.ok("import", "-", stdin="name,title\nAnn 1,CEO\n")
    crm.ok("import", "-", stdin=f"name\n{rows}")
    assert not backups.exists()
    said = crm.ok("import", "-", stdin=f"name\nBob\n{rows}").err
    (backup,) = backups.iterdir()
    assert ".before-import" in backup.name
    assert str(backup) in said
    assert len(crm.data("list", "--all", CRM_DB=str(backup))) == 1000


def test_an_export_of_everything_that_changes_nothing_makes_no_backup(crm: Crm) -> None:
    crm.ok("import", "-", stdin="name\n" + "".join(f"Ann {number}\n" for number in range(1000)))
    everything = crm.folder / "all.json"
    crm.ok("export", "all", "--to", str(everything))
    said = crm.ok("import", str(everything))
    assert "already up to date" in said.out
    assert not (crm.db.parent / "backups").exists()
    crm.ok("contact", "delete", "1")
    assert ".before-import" in crm.ok("import", str(everything), "--on-duplicate", "skip").err


# records of a contact, by its id in the other program


@pytest.fixture
@filled_once
def synced(crm: Crm) -> Crm:
    """Give contacts that came from another program, whose ids are not those of this database."""
    crm.ok("add", "Zoe")
    crm.ok(
        "import",
        "-",
        stdin="Record ID,Name,Phone\n1,Ann Lee,13800138000\n2,Bob Ray,13900139000\n003A,Bob Ray,13700137000\n",
    )
    return crm


@pytest.mark.parametrize("heading", ["Contact ID", "external_id", "Customer Id", "Lead ID", "客户编号", "联系人ID"])
@pytest.mark.parametrize("records", ["followups", "callbacks", "complaints"])
def test_a_contact_is_found_by_its_id_in_the_other_program(synced: Crm, records: str, heading: str) -> None:
    text = f"{heading},text,due\n1,one,2026-12-01\n003A,two,2026-12-02\n9,nobody,2026-12-03\n"
    summary = synced("import", "-", "--as", records, "-o", "json", stdin=text).json
    assert (summary["created"], summary["rejected"]) == (2, 1)
    assert summary["errors"][0]["value"] == "9"
    rows = synced.data(records.removesuffix("s"), "list", "--sort", "id")
    assert [(row["contact_id"], row["contact"]) for row in rows] == [(2, "Ann Lee"), (4, "Bob Ray")]


def test_an_id_does_not_count_where_the_name_is_another(synced: Crm) -> None:
    text = "external id,name,text\n1,Zoe,one\n2,Bob Ray,two\n1,Nobody,three\n"
    summary = synced("import", "-", "--as", "followups", "-o", "json", stdin=text).json
    assert (summary["created"], summary["rejected"]) == (2, 1)
    assert [row["contact"] for row in synced.data("followup", "list", "--sort", "id")] == ["Zoe", "Bob Ray"]


def test_our_own_export_knows_the_uid_before_any_id(synced: Crm) -> None:
    synced.ok("log", "Zoe", "called")
    file = synced.folder / "followups.csv"
    synced.ok("export", "followups", "--to", str(file))
    synced.ok("undo")
    synced.ok("import", str(file), "--as", "followups")
    assert [row["contact"] for row in synced.data("followup", "list")] == ["Zoe"]
