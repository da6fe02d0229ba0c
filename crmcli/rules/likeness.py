"""How alike two contacts or two companies are: a score and the reasons for it.

Each piece of evidence has a probability that the two are one, learnt by no machine but chosen by hand, so that a
reason can be given for every score. Pieces that are independent add up as such (1 - (1-p)(1-q)); what speaks against
it (another birthday, other phones) takes a share away. Which pairs are worth comparing is decided in `queries/likely`.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

from crmcli.rules.names import name_key
from crmcli.rules.pinyin import pinyin

LEAST = 50
"""Pairs below this score are more likely two than one."""

_CONTACTS = {"name": 0.9, "order": 0.88, "spelling": 0.85, "pinyin": 0.85, "sound": 0.75, "typo": 0.72, "part": 0.65}
"""Reason why two names are alike → how likely that makes two people of one company the same."""
_CERTAIN = frozenset({"name", "order", "spelling", "pinyin"})
_UNPLACED, _ELSEWHERE = 2 / 3, 1 / 3
"""What remains of it when a company is missing, and when the companies differ."""
_NAMESAKES = 3
"""A name that more people have says less."""
_COMPANIES = {**_CONTACTS, "name": 0.95, "form": 0.85, "group": 0.65, "other_form": 0.6, "part": 0.4}

_REACHED, _REACHED_ALONE = 0.9, 0.55
"""A shared phone, address or handle, with names that are alike and with names that are not."""
_NEARLY, _NEARLY_ALONE = 0.8, 0.3
"""A phone of which one side lacks the country or the area, likewise."""
_OFFICE, _HOLDERS = 0.2, 3
"""What is shared by more than so many people, or has another extension, belongs to an office."""
_BORN = 0.6
_BORN_APART, _REACHED_APART, _OTHER_REGION = 0.5, 0.9, 0.8

_LEAST_DIGITS = 7
_TYPED = 6, 12
"""Letters from which on a name may have one typing error, and two; in shorter ones it makes another name."""

_LATIN = {ord("ø"): "oe", ord("æ"): "ae", ord("œ"): "oe", ord("ł"): "l", ord("đ"): "d", ord("ı"): "i"}
_INNER = dict.fromkeys(map(ord, "'’`.·"))
_HONORIFICS = " mr mrs ms miss dr prof herr frau mme sir "
_HONORIFIC_ZH = "先生|女士|小姐|老师"
_LEGAL = (
    " ltd limited inc incorporated corp corporation co company llc llp lp plc gmbh mbh ag kg kgaa ohg ug ev se sa sarl "
    "sas srl spa bv nv ab oy oyj asa aps pty pte pvt kk sdn bhd ооо "
)
_LEGAL_ZH = "股份有限公司|有限责任公司|有限公司|公司"
_SAME_FORM = {"limited": "ltd", "incorporated": "inc", "corporation": "corp", "company": "", "co": "", "mbh": "gmbh"}
_GROUP = " group holding holdings gruppe "
_GROUP_ZH = "集团|控股|股份|集團"
ROLES = frozenset(
    ["info", "sales", "contact", "office", "admin", "service", "support", "mail", "hello", "kontakt", "marketing"]
)
"""Names of addresses that an office reads."""


class Way(NamedTuple):
    """One way to reach a party, and how many parties have it."""

    kind: str
    key: str
    value: str
    digits: str
    holders: int


class Party(NamedTuple):
    """What is compared of a contact or a company; empty where nothing is known."""

    name: str
    ways: tuple[Way, ...] = ()
    company: str = ""
    birthday: str = ""
    region: str = ""
    namesakes: int = 1
    """How many have exactly this name."""


class Likeness(NamedTuple):
    """How likely two records are one, 0 to 100, and the reasons, as words."""

    score: int
    why: tuple[str, ...]


class Forms(NamedTuple):
    """A name as it is compared: Chinese characters alone where it has some, else folded words."""

    key: str
    chinese: str
    words: tuple[str, ...]
    sounds: tuple[str, ...]
    """How it is spelt in one piece, as it stands and with the last word first, without what is easily confused
    (zh/z, ng/n, ue/ü)."""
    initials: str
    """The first letters of its parts in alphabetical order; typing errors seldom touch them."""


def contacts_alike(a: Party, b: Party) -> Likeness:
    """Return how likely two contacts are one person."""
    name = name_likeness(name_forms(a.name), name_forms(b.name))
    company = _company_likeness(a, b)
    evidence = [_named(a, b, name, company)] if name else []
    why = [word for word in (name, company if name else "") if word]
    if name and a.birthday and a.birthday == b.birthday:
        evidence.append(_BORN)
        why.append("birthday")
    reached, ways = _shared_ways(a, b, named=bool(name))
    against = 1.0
    if not ways and {way.kind for way in a.ways} & {way.kind for way in b.ways}:
        against *= _REACHED_APART
    if _born_apart(a.birthday, b.birthday):
        against *= _BORN_APART
    return _score([*evidence, *reached], against, [*ways, *why])


def companies_alike(a: Party, b: Party) -> Likeness:
    """Return how likely two companies are one."""
    name = _firm_likeness(a.name, b.name)
    evidence = [_COMPANIES[name]] if name else []
    reached, ways = _shared_ways(a, b, named=bool(name))
    against = _OTHER_REGION if a.region and b.region and a.region != b.region else 1.0
    return _score([*evidence, *reached], against, [*ways, *([name] if name else [])])


@lru_cache(maxsize=1 << 16)
def name_forms(name: str) -> Forms:
    """Return what a name is compared by, without Mr, 先生 and the like."""
    key = name_key(name)
    chinese = "" if key.isascii() else _chinese(key)
    if len(chinese) > 1:
        short = re.sub(f"(?<=.)(?:{_HONORIFIC_ZH})$", "", chinese)
        spelt = pinyin(short)
        others = _words("".join([" " if char in chinese else char for char in key]))
        sounds = [_sound(spelt.full)] if spelt else []
        return Forms(key, short, others, tuple(sounds), "".join(sorted(spelt.initials if spelt else "")))
    words = _words(key)
    kept = tuple(word for word in words if not _among(word, _HONORIFICS)) or words
    sounds = [_sound(text) for text in _orders(kept) if text]
    whole = [word for word in kept if len(word) > 1] or kept
    return Forms(key, "", kept, tuple(sounds), "".join(sorted(word[0] for word in whole)))


@lru_cache(maxsize=1 << 16)
def firm_name(name: str) -> tuple[str, str]:
    """Return a company's name (folded) without its legal form, and that form; either may be empty."""
    key = name_key(name)
    chinese = None if key.isascii() else re.search(f"(?<=.)(?:{_LEGAL_ZH})$", key)
    if chinese:
        return key[: chinese.start()].strip(), chinese[0]
    words = list(_words(key.replace("&", " ")))
    form: list[str] = []
    while len(words) > 1 and _among(words[-1], _LEGAL):
        form.insert(0, words.pop())
    return (" ".join(words) if form else key), "".join(_SAME_FORM.get(word, word) for word in form)


