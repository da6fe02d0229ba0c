"""Checks of what is in the database: the derived parts, the journal, references, words, phones and the clock."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from crmcli.i18n import N_, _, joined, ngettext
from crmcli.nouns import NOUNS, noun
from crmcli.rules.clean import printable
from crmcli.rules.points import Point, read_point
from crmcli.rules.presets import BASE, Row
from crmcli.rules.vocabulary import DEFAULTS, FIXED_SETS
from crmcli.store import search
from crmcli.store.driver import open_file
from crmcli.store.health.check import Check, Subject, newest
from crmcli.store.health.fitting import FITTING
from crmcli.store.health.names import PADDED, SPELT
from crmcli.store.health.values import VALUES
from crmcli.store.presets import insert, own_preset
from crmcli.store.schema import SUMMARIES, create_tables, drop_derived, make_derived
from crmcli.store.waiting import begin_writing, commit, is_busy
from crmcli.when.stored import moment_text

_DERIVED = (*SUMMARIES, "search")
"""Tables that hold nothing of their own."""
_JOURNAL = ("change_row", "change_range")
_CLAIM = timedelta(minutes=10)
"""A reminder that was claimed so long ago and not delivered is nobody's (`services/reminders.py`)."""
_SAMPLE = 2_000
"""Of each kind of record, so many documents of the search index are made anew and compared."""
_TOLERANCE = timedelta(minutes=5)
"""By so much two machines' clocks may differ."""


def _tables(subject: Subject) -> str:
    return _missing(subject, "table", but=_DERIVED)


def _indexes(subject: Subject) -> str:
    return _missing(subject, "index")


def _missing(subject: Subject, kind: str, but: Sequence[str] = ()) -> str:
    """Say which tables or indexes are not there; how they look is for migrations to settle."""
    present = _schema_of(subject.connection)
    expected = [name for type_, name in _expected() if type_ == kind and (type_, name) not in present]
    names = [name for name in expected if name not in but]
    return _("missing: {names}").format(names=joined(names)) if names else ""


def _make_indexes(subject: Subject) -> None:
    present = _schema_of(subject.connection)
    for key, sql in _expected().items():
        if key[0] == "index" and key not in present:
            subject.connection.execute(sql)


def _derived(subject: Subject) -> str:
    """Compare what is derived with that of a new database; what the user has added is left alone."""
    present = _schema_of(subject.connection)
    names = [
        name
        for (type_, name), sql in _expected().items()
        if (type_ in ("view", "trigger") or name in _DERIVED) and present.get((type_, name)) != sql
    ]
    return _("missing or out of date: {names}").format(names=joined(names)) if names else ""


def _schema_of(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Return the SQL of all that is declared, by type and name; what the search index keeps is its own business."""
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'search\\_%' ESCAPE '\\' "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return {(type_, name): sql for type_, name, sql in rows}


@cache
def _expected() -> dict[tuple[str, str], str]:
    """Return what a new database declares."""
    with closing(open_file(Path(":memory:"), key="")) as connection:
        create_tables(connection)
        make_derived(connection)
        return _schema_of(connection)


def _remake(subject: Subject) -> None:
    """Make views, triggers, summaries and the search index anew."""
    with _at_once(subject.connection):
        drop_derived(subject.connection)
        make_derived(subject.connection)


def _journal(subject: Subject) -> str:
    """Say which rows of the journal belong to no change, or that it is recording outside a transaction."""
    lost = sum(_count(subject, f"FROM {table} WHERE change_id NOT IN (SELECT id FROM change)") for table in _JOURNAL)
    if lost:
        return ngettext("{count} row of a change that is gone", "{count} rows of changes that are gone", lost).format(
            count=lost
        )
    if _count(subject, "FROM journal_state WHERE id = 1 AND change_id IS NULL AND bulk = 0") != 1:
        return _("it was left open")
    return ""


def _mend_journal(subject: Subject) -> None:
    with _at_once(subject.connection):
        for table in _JOURNAL:
            subject.connection.execute(f"DELETE FROM {table} WHERE change_id NOT IN (SELECT id FROM change)")
        subject.connection.execute("DELETE FROM journal_state")
        subject.connection.execute("INSERT INTO journal_state (id, change_id, bulk) VALUES (1, NULL, 0)")


def _references(subject: Subject) -> str:
    count = len(dangling(subject.connection))
    said = ngettext("{count} record points at one that is gone", "{count} records point at ones that are gone", count)
    return said.format(count=count) if count else ""


def _mend_references(subject: Subject) -> None:
    with subject.transaction() as tx:
        mend_references(tx.connection)


def dangling(connection: sqlite3.Connection) -> list[tuple[str, int, int]]:
    """Return table, row and number of the foreign key of every reference to a row that is gone; not the journal's."""
    rows = connection.execute('SELECT "table", rowid, fkid FROM pragma_foreign_key_check').fetchall()
    return [(row[0], row[1], row[2]) for row in rows if row[0] not in (*_JOURNAL, *SUMMARIES)]


def mend_references(connection: sqlite3.Connection) -> None:
    """Do what should have been done when the other row went: forget the reference, or go with it."""
    for table, row, key in dangling(connection):
        column, on_delete = connection.execute(
            'SELECT "from", on_delete FROM pragma_foreign_key_list(?) WHERE id = ?', (table, key)
        ).fetchone()
        if on_delete == "CASCADE":
            connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))
        else:
            connection.execute(f"UPDATE {table} SET {column} = NULL WHERE rowid = ?", (row,))


