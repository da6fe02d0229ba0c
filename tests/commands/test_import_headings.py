"""`crm import` under the whole headings of other programs, as their exports have them: nothing of a person is lost."""

import csv
import io
from typing import Any

import pytest

from tests.conftest import Crm

HEADINGS = {
    "outlook-en": (
        "Title,First Name,Middle Name,Last Name,Suffix,Company,Department,Job Title,Business Street,"
        "Business Street 2,Business Street 3,Business City,Business State,Business Postal Code,"
        "Business Country/Region,Home Street,Home Street 2,Home Street 3,Home City,Home State,"
        "Home Postal Code,Home Country/Region,Other Street,Other Street 2,Other Street 3,Other City,"
        "Other State,Other Postal Code,Other Country/Region,Assistant's Phone,Business Fax,Business Phone,"
        "Business Phone 2,Callback,Car Phone,Company Main Phone,Home Fax,Home Phone,Home Phone 2,ISDN,"
        "Mobile Phone,Other Fax,Other Phone,Pager,Primary Phone,Radio Phone,TTY/TDD Phone,Telex,Account,"
        "Anniversary,Assistant's Name,Billing Information,Birthday,Business Address PO Box,Categories,"
        "Children,Directory Server,E-mail Address,E-mail Type,E-mail Display Name,E-mail 2 Address,"
        "E-mail 2 Type,E-mail 2 Display Name,E-mail 3 Address,E-mail 3 Type,E-mail 3 Display Name,Gender,"
        "Government ID Number,Hobby,Home Address PO Box,Initials,Internet Free Busy,Keywords,Language,"
        "Location,Manager's Name,Mileage,Notes,Office Location,Organizational ID Number,Other Address PO Box,"
        "Priority,Private,Profession,Referred By,Sensitivity,Spouse,User 1,User 2,User 3,User 4,Web Page"
    ),
    "outlook-web": (
        "First Name,Middle Name,Last Name,Title,Suffix,Nickname,Given Yomi,Surname Yomi,E-mail Address,"
        "E-mail 2 Address,E-mail 3 Address,Home Phone,Home Phone 2,Business Phone,Business Phone 2,"
        "Mobile Phone,Car Phone,Other Phone,Primary Phone,Pager,Business Fax,Home Fax,Other Fax,"
        "Company Main Phone,Callback,Radio Phone,Telex,TTY/TDD Phone,IMAddress,Job Title,Department,Company,"
        "Office Location,Manager's Name,Assistant's Name,Assistant's Phone,Company Yomi,Business Street,"
        "Business City,Business State,Business Postal Code,Business Country/Region,Home Street,Home City,"
        "Home State,Home Postal Code,Home Country/Region,Other Street,Other City,Other State,"
        "Other Postal Code,Other Country/Region,Personal Web Page,Spouse,Schools,Hobby,Location,Web Page,"
        "Birthday,Anniversary,Notes"
    ),
    "outlook-zh": (
        "英文称谓,名,中间名,姓,中文称谓,单位,部门,职务,商务地址 街道,商务地址 街道 2,商务地址 街道 3,"
        "商务地址 市/县,商务地址 省/市/自治区,商务地址 邮政编码,商务地址 国家/地区,住宅地址 街道,"
        "住宅地址 街道 2,住宅地址 街道 3,住宅地址 市/县,住宅地址 省/市/自治区,住宅地址 邮政编码,"
        "住宅地址 国家/地区,其他地址 街道,其他地址 街道 2,其他地址 街道 3,其他地址 市/县,"
        "其他地址 省/市/自治区,其他地址 邮政编码,其他地址 国家/地区,助理的电话,商务传真,商务电话,商务电话 2,"
        "回电话,车载电话,单位主要电话,住宅传真,住宅电话,住宅电话 2,ISDN,移动电话,其他传真,其他电话,寻呼机,"
        "主要电话,无绳电话,TTY/TDD 电话,电报,Internet 忙闲,办公地点,地点,电子邮件地址,电子邮件类型,"
        "电子邮件显示名称,电子邮件 2 地址,电子邮件 2 类型,电子邮件 2 显示名,电子邮件 3 地址,电子邮件 3 类型,"
        "电子邮件 3 显示名,附注,工作证号码,关键词,记帐信息,纪念日,经理姓名,类别,里程,敏感度,目录服务器,配偶,"
        "其他地址 - 邮箱,商务地址 - 邮箱,身份证编号,生日,私有,缩写,网页,性别,业余爱好,引用者,用户 1,用户 2,"
        "用户 3,用户 4,优先级,语言,帐户,职业,助理的姓名,住宅地址 - 邮箱,子女"
    ),
    "google-old": (
        "Name,Given Name,Additional Name,Family Name,Yomi Name,Given Name Yomi,Additional Name Yomi,"
        "Family Name Yomi,Name Prefix,Name Suffix,Initials,Nickname,Short Name,Maiden Name,Birthday,Gender,"
        "Location,Billing Information,Directory Server,Mileage,Occupation,Hobby,Sensitivity,Priority,Subject,"
        "Notes,Language,Photo,Group Membership,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Type,"
        "E-mail 2 - Value,Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value,Address 1 - Type,"
        "Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 1 - PO Box,Address 1 - Region,"
        "Address 1 - Postal Code,Address 1 - Country,Address 1 - Extended Address,Organization 1 - Type,"
        "Organization 1 - Name,Organization 1 - Yomi Name,Organization 1 - Title,Organization 1 - Department,"
        "Organization 1 - Symbol,Organization 1 - Location,Organization 1 - Job Description,Website 1 - Type,"
        "Website 1 - Value,IM 1 - Type,IM 1 - Service,IM 1 - Value"
    ),
    "google-new": (
        "First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,Phonetic Last Name,"
        "Name Prefix,Name Suffix,Nickname,File As,Organization Name,Organization Title,"
        "Organization Department,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,"
        "Phone 1 - Label,Phone 1 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 - Street,"
        "Address 1 - City,Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,"
        "Address 1 - Extended Address,Website 1 - Label,Website 1 - Value,Custom Field 1 - Label,"
        "Custom Field 1 - Value"
    ),
    "thunderbird-us": (
        "First Name,Last Name,Display Name,Nickname,Primary Email,Secondary Email,Screen Name,Work Phone,"
        "Home Phone,Fax Number,Pager Number,Mobile Number,Home Address,Home Address 2,Home City,Home State,"
        "Home ZipCode,Home Country,Work Address,Work Address 2,Work City,Work State,Work ZipCode,"
        "Work Country,Job Title,Department,Organization,Web Page 1,Web Page 2,Birth Year,Birth Month,"
        "Birth Day,Custom 1,Custom 2,Custom 3,Custom 4,Notes"
    ),
    "thunderbird-uk": (
        "First Name,Last Name,Display Name,Nickname,Primary Email,Secondary Email,Screen Name,Work Phone,"
        "Home Phone,Fax Number,Pager Number,Mobile Number,Home Address,Home Address 2,Home City,Home County,"
        "Home Post Code,Home Country,Work Address,Work Address 2,Work City,Work County,Work Post Code,"
        "Work Country,Job Title,Department,Organisation,Web Page 1,Web Page 2,Birth Year,Birth Month,"
        "Birth Day,Custom 1,Custom 2,Custom 3,Custom 4,Notes"
    ),
    "salesforce-leads": ("Lead ID,FirstName,LastName,Email,Phone,Company,LeadSource,Status,OwnerId"),
    "salesforce-contacts": (
        "First Name,Last Name,Email,Phone,Account Name,Mailing City,Mailing State/Province,"
        "Mailing Zip/Postal Code,Last Activity"
    ),
    "hubspot": (
        "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Create Date,"
        "Last Modified Date,Contact Type,Lifecycle Stage,Lead Source,Stage of Journey,Next appointment date,"
        "Associated Deal,Associated Company,Associated Deal IDs"
    ),
    "hubspot2": (
        "Record ID,First Name,Last Name,Email,Phone Number,Associated Company,City,State/Region,Postal Code,"
        "Country/Region,Last Activity Date,Original Source,Job Title,Company Name"
    ),
}


