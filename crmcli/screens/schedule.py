"""How to have `crm remind` run every few minutes: a line for crontab, a timer for systemd."""

import shlex
import sys
from pathlib import Path

from crmcli.context import Context
from crmcli.i18n import _, language

_MINUTES = 5
_SYSTEMD = """\
# {service}
[Unit]
Description=crm remind

[Service]
Type=oneshot
{environment}
ExecStart={command}

# {timer}
[Timer]
OnCalendar=*:0/{minutes}
Persistent=true

[Install]
WantedBy=timers.target
"""


def run(context: Context) -> int:
    """Print what to put into crontab, or else into systemd's folder."""
    environment = {"CRM_DB": str(context.database.absolute())}
    if context.environ.get("CRM_CONFIG") or context.options.config:
        environment["CRM_CONFIG"] = str(context.settings.path.absolute())
    if language() != "en":
        environment["CRM_LANG"] = language()
    words = [*program(), "remind", "--once"]
    settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items())
    cron = f"*/{_MINUTES} * * * * {settings} {shlex.join(words)}".replace("%", r"\%")
    folder = Path("~/.config/systemd/user")
    timer = _SYSTEMD.format(
        service=folder / "crm-remind.service",
        timer=folder / "crm-remind.timer",
        environment="\n".join(f"Environment={_unit_word(f'{name}={value}')}" for name, value in environment.items()),
        command=" ".join(map(_unit_word, words)),
        minutes=_MINUTES,
    )
    parts = (
        "# " + _("cron: add this line with crontab -e; what is due comes by mail"),
        cron,
        "",
        "# " + _("or systemd: write these two files, then"),
        "#   systemctl --user daemon-reload && systemctl --user enable --now crm-remind.timer",
        timer,
    )
    stream = context.output.terminal.stream
    if stream:
        stream.write("\n".join(parts))
    return 0


def program() -> list[str]:
    """Return how this program is called from anywhere: its own file, or Python with the package."""
    called = Path(sys.argv[0])
    if called.stem in ("crm", "crmcli") and called.is_file():
        return [str(called.absolute())]
    return [sys.executable, "-m", "crmcli"]


def _unit_word(word: str) -> str:
    """Return a word as systemd reads it: quoted, without its specifiers and variables."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(char in word for char in " \"'\\;") else escaped
