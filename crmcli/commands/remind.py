"""`crm remind`, for cron: what is due, printed or delivered, and the scheduler that runs it."""

from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.context import Context
from crmcli.errors import UsageError
from crmcli.i18n import _
from crmcli.options import Run, context_of, flag, takes, text

app = App()

_DEEDS = ("install", "uninstall", "status", "notify", "test")
"""What excludes each other."""
_FOR = {"every": ("install",), "digest": ("notify",), "names": ("install", "notify", "test")}
"""What makes sense with some of them alone."""


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
    flag("notify", "--notify", help=_("send it through the channels of the settings, or those NAMED, each item once")),
    flag("digest", "--digest", help=_("with --notify: the whole day as one message, once a day")),
    flag("test", "--test", help=_("send a greeting through the channels, to try them")),
    flag("install", "--install", help=_("have it run every few minutes by the scheduler NAMED; without one, show how")),
    text("every", "--every", metavar="PERIOD", help=_("how often what is installed runs (5m)")),
    flag("uninstall", "--uninstall", help=_("take away what --install installed, and nothing else")),
    flag("status", "--status", help=_("is it installed, when did it run, and what did it do?")),
)
def remind(
    ctx: Run,
    given: dict[str, Any],
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help=_("channels; with --install one of cron, systemd, launchd, windows"),
            show_default=False,
        ),
    ] = None,
) -> int:
    """Remind of what is due, or see to it that it runs."""
    context, chosen = context_of(ctx), names or []
    deed = _deed({**given, "names": " ".join(chosen)})
    if deed in ("notify", "test"):
        return _notify(context, deed, chosen, given)
    if deed:
        return _schedule(context, deed, chosen, given)
    from crmcli.screens.remind import run

    return run(
        context,
        within=given["within"] or "",
        once=bool(given["once"]),
        exit_code=bool(given["exit_code"]),
        command=given["exec"],
    )


def _deed(given: dict[str, Any]) -> str:
    """Return what is to be done other than printing, if anything; raises UsageError for what does not go together."""
    deeds = [deed for deed in _DEEDS if given[deed]]
    if len(deeds) > 1:
        options = " ".join(f"--{deed}" for deed in deeds)
        raise UsageError(_("{options} do not go together").format(options=options), hint=_("give one of them"))
    deed = deeds[0] if deeds else ""
    for name, fitting in _FOR.items():
        if given[name] and deed not in fitting:
            what = given[name] if name == "names" else f"--{name}"
            raise UsageError(
                _("{what} is for --{deed}").format(what=what, deed=fitting[0]),
                hint="crm remind --notify · crm remind --install cron --every 5m",
            )
    return deed


def _notify(context: Context, deed: str, names: list[str], given: dict[str, Any]) -> int:
    """Deliver what is due, or a greeting."""
    from crmcli.screens import notify

    if deed == "test":
        return notify.test(context, names)
    return notify.run(context, names, within=given["within"] or "", digest=bool(given["digest"]))


def _schedule(context: Context, deed: str, names: list[str], given: dict[str, Any]) -> int:
    """Do what concerns the scheduler."""
    from crmcli.screens import schedule
    from crmcli.screens.schedule_status import status

    if deed == "status":
        return status(context)
    if deed == "uninstall":
        return schedule.uninstall(context)
    every, command = given["every"] or "", given["exec"] or ""
    if not names:
        return schedule.show(context, every=every, command=command)
    return schedule.install(context, names[0], every=every, command=command)
