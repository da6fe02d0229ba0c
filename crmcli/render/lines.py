"""Lines of styled text: what screens, tables and cards are made of.

A `Line` is a tuple of spans; a cell of a table is a line as well. Everything that comes from the database is made safe
here, whoever built the span. The style names are few on purpose: one colour has one meaning.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crmcli.render.text import cut, safe, width

LATE = "red"
SOON = "yellow"
GOOD = "green"
DIM = "dim"
NAME = "bold"
TITLE = "bold"
MATCH = "bold underline"
ID = "cyan dim"
BAR = "cyan"

UNLIMITED = 1 << 20
"""The width of what is no terminal: nothing is cut in a pipe."""

_CODES = {"bold": "1", "dim": "2", "underline": "4", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
"""ISO 6429 (ECMA-48) parameters of the words that styles consist of."""
_CJK = r"\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60"
_OPENING, _CLOSING = "（「『【《“‘", "、。，．：；！？）」』】》”’"
_WORD = rf"[{_OPENING}]*(?:[^ {_CJK}{_OPENING}{_CLOSING}]+|[{_CJK}])?[{_CLOSING}]* *"
"""A word or a CJK character, with the punctuation that may not end or begin a line; and the spaces after it."""


class Span(NamedTuple):
    """A piece of text in one style: words such as `bold`, `dim`, `red`, separated by spaces."""

    text: str
    style: str = ""


Line = tuple[Span, ...]
Part = str | Span | Line


def line(*parts: Part) -> Line:
    """Return one safe line of the parts, one after the other: texts, spans, lines."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, str):
            spans.append(_harmless(Span(part)))
        elif isinstance(part, Span):
            spans.append(_harmless(part))
        else:
            spans.extend(map(_harmless, part))
    return tuple(span for span in spans if span.text)


def styled(text: str, style: str) -> Line:
    """Return the text in one style."""
    return line(Span(text, style))


def highlight(text: str, words: Iterable[str], style: str = "") -> Line:
    """Return the text with every occurrence of the words (any case) marked as a match."""
    text = safe(text)
    pattern = "|".join(re.escape(safe(word)) for word in sorted(words, key=len, reverse=True) if word)
    if not pattern:
        return styled(text, style)
    spans = []
    end = 0
    for found in re.finditer(pattern, text, re.IGNORECASE):
        spans += [Span(text[end : found.start()], style), Span(found[0], f"{style} {MATCH}".lstrip())]
        end = found.end()
    return line(*spans, Span(text[end:], style))


def line_width(content: Line) -> int:
    """Return the cells that the line takes."""
    return sum(width(span.text) for span in content)


def fit_line(content: Line, cells: int) -> Line:
    """Return the line, cut with `…` where it is longer than so many cells."""
    if line_width(content) <= cells:
        return content
    room = cells - 1
    kept: list[Span] = []
    for span in content:
        piece = cut(span.text, room)
        kept.append(Span(piece, span.style))
        room -= width(piece)
        if piece != span.text:
            break
    last = kept.pop()
    return (*kept, Span(last.text + "…", last.style)) if cells > 0 else ()


def spread(left: Line, right: Line, edge: int) -> Line:
    """Return one line with `right` ending at cell `edge` (a real one, not UNLIMITED); `left` is cut if need be."""
    left = fit_line(left, edge - line_width(right) - 2)
    return line(left, " " * (edge - line_width(left) - line_width(right)), right)


def wrap(content: Line, edge: int, indent: int = 0) -> list[Line]:
    """Return the line broken into lines of at most `edge` cells, all but the first indented.

    It breaks after spaces and between CJK characters; a word that is longer than a line is broken where the line ends.
    Half a line is the most that is indented.
    """
    whole = trim(content)
    if line_width(whole) <= edge:
        return [whole]
    indent = min(indent, edge // 2)
    lines: list[Line] = []
    current: list[Span] = []
    taken = 0
    for word in _words(content):
        rest = word
        while rest.text:
            piece = rest
            if taken + width(rest.text.rstrip(" ")) > edge:
                if taken > indent:
                    lines.append(trim(tuple(current)))
                    current = [Span(" " * indent)] if indent else []
                    taken = indent
                    continue
                piece = Span(cut(rest.text, edge - taken) or rest.text[0], rest.style)
            current.append(piece)
            taken += width(piece.text)
            rest = Span(rest.text[len(piece.text) :], rest.style)
    return [*lines, trim(tuple(current))]


_OF_A_TABLE = 4
"""Spaces before a line of a table; what is broken goes on under its last column, where that has room."""


def broken(content: Line, edge: int) -> list[Line]:
    """Return the line as it is where it fits into so many cells, else broken, what follows as far in as it begins."""
    if line_width(content) <= edge:
        return [content]
    text = "".join(span.text for span in content)
    indent = len(text) - len(text.lstrip(" "))
    column = width(text[: text.rfind("  ") + 2])
    return wrap(content, edge, column if indent >= _OF_A_TABLE and column <= edge // 2 else indent)


def words(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, text) of the pieces between which a text may be broken, each with the spaces after it."""
    for found in re.finditer(_WORD, text):
        if found[0]:
            yield found.start(), found.end(), found[0]


def paint(content: Line, *, colour: bool) -> str:
    """Return the line as a terminal wants it: with colour codes, or plain; without a line break."""
    return "".join(_painted(safe(text), style if colour else "") for text, style in content)


def trim(content: Line) -> Line:
    """Return the line without the spaces at its end."""
    kept = list(content)
    while kept and not kept[-1].text.rstrip(" "):
        kept.pop()
    return (*kept[:-1], Span(kept[-1].text.rstrip(" "), kept[-1].style)) if kept else ()


def _harmless(span: Span) -> Span:
    return span if span.text.isprintable() else Span(safe(span.text), span.style)


def _painted(text: str, style: str) -> str:
    if not style or not text.strip():
        return text
    return f"\x1b[{';'.join(_CODES[word] for word in style.split())}m{text}\x1b[0m"


def _words(content: Line) -> Iterator[Span]:
    """Yield the pieces between which a line may be broken, each with the spaces that follow it."""
    for span in content:
        for _start, _end, text in words(span.text):
            yield Span(text, span.style)
