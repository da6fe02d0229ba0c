"""Having `crm remind` run every few minutes: shown, installed, taken away."""

import hashlib
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from crmcli import config
from crmcli.context import Context
from crmcli.errors import UsageError
from crmcli.i18n import _, joined, ngettext, one_of
from crmcli.render.lines import TITLE, Line, Span, line
from crmcli.schedule import KINDS, cron, find, systemd
from crmcli.schedule.job import Job, Remove, Run, Step, Write, minutes_of
from crmcli.schedule.machine import Machine
from crmcli.store.heartbeat import declare, withdraw

_EVERY = "5m"
_NAME = "crm-remind"
_CARRIED = ("TZ", "LANG", "LC_ALL")
"""What the user's shell says and a scheduler does not."""
_DESKTOP = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
"""What a message on the desktop needs besides."""
_PRINTING = "--once"
"""The last word of a job that prints what is due; every other one hands it over."""
_HOUR = 60


def show(context: Context, *, every: str = "", command: str = "") -> int:
    """Print what to put into crontab, or else into systemd's folder."""
    job = _job(context, every, command)
    folder = Path("~/.config/systemd/user")
    files = [f"# {path}\n{text}" for path, text in systemd.units(job, folder).items()]
    parts = (
        "# " + _("cron: add this line with crontab -e; what is due comes by mail. Or: crm remind --install cron"),
        cron.line(job),
        "",
        "# " + _("or systemd: write these two files, then as below. Or: crm remind --install systemd"),
        f"#   systemctl --user daemon-reload && systemctl --user enable --now {job.name}.timer",
        *files,
    )
    stream = context.output.terminal.stream
    if stream:
        stream.write("\n".join(parts))
    return 0


def install(context: Context, kind: str, *, every: str = "", command: str = "") -> int:
    """Install the reminders with this kind of scheduler, after showing what that does and asking.

    Raises UsageError for a kind or an interval that there is not, CrmError when the machine refuses or the command
    would not run there.
    """
    if kind not in KINDS:
        raise UsageError(
            _("there is no scheduler {kind}").format(kind=kind),
            hint=one_of(KINDS),
        )
    machine, job = Machine(context.environ), _job(context, every, command, windows=kind == "windows")
    if kind == "windows" and job.words[-1] == _PRINTING:
        raise UsageError(
            _("what a task prints on Windows, nobody sees"), hint=_("say what is to be done with it: --exec COMMAND")
        )
    steps = KINDS[kind].install(job, machine)
    for other in find(job.name, machine).keys() - {kind}:
        steps += KINDS[other].uninstall(job.name, machine)
    _show_steps(context, steps, _remarks(kind, job, machine))
    context.confirm(_("install it?"))
    if not context.options.dry_run:
        machine.try_out(job)
        machine.do(steps)
        declare(context.database, kind, job.every)
    said = _("Installed with {kind}: {command}, {every}").format(
        kind=kind, command=_short(job), every=say_every(job.every)
    )
    record = {"kind": kind, "every": job.every, "command": list(job.words), "environment": dict(job.environment)}
    context.output.record({**record, "steps": [_as_data(step) for step in steps]}, None, said)
    return 0


def uninstall(context: Context) -> int:
    """Take away what was installed for this database, and nothing else, after showing it and asking."""
    machine, name = Machine(context.environ), name_of(context)
    places = find(name, machine)
    steps = [step for kind in places for step in KINDS[kind].uninstall(name, machine)]
    if steps:
        _show_steps(context, steps, ())
        context.confirm(_("take it away?"))
    if not context.options.dry_run:
        machine.do(steps)
        withdraw(context.database)
    said = _("Taken away: {kinds}").format(kinds=joined(places)) if places else _("No reminders are installed.")
    context.output.record({"kinds": list(places), "steps": [_as_data(step) for step in steps]}, None, said)
    return 0


def program(*, windows: bool = False) -> list[str]:
    """Return how this program is called from anywhere: its own file, or Python with the package.

    On Windows it is Python without a console, whose window would come up with every run.
    """
    silent = Path(sys.executable).with_name("pythonw.exe")
    if windows and silent.is_file():
        return [str(silent), "-m", "crmcli"]
    called = Path(sys.argv[0])
    if called.stem in ("crm", "crmcli") and called.is_file():
        return [str(called.absolute())]
    return [sys.executable, "-m", "crmcli"]


