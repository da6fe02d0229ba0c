"""Rows of contacts and companies: which columns they have, and how their cells are read."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache, partial
from typing import Any, NamedTuple

from crmcli.errors import CrmError
from crmcli.exchange.headers import Value
from crmcli.i18n import _
from crmcli.rules.birthdays import parse_birthday
from crmcli.rules.clean import printable
from crmcli.rules.columns import each
from crmcli.rules.custom_fields import EXTERNAL_ID, CustomField
from crmcli.rules.custom_fields import Value as OwnValue
from crmcli.rules.custom_values import Around, read_value, value_text
from crmcli.rules.names import Spelt, clean, clean_name, name_key, spelt, unpadded
from crmcli.rules.points import POINT_KINDS, Plain, Point, read_point, read_usual
from crmcli.rules.tags import split_tags
from crmcli.services.importing.cells import owner, read_json
from crmcli.services.importing.consents import CONSENTS, read_consents
from crmcli.services.importing.dayorder import mark
from crmcli.services.importing.foreign import NEXT_CONTACT, OWN_ID, foreign_columns, read_next_contact
from crmcli.services.importing.plan import Plan, RejectedError
from crmcli.services.importing.problems import telling_all
from crmcli.services.importing.staging import Sound, Staged
from crmcli.services.importing.words import Words

_FILLED = {
    "name": ("name", *Spelt._fields),
    "company": ("company", "company_key"),
    "referred_by": ("referrer", "referrer_key"),
}
"""The columns that a field fills, side by side, where it fills several."""


class Party(NamedTuple):
    """A kind of record that has a name, ways to be reached, and tags."""

    table: str
    plain: tuple[str, ...]
    """Columns that are text and nothing else."""
    codes: tuple[str, ...] = ()
    """Columns that hold codes of the vocabulary's set of the same name."""
    belongs: bool = False
    """Whether it has a company, a birthday and somebody who sent it."""
    foreign: tuple[str, ...] = ()
    """What the file has beyond its fields (see crmcli.services.importing.foreign)."""

    @property
    def copied(self) -> tuple[str, ...]:
        """The columns that are written as they were read."""
        return ("name", *self.plain, *self.codes, *(("birthday",) if self.belongs else ()))

    @property
    def searched(self) -> tuple[str, ...]:
        """The columns of the documents by which it is found, in their order; tags and company come behind them."""
        return (*(name for name in self.plain if name != "owner"), "fields")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `incoming`; `reachable` says whether the row has any way to reach somebody."""
        links = (*_FILLED["company"], *_FILLED["referred_by"]) if self.belongs else ()
        return ("uid", *_FILLED["name"], *self.copied[1:], "fields", *self.foreign, *links, "reachable")

    @staticmethod
    def told(column: str, new: str, stored: str) -> str:
        """Return as SQL what one row tells another; a birthday without the year that is known already tells nothing.

        Under the same uid it was emptied on purpose.
        """
        value = f'{new}."{column}"'
        if column == "owner":  # an empty one is nobody, of a new record: one that is there keeps its own
            return f"nullif({value}, '')"
        if column != "birthday":
            return value
        differs = f"coalesce({stored}.birthday, '') NOT LIKE '____' || substr({value}, 2)"
        return f"iif({new}.uid = {stored}.uid OR {differs}, {value}, NULL)"


PARTIES = {
    "contact": Party(
        "contact", ("title", "region", "address", "owner", "notes"), codes=("class", "source"), belongs=True
    ),
    "company": Party("company", ("industry", "website", "region", "address", "owner", "notes")),
}


def party_of(plan: Plan) -> Party:
    """Return which columns the rows have."""
    return PARTIES[plan.noun.name]._replace(foreign=foreign_columns(plan))


_NOTHING = frozenset({"-", "--", "/", "无", "没有", "n/a", "na", "none", "null", "nil", "未知", "暂无"})
"""What people write where there is no phone, no e-mail, no birthday."""
_SHORT = max(map(len, _NOTHING))
_WORDY = frozenset({"text", "flag", "choice"})
"""Types of custom fields for which these words may mean something."""
_PLAIN = (str, int, float, bool)

_MIDNIGHT = re.compile(r"[T\s]+\d{1,2}:.*")
"""The time that programs write behind a day."""

_FIELD_OF = {kind: field for field, kind in POINT_KINDS.items()}

_NAMES = 1 << 15
_REPEATED = 1 << 14
"""How many names and other texts are remembered: most columns say the same again and again."""

_Columns = list[list[Any]]
"""The values of some rows, column by column: most of them are read by functions that go through a column at once."""


class PartyReader:
    """Reads the rows of contacts or companies."""

    def __init__(self, party: Party, plan: Plan, words: Words) -> None:
        self.columns = party.columns
        self.filled = _filled(party, plan)
        self.places = {name: place for place, name in enumerate(("row", *self.filled))}
        """Where each of the values of a row stands."""
        self.words = words
        self._plan = plan
        self._country = plan.country
        self._readers = self._readers_of(party, plan)
        self._extra = plan.extra
        self._around = Around(plan.now, plan.country, plan.order)
        self._declared = {field.code: field for field in plan.own}
        self._own = [
            (column.position, self._declared[column.field])
            for column in plan.headers.columns
            if column.field in self._declared
        ]
        self._external = self.places.get(EXTERNAL_ID, 0)
        left_out = {*self._declared, *({CONSENTS} if plan.versions else ())}
        columns = [column for column in plan.headers.columns if column.field not in left_out]
        fields = [column.field for column in columns]
        plain = [c for c in columns if c.field in self._readers and fields.count(c.field) == 1 and not c.hint]
        self._plain = [(column.position, column.field) for column in plain]
        # fields with several values, in several columns or in parts; yet nearly all cells have one, and go a short way
        others = [column for column in columns if column not in plain]
        self._others = plan.headers._replace(columns=tuple(others))
        self._one_value = re.compile(r"[\w@.+() -]*").fullmatch
        self._simple = all(
            fields.count(column.field) == 1 and column.field in plan.headers.lists and column.labelled_by < 0
            for column in others
        )
        found = {column.field: (column.position, column.field, column.hint) for column in others}
        self._single = [found[field] for field in (*POINT_KINDS, "tags") if field in found]

    def _readers_of(self, party: Party, plan: Plan) -> dict[str, Callable[[str], Any]]:
        """Return how each field is read that has one value."""
        return {
            "uid": str.strip,
            "name": _name,
            "company": _called,
            "referred_by": _called,
            "birthday": partial(_birthday, plan.now.date(), plan.order),
            "fields": self._fields,
            EXTERNAL_ID: _text,
            OWN_ID: _text,
            NEXT_CONTACT: partial(_next_contact, plan),
            CONSENTS: partial(read_consents, self.words),
            **dict.fromkeys(party.plain, _text),
            "owner": owner,
            **{set_: partial(self.words.code, set_, set_) for set_ in party.codes},
        }

    def read(self, rows: Sequence[Sound], staged: Staged) -> None:
        """Add the rows' values to the batch, or why they can't be taken."""
        try:
            self._read(rows, staged)
        except RejectedError:
            staged.read_each(telling_all(self._read_one, self._plan), rows)

    def _read_one(self, number: int, cells: list[str], staged: Staged) -> None:
        self._read([(number, cells)], staged)

    def _read(self, rows: Sequence[Sound], staged: Staged) -> None:
        """Add the values of rows to the batch; raises RejectedError when one of them can't be taken, and adds none."""
        if not rows:
            return
        numbers, records = zip(*rows, strict=True)
        values: _Columns = [[*numbers], *([None] * len(rows) for _place in range(len(self.places) - 1))]
        cells = [*zip(*records, strict=True)]
        for position, field in self._plain:
            self._set(values, field, [*map(str.strip, cells[position])])
        points: list[list[Plain]] = [[] for _row in rows]
        tags: list[list[tuple[str, str]]] = [[] for _row in rows]
        for row in self._read_singles(cells, points, tags) if self._simple else range(len(rows)):
            points[row], tags[row] = self._lists(records[row], values, row)
        if self._extra or self._external or self._own:
            for row, record in enumerate(records):
                self._add_custom(record, values, row)
        values[-1] = [*map(len, points)]
        staged.rows.extend(zip(*values, strict=True))
        staged.add_points(numbers, points)
        staged.add_tags(numbers, tags)

    def _set(self, values: _Columns, field: str, texts: Sequence[str], row: int = 0) -> None:
        """Set what a field's texts mean, from this row on."""
        read = self._readers[field]
        filled = _FILLED.get(field, (field,))
        start, end = self.places[filled[0]], row + len(texts)
        if len(filled) == 1:
            values[start][row:end] = each(lambda text: read(text) if text else None, texts)
            return
        nothing = (None,) * len(filled)
        parts = zip(*each(lambda text: read(text) if text else nothing, texts), strict=True)
        for place, part in enumerate(parts, start):
            values[place][row:end] = part

    def _read_singles(
        self, cells: Sequence[Sequence[str]], points: list[list[Plain]], tags: list[list[tuple[str, str]]]
    ) -> set[int]:
        """Add the ways to reach somebody and the tags; return the rows in which a cell may hold several."""
        several: set[int] = set()
        for position, field, hint in self._single:
            texts = [*map(str.strip, cells[position])]
            if not all(map(self._one_value, texts)):
                several.update([row for row, text in enumerate(texts) if not self._one_value(text)])
            if field == "tags":
                for row, text in enumerate(texts):
                    if text and row not in several:
                        tags[row].append(_tag(text))
                continue
            usual = read_usual(POINT_KINDS[field], texts, self._country, hint)
            for row, (text, point) in enumerate(zip(texts, usual, strict=True)):
                if point:
                    points[row].append(point)
                elif text and row not in several and _is_said(text):
                    points[row].append(self._point(field, text, hint))
        return several

    def _lists(self, cells: list[str], values: _Columns, row: int) -> tuple[list[Plain], list[tuple[str, str]]]:
        """Return the same from cells with any number of values; set what else stands in several columns."""
        record = self._others.record(cells)
        for field, joined in record.items():
            if field in self._readers:
                self._set(values, field, [str(joined)], row)
        texts = [value.text for value in record.get("tags", ()) if isinstance(value, Value)]
        tags = [_tag(tag) for tag in split_tags(texts)]
        return self._points(record), list({tag[1]: tag for tag in reversed(tags)}.values())[::-1]

    def _add_custom(self, cells: list[str], values: _Columns, row: int) -> None:
        """Add the columns that no field has, and another program's id, to the custom fields of a row."""
        custom: dict[str, Any] = {}
        for position, heading in self._extra:
            text = printable(cells[position]).strip()
            if text:
                custom[heading] = f"{custom[heading]}; {text}" if heading in custom else text
        if self._external and values[self._external][row]:
            custom[EXTERNAL_ID] = values[self._external][row]
        own: dict[str, OwnValue] = {}
        for position, field in self._own:
            value = self._read_own(field, cells[position]) if field.code not in own else None
            if value is not None:
                own[field.code] = value
        if custom or own:
            fields = values[self.places["fields"]]
            fields[row] = json.dumps({**custom, **json.loads(fields[row] or "{}"), **own}, ensure_ascii=False)

    def _read_own(self, field: CustomField, text: str) -> OwnValue | None:
        """Return the value of one of the database's own fields; RejectedError for what does not fit."""
        if field.type not in _WORDY and text.strip().casefold() in _NOTHING:
            return None
        try:
            return read_value(field, text, self._around)
        except ValueError as error:
            raise RejectedError(field.code, text, str(error)) from error

    def _fields(self, text: str) -> str | None:
        """Return what our own export writes as `fields`, a JSON object: each value as its field's type, or as it is."""
        try:
            fields = read_json(text)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict) or not all(isinstance(value, _PLAIN) for value in fields.values()):
            raise RejectedError("fields", text[:200], _("not a JSON object of texts"))
        for code in fields.keys() & self._declared.keys():
            field = self._declared[code]
            fields[code] = self._read_own(field, value_text(field, fields[code]))
        fields = {code: value for code, value in fields.items() if value not in (None, "")}
        return json.dumps(fields, ensure_ascii=False) if fields else None

    def _points(self, record: dict[str, str | list[Value]]) -> list[Plain]:
        """Return the ways to reach somebody, each once; our own export's `reach` goes first, because it has labels."""
        listed = _reach(record["reach"]) if "reach" in record else []
        for field in POINT_KINDS:
            listed += [(field, value.text, value.hint) for value in record.get(field, ()) if isinstance(value, Value)]
        found: dict[tuple[str, str], Plain] = {}
        for field, text, hint in listed:
            if _is_said(text):
                point = self._point(field, text, hint)
                found.setdefault((point.kind, point.key), point)
        return list(found.values())

    def _point(self, field: str, text: str, hint: str) -> Point:
        try:
            return read_point(POINT_KINDS[field], text, self._country, hint)
        except ValueError as error:
            raise RejectedError(field, text, str(error)) from error


