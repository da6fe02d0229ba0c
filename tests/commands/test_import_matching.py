"""`crm import`: who is there already, and what then becomes of a row."""

import pytest

from tests.conftest import Crm
from tests.imports import HEADER, LI, contacts, counts, dump, imported


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


@pytest.mark.parametrize(
    ("second", "expected"), [("5月6日", "1980-05-06"), ("5月7日", "--05-07"), ("1981-05-06", "1981-05-06")]
)
def test_a_birthday_without_its_year_takes_no_year_away(crm: Crm, second: str, expected: str) -> None:
    """Neither from whom the file names further up, nor from whom is there."""
    first, again = "姓名,手机,生日\n李雷,13911112222,1980-05-06\n", f"李雷,13911112222,{second}\n"
    imported(crm, first + again)
    assert contacts(crm)[0]["birthday"] == expected
    imported(crm, first)
    summary = imported(crm, "姓名,手机,生日\n" + again)
    assert contacts(crm)[0]["birthday"] == expected
    assert counts(summary) == ({"unchanged": 1} if expected == "1980-05-06" else {"updated": 1})


def test_a_short_chinese_name_is_one_with_or_without_the_space_that_tables_have_in_it(crm: Crm) -> None:
    imported(crm, "姓名,公司,介绍人\n王　五,华东电力,\n王五,华东电力,\n赵六,华东电力,王 五\n")
    assert [(row["name"], row["referred_by"]) for row in contacts(crm)] == [("王五", None), ("赵六", "王五")]
    imported(crm, "客户,内容\n王 五,谈价格\n", "--as", "followups")
    assert len(crm.data("followup", "list", "客户:王五")) == 1
    assert crm.data("show", "王 五")["id"] == crm.data("show", "王五")["id"]
    assert crm("add", "王 五", "--company", "华东电力").code == 5


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


def test_colleagues_who_share_an_office_s_telephone_are_people_of_their_own(crm: Crm) -> None:
    text = "姓名,电话,公司\n李四,010-12345678,南方电网\n王五,010-12345678-102,南方电网\n李四,010-12345678,\n"
    assert counts(imported(crm, text)) == {"created": 2, "unchanged": 1}
    assert [row["name"] for row in contacts(crm)] == ["李四", "王五"]
    assert counts(imported(crm, text)) == {"unchanged": 3}
    more = "姓名,电话\n赵六,010-12345678\nWang Wu,010-12345678\n"
    assert counts(imported(crm, more)) == {"created": 1, "updated": 1}
    assert counts(imported(crm, more)) == {"unchanged": 2}


def test_an_office_s_address_identifies_with_the_name_alone(crm: Crm) -> None:
    text = "name,email,work phone\nAnn Lee,info@x.de,+49 30 123456\nBob Roe,info@x.de,+49 30 123456\n"
    assert counts(imported(crm, text)) == {"created": 2}
    assert counts(imported(crm, text)) == {"unchanged": 2}
    assert counts(imported(crm, "name,phone,email\nAnn Lee,+4930123456,ann@x.de\n")) == {"updated": 1}
    assert counts(imported(crm, "name,phone\nBob Roe,+4930123456\n")) == {"unchanged": 1}


def test_a_mobile_and_a_mailbox_of_one_s_own_stay_with_a_new_name(crm: Crm) -> None:
    imported(crm, "name,phone,email\n王总,13900139000,\nMum,,susan@x.de\n")
    assert counts(imported(crm, "name,phone,email\n王建国,13900139000,\nSusan Roe,,susan@x.de\n")) == {"updated": 2}
    assert [row["name"] for row in contacts(crm)] == ["王建国", "Susan Roe"]


def test_a_number_that_may_be_shared_renames_nobody(crm: Crm) -> None:
    imported(crm, "name,phone\nAnn Lee,+4930123456\n")
    before = dump(crm)
    summary = imported(crm, "name,phone\nBob Roe,+4930123456\n")
    assert counts(summary) == {"rejected": 1}
    assert "Ann Lee (1)" in summary["errors"][0]["message"]
    assert "--match phone" in summary["errors"][0]["message"]
    assert dump(crm) == before
    assert counts(imported(crm, "name,phone\nBob Roe,+4930123456\n", "--match", "phone")) == {"updated": 1}
    assert [row["name"] for row in contacts(crm)] == ["Bob Roe"]


def test_rows_of_quite_different_names_are_different_people_whatever_they_share(crm: Crm) -> None:
    text = "name,phone,email\nAnn Lee,13900139000,\nBob Roe,13900139000,\nCarl Poe,,ann@x.de\nAnn Lee,,ann@x.de\n"
    said = crm("import", "-", stdin=text)
    assert "2 rows share a phone or e-mail with somebody of quite another name" in said.err
    assert [row["name"] for row in contacts(crm)] == ["Ann Lee", "Bob Roe", "Carl Poe", "Ann Lee"]
    assert counts(imported(crm, text)) == {"unchanged": 4}


