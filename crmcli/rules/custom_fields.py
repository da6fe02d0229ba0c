"""What a custom field is: its type, what it is called in both languages, what may be chosen.

How its values are read is in `rules/custom_values.py`, which costs more to import.
"""

import re
import unicodedata
from itertools import chain
from typing import NamedTuple

from crmcli.i18n import N_, in_every_language, language
from crmcli.nouns import noun as declaration_of

TYPES = (
    N_("text"),
    N_("number"),
    N_("money"),
    N_("date"),
    N_("choice"),
    N_("flag"),
    N_("phone"),
    N_("url"),
)
PARTIES = ("contact", "company")
"""The nouns that have custom fields."""

Value = str | int | float | bool
"""A value as it lies in the record: numbers as numbers, flags as true and false, dates YYYY-MM-DD (`--MM-DD` for a
yearly one without its year), phones in E.164, choices as codes."""

EXTERNAL_ID = "external_id"
"""Imports keep here under which id another program knows a contact or company; it need not be declared."""

_SET = "field:"
_DAY = r"\d{4}-\d\d-\d\d"
_YEARLY = r"(?:\d{4}|-)-\d\d-\d\d"
LONGEST_CODE = 40
_WHO = frozenset({"uid", "name", "phones", "emails"})
"""What says who is meant: an import must not take its headings for anything else."""


class Labels(NamedTuple):
    """What something is called in both languages."""

    en: str
    zh: str

    def said(self) -> str:
        """Return the label in the language in use."""
        return self.zh if language() == "zh" else self.en


class CustomField(NamedTuple):
    """One declared field of contacts or companies."""

    noun: str
    code: str
    type: str
    labels: Labels
    aliases: tuple[str, ...] = ()
    choices: dict[str, Labels] = {}  # noqa: RUF012 - never changed, as everything of a tuple
    required: bool = False
    remind_days: int | None = None
    yearly: bool = False
    hidden: bool = False
    id: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that it is called, its code first."""
        return (self.code, *self.labels, *self.aliases)

    @property
    def choice_set(self) -> str:
        """The name under which its choices are looked up as a set of the vocabulary is; empty when it has none."""
        return f"{_SET}{self.noun}:{self.code}" if self.type == "choice" else ""

    def choice(self, text: str) -> str | None:
        """Return the code of what a code or else a label of either language means; None when that is nothing."""
        wanted = folded(text)
        named = (code for code in self.choices if folded(code) == wanted)
        labelled = (code for code, labels in self.choices.items() if wanted in map(folded, labels))
        return next(chain(named, labelled), None)

    def fits(self, value: Value) -> bool:
        """Return whether a value is one of this field as it would lie in a record; a text takes whatever there is."""
        match self.type:
            case "number" | "money":
                return isinstance(value, int | float) and not isinstance(value, bool)
            case "flag":
                return isinstance(value, bool)
            case "choice":
                return value in self.choices
            case "date":
                return re.fullmatch(_YEARLY if self.yearly else _DAY, str(value)) is not None
        return True


def of_choice_set(set_: str) -> tuple[str, str] | None:
    """Return the noun and the code of the field whose choices are this set; None for a set of the vocabulary."""
    noun, _colon, code = set_.removeprefix(_SET).partition(":")
    return (noun, code) if set_.startswith(_SET) else None


def folded(word: str) -> str:
    """Return a name as it is compared: in one case and width, without spaces around it."""
    return unicodedata.normalize("NFKC", word).casefold().strip()


def asked_as(name: str) -> str:
    """Return the letters and digits of a name, in one case and width: what tells it from others in a query."""
    return "".join([char for char in folded(name) if char.isalnum()])


def heard_as(word: str) -> str:
    """Return how a query hears a word; one of signs alone as it is."""
    return asked_as(word) or folded(word)


def built_in(noun: str) -> dict[str, str]:
    """Return what can't be a custom field's name, as a query hears it, and which field of the noun's own it means."""
    fields = declaration_of(noun).fields
    names = ((one.name, *in_every_language(one.label), *(one.headers * (one.name in _WHO))) for one in fields)
    return {asked_as(name): one.name for one, known in zip(fields, names, strict=True) for name in known}


def is_code(text: str) -> bool:
    """Return whether a text can be a code: it stands in queries, as a key of JSON and as a column's heading."""
    return text[:1].isalpha() and all(char.isalnum() or char in "_-" for char in text) and len(text) <= LONGEST_CODE