def _is_said(text: str) -> bool:
    """Return whether a way to reach somebody is given, and no word for none."""
    return len(text) > _SHORT or text.casefold() not in _NOTHING


def _filled(party: Party, plan: Plan) -> tuple[str, ...]:
    """Return the columns, in their order, that something of the file may go into."""
    fields = {column.field for column in plan.headers.columns}
    found = {"fields", "reachable", *fields}.union(*(_FILLED[field] for field in fields & _FILLED.keys()))
    return tuple(column for column in party.columns if column in found)


@lru_cache(maxsize=_REPEATED)
def _called(text: str) -> tuple[str | None, str | None]:
    """Return the name of a company or of somebody else, and what it is compared by."""
    name = unpadded(clean(text))
    return (name, name_key(name)) if name else (None, None)


@lru_cache(maxsize=_REPEATED)
def _tag(text: str) -> tuple[str, str]:
    """Return a tag, and what it is compared by."""
    tag = clean(text)
    return tag, tag.casefold()


@lru_cache(maxsize=_REPEATED)
def _text(text: str) -> str | None:
    return printable(text).strip() or None


@lru_cache(maxsize=_NAMES)
def _name(text: str) -> tuple[str | None, ...]:
    """Return the name, and what it is found and sorted by."""
    try:
        name = clean_name(text)
    except ValueError as error:
        raise RejectedError("name", text, str(error)) from error
    return (name, *spelt(name))


def _birthday(today: date, order: str, text: str) -> str | None:
    if text.casefold() in _NOTHING or not text.strip("0/"):  # Outlook's 0/0/00
        return None
    try:
        return parse_birthday(_MIDNIGHT.sub("", text), today, order) + mark(text)
    except CrmError as error:
        raise RejectedError("birthday", text, error.message) from error


def _next_contact(plan: Plan, text: str) -> str | None:
    return None if text.casefold() in _NOTHING else read_next_contact(plan, text)


def _reach(text: str | list[Value]) -> list[tuple[str, str, str]]:
    """Return field, text and label of what stands in the column `reach` of our own export, which is JSON."""
    assert isinstance(text, str)  # noqa: S101 - narrows the type
    try:
        return [
            (_FIELD_OF[point["kind"]], str(point["value"]), str(point["label"] or ""))
            for point in json.loads(text)
            if point["kind"] in _FIELD_OF
        ]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise RejectedError("reach", text[:200], _("not what an export writes there")) from error
