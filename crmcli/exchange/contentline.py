r"""Content lines, which vCard and iCalendar are made of: `group.NAME;PARAMETER=value:value`.

Read as RFC 6350 §3.3, RFC 2426 and vCard 2.1 have them, and as programs get them wrong: bytes of the machine's
charset that nobody declared, quoted-printable that goes on without a fold, a line break in the middle of a note.

The lines come as Latin-1, so that every byte is a character and can be decoded when its charset is known.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from crmcli.exchange.text import looks_chinese

_WIDTH = 75
"""Octets of a line that is written (RFC 6350 §3.2)."""
_DAMAGED = 8
"""Of a text in the charset that is declared for it at most every eighth character may be damaged."""
_ENCODINGS = {"quoted-printable": "qp", "q": "qp", "qp": "qp", "base64": "base64", "b": "base64"}
_PATTERNS = {
    # A name, then parameters in which quoted text may hold colons.
    "line": r'(?s)(?:([\w-]+)\.)?([A-Za-z0-9-]+)((?:;(?:[^;:"]++|"[^"]*")*+)*+):(.*)',
    # The same where a quotation mark is never closed.
    "broken": r"(?s)(?:([\w-]+)\.)?([A-Za-z0-9-]+)(;[^:]*)?:(.*)",
    "parameter": r';((?:[^;"]++|"[^"]*+"|")*+)',
    "escape": r"(?s)\\(.)",
    "circumflex": r"\^([n'^])",
}
_CIRCUMFLEX = {"n": "\n", "'": '"', "^": "^"}


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_PATTERNS[name])


class Property(NamedTuple):
    """One content line."""

    group: str
    """Lower case; empty when it is in none."""
    name: str
    """Upper case."""
    parameters: dict[str, list[str]]
    """Names in upper case; vCard 2.1's bare words (`TEL;HOME`) are values of TYPE."""
    value: str
    """Decoded, with its backslashes: see `unescape` and `parts`."""

    @property
    def types(self) -> set[str]:
        """The values of TYPE, lower case."""
        return {value.casefold() for value in self.parameters.get("TYPE", ())}

    @property
    def text(self) -> str:
        """The value as plain text, without outer spaces."""
        return unescape(self.value).strip()

    def parameter(self, name: str) -> str:
        """Return the first value of a parameter, empty when there is none."""
        return next(iter(self.parameters.get(name, ())), "")


def name_of(line: str) -> str:
    """Return the name of the property that a line begins, upper case; empty when it begins none."""
    match = _pattern("broken").match(line)
    return match[2].upper() if match else ""


def unfold(lines: Iterable[str], *, old: bool, dropped: frozenset[str] = frozenset()) -> Iterator[str]:
    r"""Yield the properties of one card, each as one line; what is no property continues the one before as `\n…`.

    `old` is vCard 2.1, where a fold keeps its space. Of properties in `dropped` only the first line is kept.
    """
    parts: list[str] = []
    name, quoted, folded = "", False, False
    for line in lines:
        if parts and quoted and parts[-1].endswith("="):
            parts[-1] = parts[-1][:-1]
            parts.append(line)
        elif parts and line[:1] in {" ", "\t"}:
            if name not in dropped:
                parts.append(line if old and not folded else line[1:])
        elif begun := name_of(line):
            if parts:
                yield "".join(parts)
            parts, name = [line], begun
            head = line.partition(":")[0].casefold()
            quoted = "quoted-printable" in head or "encoding=q" in head
            folded = "base64" in head or "encoding=b" in head
        elif parts and line.strip() and name not in dropped:
            parts.append(line if folded else "\\n" + line)
    if parts:
        yield "".join(parts)


def parse(line: str, charset: str) -> Property | None:
    """Return the property of an unfolded line, None when it is none; `charset` is that of the file."""
    match = _pattern("line").match(line) or _pattern("broken").match(line)
    if match is None:
        return None
    head = match[3] or ""
    parameters = _parameters(_decoded(head.encode("latin-1"), ["", charset])) if head else {}
    declared = next(iter(parameters.get("CHARSET", ())), "")
    encodings = parameters.get("ENCODING", [])
    encoding = _ENCODINGS.get(encodings[0].casefold(), "") if encodings else ""
    data = match[4].encode("latin-1")
    if encoding == "qp":
        data = _unquoted(data)
    elif encoding == "base64" and declared:
        data = _from_base64(data)
    value = _decoded(data, [declared, charset])
    if encoding == "qp":
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    return Property((match[1] or "").casefold(), match[2].upper(), parameters, value)


