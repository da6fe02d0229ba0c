"""The presets that come with the program, and what a database begins with."""

import sqlite3
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from crmcli.rules.presets import BASE, KEYS, Preset, effective, preset_of
from crmcli.rules.vocabulary import FIXED_SETS

NAMES = (BASE, "utility", "realestate", "library", "auto", "logistics")
"""The presets that come with the program."""
COLUMNS = ("set", "code", "en", "zh", "aliases", "position", "cadence_days", "requires", "origin")
"""What a word of the vocabulary consists of."""
QUESTION = ("form", "code", "moment", "en", "zh", "weight", "position", "origin")
"""What a question of a survey consists of."""


def preset_text(name: str) -> str:
    """Return the file of one of the program's own presets."""
    return resources.files("crmcli.presets").joinpath(f"{name}.toml").read_text("utf-8")


def load(name: str, text: str) -> Preset:
    """Return the preset of a file that has been checked."""
    return preset_of(name, tomllib.loads(text))


def own_preset(name: str) -> Preset:
    """Return one of the program's own presets."""
    return load(name, preset_text(name))


def general_words() -> list[tuple[str | int | None, ...]]:
    """Return the vocabulary that every new database has, each word as COLUMNS has it."""
    return [(*row.values(), BASE) for row in own_preset(BASE).rows["vocabulary"]]


def general_questions() -> list[tuple[str | int | None, ...]]:
    """Return the questions of surveys that every new database has, each as QUESTION has it."""
    return [(*row.values(), BASE) for row in own_preset(BASE).rows["question"]]


def load_preset(connection: sqlite3.Connection, name: str) -> None:
    """Fill an empty database with one of the program's own presets; rows that are there already stay as they are."""
    for table, rows in effective(own_preset(name), own_preset(BASE)).items():
        for row, origin in rows:
            insert(connection, table, {**row, "origin": origin, "hidden": 0})
    remember(connection, name, preset_text(name))


def load_missing(connection: sqlite3.Connection) -> None:
    """Add what an older database can't know yet: whole sets and tables that it does not have, and the program's words.

    A word that the user deleted from a set that is there does not come back.
    """
    base = own_preset(BASE)
    words = base.rows["vocabulary"]
    connection.executemany(
        'UPDATE vocabulary SET origin = ? WHERE origin IS NULL AND "set" = ? AND code = ?',
        [(BASE, word["set"], word["code"]) for word in words],
    )
    sets = {row[0] for row in connection.execute('SELECT DISTINCT "set" FROM vocabulary')} - FIXED_SETS
    for table, rows in base.rows.items():
        empty = table != "vocabulary" and not connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]
        for row in rows:
            if empty or (table == "vocabulary" and row["set"] not in sets):
                insert(connection, table, {**row, "origin": BASE, "hidden": 0})
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM preset)").fetchone()[0]:
        remember(connection, BASE, preset_text(BASE))


def insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    """Insert a row of one of the presets' tables unless there is one like it."""
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))


def remember(connection: sqlite3.Connection, name: str, text: str) -> None:
    """Note that this preset, as its file is now, is the one in use."""
    connection.execute("UPDATE preset SET current = 0 WHERE current AND name <> ?", (name,))
    connection.execute(
        "INSERT INTO preset (name, text, current) VALUES (?, ?, 1) "
        "ON CONFLICT (name) DO UPDATE SET text = excluded.text, current = 1",
        (name, text),
    )


def rows_of(connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    """Return all rows of one of the presets' tables."""
    assert table in KEYS  # noqa: S101 - it stands in SQL
    return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY id")]


def used(connection: sqlite3.Connection) -> Iterable[tuple[str, str, bool]]:
    """Return name, file and whether it is in use of each preset that the database was ever made with."""
    return [(row[0], row[1], bool(row[2])) for row in connection.execute("SELECT name, text, current FROM preset")]
