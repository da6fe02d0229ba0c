"""`crm import`: what becomes of every row, in every kind of file, and that nothing is ever half done."""

import csv
import io
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Crm, Result

HEADER = "姓名,手机,公司,职务"
LI = "李四,139 0013 9000,南方电网,经理"


def imported(crm: Crm, text: str | bytes, *arguments: str) -> dict[str, Any]:
    result = crm("import", "-", *arguments, "-o", "json", stdin=text)
    summary: dict[str, Any] = result.json
    assert result.code == (6 if summary["rejected"] else 0), result
    counts = ("created", "updated", "unchanged", "skipped", "rejected")
    assert sum(summary[name] for name in counts) == summary["read"]
    return summary


def counts(summary: dict[str, Any]) -> dict[str, int]:
    names = ("created", "updated", "unchanged", "skipped", "rejected")
    return {name: summary[name] for name in names if summary[name]}


def contacts(crm: Crm) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = crm.data("contact", "list", "--sort", "id")
    return rows


def dump(crm: Crm) -> list[str]:
    """Everything in the database that is the user's."""
    connection = sqlite3.connect(crm.db)
    tables = ("contact", "company", "contact_point", "tag", "followup", "callback", "complaint", "vocabulary", "change")
    found = [str(row) for table in tables for row in connection.execute(f"SELECT * FROM {table} ORDER BY id")]
    connection.close()
    return found


def test_the_summary_is_the_contract(crm: Crm) -> None:
    assert imported(crm, f"{HEADER}\n{LI}\n") == {
        "read": 1,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "rejected": 0,
        "change": 1,
        "rejects_file": None,
        "errors": [],
    }
    again = imported(crm, f"{HEADER}\n{LI}\n")
    assert (again["unchanged"], again["change"]) == (1, None)
    (row,) = contacts(crm)
    assert (row["name"], row["company"], row["title"]) == ("李四", "南方电网", "经理")
    assert row["phones"] == ["+8613900139000"]
    assert row["owner"] == "wei"
    assert row["created_at"] == "2026-11-25T09:00:00+08:00"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_encoding_delimiter_and_line_end(crm: Crm, encoding: str, delimiter: str, line_end: str) -> None:
    lines = [["姓名", "电话", "公司"], ["李四", "13900139000", "南方电网"], ["张三", "13800138000", "华东电力"]]
    text = line_end.join(delimiter.join(line) for line in lines) + line_end
    assert counts(imported(crm, text.encode(encoding))) == {"created": 2}
    assert [(row["name"], row["company"]) for row in contacts(crm)] == [("李四", "南方电网"), ("张三", "华东电力")]


def test_people_read_a_line(crm: Crm) -> None:
    first = crm.ok("import", "-", stdin=f"{HEADER},鞋码\n{LI},42\n")
    assert first.out == "Read 1: 1 created (change 1; crm undo takes it back)\n"
    assert "鞋码" in first.err
    assert crm.ok("import", "-", stdin=f"{HEADER}\n{LI}\n").out == "Read 1: 1 unchanged — already up to date\n"
    third = crm("import", "-", stdin=f"{HEADER}\n,,,\n张三,12,,\n")
    assert third.code == 6
    assert third.out == "Read 1: 1 rejected\n"
    assert "row 3: Phones: “12” is not a phone number" in third.err


def test_quoted_line_breaks_ragged_rows_and_blank_rows(crm: Crm) -> None:
    text = 'name,phone,notes\n"Ann Lee",+1 212 555 0100,"one\ntwo"\n\nBob\n,,\nCarl,,x,y\n'
    summary = imported(crm, text)
    assert counts(summary) == {"created": 2, "rejected": 1}
    assert summary["errors"][0]["row"] == 6
    assert [(row["name"], row["notes"]) for row in contacts(crm)] == [("Ann Lee", "one\ntwo"), ("Bob", None)]


# who is there already


