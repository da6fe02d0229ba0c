"""A survey in full, and the form to hand out."""

from itertools import groupby

from crmcli.context import Context
from crmcli.i18n import _
from crmcli.nouns import noun
from crmcli.queries.reader import Row, get
from crmcli.queries.surveys import asked_of, require_form
from crmcli.queries.vocabulary import labels
from crmcli.render.chart import bar
from crmcli.render.layout import Column, Section, layout
from crmcli.render.lines import BAR, DIM, Line, Span, line
from crmcli.render.table import record_card

_BAR = 20
_SHAPE = (Column(), Column(shrink=1), Column(drop=1), Column(right=True), Column(right=True), Column(right=True))


def run(context: Context, id_: int) -> int:
    """Print a survey."""
    row = get(context.reader, "survey", id_)
    output = context.output
    if output.data:
        output.card(row, noun("survey"), now=context.now)
        return 0
    words = labels(context.connection)
    edge = output.terminal.width
    card = {name: value for name, value in row.items() if name != "answers"}
    output.screen(record_card(card, noun("survey"), width=edge, now=context.now, labels=words))
    if row["answers"]:
        output.screen([(), *_answers(context, row, edge)])
    return 0


def _answers(context: Context, row: Row, edge: int) -> list[Line]:
    """Return what was answered, with a bar of what was experienced, and by how much more was expected."""
    words = labels(context.connection)
    texts = {asked.code: asked.text for asked in asked_of(context.connection, row["form"])}
    labels_ = (_("Moment"), _("Question"), "", _("Experience"), _("Expectation"), _("Gap"))
    head = [Span(label, DIM) for label in labels_]
    rows = [
        [
            words.get(("survey_moment", answer["moment"]), answer["moment"]),
            texts.get(answer["code"], answer["code"]),
            Span(bar(answer["experience"], 100, _BAR), BAR),
            str(answer["experience"]),
            "" if answer["expectation"] is None else str(answer["expectation"]),
            "" if answer["expectation"] is None else f"{answer['expectation'] - answer['experience']:+}",
        ]
        for answer in row["answers"]
    ]
    return layout([Section("", [head, *rows])], _SHAPE, edge, indent=0)


def run_form(context: Context, name: str, survey: int | None) -> int:
    """Print the form of a survey that was sent, or the one of this name, the default one when empty."""
    sent = get(context.reader, "survey", survey) if survey else None
    form = require_form(context.connection, sent["form"] if sent and not name else name)
    questions = asked_of(context.connection, form)
    if context.output.data:
        context.output.records([asked._asdict() for asked in questions], None, now=context.now)
        return 0
    words = labels(context.connection)
    text = [f"# {_('How satisfied are you?')}", ""]
    if sent:
        text += [_("For {contact} · survey {id}").format(**sent), ""]
    text += [
        _("Please give 0 (not at all) to 100 (entirely): what you had expected, and what you experienced."),
        *("", f"| | {_('Expected')} | {_('Experienced')} |", "| --- | --- | --- |"),
    ]
    number = 0
    for moment, asked in groupby(questions, key=lambda question: question.moment):
        text.append(f"| **{words.get(('survey_moment', moment), moment)}** | | |")
        for question in asked:
            number += 1
            text.append(f"| {number}. {question.text} ({question.code}) | | |")
    text += ["", f"{_('What else do you want to tell us?')}", "", "_" * 40]
    context.output.verbatim(map(line, text))
    return 0
