"""One value of a TOML text changed, with everything else in it as somebody wrote it."""

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import tomlkit


def changed(text: str, name: str, value: str | int) -> str:
    """Return the text in which the dotted name has the value; comments, order and all other values stay.

    Raises ValueError when there is no such text: a value can't be added to a table in braces.
    """
    text += "\n" * (not text.endswith("\n"))
    wanted = _with(tomllib.loads(text), name, value)
    ways: tuple[Callable[[], str], ...] = (
        lambda: tomlkit.dumps(_with(tomlkit.parse(text), name, value, tomlkit.table)),
        # a new table would swallow the dotted names below it
        lambda: f"{name} = {tomlkit.item(value).as_string()}\n{text}",
    )
    for way in ways:
        try:
            if tomllib.loads(new := way()) == wanted:
                return new
        except ValueError:
            continue
    raise ValueError(name)


def _with(document: Any, name: str, value: str | int, new_table: Callable[[], Any] = dict) -> Any:
    """Return the document after the name in it was given the value."""
    table = document
    *heads, key = name.split(".")
    for head in heads:
        if not isinstance(table.get(head), Mapping):
            table[head] = new_table()
        table = table[head]
    table[key] = value
    return document