def test_update_fills_and_overwrites_and_adds_to_lists(crm: Crm) -> None:
    crm.ok(
        "add", "李四", "--phone", "13900139000", "--title", "经理", "--tag", "vip", "--notes", "old", "--region", "华东"
    )
    summary = imported(crm, "姓名,手机,邮箱,职务,地区,标签,备注\n李四,13900139000/13700137000,li@x.cn,总监,,老客户,\n")
    assert counts(summary) == {"updated": 1}
    (row,) = contacts(crm)
    assert row["phones"] == ["+8613900139000", "+8613700137000"]
    assert row["emails"] == ["li@x.cn"]
    assert row["tags"] == ["vip", "老客户"]
    assert (row["title"], row["region"], row["notes"]) == ("总监", "华东", "old")
    assert crm.data("find", "总监")[0]["id"] == 1
    assert crm.data("find", "13700137")[0]["id"] == 1


def test_skip_create_and_fail(crm: Crm) -> None:
    text = f"{HEADER}\n{LI}\n王五,13700137000,,\n"
    imported(crm, f"{HEADER}\n{LI}\n")
    before = dump(crm)
    failed = crm("import", "-", "--on-duplicate", "fail", stdin=text)
    assert (failed.code, dump(crm)) == (5, before)
    assert "row 2" in failed.err
    assert "李四 (1)" in failed.err
    changed = text.replace("经理", "总监")
    assert counts(imported(crm, changed, "--on-duplicate", "skip")) == {"created": 1, "skipped": 1}
    assert contacts(crm)[0]["title"] == "经理"
    assert counts(imported(crm, changed, "--on-duplicate", "create")) == {"created": 2}
    assert [row["name"] for row in contacts(crm)] == ["李四", "王五", "李四", "王五"]


def test_fail_refuses_what_the_file_says_twice(crm: Crm) -> None:
    assert crm("import", "-", "--on-duplicate", "fail", stdin=f"{HEADER}\n{LI}\n{LI}\n").code == 5
    assert contacts(crm) == []


def test_two_rows_that_are_one_person_become_one(crm: Crm) -> None:
    text = (
        "name,phone,email,title\n"
        "Ann Lee,+49 30 123456,,Buyer\nANN LEE,0049-30-123456,ann@x.de,\nAnn Lee,,ANN@X.DE,Boss\n"
    )
    summary = imported(crm, text)
    assert counts(summary) == {"created": 1, "updated": 2}
    (row,) = contacts(crm)
    assert (row["title"], row["emails"], row["phones"]) == ("Boss", ["ann@x.de"], ["+4930123456"])
    again = imported(crm, text)
    assert counts(again) == {"unchanged": 3}
    assert again["change"] is None


def test_colleagues_who_share_a_telephone_are_not_merged(crm: Crm) -> None:
    text = "姓名,电话,公司\n李四,010-12345678,南方电网\n王五,010-12345678,南方电网\n"
    summary = imported(crm, text)
    assert counts(summary) == {"created": 1, "rejected": 1}
    assert "李四" in summary["errors"][0]["message"]
    assert counts(imported(crm, text, "--match", "uid,email,name+company")) == {"created": 1, "unchanged": 1}


def test_name_and_company_together(crm: Crm) -> None:
    imported(crm, "姓名,公司,职务\n李四,南方电网,经理\n李四,国家电网,主任\n李四,,\n")
    assert [row["company"] for row in contacts(crm)] == ["南方电网", "国家电网", None]
    assert counts(imported(crm, "姓名,公司,手机\n李四,南方电网,13900139000\n")) == {"updated": 1}
    assert counts(imported(crm, "姓名,手机\n李四,13711137111\n")) == {"created": 1}


def test_somebody_with_nothing_but_a_name(crm: Crm) -> None:
    text = "姓名,职务\n李四,经理\n王五,\n"
    assert counts(imported(crm, text)) == {"created": 2}
    assert counts(imported(crm, text)) == {"unchanged": 2}


def test_a_row_that_may_be_several_is_rejected_with_all_of_them(crm: Crm) -> None:
    imported(crm, "姓名,手机,邮箱\n李四,13900139000,\n王五,,wang@x.cn\n")
    before = dump(crm)
    summary = imported(crm, "姓名,手机,邮箱\n赵六,13900139000,wang@x.cn\n")
    assert counts(summary) == {"rejected": 1}
    assert "李四 (1)" in summary["errors"][0]["message"]
    assert "王五 (2)" in summary["errors"][0]["message"]
    assert dump(crm) == before


