"""From the query language to SQL: a noun's declaration says what can be asked, values are always bound.

The SQL holds declared expressions, names of parameters, codes of the program's own sets, and nothing that a user wrote.
A comparison with a missing value is false and its negation true: `-last_contact<30d` also finds those who were never
contacted.
"""

import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from types import ModuleType
from typing import NamedTuple

from crmcli.errors import QueryError
from crmcli.i18n import _, joined, language
from crmcli.nouns import Field, Noun
from crmcli.queries.comparisons import Comparisons, Surroundings, called, either, is_me
from crmcli.rules.custom_fields import asked_as
from crmcli.rules.names import fts_query
from crmcli.rules.query import All, Any_, Node, Not, Said, Term, Value, Word, parse, quoted, restated, spelt
from crmcli.store.search import ENTITIES, matching

__all__ = [
    "Condition",
    "Order",
    "Surroundings",
    "asks_for_me",
    "compile_query",
    "compile_sort",
    "in_codes",
    "mentions",
    "query_fields",
]

_HAS = frozenset(("has", "有"))
_LACKS = frozenset(("no", "无"))
_ABSENT = frozenset(("none", "无", "空"))
_PRESENT = frozenset(("any", "有", "任意"))
_SUFFIXES = ("_at", "_on", "_by")
_OTHER_WAYS = frozenset(("phone", "mobile", "email", "手机", "电话"))
"""Headings under which an import finds a contact's name for itself: no names for a text in a query."""


_WESTERN = "CASE length({0}) WHEN 10 THEN {0} || 'T12:00:00Z' ELSE {0} END"
"""What has no time comes after the evening before, which west of Greenwich is stored as the same day, in UTC."""


class Condition(NamedTuple):
    """An SQL condition over a noun's view, and the named parameters that it binds besides `:now` and `:today`."""

    sql: str
    parameters: dict[str, str | int | float]


class Order(NamedTuple):
    """One term of an ORDER BY."""

    expression: str
    descending: bool
    nullable: bool = False
    """Whether values may be missing; they come last either way."""
    indexed: bool = False
    """Whether an index orders it once the missing ones are left out."""

    @property
    def sql(self) -> str:
        """The term."""
        return f"{self.expression}{' DESC' * self.descending}{' NULLS LAST' * self.nullable}"


def compile_query(text: str, noun: Noun, surroundings: Surroundings) -> Condition:
    """Return the condition that a record of the noun fulfils the query; an empty query is always fulfilled.

    Raises QueryError for what can't be read, unknown fields and values of the wrong kind, WhenError for dates.
    """
    comparisons = Comparisons(surroundings)
    sql = _condition(parse(text, _names_in(noun)), noun, comparisons)
    return Condition(sql, comparisons.parameters)


def compile_sort(spec: str, noun: Noun, now: datetime) -> list[Order]:
    """Return the ORDER BY terms of `-last_contact_at,name`, in the zone of `now`; the noun's own order when empty.

    Missing values come last either way, and equal ones in the order of their ids. Raises QueryError for unknown fields.
    """
    terms = []
    descending = False
    for part in unicodedata.normalize("NFKC", spec).split(",") if spec.strip() else noun.sort:
        name = part.strip()
        field = _field(noun, name.removeprefix("-"))
        if field.kind == "list":
            raise QueryError(
                _("a list can't be sorted by {field}").format(field=called(field)), hint=_("it has several values")
            )
        descending = name.startswith("-")
        never_null = field.sort or (field.name == "id" and field.expression)
        expression = never_null or field.expression
        if field.kind == "moment" and field.future and (now.utcoffset() or timedelta()) < timedelta():
            expression = _WESTERN.format(expression)
        terms.append(Order(expression, descending, not never_null, field.indexed))
    return [*terms, Order("id", descending)]


def in_codes(text: str, noun: Noun, surroundings: Surroundings) -> str:
    """Return a query in other words: codes, which stay, in place of what fields and words of the vocabulary are called.

    Raises QueryError for what can't be read, for unknown fields and unknown words.
    """
    return restated(text, _names_in(noun), lambda said: _in_codes(said, noun, Comparisons(surroundings)))


def _in_codes(said: Said, noun: Noun, comparisons: Comparisons) -> str | None:
    """Return a field's name, or a value's code, as it is written in a query; None for what has none."""
    value = said.value
    if said.field.casefold() in _HAS | _LACKS and said.op == ":":
        return value and _written(_field(noun, value.text).name, value)
    field = _field(noun, said.field)
    if value is None:
        return field.name if field.name not in _HAS | _LACKS else None  # `no:5` asks what has no field 5
    if field.kind != "code" or value.prefix or _presence(value) is not None:
        return None
    return _written(comparisons.code_of(field, value.text), value)


def _written(code: str, value: Value) -> str:
    """Return a code as it is written in place of a value: in quotes where that was, or where it would mean more."""
    return quoted(code) if value.quoted or _presence(Value(code)) is not None else spelt(code)


def mentions(text: str, noun: Noun) -> set[str]:
    """Return the names of the fields that a query compares; raises QueryError for what can't be read."""
    found: set[str] = set()
    for name, op, values in _terms(text, noun):
        asks = name.casefold() in _HAS | _LACKS and op == ":"
        found.update(_field(noun, part).name for part in ([value.text for value in values] if asks else [name]))
    return found


def asks_for_me(text: str, noun: Noun) -> bool:
    """Return whether a query that can be read asks for what is the user's own."""
    return any(
        is_me(_field(noun, name), value)
        for name, _op, values in _terms(text, noun)
        if name.casefold() not in _HAS | _LACKS
        for value in values
    )


