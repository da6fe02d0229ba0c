"""Everything in which a text occurs, best first, the match marked."""

import re
from collections.abc import Iterator
from datetime import date, datetime

from crmcli.context import Context
from crmcli.i18n import _
from crmcli.nouns import Field, Noun, numbered
from crmcli.queries.parties import sounding_like
from crmcli.queries.reader import Reader
from crmcli.queries.search import Found, find
from crmcli.render.layout import Column, Section, layout
from crmcli.render.lines import DIM, ID, NAME, Line, highlight, styled
from crmcli.rules.grouping import readable_phone
from crmcli.screens.parts import WIDEST, Row, hints, reference
from crmcli.when.say import say_moment

LIMIT = 20
_EVERYTHING = 1000
_FIELDS = (
    Field("kind", "text", "Kind"),
    Field("id", "number", "Id"),
    Field("contact_id", "number", "Contact id"),
    Field("contact", "text", "Contact"),
    Field("text", "text", "Text"),
    Field("at", "text", "When"),
)
_FOUND = Noun("found", "found", "", _FIELDS, tuple(field.name for field in _FIELDS), ())
"""What was found, as data."""
_COLUMNS = (
    Column(shrink=1, least=12),
    Column(shrink=2, least=16),
    Column(drop=1),
    Column(drop=2),
    Column(right=True),
)


def run(context: Context, text: str, limit: int = LIMIT) -> int:
    """Print what matches; nothing found is no failure."""
    output = context.output
    text.encode()  # raises for bytes that are no text, which nothing can match
    found = find(context.reader, text, limit or _EVERYTHING)
    if output.data:
        output.records(found.rows, _FOUND, _FOUND.columns, now=context.now)
    else:
        output.screen(_screen(context.reader, found, context.now, min(output.terminal.width, WIDEST)))
    if found.more:
        output.note(_("the first {count}; --limit 100 shows more").format(count=len(found.rows)))
    elif not found.rows and not output.data:
        alike = sounding_like(context.reader, "contact", text) or sounding_like(context.reader, "company", text)
        said = _("nothing matches “{text}”; try one word, a part of a number, pinyin (zhangsan) or initials (zs)")
        if alike:
            said = _("nothing matches “{text}”; did you mean {names}?")
        output.note(said.format(text=text, names=alike))
    return 0


def _screen(reader: Reader, found: Found, now: datetime, edge: int) -> Iterator[Line]:
    if not found.rows:
        return
    yield from layout([Section("", [_cells(row, found.pattern, now) for row in found.rows])], _COLUMNS, edge, indent=0)
    first = next((row for row in found.rows if row["contact"]), None)
    if first:
        yield ()
        who = reference(reader, first["contact"], first["contact_id"])
        yield from hints([(_("all about it"), f"crm show {who}")], edge)


def _cells(row: Row, pattern: re.Pattern[str], now: datetime) -> tuple[Line, ...]:
    name = row["contact"] or row["company"] or ""
    text = " · ".join(readable_phone(part) for part in row["text"].split(" · "))
    if row["kind"] == "company":
        text = text.removeprefix(name).removeprefix(" · ")
    at = row["at"] and say_moment(date.fromisoformat(row["at"][:10]), None, now)
    return (
        highlight(name, _marked(pattern, name), NAME),
        highlight(text, _marked(pattern, text)),
        styled(_(row["kind"]), DIM),
        styled(at or "", DIM),
        styled(numbered(row["kind"], row["id"]), ID),
    )


def _marked(pattern: re.Pattern[str], text: str) -> list[str]:
    """Return what is marked in a text: the matches as they are written there."""
    return [match[0] for match in pattern.finditer(text)]
