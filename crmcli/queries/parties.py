"""Finding the contact or company that a user names: by id, phone, e-mail, handle, name, pinyin or initials."""

import sqlite3
from typing import Any

from crmcli.errors import AmbiguousError, NotFoundError
from crmcli.i18n import _, joined
from crmcli.nouns import LETTERS
from crmcli.queries.reader import Reader, Row, no_such
from crmcli.rules.clean import printable
from crmcli.rules.names import fts_query, name_key, padded, pinyin, unpadded
from crmcli.rules.phones import phone_keys
from crmcli.rules.reach import handle_keys
from crmcli.rules.shellwords import argument
from crmcli.store.search import matching

Condition = tuple[str, tuple[Any, ...]]
"""SQL over the table, and what it binds."""

CANDIDATES = 20
"""How many matching records an ambiguous name shows."""

LAST = "\U0010ffff"
"""Sorts after every character: the end of the range of texts with a common beginning."""

_DIGITS_OF_IDS = 19
"""SQLite's largest integer has so many."""
_FEWEST_DIGITS = 7
"""Of a national number that is looked up without its country; shorter ones are rather ids or parts."""


def resolve(reader: Reader, name: str, text: str) -> int:
    """Return the id of the contact or company (`name`) that the text names; exact beats prefix.

    Raises NotFoundError when there is none, and AmbiguousError with the candidates when there are several.
    """
    meant = printable(text).strip()  # what is copied from elsewhere brings marks that nobody sees
    for condition, values in (*_by_id(meant), *tiers(name, meant, reader.country)):
        rows = reader.connection.execute(
            f"SELECT id FROM {name} WHERE {condition} ORDER BY sort_key, id LIMIT {CANDIDATES + 1}", values
        ).fetchall()
        if len(rows) == 1:
            return int(rows[0][0])
        if rows:
            raise AmbiguousError(
                _("“{text}” may be any of several").format(text=text),
                hint=_("name one by its id"),
                candidates=candidates(reader, name, [row[0] for row in rows[:CANDIDATES]]),
            )
    if _by_id(meant) and len(meant) < _FEWEST_DIGITS:
        raise no_such(reader, name, int(meant), _hint(reader, name, text))
    raise NotFoundError(
        _("nobody is called “{text}”").format(text=text)
        if name == "contact"
        else _("there is no company “{text}”").format(text=text),
        hint=_hint(reader, name, text),
    )


def _by_id(text: str) -> list[Condition]:
    number = text.isascii() and text.isdigit() and len(text) < _DIGITS_OF_IDS
    return [("id = ?", (int(text),))] if number else []


def tiers(name: str, text: str, country: str) -> list[Condition]:
    """Return what a text may say of a contact or company besides its id, from the most to the least exact."""
    handles = handle_keys(text)
    named = handles if len(handles) == 1 else ()  # with its service: nothing else can be meant
    found = _by_point(name, (*phone_keys(text, country), *([text.casefold()] if "@" in text else []), *named))
    found += _by_national_number(name, text, country)
    key = name_key(text)
    if key:
        spelt = key.replace(" ", "")
        found += [
            *(("name_key = ?", (known,)) for known in dict.fromkeys((key, unpadded(key), padded(key)))),
            *_by_point(name, () if named else handles),
            ("pinyin = ? OR initials = ?", (spelt, spelt)),
            (
                "(name_key >= ? AND name_key < ?) OR (pinyin >= ? AND pinyin < ?)",
                (key, key + LAST, spelt, spelt + LAST),
            ),
            ("initials >= ? AND initials < ?", (spelt, spelt + LAST)),
        ]
    return found


def _by_national_number(name: str, text: str, country: str) -> list[Condition]:
    """Return the condition that a number is what is dialled within some other country, as `(415) 555-2671`."""
    digits = "".join(filter(str.isdecimal, text)) if phone_keys(text, country) else ""
    if len(digits) < _FEWEST_DIGITS:
        return []
    return [(f"id IN (SELECT {name}_id FROM contact_point WHERE digits IN (?, ?))", (digits, digits.lstrip("0")))]


