"""Killed at a system call: as `killed`, but aimed at each moment at which something on the disk changes.

A moment drawn by lot mostly falls into work that nothing on the disk knows of. Here `strace` (Linux, a package of its
own) ends the program as it is about to write a page, to rename, to remove, …, the n-th time that it does.
"""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.faults.forks import ROOT, Ended, environ
from tests.faults.killed import OTHERS, case, judge
from tests.faults.machine import Machine, new_folder
from tests.faults.repertoire import KEY, NEXT_KEY, RECODES, WRITES

_CALLS = "pwrite64,fdatasync,fsync,ftruncate,rename,link,unlink,mkdir,rmdir"
_NEAR_THE_END = 6
"""Calls on the average, every second time: there what was written becomes final."""
SKIPPED = "there is no strace"


def try_one(folder: Path, seed: int) -> str:
    """Kill one command at one call; every third time a database that is encrypted, or is to be."""
    if not shutil.which("strace"):
        return SKIPPED
    chance = Random(seed)  # noqa: S311 - the same every time
    name = chance.choice([*WRITES, *OTHERS] if seed % 3 else [*WRITES, *OTHERS, *RECODES])
    key = "" if seed % 3 or name == "encrypt" else KEY
    calls = _calls(name, key)
    call = chance.choice(sorted(calls))
    last = calls[call]
    number = chance.randint(1, last) if chance.random() < 0.5 else last - int(chance.expovariate(1 / _NEAR_THE_END))
    known = case(name, key)
    home = known.home.copy(folder / "home")
    ended, _made = _run(home, known.arguments, "-e", f"inject={call}:signal=KILL:when={max(1, number)}")
    said = judge(name, key, home, ended)
    return f"{call}: {said.rpartition(': ')[2]}"


@cache
def _calls(name: str, key: str) -> Counter[str]:
    """Return how often a command that nobody disturbs makes each of the calls."""
    known = case(name, key)
    ended, made = _run(known.home.copy(new_folder()), known.arguments)
    assert ended.code == 0, (name, ended)
    return made


def _run(home: Machine, arguments: tuple[str, ...], *inject: str) -> tuple[Ended, Counter[str]]:
    """Run a command line under strace; return what became of it, and how often it made each call."""
    around = environ(home.folder, CRM_NEXT_KEY=NEXT_KEY, PYTHONPATH=str(ROOT), PYTHONDONTWRITEBYTECODE="1")
    around |= {"CRM_KEY": home.key} if home.key else {}
    with TemporaryDirectory() as aside:
        log = Path(aside) / "calls"
        traced = ("strace", "-f", "-o", str(log), "-e", f"trace={_CALLS}", *inject)
        began = time.monotonic()
        run = subprocess.run(
            [*traced, sys.executable, "-m", "crmcli", *arguments],
            cwd=home.folder,
            env={**around, "PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=300,
        )
        lines = [line.partition("(")[0].split() for line in log.read_text("utf-8", "replace").splitlines()]
    made = Counter(words[1] for words in lines if len(words) == 2 and words[1] in _CALLS.split(","))
    out, err = (said.decode("utf-8", "surrogateescape") for said in (run.stdout, run.stderr))
    return Ended(run.returncode, time.monotonic() - began, out, err), made
