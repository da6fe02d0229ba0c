"""One comparison of a query as SQL: what `field op values` means for each kind of field.

A comparison with a missing value is NULL or false, never true. Values are bound by name, so that they can stand beside
the `:now` and `:today` of declared expressions.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from crmcli.errors import QueryError
from crmcli.i18n import _, language
from crmcli.nouns import Field
from crmcli.rules.custom_fields import of_choice_set
from crmcli.rules.persons import means_me
from crmcli.rules.phones import phone_keys
from crmcli.rules.query import Value
from crmcli.rules.span import (
    Interval,
    compared,
    first_day,
    parse_interval,
    parse_length,
    said,
    written_out,
    yearly_part,
)
from crmcli.rules.vocabulary import FIXED_SETS

_YES = frozenset(("yes", "true", "1", "y", "是"))
_NO = frozenset(("no", "false", "0", "n", "否"))
_LARGEST = 2**63
_YEAR = 365
_CALLING_CODE = re.compile(r"\+[1-9]\d{0,2}", re.ASCII)
_WHOLE_NUMBER = 11
"""Digits; so many are no part of a longer number, and whole numbers are indexed."""


class Surroundings(NamedTuple):
    """What a query's meaning depends on, besides its text."""

    now: datetime
    """Aware, in the user's zone."""
    order: str
    """Of month and day in 12/01: `md` or `dm`."""
    country: str
    """Where national phone numbers belong: ISO 3166 alpha-2."""
    code_of: Callable[[str, str], str | None]
    """(set, text) → the code of a code or label of either language; None, or a QueryError, when unknown."""
    user: str = ""
    """Who `me` is; nobody in particular when empty."""


