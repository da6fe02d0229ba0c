"""Items as a message that is read on a telephone: short lines under headings, as text and as HTML."""

import html
import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crmcli.context import Context
from crmcli.i18n import _, joined, ngettext
from crmcli.notify.message import Message
from crmcli.queries.vocabulary import labels
from crmcli.render.lines import Line
from crmcli.render.text import safe
from crmcli.render.values import Labels
from crmcli.screens.parts import HEADINGS, Row, action, number, subject, when_due
from crmcli.when.say import say_moment


class _Block(NamedTuple):
    heading: str
    late: bool
    lines: list[str]


def compose(context: Context, items: Sequence[Row], *, day: bool = False) -> Message:
    """Return the message about these items; `day` when it is the whole day's work.

    What is late comes first. Of each kind as many are named as the settings say, and the others counted.
    """
    blocks = list(_blocks(context, items))
    title = _title(context, items, day=day)
    closing = _("Everything on one screen: crm today")
    text = "\n\n".join(
        ["\n".join([block.heading, *(f"• {said}" for said in block.lines)]) for block in blocks] + [closing]
    )
    content = {"as_of": context.now.isoformat(), "items": list(items)}
    return Message(title, text, _html(title, blocks, closing), json.dumps(content, ensure_ascii=False))


def _title(context: Context, items: Sequence[Row], *, day: bool) -> str:
    """Return the subject: `crm: 2 late, 3 due`; of one item the item itself."""
    if len(items) == 1 and not day:
        words = labels(context.connection)
        return f"crm: {_said(context, items[0], words)}"
    late = sum(1 for item in items if item["overdue"])
    due = len(items) - late
    counts = [
        ngettext("{count} late", "{count} late", late).format(count=late) if late else "",
        ngettext("{count} due", "{count} due", due).format(count=due) if due else "",
    ]
    what = say_moment(context.now.date(), None, context.now, year_always=True) if day else "crm"
    return _("{what}: {counts}").format(what=what, counts=joined(filter(None, counts)) or _("nothing due"))


def _blocks(context: Context, items: Sequence[Row]) -> Iterator[_Block]:
    words = labels(context.connection)
    for late in (True, False):
        for kind, heading in HEADINGS.items():
            chosen = [item for item in items if item["kind"] == kind and bool(item["overdue"]) is late]
            if chosen:
                most = context.settings.number(f"remind.{kind}.most")
                lines = [_said(context, item, words) for item in chosen[:most]]
                if len(chosen) > most:
                    lines.append(_("… and {count} more").format(count=len(chosen) - most))
                said = _("{heading}, late") if late and kind != "forgotten" else "{heading}"
                yield _Block(said.format(heading=_(heading)), late, lines)


def _said(context: Context, item: Row, words: Labels) -> str:
    """Return an item on one line: `10:00 visit 李四 (南方电网): 送样品 [15]`."""
    who = item["contact"] + (_(" ({company})").format(company=item["company"]) if item.get("company") else "")
    head = " ".join(filter(None, (_plain(when_due(item, context.now)), _plain(action(item, words)), who)))
    about, id_ = _plain(subject(item)), number(item)
    said = _("{head}: {about}").format(head=head, about=about) if about else head
    return safe(f"{said} [{id_}]" if id_ else said)


def _plain(content: Line) -> str:
    return "".join(span.text for span in content).strip()


def _html(title: str, blocks: Sequence[_Block], closing: str) -> str:
    """Return the same as HTML that every mail program shows: no style sheet, nothing from elsewhere."""
    parts = [f"<p><b>{html.escape(title)}</b></p>"]
    for block in blocks:
        colour = ' style="color:#b00020"' if block.late else ""
        lines = "".join(f"<li>{html.escape(said)}</li>" for said in block.lines)
        parts.append(f"<p{colour}><b>{html.escape(block.heading)}</b></p><ul>{lines}</ul>")
    return "".join([*parts, f'<p style="color:#777">{html.escape(closing)}</p>'])
