import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.exchange.vcard import read_cards
from crmcli.exchange.vcardfields import FIELDS
from crmcli.exchange.vcardout import VERSIONS, card, write_cards
from crmcli.rules.lists import join, split
from crmcli.rules.persons import NOBODY
from crmcli.rules.reach import normalise_email, normalise_handle


def columns(record: dict[str, Any]) -> dict[str, str]:
    """Return what the columns of a record's card have to be."""
    reach = [
        {"kind": point["kind"], "label": point["label"] or "", "value": point["value"]}
        for point in record.get("reach") or []
    ]
    texts = {name: str(record.get(name) or "") for name in FIELDS}
    texts["owner"] = texts["owner"] or NOBODY * ("owner" in record)
    jsons = {"reach": reach, "fields": record.get("fields")}
    texts |= {name: json.dumps(value, ensure_ascii=False) if value else "" for name, value in jsons.items()}
    return {name: text for name, text in (texts | {"tags": join(record.get("tags") or ())}).items() if text}


def read_back(data: bytes) -> list[dict[str, str]]:
    rows = read_cards(io.BytesIO(data))
    assert rows.header == list(FIELDS)
    found = [{name: cell for name, cell in zip(rows.header, row.cells, strict=True) if cell} for row in rows]
    assert not rows.left_out
    return found


RECORD = {
    "uid": "0123456789abcdef0123456789abcdef",
    "name": "张三",
    "company": "国网；南方, Ltd; West",
    "title": "采购\\经理",
    "reach": [
        {"kind": "phone", "label": "mobile", "value": "+8613800138000"},
        {"kind": "phone", "label": "前台", "value": "+862087654321;ext=12"},
        {"kind": "email", "label": None, "value": "zs@example.cn"},
        {"kind": "handle", "label": None, "value": "wechat:Zhang San88"},
        {"kind": "handle", "label": None, "value": "web:example.cn/a,b?c=1"},
        {"kind": "handle", "label": None, "value": "钉子:zs"},
    ],
    "region": "江苏 南京",
    "address": "中山路1号\n2楼; A座",
    "birthday": "--02-29",
    "class": "core",
    "source": "referral",
    "referred_by": "O'Brien, Ann",
    "owner": "wei",
    "tags": ["vip", "a;b"],
    "notes": "line one\nline two: " + "很长" * 60,
    "fields": {"shoe size": "42", 'quo"te': "a\nb"},
}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_record_comes_back_whole(version: str) -> None:
    assert read_back(card(RECORD, version).encode()) == [columns(RECORD)]


def test_the_form_of_version_4() -> None:
    text = card(RECORD)
    assert text.startswith("BEGIN:VCARD\r\nVERSION:4.0\r\n")
    assert text.endswith("\r\nEND:VCARD\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    for line in (
        "FN:张三",
        "N:张三;;;;",
        "BDAY:--0229",
        "TEL;TYPE=cell:+8613800138000",
        "item2.TEL;VALUE=uri:tel:+862087654321;ext=12",
        "item2.X-ABLabel:前台",
        "IMPP:wechat:Zhang%20San88",
        "CATEGORIES:vip,a\\;b",
    ):
        assert f"\r\n{line}\r\n" in text


def test_the_form_of_version_3() -> None:
    text = card(RECORD, "3.0")
    assert "\r\nVERSION:3.0\r\n" in text
    assert "\r\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29\r\n" in text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ann Lee", "Lee;Ann"),
        ("Ann B. Lee", "Lee;Ann B."),
        ("欧阳娜娜", "欧阳娜娜;"),
        ("三 张", "三 张;"),
        ("Acme", "Acme;"),
        ("Müller", "Müller;"),
    ],
)
def test_names_in_parts(name: str, parts: str) -> None:
    assert f"\r\nN:{parts};;;\r\n" in card({"name": name})
    assert read_back(card({"name": name}).encode()) == [{"name": name}]


TEXT = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Zs")), st.sampled_from("张三;,\\: \n")
    )
).map(str.strip)
LINE = TEXT.map(lambda text: " ".join(text.split()))
NAME = LINE.filter(bool)
LABEL = st.one_of(st.none(), st.sampled_from(["mobile", "work", "home", "fax", "other", "cell"]), NAME)
DAYS = st.dates().map(lambda day: day.isoformat()).filter(lambda day: not day.startswith("1604"))


def handles(texts: list[str]) -> str:
    try:
        once = normalise_handle(":".join(texts)).value
        return normalise_handle(once).value
    except ValueError:
        return "qq:12345"


def addresses(text: str) -> str:
    try:
        return normalise_email(f"a@{text}")
    except ValueError:
        return "a@b.cn"


POINT = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("phone"), "label": LABEL, "value": st.from_regex(r"\+[1-9]\d{7,13}", fullmatch=True)}
    ),
    st.fixed_dictionaries({"kind": st.just("email"), "label": LABEL, "value": NAME.map(addresses)}),
    st.fixed_dictionaries(
        {"kind": st.just("handle"), "label": st.none(), "value": st.lists(NAME, min_size=1).map(handles)}
    ),
)
RECORDS = st.fixed_dictionaries(
    {"name": NAME},
    optional={
        **dict.fromkeys(("uid", "company", "title", "region", "class", "source", "referred_by", "owner"), LINE),
        "address": TEXT,
        "notes": TEXT,
        "birthday": st.one_of(DAYS, DAYS.map(lambda day: "-" + day[4:])),
        "reach": st.lists(POINT, max_size=4),
        "tags": st.lists(NAME, max_size=3),
        "fields": st.dictionaries(NAME, TEXT, max_size=3),
    },
)


@given(st.lists(RECORDS, min_size=1, max_size=3), st.sampled_from(VERSIONS))
def test_any_record_comes_back(records: list[dict[str, Any]], version: str) -> None:
    stream = io.BytesIO()
    assert write_cards(stream, records, version) == len(records)
    found = read_back(stream.getvalue())
    assert found == [columns(record) for record in records]
    assert [split(row.get("tags", "")) for row in found] == [record.get("tags", []) for record in records]
