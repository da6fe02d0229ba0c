"""What custom fields and their choices are called means one thing, and nothing that was kept under it is lost."""

import json
from pathlib import Path

import pytest

from tests.conftest import Crm


def fields(crm: Crm) -> list[dict[str, object]]:
    return [row["fields"] for row in crm.data("list", "--sort", "id")]


def test_declaring_keeps_what_a_record_has_under_two_of_its_names(crm: Crm, tmp_path: Path) -> None:
    source = tmp_path / "cars.csv"
    source.write_text("name,里程,mileage\n张三,100,200\n李四,7,\n")
    crm.ok("import", str(source), "--extra", "fields")
    crm.ok("field", "add", "contact", "mileage", "--zh", "里程", "--type", "number")
    assert fields(crm) == [{"里程": "100", "mileage": 200}, {"mileage": 7}]


@pytest.mark.parametrize("choices", ["a=High|高,b=High|甚高", "a=High|高,b=Low|高", "a=B|甲,b=C|乙", "Ab=X|甲,aB=Y|乙"])
def test_a_word_means_one_choice(crm: Crm, choices: str) -> None:
    result = crm("field", "add", "contact", "level", "--type", "choice", "--choice", choices)
    assert result.code == 5
    assert "means a already" in result.err.casefold().replace("ab", "a")
    crm.ok("field", "add", "contact", "level", "--type", "choice", "--choice", "a=One|一,b=Two|二")
    assert crm("field", "edit", "contact", "level", "--add-choice", "c=two").code == 5
    crm.ok("field", "edit", "contact", "level", "--add-choice", "b=One more|又一")
    assert crm("field", "edit", "contact", "level", "--choice", "c=3,d=3").code == 5


def test_where_labels_are_shared_already_a_code_means_itself(crm: Crm, tmp_path: Path) -> None:
    """Until they were refused, two choices could have one label."""
    shared = {"a": {"en": "b", "zh": "高"}, "b": {"en": "High", "zh": "高"}}
    declared = {"record": "field", "noun": "contact", "code": "level", "type": "choice", "choices": shared}
    source = tmp_path / "all.jsonl"
    source.write_text(json.dumps(declared) + "\n")
    crm.ok("import", str(source))
    crm.ok("add", "张三", "--set", "level=b")
    assert fields(crm) == [{"level": "b"}]
    crm.ok(
        "field", "edit", "contact", "level", "--choice", "a=One|一", "--choice", "b=Two|二", "--choice", "c=Three|三"
    )
    assert fields(crm) == [{"level": "b"}]


@pytest.mark.parametrize(("code", "like"), [("paid_on", "paid-on"), ("created-at", "created_at"), ("ref1", "ref-1")])
def test_a_name_that_queries_read_as_another_is_taken(crm: Crm, code: str, like: str) -> None:
    if like != "created_at":
        crm.ok("field", "add", "contact", like)
    result = crm("field", "add", "contact", code)
    assert result.code == 5
    assert f"“{code}” is the field {like} already" in result.err
