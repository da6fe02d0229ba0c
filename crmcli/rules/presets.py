"""What a preset is: the words, fields, service levels, questions and notices of an industry, as a TOML file has them.

    title and about     in both languages: title = { en = "…", zh = "…" }
    [vocabulary.SET]    code = { en, zh, aliases, cadence_days (of a class), requires (steps, of a complaint type) }
    [fields.NOUN]       code = { en, zh, type, aliases, choices, required, remind_days, yearly }
    [[levels]]          type, severity, class, respond, resolve, hours, escalate_to
    [questions.FORM]    code = { moment, en, zh, weight }
    [notices]           code = { en, zh, kind, query, field and before, or every }

A set of the vocabulary, or another section, that it does not have is that of `general`. What is wrong with a file is
in `rules/preset_checks.py`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from crmcli.rules.custom_fields import Labels
from crmcli.rules.vocabulary import FIXED_SETS

BASE = "general"
"""The preset that the others build upon; the sets that mean something to the program are always its own."""

KEYS = {
    "vocabulary": ("set", "code"),
    "custom_field": ("noun", "code"),
    "service_level": ("type", "severity", "class"),
    "question": ("form", "code"),
    "notice": ("code",),
}
"""The tables that a preset fills, and the columns by which a row is known again."""

Row = dict[str, str | int | None]


class Preset(NamedTuple):
    """A preset: what it is called, and the rows of each table, without `origin` and `hidden`."""

    name: str
    title: Labels
    about: Labels
    rows: dict[str, list[Row]]


def preset_of(name: str, content: Mapping[str, Any]) -> Preset:
    """Return the preset that the parsed file of this name holds; it has been checked."""
    rows = {
        "vocabulary": _words(content.get("vocabulary", {})),
        "custom_field": _fields(content.get("fields", {})),
        "service_level": [_level(level) for level in content.get("levels", ())],
        "question": _questions(content.get("questions", {})),
        "notice": [_notice(code, notice) for code, notice in content.get("notices", {}).items()],
    }
    nothing = {"en": "", "zh": ""}
    title, about = (content.get(key, nothing) for key in ("title", "about"))
    return Preset(name, Labels(title["en"], title["zh"]), Labels(about["en"], about["zh"]), rows)


def to_build_on(text: str) -> str:
    """Return a preset's file without the sets that mean something to the program, which no other may have."""
    fixed = "|".join(sorted(FIXED_SETS))
    return re.sub(rf"(?m)^\[vocabulary\.(?:{fixed})\]\n(?:[^\[\n].*\n)*\n?", "", text)


def effective(preset: Preset, base: Preset) -> dict[str, list[tuple[Row, str]]]:
    """Return the rows that are in force under a preset, with the name of the preset that each comes from."""
    sets = {row["set"] for row in preset.rows["vocabulary"]} - FIXED_SETS if preset.name != BASE else set()
    found: dict[str, list[tuple[Row, str]]] = {}
    for table in KEYS:
        own = [(row, preset.name) for row in preset.rows[table]]
        others = [(row, BASE) for row in base.rows[table]]
        if table == "vocabulary" and preset.name != BASE:
            own = [(row, name) for row, name in own if row["set"] in sets]
            others = [(row, name) for row, name in others if row["set"] not in sets]
            found[table] = [*others, *own]
        else:
            found[table] = own or others
    return found


def key_of(table: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what a row is known by."""
    return tuple(row[column] for column in KEYS[table])


def _words(sets: Mapping[str, Any]) -> list[Row]:
    return [
        {
            "set": set_,
            "code": code,
            "en": word["en"],
            "zh": word["zh"],
            "aliases": word.get("aliases", ""),
            "position": position,
            "cadence_days": word.get("cadence_days"),
            "requires": word.get("requires"),
        }
        for set_, words in sets.items()
        for position, (code, word) in enumerate(words.items(), 1)
    ]


def _fields(nouns: Mapping[str, Any]) -> list[Row]:
    return [
        {
            "noun": noun,
            "code": code,
            "type": field.get("type", "text"),
            "en": field["en"],
            "zh": field["zh"],
            "aliases": field.get("aliases", ""),
            "choices": json.dumps(field["choices"], ensure_ascii=False) if field.get("choices") else None,
            "required": int(field.get("required", False)),
            "remind_days": field.get("remind_days"),
            "yearly": int(field.get("yearly", False)),
            "position": position,
        }
        for noun, fields in nouns.items()
        for position, (code, field) in enumerate(fields.items(), 1)
    ]


def _level(level: Mapping[str, Any]) -> Row:
    columns = ("type", "severity", "class", "respond", "resolve")
    return {
        **{column: level.get(column) for column in columns},
        "hours": level.get("hours", "business"),
        "escalate_to": level.get("escalate_to"),
    }


def _questions(forms: Mapping[str, Any]) -> list[Row]:
    return [
        {
            "form": form,
            "code": code,
            "moment": question["moment"],
            "en": question["en"],
            "zh": question["zh"],
            "weight": question.get("weight", 1),
            "position": position,
        }
        for form, questions in forms.items()
        for position, (code, question) in enumerate(questions.items(), 1)
    ]


def _notice(code: str, notice: Mapping[str, Any]) -> Row:
    return {
        "code": code,
        "en": notice["en"],
        "zh": notice["zh"],
        "kind": notice.get("kind", "contact"),
        "query": notice.get("query", ""),
        **{column: notice.get(column) for column in ("field", "before", "every")},
    }