@lru_cache(maxsize=1 << 16)
def firm_sounds(name: str) -> tuple[str, ...]:
    """Return how a company's name without its legal form, 集团 and the like sounds; see Forms."""
    return name_forms(_ungrouped(firm_name(name)[0])).sounds


def name_likeness(a: Forms, b: Forms) -> str:
    """Return in which way two names are alike, a key of the table above; empty when they are not."""
    if a.key == b.key:
        return "name"
    if a.chinese and b.chinese:
        if a.chinese == b.chinese:
            if a.words == b.words:
                return "name"
            return "part" if {*a.words} <= {*b.words} or {*b.words} <= {*a.words} else ""  # 员工1 is not 员工2
        return "sound" if len(a.chinese) == len(b.chinese) and {*a.sounds} & {*b.sounds} else ""
    if a.chinese or b.chinese:
        return "pinyin" if {*a.sounds} & {*b.sounds} else ""
    return _words_alike(a.words, b.words)


def within(a: str, b: str, most: int) -> bool:
    """Tell whether so many typing errors make one text of the other: a letter more, less, another, or two swapped."""
    if abs(len(a) - len(b)) > most:
        return False
    same = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[same:], b[same:]
    if not a or not b:
        return len(a) + len(b) <= most
    return most > 0 and (
        within(a[1:], b[1:], most - 1)
        or within(a[1:], b, most - 1)
        or within(a, b[1:], most - 1)
        or (a[:2] == b[1::-1] and within(a[2:], b[2:], most - 1))
    )


def _score(evidence: list[float], against: float, why: list[str]) -> Likeness:
    likely = 1 - prod(1 - piece for piece in evidence)
    return Likeness(round(100 * likely * against), tuple(dict.fromkeys(why)))


def _named(a: Party, b: Party, name: str, company: str) -> float:
    """Return what the names and the companies say together."""
    likely = _CONTACTS[name]
    if company == "company":
        return likely
    if company == "" or name not in _CERTAIN:
        return likely * _ELSEWHERE
    return likely * _UNPLACED * min(1.0, _NAMESAKES / max(a.namesakes, b.namesakes))


def _company_likeness(a: Party, b: Party) -> str:
    if not a.company or not b.company:
        return "company_missing"
    same = name_key(a.company) == name_key(b.company) or _firm_likeness(a.company, b.company) not in {"", "part"}
    return "company" if same else ""


