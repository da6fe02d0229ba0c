"""The vocabulary that a new database begins with, from the preset's TOML file."""

import sqlite3
import tomllib
from importlib import resources


def load_preset(connection: sqlite3.Connection, name: str) -> None:
    """Add the preset's words to the vocabulary; words that are there already stay as the user has them."""
    text = resources.files("crmcli.presets").joinpath(f"{name}.toml").read_text("utf-8")
    for set_, words in tomllib.loads(text)["vocabulary"].items():
        connection.executemany(
            'INSERT OR IGNORE INTO vocabulary ("set", code, en, zh, aliases, position, cadence_days) '
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (set_, code, word["en"], word["zh"], word.get("aliases", ""), position, word.get("cadence_days"))
                for position, (code, word) in enumerate(words.items(), 1)
            ],
        )
