"""The 360° view of a contact: what to know before a call."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from crmcli.context import Context
from crmcli.i18n import N_, _, ngettext
from crmcli.nouns import Field
from crmcli.queries.profile import read_profile
from crmcli.queries.vocabulary import labels
from crmcli.render.lines import (
    DIM,
    GOOD,
    ID,
    LATE,
    NAME,
    SOON,
    TITLE,
    Line,
    Span,
    line,
    line_width,
    spread,
    styled,
    trim,
    wrap,
)
from crmcli.render.text import fit, safe_lines, width
from crmcli.render.values import Labels, Reader, value_line
from crmcli.rules.birthdays import age_on, next_celebration
from crmcli.rules.custom_fields import EXTERNAL_ID
from crmcli.rules.grouping import readable_phone
from crmcli.screens.choosing import find_contact
from crmcli.screens.parts import SEVERE, Row, ahead, deadline, dotted, due_of, flow, hints, reference, where
from crmcli.when.say import say_distance, say_moment, say_overdue, say_repeat

LATEST = 5
"""So many follow-ups are shown."""
LATEST_AS_DATA = 20
FILES = 3
"""So many attachments are named."""
_WIDEST = 100
_BIRTHDAY_NEAR = 14
_SIGNS = {"phone": "✆", "email": "✉"}
_CALLED = (
    *(N_("mobile"), N_("work"), N_("home"), N_("fax"), N_("other")),
    *(N_("wechat"), N_("wecom"), N_("weibo"), N_("dingtalk"), N_("feishu"), N_("douyin"), N_("xiaohongshu")),
)
"""Labels and services that are called otherwise in another language; what is not here is shown as it was written."""


class _Entry(NamedTuple):
    """One entry below the head: what it is, when, of which kind, what it says, and the id to type."""

    label: str
    when: Line
    kind: Line
    text: Line
    id: str = ""


class _View(NamedTuple):
    """What is shown, to whom, in which words, how wide."""

    row: Row
    now: datetime
    words: Labels
    me: str
    edge: int
    own: tuple[Field, ...]
    """The fields that the database has of its own."""
    who: str
    """What to type for them."""

    def label(self, set_: str, code: str) -> str:
        """Return the label of a code."""
        return self.words.get((set_, code), code)


def run(context: Context, text: str) -> int:
    """Show the contact that the text names."""
    output = context.output
    id_ = find_contact(context, text)
    row = read_profile(context.reader, id_, followups=LATEST_AS_DATA if output.data else LATEST + 1)
    declared = context.reader.noun("contact")
    if output.data:
        output.card(row, declared, now=context.now)
        return 0
    edge = min(output.terminal.width, _WIDEST)
    words = labels(context.connection)
    who = reference(context.reader, row["name"], id_)
    output.screen(_screen(_View(row, context.now, words, context.actor, edge, declared.own_fields, who)))
    return 0


def _screen(view: _View) -> Iterator[Line]:
    yield from _head(view)
    yield ()
    yield from flow(_reach(view), view.edge, indent=2)
    yield from wrap(line("  ", _health(view)), view.edge, indent=4)
    yield from flow(_own(view), view.edge, indent=2)
    entries = [*_callbacks(view), *_complaints(view), *_promises(view), *_lately(view), *_about(view)]
    if entries:
        yield ()
        yield from _aligned(entries, view.edge)
    yield ()
    yield from hints(_hints(view), view.edge)


def _head(view: _View) -> Iterator[Line]:
    """Yield who it is, and beside it what kind of customer, whose, and where from."""
    row = view.row
    kind = [line(view.label("class", row["class"]))] if row["class"] else []
    kind += [line(tag) for tag in row["tags"]]
    if row["owner"] and row["owner"] != view.me:
        kind.append(line(_("owner {owner}").format(owner=row["owner"])))
    yield from _beside(styled(row["name"], NAME), dotted([*kind, styled(str(row["id"]), ID)]), view.edge)
    place = dotted([line(part) for part in (where(row), row["region"]) if part])
    origin = []
    if row["source"]:
        origin.append(styled(_("from: {source}").format(source=view.label("source", row["source"])), DIM))
    if row["referred_by"]:
        origin.append(styled(_("referred by {name}").format(name=row["referred_by"]), DIM))
    if place or origin:
        yield from _beside(place, dotted(origin), view.edge)


def _beside(left: Line, right: Line, edge: int) -> list[Line]:
    """Return left and right on one line, or below each other where they don't fit."""
    if line_width(left) + 2 + line_width(right) <= edge:
        return [spread(left, right, edge)] if right else [left]
    return [*(wrap(left, edge) if left else ()), *wrap(right, edge)]


