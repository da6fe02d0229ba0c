"""Erasing a person: from records, journal, search index and reminders, so that nothing of them is left in the file.

What the journal has of them goes row by row, so that the other records of the same changes can still be undone;
commands that name them keep only their verb. That somebody was erased stays, and cannot be undone. Contacts that were
merged into the person are the person.
"""

import json
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from crmcli.errors import ConflictError, NotFoundError, StoreError
from crmcli.i18n import _
from crmcli.nouns import NOUNS
from crmcli.rules.names import fts_query
from crmcli.rules.shellwords import word
from crmcli.store.driver import is_encrypted
from crmcli.store.files import collect
from crmcli.store.relations import parts_of_contact
from crmcli.store.search import ENTITIES
from crmcli.store.transaction import Transaction
from crmcli.store.waiting import Waiting, empty_log

_ALSO_VERBS = frozenset({"promise"})
"""Nouns that are a verb as well: the word after them may be somebody's name."""
_IMPERSONAL = frozenset({"import", "undo", "archive", "demo", "doctor"})
"""Commands that write about many and name nobody; they are scrubbed only if they do."""
_PHONE_DIGITS = 7
"""So many digits in a row are somebody's phone."""

_NOTHING = "(?!)"
"""The pattern of no text at all."""

_OPTION = r"""(?:(?:--(?:db|config|as-of|lang|output|color)|-[a-z]*o) (?:"[^"]*"|\S+)|"-[^"]*"|-\S+) """
"""A global option before a verb, as the journal has it: between noun and verb, and before both in its older rows."""
_LEADING = re.compile(f"(?:{_OPTION})*")
"""What older rows of the journal have before the command."""
_MERGE = re.compile(f"contact (?:{_OPTION})*merge\\b")
"""How a command that merged contacts begins."""

_MERGED = """
SELECT DISTINCT gone.entity_id FROM change_row gone JOIN change h ON h.id = gone.change_id
WHERE gone.entity = 'contact' AND gone.after IS NULL AND h.undone_by IS NULL
    AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.id = gone.entity_id)
    AND EXISTS (SELECT 1 FROM change_row m WHERE m.change_id = h.id AND m.contact_id = :contact)
    AND (h.id IN (SELECT value FROM json_each(:merges)) OR EXISTS (
        SELECT 1 FROM change_row m WHERE m.change_id = h.id AND json_extract(m.after, '$.contact_id') = :contact
            AND json_extract(m.before, '$.contact_id') = gone.entity_id))
"""
"""Contacts that a change, perhaps one of these, deleted while it gave the survivor what was theirs."""

_MERGES_UNDONE = """
WITH RECURSIVE chain (id) AS (
    SELECT h.id FROM change h JOIN change_row r ON r.change_id = h.id
    WHERE h.id IN (SELECT value FROM json_each(?)) AND h.undone_by IS NOT NULL AND r.entity = 'contact'
        AND r.entity_id IN (SELECT id FROM temp.erased WHERE entity = 'contact')
    UNION SELECT h.id FROM change h JOIN chain ON h.undoes = chain.id
)
SELECT id FROM chain
"""
"""What a merge with them did to somebody else, when it does not stand: whoever did it again would have them back."""

_WHOLES = """
SELECT DISTINCT other.contact_id FROM change_row gone JOIN change h ON h.id = gone.change_id
JOIN change_row other ON other.change_id = h.id
WHERE gone.entity = 'contact' AND gone.entity_id = :contact AND gone.after IS NULL AND h.undone_by IS NULL
    AND other.contact_id <> :contact AND other.after IS NOT NULL
"""
"""Of whom a deleted contact may be a part: whom the change that deleted it gave something."""

_REMINDED = {
    "callback": ("callback:{}@",),
    "complaint": ("complaint:{}:", "escalation:{}:"),
    "promise": ("promise:{}@",),
    "supervision": ("supervision:{}@",),
    "contact": ("birthday:{}@", "forgotten:{}@", "date:{}:"),
}
"""How the occurrences of what reminds of a record begin (`queries/agenda/`)."""


class Erased(NamedTuple):
    """What went with a person."""

    ids: list[int]
    """The contact, and those that had been merged into it."""
    name: str
    uids: list[str]
    counts: dict[str, int]
    """Records by table, and `journal`: rows of it, and `commands` that were scrubbed."""
    hashes: list[str]
    """Of the attachments' contents."""
    mentions: int
    """Other records in whose text the name still stands."""
    answers: list[int]
    """Of what is known, what was learnt from their complaints: it stays, and may have their words."""