def _terms(text: str, noun: Noun) -> Iterator[Term]:
    nodes = [parse(text, _names_in(noun))]
    while nodes:
        match nodes.pop():
            case Term() as term:
                yield term
            case Not(inner):
                nodes.append(inner)
            case All(inners) | Any_(inners):
                nodes.extend(inners)
            case Word():
                pass


def query_fields(noun: Noun) -> list[tuple[str, str, str]]:
    """Return (name, kind, translated label) of what can be asked."""
    return [(field.name, field.kind, _(field.label)) for field in noun.fields if field.kind != "json"]


def _condition(node: Node, noun: Noun, comparisons: Comparisons) -> str:
    match node:
        case Word(text):
            return _word(text, noun, comparisons)
        case Term():
            return _term(node, noun, comparisons)
        case Not(inner):
            return f"({_condition(inner, noun, comparisons)}) IS NOT TRUE"
        case All(nodes):
            parts = [_condition(inner, noun, comparisons) for inner in nodes]
            return f"({' AND '.join(parts)})" if parts else "TRUE"
        case Any_(nodes):
            return either([_condition(inner, noun, comparisons) for inner in nodes])


def _word(text: str, noun: Noun, comparisons: Comparisons) -> str:
    expression = fts_query(text)
    whose = noun.field("contact_id")  # a list shows whose they are, and where they work, so they are found by that
    if expression and noun.name in ENTITIES:
        found = matching(noun.name, comparisons.bind(expression))
        if noun.name == "contact":
            found += f" UNION ALL {_working_at(expression, comparisons)}"
        if whose:
            found += f" UNION ALL SELECT id FROM {noun.name} WHERE contact_id IN ({_people(expression, comparisons)})"
        phones = [field for field in noun.fields if field.many and field.match == "phone"]
        return either([f"id IN ({found})", *(sql for field in phones if (sql := comparisons.dialled(field, text)))])
    if not text and noun.name in ENTITIES:
        return "FALSE"
    texts = [comparisons.contains(field.expression, text) for field in noun.fields if field.kind == "text"]
    if expression and whose:
        texts.append(f"{whose.expression} IN ({_people(expression, comparisons)})")
    return either(texts)  # signs alone, as in “Smith & Sons”, are in no index


def _people(expression: str, comparisons: Comparisons) -> str:
    """Return the query for the contacts whom an expression names, or who work where it does."""
    named = matching("contact", comparisons.bind(f"{{name reach}} : ({expression})"))
    return f"{named} UNION ALL {_working_at(expression, comparisons)}"


def _working_at(expression: str, comparisons: Comparisons) -> str:
    """Return the query for the contacts of the companies that an expression names, in pinyin, too."""
    at = matching("company", comparisons.bind(f"name : ({expression})"))
    return f"SELECT id FROM contact WHERE company_id IN ({at})"


def _term(term: Term, noun: Noun, comparisons: Comparisons) -> str:
    name = term.field.casefold()
    if name in _HAS | _LACKS and term.op == ":":
        fields = [_field(noun, value.text) for value in term.values]
        return either([comparisons.presence(field, name in _HAS) for field in fields])
    field = _field(noun, term.field)
    parts, values = [], []
    for value in term.values:
        present = None if term.op not in (":", "=") else _presence(value)
        if present is None:
            values.append(value)
        else:
            parts.append(comparisons.presence(field, present))
    if values:
        parts.append(comparisons.compare(field, term.op, values))
    return either(parts)


def _presence(value: Value) -> bool | None:
    """Return whether the value asks for any value, or for none; None when it is one."""
    if not value.text:
        return value.prefix
    if value.quoted or value.prefix:
        return None
    word = value.text.casefold()
    return True if word in _PRESENT else False if word in _ABSENT else None


def _field(noun: Noun, name: str) -> Field:
    """Return the field of this name; QueryError with the nearest names when there is none."""
    known = _names(noun, language())
    folded = asked_as(name)
    if folded in known:
        return known[folded]
    if any(field.name == folded for field in noun.fields):
        raise QueryError(
            _("queries can't ask for {field}").format(field=folded),
            hint=_("it holds other values: ask for one of those"),
        )
    near = _load_difflib().get_close_matches(folded, known, n=5)
    fields = [known[key] for key in near] or [field for field in noun.fields if field.kind != "json"]
    names = dict.fromkeys(map(called, fields))
    raise QueryError(
        _("{noun} has no field “{name}”").format(noun=_(noun.name), name=name),
        hint=(_("did you mean {names}?") if near else _("the fields are {names}")).format(names=joined(names)),
    )


def _names_in(noun: Noun) -> Callable[[str], bool]:
    """Return what says whether the noun has a field of a name."""
    return lambda name: asked_as(name) in _names(noun, language())


@cache
def _names(noun: Noun, _language: str) -> dict[str, Field]:
    """Return the fields by every folded name they go by; the field's own names come before other programs' headings."""
    fields = [field for field in noun.fields if field.kind != "json"]
    names: dict[str, Field] = {}
    for names_of in (lambda field: [field.name], _short_names, _labels, _headings):
        for field in fields:
            for name in names_of(field):
                names.setdefault(asked_as(name), field)
    return names


def _short_names(field: Field) -> list[str]:
    short = [field.name.removesuffix(suffix) for suffix in _SUFFIXES if field.kind in ("date", "moment", "text")]
    return [*short, field.name.removesuffix("s")] if field.kind == "list" else short


def _labels(field: Field) -> list[str]:
    return [field.label, *field.headers] if field.custom else [field.label, _(field.label)]


def _headings(field: Field) -> list[str]:
    return [heading for heading in field.headers if field.kind != "text" or heading not in _OTHER_WAYS]


@cache
def _load_difflib() -> ModuleType:
    """Load what finds similar names: only after a mistake."""
    import difflib

    return difflib