def _reach(view: _View) -> Iterator[Line]:
    for point in view.row["reach"]:
        value = point["value"]
        if point["kind"] == "handle":
            service, _colon, value = value.partition(":")
            sign = _called(service)
        else:
            sign = _SIGNS.get(point["kind"], point["kind"])
            value = readable_phone(value).replace(";ext=", _(" ext. "))
        label = Span(f" {_called(point['label'])}", DIM) if point["label"] else ""
        yield line(Span(f"{sign} ", DIM), value, label)
    if view.row["address"]:
        yield line(Span("⌂ ", DIM), view.row["address"])


def _called(word: str) -> str:
    return _(word) if word in _CALLED else word


def _health(view: _View) -> Line:
    """Return how long ago the last contact was, in the colour of how well that is, and how much there was."""
    row, now = view.row, view.now
    cadence = row["cadence_days"]
    since = date.fromisoformat((row["last_contact_at"] or row["created_at"])[:10])
    days = (now.date() - since).days
    style = DIM
    if cadence:
        style = LATE if days > cadence else SOON if days * 4 > cadence * 3 else GOOD
    said = _("no contact yet")
    if row["last_contact_at"]:
        said = _("last contact {distance}").format(distance=say_distance(since, None, now))
    if cadence:
        said = _("{contact} (every {days})").format(contact=said, days=cadence)
    year, complaints = row["contacts_this_year"], row["open_complaints"]
    counts = [styled(said, style if style != DIM else "")]
    if year:
        counts.append(
            line(ngettext("{count} contact this year", "{count} contacts this year", year).format(count=year))
        )
    if complaints:
        text = ngettext("{count} open complaint", "{count} open complaints", complaints).format(count=complaints)
        counts.append(styled(text, LATE))
    return line(Span("♥ ", style), dotted(counts))


def _own(view: _View) -> Iterator[Line]:
    """Yield the database's own fields that the contact has, each with its label."""
    reader = Reader(view.now, view.words)
    for field in view.own:
        value = view.row["fields"].get(field.name)
        if value is not None:
            shown = value_line({field.name: value}, field, reader) or line(_("no"))
            yield line(Span(f"{field.label} ", DIM), *shown)


def _callbacks(view: _View) -> Iterator[_Entry]:
    for number, row in enumerate(view.row["callbacks"]):
        when, aside = _due(row, view.now)
        kind = styled(view.label("callback_kind", row["kind"]), DIM)
        repeat = styled(say_repeat(row["repeat"]) if row["repeat"] else "", DIM)
        text = dotted([line(row["purpose"] or ""), aside, repeat, _supervised(row)])
        yield _Entry("" if number else _("Next"), when, kind, text, str(row["id"]))


def _promises(view: _View) -> Iterator[_Entry]:
    for number, row in enumerate(view.row["promises"]):
        when, aside = _due(row, view.now)
        owner = row["owner"] if row["owner"] != view.me else ""
        text = dotted([line(row["text"]), aside, _supervised(row)])
        yield _Entry("" if number else _("Promised"), when, styled(owner or " ", DIM), text, f"p{row['id']}")


def _due(row: Row, now: datetime) -> tuple[Line, Line]:
    """Return when a callback or promise is due, and how far away that is unless the first says so itself."""
    day, clock = due_of({**row, "due_at": row["due_at"] or row["due_on"]})
    style = LATE if row["overdue"] else SOON if day == now.date() else ""
    distance = say_overdue(day, clock, now) or say_distance(day, clock, now)
    when = styled(say_moment(day, clock, now), style)
    return when, styled(distance, style or DIM) if distance != when[0].text else ()


def _complaints(view: _View) -> Iterator[_Entry]:
    for number, row in enumerate(view.row["complaints"]):
        severity = row["severity"]
        kind = styled(view.label("severity", severity), LATE if severity in SEVERE else DIM)
        text = dotted([line(row["text"]), _supervised(row)])
        yield _Entry("" if number else _("Open"), _deadline(row, view.now), kind, text, f"c{row['id']}")


def _supervised(row: Row) -> Line:
    """Return who answers for a callback, complaint or promise under supervision."""
    who = row["supervised_by"]
    return styled(_("supervised: {who}").format(who=who), SOON) if who else ()


