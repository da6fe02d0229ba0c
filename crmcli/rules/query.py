"""The query language of every `list`, `--where` and segment: text in, tree out. `queries/where.py` makes it SQL.

    class:interested tag:vip last_contact<30d -region:华东 (source:expo or source:referral)

    query    = any ;            any  = all { ("or" | "或" | "|") all } ;      all = one { ["and"] one } ;
    one      = ("-" | "not") one | "(" any ")" | field operator value { "," value } | value ;
    operator = ":" | "=" | "<" | "<=" | "≤" | ">" | ">=" | "≥" | "!=" | "≠" ;
    value    = bare [ "*" ] | quoted [ "*" ] ;   a trailing * asks for what begins so

Decisions:
- Full width counts as ASCII wherever it has a meaning (`类别：核心`, `（a 或 b）`); text stays as typed.
- What nobody sees, as it comes with what is pasted from a chat, is not there.
- Quotes open at the beginning of a word only, so that O'Brien is a word. Inside its own quotes a quote is doubled.
- What stands in quotes has no special meaning: `"or"`, `region:"none"`, `"a*"`.
- A parenthesis inside a word that closes before the next blank belongs to the word: `company:华东电力（上海）有限公司`.
- Blanks are allowed around `=`, `<`, `>`, and after `:`. `a!=b` is `-a=b`.
- A colon makes a field only after something like a name: `10:30`, `明天10:30` and `http://x` are words to search for;
  `phone2:138` is one where there is such a field.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from crmcli.errors import QueryError
from crmcli.i18n import _
from crmcli.rules.clean import printable

MAX_LENGTH = 4000
"""Characters; room for some hundred ids, and within what SQLite takes as a LIKE pattern (50,000 bytes)."""
MAX_DEPTH = 16
"""Nested parentheses and negations; SQLite's own parser stops at about 25."""
MAX_CONDITIONS = 500
"""Words and values; SQLite refuses expressions deeper than 1000."""

_FOLDED = {0xFF01 + number: 0x21 + number for number in range(94)} | str.maketrans("“”‘’", "\"\"''")
"""Full-width and typographic characters as ASCII has them, one to one, so that positions stay."""
_CLOSING = {"“": "”", "‘": "’"}
_SIGNS = {"≤": "<=", "≥": ">=", "≠": "!="}


class Value(NamedTuple):
    """What a field is compared with: `prefix` when a `*` follows, `quoted` when it means itself and nothing special."""

    text: str
    quoted: bool = False
    prefix: bool = False


class Word(NamedTuple):
    """Free text that a record must contain."""

    text: str


class Term(NamedTuple):
    """A comparison; true when it holds for any of the values."""

    field: str
    op: str
    values: tuple[Value, ...]


class Not(NamedTuple):
    """True when the node isn't."""

    node: "Node"


class All(NamedTuple):
    """True when all nodes are; with no nodes, always: the empty query."""

    nodes: tuple["Node", ...]


class Any_(NamedTuple):  # noqa: N801 - typing.Any is another thing
    """True when one of the nodes is."""

    nodes: tuple["Node", ...]


Node = All | Any_ | Not | Term | Word


class Said(NamedTuple):
    """Where a query names a field, or, with `value`, what that is compared with: the place of the characters."""

    start: int
    end: int
    field: str
    op: str
    value: Value | None = None


def spelt(text: str) -> str:
    """Return a text as a value of a query that means itself."""
    return text if text.replace("-", "").replace("_", "").isalnum() else quoted(text)


def quoted(text: str) -> str:
    """Return a text in quotes."""
    return '"' + text.replace('"', '""') + '"'


def parse(text: str, is_field: Callable[[str], bool] = lambda _name: False) -> Node:
    """Return the query's tree; raise QueryError, saying where, when it can't be read.

    `is_field` says whether a name that looks like the beginning of a time, as in `phone2:138`, is a field's.
    """
    return _Parser(_readable(text), is_field).query()


def restated(text: str, is_field: Callable[[str], bool], word_for: Callable[[Said], str | None]) -> str:
    """Return the query with other words for the fields and values that it names, where there are such; see `parse`."""
    parser = _Parser(_readable(text), is_field)
    parser.query()
    pieces, at = [], 0
    for said in parser.said:
        word = word_for(said)
        if word is not None:
            pieces += [parser.text[at : said.start], word]
            at = said.end
    return "".join([*pieces, parser.text[at:]])


def _readable(text: str) -> str:
    """Return the text without what nobody sees; raises QueryError for what is no text, or too long."""
    if len(text) > MAX_LENGTH:
        raise QueryError(
            _("the query is longer than {limit} characters").format(limit=MAX_LENGTH),
            hint=_("ask for less at once"),
        )
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise QueryError(_("the query contains bytes that are not text"), hint=_("write it in UTF-8"))
    return printable(text)


@cache
def _tokens() -> dict[str, re.Pattern[str]]:
    """Compile the tokens at the first query, not at import. They match the folded text."""
    return {
        "blank": re.compile(r"\s*"),
        "space": re.compile(r"\s"),
        "keyword": re.compile(r"(?i:(or|and|not)|(或))(?=[\s()|]|$)"),
        # A name and an operator. A digit on both sides of a colon makes a time, two slashes behind it an address.
        "field": re.compile(r"([^\W\d][\w.-]*)(?:(:)(?!//|(?<=\d:)\d)|\s*(<=|>=|!=|[=<>≤≥≠]))\s*"),
        "numbered": re.compile(r"([^\W\d][\w.-]*\d)(:)(?=\d)"),
        "value": re.compile(r"[^\s()|,](?:[^\s()|,]|\([^\s()]*\))*"),
        "word": re.compile(r"[^\s()|](?:[^\s()|]|\([^\s()]*\))*"),
    }


