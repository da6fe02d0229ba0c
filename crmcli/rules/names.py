"""Names: how they are kept, compared, sorted and found.

The search index is SQLite's FTS5 with the tokenizer unicode61, which takes a run of Chinese for one word: `segment`
makes every character a word, `search_name` adds the ways in which a Chinese name is typed in Latin letters, and
`fts_query` asks for both.
"""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from crmcli.i18n import _
from crmcli.rules.callingcodes import split_code
from crmcli.rules.clean import printable
from crmcli.rules.phones import digit_tokens
from crmcli.rules.pinyin import Pinyin, pinyin, spell

__all__ = [
    "Pinyin",
    "clean",
    "clean_name",
    "fts_query",
    "name_key",
    "padded",
    "pinyin",
    "search_name",
    "search_parts",
    "segment",
    "sort_key",
    "spelt",
    "unpadded",
]

_CJK = "々〆〇ぁ-ゖゝ-ゟァ-ヺー-ヿㄅ-ㆺㇰ-ㇿ㐀-䶿一-鿿가-힣豈-龎\U00020000-\U0003ffff"
"""Scripts written without spaces between words, and Hangul, where a part of a word is looked for as well."""
_HAN = "㐀-䶿一-鿿豈-龎\U00020000-\U0003ffff"
_INNER_MARKS = dict.fromkeys(map(ord, "'’`-‐·"))
_PLAIN = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that Unicode does not take apart, as they are typed on a keyboard without them."""
_PAIRS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "ß": "ss"})
"""Letters for which people also type two."""
_LEAST_DIGITS = 3


class Spelt(NamedTuple):
    """What follows from a name, as the columns in which it is found and sorted."""

    name_key: str
    pinyin: str | None
    initials: str | None
    sort_key: str


def clean(text: str) -> str:
    """Return one clean line (NFC, no control characters, single spaces); may be empty."""
    return " ".join(printable(text).split())


def clean_name(text: str) -> str:
    """Return the clean name; ValueError (translated) when nothing is left to read."""
    name = unpadded(clean(text))
    if not any(map(str.isprintable, name)):
        raise ValueError(_("the name is empty"))
    return name


def unpadded(name: str) -> str:
    """Return a clean name without the spaces that tables have in short Chinese ones: `王 五`, as wide as 欧阳娜."""
    return name.replace(" ", "") if " " in name and _padded().fullmatch(name) else name


def padded(name: str) -> str:
    """Return a short Chinese name as tables have it; others as they are. Older databases keep some so."""
    wide = " ".join(name)
    return wide if _padded().fullmatch(wide) else name


@cache
def _padded() -> re.Pattern[str]:
    """Return the pattern of two to four Chinese characters with a space between all of them."""
    return re.compile(f"[{_HAN}](?: [{_HAN}]){{1,3}}")


def name_key(name: str) -> str:
    """Return what equal names share, for exact and prefix comparison: NFKC, case-folded, single spaces."""
    if name.isascii():
        return " ".join(name.lower().split())
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def sort_key(name: str) -> str:
    """Return what names are sorted by: pinyin for Chinese, else the folded name without diacritics.

    Each syllable is followed by its character, so that all of one surname stay together (章 after every 张).
    """
    if name.isascii():
        return name_key(name)
    spelling = spell(name)
    if spelling:
        pairs = zip(spelling.pieces, spelling.sounds, strict=True)
        return " ".join([piece if piece == sound else f"{sound} {piece}" for piece, sound in pairs])
    decomposed = unicodedata.normalize("NFD", name_key(name))
    return "".join([char for char in decomposed if not unicodedata.combining(char)])


def spelt(name: str) -> Spelt:
    """Return what a clean name is found and sorted by."""
    full, initials = pinyin(name) or (None, None)
    return Spelt(name_key(name), full, initials, sort_key(name))


@cache
def _pieces() -> re.Pattern[str]:
    """Return single CJK characters and what is between them."""
    return re.compile(f"[{_CJK}]|[^{_CJK}]+")


def segment(text: str) -> str:
    """Return the text (NFKC) with every CJK character as a word of its own, for the search index."""
    if text.isascii():
        return text
    return " ".join(_pieces().findall(unicodedata.normalize("NFKC", text)))


def search_name(name: str) -> str:
    """Return the words under which a name is found: itself, its pinyin, its initials, and without its punctuation.

    张三 is found by 三, zhang, san, zhangs and zs; 欧阳娜娜 also by ouyang and nana; O'Brien also by obrien, Søren by
    soren and soeren, Łukasz by lukasz.
    """
    words = [segment(name)]
    spelling = spell(name)
    if spelling:
        _pieces, sounds, surname = spelling
        initials = "".join([sound[0] for sound in sounds])
        words += [*sounds, "".join(sounds[:surname]), "".join(sounds[surname:]), "".join(sounds), initials]
    else:
        words += [_joined(name), *_typed(name)]
    return " ".join(filter(None, dict.fromkeys(words)))


def _joined(name: str) -> str:
    """Return the name without the marks that people leave out inside words (O'Brien, Jean-Luc)."""
    return name.translate(_INNER_MARKS)


def _typed(name: str) -> list[str]:
    """Return the name as it is typed on a keyboard without its letters, where that is anything else."""
    if name.isascii():
        return []
    small = unicodedata.normalize("NFC", name.lower())
    return [typed for typed in (small.translate(_PLAIN), small.translate(_PAIRS)) if typed != small]


@cache
def _parts() -> re.Pattern[str]:
    """Return what a search consists of: a number with its spaces and dashes, a run of CJK, or another word."""
    number = r"(?<![^\W_])\+?\(?\d(?:[ \-.()/]*\d){2,}(?![^\W_])"
    return re.compile(f"(?P<number>{number})|(?P<cjk>[{_CJK}]+)|(?P<word>[^\\s{_CJK}]+)")


def search_parts(text: str, *, together: bool = False) -> list[tuple[str, str]]:
    """Return what a search consists of as pairs of kind (`number`, `cjk` or `word`) and text (NFKC).

    `together` leaves a word and the Chinese that it touches, as in A厂, one part; its kind is that of its end.
    """
    text = unicodedata.normalize("NFKC", printable(text)).replace("\0", "")
    parts: list[tuple[str, str]] = []
    end = 0
    for match in _parts().finditer(text):
        kind, part = match.lastgroup or "word", match[0]
        touches = together and parts and match.start() == end and text[end - 1].isalnum() and part[0].isalnum()
        end = match.end()
        if touches and "number" not in (kind, parts[-1][0]):
            parts[-1] = (kind, parts[-1][1] + part)
        else:
            parts.append((kind, part))
    return [(kind, part) for kind, part in parts if any(map(str.isalnum, part))]


def fts_query(text: str, *, whole: bool = False, together: bool = True) -> str:
    """Return a safe FTS5 MATCH expression over the columns `name`, `reach`, `body`; empty when nothing can match.

    All words must occur, each as the beginning of a word, or as a `whole` word, which FTS5 finds much faster; Chinese
    as a part of anything; a word and the Chinese that it touches side by side, unless `together` is off; a part of a
    phone number wherever it stands in the number. Everything is quoted: no text is an operator.
    """
    end = "" if whole else "*"
    terms = []
    for kind, part in search_parts(text, together=together):
        if kind == "cjk":
            terms.append(_quoted(segment(part)))
        elif kind == "number":
            terms.append(_number_query(part, end))
        else:
            terms.append(_quoted(segment(part)) + end)
    return " AND ".join(terms)


def _quoted(word: str) -> str:
    """Return a word as a string of FTS5."""
    doubled = word.replace('"', '""')
    return f'"{doubled}"'


def _number_query(part: str, end: str) -> str:
    """Return the expression for a number: as written, or as part of a phone with or without what is dialled before."""
    digits = "".join(filter(str.isdecimal, part))
    fragments = [digits, digits.lstrip("0")]
    if part.startswith(("+", "00")):
        fragments.append(split_code(digits.lstrip("0"))[1].lstrip("0"))
    phrases = [f'reach : "{digit_tokens(known)}"' for known in dict.fromkeys(fragments) if len(known) >= _LEAST_DIGITS]
    return f"({' OR '.join([_quoted(part) + end, *phrases])})"