class Comparisons:
    """Builds comparisons and collects what they bind."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.parameters: dict[str, str | int | float] = {}

    def compare(self, field: Field, op: str, values: list[Value]) -> str:
        """Return the condition that the field compares so with one of the values; QueryError when it can't."""
        ordered = field.kind in ("number", "date", "moment")
        if op not in (":", "=") and not ordered:
            raise QueryError(
                _("{field} can't be compared with {op}").format(field=called(field), op=op),
                hint=_("{field}:value finds a part, {field}=value the whole").format(field=called(field)),
            )
        if (ordered or field.kind == "flag") and any(value.prefix for value in values):
            raise QueryError(
                _("{field} has no beginning to compare with *").format(field=called(field)),
                hint=_("* works with text; numbers and dates take < and >"),
            )
        if op not in (":", "=") and len(values) > 1:  # 1,234 would be 1 or 234
            raise QueryError(
                _("{field}{op} is compared with one value").format(field=called(field), op=op),
                hint=_("a comma parts two values: write a number without any"),
            )
        compare = {
            "text": self._text,
            "code": self._code,
            "number": self._number,
            "flag": self._flag,
            "list": self._list,
            "date": self._when,
            "moment": self._when,
        }
        return compare[field.kind](field, op, values)

    def presence(self, field: Field, present: bool) -> str:
        """Return the condition that the field has a value, or none."""
        if field.many:
            found = field.many.format("TRUE")
            return found if present else f"({found}) IS NOT TRUE"
        x = field.expression
        if field.kind in ("text", "code"):
            return f"{x} <> ''" if present else f"({x} <> '') IS NOT TRUE"
        return f"{x} IS {'NOT ' if present else ''}NULL"

    def dialled(self, field: Field, text: str) -> str:
        """Return the condition that the text is one of the phone numbers, whole; empty when it is too short for that.

        The search index has numbers without extension and calling code, so that a calling code alone is what a number
        begins with: lists show +86 138 0013 8000, which are four words.
        """
        if _CALLING_CODE.fullmatch(text):
            return field.many.format(self._like("value", "", text, "%"))
        keys = phone_keys(text, self.surroundings.country)
        long = sum(map(str.isdecimal, text)) >= _WHOLE_NUMBER
        return field.many.format(self._one_of("key", keys)) if keys and long else ""

    def contains(self, x: str, text: str) -> str:
        """Return the condition that the text contains this, ASCII letters in either case."""
        return self._like(x, "%", text, "%")

    def _like(self, x: str, before: str, text: str, after: str) -> str:
        """Compare with the text between two patterns; stored texts are NFC."""
        text = unicodedata.normalize("NFC", text)
        for special in ("\\", "%", "_"):
            text = text.replace(special, "\\" + special)
        return f"{x} LIKE {self.bind(before + text + after)} ESCAPE '\\'"

    def bind(self, value: str | float) -> str:
        """Return the placeholder of a value."""
        name = f"q{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def _one_of(self, x: str, values: Sequence[str | float]) -> str:
        marks = ", ".join([self.bind(value) for value in values])
        return f"{x} = {marks}" if len(values) == 1 else f"{x} IN ({marks})"

    def _text(self, field: Field, op: str, values: list[Value]) -> str:
        x = field.expression
        if field.match == "phone":
            return either([self._dialled(x, op, value) for value in values])
        around = "" if op == "=" else "%"
        parts = []
        for value in values:
            if self.surroundings.user and is_me(field, value):
                parts.append(self._like(x, "", self.surroundings.user, ""))
            else:
                after = "%" if value.prefix else around
                parts.append(self._like(x, "" if value.prefix else around, value.text, after))
        return either(parts)

    def _code(self, field: Field, _op: str, values: list[Value]) -> str:
        x = field.expression
        parts = [self._like(x, "", value.text, "%") for value in values if value.prefix]
        codes = [self.code_of(field, value.text) for value in values if not value.prefix]
        if codes and field.vocabulary in FIXED_SETS and all(map(str.isidentifier, codes)):
            parts.append(_one_of_our_own(x, codes))
        elif codes:
            parts.append(self._one_of(x, codes))
        return either(parts)

    def code_of(self, field: Field, text: str) -> str:
        """Return the code that a value of the field is kept as; QueryError when there is none."""
        code = self.surroundings.code_of(field.vocabulary, text)
        if code is None:
            raise QueryError(
                _("{field} has no value “{text}”").format(field=called(field), text=text),
                hint=_choices_hint(field),
            )
        return code

    def _number(self, field: Field, op: str, values: list[Value]) -> str:
        numbers = [_number(field, value.text) for value in values]
        if op in (":", "="):
            return self._one_of(field.expression, numbers)
        return either([f"{field.expression} {op} {self.bind(number)}" for number in numbers])

    def _flag(self, field: Field, _op: str, values: list[Value]) -> str:
        return self._one_of(field.expression, [_flag(field, value.text) for value in values])

    def _list(self, field: Field, op: str, values: list[Value]) -> str:
        compare = {"phone": self._phone, "whole": self._whole}.get(field.match, self._part)
        return field.many.format(either([compare(op, value) for value in values]))

    def _whole(self, _op: str, value: Value) -> str:
        key = unicodedata.normalize("NFC", value.text).casefold()
        return self._like("key", "", key, "%") if value.prefix else self._one_of("key", [key])

    def _part(self, op: str, value: Value) -> str:
        """Compare an address or a handle; the name in `wechat:zs` is enough, in full and for its beginning."""
        if op == ":" and not value.prefix:
            return self.contains("value", value.text)
        after = "%" if value.prefix else ""
        return either([self._like("value", before, value.text, after) for before in ("", "%:")])

    def _dialled(self, x: str, op: str, value: Value) -> str:
        """Compare a single number, which is stored in E.164, in any format."""
        keys = phone_keys(value.text, self.surroundings.country)
        digits = "".join([char for char in unicodedata.normalize("NFKC", value.text) if char in "0123456789"])
        whole = [self._one_of(x, keys)] if keys else []
        part = [self.contains(x, digits or value.text)] if op == ":" or not keys else []
        return either([*whole, *part])

    def _phone(self, op: str, value: Value) -> str:
        """Compare a number in any format; part of one by its national digits, with or without the 0 before them."""
        text = unicodedata.normalize("NFKC", value.text)
        digits = "".join([char for char in text if char in "0123456789"])
        if not digits:
            return self.contains("value", value.text)
        if value.prefix:
            if text.lstrip().startswith("+"):
                return self._like("key", "+", digits, "%")
            return either([self._like("digits", "", start, "%") for start in {digits, digits.lstrip("0") or digits}])
        keys = phone_keys(text, self.surroundings.country)
        parts = [self._one_of("key", keys)] if keys else []
        if not keys or (op == ":" and len(digits) < _WHOLE_NUMBER):
            parts.append(self.contains("digits", digits))
        return either(parts)

    def _when(self, field: Field, op: str, values: list[Value]) -> str:
        compare = self._yearly if field.yearly else self._dated
        return either([self._in_calendar(compare, field, op, value.text) for value in values])

    def _in_calendar(self, compare: Callable[[Field, str, str], str], field: Field, op: str, text: str) -> str:
        try:
            return compare(field, op, unicodedata.normalize("NFKC", text).strip())
        except (ValueError, OverflowError):
            raise QueryError(
                _("“{text}” is outside the calendar").format(text=text), hint=_("dates are written as 2026-12-01")
            ) from None

    def _dated(self, field: Field, op: str, text: str) -> str:
        around = self.surroundings
        return self._within(field, parse_interval(op, text, around.now, order=around.order, future=field.future))

    def _within(self, field: Field, interval: Interval) -> str:
        since, until = interval
        parts = [self._bound(field, ">=", since)] if since else []
        if until:
            parts.append(self._bound(field, "<", until))
        return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"

    def _bound(self, field: Field, op: str, limit: datetime) -> str:
        """Compare with a limit. A moment that lies ahead may be stored as a day, which counts as its beginning here."""
        x = field.expression
        day = first_day(limit).isoformat()
        if field.kind == "date":
            return f"{x} {op} {self.bind(day)}"
        moment = f"{limit.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
        if not field.future:
            return f"{x} {op} {self.bind(moment)}"
        loose = min(day, moment) if op == ">=" else max(day, moment)  # true of both; lets an index serve
        exact = f"CASE length({x}) WHEN 10 THEN {x} {op} {self.bind(day)} ELSE {x} {op} {self.bind(moment)} END"
        return f"({x} {op} {self.bind(loose)} AND {exact})"

    def _yearly(self, field: Field, op: str, text: str) -> str:
        """Compare a birthday: a day or month of any year, a span with its year, or the days until the next."""
        x, now, order = field.expression, self.surroundings.now, self.surroundings.order
        day = yearly_part(text)
        if not day and (span := written_out(text, now)):
            known = f"{x} >= '0'"  # without a year it is stored as --MM-DD
            return f"({known} AND {self._within(field, compared(op, span))})"
        if not day and (length := parse_length(text)) is not None:
            return self._days_ahead(x, op, length.days)
        if not day:
            span = said(text, now, order=order, future=True)
            day, last = span.start.strftime("%m-%d"), (span.end - timedelta(seconds=1)).strftime("%m-%d")
            if op in (":", "="):
                return self._between(x, day, last)
            day = last if op in ("<=", ">") else day
        part = f"substr({x}, -5)" if len(day) == len("12-01") else f"substr({x}, -5, 2)"
        return f"({x} IS NOT NULL AND {part} {'=' if op == ':' else op} {self.bind(day)})"  # the index holds no NULL

    def _days_ahead(self, x: str, op: str, days: int) -> str:
        """Compare how many days it is until the next one: today is 0."""
        if op.startswith(">"):
            nearer = self._days_ahead(x, "<" if op == ">=" else "<=", days)
            return f"({x} IS NOT NULL AND NOT {nearer})"
        today = self.surroundings.now.date()
        last = days - 1 if op == "<" else days
        if last < 0:
            return "FALSE"
        if last >= _YEAR:
            return f"{x} IS NOT NULL"
        return self._between(x, today.strftime("%m-%d"), (today + timedelta(days=last)).strftime("%m-%d"))

    def _between(self, x: str, first: str, last: str) -> str:
        """Compare with the days of any year from one `MM-DD` to another."""
        joint = "AND" if first <= last else "OR"  # the end of the year lies between
        part = f"substr({x}, -5)"
        return f"({x} IS NOT NULL AND ({part} >= {self.bind(first)} {joint} {part} <= {self.bind(last)}))"


