"""Phone numbers: what is stored, what is compared, what is searched.

Three ways lead to a number. Chinese numbers, North American ones and whatever is written internationally are
understood here, in two microseconds, because they are nearly all that a file contains; anything else is left to
phonenumbers (30 ms to import, 25 µs a number). All ways see the same digits, so that a number's format never decides
about its key. Looking a number up never needs phonenumbers: `phone_keys` offers each reading that it could have been
stored under.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from crmcli.i18n import _
from crmcli.rules.callingcodes import calling_code, split_code

if TYPE_CHECKING:
    from types import ModuleType

_LEAST = 3
_MOST = 19
"""Digits: 15 in E.164, and what is dialled before them."""
_E164 = range(8, 16)

_FILL = dict.fromkeys(map(ord, " \t\r\n-.()/_~‐‑‒–—−·•[]　\xa0'’"))
"""An apostrophe stands before a number where a spreadsheet must not take it for a formula, and within Swiss ones."""

_LABEL = (
    r"(?:tel|telephone|phone|mobile|mob|cell|work|home|office|fax|m|t|p|h|o|w|手机号码?|手机|移动电话|联系电话|电话号码|电话|座机|固定电话|固话"
    r"|传真|办公|单位|住宅|家庭|家)"
)
_SPECIAL_CODES = frozenset(
    {"39", "54", "55", "378", "241", "225", "242", "229", "672", "352", "57", "591", "36", "7", "82", "81"}
)
"""Calling codes of countries where a national number can need rewriting even behind the calling code: left to
phonenumbers."""
_ABROAD = {
    "1": ("011",),
    "7": ("810",),
    "61": ("0011",),
    "81": ("010",),
    "82": ("001", "002"),
    "852": ("001",),
    "65": ("001", "000"),
    "66": ("001",),
    "62": ("001", "008"),
    "886": ("002",),
    "55": ("0015", "0021"),
    "57": ("009",),
    "972": ("012", "013"),
    "254": ("000",),
}
"""What is dialled for «abroad» instead of 00, by calling code."""
_TRUNKS = {"1": ("1",), "7": ("8",), "375": ("80", "8", "0"), "993": ("8",), "36": ("06",)}
"""What is dialled before a national number instead of 0, by calling code."""

_PATTERNS = {
    "mobile": r"(?:(?:\+|00)?86)?0?(1[3-9][0-9]{9})",
    "landline": r"(?:(?:00)?86)?0((?:10|2[0-9])[1-9][0-9]{7}|[3-9][0-9]{2}[1-9][0-9]{6,7})",
    "service": r"([48]00[0-9]{7})|[1-9][0-9]{2,7}",
    "american": r"1?([2-9][0-9]{2}[2-9][0-9]{6})",
    "dialled": r"(\+)?([0-9]+)",
    "label": rf"(?i)(?:tel:|{_LABEL}(?![^\W\d_])\s*[.::]?|{_LABEL}(?=[\d+(]))\s*",
    "remark": rf"(?i)\s*\(\s*{_LABEL}\s*\)$",
    "context": r";phone-context=.*|\.0$",
    "extension": (
        r"(?i)(?<=[\d)])\s*(?:;ext=|,+|ext(?:ension|n)?[.:]?|x|#|转|轉|分机号?[::]?|內線|内线)\s*(\d{1,7})#?$"
    ),
    "switchboard": r"\s*(\(?0\d{2,3}\)?[-\s]?\d{7,8})-(\d{1,6})\s*",
    "two": r"\d(?:[ ()-]*\d){6}[ )]*/[ (]*\d(?:[ ()-]*\d){6}",
    "date": r"\s*(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?:[T\s].*)?",
}


class Phone(NamedTuple):
    """A phone number as the database keeps it."""

    value: str
    """What is shown and stored: E.164 (`+8613800138000`), or bare digits for numbers that only work locally
    (`95588`)."""
    key: str
    """What look-ups and matching compare."""
    digits: str
    """National significant digits, for the search index."""
    extension: str = ""


class _Typed(NamedTuple):
    """A text reduced to what is dialled."""

    digits: str
    abroad: bool
    """Whether it began with `+`."""
    extension: str


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return a pattern, compiled when it is first used: each costs up to a millisecond, a look-up needs few."""
    return re.compile(_PATTERNS[name])


@cache
def _load_phonenumbers() -> "ModuleType":
    """Return phonenumbers, imported for the first number that needs it: it costs 30 ms."""
    import phonenumbers

    return phonenumbers


def mobiles(texts: Iterable[str], country: str) -> list[str | None]:
    """Return the national number of each text that is a Chinese mobile number where the country is China, else None.

    It is what `normalise_phone` says of the same text: for whole columns, in a quarter of the time.
    """
    if country != "CN":
        return [None for _text in texts]
    found = map(_pattern("mobile").fullmatch, map(str.translate, texts, repeat(_FILL)))
    return [match and match[1] for match in found]


def normalise_phone(text: str, country: str) -> Phone:
    """Return the number that was written in any format; `country` (ISO 3166 alpha-2) is where national numbers belong.

    A number that nobody abroad could dial (95588, an extension, a number without its area) is kept as it is dialled.
    Raises ValueError with a translated message when the text is no phone number.
    """
    (mobile,) = mobiles((text,), country)
    if mobile:
        return Phone("+86" + mobile, "+86" + mobile, mobile)
    typed = _read(text, country)
    if typed is None:
        raise ValueError(_("“{text}” is not a phone number").format(text=text[:40]))
    code, national = _understood(typed, country) or _parsed(typed, country)
    value = f"+{code}{national}" if code else "+" * typed.abroad + national
    return Phone(value, value, national, typed.extension)