def test_a_row_that_may_be_several_rows_of_the_file_is_rejected(crm: Crm) -> None:
    summary = imported(crm, "name,phone,email\nAnn,+4930123456,\nBob,,bob@x.de\nCarl,+4930123456,bob@x.de\n")
    assert counts(summary) == {"created": 2, "rejected": 1}
    assert "Ann (row 2)" in summary["errors"][0]["message"]
    assert "Bob (row 3)" in summary["errors"][0]["message"]


def test_the_uid_decides_alone(crm: Crm) -> None:
    imported(crm, "uid,name,phone\na1,Ann,+4930123456\nb2,Bob,+4930123456\n")
    assert [row["name"] for row in contacts(crm)] == ["Ann", "Bob"]
    assert counts(imported(crm, "uid,name,phone\nb2,Bobby,+4930123456\n")) == {"updated": 1}
    assert [row["name"] for row in contacts(crm)] == ["Ann", "Bobby"]


def test_match_names_the_keys(crm: Crm) -> None:
    imported(crm, "name,phone,wechat\nAnn,+4930123456,ann88\n")
    assert counts(imported(crm, "name,wechat\nAnna,ann88\n", "--match", "handle")) == {"updated": 1}
    refused = crm("import", "-", "--match", "shoe", stdin="name\nx\n")
    assert refused.code == 2
    assert "name+company" in refused.err


# words


def test_labels_of_both_languages_are_codes_and_unknown_classes_are_rejected(crm: Crm) -> None:
    summary = imported(crm, "姓名,客户类别,来源\n一,有意向,展会\n二,Interested,朋友圈\n三,瞎写,\n四,核心客户,朋友圈\n")
    assert counts(summary) == {"created": 3, "rejected": 1}
    (error,) = summary["errors"]
    assert (error["row"], error["field"], error["value"]) == (4, "class", "瞎写")
    assert "interested" in error["message"]
    assert [(row["class"], row["source"]) for row in contacts(crm)] == [
        ("interested", "expo"),
        ("interested", "朋友圈"),
        ("core", "朋友圈"),
    ]
    words = [word["code"] for word in crm.data("vocabulary", "list")]
    assert words.count("朋友圈") == 1
    assert "瞎写" not in words


def test_companies_are_made_once_and_found_again(crm: Crm) -> None:
    imported(crm, "姓名,公司\n一,华东电力\n二,华东电力\n三,ACME  Ltd\n四,acme ltd\n")
    rows = crm.data("company", "list", "--sort", "name")
    assert [(row["name"], row["contacts"]) for row in rows] == [("ACME Ltd", 2), ("华东电力", 2)]


def test_companies_as_rows(crm: Crm) -> None:
    text = "公司名称,行业,电话,网址\n华东电力,电力,021-12345678,hd.cn\n华东电力,能源,,\n"
    assert counts(imported(crm, text, "--as", "companies")) == {"created": 1, "updated": 1}
    (row,) = crm.data("company", "list")
    assert (row["industry"], row["phones"], row["website"]) == ("能源", ["+862112345678"], "hd.cn")
    assert counts(imported(crm, text, "--as", "companies")) == {"unchanged": 2}


def test_who_sent_somebody_is_found_wherever_they_stand(crm: Crm) -> None:
    imported(crm, "姓名,介绍人\n一,二\n二,\n三,没有这个人\n")
    assert [row["referred_by"] for row in contacts(crm)] == ["二", None, None]


# mapping


def test_map_save_and_use(crm: Crm) -> None:
    text = "Wer,Fon,Firma\nAnn Lee,+49 30 123456,Acme\n"
    refused = crm("import", "-", stdin=text)
    assert refused.code == 2
    assert "Wer, Fon, Firma" in refused.err
    mapping = ["--map", "Wer=name", "--map", "fon=phone", "--map", "Firma=-"]
    assert counts(imported(crm, text, *mapping, "--save-map", "german")) == {"created": 1}
    (row,) = contacts(crm)
    assert (row["name"], row["phones"], row["company"]) == ("Ann Lee", ["+4930123456"], None)
    assert counts(imported(crm, "Wer,Fon\nAnn Lee,x\n", "--use-map", "german")) == {"rejected": 1}
    assert counts(imported(crm, text, "--use-map", "german", "--map", "Firma=company")) == {"updated": 1}
    unknown = crm("import", "-", "--use-map", "greek", stdin=text)
    assert unknown.code == 3
    assert "german" in unknown.err


