"""Making and upgrading the database: tables, then what is derived from them.

Tables hold what the user entered and change by a migration. A new database begins with those of `tables.sql`, which is
made from the models and held equal to them by a test: to declare the models would cost half a second. Views, triggers,
the search index and the summaries hold nothing of their own: every upgrade drops and makes them again.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from crmcli.i18n import _
from crmcli.store.connection import APPLICATION_ID, PAGE_SIZE, SCHEMA
from crmcli.store.driver import Connection
from crmcli.store.network import switch_log_on
from crmcli.store.waiting import begin_writing

_SQL = Path(__file__).parent
_DERIVED_FILES = ("state.sql", "views.sql", "search.sql")

Announce = Callable[[Path], None]
"""Told before an older database is brought up to date, which can take minutes: where a copy of it is kept."""

HEAD = "0004"
"""The newest migration; a new database is stamped with it."""

JOURNALLED = (
    "vocabulary",
    "company",
    "contact",
    "contact_point",
    "tag",
    "complaint",
    "callback",
    "followup",
    "complaint_step",
    "attachment",
    "consent",
    "service_level",
    "custom_field",
    "notice",
    "preset",
    "complaint_link",
    "promise",
    "supervision",
    "supervision_report",
    "question",
    "survey",
    "survey_answer",
    "answer",
    "former_uid",
    "distinct_pair",
)
"""The tables whose changes the journal records, and undo takes back."""

SUMMARIES = ("contact_state", "field_date")
"""Tables that follow from others; each has a view `…_now` that computes the same afresh."""

_CONTACT_OF = {
    "vocabulary": "NULL",
    "company": "NULL",
    "contact": "{row}.id",
    "complaint_step": "(SELECT contact_id FROM complaint WHERE id = {row}.complaint_id)",
    "complaint_link": "(SELECT contact_id FROM complaint WHERE id = {row}.complaint_id)",
    "supervision_report": "(SELECT contact_id FROM supervision WHERE id = {row}.supervision_id)",
    "survey_answer": "(SELECT contact_id FROM survey WHERE id = {row}.survey_id)",
    "answer": "NULL",
    "service_level": "NULL",
    "custom_field": "NULL",
    "notice": "NULL",
    "preset": "NULL",
    "question": "NULL",
    "distinct_pair": "NULL",
}
SUMMARISED = ("followup", "callback", "complaint")
"""The tables of which `contact_state` keeps something of each contact."""

STATE_COLUMNS = "class, last_contact_at, touched_at, next_due, open_callbacks, open_complaints"
"""What it keeps."""

_SINGLY = "WHEN (SELECT bulk FROM journal_state) = 0"
"""For insert triggers whose work `store/bulk.py` does for all rows at once."""


def bring_up_to_date(connection: sqlite3.Connection, path: Path, upgrading: Announce | None = None) -> None:
    """Create the schema in an empty file, or migrate an older one; safe when two processes try at once.

    `upgrading` is told before an older one is upgraded, once the copy is there.
    """
    if isinstance(connection, Connection):  # SQLCipher has pages of its own
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")  # counts only while nothing is written
    switch_log_on(connection, path)
    connection.execute("PRAGMA foreign_keys = OFF")  # a migration that makes a table anew must not cascade
    begin_writing(connection)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version < SCHEMA:
            if version == 0:
                _create(connection)
            else:
                _migrate(connection, path, upgrading)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # some failures have ended it
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _create(connection: sqlite3.Connection) -> None:
    from crmcli.store.presets import load_preset

    create_tables(connection)
    make_derived(connection)
    load_preset(connection, "general")


def _migrate(connection: sqlite3.Connection, path: Path, upgrading: Announce | None) -> None:
    from crmcli.store.migrations import copy_of, keep_copy, run_migrations
    from crmcli.store.presets import load_missing

    copy = copy_of(connection, path)
    keep_copy(path, copy)
    if upgrading:
        upgrading(copy)
    drop_derived(connection)
    run_migrations(connection)
    if connection.execute("SELECT EXISTS (SELECT 1 FROM pragma_foreign_key_check)").fetchone()[0]:
        raise sqlite3.IntegrityError(_("after the upgrade a record points at one that is gone; nothing was changed"))
    make_derived(connection)
    load_missing(connection)


def create_tables(connection: sqlite3.Connection) -> None:
    """Create every table and index in the open transaction, and stamp the newest migration."""
    _run_script(connection, (_SQL / "tables.sql").read_text("utf-8"))
    connection.execute("CREATE TABLE alembic_version (version_num TEXT NOT NULL PRIMARY KEY) STRICT")
    connection.execute("INSERT INTO alembic_version VALUES (?)", (HEAD,))


def make_derived(connection: sqlite3.Connection) -> None:
    """Make views, triggers and summaries anew and fill the summaries from the tables."""
    from crmcli.store.search import rebuild

    for name in _DERIVED_FILES:
        _run_script(connection, (_SQL / name).read_text("utf-8"))
    for table in SUMMARIES:
        connection.execute(f"INSERT INTO {table} SELECT * FROM {table}_now")
    connection.execute("INSERT OR IGNORE INTO journal_state (id, change_id, bulk) VALUES (1, NULL, 0)")
    for statement in (*_state_triggers(), *_date_triggers(), *_journal_triggers(connection)):
        connection.execute(statement)
    rebuild(connection)


def drop_derived(connection: sqlite3.Connection) -> None:
    """Drop everything that `make_derived` makes."""
    for kind in ("trigger", "view"):
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = ?", (kind,)).fetchall()
        for (name,) in names:
            connection.execute(f'DROP {kind} "{name}"')
    for table in ("search", "search_answer", *SUMMARIES):
        connection.execute(f"DROP TABLE IF EXISTS {table}")


def _run_script(connection: sqlite3.Connection, script: str) -> None:
    """Execute the statements of a script without ending the transaction, as executescript would."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def _state_triggers() -> list[str]:
    """Keep `contact_state` equal to `contact_state_now`."""
    refresh = (
        f"UPDATE contact_state SET ({STATE_COLUMNS}) = (SELECT {STATE_COLUMNS} FROM contact_state_now "
        "WHERE contact_id = {row}.{key}) WHERE contact_id = {row}.{key};"
    )
    triggers = [
        (
            f"CREATE TRIGGER state_contact_insert AFTER INSERT ON contact {_SINGLY} BEGIN "
            "INSERT INTO contact_state SELECT * FROM contact_state_now WHERE contact_id = NEW.id; END"
        ),
        (
            "CREATE TRIGGER state_contact_update AFTER UPDATE OF class, created_at ON contact BEGIN "
            f"{refresh.format(row='NEW', key='id')} END"
        ),
    ]
    for table in SUMMARISED:
        new, old = (refresh.format(row=row, key="contact_id") for row in ("NEW", "OLD"))
        triggers += [
            f"CREATE TRIGGER state_{table}_insert AFTER INSERT ON {table} {_SINGLY} BEGIN {new} END",
            f"CREATE TRIGGER state_{table}_update AFTER UPDATE ON {table} BEGIN {new} {old} END",
            # when the contact itself is being deleted, its state goes with it
            (
                f"CREATE TRIGGER state_{table}_delete AFTER DELETE ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM contact WHERE id = OLD.contact_id) BEGIN {old} END"
            ),
        ]
    return triggers


