"""Names: how they are kept, compared, sorted, romanised and found."""

from typing import NamedTuple


class Pinyin(NamedTuple):
    """A Chinese name in Latin letters: `zhangsan` and `zs`."""

    full: str
    initials: str


def clean(text: str) -> str:
    """Return one clean line (NFC, no control characters, single spaces); may be empty."""
    raise NotImplementedError


def clean_name(text: str) -> str:
    """Return the clean name; ValueError (translated) when nothing is left."""
    raise NotImplementedError


def name_key(name: str) -> str:
    """Return what equal names share, for exact and prefix comparison."""
    raise NotImplementedError


def sort_key(name: str) -> str:
    """Return what names are sorted by: pinyin for Chinese, else the folded name without diacritics."""
    raise NotImplementedError


def pinyin(name: str) -> Pinyin | None:
    """Return the romanised name, or None when it has no Chinese character."""
    raise NotImplementedError


def segment(text: str) -> str:
    """Return the text with every CJK character as a word of its own, for the search index."""
    raise NotImplementedError


def search_name(name: str) -> str:
    """Return the words under which a name is found: itself, its pinyin, its initials."""
    raise NotImplementedError


def fts_query(text: str) -> str:
    """Return a safe FTS5 MATCH expression over the columns `name`, `reach`, `body`; empty when nothing can match."""
    raise NotImplementedError