def _parameters(head: str) -> dict[str, list[str]]:
    """Return the parameters by name; `;HOME`, `;TYPE=home,work`, `;TYPE="home,work"` and repeated ones alike."""
    found: dict[str, list[str]] = {}
    for parameter in _pattern("parameter").findall(head):
        name, equals, text = parameter.partition("=")
        if not equals:
            bare = name.strip().casefold()
            name, text = ("ENCODING" if bare in _ENCODINGS else "TYPE"), name
        name = name.strip().upper()
        values = text.replace('"', "").split(",") if name == "TYPE" else [text.strip().strip('"')]
        unescaped = [_pattern("circumflex").sub(lambda match: _CIRCUMFLEX[match[1]], value) for value in values]
        found.setdefault(name, []).extend(value.strip() for value in unescaped if value.strip())
    return found


def _unquoted(data: bytes) -> bytes:
    """Return what quoted-printable stands for; what is no such code stays as it is."""
    return unquote_to_bytes(data.replace(b"%", b"%25").replace(b"=", b"%"))


def _from_base64(data: bytes) -> bytes:
    try:
        return codecs.decode(data, "base64")
    except ValueError:
        return data


def _decoded(data: bytes, charsets: list[str]) -> str:
    """Return the text of the bytes: in the declared charset, else UTF-8, else that of the file, else the likeliest."""
    if data.isascii() and not charsets[0]:
        return data.decode("ascii")
    declared, known = map(_superset, charsets)
    likely = "gb18030" if looks_chinese(data) else "cp1252"
    tried = ((declared, "strict"), (declared, "replace"), ("utf-8", "strict"), (known, "strict"), (likely, "strict"))
    for charset, errors in tried[2 * (not declared) :]:
        with suppress(ValueError, LookupError):
            text = data.decode(charset, errors)
            if errors == "strict" or text.count("\ufffd") * _DAMAGED <= len(text):
                return text
    return data.decode("latin-1")


def _superset(charset: str) -> str:
    """Return GB 18030 for the older names of its beginnings, which programs declare for all of it."""
    return "gb18030" if charset.casefold().replace("-", "") in {"gbk", "gb2312", "cp936"} else charset


def unescape(value: str) -> str:
    r"""Return the text that an escaped one stands for: `\n` is a line break, `\,` `\;` `\:` and `\\` the character."""
    if "\\" not in value:
        return value
    return _pattern("escape").sub(lambda match: "\n" if match[1] in "nN" else _kept(match[1]), value)


def _kept(char: str) -> str:
    r"""Return an escaped character; a backslash before anything else is meant (`C:\temp`)."""
    return char if char in '\\,;:"' else "\\" + char


def parts(value: str, separator: str = ";") -> list[str]:
    """Return the unescaped parts of a value with unescaped separators."""
    pieces = [""]
    for token in re.findall(rf"(?s)\\.|[^\\{separator}]+|\\|{separator}", value):
        if token == separator:
            pieces.append("")
        else:
            pieces[-1] += token
    return [unescape(piece).strip() for piece in pieces]


def escape(text: str) -> str:
    r"""Return the text as a value: line breaks, commas, semicolons and backslashes escaped."""
    return re.sub(r"[\\,;]", r"\\\g<0>", text.replace("\r\n", "\n").replace("\r", "\n")).replace("\n", "\\n")


def fold(line: str) -> str:
    """Return the line with its CRLF, folded at 75 octets, never inside a character."""
    if line.isascii() and len(line) <= _WIDTH:
        return line + "\r\n"
    pieces, size, start = [], 0, 0
    for index, char in enumerate(line):
        width = len(char.encode())
        if size + width > _WIDTH:
            pieces.append(line[start:index])
            start, size = index, 1  # the fold's own space
        size += width
    pieces.append(line[start:])
    return "\r\n ".join(pieces) + "\r\n"
