"""What tests of queries share: a small database, and which of its records a query finds."""

import sqlite3
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crmcli.nouns import Noun, noun
from crmcli.queries.where import Surroundings, compile_query, compile_sort

CONTACT = noun("contact")
NOW = datetime(2026, 11, 21, 10, 30, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
LABELS = {"有意向": "interested", "核心": "core", "core": "core", "interested": "interested"}

TABLES = """
CREATE TABLE contacts (id INTEGER PRIMARY KEY, name TEXT, sort_key TEXT, company TEXT, region TEXT, class TEXT,
    birthday TEXT, last_contact_at TEXT, next_due TEXT, open_complaints INTEGER, created_at TEXT);
CREATE TABLE tag (contact_id INTEGER, name TEXT, key TEXT);
CREATE TABLE contact_point (contact_id INTEGER, kind TEXT, value TEXT, key TEXT, digits TEXT);
CREATE TABLE search (contact_id INTEGER, search TEXT, entity TEXT);
"""
Record = dict[str, Any]


def surroundings(now: datetime = NOW) -> Surroundings:
    return Surroundings(now, "md", "CN", lambda _set, text: LABELS.get(text))


def database(records: list[Record]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(TABLES)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(contacts)")]
    marks = ", ".join(f":{column}" for column in columns)
    for id_, record in enumerate(records, 1):
        filled = dict.fromkeys(columns) | record | {"id": id_, "sort_key": record.get("name")}
        connection.execute(f"INSERT INTO contacts VALUES ({marks})", filled)
        for tag in record.get("tags", ()):
            connection.execute("INSERT INTO tag VALUES (?, ?, ?)", (id_, tag, tag.casefold()))
        for kind, value in record.get("points", ()):
            digits = value.removeprefix("+86") if kind == "phone" else None
            connection.execute(
                "INSERT INTO contact_point VALUES (?, ?, ?, ?, ?)", (id_, kind, value, value.casefold(), digits)
            )
    connection.execute("INSERT INTO tag VALUES (NULL, 'a company''s', 'a company''s')")
    return connection


def order_by(sort: str, declared: Noun) -> str:
    return ", ".join(term.sql for term in compile_sort(sort, declared, NOW))


def found(connection: sqlite3.Connection, query: str, now: datetime = NOW, sort: str = "id") -> list[int]:
    condition = compile_query(query, CONTACT, surroundings(now))
    sql = f"SELECT id FROM contacts WHERE {condition.sql} ORDER BY {order_by(sort, CONTACT)}"
    return [row[0] for row in connection.execute(sql, condition.parameters)]