def _job(context: Context, every: str, command: str, *, windows: bool = False) -> Job:
    """Return what is to be run, with everything that it needs from this shell's environment."""
    words = [*program(windows=windows), "remind", *_what_to_do(context, command)]
    environ = context.environ
    environment = {"CRM_DB": str(context.database.absolute())}
    settings = context.settings_path.absolute()
    usual = config.default_path({"HOME": environ.get("HOME", "")}, "config", "config.toml")
    if settings != usual and settings.exists():
        environment["CRM_CONFIG"] = str(settings)
    chosen = context.options.lang or environ.get("CRM_LANG", "")
    environment |= {"CRM_LANG": chosen} if chosen else {}
    carried = _CARRIED if words[-1] == _PRINTING else (*_CARRIED, *_DESKTOP)
    environment |= {name: environ[name] for name in carried if environ.get(name)}
    for text in (*words, *environment.values()):
        if "\n" in text or "\r" in text:
            raise UsageError(
                _("a scheduler can't hold a line break: {text}").format(text=repr(text)), hint=_("name it without one")
            )
    return Job(name_of(context), tuple(words), environment, minutes_of(every or _EVERY))


def _what_to_do(context: Context, command: str) -> list[str]:
    """Return the options of the `remind` that is installed; a program is named by its whole path.

    Raises UsageError when a channel's address is in the environment of this shell: a scheduler has another.
    """
    channels = context.settings.named("channel")
    if not command and channels:
        for name in channels:
            if context.settings.text(f"channel.{name}.url").startswith("env:"):
                raise UsageError(
                    _("the channel {name} has its address in this shell's environment").format(name=name),
                    hint=_("a scheduler has another: use file:PATH or keyring:NAME, or crm config set with -"),
                )
        return ["--notify"]
    if not command:
        return [_PRINTING]
    try:
        first, *rest = shlex.split(command)
    except ValueError as error:
        raise UsageError(
            _("can't run {command}: {reason}").format(command=command, reason=error), hint=_("quote it as for a shell")
        ) from error
    found = shutil.which(first)
    return ["--once", "--exec", shlex.join([str(Path(found).absolute()) if found else first, *rest])]


def name_of(context: Context) -> str:
    """Return the name of the job: each database has its own."""
    path = context.database.absolute()
    usual = config.default_path(context.environ, "data", "crm.db")
    return _NAME if path == usual else f"{_NAME}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"


# what is shown


def _remarks(kind: str, job: Job, machine: Machine) -> Iterator[str]:
    """Yield what the user should know besides, about a job that prints."""
    if kind == "systemd" and not systemd.lingers(machine):
        yield _("it runs while you are logged in; loginctl enable-linger lets it run always")
    if job.words[-1] != _PRINTING:
        return
    if kind == "cron" and not (machine.has("sendmail") or machine.has("/usr/sbin/sendmail")):
        yield _("there is no mail program (sendmail): nobody would see what cron prints; give --exec COMMAND")
    elif KINDS[kind].heard:
        yield _(KINDS[kind].heard)


def _show_steps(context: Context, steps: Sequence[Step], remarks: Iterable[str]) -> None:
    """Show exactly what would be done; programs get the steps with the answer."""
    if not context.output.data:
        context.output.verbatim(content for step in steps for content in _step_lines(step))
        for remark in remarks:
            context.output.note(remark)


def _step_lines(step: Step) -> Iterator[Line]:
    match step:
        case Write():
            yield line(Span(_("write {path}").format(path=step.path), TITLE))
            shown: Sequence[str] = step.shown.splitlines()
        case Remove():
            yield line(Span(_("remove {path}").format(path=step.path), TITLE))
            shown = ()
        case Run():
            yield line(Span(_("run {command}").format(command=shlex.join(step.words)), TITLE))
            shown = step.shown
    yield from (line("  ", text) for text in shown)


def _as_data(step: Step) -> dict[str, Any]:
    match step:
        case Write():
            return {"do": "write", "path": str(step.path), "content": step.shown}
        case Remove():
            return {"do": "remove", "path": str(step.path)}
        case Run():
            return {"do": "run", "command": list(step.words), "changes": list(step.shown)}


def _short(job: Job) -> str:
    return " ".join(["crm", *job.words[job.words.index("remind") :]])


def say_every(minutes: int) -> str:
    """Return how often something runs, in words."""
    if minutes % _HOUR:
        return ngettext("every {count} minute", "every {count} minutes", minutes).format(count=minutes)
    hours = minutes // _HOUR
    return ngettext("every {count} hour", "every {count} hours", hours).format(count=hours)