def _firm_likeness(a: str, b: str) -> str:
    """Return in which way two companies' names are alike; empty when they are not."""
    if name_key(a) == name_key(b):
        return "name"
    (core_a, form_a), (core_b, form_b) = firm_name(a), firm_name(b)
    how = name_likeness(name_forms(core_a), name_forms(core_b))
    if how in {"name", "spelling"}:
        # Acme Ltd and Acme GmbH are two, while 公司 is what people leave of 有限公司
        differ = form_a and form_b and form_a.isascii() and form_a != form_b
        return "other_form" if differ else "form"
    if not how and name_likeness(name_forms(_ungrouped(core_a)), name_forms(_ungrouped(core_b))) == "name":
        return "group"
    return how


def _ungrouped(core: str) -> str:
    if not core.isascii():
        return re.sub(f"(?<=.)(?:{_GROUP_ZH})+$", "", core)
    words = core.split()
    while len(words) > 1 and _among(words[-1], _GROUP):
        words.pop()
    return " ".join(words)


def _words_alike(a: tuple[str, ...], b: tuple[str, ...]) -> str:
    """Return in which way two names in Latin letters, or any other than Chinese, are alike."""
    if not a or not b:
        return ""
    if sorted(a) == sorted(b):
        return "name" if a == b else "order"
    begun = a[0][0] in (b[0][0], b[-1][0]) or a[-1][0] in (b[0][0], b[-1][0])
    if begun and {*_spellings(a)} & {*_spellings(b)}:
        return "spelling"
    if _abbreviated(*sorted((a, b), key=len)):
        return "part"
    return "typo" if begun and any(_mistyped(x, y) for x, y in product(_spellings(a), _spellings(b))) else ""


def _mistyped(a: str, b: str) -> bool:
    """Tell whether one is the other with typing errors; the first letter is seldom one of them."""
    length = min(len(a), len(b))
    return a[0] == b[0] and length >= _TYPED[0] and within(a, b, 1 + (length >= _TYPED[1]))


def _abbreviated(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Tell whether each word of the shorter name is in the longer one, or one is the initial of the other."""
    left = list(long)
    for word in sorted(short, key=len, reverse=True):
        match = next((known for known in left if word == known or _initial(word, known)), "")
        if not match:
            return False
        left.remove(match)
    return any(len(word) > 1 for word in short)


def _initial(a: str, b: str) -> bool:
    """Tell whether one is the other's first letter."""
    return min(len(a), len(b)) == 1 and a[0] == b[0]


def _shared_ways(a: Party, b: Party, *, named: bool) -> tuple[list[float], list[str]]:
    """Return what ways to reach both say, the strongest of each kind, and of which kinds they are."""
    found: dict[str, float] = {}
    for x, y in product(a.ways, b.ways):
        likely = _same_way(x, y, named=named)
        if likely:
            found[x.kind] = max(likely, found.get(x.kind, 0))
    return list(found.values()), list(found)


def _same_way(x: Way, y: Way, *, named: bool) -> float:
    """Return how likely it is that who is reached there is one person; 0 when it is another way."""
    if x.kind != y.kind:
        return 0
    if x.key == y.key:
        shared = max(x.holders, y.holders) > _HOLDERS or x.value != y.value or x.key.partition("@")[0] in ROLES
        return _OFFICE if shared and not named else _REACHED if named else _REACHED_ALONE
    short, long = sorted((x.digits, y.digits), key=len)
    if len(short) >= _LEAST_DIGITS and long.endswith(short) and not (_placed(x) and _placed(y)):
        return _NEARLY if named else _NEARLY_ALONE
    return 0


def _placed(way: Way) -> bool:
    """Tell whether a number says its country, so that no other can be meant."""
    return way.key.startswith("+")


def _born_apart(a: str, b: str) -> bool:
    """Tell whether two birthdays contradict each other; a year may be missing."""
    return bool(a and b) and (a[-5:] != b[-5:] or (a != b and not a.startswith("--") and not b.startswith("--")))


def _chinese(key: str) -> str:
    return "".join([char for char in key if "\u3400" <= char <= "\u9fff" or char >= "\U00020000"])


def _among(word: str, words: str) -> bool:
    """Tell whether a word is one of those."""
    return f" {word} " in words


def _words(key: str) -> tuple[str, ...]:
    """Return the words of a folded name without diacritics."""
    if not key.isascii():
        decomposed = unicodedata.normalize("NFD", key.translate(_LATIN))
        key = "".join([char for char in decomposed if not unicodedata.combining(char)])
    return tuple(re.findall(r"[^\W_]+", key.translate(_INNER)))


def _orders(words: tuple[str, ...]) -> list[str]:
    """Return the words in one piece: as they stand, and the last one first."""
    return list(dict.fromkeys(("".join(words), "".join((*words[-1:], *words[:-1])))))


@lru_cache(maxsize=1 << 16)
def _spellings(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return both orders of the words as texts in which Müller, Mueller and Muller are one; they begin as the words."""
    return tuple(re.sub("(?<=[aou])e", "", text) for text in _orders(words))


def _sound(text: str) -> str:
    return re.sub("(?<=[aou])e|(?<=[zcs])h|(?<=n)g", "", text.replace("v", "u"))