def _by_point(name: str, keys: tuple[str, ...]) -> list[Condition]:
    """Return the condition that a party is reached by one of these keys; none without keys."""
    marks = ", ".join("?" * len(keys))
    return [(f"id IN (SELECT {name}_id FROM contact_point WHERE key IN ({marks}))", keys)] if keys else []


def candidates(reader: Reader, name: str, ids: list[int]) -> list[Row]:
    """Return what tells similar records apart, for a choice."""
    marks = ", ".join("?" * len(ids))
    if name == "company":
        sql = f"SELECT id, name, region, contacts FROM companies WHERE id IN ({marks}) ORDER BY sort_key, id"
    else:
        sql = (
            f"SELECT id, name, company, title, owner, last_contact_at FROM contacts WHERE id IN ({marks}) "
            "ORDER BY sort_key, id"
        )
    rows = [dict(row) for row in reader.connection.execute(sql, ids)]
    for row in rows:
        if "last_contact_at" in row:
            row["last_contact_at"] = reader.local(row["last_contact_at"])
    return rows


def _hint(reader: Reader, name: str, text: str) -> str:
    """Suggest names in which the text occurs as a word, or how to find it."""
    if not text.strip():  # a variable that a script did not set
        return _("see crm {noun} --help").format(noun=name)
    if other := _lettered(reader, text):
        return other
    match = fts_query(text)
    rows = (
        reader.connection.execute(f"{matching(name, '?')} LIMIT 3", (f"name : ({match})",)).fetchall() if match else []
    )
    alike = names_of(reader, name, [row[0] for row in rows]) or sounding_like(reader, name, text)
    if alike:
        return _("did you mean {names}?").format(names=alike)
    return _("look with: crm find {text}").format(text=argument(text))


def _lettered(reader: Reader, text: str) -> str:
    """Point at the record that a text like c12 is the number of; return nothing where there is none."""
    name = next((name for name, letter in LETTERS.items() if text[:1].casefold() == letter), "")
    number = text[1:]
    if not name or not number.isascii() or not number.isdigit() or len(number) >= _DIGITS_OF_IDS:
        return ""
    found = reader.all(f"SELECT 1 FROM {name} WHERE id = ?", (int(number),))
    return _("for the {noun}: crm {command} show {text}").format(noun=_(name), command=name, text=text) if found else ""


def sounding_like(reader: Reader, name: str, text: str) -> str:
    """Return whose Chinese name begins with the same sounds: 張三 for 张三; an empty text when there is nobody."""
    sound = pinyin(text)
    if sound is None:
        return ""
    rows = reader.connection.execute(
        f"SELECT id FROM {name} WHERE pinyin >= ? AND pinyin < ? ORDER BY pinyin, id LIMIT 3",
        (sound.full, sound.full + LAST),
    )
    return names_of(reader, name, [row[0] for row in rows])


def names_of(reader: Reader, name: str, ids: list[int]) -> str:
    """Return names and ids, as they are offered; nothing for none."""
    return joined(_("{name} ({id})").format(**row) for row in candidates(reader, name, ids)) if ids else ""


def beginning_with(connection: sqlite3.Connection, name: str, text: str, limit: int) -> list[tuple[str, str]]:
    """Return (what to type, who that is) for the contacts or companies whose name or pinyin begins with the text.

    What to type begins with the text itself, as shells want it: a Chinese name whose pinyin was begun is offered as
    pinyin.
    """
    apart = "(SELECT k.name FROM company k WHERE k.id = company_id)" if name == "contact" else "region"
    key = name_key(text)
    offers = []
    for column, typed in (("name_key", "name"), ("pinyin", "pinyin")):
        if column == "pinyin" and not key.isascii():
            break
        rows = connection.execute(
            f"SELECT {typed}, name, coalesce({apart}, '') FROM {name} "
            f"WHERE {column} >= ? AND {column} < ? ORDER BY {column} LIMIT ?",
            (key, key + LAST, limit),
        )
        offers += [
            (text + row[0][len(text) :], " · ".join(filter(None, (row[1] if row[1] != row[0] else "", row[2]))))
            for row in rows
        ]
    return offers