def written(crm: Crm, header: list[str], row: dict[str, str]) -> dict[str, Any]:
    assert not row.keys() - {*header}
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header)
    writer.writeheader()
    writer.writerow(row)
    summary = crm.data("import", "-", stdin=stream.getvalue())
    assert (summary["created"], summary["rejected"]) == (1, 0)
    (contact,) = crm.data("contact", "list")
    assert crm.data("import", "-", stdin=stream.getvalue())["unchanged"] == 1
    return {name: value for name, value in contact.items() if value}


def labels(contact: dict[str, Any], kind: str = "phone") -> dict[str, str | None]:
    return {point["value"]: point["label"] for point in contact["reach"] if point["kind"] == kind}


PERSON = {"First Name": "Ann", "Last Name": "Lee"}
PHONES = {
    "Business Phone": "+49 30 1234567",
    "Business Fax": "+49 30 1234568",
    "Home Fax": "+49 30 1234569",
    "Mobile Phone": "+49 171 1234567",
    "Car Phone": "+49 171 1234568",
}
LABELLED = {
    "+49301234567": "work",
    "+49301234568": "fax",
    "+49301234569": "fax",
    "+491711234567": "mobile",
    "+491711234568": "mobile",
}
OFFICE = {
    "Business Street": "Hauptstr. 1",
    "Business City": "Berlin",
    "Business Postal Code": "10115",
    "Business Country/Region": "Germany",
}


