"""The vocabulary: labels for codes, and codes for whatever a user calls them."""

import sqlite3

from crmcli.i18n import language


def labels(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Return the label of every (set, code) in the language in use."""
    column = "zh" if language() == "zh" else "en"
    return {(row[0], row[1]): row[2] for row in connection.execute(f'SELECT "set", code, {column} FROM vocabulary')}


def code_of(connection: sqlite3.Connection, set_: str, text: str) -> str | None:
    """Return the code meant by a code, a label of either language or another word for it; None when unknown."""
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


def words_added(connection: sqlite3.Connection, change: int) -> list[tuple[str, str]]:
    """Return (set, word) of what a change, still open or not, added to the vocabulary."""
    rows = connection.execute(
        "SELECT json_extract(after, '$.set'), json_extract(after, '$.en') FROM change_row "
        "WHERE change_id = ? AND entity = 'vocabulary' AND before IS NULL",
        (change,),
    )
    return [(row[0], row[1]) for row in rows]


def codes(connection: sqlite3.Connection, set_: str) -> list[str]:
    """Return the codes of a set in their order."""
    rows = connection.execute('SELECT code FROM vocabulary WHERE "set" = ? ORDER BY position', (set_,))
    return [row[0] for row in rows]
