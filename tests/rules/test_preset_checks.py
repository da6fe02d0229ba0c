"""A preset's file may hold anything: what is wrong is said with its place, and nothing else happens."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.rules.preset_checks import Problem, Surroundings, line_of, problems
from crmcli.rules.presets import BASE, KEYS, effective, preset_of
from crmcli.store.presets import NAMES, own_preset, preset_text

SETS: dict[str, set[str]] = {}
for _word in own_preset(BASE).rows["vocabulary"]:
    SETS.setdefault(str(_word["set"]), set()).add(str(_word["code"]))
AROUND = Surroundings({name: frozenset(codes) for name, codes in SETS.items()})
TITLE = 'title = { en = "x", zh = "某" }\n'


def found(text: str) -> list[Problem]:
    return list(problems(tomllib.loads(TITLE + text), AROUND))


@pytest.mark.parametrize("name", [name for name in NAMES if name != BASE])
def test_the_programs_own_presets_are_good(name: str) -> None:
    assert list(problems(tomllib.loads(preset_text(name)), AROUND)) == []


def test_a_field_means_the_same_in_every_preset() -> None:
    known: dict[Any, Any] = {}
    for name in NAMES:
        for row in own_preset(name).rows["custom_field"]:
            here = (row["type"], row["choices"])
            assert known.setdefault((row["noun"], row["code"]), here) == here


def test_every_preset_has_what_its_issue_names() -> None:
    for name in NAMES[1:]:
        rows = effective(own_preset(name), own_preset(BASE))
        assert all(rows[table] for table in KEYS)
        assert {row["moment"] for row, _origin in rows["question"]} == {"before", "during", "after"}


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("colour = 1", "colour", "no such part"),
        ("[vocabulary.clas]\na = { en = 'a', zh = '甲' }", "vocabulary.clas", "no set"),
        ("[vocabulary.direction]\na = { en = 'a', zh = '甲' }", "vocabulary.direction", "the program itself"),
        ("[vocabulary.class]\na = { en = 'a' }", "vocabulary.class.a.zh", "missing"),
        (
            "[vocabulary.class]\na = { en = 'a', zh = '甲', cadence_days = true }",
            "vocabulary.class.a.cadence_days",
            "whole",
        ),
        ("[vocabulary.class]\na = { en = 'a', zh = '甲', cadence = 3 }", "vocabulary.class.a.cadence", "no such key"),
        ('[vocabulary.class]\na = { en = "a\\u001b[31m", zh = "甲" }', "vocabulary.class.a.en", "nobody sees"),
        ("[vocabulary.class]\n'a b' = { en = 'a', zh = '甲' }", "vocabulary.class.a b", "can't be a code"),
        (
            "[vocabulary.class]\na = { en = 'x', zh = '甲' }\nb = { en = 'x', zh = '乙' }",
            "vocabulary.class.b",
            "means a",
        ),
        ("[vocabulary.severity]\nlow = { en = 'low', zh = '低' }", "vocabulary.severity.normal", "needs this word"),
        (
            "[vocabulary.source]\na = { en = 'a', zh = '甲', cadence_days = 3 }",
            "vocabulary.source.a.cadence_days",
            "class",
        ),
        ("[fields.contact]\n1a = { en = 'a', zh = '甲' }", "fields.contact.1a", "can't be a code"),
        ("[fields.contact]\ntitle = { en = 'a', zh = '甲' }", "fields.contact.title", "contact.title"),
        ("[fields.deal]\na = { en = 'a', zh = '甲' }", "fields.deal", "no custom fields"),
        ("[fields.contact]\na = { en = 'a', zh = '甲', type = 'choice' }", "fields.contact.a.choices", "choose"),
        ("[fields.contact]\na = { en = 'a', zh = '甲', remind_days = 3 }", "fields.contact.a", "only a date"),
        ("[fields.contact]\na = { en = 'a', zh = '甲', type = 'colour' }", "fields.contact.a.type", "one of"),
        ("levels = 3", "levels", "[[levels]]"),
        ("[[levels]]\nrespond = 'soon'", "levels.1.respond", "length of time"),
        ("[[levels]]\nseverity = 'hi'", "levels.1.severity", "no word"),
        ("[[levels]]\nseverity = 'low'\n[[levels]]\nseverity = 'low'", "levels.2", "same as level 1"),
        ("[questions.'a b']\na = { en = 'a', zh = '甲', moment = 'after' }", "questions.a b", "can't be a code"),
        ("[questions.service]\na = { en = 'a', zh = '甲', moment = 'later' }", "questions.service.a.moment", "one of"),
        ("[notices]\na = { en = 'a', zh = '甲' }", "notices.a", "either field or every"),
        ("[notices]\na = { en = 'a', zh = '甲', field = 'x' }", "notices.a.field", "no date"),
        ("[notices]\na = { en = 'a', zh = '甲', every = '0d' }", "notices.a.every", "a day to ten years"),
        ("[notices]\na = { en = 'a', zh = '甲', field = 'birthday', before = '90y' }", "notices.a.before", "ten years"),
        ("[notices]\na = { en = 'a', zh = '甲', every = '1w', query = '(' }", "notices.a.query", "condition"),
        ("[notices]\na = { en = 'a', zh = '甲', every = '1w', kind = 'x' }", "notices.a.kind", "no word"),
    ],
)
def test_every_mistake_is_named(text: str, key: str, said: str) -> None:
    by_key = {".".join(problem.path): problem for problem in found(text)}
    assert key in by_key
    assert said in by_key[key].message + by_key[key].hint
    assert 1 <= line_of(TITLE + text, by_key[key].path) <= TITLE.count("\n") + text.count("\n") + 1 or key == "colour"


def test_lines_are_those_of_the_file() -> None:
    text = "[vocabulary.class]\n\na = { en = 'a' }\n[[levels]]\n[[levels]]\nrespond = 'x'\n"
    assert line_of(text, ("vocabulary", "class", "a", "zh")) == 3
    assert line_of(text, ("levels", "2", "respond")) == 6
    assert line_of(text, ("levels", "1", "respond")) == 4
    assert line_of(text, ("nothing",)) == 0


VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["en", "zh", "type", "a", "every"]), inner, max_size=3),
    ),
    max_leaves=12,
)
SECTION = st.one_of(VALUE, st.dictionaries(st.sampled_from(["class", "contact", "x", "1"]), VALUE, max_size=3))


@given(
    st.dictionaries(
        st.sampled_from(["title", "about", "vocabulary", "fields", "levels", "questions", "notices", "x"]), SECTION
    )
)
def test_whatever_a_file_holds_it_is_judged(content: dict[str, Any]) -> None:
    if not list(problems(content, AROUND)):
        assert preset_of("x", content).name == "x"
