"""Text in terminal cells: data is made harmless before it is printed, measured as a terminal does, cut and padded.

Rich is not needed for this: importing it costs four times what starting Python does, and a screen is a few aligned lines.
"""

from functools import cache
from unicodedata import category, combining, east_asian_width

NEWLINE = "⏎"
"""What stands for a line break where only one line fits."""
HIDDEN = "�"
"""What stands for a character that would hide or reorder others."""
_JOINERS = "\u200c\u200d"
_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_EMOJI_STYLE = "\ufe0f"
_FIRST_EMOJI = 0x1F000


def safe(text: str, newline: str = NEWLINE) -> str:
    """Return the text as one line that a terminal prints and never obeys.

    Control characters become their pictures (`␛[31m`), what hides or reorders text becomes `�`, a line break `newline`, a tab a
    space. Letters of every script, combining marks, emoji and their joiners stay.
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

    Terminals disagree on joined emoji and on the emoji style of symbols; the wider answer is taken, so that a line never overflows.
    """
    if text.isascii():
        return len(text)
    cells = sum(map(_cells, text))
    if _EMOJI_STYLE in text:
        cells += sum(1 for char, after in zip(text, text[1:], strict=False) if after == _EMOJI_STYLE and _cells(char) == 1)
    return cells


def cut(text: str, cells: int) -> str:
    """Return the longest beginning of the safe text that fits into so many cells; a wide character is never split."""
    if len(text) <= cells and text.isascii():
        return text
    taken = 0
    before = 0
    for index, char in enumerate(text):
        size = _cells(char)
        if char == _EMOJI_STYLE and before == 1:
            size = 1
        taken += size
        if taken > cells:
            return text[:index]
        before = size
    return text


def fit(text: str, cells: int, align: str = "left") -> str:
    """Return the safe text in exactly so many cells: cut with `…` or padded on the side that `align` (left, right) leaves free."""
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
    unassigned = kind == "Cn" and code & 0xFFFE != 0xFFFE and not 0xFDD0 <= code <= 0xFDEF  # noqa: PLR2004 - Unicode's noncharacters
    return char if unassigned or kind in {"Zs", "Co"} else HIDDEN


def _joins(text: str, index: int) -> bool:
    """Return whether the joiner at `index` stands between two characters of a script (or emoji) that uses joiners."""
    return 0 < index < len(text) - 1 and text[index - 1] > "\u02ff" and text[index + 1] > "\u02ff"
