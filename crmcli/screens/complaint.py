"""One complaint in full: what was said, where it stands, every step, and the follow-ups on it."""

from collections.abc import Iterator, Sequence

from crmcli.context import Context
from crmcli.i18n import _
from crmcli.nouns import noun
from crmcli.queries.reader import get
from crmcli.queries.vocabulary import labels
from crmcli.render.lines import DIM, TITLE, Line, Span, line, wrap
from crmcli.render.table import record_card
from crmcli.render.text import fit, width
from crmcli.render.values import said

_EVENTS = (
    ("steps", "complaint_step", "note", "actor"),
    ("followups", "followup_kind", "text", "id"),
)
"""For each list of events: its key, the vocabulary of its kinds, and the keys of what is said and what stands dim."""


def run(context: Context, id_: int) -> int:
    """Print a complaint."""
    row = get(context.reader, "complaint", id_)
    output = context.output
    declaration = noun("complaint")
    if output.data:
        output.card(row, declaration, now=context.now)
        return 0
    words = labels(context.connection)
    shown = {key: value for key, value in row.items() if key not in ("steps", "followups")}
    edge = output.terminal.width
    output.screen(record_card(shown, declaration, width=edge, now=context.now, labels=words))
    for key, vocabulary, text, aside in _EVENTS:
        events = [
            (
                said(event["at"], context.now),
                words.get((vocabulary, event["kind"]), event["kind"]),
                event[text] or "",
                str(event[aside]),
            )
            for event in row[key]
        ]
        field = declaration.field(key)
        output.screen(_section(_(field.label) if field else key, events, edge))
    return 0


def _section(title: str, events: Sequence[tuple[str, str, str, str]], edge: int) -> Iterator[Line]:
    """Yield a title and the events below it, whole: when, what, what was said, by whom."""
    if not events:
        return
    yield ()
    yield line(Span(title, TITLE))
    when, what = (max(width(event[column]) for event in events) for column in (0, 1))
    for moment, kind, text, aside in events:
        head = line("  ", Span(fit(moment, when), DIM), "  ", fit(kind, what), "  ")
        yield from wrap((*head, *line(f"{text}  " if text else "", Span(aside, DIM))), edge, indent=when + what + 6)
