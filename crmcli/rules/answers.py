"""How alike two questions are, in either language: by the words and pairs of characters that they share."""

from functools import cache
from math import sqrt

from crmcli.rules.names import search_parts, segment

LEAST = 0.25
"""What is less alike than this is another question."""
ASKED = 60
"""So many words of a question are looked for: its beginning says what it is about."""

_STEM = 5
"""Letters that tell a word from others: `deliv` stands for delivery and delivered."""
_COMMON = """
 a about again all am an and any are as at be been but by can do does for from get had has have he her his how i if in
 is it its me my no not of on or our she so than that the their them there they this to too us was we were what when
 where which who why will with would you your
"""


@cache
def _common() -> str:
    """Return the common words, each between two spaces."""
    return f" {'  '.join(_COMMON.split())} "


def tokens(text: str) -> list[str]:
    """Return what a text is about: words without the common ones, Chinese as pairs of characters; each once."""
    found: dict[str, None] = {}
    for kind, part in search_parts(text):
        if kind == "cjk":
            found |= dict.fromkeys([part[at : at + 2] for at in range(len(part) - 1)] or [part])
        else:
            words = "".join(char if char.isalnum() else " " for char in part.casefold()).split()
            found |= dict.fromkeys(word for word in words if f" {word} " not in _common())
    return list(found)


def likeness(one: str, other: str) -> float:
    """Return how alike two texts are, 0 to 1: the cosine of what they are about."""
    mine, its = ({token[:_STEM] for token in tokens(text)} for text in (one, other))
    return len(mine & its) / sqrt(len(mine) * len(its)) if mine and its else 0.0


def ranking_query(text: str) -> str:
    """Return an FTS5 expression for the texts that have any of it; empty when nothing can match."""
    terms = [f'"{segment(token[:_STEM])}"' for token in tokens(text)[:ASKED]]
    return " OR ".join(f"{term}*" if " " not in term else term for term in terms)
