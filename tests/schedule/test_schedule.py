"""`crm remind --install`: exactly what is written, with the schedulers' programs as real processes in their stead."""

import json
import os
import plistlib
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from crmcli.errors import UsageError
from crmcli.schedule import cron, launchd, systemd, windows
from crmcli.schedule.job import Job, minutes_of
from tests.conftest import Crm, Result

CRONTAB = """\
#!/bin/sh
file="$HOME/crontab"
test -e "$HOME/denied" && { echo "You (wei) are not allowed to use this program (crontab)" >&2; exit 1; }
case "$1" in
-l) test -e "$file" || { echo "no crontab for wei" >&2; exit 1; }; cat "$file" ;;
-r) rm "$file" ;;
-) cat >"$file" ;;
esac
"""
LOGGED = """\
#!/bin/sh
echo "$(basename "$0") $*" >>"$HOME/log"
test ! -e "$HOME/$(basename "$0").fails"
"""
JOB = Job("crm-remind", ("/opt/a b/crm", "remind", "--once"), {"CRM_DB": "/srv/50%/c'd $x.db", "TZ": "UTC"}, 5)


class Desk(Crm):
    """The command line, on a machine whose schedulers are small scripts."""

    @property
    def crontab(self) -> Path:
        """What `crontab` keeps."""
        return self.folder / "crontab"

    def log(self) -> list[str]:
        """Return which programs were run, and forget it."""
        log = self.folder / "log"
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines

    def remind(self, *arguments: str, code: int = 0, **environ: str) -> Result:
        """Run `crm remind` with these programs before the machine's own."""
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        result = self("remind", *arguments, **{"PATH": path, **environ})
        assert result.code == code, result
        return result


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    (tmp_path / "bin").mkdir()
    for name in ("crontab", "systemctl", "loginctl", "launchctl", "schtasks", "sendmail"):
        program = tmp_path / "bin" / name
        program.write_text(CRONTAB if name == "crontab" else LOGGED, "utf-8")
        program.chmod(0o755)
    made = Desk(tmp_path, monkeypatch)
    if made.key:  # a scheduler has no environment of ours
        key = tmp_path / "key"
        key.touch(mode=0o600)
        key.write_text(made.key, "utf-8")
        made.ok("config", "set", "key", f"file:{key}")
    return made


def test_a_crontab_gets_one_line_and_keeps_the_others(desk: Desk) -> None:
    before = "MAILTO=wei@example.cn\n\n# my own\n0 3 * * * backup %Y\n\n"
    desk.crontab.write_text(before, "utf-8")
    shown = desk.remind("--install", "cron", "-n").out
    assert desk.crontab.read_text("utf-8") == before
    assert "+ */5 * * * * " in shown
    assert "dry run" in shown
    assert "add -y" in desk.remind("--install", "cron", code=2).err
    assert desk.crontab.read_text("utf-8") == before
    desk.remind("--install", "cron", "-y", "--every", "10m")
    desk.remind("--install", "cron", "-y", TZ="Europe/Berlin")
    text = desk.crontab.read_text("utf-8")
    assert text.startswith(before)
    line = text.removeprefix(before)
    assert line.count("\n") == 1
    assert line.startswith("*/5 * * * * CRM_DB=")
    assert " TZ=Europe/Berlin " in line
    assert desk.data("remind", "--status", PATH=f"{desk.folder}/bin:/usr/bin:/bin")["places"] == {"cron": line[:-1]}
    assert "- */5" in desk.remind("--uninstall", "-n").out
    desk.remind("--uninstall", "-y")
    assert desk.crontab.read_text("utf-8") == before
    assert "No reminders are installed." in desk.remind("--uninstall", "-y").out