@pytest.mark.parametrize("mapping", ["nothing", "=name", "Wer=shoe", "Wen=name"])
def test_a_mapping_that_can_not_be_is_refused(crm: Crm, mapping: str) -> None:
    assert crm("import", "-", "--map", mapping, stdin="Wer\nAnn\n").code == 2


# rejects


def test_rejected_rows_are_corrected_and_imported_again(crm: Crm) -> None:
    file, rejects = crm.folder / "in.csv", crm.folder / "rejects.csv"
    file.write_text('姓名;手机;备注\n一;13800138000;ok\n二;12;"a\nb"\n;13700137000;\n四;1;2;3\n', "utf-8")
    summary = crm("import", str(file), "--rejects", str(rejects), "-o", "json")
    assert summary.code == 6
    assert summary.json["rejects_file"] == str(rejects)
    assert summary.json["rejected"] == 3
    assert rejects.stat().st_mode & 0o777 == 0o600
    rows = list(csv.reader(io.StringIO(rejects.read_text("utf-8"), newline=""), delimiter=";"))
    assert rows[0] == ["姓名", "手机", "备注", "_row", "_error"]
    assert [row[3] for row in rows[1:]] == ["3", "4", "5"]
    corrected = rejects.read_text("utf-8").replace("二;12", "二;13900139000").replace("\n;137", "\n三;137")
    rejects.write_text(corrected, "utf-8")
    again = crm("import", str(rejects), "--rejects", str(rejects.with_name("more.csv")), "-o", "json")
    assert (again.json["created"], again.json["rejected"]) == (2, 1)
    assert again.err == ""
    assert rejects.with_name("more.csv").read_text("utf-8").startswith("姓名;手机;备注;_row;_error\n四;1;2;4;")


def test_rejects_of_a_spreadsheet_program_carry_its_mark(crm: Crm) -> None:
    rejects = crm.folder / "rejects.csv"
    crm("import", "-", "--rejects", str(rejects), stdin="姓名,手机\n一,12\n".encode("gb18030"))
    assert rejects.read_bytes().startswith(b"\xef\xbb\xbf")


def test_no_rejects_no_file_and_never_over_the_input(crm: Crm) -> None:
    file = crm.folder / "in.csv"
    file.write_text("name\nAnn\n", "utf-8")
    assert crm.data("import", str(file), "--rejects", str(crm.folder / "r.csv"))["rejects_file"] is None
    assert not (crm.folder / "r.csv").exists()
    assert crm("import", str(file), "--rejects", str(file)).code == 2


def test_rejects_that_can_not_be_written_leave_everything_as_it_was(crm: Crm) -> None:
    crm.ok("contact", "list")
    before = dump(crm)
    refused = crm("import", "-", "--rejects", str(crm.folder / "no" / "r.csv"), stdin="name,phone\nAnn,\nBob,1\n")
    assert (refused.code, dump(crm)) == (2, before)


# dry run, undo


def test_a_dry_run_shows_differences_and_writes_nothing(crm: Crm) -> None:
    imported(crm, f"{HEADER}\n{LI}\n")
    before = dump(crm)
    text = f"{HEADER},邮箱\n李四,13900139000,国家电网,总监,li@x.cn\n王五,,,,\n"
    run = crm.ok("import", "-", "--dry-run", "--save-map", "x", "--map", "职务=title", stdin=text)
    assert run.out.splitlines() == [
        "dry run: row 2: 李四 · update · Title: 经理 → 总监 · Company: 南方电网 → 国家电网 · +E-mails: li@x.cn",
        "dry run: row 3: 王五 · create",
        "dry run: Read 2: 1 created, 1 updated",
    ]
    assert imported(crm, text, "-n")["change"] is None
    assert dump(crm) == before
    assert crm("import", "-", "--use-map", "x", stdin=text).code == 3


