"""Whatever belongs to a contact goes where they go: found in the models, so that no later table can be forgotten."""

import json
import sqlite3
from pathlib import Path

import pytest

from crmcli.nouns import NOUNS
from crmcli.queries.history import list_changes
from crmcli.queries.reader import Reader
from crmcli.store.database import open_database
from crmcli.store.relations import Part, parts_of_contact
from crmcli.store.schema import JOURNALLED
from crmcli.store.transaction import Author, write
from tests.conftest import Crm, content
from tests.kept import filled_once
from tests.rows import NOW
from tests.tables import declared

NOT_JOURNALLED = {"contact_state"}
"""Derived from the others."""
WITHOUT_WORDS = {"survey_answer"}
"""Tables without a text: nothing of them can be looked for."""


def of_contacts() -> set[str]:
    """Return the tables whose rows go with a contact, as the models say."""
    keys = {
        (name, key.column.table.name)
        for name, table in declared().items()
        for key in table.foreign_keys
        if key.ondelete == "CASCADE"
    }
    found = {"contact"}
    while more := {table for table, target in keys if target in found} - found:
        found |= more
    return found - {"contact"} - NOT_JOURNALLED


def marker(table: str, contact: int) -> str:
    return f"mark-{table}-{contact}-"


def fill(connection: sqlite3.Connection, contact: int) -> None:
    """Give a contact a row of every table that belongs to them, with a word that says of which."""
    made = {"contact": contact, "question": connection.execute("SELECT min(id) FROM question").fetchone()[0]}
    if made["question"] is None:
        made["question"] = _insert(connection, "question", {"form": "f", "code": "c"}, 0)
    for table in dict.fromkeys(part.table for part in parts_of_contact(connection)):
        keys = connection.execute(f"PRAGMA foreign_key_list({table})").fetchall()
        columns = {key["from"]: made[key["table"]] for key in keys if key["table"] in made}
        if table == "supervision":  # of one thing alone
            columns = {name: id_ for name, id_ in columns.items() if name in ("contact_id", "promise_id")}
        made[table] = _insert(connection, table, columns, contact)


def _insert(connection: sqlite3.Connection, table: str, columns: dict[str, object], contact: int) -> int:
    for column in connection.execute(f"PRAGMA table_info({table})").fetchall():
        if column["notnull"] and not column["pk"] and column["dflt_value"] is None:
            filler = f"{marker(table, contact)}{column['name']}" if column["type"] == "TEXT" else 1
            columns.setdefault(column["name"], filler)
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    cursor = connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(columns.values()))
    assert cursor.lastrowid
    return cursor.lastrowid


@pytest.fixture
@filled_once
def filled(crm: Crm) -> Crm:
    """Give two contacts who have everything that a contact can have."""
    crm.ok("add", "张三")
    crm.ok("add", "李四")
    connection = open_database(crm.db)
    with write(connection, Author("wei", NOW, "test")) as tx:
        fill(tx.connection, 1)
        fill(tx.connection, 2)
    connection.close()
    return crm


def counted(path: Path) -> dict[str, int]:
    connection = open_database(path)
    return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in of_contacts()}


def test_the_schema_says_what_the_models_say(filled: Crm) -> None:
    parts = parts_of_contact(open_database(filled.db))
    assert {part.table for part in parts} == of_contacts()
    assert of_contacts() <= {*JOURNALLED}
    assert Part("supervision_report", "supervision_id", "supervision") in parts
    assert [part.owner for part in parts if part.table == "promise"] == ["contact"]


def test_the_journal_knows_whose_every_row_is(filled: Crm) -> None:
    connection = open_database(filled.db)
    for table in of_contacts():
        rows = connection.execute("SELECT contact_id FROM change_row WHERE entity = ? ORDER BY id", (table,))
        assert [row[0] for row in rows] == [1, 2], table
    items = [item for change in list_changes(Reader(connection, NOW), 1) for item in change["changes"]]
    assert {item["entity"] for item in items} == of_contacts() | {"contact"}


def test_merging_moves_it(filled: Crm) -> None:
    before = counted(filled.db)
    filled.ok("contact", "merge", "1", "2", "-y")
    assert {table: count for table, count in counted(filled.db).items() if count < before[table]} == {}
    connection = open_database(filled.db)
    for part in parts_of_contact(connection):
        if part.owner == "contact":
            owners = connection.execute(f"SELECT DISTINCT {part.column} FROM {part.table}").fetchall()
            assert [row[0] for row in owners] == [1], part
    filled.ok("undo")
    assert counted(filled.db) == before


def test_all_of_it_is_in_what_a_person_may_ask_for(filled: Crm) -> None:
    said = filled.ok("contact", "export-all", "1").out
    content = json.loads(said)
    del content["journal"]
    said = json.dumps(content)
    assert [table for table in of_contacts() - WITHOUT_WORDS if marker(table, 1) not in said] == []
    assert "-2-" not in said
    assert {f"{table}s" for table in of_contacts() & {*NOUNS}} <= content.keys()


def test_erasing_leaves_nothing_of_it(filled: Crm) -> None:
    filled.ok("contact", "erase", "1", "-y")
    left = content(filled.db)
    assert [table for table in of_contacts() if marker(table, 1).encode() in left] == []
    assert all(marker(table, 2).encode() in left for table in of_contacts() - WITHOUT_WORDS)
    assert set(counted(filled.db).values()) == {1}
    connection = open_database(filled.db)
    entities = {row[0] for row in connection.execute("SELECT entity FROM change_row WHERE contact_id = 1")}
    assert entities == set()


def test_deleting_takes_it_and_undo_brings_it_back(filled: Crm) -> None:
    filled("doctor", "--fix")  # what comes back with a word that nobody knows is refused
    before = counted(filled.db)
    filled.ok("contact", "delete", "1")
    assert set(counted(filled.db).values()) == {1}
    filled.ok("undo")
    assert counted(filled.db) == before
