"""cron: one line of the user's crontab, found again by the comment at its end (crontab(5))."""

import shlex
from contextlib import suppress

from crmcli.errors import CrmError
from crmcli.i18n import N_, _
from crmcli.schedule.job import Job, Run, Step
from crmcli.schedule.machine import Machine

HEARD = N_("cron mails what it prints to you, where the machine has a mail program")
EXAMINE = "systemctl status cron"

_HOUR = 60
_NONE = ("no crontab", "no such file")
"""What `crontab -l` says, on one system or the other, where the user has none."""


def line(job: Job) -> str:
    """Return the line: when, the variables, the command, and a comment for the shell that says whose it is.

    A per cent sign ends the command for cron, unless it is escaped.
    """
    when = f"*/{job.every} * * * *" if job.every < _HOUR else f"0 */{job.every // _HOUR} * * *"
    when = when.replace("*/1 ", "* ")
    settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in job.environment.items())
    command = f"{settings} {shlex.join(job.words)}".lstrip()
    return f"{when} {command} {_mark(job.name)}".replace("%", r"\%")


def install(job: Job, machine: Machine) -> list[Step]:
    """Return the steps that put the line into the crontab, in place of an earlier one of the same name."""
    added = line(job)
    kept, gone = _split(job.name, machine)
    if gone == [added]:
        return []
    text = "".join(f"{text}\n" for text in [*kept, added])
    return [_replace(text, [f"- {text}" for text in gone] + [f"+ {added}"])]


def uninstall(name: str, machine: Machine) -> list[Step]:
    """Return the steps that take the line away; a crontab that has nothing else is removed."""
    kept, gone = _split(name, machine)
    if not gone:
        return []
    removed = [f"- {text}" for text in gone]
    if not kept:
        return [Run(("crontab", "-r"), shown=tuple(removed))]
    return [_replace("".join(f"{text}\n" for text in kept), removed)]


def place(name: str, machine: Machine) -> str:
    """Return the line where there is one; who may not have a crontab has none."""
    if not machine.has("crontab"):
        return ""
    with suppress(CrmError):
        return "\n".join(_split(name, machine)[1])
    return ""


def _mark(name: str) -> str:
    return f"# {name}"


def _replace(text: str, shown: list[str]) -> Run:
    return Run(("crontab", "-"), text.encode("utf-8", "surrogateescape"), tuple(shown))


def _split(name: str, machine: Machine) -> tuple[list[str], list[str]]:
    """Return the lines of the user's crontab that are not ours, and those that are.

    Raises CrmError when the crontab can't be read: what is not known can't be kept.
    """
    ran = machine.run(("crontab", "-l"))
    if ran.code:
        if not any(said in ran.err.lower() for said in _NONE):
            raise CrmError(
                _("can't read your crontab: {reason}").format(reason=" ".join(ran.err.split()) or ran.code),
                hint=_("nothing was changed"),
            )
        return [], []
    lines = ran.out.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n")
    lines = [] if lines == [""] else lines
    ours = [text for text in lines if text.endswith(f" {_mark(name)}") and not text.lstrip().startswith("#")]
    return [text for text in lines if text not in ours], ours