@pytest.mark.parametrize("program", ["outlook-en", "outlook-web"])
def test_outlook(crm: Crm, program: str) -> None:
    row = {
        **PERSON,
        "Title": "Ms.",
        "Company": "Acme",
        "Job Title": "CEO",
        "Birthday": "1/2/1980",
        **PHONES,
        **OFFICE,
        "E-mail Address": "a@x.de",
        "E-mail 3 Address": "c@x.de",
        "Notes": "n",
        "Web Page": "https://acme.example",
    }
    contact = written(crm, HEADINGS[program].split(","), row)
    assert (contact["name"], contact["company"], contact["title"]) == ("Ann Lee", "Acme", "CEO")
    assert labels(contact) == LABELLED
    assert contact["emails"] == ["a@x.de", "c@x.de"]
    assert (contact["region"], contact["address"]) == ("Berlin", "Hauptstr. 1, 10115, Germany")
    assert (contact["handles"], contact["notes"]) == (["web:acme.example"], "n")


def test_outlook_in_chinese(crm: Crm) -> None:
    row = {
        "姓": "张",
        "名": "三",
        "单位": "华东电力",
        "职务": "经理",
        "类别": "红色类别",
        "生日": "1980-2-1",
        "商务电话": "+49 30 1234567",
        "商务传真": "+49 30 1234568",
        "住宅传真": "+49 30 1234569",
        "移动电话": "+49 171 1234567",
        "车载电话": "+49 171 1234568",
        "电子邮件地址": "a@x.cn",
        "电子邮件 2 地址": "b@x.cn",
        "商务地址 街道": "南京路1号",
        "商务地址 市/县": "上海",
        "附注": "n",
        "商务地址 邮政编码": "200000",
    }
    contact = written(crm, HEADINGS["outlook-zh"].split(","), row)
    assert (contact["name"], contact["company"], contact["title"]) == ("张三", "华东电力", "经理")
    assert labels(contact) == LABELLED
    assert (contact["emails"], contact["birthday"]) == (["a@x.cn", "b@x.cn"], "1980-02-01")
    assert (contact["region"], contact["address"]) == ("上海", "南京路1号, 200000")
    assert (contact["tags"], contact.get("class"), contact["notes"]) == (["红色类别"], None, "n")


@pytest.mark.parametrize("program", ["google-old", "google-new"])
def test_google(crm: Crm, program: str) -> None:
    old = program == "google-old"
    mark = "Type" if old else "Label"
    company = "Organization 1 - " if old else "Organization "
    row = {
        "Given Name" if old else "First Name": "Ann",
        "Family Name" if old else "Last Name": "Lee",
        f"{company}Name": "Acme",
        f"{company}Title": "CEO",
        "Birthday": "--02-01",
        "Group Membership" if old else "Labels": "vip ::: * myContacts",
        f"E-mail 1 - {mark}": "* Work",
        "E-mail 1 - Value": "a@x.de ::: b@x.de",
        f"Phone 1 - {mark}": "Mobile",
        "Phone 1 - Value": "+49 171 1234567",
        "Address 1 - Formatted": "Hauptstr. 1\nBerlin 10115\nDE",
        "Address 1 - Street": "Hauptstr. 1",
        "Address 1 - City": "Berlin",
        "Address 1 - Country": "DE",
        "Website 1 - Value": "https://acme.example",
    }
    contact = written(crm, HEADINGS[program].split(","), row)
    assert (contact["name"], contact["company"], contact["title"]) == ("Ann Lee", "Acme", "CEO")
    assert labels(contact) == {"+491711234567": "mobile"}
    assert labels(contact, "email") == {"a@x.de": "work", "b@x.de": "work"}
    assert (contact["tags"], contact["birthday"]) == (["vip", "myContacts"], "--02-01")
    assert (contact["region"], contact["address"]) == ("Berlin", "Hauptstr. 1\nBerlin 10115\nDE")
    assert contact["handles"] == ["web:acme.example"]


