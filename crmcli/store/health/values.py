"""Whether days, moments, zones, repeats and JSON can be read, which other programs may write in their own way.

One that can't be read ends `crm today` and the reminders for everybody, and no command could correct the record.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from crmcli.errors import UsageError
from crmcli.i18n import N_, ngettext
from crmcli.rules.points import POINT_KINDS
from crmcli.store.health.check import Check, Subject, named, newest
from crmcli.store.presets import NAMES, load, preset_text
from crmcli.when.recurrence import next_occurrence
from crmcli.when.stored import moment_text
from crmcli.when.zone import load_zone


def _kind(text: str) -> str:
    if text not in POINT_KINDS.values():
        raise ValueError(text)
    return text


def _zone(text: str) -> str:
    try:
        load_zone(text)
    except UsageError as error:
        raise ValueError(text) from error
    return text


def _rule(text: str) -> str:
    next_occurrence(text, date.min, date.min)
    return text


def _preset(text: str) -> str:
    try:
        load("", text)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(text) from error
    return text


def _moment(text: str) -> str:
    """Return a moment as it is stored; without a zone it is UTC, as SQLite's own functions write it."""
    moment = datetime.fromisoformat(text)
    return moment_text(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


class _Form(NamedTuple):
    """How the values of some columns are written."""

    columns: tuple[str, ...]
    proper: str
    """SQL of the value as it should be, in terms of `value`: as SQLite adds, no February has 30 days. Empty where only
    `read` knows."""
    read: Callable[[str], str]
    """Returns the value as it should be, if it can be made out; raises ValueError."""
    tables: tuple[str, ...] = ()
    """Those that have such columns, where others have something else under their names."""


_JSON = "iif(json_valid(value), value, NULL)"
_FORMS = (
    _Form(
        (
            *("at", "created_at", "updated_at", "due_at", "due_by", "done_at", "made_at", "settled_at", "sent_at"),
            *("returned_at", "received_at", "respond_by", "resolve_by", "responded_at", "resolved_at", "closed_at"),
            "waiting_since",
        ),
        "strftime('%Y-%m-%dT%H:%M:%SZ', value, '+0 days')",
        _moment,
    ),
    _Form(
        ("due_on", "anchor", "report_on"),
        "date(value, '+0 days')",
        lambda text: date.fromisoformat(text[:10]).isoformat(),
    ),
    _Form(("due_time",), "strftime('%H:%M', value)", lambda text: f"{time.fromisoformat(text):%H:%M}"),
    _Form(
        ("birthday",),
        "iif(value LIKE '--%', '--' || substr(date('2000' || substr(value, 2), '+0 days'), 6), date(value, '+0 days'))",
        lambda text: date.fromisoformat(text[:10]).isoformat(),
    ),
    _Form(
        ("snoozed_from",),
        "iif(length(value) = 10, date(value, '+0 days'), strftime('%Y-%m-%dT%H:%M', value, '+0 days'))",
        lambda text: datetime.fromisoformat(text).strftime("%Y-%m-%dT%H:%M"),
    ),
    _Form(("data", "choices"), _JSON, lambda text: json.dumps(json.loads(text))),
    _Form(("before", "after"), _JSON, lambda text: json.dumps(json.loads(text)), ("change_row",)),
    _Form(("kind",), "iif(value IN ('phone', 'email', 'handle'), value, NULL)", _kind, ("contact_point",)),
    _Form(("zone",), "", _zone),
    _Form(("rule",), "", _rule, ("callback",)),
    _Form(("text",), "", _preset, ("preset",)),
)
_COLUMNS = """
SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p
WHERE m.type = 'table' AND p.name = ? AND m.name NOT IN ('contact_state', 'recent')
"""
_IMAGES = 'SELECT "after" FROM change_row WHERE entity = ? AND entity_id = ? AND "after" IS NOT NULL ORDER BY id DESC'


class _Value(NamedTuple):
    """A value that can't be read."""

    table: str
    id: int
    column: str
    value: str
    form: _Form


def _unreadable(connection: sqlite3.Connection, *, sampled: bool = False) -> Iterator[_Value]:
    for form in _FORMS:
        for column in form.columns:
            for table, _column in connection.execute(_COLUMNS, (column,)).fetchall():
                if table in (form.tables or (table,)):
                    for id_, value in _wrong(connection, form, table, column, sampled=sampled):
                        yield _Value(table, id_, column, value, form)


def _wrong(
    connection: sqlite3.Connection, form: _Form, table: str, column: str, *, sampled: bool
) -> list[tuple[int, str]]:
    """Return id and value of what is not as the form has it; what only Python can judge is judged once a value."""
    if form.proper:
        proper = form.proper.replace("value", f'"{column}"')
        wrong = (
            f'SELECT id, "{column}" FROM {table} WHERE "{column}" IS NOT NULL AND {proper} IS NOT "{column}" '
            f"AND {newest(table, sampled=sampled)}"
        )
        return [(row[0], row[1]) for row in connection.execute(wrong).fetchall()]
    looked_at = f"{table} WHERE {newest(table, sampled=sampled)}"
    values = [
        row[0] for row in connection.execute(f'SELECT DISTINCT "{column}" FROM {looked_at} AND "{column}" <> \'\'')
    ]
    return [
        (row[0], value)
        for value in values
        if not _can_be_read(form, value)
        for row in connection.execute(f'SELECT id FROM {looked_at} AND "{column}" = ?', (value,)).fetchall()
    ]


def _can_be_read(form: _Form, value: str) -> bool:
    try:
        return bool(form.read(value))
    except (ValueError, OverflowError):
        return False


def _values(subject: Subject) -> str:
    return unreadable_values(subject.connection, sampled=subject.sampled)


def unreadable_values(connection: sqlite3.Connection, *, sampled: bool = False) -> str:
    """Return which values can't be read; empty when all can."""
    wrong = list(_unreadable(connection, sampled=sampled))
    said = ngettext("{count} value can't be read", "{count} values can't be read", len(wrong)).format(count=len(wrong))
    return f"{said}: {named([(each.table, each.id, each.column, each.value) for each in wrong])}" if wrong else ""


def _mend(subject: Subject) -> None:
    with subject.transaction() as tx:
        for wrong in list(_unreadable(tx.connection, sampled=subject.sampled)):
            known = [_made_out(wrong) or _as_shipped(tx.connection, wrong)]
            for value in known if known[0] else _last_known(tx.connection, wrong):
                tx.connection.execute(f'UPDATE {wrong.table} SET "{wrong.column}" = ? WHERE id = ?', (value, wrong.id))


def _made_out(wrong: _Value) -> str | None:
    try:
        return wrong.form.read(wrong.value)
    except (ValueError, OverflowError):
        return None


def _as_shipped(connection: sqlite3.Connection, wrong: _Value) -> str | None:
    """Return the text of a preset that comes with the program; None of anything else."""
    if wrong.table != "preset":
        return None
    (name,) = connection.execute("SELECT name FROM preset WHERE id = ?", (wrong.id,)).fetchone()
    return preset_text(name) if name in NAMES else None


def _last_known(connection: sqlite3.Connection, wrong: _Value) -> list[str | None]:
    """Return what the journal has of it last that can be read, which may be nothing; empty when it knows nothing."""
    for (image,) in connection.execute(_IMAGES, (wrong.table, wrong.id)).fetchall():
        with suppress(ValueError):  # spoilt, too
            value = json.loads(image)[wrong.column]
            if value is None or _is_proper(connection, wrong.form, value):
                return [value]
    return []


def _is_proper(connection: sqlite3.Connection, form: _Form, value: str) -> bool:
    if not form.proper:
        return _can_be_read(form, value)
    proper = form.proper.replace("value", ":value")
    return bool(connection.execute(f"SELECT {proper} IS :value", {"value": value}).fetchone()[0])


VALUES = Check(
    "values",
    N_("days, moments, repeats and what else has a form can be read"),
    _values,
    N_("crm doctor --fix takes what the journal has; what it has not: restore a backup, or correct it with sqlite3"),
    _mend,
    samples=True,
)
