"""The vocabulary that a new database begins with, from the preset's TOML file."""

import sqlite3
import tomllib
from importlib import resources

COLUMNS = ("set", "code", "en", "zh", "aliases", "position", "cadence_days")
"""What a word of the vocabulary consists of."""


def preset_words(name: str) -> list[tuple[str | int | None, ...]]:
    """Return the preset's words, each as COLUMNS has it."""
    text = resources.files("crmcli.presets").joinpath(f"{name}.toml").read_text("utf-8")
    return [
        (set_, code, word["en"], word["zh"], word.get("aliases", ""), position, word.get("cadence_days"))
        for set_, words in tomllib.loads(text)["vocabulary"].items()
        for position, (code, word) in enumerate(words.items(), 1)
    ]


def load_preset(connection: sqlite3.Connection, name: str) -> None:
    """Add the preset's words to the vocabulary; words that are there already stay as the user has them."""
    connection.executemany(
        'INSERT OR IGNORE INTO vocabulary ("set", code, en, zh, aliases, position, cadence_days) '
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        preset_words(name),
    )
