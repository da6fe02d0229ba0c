import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import UsageError
from crmcli.exchange.contentline import fold, parse, parts, unescape
from crmcli.exchange.headers import match_headers
from crmcli.exchange.vcard import read_cards
from crmcli.exchange.vcardfields import FIELDS
from crmcli.nouns import noun


def card(*lines: str, version: str = "3.0") -> bytes:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""]).encode()


def read(data: bytes) -> list[dict[str, str]]:
    rows = read_cards(io.BytesIO(data))
    return [{name: cell for name, cell in zip(rows.header, row.cells, strict=True) if cell} for row in rows]


def fields(*lines: str, version: str = "3.0") -> dict[str, str]:
    return read(card(*lines, version=version))[0]


def reach(*lines: str, version: str = "3.0") -> list[tuple[str, str, str]]:
    points = json.loads(fields("FN:x", *lines, version=version)["reach"])
    return [(point["kind"], point["label"], point["value"]) for point in points]


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("FN:Ann Lee", "N:Lee;Ann;;;"), "Ann Lee"),
        (("N:Lee;Ann;B.;Dr.;",), "Ann B. Lee"),
        (("FN:三 张", "N:张;三;;;"), "张三"),
        (("FN:张 三", "N:张;三;;;"), "张三"),
        (("N:欧阳;娜娜;;;",), "欧阳娜娜"),
        (("FN:王小明博士", "N:王;小明;;;博士"), "王小明博士"),
        (("FN:张三", "N:;张三;;;"), "张三"),
        (("FN: ", "NICKNAME:Johnny", "EMAIL:j@x.cn"), "Johnny"),
        (("ORG:Acme;Sales",), "Acme"),
        (("TEL:123", "EMAIL:a@x.cn"), "a@x.cn"),
    ],
)
def test_names(lines: tuple[str, ...], name: str) -> None:
    assert fields(*lines)["name"] == name


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (card("N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0;=E4=B8=89;;;", version="2.1"), "张三"),
        (card("FN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=E5=BC=", "=A0=E4=B8=89", version="2.1"), "张三"),
        (card("FN;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=D5=C5=C8=FD", version="2.1"), "张三"),
        (card("FN;QUOTED-PRINTABLE:=D5=C5=C8=FD", version="2.1"), "张三"),
        (card("FN;CHARSET=UTF-8;ENCODING=B:5byg5LiJ", version="2.1"), "张三"),
        (card("FN:张三").decode().encode("gbk"), "张三"),
        (card("FN;CHARSET=GBK:张三").decode().encode("gbk"), "张三"),
        (card("FN:张三").decode().encode("utf-16"), "张三"),
        (card("FN:张三").decode().encode("utf-16-le"), "张三"),
        (card("FN:张三").decode().encode("utf-8-sig"), "张三"),
        (card("FN;CHARSET=BIG5:張三").decode().encode("big5"), "張三"),
        (card("FN:René Müller, Grüße aus Köln").decode().encode("latin-1"), "René Müller, Grüße aus Köln"),
        (card("FN;CHARSET=nonsense:张三"), "张三"),
        (card("FN;CHARSET=GBK:").replace(b"GBK:", b"GBK:\xd5\xc5\xc8\xfd") + card("FN:李四"), "张三"),
        (card("FN:Ann").replace(b"\r\n", b"\n"), "Ann"),
        (card("FN:Ann").replace(b"\r\n", b"\r"), "Ann"),
        (card("fn:Ann").replace(b"END", b"end"), "Ann"),
    ],
)
def test_charsets_encodings_and_line_ends(data: bytes, name: str) -> None:
    assert read(data)[0]["name"] == name


