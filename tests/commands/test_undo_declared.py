"""`crm undo` of what is declared: words that others have since, and values that no longer fit their field."""

import pytest

from tests.conftest import Crm

LEVELS = ("field", "add", "contact", "level", "--type", "choice", "--choice", "a=One|一")


def test_a_word_that_grew_by_use_stays_where_others_have_it(crm: Crm) -> None:
    crm.ok("add", "张三", "--source", "fair2026")
    crm.ok("add", "李四", "--source", "fair2026")
    crm.ok("undo", "1")
    assert [row["name"] for row in crm.data("list", "source:fair2026")] == ["李四"]
    crm.ok("undo", "3")
    assert len(crm.data("list", "source:fair2026")) == 2
    crm.ok("undo", "1")
    crm.ok("contact", "delete", "李四")
    crm.ok("vocabulary", "delete", "source", "fair2026")


@pytest.mark.parametrize(("set_", "option"), [("class", "--class"), ("source", "--source")])
def test_a_word_that_records_have_is_not_taken_back_by_itself(crm: Crm, set_: str, option: str) -> None:
    crm.ok("vocabulary", "add", set_, "gold")
    crm.ok("add", "张三", option, "gold")
    result = crm("undo", "1")
    assert result.code == 5
    assert f"gold of {set_} is in use: contacts 1 — crm contact list {set_}:gold" in result.err
    crm.ok("contact", "delete", "张三")
    crm.ok("undo", "1")


def test_a_preset_whose_words_records_have_is_not_taken_back(crm: Crm) -> None:
    crm.ok("preset", "use", "utility")
    crm.ok("add", "张三", "--class", "residential")
    assert "residential of class is in use" in crm("undo", "1").err
    assert crm.data("list", "class:residential")[0]["name"] == "张三"


def test_a_record_does_not_come_back_with_a_word_that_is_gone(crm: Crm) -> None:
    crm.ok("vocabulary", "add", "class", "gold")
    crm.ok("add", "张三", "--class", "gold")
    crm.ok("contact", "edit", "张三", "--class", "core")
    crm.ok("vocabulary", "delete", "class", "gold")
    result = crm("undo", "3")
    assert result.code == 5
    assert "class has no word “gold” — first: crm vocabulary add class gold" in result.err
    crm.ok("vocabulary", "add", "class", "gold")
    crm.ok("undo", "3")
    assert crm.data("list", "class:gold")[0]["name"] == "张三"


@pytest.mark.parametrize(
    ("declared", "value", "changed"),
    [
        (("field", "add", "contact", "level"), "big", ("--type", "number")),
        (("field", "add", "contact", "level"), "big", ("--type", "date")),
        (("field", "add", "contact", "level"), "big", ("--type", "flag")),
        (("field", "add", "contact", "level", "--type", "date", "--yearly"), "12-24", ("--once",)),
        ((*LEVELS, "--choice", "b=Two|二"), "b", ("--remove-choice", "b")),
    ],
)
def test_a_value_does_not_come_back_that_no_longer_fits(
    crm: Crm, declared: tuple[str, ...], value: str, changed: tuple[str, ...]
) -> None:
    crm.ok(*declared)
    crm.ok("add", "张三", "--set", f"level={value}")
    crm.ok("contact", "edit", "张三", "--unset", "level", "--title", "Dr")
    crm.ok("field", "edit", "contact", "level", *changed)
    result = crm("undo", "3")
    assert result.code == 5
    assert "1 value does not fit level" in result.err
    assert crm.data("list")[0]["title"] == "Dr"
    crm.ok("undo", "4")
    crm.ok("undo", "3")
    assert crm.data("list")[0]["fields"]["level"]


def test_a_choice_that_somebody_has_is_not_taken_back(crm: Crm) -> None:
    crm.ok(*LEVELS)
    crm.ok("field", "edit", "contact", "level", "--add-choice", "b=Two|二")
    crm.ok("add", "张三", "--set", "level=b")
    assert "1 value does not fit level (choice) — crm contact show 1, and" in crm("undo", "2").err
    crm.ok("contact", "edit", "张三", "--set", "level=a")
    crm.ok("undo", "2")
    assert crm("contact", "edit", "张三", "--set", "level=b").code == 2


def test_a_field_that_is_declared_again_fits_what_was_kept_meanwhile(crm: Crm) -> None:
    crm.ok("field", "add", "contact", "size", "--type", "number")
    crm.ok("undo")
    crm.ok("add", "张三", "--set", "size=big")
    assert crm("undo", "2").code == 5
    crm.ok("contact", "edit", "张三", "--unset", "size")
    crm.ok("undo", "2")