def erase_contact(tx: Transaction, contact_id: int) -> Erased:
    """Erase a contact, who may be deleted already, and note in the journal that somebody was erased.

    Raises NotFoundError when neither records nor journal know the contact, ConflictError for one that was merged into
    somebody else: what was theirs is that one's. When the transaction is committed, `sweep`
    removes what is left in the file.
    """
    connection = tx.connection
    connection.execute("PRAGMA secure_delete = ON")
    ids = _identities(connection, contact_id)
    _find_rows(connection, ids)
    names, words = _known(connection)
    if not names:
        raise NotFoundError(_("there is no contact {id}").format(id=contact_id), hint=_("crm contact list shows them"))
    uids = _distinct(connection, "contact", "uid")
    _refuse_part(connection, contact_id, uids, ids)
    counts = {row[0]: row[1] for row in connection.execute(_count_sql(connection))}
    hashes = _distinct(connection, "attachment", "sha256")
    merges = connection.execute(_MERGES_UNDONE, (_merges(connection),)).fetchall()
    counts["commands"] = _scrub_commands(connection, words)
    counts["journal"] = _scrub_journal(connection, [row[0] for row in merges])
    answers = _spare_answers(connection)
    _delete(connection, ids)
    _note(tx, contact_id)
    connection.execute("DROP TABLE temp.erased")
    return Erased(ids, names[0], uids, counts, hashes, _mentions(connection, names[0]), answers)


def sweep(connection: sqlite3.Connection, database: Path, hashes: Sequence[str], waiting: Waiting | None = None) -> int:
    """Remove what an erasure left: attachments' files, and remnants in free pages and logs; return how many files.

    The whole file is written anew; `waiting` is told where others keep that from being finished for a while. Raises
    StoreError when it fails.
    """
    files, stays = 0, None
    try:
        files = collect(connection, database, only=hashes)
    except OSError as error:
        stays = error
    try:
        connection.execute("INSERT INTO search (search) VALUES ('optimize')")  # forgets the words of deleted documents
        connection.execute("VACUUM")
        emptied = empty_log(connection, waiting)
    except sqlite3.Error as error:
        raise remnants(database, str(error)) from error
    if not emptied:
        raise remnants(database, _("another program is using it"))
    if stays:
        raise StoreError(
            _("the records are erased, but {path} is still there: {reason}").format(
                path=stays.filename, reason=stays.strerror
            ),
            hint=_("remove it: it was attached"),
        ) from stays
    return files


def remnants(database: Path, reason: str) -> StoreError:
    """Return the error for what may be left in the file."""
    anew = "crm encrypt --db {path} --new-key WHERE" if is_encrypted(database) else "sqlite3 {path} VACUUM"
    return StoreError(
        _("the records are erased, but remnants may still be in {path}: {reason}").format(path=database, reason=reason),
        hint=_("close other programs that use it, then: {command}").format(command=anew.format(path=word(database))),
    )


def _identities(connection: sqlite3.Connection, contact_id: int) -> list[int]:
    """Return the contact and all that were merged into it."""
    ids, merges = [contact_id], _merges(connection)
    for id_ in ids:
        ids += [row[0] for row in connection.execute(_MERGED, {"contact": id_, "merges": merges}) if row[0] not in ids]
    return ids


def _merges(connection: sqlite3.Connection) -> str:
    """Return the ids of the changes that merged contacts, as JSON."""
    named = connection.execute("SELECT id, command FROM change WHERE command LIKE '%contact%merge%'")
    return json.dumps([id_ for id_, command in named if _MERGE.match(_bare(command))])


def _bare(command: str) -> str:
    """Return a command of the journal from the noun or verb on."""
    return _LEADING.sub("", command, count=1)


def _refuse_part(connection: sqlite3.Connection, contact_id: int, uids: Sequence[str], ids: Sequence[int]) -> None:
    """Raise ConflictError when the contact is a part of another one, who would keep phones and follow-ups of theirs."""
    whole = _whole(connection, contact_id, uids)
    if whole and whole["id"] not in ids:
        raise ConflictError(
            _("contact {id} was merged into {name} ({whole})").format(
                id=contact_id, name=whole["name"], whole=whole["id"]
            ),
            hint=_("crm contact erase {whole} erases both").format(whole=whole["id"]),
        )


