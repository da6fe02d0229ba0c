"""The vocabulary that a database begins with, from the preset's TOML file."""

import sqlite3
import tomllib
from collections.abc import Iterable, Sequence
from importlib import resources

from crmcli.rules.vocabulary import FIXED_SETS

COLUMNS = ("set", "code", "en", "zh", "aliases", "position", "cadence_days", "requires", "origin")
"""What a word of the vocabulary consists of."""
QUESTION = ("form", "code", "moment", "en", "zh", "weight", "position", "origin")
"""What a question of a survey consists of."""


def preset_words(name: str) -> list[tuple[str | int | None, ...]]:
    """Return the preset's words, each as COLUMNS has it."""
    text = resources.files("crmcli.presets").joinpath(f"{name}.toml").read_text("utf-8")
    return [
        (
            set_,
            code,
            word["en"],
            word["zh"],
            word.get("aliases", ""),
            position,
            word.get("cadence_days"),
            word.get("requires"),
            name,
        )
        for set_, words in tomllib.loads(text)["vocabulary"].items()
        for position, (code, word) in enumerate(words.items(), 1)
    ]


def load_preset(connection: sqlite3.Connection, name: str) -> None:
    """Add the preset's words and questions; what is there already stays as the user has it."""
    _add(connection, preset_words(name))
    _add_questions(connection, name)


def load_missing(connection: sqlite3.Connection) -> None:
    """Add what an older database can't know yet: whole sets that it does not have, and words that drive the program.

    A word that the user deleted from a set that is there does not come back.
    """
    connection.executemany(
        'UPDATE vocabulary SET origin = ? WHERE origin IS NULL AND "set" = ? AND code = ?',
        [("general", *word[:2]) for word in preset_words("general")],
    )
    sets = {row[0] for row in connection.execute('SELECT DISTINCT "set" FROM vocabulary')} - FIXED_SETS
    _add(connection, [word for word in preset_words("general") if word[0] not in sets])
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM question)").fetchone()[0]:
        _add_questions(connection, "general")


def _add(connection: sqlite3.Connection, words: Iterable[Sequence[str | int | None]]) -> None:
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    marks = ", ".join("?" * len(COLUMNS))
    connection.executemany(f"INSERT OR IGNORE INTO vocabulary ({names}) VALUES ({marks})", words)


def preset_questions(name: str) -> list[tuple[str | int, ...]]:
    """Return the questions of the preset's survey forms, each as QUESTION has it."""
    text = resources.files("crmcli.presets").joinpath(f"{name}.toml").read_text("utf-8")
    return [
        (form, code, asked["moment"], asked["en"], asked["zh"], asked.get("weight", 1), position, name)
        for form, questions in tomllib.loads(text).get("questions", {}).items()
        for position, (code, asked) in enumerate(questions.items(), 1)
    ]


def _add_questions(connection: sqlite3.Connection, name: str) -> None:
    connection.executemany(
        f"INSERT OR IGNORE INTO question ({', '.join(QUESTION)}, hidden) VALUES ({', '.join('?' * len(QUESTION))}, 0)",
        preset_questions(name),
    )
