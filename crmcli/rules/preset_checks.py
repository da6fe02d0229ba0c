"""What is wrong with a preset's file: every mistake with its place, and how to mend it."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from crmcli.errors import CrmError
from crmcli.i18n import _, joined, one_of
from crmcli.nouns import noun as declaration_of
from crmcli.rules.clean import printable
from crmcli.rules.custom_fields import PARTIES, TYPES, folded, is_code
from crmcli.rules.query import parse
from crmcli.rules.satisfaction import MOST_WEIGHT
from crmcli.rules.vocabulary import DEFAULTS, FIXED_SETS, WITH_CADENCE
from crmcli.when.periods import parse_period

MOST_BYTES = 256 * 1024
_MOST_ENTRIES = 2000
_LONGEST = 200
_DAYS = 3660
_SECTIONS = ("title", "about", "vocabulary", "fields", "levels", "questions", "notices")
_CODE = r"[\w][\w.-]{0,39}"

Path = tuple[str, ...]
Check = Callable[[Any], str]
"""Returns what is wrong with a value, nothing when it is right."""


class Problem(NamedTuple):
    """One mistake: where it is (`vocabulary`, `class`, `core`, `en`), what it is, what to do about it."""

    path: Path
    message: str
    hint: str = ""


class Surroundings(NamedTuple):
    """What a preset may refer to: the base's codes of each set of the vocabulary."""

    sets: Mapping[str, frozenset[str]]


def problems(content: Mapping[str, Any], around: Surroundings) -> Iterator[Problem]:
    """Yield everything that is wrong with a parsed file."""
    for key in content:
        if key not in _SECTIONS:
            yield Problem((key,), _("a preset has no such part"), _one_of(_SECTIONS, key))
    for key in ("title", "about"):
        yield from _entry((key,), content.get(key, {} if key == "title" else {"en": "x", "zh": "x"}), _LABELS, _BOTH)
    shaped = True
    for section, rule in _RULES.items():
        for problem in rule(content.get(section, {} if section != "levels" else []), (section,)):
            shaped = False
            yield problem
    if _entries(content) > _MOST_ENTRIES:
        yield Problem((), _("more than {limit} entries").format(limit=_MOST_ENTRIES), _("leave out what nobody needs"))
    elif shaped:
        yield from _connected(content, around)


def line_of(text: str, path: Path) -> int:
    """Return the line of the file where that stands, or the nearest above it; 0 when it can't be told."""
    best = found = 0
    for number, here in _places(text):
        if len(here) > best and path[: len(here)] == here:
            best, found = len(here), number
    return found


def _places(text: str) -> Iterator[tuple[int, Path]]:
    """Yield the lines of a file that begin a table or an entry, with what they begin."""
    header: Path = ()
    listed = 0
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]", line):
            header = _dotted(match[2])
            if match[1] == "[[":
                listed += 1
                header = (*header, str(listed))
            yield number, header
        elif match := re.match(r"\s*([\w.\"'-]+)\s*=", line):
            yield number, (*header, *_dotted(match[1]))


def _dotted(name: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in name.split("."))


def _entries(content: Mapping[str, Any]) -> int:
    groups = [*_tables(content.get("vocabulary")), *_tables(content.get("fields")), *_tables(content.get("questions"))]
    return sum(map(len, groups)) + sum(
        len(content[key]) for key in ("levels", "notices") if isinstance(content.get(key), list | dict)
    )


def _tables(value: Any) -> list[Any]:
    return [table for table in value.values() if isinstance(table, dict)] if isinstance(value, dict) else []


# values


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return _("a text in quotes is wanted here")
    if len(value) > _LONGEST:
        return _("longer than {limit} characters").format(limit=_LONGEST)
    if printable(value) != value or "\n" in value or "\t" in value:
        return _("it holds characters that nobody sees")
    return ""


def _label(value: Any) -> str:
    return _text(value) or ("" if value.strip() == value and value else _("it is empty, or has spaces around it"))


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else _("true or false is wanted here")


def _days(value: Any) -> str:
    right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _DAYS
    return "" if right else _("a whole number from 0 to {most} is wanted here").format(most=_DAYS)


def _weight(value: Any) -> str:
    right = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_WEIGHT
    return "" if right else _("a whole number from {least} to {most} is wanted here").format(least=1, most=MOST_WEIGHT)


def _period(value: Any) -> str:
    if wrong := _label(value):
        return wrong
    try:
        parse_period(value)
    except CrmError:
        return _("“{text}” is no length of time: write 4h, 3d or 2w").format(text=value)
    return ""