def _whole(connection: sqlite3.Connection, contact_id: int, uids: Sequence[str]) -> sqlite3.Row | None:
    """Return id and name of whom the contact was merged into; deleted or not, as an undo would bring back both."""
    here = "SELECT c.id, c.name FROM former_uid f JOIN contact c ON c.id = f.contact_id WHERE f.uid = ?"
    deleted = (
        "SELECT entity_id AS id, json_extract(before, '$.name') AS name FROM change_row "
        "WHERE entity = 'contact' AND entity_id = ? AND after IS NULL ORDER BY change_row.id DESC"
    )
    found = [connection.execute(here, (uid,)).fetchone() for uid in uids]
    for (id_,) in connection.execute(_WHOLES, {"contact": contact_id}).fetchall():
        if contact_id in _identities(connection, id_):
            found.append(connection.execute(deleted, (id_,)).fetchone())
    return next(filter(None, found), None)


def _find_rows(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Note every row that is or was theirs, but for what belongs to somebody else by now."""
    mine = ", ".join(map(str, ids))
    connection.execute("CREATE TEMP TABLE erased (entity TEXT, id INTEGER, PRIMARY KEY (entity, id))")
    insert = "INSERT OR IGNORE INTO temp.erased "
    connection.executemany(f"{insert} VALUES ('contact', ?)", [(id_,) for id_ in ids])
    for table, column, owner in parts_of_contact(connection):
        if owner == "contact":
            connection.execute(f"{insert} SELECT '{table}', id FROM {table} WHERE {column} IN ({mine})")
            connection.execute(
                f"{insert} SELECT entity, entity_id FROM change_row r WHERE contact_id IN ({mine}) "
                f"AND entity = '{table}' AND NOT EXISTS "
                f"(SELECT 1 FROM {table} t WHERE t.id = r.entity_id AND t.{column} NOT IN ({mine}))"
            )
        else:
            theirs = f"(SELECT id FROM temp.erased WHERE entity = '{owner}')"
            connection.execute(f"{insert} SELECT '{table}', id FROM {table} WHERE {column} IN {theirs}")
            connection.execute(
                f"{insert} SELECT entity, entity_id FROM change_row WHERE entity = '{table}' "
                f"AND json_extract(coalesce(after, before), '$.{column}') IN {theirs}"
            )
    complaints = "(SELECT id FROM temp.erased WHERE entity = 'complaint')"
    connection.execute(f"{insert} SELECT 'answer', id FROM answer WHERE complaint_id IN {complaints}")
    connection.execute(
        f"{insert} SELECT entity, entity_id FROM change_row WHERE entity = 'answer' "
        f"AND json_extract(coalesce(after, before), '$.complaint_id') IN {complaints}"
    )


def _known(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """Return the names that the person has and had, the present one first, and all that names them."""
    names = _distinct(connection, "contact", "name")
    points = [*_distinct(connection, "contact_point", "value"), *_distinct(connection, "contact_point", "digits")]
    handles = [value.partition(":")[2] for value in points if value[:1].isalpha() and ":" in value]
    return names, [word for word in (*names, *points, *handles) if len(word) > 1]


def _distinct(connection: sqlite3.Connection, entity: str, column: str) -> list[str]:
    """Return a column's values in what is to be erased, present ones first, then those that the journal has."""
    erased = f"SELECT id FROM temp.erased WHERE entity = '{entity}'"
    present = connection.execute(f"SELECT {column} FROM {entity} WHERE id IN ({erased}) ORDER BY id").fetchall()
    past = connection.execute(
        f"SELECT json_extract(before, '$.{column}'), json_extract(after, '$.{column}') FROM change_row "
        f"WHERE entity = '{entity}' AND entity_id IN ({erased}) ORDER BY id DESC"
    ).fetchall()
    return list(dict.fromkeys(str(value) for row in (*present, *past) for value in row if value))


def _count_sql(connection: sqlite3.Connection) -> str:
    """Return the SELECT of how many rows of each table there are to erase."""
    tables = dict.fromkeys(("contact", *(part.table for part in parts_of_contact(connection))))
    return " UNION ALL ".join(
        f"SELECT '{table}', count(*) FROM {table} WHERE id IN (SELECT id FROM temp.erased WHERE entity = '{table}')"
        for table in tables
    )


def _scrub_commands(connection: sqlite3.Connection, words: Sequence[str]) -> int:
    """Leave only the verb of commands that were about the person or name them; return how many."""
    about = {
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT r.change_id FROM change_row r "
            "JOIN temp.erased e ON e.entity = r.entity AND e.id = r.entity_id"
        )
    }
    naming = _naming(words)
    numbers = {word for word in words if word.isdecimal() and len(word) >= _PHONE_DIGITS}
    scrubbed = []
    for id_, command in connection.execute("SELECT id, command FROM change"):
        digits = re.sub(r"\D", "", command)
        named = naming.search(command.casefold()) or any(number in digits for number in numbers)
        if named or (id_ in about and _bare(command).partition(" ")[0] not in _IMPERSONAL):
            scrubbed.append((_verb(command), id_))
    connection.executemany("UPDATE change SET command = ? WHERE id = ?", scrubbed)
    return len(scrubbed)


