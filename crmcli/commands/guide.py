"""`crm guide`: queries, dates, fields, exit codes and settings explained; where it can be, from the code itself."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import resources
from typing import Annotated, NamedTuple

import typer

from crmcli.cli import App
from crmcli.errors import CrmError, UsageError
from crmcli.i18n import N_, _, language
from crmcli.options import Run, context_of
from crmcli.render.layout import Column, Section, layout
from crmcli.render.lines import DIM, NAME, Line, line, styled

app = App()

_NO_MOMENT = datetime.min.replace(tzinfo=UTC)
"""Topics hold no moments, and the clock needs the settings, which one of them explains how to mend."""


def _page(topic: str) -> Callable[[], str]:
    """Return a function that reads a written page in the language in use."""
    return lambda: resources.files("crmcli.guide").joinpath(f"{topic}.{language()}.md").read_text("utf-8")


def _fields() -> str:
    """Return what every record consists of, from the declarations."""
    from crmcli.nouns import NOUNS, noun

    lines = [f"# {_('Fields')}"]
    for name in NOUNS:
        lines += ["", f"## {name}", ""]
        lines += [f"    {field.name:<18}{field.kind:<8}{_(field.label)}" for field in noun(name).fields]
    return "\n".join(lines) + "\n"


def _exit_codes() -> str:
    """Return the exit codes, from the tree of errors."""
    lines = [f"# {_('Exit codes')}", "", f"    0   {_('done')}"]
    seen = set()
    for error in _tree(CrmError):
        if error.code not in seen:
            seen.add(error.code)
            lines.append(f"    {error.code}   {error.kind:<12}{_(error.meaning)}")
    return "\n".join([*lines, f"    10  {'due':<12}{_('crm remind --exit-code, when something is due')}"]) + "\n"


def _tree(error: type[CrmError]) -> Iterator[type[CrmError]]:
    yield error
    for child in error.__subclasses__():
        yield from _tree(child)


def _settings() -> str:
    from crmcli.config import default_text

    return default_text()


class _Topic(NamedTuple):
    about: str
    """In English; translated when shown."""
    text: Callable[[], str]


TOPICS = {
    "queries": _Topic(N_("what lists show and --where chooses"), _page("queries")),
    "dates": _Topic(N_("moments, repeats and periods, in both languages"), _page("dates")),
    "reminders": _Topic(N_("schedulers, channels, quiet hours"), _page("reminders")),
    "complaints": _Topic(N_("the service desk: steps, clocks, deadlines"), _page("complaints")),
    "encryption": _Topic(N_("keys, and what is not encrypted"), _page("encryption")),
    "fields": _Topic(N_("what every record consists of"), _fields),
    "exit-codes": _Topic(N_("what scripts can rely on"), _exit_codes),
    "settings": _Topic(N_("every setting, explained"), _settings),
}


@app.command(help=_("Explain queries, dates, reminders, complaints, encryption, fields, exit codes or settings."))
def guide(
    ctx: Run,
    topic: Annotated[
        str, typer.Argument(metavar="TOPIC", help=" | ".join(TOPICS), autocompletion=lambda: list(TOPICS))
    ] = "",
) -> None:
    """Print a topic, or the list of them."""
    output = context_of(ctx).output
    if topic and topic not in TOPICS:
        raise UsageError(_("there is no topic {topic}").format(topic=topic), hint=" | ".join(TOPICS))
    rows = [{"topic": name, "about": _(entry.about)} for name, entry in TOPICS.items()]
    as_data = output.data and output.format != "plain"  # a page is plain as it is
    if topic and as_data:
        output.record({"topic": topic, "about": _(TOPICS[topic].about), "text": TOPICS[topic].text()}, None, "")
    elif topic:
        output.screen(line(said) for said in TOPICS[topic].text().splitlines())
    elif as_data:
        output.records(rows, None, now=_NO_MOMENT)
    else:
        output.screen(_list(rows, output.terminal.width))


def _list(topics: list[dict[str, str]], width: int) -> list[Line]:
    """Return the topics as the commands that show them."""
    rows = [(styled(f"crm guide {each['topic']}", NAME), styled(each["about"], DIM)) for each in topics]
    return layout([Section("", rows)], (Column(), Column(shrink=1)), width, indent=0)