def _days_long(value: Any) -> str:
    if wrong := _period(value):
        return wrong
    right = timedelta(days=1) <= parse_period(value) <= timedelta(days=_DAYS)
    return "" if right else _("a day to ten years: 3d, 2w, 90d")


def _query(value: Any) -> str:
    if wrong := _text(value):
        return wrong
    try:
        parse(value)
    except CrmError as error:
        return error.message
    return ""


def _chosen(*known: str) -> Check:
    return lambda value: "" if value in known else one_of(known)


def _choices(value: Any) -> str:
    if not isinstance(value, dict) or not value:
        return _("choices are written as a table: a code, and its labels en and zh")
    for code, labels in value.items():
        wrong = _label(code) or next((problem.message for problem in _entry((), labels, _LABELS, _BOTH)), "")
        if wrong:
            return f"{code}: {wrong}"
    return ""


# sections

_LABELS: Mapping[str, Check] = {"en": _label, "zh": _label}
_BOTH = ("en", "zh")
_WORD = {**_LABELS, "aliases": _text, "cadence_days": _days, "requires": _text}
_FIELD = {
    **_LABELS,
    "type": _chosen(*TYPES),
    "aliases": _text,
    "choices": _choices,
    "required": _flag,
    "remind_days": _days,
    "yearly": _flag,
}
_LEVEL = {
    **dict.fromkeys(("type", "severity", "class", "escalate_to"), _label),
    "respond": _period,
    "resolve": _period,
    "hours": _chosen("business", "always"),
}
_QUESTION = {**_LABELS, "moment": _chosen("before", "during", "after"), "weight": _weight}
_NOTICE = {**_LABELS, "kind": _label, "query": _query, "field": _label, "before": _days_long, "every": _days_long}


def _entry(path: Path, value: Any, checks: Mapping[str, Check], needed: tuple[str, ...]) -> Iterator[Problem]:
    """Yield what is wrong with one entry: no table, unknown keys, missing ones, values that can't be."""
    if not isinstance(value, dict):
        yield Problem(path, _("a table is wanted here"), f"{{ {', '.join(f'{key} = …' for key in checks)} }}")
        return
    for key in needed:
        if key not in value:
            yield Problem((*path, key), _("it is missing"), _("both languages are needed") if key in _BOTH else "")
    for key, content in value.items():
        if key not in checks:
            yield Problem((*path, key), _("there is no such key"), _one_of(checks, key))
        elif wrong := checks[key](content):
            yield Problem((*path, key), wrong)


def _grouped(checks: Mapping[str, Check], needed: tuple[str, ...]) -> Callable[[Any, Path], Iterator[Problem]]:
    """Return the rule of a section whose tables hold entries by their code."""

    def rule(section: Any, path: Path) -> Iterator[Problem]:
        if not isinstance(section, dict):
            yield Problem(path, _("a table is wanted here"))
            return
        for group, entries in section.items():
            if not re.fullmatch(_CODE, group):
                yield Problem((*path, group), _("this can't be a code"), _("letters, digits, - and _, without spaces"))
            yield from _coded((*path, group), entries, checks, needed)

    return rule


def _coded(path: Path, entries: Any, checks: Mapping[str, Check], needed: tuple[str, ...]) -> Iterator[Problem]:
    if not isinstance(entries, dict):
        yield Problem(path, _("a table is wanted here"))
        return
    for code, entry in entries.items():
        if not re.fullmatch(_CODE, code):
            yield Problem((*path, code), _("this can't be a code"), _("letters, digits, - and _, without spaces"))
        yield from _entry((*path, code), entry, checks, needed)


def _levels(section: Any, path: Path) -> Iterator[Problem]:
    if not isinstance(section, list):
        yield Problem(path, _("service levels are written as [[levels]], one after the other"))
        return
    for number, level in enumerate(section, 1):
        yield from _entry((*path, str(number)), level, _LEVEL, ())


_RULES: Mapping[str, Callable[[Any, Path], Iterator[Problem]]] = {
    "vocabulary": _grouped(_WORD, _BOTH),
    "fields": _grouped(_FIELD, _BOTH),
    "levels": _levels,
    "questions": _grouped(_QUESTION, ("moment", *_BOTH)),
    "notices": lambda section, path: _coded(path, section, _NOTICE, _BOTH),
}


# what belongs together


