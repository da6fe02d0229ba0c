"""`crm today`."""

from crmcli.cli import App
from crmcli.i18n import _
from crmcli.options import Run, context_of
from crmcli.screens.today import run

app = App()


@app.command(help=_("The day's work on one screen: overdue, due, complaints, birthdays, the forgotten, what is next."))
def today(ctx: Run) -> int:
    """Show the day."""
    return run(context_of(ctx))
