import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import UsageError
from crmcli.exchange.headers import HeaderMap, Value, match_headers
from crmcli.nouns import noun

CONTACT = noun("contact")


def fields(header: list[str], kind: str = "contact") -> dict[str, str]:
    """Return heading → `field` or `field:hint`."""
    columns = match_headers(header, noun(kind)).columns
    return {column.heading: column.field + f":{column.hint}" * bool(column.hint) for column in columns}


def record(header: list[str], *cells: str) -> dict[str, str | list[Value]]:
    return match_headers(header, CONTACT).record(list(cells))


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("姓名", "name"),
        ("*姓名", "name"),
        ("姓名（必填）", "name"),
        ("客户姓名", "name"),
        ("Full Name", "name"),
        ("full_name", "name"),
        ("姓", "name:family"),
        ("First Name", "name:given"),
        ("Family Name", "name:family"),
        ("公司名称", "company"),
        ("Account Name", "company"),
        ("职位", "title"),
        ("Job Title", "title"),
        ("手机", "phones:mobile"),
        ("手机1", "phones:mobile"),
        ("手机号码2", "phones:mobile"),
        ("Phone 2", "phones"),
        ("Mobile Phone", "phones:mobile"),
        ("Mobile Phone Number", "phones:mobile"),
        ("work phone", "phones:work"),
        ("Business Phone 2", "phones:work"),
        ("Person - Phone - Home", "phones:home"),
        ("Primary Phone", "phones"),
        ("座机", "phones:work"),
        ("家庭电话", "phones:home"),
        ("联系人手机", "phones:mobile"),
        ("客户电话", "phones"),
        ("传真", "phones:fax"),
        ("E-mail 1 - Value", "emails"),
        ("E-mail 2 Address", "emails"),
        ("工作邮箱", "emails:work"),
        ("Contact Email", "emails"),
        ("微信", "handles:wechat"),
        ("微信号", "handles:wechat"),
        ("QQ", "handles:qq"),
        ("LinkedIn URL", "handles:linkedin"),
        ("Handles", "handles"),
        ("省份", "region"),
        ("State/Region", "region"),
        ("Mailing Street", "address"),
        ("出生日期", "birthday"),
        ("客户类别", "class"),
        ("Lead Source", "source"),
        ("介绍人", "referred_by"),
        ("Contact owner", "owner"),
        ("Categories", "tags"),
        ("备注", "notes"),
    ],
)
def test_headings_of_contacts(heading: str, field: str) -> None:
    assert fields([heading]) == {heading: field}


@pytest.mark.parametrize("kind", ["contact", "company", "followup", "callback", "complaint"])
def test_our_own_export_is_understood(kind: str) -> None:
    writable = {field.name for field in noun(kind).fields if field.written}
    found = match_headers([field.name for field in noun(kind).fields], noun(kind))
    assert {column.heading: column.field for column in found.columns} == {name: name for name in writable}
    assert found.unknown == ()


def test_other_nouns_have_their_own_words() -> None:
    assert fields(["公司", "网站", "First Name"], "company") == {"公司": "name", "网站": "website"}
    assert fields(["客户", "内容"], "followup") == {"客户": "contact", "内容": "text"}


def test_unknown_headings_are_listed_and_computed_ones_are_not() -> None:
    found = match_headers(["姓名", "Shoe size", "", "id", "Shoe size"], CONTACT)
    assert found.unknown == ("Shoe size", "Shoe size")
    assert [column.position for column in found.columns] == [0]


def test_google_contacts() -> None:
    header = ["First Name", "Last Name", "Organization Name", "Labels", "Phone 1 - Label", "Phone 1 - Value"]
    found = match_headers(header, CONTACT)
    assert found.unknown == ()
    assert found.record(["Ann", "Lee", "Acme", "* myContacts ::: vip", "Mobile", "+1 555 234 5678 ::: 5551"]) == {
        "name": "Ann Lee",
        "company": "Acme",
        "tags": [Value("myContacts"), Value("vip")],
        "phones": [Value("+1 555 234 5678", "mobile"), Value("5551", "mobile")],
    }


def test_names_in_parts() -> None:
    assert record(["姓", "名"], "张", "三") == {"name": "张三"}
    assert record(["First Name", "Last Name"], "三", "张") == {"name": "张三"}
    assert record(["Last Name", "First Name", "Middle Name"], "Lee", "Ann", "B.") == {"name": "Ann B. Lee"}
    assert record(["Last Name", "First Name"], "", "Ann") == {"name": "Ann"}
    assert record(["Name", "First Name"], "Ann Lee", "Ann") == {"name": "Ann Lee"}


def test_several_values_in_a_cell_and_in_columns() -> None:
    assert record(["手机", "电话", "微信", "标签"], "138001/13900139000", "010-1；020-2", "zs", "vip,重要、老客户") == {
        "phones": [
            Value("138001", "mobile"),
            Value("13900139000", "mobile"),
            Value("010-1"),
            Value("020-2"),
        ],
        "handles": [Value("zs", "wechat")],
        "tags": [Value("vip"), Value("重要"), Value("老客户")],
    }