def _connected(content: Mapping[str, Any], around: Surroundings) -> Iterator[Problem]:
    """Yield what does not go together in a file whose entries are each right."""
    own = {set_: frozenset(words) for set_, words in content.get("vocabulary", {}).items()}
    sets = {**around.sets, **own}
    for set_, words in content.get("vocabulary", {}).items():
        yield from _set(set_, words, around, sets)
    for noun, fields in content.get("fields", {}).items():
        yield from _fields(noun, fields)
    about = {"type": "complaint_type", "severity": "severity", "class": "class"}
    levels: dict[tuple[str | None, ...], int] = {}
    for number, level in enumerate(content.get("levels", ()), 1):
        first = levels.setdefault(tuple(map(level.get, about)), number)
        if first != number:
            yield Problem(("levels", str(number)), _("it is for the same as level {number}").format(number=first))
        for key, set_ in about.items():
            if key in level and level[key] not in sets[set_]:
                yield Problem(("levels", str(number), key), _no_word(set_), _one_of(sets[set_], level[key]))
    for code, notice in content.get("notices", {}).items():
        yield from _notice(("notices", code), notice, content, sets)


def _set(
    set_: str, words: Mapping[str, Any], around: Surroundings, sets: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    path = ("vocabulary", set_)
    if set_ not in around.sets:
        yield Problem(path, _("the vocabulary has no set {set}").format(set=set_), _one_of(around.sets, set_))
    if set_ in FIXED_SETS:
        yield Problem(path, _("these words mean something to the program itself"), _("leave the set out"))
    for needed_set, code in sorted(DEFAULTS):
        if needed_set == set_ and code not in words:
            yield Problem((*path, code), _("the program needs this word"), _("add it, called as you like"))
    yield from _said_twice(path, words, {})
    for code, word in words.items():
        if "cadence_days" in word and set_ not in WITH_CADENCE:
            yield Problem(
                (*path, code, "cadence_days"), _("only a class or a tag says how often its customers are contacted")
            )
        for step in word.get("requires", "").split():
            if set_ != "complaint_type" or step not in sets["complaint_step"]:
                yield Problem(
                    (*path, code, "requires"), _no_word("complaint_step"), _one_of(sets["complaint_step"], step)
                )


def _said_twice(path: Path, entries: Mapping[str, Any], taken: Mapping[str, str]) -> Iterator[Problem]:
    """Yield the entries of which a label or an alias means another one, or something that is `taken`."""
    meant = dict(taken)
    for code, entry in entries.items():
        names = {folded(name) for name in (code, entry["en"], entry["zh"], *entry.get("aliases", "").split("|"))}
        for name in sorted(names - {""}):
            if meant.setdefault(name, code) != code:
                yield Problem((*path, code), _("“{word}” means {code} already").format(word=name, code=meant[name]))


def _fields(noun: str, fields: Mapping[str, Any]) -> Iterator[Problem]:
    path = ("fields", noun)
    if noun not in PARTIES:
        yield Problem(path, _("“{noun}” has no custom fields").format(noun=noun), _one_of(PARTIES, noun))
        return
    built_in = {
        folded(name): f"{noun}.{one.name}" for one in declaration_of(noun).fields for name in (one.name, one.label)
    }
    yield from _said_twice(path, fields, built_in)
    for code, field in fields.items():
        type_ = field.get("type", "text")
        if not is_code(code):
            yield Problem((*path, code), _("this can't be a code"), _("letters, digits, - and _, a letter first"))
        if (type_ == "choice") != ("choices" in field):
            yield Problem((*path, code, "choices"), _("a choice, and nothing else, has values to choose from"))
        if type_ != "date" and ("remind_days" in field or "yearly" in field):
            yield Problem((*path, code), _("only a date comes back every year, or reminds"))


def _notice(
    path: Path, notice: Mapping[str, Any], content: Mapping[str, Any], sets: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    kind = notice.get("kind", "contact")
    if kind not in sets["callback_kind"]:
        yield Problem((*path, "kind"), _no_word("callback_kind"), _one_of(sets["callback_kind"], kind))
    if ("field" in notice) == ("every" in notice):
        yield Problem(
            path, _("either field or every says when"), _('field = "expires", before = "30d"; or every = "90d"')
        )
    if "before" in notice and "field" not in notice:
        yield Problem((*path, "before"), _("before which date?"), _("name it with field"))
    dates = [
        code for code, field in content.get("fields", {}).get("contact", {}).items() if field.get("type") == "date"
    ]
    if "field" in notice and notice["field"] not in ("birthday", *dates):
        yield Problem(
            (*path, "field"), _("no date of a contact is called so"), _one_of(("birthday", *dates), notice["field"])
        )


def _no_word(set_: str) -> str:
    return _("no word of {set}").format(set=set_)


def _one_of(known: Any, wrong: str) -> str:
    near = _load_near()(wrong, list(known), n=3)
    if near:
        return _("did you mean {names}?").format(names=joined(near))
    return one_of(sorted(known))


@cache
def _load_near() -> Callable[..., list[str]]:
    """Load what finds similar names: only after a mistake."""
    from difflib import get_close_matches

    return get_close_matches
