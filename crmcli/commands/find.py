"""`crm find`."""

from typing import Annotated

import typer

from crmcli.cli import App
from crmcli.i18n import _
from crmcli.options import Run, context_of, countable

app = App()


@app.command(
    help=_(
        "Search everything: contacts, companies, follow-ups, callbacks, complaints. "
        "A part of a name or number is enough, and so are pinyin and initials."
    )
)
def find(
    ctx: Run,
    text: Annotated[list[str], typer.Argument(metavar="TEXT...", show_default=False)],
    limit: Annotated[int, typer.Option(min=0, callback=countable, help=_("at most so many; 0 for all"))] = 20,
) -> int:
    """Search everything."""
    from crmcli.screens.find import run

    return run(context_of(ctx), " ".join(text), limit)
