"""Records that may have been meant: what a person reads of them, and what a program gets."""

import json

import pytest

from crmcli.context import Context
from tests.conftest import Crm


@pytest.fixture
def namesakes(crm: Crm) -> Crm:
    """Give two persons called 张三, of whom one was called today and one four days ago, and a third who never was."""
    for number, at in (("1", "08:30"), ("2", "2026-11-21 07:30")):
        crm.ok("add", "张三", "--company", f"华东{number}")
        crm.ok("log", number, "called", "--at", at)
    crm.ok("add", "张三", "--company", "华南")
    return crm


@pytest.mark.parametrize(
    ("language", "last"),
    [("en", ("last contact today", "last contact 4 days ago")), ("zh", ("今天联系过", "4天前联系过"))],
)
def test_the_last_contact_is_told_as_people_say_it(namesakes: Crm, language: str, last: tuple[str, str]) -> None:
    told = namesakes("show", "张三", "--lang", language).err.splitlines()[1:]
    assert told == [
        f"  1  张三 · 华东1 · wei · {last[0]}",
        f"  2  张三 · 华东2 · wei · {last[1]}",
        "  3  张三 · 华南 · wei",
    ]
    phone = "--phone", "13800138000"
    namesakes.ok("contact", "edit", "1", *phone)
    refused = namesakes("add", "张三", "--company", "华东2", *phone, "--lang", language).err.splitlines()
    assert refused[1] == f"  1  张三 · 华东1 · wei · {last[0]} · +86 138 0013 8000"
    assert refused[2].startswith(f"  2  张三 · 华东2 · wei · {last[1]} · ")


def test_the_choice_on_a_terminal_tells_the_same(namesakes: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Context, "interactive", property(lambda _context: True))
    chosen = namesakes("show", "张三", stdin="2\n")
    assert chosen.code == 0
    assert "  2  张三 · 华东2 · wei · last contact 4 days ago\n" in chosen.err


def test_how_many_work_there_is_said(namesakes: Crm) -> None:
    namesakes.ok("company", "add", "华东")
    namesakes.ok("add", "李四", "--company", "华东1")
    assert namesakes("company", "show", "华").err.splitlines()[1:] == [
        "  4  华东 · 0 contacts",
        "  1  华东1 · 2 contacts",
        "  2  华东2 · 1 contact",
        "  3  华南 · 1 contact",
    ]


def test_programs_get_the_moment(namesakes: Crm) -> None:
    candidates = json.loads(namesakes("show", "张三", "-o", "json").err)["error"]["candidates"]
    assert [who["last_contact_at"] for who in candidates] == [
        "2026-11-25T08:30:00+08:00",
        "2026-11-21T07:30:00+08:00",
        None,
    ]
