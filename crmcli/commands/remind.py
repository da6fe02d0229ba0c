"""`crm remind`, for cron."""

from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.context import Context
from crmcli.errors import UsageError
from crmcli.i18n import _
from crmcli.options import Run, context_of, flag, takes, text

app = App()

_DEEDS = ("install", "uninstall", "status")
"""What concerns the scheduler and reminds of nothing."""


@app.command(help=_("Print what is due now, a line each, and nothing when nothing is: for cron."))
@takes(
    text("within", "--within", metavar="PERIOD", help=_("look ahead so far: 2h, 3d")),
    flag("once", "--once", help=_("each item only the first time that it is due")),
    flag("exit_code", "--exit-code", help=_("exit with 10 when something is due")),
    text(
        "exec",
        "--exec",
        metavar="COMMAND",
        help=_("run this with the items as JSON on its standard input; they are delivered if it exits 0"),
    ),
    flag("install", "--install", help=_("have it run every few minutes by the KIND named; without one, show how")),
    text("every", "--every", metavar="PERIOD", help=_("how often what is installed runs (5m)")),
    flag("uninstall", "--uninstall", help=_("take away what --install installed, and nothing else")),
    flag("status", "--status", help=_("is it installed, when did it run, and what did it do?")),
)
def remind(
    ctx: Run,
    given: dict[str, Any],
    kind: Annotated[
        str,
        typer.Argument(metavar="KIND", help=_("with --install: cron, systemd, launchd or windows"), show_default=False),
    ] = "",
) -> int:
    """Remind of what is due, or see to it that it runs."""
    context, deeds = context_of(ctx), [f"--{name}" for name in _DEEDS if given[name]]
    if len(deeds) > 1:
        raise UsageError(_("{options} do not go together").format(options=" ".join(deeds)), hint=_("give one of them"))
    if (kind or given["every"]) and deeds != ["--install"]:
        what = kind or "--every"
        raise UsageError(_("{what} is for --install").format(what=what), hint="crm remind --install cron --every 5m")
    if deeds:
        return _schedule(context, deeds[0], kind, given)
    from crmcli.screens.remind import run

    return run(
        context,
        within=given["within"] or "",
        once=bool(given["once"]),
        exit_code=bool(given["exit_code"]),
        command=given["exec"],
    )


def _schedule(context: Context, deed: str, kind: str, given: dict[str, Any]) -> int:
    """Do what concerns the scheduler."""
    from crmcli.screens import schedule
    from crmcli.screens.schedule_status import status

    if deed == "--status":
        return status(context)
    if deed == "--uninstall":
        return schedule.uninstall(context)
    every, command = given["every"] or "", given["exec"] or ""
    if not kind:
        return schedule.show(context, every=every, command=command)
    return schedule.install(context, kind, every=every, command=command)
