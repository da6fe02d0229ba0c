"""systemd: a service and a timer of the user's (systemd.timer(5), systemd.exec(5))."""

import os
from pathlib import Path

from crmcli.i18n import N_
from crmcli.schedule.job import Job, Remove, Run, Step, Write
from crmcli.schedule.machine import Machine

HEARD = N_("what it prints is in the journal: journalctl --user -t crm-remind")
EXAMINE = "systemctl --user status {name}.timer {name}.service"

_HOUR = 60
_OURS = "# crm remind --install systemd; crm remind --uninstall removes it"
_SERVICE = """\
{ours}
[Unit]
Description=crm remind

[Service]
Type=oneshot
SyslogIdentifier=crm-remind
{environment}ExecStart={command}
"""
_TIMER = """\
{ours}
[Unit]
Description=crm remind

[Timer]
OnCalendar={when}
AccuracySec=10s
Persistent=true

[Install]
WantedBy=timers.target
"""


def units(job: Job, folder: Path) -> dict[Path, str]:
    """Return the files of the job and their contents: the service and its timer.

    `Persistent` makes up for a run that was missed while the machine slept, at once when it wakes.
    """
    environment = "".join(f"Environment={_word(f'{name}={value}')}\n" for name, value in job.environment.items())
    when = f"*:0/{job.every}" if job.every < _HOUR else f"0/{job.every // _HOUR}:00"
    return {
        folder / f"{job.name}.service": _SERVICE.format(
            ours=_OURS, environment=environment, command=" ".join(_word(word).replace("$", "$$") for word in job.words)
        ),
        folder / f"{job.name}.timer": _TIMER.format(ours=_OURS, when=when),
    }


def install(job: Job, machine: Machine) -> list[Step]:
    """Return the steps that write the units and start the timer."""
    files = [Write(path, text.encode(), text) for path, text in units(job, _folder(machine)).items()]
    return [
        *files,
        _systemctl("daemon-reload"),
        _systemctl("enable", f"{job.name}.timer"),
        _systemctl("restart", f"{job.name}.timer"),
    ]


def uninstall(name: str, machine: Machine) -> list[Step]:
    """Return the steps that stop the timer and remove the units."""
    if not place(name, machine):
        return []
    service, timer = (_folder(machine) / f"{name}.{ending}" for ending in ("service", "timer"))
    stop = Run(("systemctl", "--user", "disable", "--now", timer.name), may_fail=True)
    return [stop, Remove(timer), Remove(service), _systemctl("daemon-reload")]


def place(name: str, machine: Machine) -> str:
    """Return the path of the timer where we wrote it."""
    path = _folder(machine) / f"{name}.timer"
    try:
        return str(path) if path.read_text("utf-8").startswith(_OURS) else ""
    except (OSError, UnicodeDecodeError):
        return ""


def lingers(machine: Machine) -> bool:
    """Return whether the user's timers run while nobody is logged in."""
    user = machine.environ.get("USER") or str(os.getuid())
    ran = machine.run(("loginctl", "show-user", user, "--property=Linger")) if machine.has("loginctl") else None
    return ran is not None and ran.out.strip() == b"Linger=yes"


def _folder(machine: Machine) -> Path:
    chosen = machine.environ.get("XDG_CONFIG_HOME")
    return (Path(chosen) if chosen else machine.home / ".config") / "systemd" / "user"


def _systemctl(*words: str) -> Run:
    return Run(("systemctl", "--user", *words))


def _word(word: str) -> str:
    """Return a word as systemd reads it, quoted and without its specifiers; variables are for commands alone."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if any(char in word for char in " \"'\\;") else escaped