@pytest.mark.parametrize(
    ("cell", "phones"),
    [
        ("030/123456", ["030-123456"]),
        ("+49 30/123456", ["+49 30-123456"]),
        ("(0171) / 1234567 / 02233/998877", ["(0171) - 1234567", "02233-998877"]),
        ("13800138000/13900139000", ["13800138000", "13900139000"]),
        ("010-66554433/010-66554434", ["010-66554433", "010-66554434"]),
        ("110/119", ["110", "119"]),
    ],
)
def test_a_slash_behind_an_area_code_divides_no_number(cell: str, phones: list[str]) -> None:
    assert record(["phone"], cell) == {"phones": [Value(phone) for phone in phones]}


def test_lists_as_our_own_export_writes_them() -> None:
    assert record(["phones", "tags"], "+8613800138000;ext=12; 95588", r"a\;b; c") == {
        "phones": [Value("+8613800138000;ext=12"), Value("95588")],
        "tags": [Value("a;b"), Value("c")],
    }


def test_columns_that_fill_one_field_together() -> None:
    header = ["Notes", "Description", "省份", "城市", "Title", "Job Title"]
    assert record(header, "likes tea", "met twice", "江苏", "南京", "", "CTO") == {
        "notes": "likes tea\nmet twice",
        "region": "江苏 南京",
        "title": "CTO",
    }


@pytest.mark.parametrize("name", ["phone", "Phones", "电话", "tel"])
def test_overrides(name: str) -> None:
    found = match_headers(["名", "手机号（主）"], CONTACT, {"手机号（主）": name, "名": "name"})
    assert [(column.field, column.hint) for column in found.columns] == [("name", ""), ("phones", "")]


def test_an_override_names_a_service_or_leaves_a_column_out() -> None:
    found = match_headers(["联络", "手机", "姓名"], CONTACT, {"联络": "微信", "手机": "-"})
    assert [(column.field, column.hint) for column in found.columns] == [("handles", "wechat"), ("name", "")]
    assert found.unknown == ()


def test_an_override_keeps_what_the_heading_says() -> None:
    assert match_headers(["手机"], CONTACT, {"手机": "phone"}).columns[0].hint == "mobile"


@pytest.mark.parametrize(
    ("override", "message", "hint"),
    [
        ({"Mobil": "phone"}, "no column “Mobil”", "Mobile"),
        ({"Mobile": "fone"}, "no field “fone”", "phones"),
        ({"Mobile": "shoe size"}, "no field “shoe size”", "birthday"),
        ({"Mobile": "id"}, "no field “id”", "uid"),
    ],
)
def test_wrong_overrides(override: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        match_headers(["Name", "Mobile"], CONTACT, override)
    assert hint in caught.value.hint


def test_two_columns_that_say_title_are_no_salutations() -> None:
    assert record(["Name", "Title", "Title"], "Ann", "", "Buyer") == {"name": "Ann", "title": "Buyer"}
    assert match_headers(["Name", "Title", "Title", "Job Title"], CONTACT).unknown == ("Title", "Title")


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (["客户名称", "联系人"], ["华东电力", "张三"], {"company": "华东电力", "name": "张三"}),
        (["客户名称", "联系人"], ["华东电力", ""], {"company": "华东电力", "name": "华东电力"}),
        (["联系人姓名", "客户"], ["张三", "华东电力"], {"company": "华东电力", "name": "张三"}),
        (["Customer", "Contact Name"], ["ACME", "Ann"], {"company": "ACME", "name": "Ann"}),
        (["客户名称", "公司"], ["张三", "华东电力"], {"company": "华东电力", "name": "张三"}),
        (["客户名称", "电话"], ["张三", "13800138000"], {"name": "张三", "phones": [Value("13800138000")]}),
        (["Name", "Surname"], ["Ann", "Lee"], {"name": "Ann Lee"}),
        (["Name", "Surname"], ["Ann Lee", "Lee"], {"name": "Ann Lee"}),
        (["Name", "Surname"], ["Ann Lee", ""], {"name": "Ann Lee"}),
        (["Name", "First Name", "Last Name"], ["Ann Lee", "Ann", "Lee"], {"name": "Ann Lee"}),
        (["名字", "姓氏"], ["三", "张"], {"name": "张三"}),
    ],
)
def test_what_names_mean_beside_each_other(header: list[str], row: list[str], expected: dict[str, object]) -> None:
    assert record(header, *row) == expected


def test_whose_an_activity_is_where_customer_and_person_are_named() -> None:
    found = match_headers(["客户名称", "联系人", "跟进内容"], noun("followup"))
    assert found.record(["华东电力", "张三", "谈"]) == {"company": "华东电力", "contact": "张三", "text": "谈"}


@given(st.lists(st.tuples(st.text(), st.text()), max_size=6))
def test_any_header_and_row_can_be_matched(cells: list[tuple[str, str]]) -> None:
    header = [" ".join(heading.split()) for heading, _cell in cells]
    found = match_headers(header, CONTACT)
    assert isinstance(found, HeaderMap)
    assert all(found.record([cell for _heading, cell in cells]).values())
