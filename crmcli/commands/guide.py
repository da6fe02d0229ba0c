"""`crm guide`: queries, dates, fields, exit codes and settings explained; where it can be, from the code itself."""

from collections.abc import Callable, Iterator
from importlib import resources
from typing import Annotated

import typer

from crmcli.cli import App
from crmcli.errors import CrmError, UsageError
from crmcli.i18n import _, language
from crmcli.options import Run, context_of
from crmcli.render.lines import line

app = App()


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


TOPICS: dict[str, Callable[[], str]] = {
    "queries": _page("queries"),
    "dates": _page("dates"),
    "reminders": _page("reminders"),
    "complaints": _page("complaints"),
    "encryption": _page("encryption"),
    "fields": _fields,
    "exit-codes": _exit_codes,
    "settings": _settings,
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
    text = TOPICS[topic]() if topic else "\n".join(f"crm guide {name}" for name in TOPICS)
    output.screen(line(said) for said in text.splitlines())