@pytest.mark.parametrize(
    ("line", "version", "point"),
    [
        ("TEL;HOME;CELL:138 0013 8000", "2.1", ("phone", "mobile", "138 0013 8000")),
        ("TEL;TYPE=CELL;TYPE=VOICE;TYPE=pref:1", "3.0", ("phone", "mobile", "1")),
        ("TEL;TYPE=work,fax:1", "3.0", ("phone", "fax", "1")),
        (
            'TEL;VALUE=uri;TYPE="voice,home":tel:+1-418-656-9254;ext=102',
            "4.0",
            ("phone", "home", "+1-418-656-9254;ext=102"),
        ),
        ("TEL;VALUE=uri:tel:656-9254;phone-context=+1", "4.0", ("phone", "", "656-9254")),
        ("item1.TEL:1\r\nitem1.X-ABLabel:_$!<Mobile>!$_", "3.0", ("phone", "mobile", "1")),
        ("item1.TEL:1\r\nitem1.X-ABLabel:前台", "3.0", ("phone", "前台", "1")),
        ("EMAIL;INTERNET;WORK:a@x.cn", "2.1", ("email", "work", "a@x.cn")),
        ("IMPP;X-SERVICE-TYPE=QQ;type=HOME:x-apple:12345", "3.0", ("handle", "", "qq:12345")),
        ("IMPP:xmpp:ann@x.cn", "3.0", ("handle", "", "xmpp:ann@x.cn")),
        ("IMPP:whatsapp:+49%20160%201", "4.0", ("handle", "", "whatsapp:+491601")),
        ("X-QQ:12345", "3.0", ("handle", "", "qq:12345")),
        ("X-TENCENT-QQ:12345", "3.0", ("handle", "", "qq:12345")),
        ("X-WECHAT:zs88", "3.0", ("handle", "", "wechat:zs88")),
        ("X-SKYPE-USERNAME:ann", "3.0", ("handle", "", "skype:ann")),
        ("X-AIM;HOME:ann", "2.1", ("handle", "", "aim:ann")),
        ("X-SOCIALPROFILE;type=twitter;x-user=ann:http://twitter.com/ann", "3.0", ("handle", "", "twitter:ann")),
        ("X-SOCIALPROFILE;type=linkedin:http://www.linkedin.com/in/ann", "3.0", ("handle", "", "linkedin:ann")),
        ("URL;TYPE=WORK:http\\://www.example.com/x", "3.0", ("handle", "", "web:example.com/x")),
        ("URL:example.com", "3.0", ("handle", "", "web:example.com")),
    ],
)
def test_ways_to_reach(line: str, version: str, point: tuple[str, str, str]) -> None:
    assert reach(line, version=version) == [point]


@pytest.mark.parametrize("line", ["URL:", "URL;WORK:http://", "URL:https\\://", "URL: "])
def test_no_page_is_no_way_to_reach_somebody(line: str) -> None:
    assert fields("FN:x", line) == {"name": "x"}


def test_the_preferred_comes_first() -> None:
    assert [value for _kind, _label, value in reach("TEL:1", "TEL;TYPE=pref:2", "EMAIL;PREF=1:a@x.cn")] == [
        "2",
        "a@x.cn",
        "1",
    ]


