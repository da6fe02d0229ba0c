"""launchd, on a Mac: an agent of the user's (launchd.plist(5), launchctl(1))."""

import os
import plistlib
from pathlib import Path

from crmcli.i18n import N_
from crmcli.schedule.job import Job, Remove, Run, Step, Write
from crmcli.schedule.machine import Machine

HEARD = N_("what it prints is in the file ~/Library/Logs/crm-remind.log")
EXAMINE = "launchctl print gui/$(id -u)/crmcli.{name}"


def agent(job: Job, home: Path) -> bytes:
    """Return the property list of the agent.

    While the machine sleeps no run is made up for, but one that was due runs when it wakes.
    """
    log = str(home / "Library" / "Logs" / "crm-remind.log")
    return plistlib.dumps(
        {
            "Label": _label(job.name),
            "ProgramArguments": list(job.words),
            "EnvironmentVariables": dict(job.environment),
            "StartInterval": job.every * 60,
            "RunAtLoad": True,
            "ProcessType": "Background",
            "StandardOutPath": log,
            "StandardErrorPath": log,
        },
        sort_keys=False,
    )


def install(job: Job, machine: Machine) -> list[Step]:
    """Return the steps that write the agent and load it, in place of an earlier one of the same name."""
    path, content = _path(job.name, machine), agent(job, machine.home)
    return [
        *([_bootout(job.name)] if path.exists() else []),
        Write(path, content, content.decode()),
        Run(("launchctl", "bootstrap", _domain(), str(path))),
    ]


def uninstall(name: str, machine: Machine) -> list[Step]:
    """Return the steps that unload the agent and remove it."""
    path = _path(name, machine)
    return [_bootout(name), Remove(path)] if path.exists() else []


def place(name: str, machine: Machine) -> str:
    """Return the path of the agent where there is one."""
    path = _path(name, machine)
    return str(path) if path.exists() else ""


def _label(name: str) -> str:
    return f"crmcli.{name}"


def _path(name: str, machine: Machine) -> Path:
    return machine.home / "Library" / "LaunchAgents" / f"{_label(name)}.plist"


def _domain() -> str:
    """Return the user's domain; on a machine without user ids there is no launchd either."""
    return f"gui/{os.getuid() if hasattr(os, 'getuid') else 0}"


def _bootout(name: str) -> Run:
    """Unload the agent, which fails where it is not loaded."""
    return Run(("launchctl", "bootout", f"{_domain()}/{_label(name)}"), may_fail=True)