def is_me(field: Field, value: Value) -> bool:
    """Return whether a value of a field that names persons means whoever asks."""
    literal = value.quoted or value.prefix
    return field.match == "person" and not literal and means_me(value.text)


def either(parts: Sequence[str]) -> str:
    """Return the condition that one of the conditions holds."""
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _one_of_our_own(x: str, codes: Sequence[str]) -> str:
    """Return the condition with codes that are the program's own, identifiers, written out.

    An index of the open records alone is used where the statement says that it asks for them, and not by bound values.
    """
    said = ", ".join([f"'{code}'" for code in codes])
    return f"{x} = {said}" if len(codes) == 1 else f"{x} IN ({said})"


def _number(field: Field, text: str) -> int | float:
    plain = unicodedata.normalize("NFKC", text).strip()
    if not re.fullmatch(r"-?\d+(\.\d+)?", plain):
        raise QueryError(
            _("{field} is compared with a number, not with “{text}”").format(field=called(field), text=text),
            hint=_("as in {field}>3").format(field=called(field)),
        )
    number = float(plain) if "." in plain else int(plain)
    return number if -_LARGEST <= number < _LARGEST else float(plain)


def called(field: Field) -> str:
    """Return what people in the language in use may call the field in a query: its name, or its Chinese label."""
    label = _(field.label)
    return label if language() == "zh" and re.fullmatch(r"[^\W\d][\w.-]*", label) else field.name


def _choices_hint(field: Field) -> str:
    """Return where the values of a code are shown."""
    if owner := of_choice_set(field.vocabulary):
        return _("crm field show {noun} {code} shows the values").format(noun=owner[0], code=owner[1])
    return _("crm vocabulary list set={set} shows the values").format(set=field.vocabulary)


def _flag(field: Field, text: str) -> int:
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if plain not in _YES | _NO:
        raise QueryError(
            _("{field} is yes or no, not “{text}”").format(field=called(field), text=text),
            hint=_("as in {field}:yes").format(field=called(field)),
        )
    return int(plain in _YES)
