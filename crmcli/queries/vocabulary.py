"""The vocabulary: labels for codes, and codes for whatever a user calls them."""

import sqlite3

from crmcli.i18n import language


def labels(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Return the label of every (set, code) in the language in use."""
    column = "zh" if language() == "zh" else "en"
    return {(row[0], row[1]): row[2] for row in connection.execute(f'SELECT "set", code, {column} FROM vocabulary')}


def code_of(connection: sqlite3.Connection, set_: str, text: str) -> str | None:
    """Return the code that a user means by a code, a label of either language or another word for it; None when unknown."""
    wanted = text.strip().casefold()
    rows = connection.execute(
        'SELECT code, en, zh, aliases FROM vocabulary WHERE "set" = ? ORDER BY position', (set_,)
    ).fetchall()
    for code, en, zh, _aliases in rows:
        if wanted in (code.casefold(), en.casefold(), zh.casefold()):
            return str(code)
    for code, _en, _zh, aliases in rows:
        if wanted and wanted in aliases.casefold().split("|"):
            return str(code)
    return None


def codes(connection: sqlite3.Connection, set_: str) -> list[str]:
    """Return the codes of a set in their order."""
    rows = connection.execute('SELECT code FROM vocabulary WHERE "set" = ? ORDER BY position', (set_,))
    return [row[0] for row in rows]
