"""`crm today`."""

from typing import Annotated

import typer

from crmcli.cli import App
from crmcli.i18n import _
from crmcli.options import Run, context_of

app = App()


@app.command(help=_("The day's work on one screen: overdue, due, complaints, birthdays, the forgotten, what is next."))
def today(
    ctx: Run,
    *,
    brief: Annotated[
        bool, typer.Option("--brief", help=_("one line, and none when nothing is due: a greeting for .bashrc"))
    ] = False,
) -> int:
    """Show the day."""
    if brief:
        from crmcli.screens.brief import run
    else:
        from crmcli.screens.today import run
    return run(context_of(ctx))