@pytest.mark.parametrize(
    ("line", "birthday"),
    [
        ("BDAY:19960415", "1996-04-15"),
        ("BDAY;value=date:1996-04-15", "1996-04-15"),
        ("BDAY:1996-04-15T10:22:00Z", "1996-04-15"),
        ("BDAY:--0415", "--04-15"),
        ("BDAY:--04-15", "--04-15"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29", "--02-29"),
        ("BDAY:16040229", "--02-29"),
    ],
)
def test_birthdays(line: str, birthday: str) -> None:
    assert fields(line, "FN:x") == {"name": "x", "birthday": birthday}


def test_nobody_is_lost_for_an_address_that_is_none() -> None:
    card = fields("FN:x", "EMAIL:not an address", "EMAIL:a@b.cn", "NOTE:y")
    assert card["notes"] == "y\nemail: not an address"
    assert "a@b.cn" in card["reach"]
    assert "not an address" not in card["reach"]


def test_a_birthday_that_is_none_becomes_a_note() -> None:
    assert fields("BDAY;VALUE=text:circa 1800", "FN:x", "NOTE:y")["notes"] == "y\nBDAY: circa 1800"


def test_company_title_address_tags_and_notes() -> None:
    found = fields(
        "UID:urn:uuid:0123",
        "FN:x",
        "ORG:国网\\;南方;市场部;一组",
        "TITLE:经理",
        "ROLE:采购",
        "ADR;TYPE=home:;;中山路1号\\n2楼;南京;江苏;210000;中国",
        "ADR;TYPE=work:;;Main St\\, 5;Springfield;IL;;",
        "CATEGORIES:vip,a\\,b",
        "CATEGORIES:old",
        "NOTE:one\\ntwo",
        "NOTE:three",
    )
    assert found == {
        "uid": "0123",
        "name": "x",
        "company": "国网;南方",
        "department": "市场部 / 一组",
        "title": "经理, 采购",
        "region": "江苏 南京",
        "address": "中山路1号\n2楼, 210000, 中国\nMain St, 5, Springfield IL",
        "tags": "vip; a,b; old",
        "notes": "one\ntwo\nthree",
    }


def test_what_no_field_has_is_a_column_and_pictures_are_counted() -> None:
    data = card(
        "FN:x", "NICKNAME:Johnny", "item1.X-ABDATE:1975-03-01", "item1.X-ABLabel:_$!<Anniversary>!$_", "CLASS:PRIVATE"
    )
    data += card(
        "FN:y", "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ", " SkZJRgAB", "NOTE:z", "LOGO:x", "GENDER:M", "SOURCE:http://x"
    )
    rows = read_cards(io.BytesIO(data))
    assert rows.header == [*FIELDS, "NICKNAME", "X-ABDATE", "GENDER"]
    found = [row.cells[len(FIELDS) :] for row in rows]
    assert found == [["Johnny", "Anniversary: 1975-03-01", ""], ["", "", "M"]]
    assert rows.left_out == {"PHOTO": 1, "LOGO": 1}


def test_the_columns_are_those_of_a_contact() -> None:
    others = ["NICKNAME", "department", "GENDER", "LANG", "TZ", "GEO", "ANNIVERSARY", "RELATED", "MEMBER", "X-ABDATE"]
    found = match_headers([*FIELDS, *others], noun("contact"))
    assert [column.field for column in found.columns] == list(FIELDS)
    assert list(found.unknown) == others


def test_lines_that_real_programs_get_wrong() -> None:
    data = card(
        "FN:x",
        "NOTE:one",
        "line two: no property",
        "",
        'TEL;TYPE="home:1',
        "PHOTO;BASE64:",
        "/9j/4AAQ",
        "ADR;HOME;ENCODING=QUOTED-PRINTABLE:;;Main=0D=0A=",
        "Street;;;;",
        "AGENT:",
        "BEGIN:VCARD",
        "FN:inner",
        "END:VCARD",
        version="2.1",
    )
    assert read(data) == [
        {
            "name": "x",
            "notes": "one\nline two: no property",
            "reach": '[{"kind": "phone", "label": "home", "value": "1"}]',
            "address": "Main\nStreet",
        }
    ]


def test_a_card_that_is_cut_off_is_told() -> None:
    data = card("FN:x") + b"BEGIN:VCARD\r\nFN:y\r\n" + card("FN:z") + b"BEGIN:VCARD\r\nFN:zz"
    rows = list(read_cards(io.BytesIO(data)))
    assert [(row.number, row.cells[1], bool(row.error)) for row in rows] == [
        (1, "x", False),
        (2, "", True),
        (3, "z", False),
        (4, "", True),
    ]


def test_groups_are_no_contacts() -> None:
    rows = read_cards(
        io.BytesIO(card("FN:Friends", "X-ADDRESSBOOKSERVER-KIND:group") + card("KIND:individual", "FN:x"))
    )
    assert [row.number for row in rows] == [2]
    assert rows.left_out == {"KIND=group": 1}


@pytest.mark.parametrize("data", [b"", b"name,phone\n", b"BEGIN:VCALENDAR\nEND:VCALENDAR\n"])
def test_no_cards(data: bytes) -> None:
    with pytest.raises(UsageError):
        read(data)


def test_a_photo_of_many_lines_costs_no_more_than_its_size() -> None:
    data = card("FN:x", "PHOTO;ENCODING=b:", *[" " + "A" * 74] * 100_000)
    assert read(data) == [{"name": "x"}]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("", [""]),
        ("a;b", ["a", "b"]),
        (";;", ["", "", ""]),
        (r"a\;b;c\\;d", ["a;b", "c\\", "d"]),
        ("a;", ["a", ""]),
        ("\\", ["\\"]),
    ],
)
def test_parts(value: str, found: list[str]) -> None:
    assert parts(value) == found


def test_escapes() -> None:
    assert unescape(r"a\nb\, c\: C:\temp \\n") == "a\nb, c: C:\\temp \\n"


def test_parameters() -> None:
    line = parse('item1.ADR;LABEL="a;b:c^n^\'";type=home,work;PREF;x="y":;;z', "utf-8")
    assert line is not None
    assert line.parameters == {"LABEL": ['a;b:c\n"'], "TYPE": ["home", "work", "PREF"], "X": ["y"]}
    assert (line.group, line.name, line.value) == ("item1", "ADR", ";;z")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n")))
def test_folds(text: str) -> None:
    folded = fold(text)
    assert all(len(line.encode()) <= 75 for line in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == text + "\r\n"


PIECES = r"""
BEGIN:VCARD\n END:VCARD\n VERSION:2.1\n KIND:group\n AGENT:\n FN: N: TEL; ORG: ADR: URL: IMPP: BDAY: PHOTO:
item1.X-ABLabel: ENCODING=QUOTED-PRINTABLE ENCODING=B ;CHARSET= UTF-16 GBK =E5 %FF
=\n \n \x20 ; : " \\ \x00 \xff\xfe \xd5\xc5
"""
PIECE = st.sampled_from([piece.encode().decode("unicode_escape").encode("latin-1") for piece in PIECES.split()])


@given(st.one_of(st.binary(), st.lists(st.one_of(PIECE, st.binary(max_size=3))).map(b"".join)))
def test_any_bytes_are_rows_or_refused(data: bytes) -> None:
    for start in (b"", b"BEGIN:VCARD\nFN:x\n"):
        try:
            rows = read_cards(io.BytesIO(start + data))
            assert all(len(row.cells) == len(rows.header) for row in rows)
        except UsageError:
            continue