def test_whoever_else_the_file_has_keeps_a_contact_from_being_renamed(crm: Crm) -> None:
    imported(crm, "name,phone\n李四,13900139000\n")
    text = "name,phone\n王五,13900139000\n李四,13900139000\n"
    assert counts(imported(crm, text)) == {"created": 1, "unchanged": 1}
    assert [row["name"] for row in contacts(crm)] == ["李四", "王五"]
    assert counts(imported(crm, text)) == {"unchanged": 2}


def test_nobody_is_renamed_by_a_number_that_several_rows_have(crm: Crm) -> None:
    imported(crm, "name,phone\n李四,13900139000\nAnn Lee,+4930123456\n")
    text = "name,phone\n王五,13900139000\n赵六,13900139000\nBob Roe,+4930123456\nCarl Poe,+4930123456\n"
    assert counts(imported(crm, text)) == {"created": 4}
    assert [row["name"] for row in contacts(crm)] == ["李四", "Ann Lee", "王五", "赵六", "Bob Roe", "Carl Poe"]
    assert counts(imported(crm, text)) == {"unchanged": 4}


def test_whoever_has_the_name_is_meant_though_a_colleague_has_the_office_s_number(crm: Crm) -> None:
    imported(crm, "name,phone,email\nTina Roe,,tina@x.de\nAnn Lee,+4930123456,\n")
    text = "name,phone,email\nTina Roe,+4930123456,tina@x.de\n"
    assert counts(imported(crm, text)) == {"updated": 1}
    assert counts(imported(crm, text)) == {"unchanged": 1}


def test_of_several_who_have_a_number_and_another_name_nobody_is_guessed(crm: Crm) -> None:
    imported(crm, "name,phone\nAnn Lee,+4930123456\nBob Roe,+4930123456\n")
    summary = imported(crm, "name,phone\nCarl Poe,+4930123456\n")
    assert counts(summary) == {"rejected": 1}
    assert "Ann Lee (1), Bob Roe (2)" in summary["errors"][0]["message"]
    imported(crm, "姓名,电话\n李四,010-12345678\n王五,010-12345678\n")
    assert counts(imported(crm, "姓名,电话\n赵六,010-12345678\n")) == {"created": 1}


@pytest.mark.parametrize("order", [1, -1])
def test_a_card_whose_contact_another_card_renames_is_somebody_else(crm: Crm, order: int) -> None:
    imported(crm, "uid,name,email\ncard-0001,Rita Roe,rita@x.de\n")
    rows = ["card-0001,Carla Poe,\n", "card-0002,Rita Roe,rita@x.de\n"][::order]
    cards = "uid,name,email\n" + "".join(rows)
    assert counts(imported(crm, cards)) == {"created": 1, "updated": 1}
    assert [row["name"] for row in contacts(crm)] == ["Carla Poe", "Rita Roe"]
    assert counts(imported(crm, cards)) == {"unchanged": 2}


def test_whoever_chooses_the_keys_is_told_of_names_that_contradict_them(crm: Crm) -> None:
    summary = imported(crm, "name,phone\nAnn Lee,+4930123456\nBob Roe,+4930123456\n", "--match", "phone")
    assert counts(summary) == {"created": 1, "rejected": 1}
    assert "row 2, Ann Lee" in summary["errors"][0]["message"]


def test_many_who_share_one_number_are_told_apart_by_their_names(crm: Crm) -> None:
    text = "姓名,电话\n" + "".join(f"员工{number:03},400-800-1234\n" for number in range(100))
    assert counts(imported(crm, text)) == {"created": 100}
    assert counts(imported(crm, text)) == {"unchanged": 100}


def test_it_makes_no_difference_where_in_the_file_somebody_with_nothing_but_a_name_stands(crm: Crm) -> None:
    text = "姓名,手机\n王伟,13900139000\n王伟,\n王伟,13700137000\n李四,\n李四,13711137111\n"
    first = imported(crm, text)
    assert counts(first) == {"created": 3, "unchanged": 1, "rejected": 1}
    assert "王伟 (row 2), 王伟 (row 4)" in first["errors"][0]["message"]
    assert counts(imported(crm, text)) == {"unchanged": 4, "rejected": 1}


def test_whoever_changed_the_company_in_the_midst_of_a_file_is_known_again(crm: Crm) -> None:
    text = "姓名,公司,邮箱,职务\n李四,华东电力,,经理\n李四,华东电力,li@x.cn,\n李四,南方电网,li@x.cn,总监\n"
    assert counts(imported(crm, text)) == {"created": 1, "updated": 2}
    before = dump(crm)
    assert counts(imported(crm, text)) == {"unchanged": 3}
    assert dump(crm) == before
    (row,) = contacts(crm)
    assert (row["company"], row["title"]) == ("南方电网", "总监")


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


def test_of_rows_with_one_uid_the_later_one_counts(crm: Crm) -> None:
    imported(crm, "uid,name,phone\nu1,Ann Lee,\nu1,Ann Roe,+4930123456\n")
    assert [row["name"] for row in contacts(crm)] == ["Ann Roe"]


