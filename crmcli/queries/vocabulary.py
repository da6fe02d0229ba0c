"""The vocabulary: labels for codes, and codes for whatever a user calls them."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple

from crmcli.errors import NotFoundError
from crmcli.i18n import _, joined, language
from crmcli.nouns import NOUNS, noun
from crmcli.queries.custom_fields import choice_fields, custom_fields
from crmcli.rules import shellwords
from crmcli.rules.custom_fields import CustomField, of_choice_set
from crmcli.rules.names import name_key
from crmcli.rules.query import spelt

_WORDS = 'SELECT "set", code, en, zh, aliases, hidden FROM vocabulary ORDER BY position'


class Use(NamedTuple):
    """How many records of a noun have a code in one of their fields."""

    noun: str
    plural: str
    field: str
    records: int


class Word(NamedTuple):
    """A word of the vocabulary: its code, its labels, and what else it is called (`a|b`)."""

    code: str
    en: str
    zh: str
    aliases: str
    hidden: bool
    """Whether it is no longer offered."""


def labels(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Return the label of every (set, code) in the language in use, those of custom fields' choices too."""
    column = "zh" if language() == "zh" else "en"
    words = {(row[0], row[1]): row[2] for row in connection.execute(f'SELECT "set", code, {column} FROM vocabulary')}
    for field in choice_fields(connection):
        words |= {(field.choice_set, code): called.said() for code, called in field.choices.items()}
    return words


def code_of(connection: sqlite3.Connection, set_: str, text: str) -> str | None:
    """Return the code meant by a code, a label of either language or another word for it; None when unknown.

    The set may be that of a custom field's choices.
    """
    if field := _chosen_field(connection, set_):
        return field.choice(text)
    return meaning(words_of(connection).get(set_, []), text)


def words_of(connection: sqlite3.Connection) -> dict[str, list[Word]]:
    """Return the words of each set in their order."""
    words: dict[str, list[Word]] = {}
    for set_, code, en, zh, aliases, hidden in connection.execute(_WORDS):
        words.setdefault(set_, []).append(Word(code, en, zh, aliases, bool(hidden)))
    return words


def meaning(words: list[Word], text: str) -> str | None:
    """Return the code of the word of a set that is meant, see `code_of`; ｆｕｌｌ width as a last resort."""
    return _meant(words, text.strip(), str.casefold) or _meant(words, text, name_key)


def _meant(words: list[Word], text: str, fold: Callable[[str], str]) -> str | None:
    wanted = fold(text)
    for offered in (True, False):  # what is no longer offered means only what nothing else means
        asked = [word for word in words if offered is not word.hidden]
        for names_of in (_codes, _labels, _aliases):
            for word in asked:
                if wanted and wanted in map(fold, names_of(word)):
                    return word.code
    return None


def _codes(word: Word) -> tuple[str, ...]:
    return (word.code,)


def _labels(word: Word) -> tuple[str, ...]:
    return (word.en, word.zh)


def _aliases(word: Word) -> list[str]:
    return word.aliases.split("|")


def _chosen_field(connection: sqlite3.Connection, set_: str) -> CustomField | None:
    """Return the custom field whose choices are called so; None for a set of the vocabulary."""
    noun_, code = of_choice_set(set_) or ("", "")
    return next((field for field in custom_fields(connection, noun_) if field.code == code), None) if code else None


def words_added(connection: sqlite3.Connection, change: int) -> list[tuple[str, str]]:
    """Return (set, word) of what a change, still open or not, added to the vocabulary."""
    rows = connection.execute(
        "SELECT json_extract(after, '$.set'), json_extract(after, '$.en') FROM change_row "
        "WHERE change_id = ? AND entity = 'vocabulary' AND before IS NULL",
        (change,),
    )
    return [(row[0], row[1]) for row in rows]


def codes(connection: sqlite3.Connection, set_: str) -> list[str]:
    """Return the codes of a set that are offered, in their order."""
    return [word.code for word in words_of(connection).get(set_, []) if not word.hidden]


def choices(connection: sqlite3.Connection, set_: str) -> list[str]:
    """Return what may be typed for the words of a set, in the language in use: codes are English already."""
    return sayings(words_of(connection).get(set_, []))


def sayings(words: list[Word]) -> list[str]:
    """Return what may be typed for the words of a set, see `choices`."""
    return [word.zh if language() == "zh" else word.code for word in words if not word.hidden]


def sets(connection: sqlite3.Connection) -> list[str]:
    """Return the names of all sets; that of tags is there from the beginning, and empty."""
    return sorted({"tag", *(row[0] for row in connection.execute('SELECT DISTINCT "set" FROM vocabulary'))})


def require_set(connection: sqlite3.Connection, set_: str) -> None:
    """Raise NotFoundError, with the sets that there are, when this is none."""
    known = sets(connection)
    if set_ not in known:
        raise NotFoundError(
            _("the vocabulary has no set {set}").format(set=set_),
            hint=_("the sets are {sets}").format(sets=joined(known)),
        )


def find_word(connection: sqlite3.Connection, set_: str, text: str) -> int:
    """Return the id of a word, named by code, label or alias; raises NotFoundError."""
    require_set(connection, set_)
    row = connection.execute(
        'SELECT id FROM vocabulary WHERE "set" = ? AND code = ?', (set_, code_of(connection, set_, text))
    ).fetchone()
    if row is None:
        raise NotFoundError(
            _("{set} has no word “{text}”").format(set=set_, text=text),
            hint=_("it has: {codes}").format(codes=joined(codes(connection, set_))),
        )
    return int(row[0])


def fields_of(set_: str) -> list[tuple[str, str, str]]:
    """Return (noun, field, English label) of the fields that are chosen from a set, as they are declared."""
    declared = (noun(name) for name in NOUNS)
    return [
        (known.name, field.name, field.label)
        for known in declared
        for field in known.fields
        if field.vocabulary == set_
    ]


def uses(connection: sqlite3.Connection, set_: str, code: str) -> list[Use]:
    """Return which records use a word, and how many of each noun."""
    found = []
    for name, field, _label in fields_of(set_):
        known = noun(name)
        count = connection.execute(f'SELECT count(*) FROM {known.view} WHERE "{field}" = ?', (code,)).fetchone()[0]
        if count:
            found.append(Use(name, known.plural, field, count))
    return found


def in_use(set_: str, code: str, used: Sequence[Use]) -> tuple[str, str]:
    """Return what is said of a word that records use, and how they are shown."""
    counts = joined(f"{_(use.plural)} {use.records}" for use in used)
    query = shellwords.word(f"{used[0].field}:{spelt(code)}")
    return (
        _("{code} of {set} is in use: {uses}").format(code=code, set=set_, uses=counts),
        _("crm {noun} list {query} shows them").format(noun=used[0].noun, query=query),
    )