@pytest.mark.parametrize(("year", "birthday"), [("1980", "1980-01-15"), ("", "--01-15")])
@pytest.mark.parametrize("program", ["thunderbird-us", "thunderbird-uk"])
def test_thunderbird(crm: Crm, program: str, year: str, birthday: str) -> None:
    company = "Organization" if program == "thunderbird-us" else "Organisation"
    row = {
        **PERSON,
        "Display Name": "Ann Lee",
        "Primary Email": "a@x.de",
        "Secondary Email": "b@x.de",
        "Work Phone": "+49 30 1234567",
        "Fax Number": "+49 30 1234568",
        "Mobile Number": "+49 171 1234567",
        "Birth Year": year,
        "Birth Month": "1",
        "Birth Day": "15",
        company: "Acme",
        "Job Title": "CEO",
        "Work Address": "Hauptstr. 1",
        "Work City": "Berlin",
        "Work Country": "Germany",
    }
    contact = written(crm, HEADINGS[program].split(","), row)
    assert (contact["name"], contact["company"], contact["birthday"]) == ("Ann Lee", "Acme", birthday)
    assert labels(contact) == {"+49301234567": "work", "+49301234568": "fax", "+491711234567": "mobile"}
    assert (contact["region"], contact["address"]) == ("Berlin", "Hauptstr. 1, Germany")


def test_salesforce(crm: Crm) -> None:
    row = {"FirstName": "Ann", "LastName": "Lee", "Company": "Acme", "LeadSource": "Web", "Lead ID": "00Q1"}
    contact = written(crm, HEADINGS["salesforce-leads"].split(","), row)
    assert (contact["name"], contact["company"], contact["source"]) == ("Ann Lee", "Acme", "web")
    assert contact["fields"] == {"external_id": "00Q1"}


def test_salesforce_addresses(crm: Crm) -> None:
    row = {**PERSON, "Account Name": "Acme", "Mailing City": "Austin", "Mailing State/Province": "TX"}
    row["Mailing Zip/Postal Code"] = "73301"
    contact = written(crm, HEADINGS["salesforce-contacts"].split(","), row)
    assert (contact["company"], contact["region"], contact["address"]) == ("Acme", "Austin TX", "73301")


@pytest.mark.parametrize("program", ["hubspot", "hubspot2"])
def test_hubspot(crm: Crm, program: str) -> None:
    row = {**PERSON, "Record ID": "101", "Email": "a@x.de", "Phone Number": "+49 30 1234567"}
    contact = written(crm, HEADINGS[program].split(","), {**row, "Associated Company": "Acme"})
    assert (contact["name"], contact["company"], contact["emails"]) == ("Ann Lee", "Acme", ["a@x.de"])
    assert contact["fields"] == {"external_id": "101"}
    assert "Other id  101" in crm("show", "1").out


def test_a_birthday_in_one_column_is_none_in_three(crm: Crm) -> None:
    contact = written(crm, ["Name", "Birth Day"], {"Name": "Ann", "Birth Day": "1980-01-15"})
    assert contact["birthday"] == "1980-01-15"


def test_a_column_that_counts_in_every_row_is_not_said_to_count_only_sometimes(crm: Crm) -> None:
    said = crm("import", "-", stdin="客户名称,联系人,手机,客户姓名\n恒大,张三,13800138000,张三丰\n").err
    assert "客户姓名 (name)" in said
    assert "客户名称" not in said


@pytest.mark.parametrize(
    ("name", "rest", "rejected"),
    [("合计", ",,,3", 1), ("总计：", ",,,", 1), ("Total", ",,,3", 1), ("Total", ",,经理,", 0), ("Total Lee", ",,,", 0)],
)
def test_a_row_of_totals_is_nobody(crm: Crm, name: str, rest: str, rejected: int) -> None:
    table = f"姓名,手机,职务,金额\n张三,13800138000,,300\n{name}{rest}\n"
    for extra in ((), ("--extra", "fields")):
        assert crm("import", "-", "-o", "json", *extra, stdin=table).json["rejected"] == rejected
    assert len(crm.data("list")) == 2 - rejected