def _summaries(subject: Subject) -> str:
    wrong = sum(
        _count(subject, f"FROM (SELECT * FROM {one} EXCEPT SELECT * FROM {other})")
        for table in SUMMARIES
        for one, other in ((table, f"{table}_now"), (f"{table}_now", table))
    )
    said = ngettext("differ from the records in {count} place", "differ from the records in {count} places", wrong)
    return said.format(count=wrong) if wrong else ""


def _search(subject: Subject) -> str:
    count = search.differences(subject.connection, _SAMPLE if subject.sampled else 0, subject.now.toordinal())
    if count:
        said = ngettext("{count} record is not found as it is", "{count} records are not found as they are", count)
        return said.format(count=count)
    try:
        begin_writing(subject.connection, subject.waiting)
        subject.connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")  # writes nothing
    except sqlite3.OperationalError as error:  # who can't write can't ask
        return _("can't be checked: another program is writing") if is_busy(error) else ""
    except sqlite3.DatabaseError:
        return _("it is damaged")
    finally:
        if subject.connection.in_transaction:
            subject.connection.execute("ROLLBACK")
    return ""


def _vocabulary(subject: Subject) -> str:
    return joined(f"{set_}: {code}" for set_, code in _unknown_codes(subject.connection))


def _unknown_codes(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return (set, code) of what records have, or the program itself needs, and the vocabulary has not."""
    there = {(row[0], row[1]) for row in connection.execute('SELECT "set", code FROM vocabulary')}
    needed = [(str(word["set"]), str(word["code"])) for word in _needed()]
    found = {(set_, code) for set_, code in needed if (set_, code) not in there}
    for name in NOUNS:
        columns = {row["name"] for row in connection.execute("SELECT name FROM pragma_table_info(?)", (name,))}
        for field in noun(name).fields:
            if field.vocabulary and field.name in columns:  # what is computed is no column
                unknown = (
                    f'SELECT DISTINCT "{field.name}" FROM {name.replace("-", "_")} WHERE "{field.name}" IS NOT NULL '
                    f'AND "{field.name}" NOT IN (SELECT code FROM vocabulary WHERE "set" = ?)'
                )
                rows = connection.execute(unknown, (field.vocabulary,))
                found |= {(field.vocabulary, row[0]) for row in rows}
    return sorted(found)


def _needed() -> list[Row]:
    """Return the words that mean something to the program itself, as a new database has them."""
    words = own_preset(BASE).rows["vocabulary"]
    return [word for word in words if word["set"] in FIXED_SETS or (word["set"], word["code"]) in DEFAULTS]


def _learn(subject: Subject) -> None:
    """Add the unknown codes: the program's words as they were, others as words that are their own labels."""
    with subject.transaction() as tx:
        there = set(_unknown_codes(tx.connection))
        for word in _needed():
            if (word["set"], word["code"]) in there:
                insert(tx.connection, "vocabulary", {**word, "origin": BASE, "hidden": 0})
        tx.connection.executemany(
            'INSERT INTO vocabulary ("set", code, en, zh, aliases, position) '
            "SELECT :set, :code, :code, :code, '', "
            '1 + (SELECT coalesce(max(position), 0) FROM vocabulary WHERE "set" = :set)',
            [{"set": set_, "code": code} for set_, code in _unknown_codes(tx.connection)],
        )


def _phones(subject: Subject) -> str:
    wrong, twice = len(list(_unnormalised(subject))), len(_repeated(subject.connection))
    said = [
        ngettext("{count} phone is not normalised", "{count} phones are not normalised", wrong).format(count=wrong),
        ngettext("{count} address is there twice", "{count} addresses are there twice", twice).format(count=twice),
    ]
    return joined(text for text, count in zip(said, (wrong, twice), strict=True) if count)


def _unnormalised(subject: Subject) -> Iterator[tuple[int, Point]]:
    """Yield phones that would be stored in another way today; what can't be read stays as it is."""
    stored = "SELECT id, value, key, digits FROM contact_point WHERE kind = 'phone'"
    for id_, *columns in subject.connection.execute(stored).fetchall():
        try:
            point = read_point("phone", columns[0], subject.country)
        except ValueError:
            continue
        if [point.value, point.key, point.digits] != columns:
            yield id_, point


def _repeated(connection: sqlite3.Connection) -> list[int]:
    """Return the ids of what the same contact or company has already."""
    rows = connection.execute(
        "SELECT id FROM contact_point WHERE id NOT IN "
        "(SELECT min(id) FROM contact_point GROUP BY contact_id, company_id, kind, key)"
    )
    return [row[0] for row in rows]


def _mend_phones(subject: Subject) -> None:
    with subject.transaction() as tx:
        tx.connection.executemany(
            "UPDATE contact_point SET value = ?, key = ?, digits = ? WHERE id = ?",
            [(point.value, point.key, point.digits, id_) for id_, point in _unnormalised(subject)],
        )
        repeated = [(id_,) for id_ in _repeated(tx.connection)]
        tx.connection.executemany("DELETE FROM contact_point WHERE id = ?", repeated)


def _fields(subject: Subject) -> str:
    return unreadable_fields(subject.connection)


def unreadable_fields(connection: sqlite3.Connection, *, sampled: bool = False) -> str:
    """Return how many records' custom fields can't be read, which keeps all that are listed with them from being read.

    Empty when all can.
    """
    count = len(_unreadable(connection, sampled=sampled))
    said = ngettext(
        "the custom fields of {count} record can't be read", "the custom fields of {count} records can't be read", count
    )
    return said.format(count=count) if count else ""


def _unreadable(connection: sqlite3.Connection, *, sampled: bool = False) -> list[tuple[str, int, str]]:
    """Return table, id and custom fields of each record whose fields are no JSON object."""
    wrong = "iif(json_valid(fields), json_type(fields) <> 'object', TRUE)"
    return [
        (table, *row)
        for table in ("contact", "company")
        for row in connection.execute(
            f"SELECT id, fields FROM {table} WHERE {wrong} AND {newest(table, sampled=sampled)}"
        )
    ]


def _mend_fields(subject: Subject) -> None:
    with subject.transaction() as tx:
        mend_fields(tx.connection)


def mend_fields(connection: sqlite3.Connection) -> None:
    """Make custom fields a JSON object: nothing that has such a record in it could be listed."""
    for table, id_, text in _unreadable(connection):
        fields = json.dumps(_readable(text), ensure_ascii=False)
        connection.execute(f"UPDATE {table} SET fields = ? WHERE id = ?", (fields, id_))


def _readable(text: str) -> dict[str, Any]:
    """Return custom fields with numbers that are none, such as Infinity, as texts: JSON has them not.

    What not even Python can read is kept as one text.
    """
    with suppress(ValueError, RecursionError):
        fields = json.loads(text, parse_constant=str)
        if isinstance(fields, dict):
            return fields
    said = printable(text).strip()
    return {_("unreadable"): said} if said else {}


def _reminders(subject: Subject) -> str:
    count = _count(subject, "FROM reminder WHERE claimed_by IS NOT NULL AND claimed_at < ?", _stale(subject))
    said = ngettext("{count} was claimed and never delivered", "{count} were claimed and never delivered", count)
    return said.format(count=count) if count else ""


def _free_reminders(subject: Subject) -> None:
    subject.connection.execute("UPDATE reminder SET claimed_by = NULL WHERE claimed_at < ?", (_stale(subject),))


def _stale(subject: Subject) -> str:
    return moment_text(subject.now - _CLAIM)


def _clock(subject: Subject) -> str:
    newest = subject.connection.execute("SELECT max(at) FROM change WHERE at < ':'").fetchone()[0]
    if newest is None or newest <= moment_text(subject.now + _TOLERANCE):
        return ""
    return _("the newest change is dated {newest}, later than now").format(newest=newest)


def _count(subject: Subject, of: str, *values: str) -> int:
    return int(subject.connection.execute(f"SELECT count(*) {of}", values).fetchone()[0])


@contextmanager
def _at_once(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the block in one transaction that the journal does not record: it mends what no user wrote."""
    begin_writing(connection)
    try:
        yield
        commit(connection)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


_FIX = N_("crm doctor --fix")

CHECKS = (
    Check(
        "tables",
        N_("every table is there"),
        _tables,
        N_("restore a backup: crm backup --list; or save what there is: crm doctor --salvage NEWFILE"),
    ),
    Check("derived", N_("views and triggers are up to date"), _derived, _FIX, _remake),
    Check("indexes", N_("every index is there"), _indexes, _FIX, _make_indexes),
    Check("journal", N_("the journal is whole"), _journal, _FIX, _mend_journal),
    Check("references", N_("every reference leads somewhere"), _references, _FIX, _mend_references),
    Check(
        "vocabulary",
        N_("records use words that are known"),
        _vocabulary,
        N_("crm doctor --fix adds them, crm vocabulary edit gives them labels"),
        _learn,
    ),
    Check("phones", N_("phones are stored in one way, each once"), _phones, _FIX, _mend_phones),
    PADDED,
    SPELT,
    Check(
        "fields",
        N_("custom fields can be read"),
        _fields,
        _FIX,
        _mend_fields,
    ),
    VALUES,
    FITTING,
    Check("summaries", N_("summaries agree with the records"), _summaries, _FIX, _remake),
    Check("search", N_("everything is found as it is"), _search, _FIX, _remake, samples=True),
    Check("reminders", N_("no reminder is stuck"), _reminders, _FIX, _free_reminders),
    Check(
        "clock",
        N_("nothing was written in the future"),
        _clock,
        N_("set the machine's clock; crm history shows the change"),
    ),
)