def test_undo_takes_the_whole_import_back(crm: Crm) -> None:
    crm.ok("add", "李四", "--phone", "13900139000", "--company", "南方电网")
    before = crm.data("contact", "list"), crm.data("company", "list")
    imported(crm, f"{HEADER},标签,来源\n李四,13900139000,国家电网,总监,vip,朋友圈\n王五,13700137000,新公司,,,\n")
    crm.ok("undo")
    after = crm.data("contact", "list"), crm.data("company", "list")
    assert after == before
    assert crm.data("find", "王五") == []
    assert counts(imported(crm, f"{HEADER}\n王五,13700137000,新公司,\n")) == {"created": 1}


# follow-ups, callbacks, complaints


@pytest.fixture
def known(crm: Crm) -> Crm:
    imported(crm, "姓名,手机,公司\n张三,13800138000,华东电力\n李四,13900139000,南方电网\n李四,,国家电网\n")
    return crm


def test_followups_find_their_contact_every_way(known: Crm) -> None:
    text = (
        "客户,电话,公司,日期,方式,内容,时长\n"
        "张三,,,2026-11-01,拜访,谈价格,30\n"
        ",138 0013 8000,,2026-11-02 10:00,电话,催样品,1h\n"
        "李四,,国家电网,2026-11-03,电话,三,\n"
        "李四,,,2026-11-03,电话,四,\n"
        "没有,,,2026-11-03,电话,五,\n"
        "张三,,,2027-11-03,电话,六,\n"
        "张三,,,昨天下午3点,电话,七,\n"
        "张三,,,2026-11-03,电话,,\n"
    )
    summary = imported(known, text, "--as", "followups")
    assert counts(summary) == {"created": 4, "rejected": 4}
    assert [(error["row"], error["field"]) for error in summary["errors"]] == [
        (5, "contact"),
        (6, "contact"),
        (7, "at"),
        (9, "text"),
    ]
    rows = known.data("followup", "list", "--sort", "id")
    assert [(row["contact_id"], row["kind"], row["minutes"]) for row in rows] == [
        (1, "visit", 30),
        (1, "call", 60),
        (3, "call", None),
        (1, "call", None),
    ]
    assert rows[1]["at"] == "2026-11-02T10:00:00+08:00"
    assert rows[3]["at"] == "2026-11-24T15:00:00+08:00"
    assert counts(imported(known, text, "--as", "followups")) == {"unchanged": 4, "rejected": 4}
    assert contacts(known)[0]["last_contact_at"] == "2026-11-24T15:00:00+08:00"


def test_a_day_alone_is_the_same_in_the_morning_and_in_the_evening(known: Crm) -> None:
    text = "客户,日期,内容\n张三,2026-11-25,今天\n"
    assert counts(imported(known, text, "--as", "followups")) == {"created": 1}
    later = known("import", "-", "--as", "followups", "-o", "json", stdin=text, CRM_NOW="2026-11-25T18:00:00+08:00")
    assert later.json["unchanged"] == 1


def test_an_id_of_another_database_does_not_count(known: Crm) -> None:
    text = "contact_id,contact,company,at,text\n2,张三,,2026-11-01,a\n1,张三,,2026-11-01,b\n77,,,2026-11-01,c\n"
    summary = imported(known, text, "--as", "followups")
    assert counts(summary) == {"created": 2, "rejected": 1}
    assert [row["contact_id"] for row in known.data("followup", "list")] == [1, 1]


def test_callbacks_past_done_and_repeating(known: Crm) -> None:
    text = (
        "客户,日期,事由,重复,状态,完成时间\n"
        "张三,2026-10-01,旧的,,,\n"
        "张三,明天15:00,送样,,,\n"
        "张三,2026-12-15,付款,每月15号,,\n"
        "张三,2026-09-01,做过,,,2026-09-02 10:00\n"
        "张三,2026-09-01,不做,,已取消,\n"
        "张三,,没有日期,,,\n"
        "张三,坏的,坏,,,\n"
    )
    summary = imported(known, text, "--as", "callbacks")
    assert counts(summary) == {"created": 5, "rejected": 2}
    rows = known.data("callback", "list", "--all", "--sort", "id")
    assert [(row["due"], row["status"], row["overdue"]) for row in rows] == [
        ("2026-10-01", "open", True),
        ("2026-11-26T15:00:00+08:00", "open", False),
        ("2026-12-15", "open", False),
        ("2026-09-01", "done", False),
        ("2026-09-01", "cancelled", False),
    ]
    assert rows[2]["repeat"] == "FREQ=MONTHLY;BYMONTHDAY=15"
    assert counts(imported(known, text, "--as", "callbacks")) == {"unchanged": 5, "rejected": 2}
    known.ok("done", "3", "paid")
    assert known.data("callback", "list", "--sort", "id")[-1]["due"] == "2027-01-15"