def test_what_cron_runs_works_without_the_shell(desk: Desk) -> None:
    desk.ok("add", "张三")
    desk.ok("plan", "张三", "2026-11-25 10:00", "送样品")
    desk.remind("--install", "cron", "-y")
    _minutes, _hours, _day, _month, _weekday, command = desk.crontab.read_text("utf-8").split(maxsplit=5)
    command = command.strip().replace(r"\%", "%")
    ran = subprocess.run(
        ["/bin/sh", "-c", command],
        env={"HOME": str(desk.folder), "PATH": "/usr/bin:/bin", "CRM_NOW": "2026-11-25T10:00:00+08:00"},
        cwd=desk.folder,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "送样品" in ran.stdout
    desk.remind("--uninstall", "-y")
    assert not desk.crontab.exists()


def test_a_crontab_that_cannot_be_read_is_not_overwritten(desk: Desk) -> None:
    (desk.folder / "denied").touch()
    assert "not allowed" in desk.remind("--install", "cron", "-y", code=1).err
    assert not desk.crontab.exists()
    assert desk.remind("--status", "-o", "json").json["installed"] is False


def test_a_command_that_fails_without_the_shell_is_not_installed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crmcli.screens.schedule.program", lambda **_more: ["/no/such/crm"])
    assert desk.remind("--install", "cron", "-y", code=1).err
    assert not desk.crontab.exists()
    assert desk.remind("--status", "-o", "json").json["installed"] is False


def test_systemd_gets_a_timer_in_place_of_cron(desk: Desk) -> None:
    desk.remind("--install", "cron", "-y")
    shown = desk.remind("--install", "systemd", "-y", "--every", "2h")
    folder = desk.folder / ".config/systemd/user"
    service, timer = sorted(folder.iterdir())
    assert service.name.startswith("crm-remind-")  # this database is not the usual one
    assert service.read_text("utf-8") in shown.out.replace("\n  ", "\n")
    assert "OnCalendar=0/2:00" in timer.read_text("utf-8")
    assert not desk.crontab.exists()
    assert "enable-linger" in shown.err
    assert desk.log()[-3:] == [
        "systemctl --user daemon-reload",
        f"systemctl --user enable {timer.name}",
        f"systemctl --user restart {timer.name}",
    ]
    desk.remind("--uninstall", "-y")
    assert not list(folder.iterdir())
    assert desk.log()[-2:] == [f"systemctl --user disable --now {timer.name}", "systemctl --user daemon-reload"]


def test_files_are_as_before_when_the_scheduler_refuses(desk: Desk) -> None:
    (desk.folder / "systemctl.fails").touch()
    assert "daemon-reload failed" in desk.remind("--install", "systemd", "-y", code=1).err
    assert not list((desk.folder / ".config/systemd/user").iterdir())
    assert desk.remind("--status", "-o", "json").json["installed"] is False


def test_units_are_what_systemd_takes(desk: Desk, tmp_path: Path) -> None:
    assert desk.folder == tmp_path
    files = systemd.units(JOB, tmp_path)
    for path, text in files.items():
        path.write_text(text.replace("/opt/a b/crm", "/bin/true"), "utf-8")
    text = "".join(files.values())
    assert """Environment="CRM_DB=/srv/50%%/c'd $x.db"\n""" in text
    assert 'ExecStart="/opt/a b/crm" remind --once\n' in text
    if Path("/usr/bin/systemd-analyze").exists():
        command = ["/usr/bin/systemd-analyze", "verify", "--user", *map(str, files)]
        ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        assert "crm-remind" not in ran.stderr, ran.stderr


def test_a_line_of_cron_says_the_same_to_the_shell() -> None:
    line = cron.line(JOB)
    assert line.startswith("*/5 * * * * ")
    assert line.count("%") == line.count(r"\%") == 1
    words = shlex.split(line.replace(r"\%", "%"), comments=True)[5:]
    assert words == ["CRM_DB=/srv/50%/c'd $x.db", "TZ=UTC", *JOB.words]
    for minutes, when in ((1, "* * * * *"), (30, "*/30 * * * *"), (60, "0 * * * *"), (720, "0 */12 * * *")):
        assert cron.line(JOB._replace(every=minutes)).startswith(f"{when} CRM_DB")


def test_an_agent_of_launchd(desk: Desk) -> None:
    assert plistlib.loads(launchd.agent(JOB, Path("/Users/wei"))) == {
        "Label": "crmcli.crm-remind",
        "ProgramArguments": list(JOB.words),
        "EnvironmentVariables": JOB.environment,
        "StartInterval": 300,
        "RunAtLoad": True,
        "ProcessType": "Background",
        "StandardOutPath": "/Users/wei/Library/Logs/crm-remind.log",
        "StandardErrorPath": "/Users/wei/Library/Logs/crm-remind.log",
    }
    desk.remind("--install", "launchd", "-y")
    (path,) = (desk.folder / "Library/LaunchAgents").iterdir()
    assert desk.log()[-1] == f"launchctl bootstrap gui/{os.getuid()} {path}"
    desk.remind("--install", "launchd", "-y")
    desk.remind("--uninstall", "-y")
    assert [line.split()[1] for line in desk.log() if "launchctl" in line] == ["bootout", "bootstrap", "bootout"]
    assert not path.exists()


def test_a_task_of_windows(desk: Desk) -> None:
    text = windows.task(JOB)
    root = ET.fromstring(text.partition("\n")[2])  # noqa: S314 - we wrote it
    values = {element.tag.rpartition("}")[2]: element.text for element in root.iter()}
    assert {"TimeTrigger", "StartWhenAvailable", "Principal"} <= values.keys()
    assert values["Interval"] == "PT5M"
    assert values["Command"] == "/opt/a b/crm"
    assert values["Arguments"] == """remind --once --db "/srv/50%/c'd $x.db\""""
    assert "nobody sees" in desk.remind("--install", "windows", "-y", code=2).err
    desk.remind("--install", "windows", "--exec", "send-it", "-y", LOCALAPPDATA=str(desk.folder / "Local"))
    (path,) = (desk.folder / "Local/crmcli").iterdir()
    assert path.read_bytes().decode("utf-16").startswith('<?xml version="1.0" encoding="UTF-16"?>')
    assert desk.log()[-1] == f"schtasks /Create /TN {path.stem} /XML {path} /F"
    desk.remind("--uninstall", "-y", LOCALAPPDATA=str(desk.folder / "Local"))
    assert not path.exists()


def test_the_steps_as_data(desk: Desk) -> None:
    answer = desk.remind("--install", "systemd", "-n", "-o", "json", "--exec", "sh -c 'cat >x'").json
    assert answer["kind"] == "systemd"
    assert [step["do"] for step in answer["steps"]] == ["write", "write", "run", "run", "run"]
    assert answer["command"][-2:] == ["--exec", f"{_which('sh')} -c 'cat >x'"]
    assert json.loads(desk.remind("--uninstall", "-o", "json").out) == {"kinds": [], "steps": []}


def _which(program: str) -> str:
    return (
        subprocess.run(["/bin/sh", "-c", f"command -v {program}"], capture_output=True, check=True)
        .stdout.decode()
        .strip()
    )


def test_what_is_wrong_is_said(desk: Desk) -> None:
    for arguments in (
        ["--install", "at"],
        ["--install", "cron", "--every", "7m"],
        ["--install", "cron", "--every", "soon"],
        ["--install", "cron", "--exec", "'unbalanced"],
        ["cron"],
        ["--every", "5m"],
        ["--install", "--status"],
        ["--install", "cron", "--db", "/a\nb.db"],
    ):
        assert desk.remind(*arguments, "-y", code=2).err.count("\n") == 1, arguments
    (desk.folder / "bin/crontab").unlink()
    if not Path("/usr/bin/crontab").exists():
        refused = desk.remind("--install", "cron", "-y", code=1).err
        assert "there is no crontab" in refused
        assert "choose another: systemd, launchd, windows" in refused


def test_without_mail_cron_is_heard_by_nobody(desk: Desk) -> None:
    assert "mails" in desk.remind("--install", "cron", "-n").err
    (desk.folder / "bin/sendmail").unlink()
    if not Path("/usr/sbin/sendmail").exists():
        assert "no mail program" in desk.remind("--install", "cron", "-n").err
        assert not desk.remind("--install", "cron", "-n", "--exec", "true").err
    desk.ok("config", "set", "channel.desk.url", "exec:true")
    result = desk.remind("--install", "cron", "-n", DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/1000/bus")
    assert result.err == ""
    assert "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus" in result.out


@pytest.mark.parametrize("text", ["0m", "90m", "7m", "1d", "5h"])
def test_runs_divide_the_hour_or_the_day(text: str) -> None:
    with pytest.raises(UsageError):
        minutes_of(text)


def test_the_program_is_named_by_its_whole_path(desk: Desk) -> None:
    command = desk.remind("--install", "systemd", "-n", "-o", "json").json["command"]
    assert command == [sys.executable, "-m", "crmcli", "remind", "--once"]