def test_a_part_of_an_export_finds_its_contacts_by_id_and_name(crm: Crm) -> None:
    imported(crm, "name,company,phone\nAnn,Acme,+4930123456\nBob,Acme,\n")
    part = crm.ok("export", "contacts", "--columns", "id,name,title").out
    assert counts(imported(crm, part)) == {"unchanged": 2}
    assert counts(imported(crm, part.replace("Ann,", "Ann,Boss"))) == {"updated": 1, "unchanged": 1}
    assert [(row["name"], row["title"]) for row in contacts(crm)] == [("Ann", "Boss"), ("Bob", None)]
    assert counts(imported(crm, "id,name,phone\n2,Ann,+4930777777\n")) == {"created": 1}


def test_match_names_the_keys(crm: Crm) -> None:
    imported(crm, "name,phone,wechat\nAnn,+4930123456,ann88\n")
    assert counts(imported(crm, "name,wechat\nAnna,ann88\n", "--match", "handle")) == {"updated": 1}
    refused = crm("import", "-", "--match", "shoe", stdin="name\nx\n")
    assert refused.code == 2
    assert "name+company" in refused.err


def test_rows_that_are_rejected_are_not_skipped_as_well(crm: Crm) -> None:
    text = "name,email\n,a@b.cn\n,a@b.cn\nAnn,c@d.cn\nAnn,c@d.cn\n"
    done = crm("import", "-", "--on-duplicate", "skip", "-o", "json", stdin=text).json
    told = ("read", "created", "updated", "unchanged", "skipped", "rejected")
    assert tuple(done[name] for name in told) == (4, 1, 0, 0, 1, 2)


def test_a_card_is_known_again_when_its_number_has_changed(crm: Crm) -> None:
    crm.ok("add", "张三", "--phone", "13900139000")
    card = "BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:4fbe8971\nFN:张三\nTEL:{}\nEND:VCARD\n"
    assert counts(imported(crm, card.format("13900139000"))) == {"updated": 1}
    assert counts(imported(crm, card.format("13900139000"))) == {"unchanged": 1}
    assert counts(imported(crm, card.format("13700137000"))) == {"updated": 1}
    assert [row["phones"] for row in contacts(crm)] == [["+8613900139000", "+8613700137000"]]
    crm.ok("undo")
    crm.ok("undo")
    assert contacts(crm)[0]["fields"] == {}


def test_two_ids_of_another_program_are_two_people_whatever_they_share(crm: Crm) -> None:
    text = "External ID,name,company,phone\nu1,张三,甲公司,13800138000\nK1,张三,甲公司,13800138000\nu1,张三,,\n"
    assert counts(imported(crm, text)) == {"created": 2, "unchanged": 1}
    assert [row["fields"] for row in contacts(crm)] == [{"external_id": "u1"}, {"external_id": "K1"}]
    assert counts(imported(crm, text)) == {"unchanged": 3}
    changed = text.replace("K1,张三,甲公司,13800138000", "K1,张三,甲公司,13900139000")
    assert counts(imported(crm, changed)) == {"updated": 1, "unchanged": 2}
    assert contacts(crm)[1]["phones"] == ["+8613800138000", "+8613900139000"]


def test_a_name_alone_is_a_name_and_company_for_whom_no_other_key_is_asked(crm: Crm) -> None:
    """Who has a phone and no company came anew with each import by name and company."""
    text = "name,company,phone\n新人,,13800138000\n王芳,华东电力,13900139009\n"
    for created in (2, 0):
        assert crm.data("import", "-", "--match", "name+company", stdin=text)["created"] == created
    by_phone = "name,company,phone,email\n新人,,13700137001,n@n.cn\n"
    assert crm.data("import", "-", "--match", "phone,name+company", stdin=by_phone)["created"] == 1


def test_a_row_without_a_name_is_whoever_a_later_row_names(crm: Crm) -> None:
    """It was turned away, and taken for that one when the same file was imported again."""
    text = "name,email,region\n,a@b.cn,华东\n张三,a@b.cn,\n"
    assert crm.data("import", "-", stdin=text)["created"] == 1
    assert crm.data("show", "张三")["region"] == "华东"
    assert crm.data("import", "-", stdin=text)["unchanged"] == 2


@pytest.mark.parametrize("number", ["+65 6123 4567", "+49 221 4710123", "+39 02 1234567", "+852 2123 4567"])
def test_a_number_whose_plus_a_spreadsheet_has_left_out_is_the_same(crm: Crm, number: str) -> None:
    crm.ok("add", "Ann", "--phone", number)
    table = crm.ok("export", "contacts", "-o", "csv").out
    (known,) = crm.data("show", "Ann")["phones"]
    (crm.folder / "saved.csv").write_text(table.replace(known, known.removeprefix("+")), "utf-8")
    assert crm.data("import", str(crm.folder / "saved.csv"))["unchanged"] == 1
    assert crm.data("show", "Ann")["phones"] == [known]
