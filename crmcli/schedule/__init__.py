"""Having a command run again and again, by whatever the machine does that with: one module each.

A kind says which steps install a job and which take it away again. Steps are data, so that the user sees exactly what
will be done before anything is; `crmcli.schedule.machine` does them.
"""

from collections.abc import Callable
from typing import NamedTuple

from crmcli.schedule import cron, launchd, systemd, windows
from crmcli.schedule.job import Job, Step
from crmcli.schedule.machine import Machine


class Kind(NamedTuple):
    """A scheduler that machines have."""

    install: Callable[[Job, Machine], list[Step]]
    """What installs a job, in place of an earlier one of the same name."""
    uninstall: Callable[[str, Machine], list[Step]]
    """What takes the job of this name away, and nothing else; no steps where it is not there."""
    place: Callable[[str, Machine], str]
    """Where the job of this name is installed, empty where it is not."""
    heard: str
    """Where what the job prints can be read, an English message id; empty where nobody ever sees it."""
    examine: str
    """The command that says how the scheduler and the job `{name}` are."""


KINDS = {
    "cron": Kind(cron.install, cron.uninstall, cron.place, cron.HEARD, cron.EXAMINE),
    "systemd": Kind(systemd.install, systemd.uninstall, systemd.place, systemd.HEARD, systemd.EXAMINE),
    "launchd": Kind(launchd.install, launchd.uninstall, launchd.place, launchd.HEARD, launchd.EXAMINE),
    "windows": Kind(windows.install, windows.uninstall, windows.place, "", windows.EXAMINE),
}
"""All kinds, by the names that users type."""


def find(name: str, machine: Machine) -> dict[str, str]:
    """Return where the job of this name is installed, by kind; kinds that the machine does not have are left out."""
    places = {kind: steps.place(name, machine) for kind, steps in KINDS.items()}
    return {kind: place for kind, place in places.items() if place}
