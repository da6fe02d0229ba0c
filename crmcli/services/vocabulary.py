"""Choosing from the vocabulary, and changing it."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import select

from crmcli.errors import ConflictError, NotFoundError, StoreError, UsageError
from crmcli.i18n import _, joined
from crmcli.models.vocabulary import Vocabulary
from crmcli.queries.singles import refuse_second
from crmcli.queries.vocabulary import choices, code_of, in_use, require_set, uses
from crmcli.rules.names import clean
from crmcli.rules.vocabulary import DEFAULTS, FIXED_SETS, OPEN_SETS, WITH_CADENCE
from crmcli.rules.workflow import REQUIRABLE
from crmcli.services.records import id_of
from crmcli.store.transaction import Transaction


def require_code(tx: Transaction, set_: str, text: str) -> str:
    """Return the code that the user means; adds the word to an open set.

    Raises UsageError with the known codes when a closed set has no such word, StoreError when it has none at all.
    """
    code = code_of(tx.connection, set_, text)
    if code is not None:
        return code
    word = clean(text)
    if set_ in OPEN_SETS and word:
        _insert(tx, set_, word.casefold(), {"en": word, "zh": word})
        return word.casefold()
    known = choices(tx.connection, set_)
    if not known and set_ not in OPEN_SETS:  # nobody can delete them all
        raise StoreError(
            _("the words of {set} are gone").format(set=set_),
            hint=_("crm doctor, then restore a backup: crm restore FILE"),
        )
    raise UsageError(
        _("“{text}” is none of: {codes}").format(text=text, codes=joined(known)),
        hint=_("crm vocabulary list shows them with their labels"),
    )


def add_word(tx: Transaction, set_: str, code: str, given: Mapping[str, Any]) -> int:
    """Add a word at the end of its set and return its id.

    `given` may have the labels `en` and `zh`, `aliases` and `cadence_days`. Raises NotFoundError for an unknown set,
    UsageError for one that does not grow, ConflictError when the code, a label or an alias means another word already.
    """
    require_set(tx.connection, set_)
    if set_ in FIXED_SETS:
        raise UsageError(
            _("{set} can't have further words: the program would not know what they mean").format(set=set_),
            hint=_("crm vocabulary edit changes the labels of those that are there"),
        )
    name = clean(code).casefold()
    if not name:
        raise UsageError(_("the code is empty"), hint=_("crm vocabulary add class gold --zh 金牌 --every 30"))
    hidden = tx.session.exec(select(Vocabulary).where(Vocabulary.set == set_, Vocabulary.code == name)).first()
    if hidden is not None and hidden.hidden:
        hidden.hidden = 0
        _apply(tx, hidden, given)
        return id_of(hidden)
    meant = code_of(tx.connection, set_, name)
    if meant is not None:
        raise ConflictError(
            _("in {set}, “{word}” means {code} already").format(set=set_, word=name, code=meant),
            hint=_("crm vocabulary list {set} shows them").format(set=set_),
        )
    word = _insert(tx, set_, name, {"en": given.get("en"), "zh": given.get("zh")})
    _apply(tx, word, {**given, "en": None, "zh": None})
    return id_of(word)


def edit_word(tx: Transaction, id_: int, given: Mapping[str, Any]) -> None:
    """Change what was given of a word: labels, aliases, cadence; an empty label becomes the code.

    Raises ConflictError when a label or an alias means another word already.
    """
    _apply(tx, _load(tx, id_), given)


def delete_word(tx: Transaction, id_: int) -> None:
    """Delete a word; raises ConflictError when records use it, or when the program itself needs it."""
    word = _load(tx, id_)
    if word.set in FIXED_SETS or (word.set, word.code) in DEFAULTS:
        raise ConflictError(
            _("the program needs {code} of {set}").format(code=word.code, set=word.set),
            hint=_("crm vocabulary edit changes its labels"),
        )
    used = uses(tx.connection, word.set, word.code)
    if used:
        said, hint = in_use(word.set, word.code, used)
        raise ConflictError(said, hint=hint)
    tx.session.delete(word)
    tx.session.flush()


def _load(tx: Transaction, id_: int) -> Vocabulary:
    word = tx.session.get(Vocabulary, id_)
    if word is None:
        raise NotFoundError(_("that word is gone"), hint=_("crm vocabulary list shows what is there"))
    return word


def _insert(tx: Transaction, set_: str, code: str, labels: Mapping[str, str | None]) -> Vocabulary:
    """Add a word behind the last of its set; a label that is missing is the other one, or the code."""
    en, zh = clean(labels["en"] or ""), clean(labels["zh"] or "")
    last = tx.connection.execute('SELECT max(position) FROM vocabulary WHERE "set" = ?', (set_,)).fetchone()[0] or 0
    word = Vocabulary(set=set_, code=code, en=en or zh or code, zh=zh or en or code, position=last + 1)
    tx.session.add(word)
    tx.session.flush()
    return word


def _apply(tx: Transaction, word: Vocabulary, given: Mapping[str, Any]) -> None:
    for field in ("en", "zh"):
        if given.get(field) is not None:
            setattr(word, field, clean(given[field]) or word.code)
    aliases = _aliases(given["aliases"]) if given.get("aliases") else _aliases([word.aliases])
    removed = {*_aliases(given.get("remove_aliases") or ())}
    aliases = [alias for alias in (*aliases, *_aliases(given.get("add_aliases") or ())) if alias not in removed]
    word.aliases = "|".join(dict.fromkeys(aliases))
    if given.get("cadence_days") is not None:
        if word.set not in WITH_CADENCE:
            raise UsageError(
                _("{set} has no rhythm: only a class or a tag says how often its customers are contacted").format(
                    set=word.set
                ),
                hint=_("crm vocabulary edit class core --every 30"),
            )
        word.cadence_days = given["cadence_days"] or None
    if given.get("requires") is not None:
        word.requires = _required_steps(word, given["requires"])
    tx.session.flush()
    shown = _("crm vocabulary list {set} shows them").format(set=word.set)
    refuse_second(tx.connection, "vocabulary", id_of(word), shown)


def _required_steps(word: Vocabulary, text: str) -> str | None:
    """Return the steps that complaints of a type take before they are solved, in their order, as they are stored."""
    steps = text.replace("，", " ").replace(",", " ").casefold().split()
    unknown = [step for step in steps if step not in REQUIRABLE]
    if word.set != "complaint_type" or unknown:
        raise UsageError(
            _("{step} is no step that can be required").format(step=unknown[0])
            if unknown
            else _("{set} requires no steps: only the type of a complaint does").format(set=word.set),
            hint=_("crm vocabulary edit complaint_type complaint --requires {steps}").format(
                steps=",".join(REQUIRABLE)
            ),
        )
    return " ".join(step for step in REQUIRABLE if step in steps) or None


def _aliases(texts: Any) -> list[str]:
    """Return aliases, in one case, from texts in which commas or bars may separate several."""
    parts = (clean(part).casefold() for text in texts for part in text.replace("，", "|").replace(",", "|").split("|"))
    return [part for part in parts if part]