def phone_keys(text: str, country: str) -> tuple[str, ...]:
    """Return the keys under which the typed number may be stored, most likely first; () when it can be none.

    Never imports phonenumbers. Whether a few digits are rather a record's id is for the caller to decide.
    """
    typed = _read(text, country)
    if typed is None:
        return ()
    home = calling_code(country)
    digits = typed.digits
    keys = []
    if typed.abroad:
        keys += _abroad_keys(digits)
    else:
        for prefix in ("00", *_ABROAD.get(home, ())):
            if digits.startswith(prefix):
                keys += _abroad_keys(digits[len(prefix) :])
        if home:
            keys += _trunkless(home, digits)
        if home and digits.startswith(home):
            keys += _abroad_keys(digits)
        if home:
            keys.append(f"+{home}{digits}")
    keys.append(digits)
    return tuple(dict.fromkeys(keys))


def _abroad_keys(digits: str) -> list[str]:
    """Return the keys of a number with its calling code: as it is, and without a trunk prefix behind the code."""
    code, national = split_code(digits)
    return [*_trunkless(code, national), f"+{digits}"] if code else [f"+{digits}"]


def _trunkless(code: str, national: str) -> list[str]:
    """Return the keys of a national number without what is dialled before it inside the country."""
    trunks = _TRUNKS.get(code, ("0",))
    return [f"+{code}{national[len(trunk) :]}" for trunk in trunks if national.startswith(trunk)]


def digit_tokens(digits: str) -> str:
    """Return the digits as overlapping three-digit tokens for the search index, and the same for a part of a number.

    As a phrase, the tokens of any three or more successive digits are found in those of the whole number.
    """
    if len(digits) <= _LEAST:
        return digits
    return " ".join(_triples(len(digits))(digits))


@cache
def _triples(length: int) -> Callable[[str], tuple[str, ...]]:
    """Return what takes a text of so many characters apart: each three that follow each other."""
    return itemgetter(*[slice(start, start + _LEAST) for start in range(length - _LEAST + 1)])


def _read(text: str, country: str) -> _Typed | None:
    """Return what would be dialled, or None when the text is not a phone number."""
    if sum(map(str.isdecimal, text)) < _LEAST or _pattern("date").fullmatch(text):
        return None
    if "/" in text and _pattern("two").search(text):
        return None
    switchboard = _pattern("switchboard").fullmatch(text) if country == "CN" else None
    if switchboard:  # 010-12345678-803: in China the third group is an extension
        return _Typed(switchboard[1].translate(_FILL), abroad=False, extension=switchboard[2])
    dialled = _pattern("dialled").fullmatch(text.translate(_FILL)) if "." not in text and "(0)" not in text else None
    extension = ""
    if dialled is None:
        plain, extension = _plain(text)
        dialled = _pattern("dialled").fullmatch(plain)
    if dialled is None or not _LEAST <= len(dialled[2]) <= _MOST:
        return None
    return _Typed(dialled[2], bool(dialled[1]), extension)


def _plain(text: str) -> tuple[str, str]:
    """Return the text without label, remark, fill and extension, in ASCII digits; and the extension."""
    text = unicodedata.normalize("NFKC", text)
    if not text.isascii():
        text = "".join([str(unicodedata.decimal(char, char)) for char in text])
    text = text.strip()
    label = _pattern("label").match(text)
    if label:
        text = text[label.end() :]
    text = _pattern("remark").sub("", _pattern("context").sub("", text))
    found = _pattern("extension").search(text)
    if found:
        text = text[: found.start()]
    if text.startswith("+"):
        text = text.replace("(0)", "")
    return text.translate(_FILL), found[1] if found else ""


def _understood(typed: _Typed, country: str) -> tuple[str, str] | None:
    """Return calling code and national number where that needs no knowledge of the country's numbering plan."""
    digits, home = typed.digits, calling_code(country)
    if home == "86" and not typed.abroad:
        chinese = _pattern("mobile").fullmatch(digits) or _pattern("landline").fullmatch(digits)
        if chinese:
            return "86", chinese[1]
        service = _pattern("service").fullmatch(digits)  # 400-820-8820, or 95588, 110, a number without its area
        if service:
            return ("86", digits) if service[1] else ("", digits)
    if not typed.abroad and digits.startswith("00") and home not in {"", "1", "81"}:
        digits, abroad = digits[2:], True
    else:
        abroad = typed.abroad
    if not abroad:
        american = _pattern("american").fullmatch(digits) if home == "1" else None
        return ("1", american[1]) if american else None
    code, national = split_code(digits)
    if code == "1":
        american = _pattern("american").fullmatch(national)
        return ("1", american[1]) if american and len(national) == len("5551234567") else None
    if not code or code in _SPECIAL_CODES or national.startswith("0") or len(digits) not in _E164:
        return None
    return code, national


def _parsed(typed: _Typed, country: str) -> tuple[str, str]:
    """Return calling code and national number as phonenumbers sees them; no code when nobody abroad could dial it."""
    if typed.abroad and len(typed.digits) > _E164[-1]:
        return "", typed.digits
    library = _load_phonenumbers()
    try:
        number = library.parse("+" + typed.digits if typed.abroad else typed.digits, country.upper())
    except library.NumberParseException:
        return "", typed.digits
    if library.is_possible_number_with_reason(number) != library.ValidationResult.IS_POSSIBLE:
        return "", typed.digits
    code, national = str(number.country_code), library.national_significant_number(number)
    if len(code + national) > _E164[-1]:
        return "", typed.digits
    doubtful = national.startswith("0") or code in _SPECIAL_CODES
    if doubtful and library.parse(f"+{code}{national}") != number:
        # each reading would take something more for what is dialled before a number: of 0000001 a zero
        return "", typed.digits
    return code, national
