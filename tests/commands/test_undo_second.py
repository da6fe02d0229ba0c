"""`crm undo` brings about no second one of what commands keep single: the states that they refuse."""

from contextlib import closing

import pytest

from crmcli.store.schema import JOURNALLED
from tests.conftest import Crm, opened

ZHANG = ("add", "张三", "--phone", "13800138000")
RENAMED = (
    ZHANG,
    ("vocabulary", "edit", "class", "interested", "--zh", "热门"),
    ("vocabulary", "add", "class", "mine", "--en", "mine", "--zh", "有意向"),
    ("contact", "edit", "张三", "--class", "有意向"),
)
CASES = {
    "a word": (
        RENAMED,
        "2",
        "in class, “有意向” means mine already — first: crm vocabulary edit class mine --zh …",
        ("vocabulary", "edit", "class", "mine", "--zh", "我的"),
    ),
    "a word in another width and case": (
        (
            ZHANG,
            ("vocabulary", "edit", "class", "core", "--en", "Gold"),
            ("vocabulary", "edit", "class", "core", "--en", "Top"),
            ("vocabulary", "add", "class", "mine", "--alias", "ｇＯＬＤ"),
        ),
        "3",
        "in class, “Gold” means mine already — first: crm vocabulary edit class mine --remove-alias ｇｏｌｄ",
        ("vocabulary", "edit", "class", "mine", "--remove-alias", "ｇｏｌｄ"),
    ),
    "a word that is another's code": (
        (
            ZHANG,
            ("vocabulary", "edit", "class", "core", "--en", "Top"),
            ("vocabulary", "edit", "class", "core", "--en", "Core customer"),
            ("vocabulary", "add", "class", "top"),
        ),
        "3",
        "in class, “Top” means top already — first: crm vocabulary delete class top",
        ("vocabulary", "delete", "class", "top"),
    ),
    "a deleted word": (
        (
            ZHANG,
            ("vocabulary", "add", "source", "gjh", "--zh", "广交会"),
            ("vocabulary", "delete", "source", "gjh"),
            ("vocabulary", "add", "source", "canton", "--en", "广交会", "--zh", "广交会"),
        ),
        "3",
        "in source, “广交会” means canton already — first: crm vocabulary edit source canton --en … --zh …",
        ("vocabulary", "edit", "source", "canton", "--en", "Canton", "--zh", "广州"),
    ),
    "a field": (
        (
            ZHANG,
            ("field", "add", "contact", "car", "--zh", "车型", "--en", "Car"),
            ("field", "delete", "contact", "car"),
            ("field", "add", "contact", "model", "--zh", "车型", "--en", "Model"),
            ("contact", "edit", "张三", "--set", "车型=Golf"),
        ),
        "3",
        "“车型” is the field model already — first: crm field edit contact model --zh …",
        ("field", "edit", "contact", "model", "--zh", "款式"),
    ),
    "a field that a query would hear as another": (
        (
            ZHANG,
            ("field", "add", "company", "car-type"),
            ("field", "delete", "company", "car-type"),
            ("field", "add", "company", "model", "--alias", "Car Type"),
        ),
        "3",
        "“car-type” is the field model already — first: crm field edit company model --remove-alias 'Car Type'",
        ("field", "edit", "company", "model", "--remove-alias", "Car Type"),
    ),
    "a service level": (
        (
            ("service-level", "add", "--severity", "high", "--respond", "2h"),
            ("service-level", "delete", "1", "-y"),
            ("service-level", "add", "--severity", "high", "--respond", "5h"),
        ),
        "2",
        "service-level 2 is for the same — first: crm service-level delete 2",
        ("service-level", "delete", "2", "-y"),
    ),
    "an occurrence": (
        (
            ZHANG,
            ("plan", "张三", "every monday", "w"),
            ("done", "1", "ok"),
            ("callback", "cancel", "2", "--series"),
            ("callback", "reopen", "1"),
        ),
        "4",
        "callback 1 of the same series is open — first: crm callback cancel 1 --series",
        ("callback", "cancel", "1", "--series"),
    ),
    "a supervision": (
        (
            ZHANG,
            ("complain", "张三", "迟到"),
            ("supervise", "c1", "--by", "lin", "--every", "2d"),
            ("supervision", "close", "s1"),
            ("supervise", "c1", "--by", "wang", "--every", "2d"),
        ),
        "4",
        "c1 is under supervision already: s2 — first: crm supervision close s2",
        ("supervision", "close", "s2"),
    ),
    "a promise in place of an open one": (
        (
            ZHANG,
            ("promise", "张三", "送样品", "--by", "fri"),
            ("promise", "renegotiate", "p1", "2026-12-20"),
            ("promise", "delete", "p2", "-y"),
            ("promise", "reopen", "p1"),
        ),
        "4",
        "p2 took the place of promise p1, which is open — first: crm promise cancel p1",
        ("promise", "cancel", "p1"),
    ),
    "two promises in the place of one": (
        (
            ZHANG,
            ("promise", "张三", "送样品", "--by", "fri"),
            ("promise", "renegotiate", "p1", "2026-12-20"),
            ("promise", "delete", "p2", "-y"),
            ("promise", "reopen", "p1"),
            ("promise", "renegotiate", "p1", "2026-12-24"),
        ),
        "4",
        "promise p3 took the place of p1 — first: crm promise delete p3",
        ("promise", "delete", "p3", "-y"),
    ),
    "an answer": (
        (
            ZHANG,
            ("complain", "张三", "迟到"),
            ("complaint", "resolve", "c1", "换车队"),
            ("complaint", "learn", "c1"),
            ("answer", "delete", "a1", "-y"),
            ("complaint", "learn", "c1"),
        ),
        "5",
        "c1 was learnt from already: a2 — first: crm answer delete a2",
        ("answer", "delete", "a2", "-y"),
    ),
}


