"""A preset at a glance: its words set by set, its fields, service levels, questions and notices."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from crmcli.context import Context
from crmcli.i18n import N_, _, joined, language
from crmcli.render.lines import DIM, NAME, TITLE, Line, Span, line, wrap
from crmcli.rules.presets import Preset
from crmcli.rules.vocabulary import FIXED_SETS

_TITLES = {
    "custom_field": N_("Fields"),
    "service_level": N_("Service levels"),
    "question": N_("Questions"),
    "notice": N_("Notices"),
}


_SETS = {
    "class": N_("Class"),
    "source": N_("Source"),
    "followup_kind": N_("Follow-ups"),
    "callback_kind": N_("Callbacks"),
    "complaint_type": N_("Cases"),
    "complaint_category": N_("Category"),
    "complaint_cause": N_("Cause"),
    "channel": N_("Channel"),
    "severity": N_("Severity"),
}


def show_preset(context: Context, preset: Preset) -> None:
    """Print what a preset brings, in the language in use."""
    edge = context.output.terminal.width
    said = preset.about.said()
    context.output.screen([line(Span(preset.title.said(), NAME), Span(f"  {preset.name}", DIM))])
    if said:
        context.output.screen(wrap(line(Span(said, DIM)), edge))
    for title, texts in _parts(preset):
        context.output.screen(wrap(line(Span(f"{title}  ", TITLE), joined(texts)), edge, indent=2))


def _parts(preset: Preset) -> Iterator[tuple[str, list[str]]]:
    label = "zh" if language() == "zh" else "en"
    for set_, words in groupby(preset.rows["vocabulary"], key=lambda row: row["set"]):
        if set_ not in FIXED_SETS:
            yield _(_SETS.get(str(set_), str(set_))), [_word(word, label) for word in words]
    for table, title in _TITLES.items():
        rows = preset.rows[table]
        if rows:
            yield _(title), [_level(row) if table == "service_level" else _said(row, label) for row in rows]


def _word(row: dict[str, Any], label: str) -> str:
    every = row["cadence_days"]
    return str(row[label]) + _in_brackets(_("every {days} days").format(days=every) if every else "")


def _said(row: dict[str, Any], label: str) -> str:
    when = ""
    if row.get("every") or row.get("before"):
        said = _("every {period}") if row.get("every") else _("{period} before")
        when = said.format(period=row.get("every") or row["before"])
    type_ = _(row["type"]) if row.get("type") else ""
    about = type_ or when
    return str(row[label]) + _in_brackets(about)


def _in_brackets(about: str) -> str:
    return _(" ({company})").format(company=about) if about else ""


def _level(row: dict[str, Any]) -> str:
    who = " ".join(str(row[name]) for name in ("class", "type", "severity") if row[name])
    return f"{who}: {row['respond'] or '—'} / {row['resolve'] or '—'}"


def counted(done: dict[str, Any]) -> Line:
    """Return what a switch did, table by table."""
    names = {"vocabulary": N_("Words"), **_TITLES}
    parts = []
    for table, counts in done.items():
        said = [
            template.format(count=getattr(counts, name))
            for name, template in (
                ("added", _("{count} new")),
                ("changed", _("{count} changed")),
                ("shown", _("{count} back")),
                ("hidden", _("{count} hidden")),
            )
            if getattr(counts, name)
        ]
        if said:
            parts.append(f"{_(names[table])}: {_(', ').join(said)}")
    return line(_("; ").join(parts))
