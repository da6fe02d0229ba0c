"""The machine that jobs are installed on: its files and its programs, and nothing else of it is touched."""

import os
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from shutil import which
from typing import NamedTuple

from crmcli.errors import CrmError
from crmcli.i18n import _, joined
from crmcli.schedule.job import Job, Run, Step, Write

_BARE = {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
"""What cron gives to what it runs, besides the user's name and home."""
_WAIT = 60
"""Seconds."""
_SCHEDULERS = {"crontab": "cron", "systemctl": "systemd", "launchctl": "launchd", "schtasks": "windows"}
"""The program of each."""


class Ran(NamedTuple):
    """What a program said."""

    code: int
    out: bytes
    err: str


class Machine:
    """Runs programs and writes files for one user."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.home = Path(environ.get("HOME") or Path.home())
        """The folder below which schedulers look for what belongs to the user."""

    def has(self, program: str) -> bool:
        """Return whether there is such a program."""
        return which(program, path=self.environ.get("PATH")) is not None

    def run(self, words: Sequence[str], stdin: bytes | None = None) -> Ran:
        """Run a program, which speaks English, and return what it said; CrmError when it can't be run."""
        return self._run(words, {**self.environ, "LC_ALL": "C"}, stdin)

    def try_out(self, job: Job) -> None:
        """Run the job's command line with `-n`, and with nothing of this shell's environment.

        Raises CrmError when it would fail where nobody sees it.
        """
        own = {name: self.environ[name] for name in ("HOME", "USER", "LOGNAME") if name in self.environ}
        bare = {**own, **_BARE} if os.name == "posix" else self.environ  # a task of Windows has all of it
        ran = self._run([*job.words, "-n"], {**bare, **job.environment})
        if ran.code:
            reason = (ran.err.strip().splitlines() or [str(ran.code)])[-1]
            raise CrmError(
                _("without your shell around it the command fails: {reason}").format(reason=reason),
                hint=_("nothing was installed; it runs as: {command}").format(command=" ".join(job.words)),
            )

    def do(self, steps: Iterable[Step]) -> None:
        """Take the steps; files are as they were before when one fails (CrmError, OSError)."""
        restore: list[Callable[[], object]] = []
        try:
            for step in steps:
                if isinstance(step, Run):
                    self._require(step)
                    continue
                before = step.path.read_bytes() if step.path.exists() else None
                restore.append(partial(_put, step.path, before))
                _put(step.path, step.content if isinstance(step, Write) else None)
        except BaseException:
            for undo in reversed(restore):
                with suppress(OSError):
                    undo()
            raise

    def _require(self, step: Run) -> None:
        ran = self.run(step.words, step.stdin)
        if ran.code and not step.may_fail:
            raise CrmError(
                _("{command} failed: {reason}").format(
                    command=" ".join(step.words), reason=" ".join(ran.err.split()) or ran.code
                ),
                hint=_("files are as they were before"),
            )

    def _run(self, words: Sequence[str], environ: Mapping[str, str], stdin: bytes | None = None) -> Ran:
        program = which(words[0], path=self.environ.get("PATH")) or words[0]
        try:
            done = subprocess.run(  # noqa: S603 - the scheduler's own programs, and ours
                [program, *words[1:]],
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                env=dict(environ),
                cwd=self.home,
                capture_output=True,
                timeout=_WAIT,
                check=False,
            )
        except FileNotFoundError as error:
            others = [name for program, name in _SCHEDULERS.items() if program != words[0]]
            raise CrmError(
                _("there is no {program} on this machine").format(program=words[0]),
                hint=_("choose another: {names}").format(names=joined(others)),
            ) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CrmError(
                _("can't run {command}: {reason}").format(command=words[0], reason=error), hint=_("nothing was changed")
            ) from error
        return Ran(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def _put(path: Path, content: bytes | None) -> None:
    """Let the file have this content, or be none."""
    if content is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o600 if os.name == "posix" else 0o666)