class _Parser:
    """Recursive descent over the text; each method reads one rule of the grammar and leaves `at` behind it."""

    def __init__(self, text: str, is_field: Callable[[str], bool]) -> None:
        self.text = text
        self.is_field = is_field
        self.folded = text.translate(_FOLDED)
        self.at = 0
        self.depth = 0
        self.conditions = 0
        self.said: list[Said] = []

    def query(self) -> Node:
        if self._finished():
            return All(())
        node = self._any()
        if not self._finished():
            raise self._failure(_("a closing parenthesis has no opening one"))
        return node

    def _any(self) -> Node:
        nodes = [self._all()]
        while self._takes_or():
            nodes.append(self._all())
        return nodes[0] if len(nodes) == 1 else Any_(tuple(nodes))

    def _all(self) -> Node:
        nodes = [self._one()]
        while not self._finished() and not self._sees(")|") and self._keyword() != "or":
            if self._keyword() == "and":
                self._accept("keyword")
            nodes.append(self._one())
        return nodes[0] if len(nodes) == 1 else All(tuple(nodes))

    def _one(self) -> Node:
        start = self._skip_blanks()
        keyword = self._keyword()
        if self._finished() or self._sees(")|") or keyword in ("and", "or"):
            raise self._failure(_("a condition is missing"))
        if keyword == "not":
            self._accept("keyword")
            return self._inside(start, self._not)
        if self._sees("-"):
            self.at += 1
            if self._accept("space"):
                raise self._failure(_("what is excluded must follow the - at once"), start)
            return self._inside(start, self._not)
        if self._sees("("):
            self.at += 1
            return self._inside(start, lambda: self._group(start))
        numbered = _tokens()["numbered"].match(self.folded, self.at)
        field = self._accept("numbered" if numbered and self.is_field(numbered[1]) else "field")
        if field:
            return self._term(field)
        self._count()
        return Word(self._quoted() if self._sees("\"'") else self._raw("word"))

    def _term(self, named: re.Match[str]) -> Node:
        field, sign = named[1], named[2] or named[3]
        op = _SIGNS.get(sign, sign)
        compared = "=" if op == "!=" else op
        self.said.append(Said(*named.span(1), field, compared))
        term = Term(field, compared, self._values(field, compared))
        return Not(term) if op == "!=" else term

    def _inside(self, start: int, rule: Callable[[], Node]) -> Node:
        """Read a rule one level deeper."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self._failure(_("the query is nested deeper than {limit} levels").format(limit=MAX_DEPTH), start)
        node = rule()
        self.depth -= 1
        return node

    def _not(self) -> Node:
        return Not(self._one())

    def _group(self, start: int) -> Node:
        node = self._any()
        if not self._sees(")"):
            raise self._failure(_("a parenthesis is not closed"), start)
        self.at += 1
        return node

    def _values(self, field: str, op: str) -> tuple[Value, ...]:
        values: list[Value] = []
        while not values or self._sees(","):
            self.at += bool(values)
            start = self.at
            values.append(self._value())
            self.said.append(Said(start, self.at, field, op, values[-1]))
        return tuple(values)

    def _value(self) -> Value:
        self._count()
        if self._sees("\"'"):
            return Value(self._quoted(), quoted=True, prefix=self._takes_star())
        text = self._raw("value")
        if not text:
            raise self._failure(_("a value is missing"))
        prefix = self.folded[self.at - 1] == "*"
        return Value(text[:-1] if prefix else text, prefix=prefix)

    def _count(self) -> None:
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            raise self._failure(_("the query has more than {limit} conditions").format(limit=MAX_CONDITIONS))

    def _quoted(self) -> str:
        """Read a quoted text; its closing quote, doubled, stands for itself."""
        start = self.at
        quote = _CLOSING.get(self.text[start], self.text[start])
        pieces: list[str] = []
        while not pieces or self.text[self.at : self.at + 1] == quote:
            end = self.text.find(quote, self.at + 1)
            if end < 0:
                raise self._failure(_("a quotation mark is not closed"), start)
            pieces.append(self.text[self.at + 1 : end])
            self.at = end + 1
        return quote.join(pieces)

    def _raw(self, pattern: str) -> str:
        start = self.at
        self._accept(pattern)
        return self.text[start : self.at]

    def _takes_star(self) -> bool:
        if not self._sees("*"):
            return False
        self.at += 1
        return True

    def _takes_or(self) -> bool:
        self._skip_blanks()
        if self._sees("|"):
            self.at += 1
            return True
        return self._keyword() == "or" and self._accept("keyword") is not None

    def _keyword(self) -> str:
        """Return `and`, `or` or `not` when it is next, else nothing."""
        self._skip_blanks()
        match = _tokens()["keyword"].match(self.folded, self.at)
        return (match[1] or "or").lower() if match else ""

    def _accept(self, pattern: str) -> re.Match[str] | None:
        match = _tokens()[pattern].match(self.folded, self.at)
        if match:
            self.at = match.end()
        return match

    def _sees(self, characters: str) -> bool:
        return self.folded[self.at : self.at + 1] in tuple(characters)

    def _skip_blanks(self) -> int:
        self._accept("blank")
        return self.at

    def _finished(self) -> bool:
        return self._skip_blanks() == len(self.text)

    def _failure(self, message: str, position: int | None = None) -> QueryError:
        """Return the error with the place: what is wrong, the character's number from 1, and what is written there."""
        position = self.at if position is None else position
        place = " ".join(self.text[position : position + 20].split())
        where = (
            _("at character {number}: {place}").format(number=position + 1, place=place) if place else _("at the end")
        )
        return QueryError(
            _("{message}, {where}").format(message=message, where=where),
            hint=_('text with special characters is searched for in quotes, as in "a (b)"'),
        )
