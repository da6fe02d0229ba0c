"""`crm import` of what common programs export: the headings are those that the programs write."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Crm
from tests.kept import filled_once

PROGRAMS = {
    "hubspot": (
        "Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Contact owner,Company name,Job Title,"
        "Lifecycle Stage,Create Date,Next Activity Date\n"
        "51,Ann,Lee,ann@acme.com,+49 30 1234567,+49 171 1234567,Wei Zhang,Acme,CEO,Lead,2025-01-01 10:00,"
        "2026-12-01 10:00\n"
    ),
    "salesforce": (
        '"Salutation","First Name","Last Name","Title","Account Name","Phone","Mobile","Email","Contact Owner",'
        '"Contact ID","Mailing Street","Mailing City"\n'
        '"Ms.","Ann","Lee","CEO","Acme","+49 30 1234567","+49 171 1234567","ann@acme.com","Wei Zhang",'
        '"0035g00000ABCDE","Hauptstr. 1","Berlin"\n'
    ),
    "pipedrive": (
        "Person - ID,Person - Name,Person - First name,Person - Last name,Person - Organization,Person - Email - Work,"
        "Person - Email - Home,Person - Phone - Work,Person - Phone - Mobile,Person - Owner,Person - Job title,"
        "Person - Labels,Person - Birthday,Person - Notes,Person - Postal address,Person - Open deals,"
        "Person - Next activity date\n"
        "51,Ann Lee,Ann,Lee,Acme,ann@acme.com,,+49 30 1234567,+49 171 1234567,Wei Zhang,CEO,Hot lead,1980-05-03,,"
        '"Hauptstr. 1, Berlin",2,2026-12-01\n'
    ),
    "zoho": (
        "Record Id,Contact Owner.id,Contact Owner,Lead Source,First Name,Last Name,Account Name.id,Account Name,"
        "Vendor Name.id,Vendor Name,Email,Title,Phone,Mobile,Created By.id,Created By,Created Time,Contact Name,"
        "Mailing Street,Mailing City,Mailing Zip,Email Opt Out,Salutation,Secondary Email,Tag\n"
        "zcrm_51,zcrm_1,Wei Zhang,Trade Show,Ann,Lee,zcrm_9,Acme,,,ann@acme.com,CEO,+49 30 1234567,+49 171 1234567,"
        "zcrm_1,Bob Ray,2025-01-01 10:00:00,Ann Lee,Hauptstr. 1,Berlin,10115,false,Ms.,,vip\n"
    ),
    "espocrm": (
        "id,name,deleted,salutationName,firstName,lastName,accountId,accountName,title,emailAddress,emailAddressData,"
        "phoneNumber,phoneNumberData,doNotCall,addressStreet,addressCity,createdAt,createdByName,assignedUserId,"
        "assignedUserName\n"
        "64f1,Ann Lee,0,Ms.,Ann,Lee,77,Acme,CEO,ann@acme.com,"
        '"[{""emailAddress"":""ann@acme.com"",""primary"":true}]",\'+49301234567,'
        '"[{""phoneNumber"":""+49301234567"",""type"":""Office""},{""phoneNumber"":""+491711234567"",'
        '""type"":""Mobile""}]",0,Hauptstr. 1,Berlin,2025-01-01 10:00:00,Bob Ray,2,Wei Zhang\n'
    ),
    "espocrm-sheet": (
        '"ID";"Name";"First Name";"Last Name";"Account";"Account Title";"Email";"Phone";"Phone (Mobile)";'
        '"Assigned User";"Teams"\n'
        '"64f1";"Ann Lee";"Ann";"Lee";"Acme";"CEO";"ann@acme.com";"+49 30 1234567";"+49 171 1234567";"Wei Zhang";""\n'
    ),
    "thunderbird": (
        "First Name,Last Name,Display Name,Nickname,Primary Email,Secondary Email,Screen Name,Work Phone,Home Phone,"
        "Fax Number,Pager Number,Mobile Number,Home Address,Work Address,Job Title,Department,Organization,"
        "Web Page 1,Birth Year,Birth Month,Birth Day,Custom 1,Notes\n"
        "Ann,Lee,Ann Lee,,ann@acme.com,,,+49 30 1234567,,,,+49 171 1234567,,,CEO,,Acme,,,,,,\n"
    ),
    "outlook": (
        "Title,First Name,Middle Name,Last Name,Suffix,Company,Department,Job Title,Business Street,Business City,"
        "Business Fax,Business Phone,Home Phone,Mobile Phone,Birthday,Categories,E-mail Address,E-mail Type,"
        "E-mail Display Name,E-mail 2 Address,Notes,Web Page\n"
        "Ms.,Ann,,Lee,,Acme,,CEO,,,,+49 30 1234567,,+49 171 1234567,0/0/00,,ann@acme.com,SMTP,Ann Lee,,,\n"
    ),
    "google": (
        "First Name,Middle Name,Last Name,Phonetic First Name,Nickname,File As,Organization Name,Organization Title,"
        "Organization Department,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,"
        "Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\n"
        "Ann,,Lee,,,,Acme,CEO,,,,,* myContacts,* Work,ann@acme.com,Work,+49 30 1234567,Mobile,+49 171 1234567\n"
    ),
    "apple": (
        "BEGIN:VCARD\nVERSION:3.0\nPRODID:-//Apple Inc.//macOS 14.1//EN\nN:Lee;Ann;;;\nFN:Ann Lee\nORG:Acme;\n"
        "TITLE:CEO\nEMAIL;type=INTERNET;type=WORK;type=pref:ann@acme.com\nTEL;type=WORK;type=VOICE:+49 30 1234567\n"
        "TEL;type=CELL;type=VOICE:+49 171 1234567\nUID:51\nEND:VCARD\n"
    ),
    "linkedin": (
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
        "Ann,Lee,https://www.linkedin.com/in/annlee,ann@acme.com,Acme,CEO,05 Nov 2025\n"
    ),
    "chinese": (
        "客户编号,客户姓名,单位名称,职务,联系电话,手机号码,电子邮箱,微信号,客户来源,负责人,备注,下次联系时间\n"
        "K51,Ann Lee,Acme,CEO,+49 30 1234567,+49 171 1234567,ann@acme.com,annlee,展会,Wei Zhang,好,2026/12/1\n"
    ),
}
OWNED = {"hubspot", "salesforce", "pipedrive", "zoho", "espocrm", "espocrm-sheet", "chinese"}
PLANNED = {"hubspot", "pipedrive", "chinese"}
IDS = {
    "hubspot": "51",
    "salesforce": "0035g00000ABCDE",
    "pipedrive": "51",
    "zoho": "zcrm_51",
    "chinese": "K51",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_right_person_comes_out(crm: Crm, program: str) -> None:
    text = PROGRAMS[program]
    run = crm.ok("import", "-", "-o", "json", stdin=text)
    assert (run.json["created"], run.json["rejected"]) == (1, 0), run
    (row,) = crm.data("contact", "list")
    phones: list[Any] = [] if program == "linkedin" else ["+491711234567", "+49301234567"]
    assert (row["name"], row["company"], row["title"]) == ("Ann Lee", "Acme", "CEO")
    assert (sorted(row["phones"]), row["emails"]) == (phones, ["ann@acme.com"])
    assert row["owner"] == ("Wei Zhang" if program in OWNED else "wei")
    assert row["fields"].get("external_id") == IDS.get(program)
    assert (row["next_callback_at"] or "")[:10] == ("2026-12-01" if program in PLANNED else "")
    assert crm.data("import", "-", stdin=text)["unchanged"] == 1


@pytest.mark.parametrize(
    ("program", "tags"), [("pipedrive", ["Hot lead"]), ("zoho", ["vip"]), ("google", ["myContacts"])]
)
def test_labels_are_tags(crm: Crm, program: str, tags: list[str]) -> None:
    crm.ok("import", "-", stdin=PROGRAMS[program])
    assert crm.data("contact", "list")[0]["tags"] == tags


def test_a_second_address_is_an_address(crm: Crm) -> None:
    crm.ok(
        "import", "-", stdin="Name,Email,Email 2,E-mail 3 Address,Secondary Email\nAnn,a@x.de,b@x.de,c@x.de,d@x.de\n"
    )
    assert crm.data("contact", "list")[0]["emails"] == ["a@x.de", "b@x.de", "c@x.de", "d@x.de"]


def test_labels_beside_numbers_are_kept(crm: Crm) -> None:
    crm.ok("import", "-", stdin=PROGRAMS["espocrm"])
    reach = crm.data("contact", "show", "1")["reach"]
    assert {"kind": "phone", "label": "mobile", "value": "+491711234567"} in reach


_NO_DETAILS = [
    '[{"phoneNumber":""}]',
    '[{"phoneNumber"',
    '[{"phoneNumber":5}]',
    "[{}]",
    '[{"a":null}]',
    '[{"a":1},5]',
    '[{"a":' * 9999,
]


@pytest.mark.parametrize("cell", _NO_DETAILS)
def test_what_only_looks_like_details_is_refused_or_empty(crm: Crm, cell: str) -> None:
    run = crm("import", "-", "-o", "json", stdin=f'name,phoneNumberData\nAnn,"{cell.replace(chr(34), chr(34) * 2)}"\n')
    assert run.code in {0, 6}, run
    assert not run.err.startswith("Traceback")


def test_a_file_for_spreadsheets_comes_back(crm: Crm) -> None:
    crm.ok("import", "-", stdin=PROGRAMS["zoho"])
    file = crm.folder / "guarded.csv"
    crm.ok("export", "contacts", "--for-spreadsheet", "--to", str(file))
    assert "'+49" in file.read_text("utf-8-sig")
    assert crm.data("import", str(file))["unchanged"] == 1


@pytest.mark.parametrize(
    ("what", "ending"),
    [
        *((what, ending) for what in ("contacts", "callbacks", "all") for ending in ("json", "jsonl")),
        ("contacts", "vcf"),
        ("callbacks", "ics"),
        ("all", "ics"),
        ("contacts", "csv"),
        ("contacts", "xlsx"),
    ],
)
def test_an_export_of_nothing_is_imported_as_nothing(crm: Crm, tmp_path: Path, what: str, ending: str) -> None:
    path = str(tmp_path / f"nothing.{ending}")
    crm.ok("export", what, "--to", path)
    kind = () if what == "all" else ("--as", what)
    found = crm.data("import", path, *kind)
    assert (found["read"], found["change"]) == (0, None)


@pytest.fixture
@filled_once
def desk(crm: Crm) -> Crm:
    crm.ok("company", "add", "华东电力")
    crm.ok("add", "张三", "--company", "华东电力", "--phone", "13800138000")
    crm.ok("log", "张三", "hello")
    crm.ok("plan", "张三", "fri", "invoice")
    crm.ok("complain", "张三", "late")
    crm.ok("promise", "张三", "call", "--by", "fri")
    crm.ok("survey", "send", "张三")
    crm.ok("survey", "return", "1", "--score", "90", "--comment", "fine")
    crm.ok("supervise", "c1", "why", "--by", "lin", "--every", "2d")
    crm.ok("answer", "add", "How?", "So")
    return crm


@pytest.mark.parametrize("ending", ["csv", "json", "xlsx"])
@pytest.mark.parametrize("records", ["companies", "followups", "callbacks", "complaints", "promises", "surveys"])
def test_an_export_is_read_as_what_it_has_though_nobody_says_what(desk: Crm, records: str, ending: str) -> None:
    """All were read as contacts: a company became a person, a survey's comment a note, and follow-ups nothing."""
    file = str(desk.folder / f"some.{ending}")
    desk.ok("export", records, "--to", file)
    before = desk.ok("export", "all", "-o", "jsonl").out
    done = desk("import", file, "-o", "json")
    assert (done.json["unchanged"], records in done.err) == (1, True)
    assert desk.ok("export", "all", "-o", "jsonl").out == before


@pytest.mark.parametrize("records", ["supervisions", "answers"])
def test_what_is_not_imported_by_itself_is_told(desk: Crm, records: str) -> None:
    told = desk("import", "-", stdin=desk.ok("export", records, "-o", "csv").out)
    assert (told.code, "crm export all" in told.err) == (2, True)


def test_contacts_stay_contacts_and_a_choice_of_columns_too(desk: Crm) -> None:
    for columns in ((), ("--columns", "id,uid,name,created_at,updated_at")):
        done = desk("import", "-", "-o", "json", stdin=desk.ok("export", "contacts", "-o", "csv", *columns).out)
        assert (done.json["unchanged"], "read as" in done.err) == (1, False)
