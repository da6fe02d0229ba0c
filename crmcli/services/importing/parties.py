"""Rows of contacts and companies: which columns they have, and how their cells are read."""

import json
from collections.abc import Callable
from typing import NamedTuple

from crmcli.errors import CrmError
from crmcli.exchange.headers import Value
from crmcli.i18n import _
from crmcli.rules.birthdays import parse_birthday
from crmcli.rules.clean import printable
from crmcli.rules.names import clean, clean_name, name_key
from crmcli.rules.points import POINT_KINDS, read_point
from crmcli.services.importing.plan import Plan, RejectedError
from crmcli.services.importing.staging import Staged, Values
from crmcli.services.importing.words import Words
from crmcli.services.parties import split_tags


class Party(NamedTuple):
    """A kind of record that has a name, ways to be reached, and tags."""

    table: str
    plain: tuple[str, ...]
    """Columns that are text and nothing else."""
    codes: tuple[str, ...] = ()
    """Columns that hold codes of the vocabulary's set of the same name."""
    belongs: bool = False
    """Whether it has a company, a birthday and somebody who sent it."""

    @property
    def copied(self) -> tuple[str, ...]:
        """The columns that are written as they were read."""
        return ("name", "name_key", *self.plain, *self.codes, *(("birthday",) if self.belongs else ()))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `incoming`; `reachable` says whether the row has any way to reach somebody."""
        links = ("company", "company_key", "referrer", "referrer_key") if self.belongs else ()
        return ("uid", *self.copied, "fields", *links, "reachable")


PARTIES = {
    "contact": Party(
        "contact", ("title", "region", "address", "owner", "notes"), codes=("class", "source"), belongs=True
    ),
    "company": Party("company", ("industry", "website", "region", "address", "owner", "notes")),
}

_NOTHING = frozenset({"-", "--", "/", "无", "没有", "n/a", "na", "none", "null", "nil", "未知", "暂无"})
"""What people write where there is no phone, no e-mail, no birthday."""


class PartyReader:
    """Reads the rows of contacts or companies."""

    def __init__(self, party: Party, plan: Plan, words: Words) -> None:
        self.columns = party.columns
        self._party = party
        self._plan = plan
        self._words = words

    def read(self, number: int, cells: list[str], staged: Staged) -> None:
        """Add the row's values to the batch; raises RejectedError."""
        record = self._plan.headers.record(cells)
        get: Callable[..., str] = record.get  # type: ignore[assignment]  # list fields are read apart
        name = _name(get("name", ""))
        values: list[str | int | None] = [number, get("uid"), name, name_key(name) if name else None]
        for field in self._party.plain:
            text = get(field)
            values.append(printable(text).strip() or None if text else None)
        for field in self._party.codes:
            text = get(field)
            values.append(self._words.code(field, field, text) if text else None)
        if self._party.belongs:
            values.append(_birthday(get("birthday", "")))
        values.append(_fields(get("fields", "")))
        if self._party.belongs:
            company, referrer = clean(get("company", "")), clean(get("referred_by", ""))
            values += [company or None, name_key(company) or None, referrer or None, name_key(referrer) or None]
        points = self._points(number, record)
        staged.rows.append((*values, len(points)))
        staged.points.extend(points)
        if "tags" in record:
            texts = [value.text for value in record["tags"] if isinstance(value, Value)]
            staged.tags.extend((number, tag, tag.casefold()) for tag in split_tags(texts))

    def _points(self, number: int, record: dict[str, str | list[Value]]) -> list[Values]:
        """Return the ways to reach somebody, each once; our own export's `reach` goes first, because it has labels."""
        found: dict[tuple[str, str], Values] = {}
        country = self._plan.country
        for kind, field, text, hint in (*_reach(record.get("reach")), *_listed(record)):
            try:
                point = read_point(kind, text, country, hint)
            except ValueError as error:
                raise RejectedError(field, text, str(error)) from error
            found.setdefault((kind, point.key), (number, *point))
        return list(found.values())


def _name(text: str) -> str | None:
    if not text:
        return None
    try:
        return clean_name(text)
    except ValueError as error:
        raise RejectedError("name", text, str(error)) from error


def _birthday(text: str) -> str | None:
    if not text or text.casefold() in _NOTHING:
        return None
    try:
        return parse_birthday(text.partition(" ")[0] if ":" in text else text)
    except CrmError as error:
        raise RejectedError("birthday", text, error.message) from error


def _fields(text: str) -> str | None:
    """Return custom fields as a JSON object of texts."""
    if not text:
        return None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise RejectedError("fields", text[:200], _("not a JSON object of texts"))
    return json.dumps(fields, ensure_ascii=False) if fields else None


def _listed(record: dict[str, str | list[Value]]) -> list[tuple[str, str, str, str]]:
    """Return kind, field, text and hint of what stands in the columns of phones, e-mails and handles."""
    return [
        (kind, field, value.text, value.hint)
        for field, kind in POINT_KINDS.items()
        if field in record
        for value in record[field]
        if isinstance(value, Value) and value.text.casefold() not in _NOTHING
    ]


def _reach(text: str | list[Value] | None) -> list[tuple[str, str, str, str]]:
    """Return the same of the column `reach` of our own export, which is JSON."""
    if not text or not isinstance(text, str):
        return []
    try:
        return [
            (point["kind"], "reach", str(point["value"]), str(point["label"] or ""))
            for point in json.loads(text)
            if point["kind"] in POINT_KINDS.values()
        ]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise RejectedError("reach", text[:200], _("not what an export writes there")) from error