def test_complaints_get_their_deadlines(known: Crm) -> None:
    text = (
        "客户,投诉时间,投诉内容,级别,投诉类型,类别,解决时间\n"
        "张三,2026-11-24 09:00,迟到,高,投诉,交付,\n"
        "张三,2026-11-24 09:00,真好,,表扬,,\n"
        "李四,,,,,,\n"
    )
    summary = imported(known, text, "--as", "complaints", "--map", "解决时间=resolved_at")
    assert counts(summary) == {"created": 2, "rejected": 1}
    late, praise = known.data("complaint", "list", "--all", "--sort", "id")
    assert (late["respond_by"], late["resolve_by"]) == ("2026-11-24T13:00:00+08:00", "2026-11-27T09:00:00+08:00")
    assert (late["status"], late["severity"], late["category"]) == ("received", "high", "delivery")
    assert [step["kind"] for step in late["steps"]] == ["receive"]
    assert (praise["status"], praise["respond_by"]) == ("closed", None)
    solved = text.replace("交付,\n", "交付,2026-11-25 08:00\n")
    assert counts(imported(known, solved, "--as", "complaints", "--map", "解决时间=resolved_at"))["updated"] == 1
    assert known.data("complaint", "show", "1")["resolved_at"] == "2026-11-25T08:00:00+08:00"


def test_complaints_without_a_moment_are_the_same_the_next_day(known: Crm) -> None:
    text = "客户,投诉内容\n张三,迟到\n"
    assert counts(imported(known, text, "--as", "complaints")) == {"created": 1}
    again = known("import", "-", "--as", "complaints", "-o", "json", stdin=text, CRM_NOW="2026-11-26T18:00:00+08:00")
    assert (again.json["unchanged"], again.json["change"]) == (1, None)


# files that are none


def one_line(result: Result, *codes: int) -> None:
    assert result.code in codes, result
    assert result.err.count("\n") == 1
    assert "Traceback" not in result.err


def test_files_that_can_not_be_imported(crm: Crm, tmp_path: Path) -> None:
    one_line(crm("import", str(tmp_path / "missing.csv")), 2)
    one_line(crm("import", str(tmp_path)), 2)
    for content in (
        b"",
        b"\n\n",
        b"\x89PNG\r\n\x1a\n\0\0",
        b"\0\1\2\3" * 50,
        b'a,b\n"x',
        "李四,13900139000\n".encode(),
    ):
        one_line(crm("import", "-", stdin=content), 2)
    assert not crm.db.exists() or contacts(crm) == []


def test_a_file_with_a_header_alone_has_nothing_new(crm: Crm) -> None:
    assert imported(crm, f"{HEADER}\n")["read"] == 0


@pytest.mark.parametrize(
    "arguments", [["--as", "shoes"], ["--on-duplicate", "maybe"], ["--save-map", "x"], ["--sheet", "2"]]
)
def test_options_that_can_not_be(crm: Crm, arguments: list[str]) -> None:
    one_line(crm("import", "-", *arguments, stdin="name\nAnn\n"), 2)


CELLS = st.one_of(
    st.sampled_from(["name", "phone", "手机", "姓名", ",", ";", "\t", '"', "\n", "\r\n", "=", "13800138000", "a@b.cn"]),
    st.text(max_size=8),
)


@settings(max_examples=40)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(CELLS, max_size=30).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass")),
        st.lists(CELLS, max_size=30).map(
            lambda parts: ("name,phone,email,class\n" + ",".join(parts)).encode("utf-8", "replace")
        ),
    )
)
def test_any_bytes_end_in_an_answer(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        crm = Crm(tmp_path_factory.mktemp("any"), patch)
        result = crm("import", "-", "-o", "json", stdin=content)
        assert result.code in (0, 1, 2, 6), result
        assert "Traceback" not in result.err
        assert "something went wrong" not in result.err, result
        if result.code in (1, 2):
            assert not crm.db.exists() or contacts(crm) == []
