"""Codes of the vocabulary as a file says them."""

from collections.abc import Mapping
from functools import cache
from types import ModuleType

from crmcli.i18n import _, joined
from crmcli.queries.vocabulary import codes, meaning, sayings, words_of
from crmcli.rules.names import clean
from crmcli.rules.vocabulary import FIXED_SETS, OPEN_SETS, WITH_CADENCE
from crmcli.rules.workflow import REQUIRABLE
from crmcli.services.importing import cells as cell
from crmcli.services.importing.plan import RejectedError
from crmcli.services.importing.told import completed
from crmcli.store.presets import COLUMNS
from crmcli.store.transaction import Transaction
from crmcli.when.value import MOST_DAYS


@cache
def _load_vocabulary() -> ModuleType:
    """Load what adds words, for the first word that is not known: SQLAlchemy takes half a second."""
    from crmcli.services import vocabulary

    return vocabulary


_PUT = """
INSERT INTO vocabulary ("set", code, en, zh, aliases, position, cadence_days, requires, origin, hidden)
VALUES (?, ?, ?, ?, ?, ?, nullif(?, ''), nullif(?, ''), nullif(?, ''), ? = 'true')
ON CONFLICT ("set", code) DO UPDATE
SET en = excluded.en, zh = excluded.zh, aliases = excluded.aliases, position = excluded.position,
    cadence_days = excluded.cadence_days, requires = excluded.requires, origin = excluded.origin,
    hidden = excluded.hidden
WHERE (en, zh, aliases, position, cadence_days, requires, origin, hidden)
    IS NOT (excluded.en, excluded.zh, excluded.aliases, excluded.position, excluded.cadence_days, excluded.requires,
        excluded.origin, excluded.hidden)
"""


class Words:
    """Looks codes up, each word once, and remembers those that are new: an accepted row adds them."""

    def __init__(self, tx: Transaction, *, exported: bool) -> None:
        """Know the words; in what was `exported` a code is itself, though hidden and by now another word's."""
        self._tx = tx
        self._exported = exported
        self._words = words_of(tx.connection)  # at once: a process that reads ahead can't ask the database
        self._known: dict[tuple[str, str], str] = {}
        self.new: dict[tuple[str, str], str] = {}
        """Set and code of new words, as they were written."""

    def code(self, set_: str, field: str, text: str) -> str:
        """Return the code that a text means.

        Raises RejectedError naming the known ones when a closed set has no such word.
        """
        known = self._known.get((set_, text))
        if known is not None:
            return known
        words = self._words.get(set_, [])
        exact = self._exported and any(word.code == text for word in words)
        code = text if exact else meaning(words, text)
        if code is None:
            word = clean(text)
            if set_ not in OPEN_SETS or not word:
                known_codes = joined(sayings(words))
                raise RejectedError(
                    field, text, _("“{text}” is none of: {codes}").format(text=text[:60], codes=known_codes)
                )
            code = word.casefold()
            self.new.setdefault((set_, code), word)
        self._known[set_, text] = code
        return code

    def put(self, cells: Mapping[str, str]) -> str:
        """Add or change a word as another database has it; return created, updated or unchanged.

        Raises RejectedError for a set that is none, and for a new word of a set that the program itself depends on.
        """
        set_, code = cells.get("set", ""), cells.get("code", "")
        known = codes(self._tx.connection, set_)
        there = known or set_ in OPEN_SETS | WITH_CADENCE  # that of tags begins without a word
        if not there or not code or (code not in known and set_ in FIXED_SETS):
            raise RejectedError(
                "code", code, _("“{text}” is none of: {codes}").format(text=code[:60], codes=joined(known))
            )
        cells = {"en": code, "zh": code, **completed(self._tx, "vocabulary", ("set", "code"), cells)}
        numbers = {name: cell.number(name, cells.get(name, "")) for name in ("position", "cadence_days")}
        steps = cells.get("requires", "").split()
        if not {*steps} <= {*REQUIRABLE} or (steps and set_ != "complaint_type"):
            raise cell.not_exported("requires", cells["requires"])
        if (numbers["cadence_days"] or 0) > MOST_DAYS:
            raise cell.not_exported("cadence_days", cells["cadence_days"])
        told = {**cells, **numbers, "position": numbers["position"] or 0}
        values = [told.get(column, "") for column in (*COLUMNS, "hidden")]
        changed = self._tx.connection.execute(_PUT, values).rowcount
        self._words = words_of(self._tx.connection)
        return ("updated" if code in known else "created") if changed else "unchanged"

    def add(self, set_: str, used: list[str]) -> None:
        """Add those of the codes in use that were new."""
        for code in used:
            word = self.new.get((set_, code))
            if word is not None:
                _load_vocabulary().require_code(self._tx, set_, word)