def _naming(words: Sequence[str]) -> re.Pattern[str]:
    """Return the pattern of any of the words, if any; one of Latin letters or digits is no part of a longer one."""
    folded = sorted({word.casefold() for word in words}, key=len, reverse=True)
    edged = [
        (r"(?<![a-z0-9])" if re.match("[a-z0-9]", word) else "")
        + re.escape(word)
        + (r"(?![a-z0-9])" if re.match("[a-z0-9]", word[-1]) else "")
        for word in folded
    ]
    return re.compile("|".join(edged) or _NOTHING)


def _verb(command: str) -> str:
    """Return what a command did without to whom: `contact edit …`."""
    words = _bare(command).split()
    verb = [word for word in words[:1] if re.fullmatch("[a-z-]+", word) and not word.startswith("-")]
    if verb and verb[0] in NOUNS and verb[0] not in _ALSO_VERBS:
        verb += [word for word in words[1:2] if re.fullmatch("[a-z-]+", word) and not word.startswith("-")]
    return " ".join([*verb, "…"])


def _scrub_journal(connection: sqlite3.Connection, merges: Sequence[int]) -> int:
    """Remove the journal's rows of the person and of these changes, and the person from others' rows.

    Return how many were removed.
    """
    gone = ", ".join(map(str, merges))
    removed = connection.execute(f"DELETE FROM change_row WHERE change_id IN ({gone})").rowcount
    removed += connection.execute(
        "DELETE FROM change_row WHERE EXISTS "
        "(SELECT 1 FROM temp.erased e WHERE e.entity = change_row.entity AND e.id = change_row.entity_id)"
    ).rowcount
    for image in ("before", "after"):
        connection.execute(
            f"UPDATE change_row SET {image} = json_set({image}, '$.referred_by_id', NULL) WHERE entity = 'contact' "
            f"AND json_extract({image}, '$.referred_by_id') IN (SELECT id FROM temp.erased WHERE entity = 'contact')"
        )
    return removed


def _spare_answers(connection: sqlite3.Connection) -> list[int]:
    """Return the answers that were learnt from their complaints, and keep those from being erased.

    Only what the journal has of them goes, so that what the user edits or deletes first is gone with the person.
    """
    found = connection.execute("SELECT id FROM temp.erased WHERE entity = 'answer' AND id IN (SELECT id FROM answer)")
    answers = [row[0] for row in found.fetchall()]
    connection.execute("DELETE FROM temp.erased WHERE entity = 'answer'")
    return answers


def _delete(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Delete the records, what they are found by and what reminds of them; the journal keeps none of it."""
    connection.execute("UPDATE journal_state SET change_id = NULL")
    for entity, number in ENTITIES.items():
        connection.execute(
            "DELETE FROM search WHERE rowid IN (SELECT id * 8 + ? FROM temp.erased WHERE entity = ?)", (number, entity)
        )
    for entity, beginnings in _REMINDED.items():
        for (id_,) in connection.execute("SELECT id FROM temp.erased WHERE entity = ?", (entity,)).fetchall():
            for beginning in beginnings:
                start = beginning.format(id_)
                connection.execute("DELETE FROM reminder WHERE substr(occurrence, 1, ?) = ?", (len(start), start))
    connection.executemany("DELETE FROM contact WHERE id = ?", [(id_,) for id_ in ids])


def _note(tx: Transaction, contact_id: int) -> None:
    """Let the journal say that somebody was erased, and not who: the row is of no record, so that no undo minds it."""
    tx.connection.execute(
        "INSERT INTO change_row (change_id, entity, entity_id) VALUES (?, 'erasure', ?)", (tx.change, contact_id)
    )
    tx.connection.execute("UPDATE change SET command = ? WHERE id = ?", (f"contact erase {contact_id}", tx.change))
    tx.final = True


def _mentions(connection: sqlite3.Connection, name: str) -> int:
    expression = fts_query(name, whole=True)
    if not expression:
        return 0
    asked = f"{{name body}} : ({expression})"  # a number in a name is no part of somebody's phone
    return int(connection.execute("SELECT count(*) FROM search WHERE search MATCH ?", (asked,)).fetchone()[0])