@pytest.mark.parametrize(("number", "rejected"), [("2", 1), ("2人", 1), ("", 1), ("Jean Martin", 0)])
def test_nor_is_one_that_says_so_in_the_column_of_companies(crm: Crm, number: str, rejected: int) -> None:
    table = f"公司,姓名,手机\n恒大,张三,13800138000\n恒大,李四,13900139000\nTotal,{number},\n"
    assert crm("import", "-", "-o", "json", stdin=table).json["rejected"] == rejected
    assert len(crm.data("list")) == 3 - rejected


@pytest.mark.parametrize(("company", "rejected"), [("2", 1), ("2家", 1), ("恒大", 0)])
def test_nor_is_one_that_counts_the_companies(crm: Crm, company: str, rejected: int) -> None:
    table = f"姓名,公司,手机\n张三,恒大,13800138000\n李四,万科,13900139000\n合计,{company},\n"
    assert crm("import", "-", "-o", "json", stdin=table).json["rejected"] == rejected
    assert len(crm.data("list")) == 3 - rejected
    companies = {row["name"] for row in crm.data("company", "list")}
    assert companies == {"恒大", "万科"}


@pytest.mark.parametrize("heading", ["客户编号", "External ID", "id"])
def test_nor_is_one_with_an_id(crm: Crm, heading: str) -> None:
    table = f"{heading},姓名,手机\nK1,张三,13800138000\nK2,合计,\nK3,李四,\n"
    assert crm("import", "-", "-o", "json", stdin=table).json["rejected"] == 1
    assert {contact["name"] for contact in crm.data("list")} == {"张三", "李四"}


def test_whoever_is_called_so_comes_back_with_an_export(crm: Crm) -> None:
    crm.ok("add", "Total", "--set", "external_id=K1")
    exported = crm.ok("export", "contacts", "-o", "csv").out
    crm.anew()
    crm.ok("import", "-", stdin=exported)
    assert crm.data("list")[0]["name"] == "Total"


@pytest.mark.parametrize(
    ("order", "cells", "expected", "turned"),
    [
        ("md", ("05/06/1980", "13/06/1980", "4/7"), ("1980-06-05", "1980-06-13", "--07-04"), 2),
        ("dm", ("05/06/1980", "06/13/1980", "4/7"), ("1980-05-06", "1980-06-13", "--04-07"), 2),
        ("md", ("05/06/1980", "06/13/1980", "4/7"), ("1980-05-06", "1980-06-13", "--04-07"), 0),
        ("md", ("05/06/1980", "06/13/1980", "13/06/1980"), ("1980-05-06", "1980-06-13", "1980-06-13"), 0),
        ("md", ("05/06/1980", "5.6.1980", "1980-05-13"), ("1980-05-06", "1980-06-05", "1980-05-13"), 0),
    ],
)
def test_a_column_of_birthdays_has_one_order_of_day_and_month(
    crm: Crm, order: str, cells: tuple[str, ...], expected: tuple[str, ...], turned: int
) -> None:
    crm.ok("config", "set", "date_order", order)
    lines = "".join(f"{name},{cell}\n" for name, cell in zip("ABC", cells, strict=True))
    said = crm.ok("import", "-", stdin=f"name,birthday\n{lines}").err
    assert tuple(row["birthday"] for row in crm.data("list", "--sort", "name")) == expected
    assert (f"{turned} birthdays" in said) == (turned > 0)


def test_what_no_import_writes_is_told_unless_it_is_of_our_own_exports(crm: Crm) -> None:
    told = crm.ok("import", "-", stdin="name,Last contact,Created,Open complaints\n张三,2026-01-05,2025-01-01,3\n").err
    assert told.splitlines()[0] == "columns that no field has, ignored: Last contact, Created, Open complaints"
    crm.ok("import", "-", "--extra", "fields", stdin="name,Last contact\n李四,2026-01-05\n")
    assert crm.data("show", "李四")["fields"] == {"Last contact": "2026-01-05"}
    assert "ignored" not in crm.ok("import", "-", stdin=crm.ok("export", "contacts", "-o", "csv").out).err
