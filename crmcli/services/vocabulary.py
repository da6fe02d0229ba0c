"""Choosing from the vocabulary, and adding to it."""

from sqlmodel import select

from crmcli.errors import ConflictError, NotFoundError, UsageError
from crmcli.i18n import _
from crmcli.models.vocabulary import Vocabulary
from crmcli.queries.vocabulary import code_of, codes
from crmcli.rules.names import clean
from crmcli.store.transaction import Transaction

OPEN_SETS = frozenset({"source", "complaint_category", "channel"})
"""Sets that grow by use: an unknown word is added. The others drive rules, and are chosen from what is there."""


def require_code(tx: Transaction, set_: str, text: str) -> str:
    """Return the code that the user means; adds the word to an open set.

    Raises UsageError with the known codes when a closed set has no such word.
    """
    code = code_of(tx.connection, set_, text)
    if code is not None:
        return code
    word = clean(text)
    if set_ in OPEN_SETS and word:
        return add_word(tx, set_, word.casefold(), en=word, zh=word)
    raise UsageError(
        _("“{text}” is none of: {codes}").format(text=text, codes=", ".join(codes(tx.connection, set_))),
        hint=_("crm vocabulary list shows them with their labels"),
    )


def add_word(
    tx: Transaction, set_: str, code: str, *, en: str = "", zh: str = "", aliases: str = "", cadence: int | None = None
) -> str:
    """Add a word at the end of its set and return its code; raises ConflictError when the code is there already."""
    known = codes(tx.connection, set_)
    if code in known:
        raise ConflictError(_("{set} has {code} already").format(set=set_, code=code), hint=_("crm vocabulary edit"))
    tx.session.add(
        Vocabulary(
            set=set_,
            code=code,
            en=en or zh or code,
            zh=zh or en or code,
            aliases=aliases,
            position=len(known) + 1,
            cadence_days=cadence,
        )
    )
    tx.session.flush()
    return code


def find_word(tx: Transaction, set_: str, text: str) -> Vocabulary:
    """Return the word of a set; raises NotFoundError."""
    word = tx.session.exec(
        select(Vocabulary).where(Vocabulary.set == set_, Vocabulary.code == code_of(tx.connection, set_, text))
    ).first()
    if word is None:
        raise NotFoundError(
            _("{set} has no word “{text}”").format(set=set_, text=text), hint=_("crm vocabulary list shows them")
        )
    return word
