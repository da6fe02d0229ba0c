"""Which pairs are found in a database, and that the work grows with the records and not with the pairs."""

from datetime import UTC, datetime

import pytest

from benchmarks.data import build_database
from crmcli.queries.likely import likely_pairs
from crmcli.queries.reader import Reader
from crmcli.store.database import open_database
from tests.conftest import Crm

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def add(crm: Crm, *people: str) -> None:
    """Add contacts from `name / company / phone` texts."""
    for person in people:
        name, company, phone = (*(part.strip() for part in person.split("/")), "", "")[:3]
        arguments = ["add", name, "--force", *(["-c", company] if company else []), *(["-p", phone] if phone else [])]
        crm.ok(*arguments)


@pytest.mark.parametrize(
    ("people", "why"),
    [
        (("Ann / A / 138 0013 8000", "Bob / B / +86-13800138000"), "phone"),
        (("Ann / A / 6234 5678", "Ann / B / 021-62345678"), "phone"),
        (("Lee Ann / Acme", "Ann Lee / Acme Ltd."), "order"),
        (("Müller, Jörg / Acme", "Joerg Mueller / Acme GmbH"), "spelling"),
        (("Zhang San / 华东电力", "张三 / 华东电力有限公司"), "pinyin"),
        (("Zhang Xiaoming / Huadong Dianli", "张晓明 / 华东电力"), "pinyin"),
        (("王晓明 / 华东电力", "王小明 / 华东电力"), "sound"),
        (("Jon Smith / Acme", "John Smith / Acme"), "typo"),
        (("John Smith / Acme", "John Smith"), "company_missing"),
        (("张伟", "张伟"), "name"),
    ],
)
def test_who_may_be_one(crm: Crm, people: tuple[str, str], why: str) -> None:
    add(crm, "欧阳娜娜 / 南方电网 / 13900139000", "Carla Novak / Acme / 13700137000", *people)
    (pair,) = crm.data("contact", "dupes")
    assert why in pair["why"]
    assert (pair["a"]["id"], pair["b"]["id"]) == (3, 4)
    assert pair["score"] >= 50


@pytest.mark.parametrize(
    "people",
    [
        ("张伟 / A", "张伟 / B"),
        ("张三 / A", "张四 / A"),
        ("Ann Lee / A", "Bob Lee / A"),
        ("Ann / A / +49 30 62345678", "Bob / B / +33 1 62345678"),
        ("张伟", "张伟 / A", "张伟 / B", "张伟 / C", "张伟 / D"),
    ],
)
def test_who_are_two(crm: Crm, people: tuple[str, ...]) -> None:
    add(crm, *people)
    assert crm.data("contact", "dupes") == []


def test_the_same_birthday_finds_who_changed_companies(crm: Crm) -> None:
    for company in ("A", "B"):
        crm.ok("add", "张三", "-c", company, "--birthday", "1988-05-12")
    assert crm.data("contact", "dupes")[0]["why"] == ["name", "birthday"]


def test_companies(crm: Crm) -> None:
    names = (
        "华东电力",
        "华东电力有限公司",
        "华南电力",
        "Acme",
        "ACME Inc.",
        "Microsoft",
        "Microsfot Inc",
        "Xmicro Soft",
    )
    for name in names:
        crm.ok("company", "add", name)
    found = [(names[pair["a"]["id"] - 1], names[pair["b"]["id"] - 1]) for pair in crm.data("company", "dupes")]
    assert sorted(found) == [("Acme", "ACME Inc."), ("Microsoft", "Microsfot Inc"), ("华东电力", "华东电力有限公司")]


def test_an_office_number_is_nobodys(crm: Crm) -> None:
    add(crm, *(f"{name} Smith / Acme / 021-62345678" for name in ("Ann", "Bob", "Carla", "David", "Emma")))
    assert crm.data("contact", "dupes") == []


def test_options(crm: Crm) -> None:
    add(crm, "Lee Ann / Acme", "Ann Lee / Acme", "Jon Smith / Bolt", "John Smith / Bolt")
    assert [pair["score"] for pair in crm.data("contact", "dupes")] == [88, 72]
    assert len(crm.data("contact", "dupes", "--limit", "1")) == 1
    assert len(crm.data("contact", "dupes", "--min", "80")) == 1
    assert crm.data("contact", "dupes", "--company", "Bolt")[0]["a"]["id"] == 3
    assert crm.data("contact", "dupes", "name:john")[0]["b"]["id"] == 4
    assert crm.data("contact", "dupes", "-company:bolt", "-company:acme") == []
    assert crm.ok("contact", "dupes", "-q").out == "1\n2\n3\n4\n"
    assert crm("contact", "dupes", "--min", "101").code == 2
    shown = crm.ok("contact", "dupes", "--limit", "1")
    assert " ".join(shown.out.split("\n")[1].split()) == (
        "88 Lee Ann Acme 1 Ann Lee Acme 2 name in another order, company"
    )
    assert shown.err.splitlines() == [
        "make one of two: crm contact merge 1 2",
        "or say that they are two: crm contact distinct 1 2",
        "the first 1; --limit 0 shows all",
    ]
    assert crm("company", "dupes").err == "no two look like one\n"
    assert crm.ok("company", "dupes", "-o", "csv").out == "score,why,a,b\n"


def test_the_work_grows_with_the_records(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two thousand people of one name, company and number are no two million pairs; and nothing is left behind."""
    path = tmp_path_factory.mktemp("likely") / "many.db"
    build_database(path, 2000)
    connection = open_database(path)
    connection.execute("UPDATE contact SET name = '张伟', name_key = '张伟', company_id = 1")
    connection.execute("UPDATE contact_point SET key = 'x', digits = '13800138000' WHERE kind = 'phone'")
    pairs = likely_pairs(Reader(connection, NOW), "contact", 50)
    assert 2000 <= len(pairs) <= 2000 * 20
    assert not connection.in_transaction
    assert connection.execute("SELECT count(*) FROM temp.sqlite_master").fetchone()[0] == 0
    assert connection.execute("SELECT count(*) FROM change").fetchone()[0] == 0
    connection.close()