def _deadline(row: Row, now: datetime) -> Line:
    """Return the deadline that `today` shows: the first that was not met, or the solution's once that has passed.

    While it waits for the customer there is none.
    """
    if row["waiting_since"]:
        return styled(_("waiting for them"), DIM)
    answer, solution = (datetime.fromisoformat(row[by]) if row[by] else None for by in ("respond_by", "resolve_by"))
    if row["responded_at"] or (answer and solution and (solution <= now or solution <= answer)):
        answer = None
    due = answer or solution
    if due is None:
        return ()
    kind = "respond" if answer else "resolve"
    return deadline({"due_at": due.isoformat(), "all_day": False, "deadline": kind, "overdue": due < now}, now)


def _lately(view: _View) -> Iterator[_Entry]:
    for number, row in enumerate(view.row["followups"][:LATEST]):
        day = date.fromisoformat(row["at"][:10])
        kind = styled(view.label("followup_kind", row["kind"]), DIM)
        text = dotted([line(row["text"]), styled(row["outcome"] or "", GOOD)])
        yield _Entry("" if number else _("Lately"), styled(say_moment(day, None, view.now), DIM), kind, text)


def _about(view: _View) -> Iterator[_Entry]:
    """Yield birthday, notes, custom fields and files."""
    row, now = view.row, view.now
    if row["birthday"]:
        day = next_celebration(row["birthday"], now.date())
        age = age_on(row["birthday"], day)
        style = SOON if (day - now.date()).days <= _BIRTHDAY_NEAR else DIM
        turns = _("turns {age}").format(age=age) if age else ""
        yield _Entry(_("Birthday"), styled(ahead(day, None, now), style), (), styled(turns, DIM))
    for number, text in enumerate(safe_lines(row["notes"] or "")):
        yield _Entry("" if number else _("Notes"), line(text), (), ())
    known = {field.name for field in view.own}
    for key, value in row["fields"].items():
        if key not in known:
            yield _Entry(_("Other id") if key == EXTERNAL_ID else key, line(str(value)), (), ())
    yield from _files(view)


def _files(view: _View) -> Iterator[_Entry]:
    """Yield one line with the newest attachments, and how many more there are."""
    rows = view.row["attachments"]
    names = [line(row["name"], styled(f" {row['label']}" if row["label"] else "", DIM)) for row in rows[:FILES]]
    if len(rows) > FILES:
        names.append(styled(_("and {count} more").format(count=len(rows) - FILES), DIM))
    if names:
        yield _Entry(_("Files"), dotted(names), (), ())


def _aligned(entries: list[_Entry], edge: int) -> Iterator[Line]:
    """Yield the entries with their columns aligned, texts whole, ids at the right edge."""
    labels_wide = min(max(width(entry.label) for entry in entries), edge // 4)
    dated = [entry for entry in entries if entry.kind]
    when_wide = max((line_width(entry.when) for entry in dated), default=0)
    kind_wide = max((line_width(entry.kind) for entry in dated), default=0)
    right = max(width(entry.id) for entry in entries) + 2
    indent = labels_wide + when_wide + kind_wide + 6
    for entry in entries:
        head = line(Span(fit(entry.label, labels_wide) + "  ", TITLE))
        if entry.kind:
            head = line(head, _padded(entry.when, when_wide), "  ", _padded(entry.kind, kind_wide), "  ")
            below = indent
        else:
            head = line(head, entry.when, "  " if entry.text else "")
            below = labels_wide + 2
        room, inner = edge - right, labels_wide + 2
        if below <= room // 2 or line_width(head) + line_width(entry.text) <= room:
            first, *rest = wrap(line(head, entry.text), room, indent=below)
        else:  # too little is left beside the columns: the text begins below them
            first, rest = trim(head), wrap(line(" " * inner, entry.text), room, indent=inner)
        yield spread(first, styled(entry.id, ID), edge) if entry.id else first
        yield from rest


def _padded(content: Line, cells: int) -> Line:
    return line(content, " " * (cells - line_width(content)))


def _hints(view: _View) -> Iterator[tuple[str, str]]:
    row = view.row
    if row["callbacks"]:
        yield _("done"), f'crm done {row["callbacks"][0]["id"]} "…"'
    yield _("after the call"), _('crm log {who} "…" --next "fri 15:00"').format(who=view.who)
    if len(row["followups"]) > LATEST:
        yield _("all of it"), f"crm followup list contact_id:{row['id']}"