@pytest.mark.parametrize(("before", "change", "said", "mended"), CASES.values(), ids=CASES)
def test_what_commands_refuse_an_undo_refuses_and_says_what_to_do_first(
    crm: Crm, before: tuple[tuple[str, ...], ...], change: str, said: str, mended: tuple[str, ...]
) -> None:
    for line in before:
        crm.ok(*line)
    was = kept(crm)
    for options in ((), ("-n",)):
        result = crm("undo", change, *options)
        assert (result.code, result.out) == (5, ""), result
        assert result.err == f"error: change {change} can't be taken back: {said}\n"
        assert kept(crm) == was
    crm.ok(*mended)
    was = kept(crm)
    crm.ok("undo", change)
    undone = kept(crm)
    assert undone != was
    crm.ok("undo", newest(crm))
    assert kept(crm) == was
    crm.ok("undo", newest(crm))
    assert kept(crm) == undone


def test_the_undo_of_an_undo_is_refused_as_well(crm: Crm) -> None:
    crm.ok("service-level", "add", "--severity", "high", "--respond", "2h")
    crm.ok("undo")
    crm.ok("service-level", "add", "--severity", "high", "--respond", "5h")
    assert "service-level 2 is for the same" in crm("undo", "2").err
    crm.ok("service-level", "edit", "2", "--severity", "low")
    crm.ok("undo", "2")
    assert len(crm.data("service-level", "list")) == 2


@pytest.mark.parametrize(
    ("before", "line", "sql"),
    [
        (
            (
                ("service-level", "add", "--severity", "high", "--respond", "2h"),
                ("service-level", "add", "--severity", "low", "--respond", "2h"),
            ),
            ("service-level", "edit", "2", "--escalate-to", "wang"),
            "UPDATE service_level SET severity = 'low' WHERE id = 1",
        ),
        (
            (ZHANG, ("plan", "张三", "every monday", "w"), ("done", "1", "ok")),
            ("callback", "edit", "2", "--purpose", "other"),
            "UPDATE callback SET status = 'open', done_at = NULL WHERE id = 1",
        ),
        (
            (("vocabulary", "add", "class", "mine"),),
            ("vocabulary", "edit", "class", "mine", "--every", "30"),
            "UPDATE vocabulary SET zh = 'MINE' WHERE code = 'core'",
        ),
        (
            (("field", "add", "contact", "car"), ("field", "add", "contact", "model")),
            ("field", "edit", "contact", "model", "--required"),
            "UPDATE custom_field SET zh = 'Model' WHERE code = 'car'",
        ),
    ],
)
def test_what_is_there_twice_already_keeps_nothing_from_being_taken_back(
    crm: Crm, before: tuple[tuple[str, ...], ...], line: tuple[str, ...], sql: str
) -> None:
    for earlier in before:
        crm.ok(*earlier)
    crm.ok(*line)
    with closing(opened(crm.db)) as connection:
        connection.execute(sql)
    was = kept(crm)
    crm.ok("undo")
    assert kept(crm) != was
    crm.ok("undo", newest(crm))
    assert kept(crm) == was


def test_what_is_hidden_is_in_nobodys_way(crm: Crm) -> None:
    crm.ok("field", "add", "contact", "car", "--zh", "车型", "--en", "Car")
    crm.ok("field", "delete", "contact", "car")
    crm.ok("field", "add", "contact", "model", "--zh", "车型", "--en", "Model")
    crm.ok("field", "edit", "contact", "model", "--hide")
    crm.ok("undo", "2")
    assert "“车型” is the field car already" in crm("undo", "4").err
    crm.ok("field", "edit", "contact", "car", "--zh", "汽车")
    crm.ok("undo", "4")


def kept(crm: Crm) -> dict[str, list[tuple[object, ...]]]:
    """Return all records that are in the database."""
    with closing(opened(crm.db)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in JOURNALLED}


def newest(crm: Crm) -> str:
    """Return the number of the last change."""
    return str(crm.data("history")[0]["id"])
