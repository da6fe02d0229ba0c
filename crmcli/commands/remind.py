"""`crm remind`, for cron."""

from typing import Annotated

import typer

from crmcli.cli import App
from crmcli.i18n import _
from crmcli.options import Run, context_of

app = App()


@app.command(help=_("Print what is due now, a line each, and nothing when nothing is: for cron."))
def remind(
    ctx: Run,
    within: Annotated[
        str, typer.Option(metavar="PERIOD", help=_("look ahead so far: 2h, 3d"), show_default=False)
    ] = "",
    once: Annotated[bool, typer.Option("--once", help=_("each item only the first time that it is due"))] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help=_("exit with 10 when something is due"))] = False,
    exec_: Annotated[
        str | None,
        typer.Option(
            "--exec",
            metavar="COMMAND",
            help=_("run this with the items as JSON on its standard input; they are delivered if it exits 0"),
        ),
    ] = None,
    install: Annotated[
        bool, typer.Option("--install", help=_("show how to have it run every few minutes: crontab, systemd"))
    ] = False,
) -> int:
    """Remind of what is due."""
    if install:
        from crmcli.screens.schedule import run as show_schedule

        return show_schedule(context_of(ctx))
    from crmcli.screens.remind import run

    return run(context_of(ctx), within=within, once=once, exit_code=exit_code, command=exec_)
