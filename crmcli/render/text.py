"""Text in terminal cells: data is made harmless before it is printed, measured as a terminal does, cut and padded.

Rich is not needed for this: importing it costs four times what starting Python does.
"""

from functools import cache
from itertools import pairwise
from unicodedata import category, combining, east_asian_width

NEWLINE = "⏎"
"""What stands for a line break where only one line fits."""
HIDDEN = "�"
"""What stands for a character that would hide or reorder others."""
_JOINERS = "\u200c\u200d"
_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_EMOJI_STYLE = "\ufe0f"
_KEYS = "#*0123456789"
_FIRST_EMOJI = 0x1F000
_NONCHARACTERS = range(0xFDD0, 0xFDF0)
_NONCHARACTER = 0xFFFE


def safe(text: str, newline: str = NEWLINE) -> str:
    """Return the text as one line that a terminal prints and never obeys.

    Control characters become their pictures (`␛[31m`), what hides or reorders text becomes `�`, a line break `newline`,
    a tab a space. Letters of every script, combining marks, emoji and their joiners stay.
    """
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    harmless = []
    for index, char in enumerate(text):
        if char.isprintable():
            harmless.append(char)
        elif char in _BREAKS:
            harmless.append(newline)
        elif char in _JOINERS and _joins(text, index):
            harmless.append(char)
        else:
            harmless.append(_visible(char))
    return "".join(harmless)


def safe_lines(text: str) -> list[str]:
    """Return the lines of the text, each of them safe."""
    return [safe(line) for line in text.splitlines()]


def width(text: str) -> int:
    """Return how many terminal cells the safe text takes: CJK and emoji two, combining marks none.

    Terminals disagree on joined emoji and on the emoji style of symbols; the wider answer is taken, so that a line
    never overflows.
    """
    if text.isascii():
        return len(text)
    return sum(map(_cells, text)) + (_widened(text) if _EMOJI_STYLE in text else 0)


def cut(text: str, cells: int) -> str:
    """Return the longest beginning of the safe text that fits into so many cells; a wide character is never split."""
    if len(text) <= cells and text.isascii():
        return text
    taken = 0
    for index, char in enumerate(text):
        taken += _cells(char)
        if char == _EMOJI_STYLE:
            taken += _widened(text[max(0, index - 1) : index + 1])
        if taken > cells:
            return text[:index]
    return text


def fit(text: str, cells: int, align: str = "left") -> str:
    """Return the safe text in exactly so many cells: cut with `…`, or padded; `align` is left or right."""
    size = width(text)
    if size > cells:
        text = cut(text, cells - 1) + "…" if cells > 0 else ""
        size = width(text)
    padding = " " * (cells - size)
    return padding + text if align == "right" else text + padding


@cache
def _cells(char: str) -> int:
    """Return the cells of one character, by the rules of Markus Kuhn's wcwidth on Unicode's East Asian widths."""
    kind = category(char)
    if combining(char) or kind in {"Mn", "Me", "Cf"} or "\u1160" <= char <= "\u11ff":
        return 0
    if kind == "Cn":  # assigned since this Python's Unicode: new emoji and ideographs are wide
        return 2 if ord(char) >= _FIRST_EMOJI else 1
    return 2 if east_asian_width(char) in "WF" else 1


def _widened(text: str) -> int:
    """Return how many narrow symbols become wide by the variation selector after them (❤️, 1️⃣)."""
    return sum(
        after == _EMOJI_STYLE and (char in _KEYS or char > "~") and _cells(char) == 1 for char, after in pairwise(text)
    )


@cache
def _visible(char: str) -> str:
    """Return what is shown for a character that is not printable."""
    code = ord(char)
    if char == "\t":
        return " "
    if code < ord(" "):
        return chr(0x2400 + code)
    if char == "\x7f":
        return "␡"
    kind = category(char)
    never = code in _NONCHARACTERS or code & 0xFFFE == _NONCHARACTER
    return char if kind in {"Zs", "Co"} or (kind == "Cn" and not never) else HIDDEN


def _joins(text: str, index: int) -> bool:
    """Return whether the joiner at `index` stands between two characters of a script (or emoji) that uses joiners."""
    return 0 < index < len(text) - 1 and text[index - 1] > "\u02ff" and text[index + 1] > "\u02ff"