def _date_triggers() -> list[str]:
    """Keep `field_date` equal to `field_date_now`: when a contact's values change, and when fields are declared."""
    take = 'INSERT INTO field_date SELECT contact_id, code, "on" FROM field_date_now WHERE {which};'
    of_contact = take.format(which="contact_id = NEW.id")
    old, new = (f"DELETE FROM field_date WHERE code = {row}.code;" for row in ("OLD", "NEW"))
    of_field = take.format(which="code = NEW.code")
    return [
        (
            "CREATE TRIGGER date_contact_insert AFTER INSERT ON contact "
            f"{_SINGLY} AND NEW.fields <> '{{}}' BEGIN {of_contact} END"
        ),
        (
            "CREATE TRIGGER date_contact_update AFTER UPDATE OF fields ON contact WHEN OLD.fields IS NOT NEW.fields "
            f"BEGIN DELETE FROM field_date WHERE contact_id = NEW.id; {of_contact} END"
        ),
        f"CREATE TRIGGER date_field_insert AFTER INSERT ON custom_field BEGIN {new} {of_field} END",
        f"CREATE TRIGGER date_field_update AFTER UPDATE ON custom_field BEGIN {old} {new} {of_field} END",
        (f"CREATE TRIGGER date_field_delete AFTER DELETE ON custom_field WHEN OLD.noun = 'contact' BEGIN {old} END"),
    ]


def _journal_triggers(connection: sqlite3.Connection) -> list[str]:
    """Record every row before and after, whoever writes it: a model, a bulk statement or a cascade."""
    triggers = []
    for table in JOURNALLED:
        names = [row["name"] for row in connection.execute(f"PRAGMA table_info({table})")]
        images = {
            row: "json_object(" + ", ".join(f"'{name}', {row}.\"{name}\"" for name in names) + ")"
            for row in ("NEW", "OLD")
        }
        for event, row, before, after, also in (
            ("INSERT", "NEW", "NULL", images["NEW"], "AND (SELECT bulk FROM journal_state) = 0"),
            ("UPDATE", "NEW", images["OLD"], images["NEW"], f"AND {images['OLD']} IS NOT {images['NEW']}"),
            ("DELETE", "OLD", images["OLD"], "NULL", ""),
        ):
            contact = _CONTACT_OF.get(table, "{row}.contact_id").format(row=row)
            triggers.append(
                f"CREATE TRIGGER journal_{table}_{event.lower()} AFTER {event} ON {table} "
                f"WHEN (SELECT change_id FROM journal_state) IS NOT NULL {also} BEGIN "
                "INSERT INTO change_row (change_id, entity, entity_id, contact_id, before, after) VALUES ("
                f"(SELECT change_id FROM journal_state), '{table}', {row}.id, {contact}, {before}, {after}); END"
            )
    return triggers
