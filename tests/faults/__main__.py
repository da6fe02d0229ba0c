"""Faults at length: `python -m tests.faults [NAME]… --times 1000` or `--for 10m`; without a name all of them in turn.

Every round has a number, from which all that is random in it follows: `--seed 123 --times 1` repeats round 123.
"""

import argparse
import shutil
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from tempfile import mkdtemp

from crmcli.when.periods import parse_period
from tests.faults.rounds import FAULTS

_LONGEST = 2_000
"""Characters of a report."""


def main() -> int:
    """Run rounds until the time is over, and print what became of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FAULTS))
    parser.add_argument("--times", type=int, default=100, help="rounds of each")
    parser.add_argument("--for", dest="period", default="", help="so long instead, such as 10m")
    parser.add_argument("--seed", type=int, default=0, help="the first round's number")
    asked = parser.parse_args()
    names = asked.names or [*FAULTS]
    each = parse_period(asked.period).total_seconds() / len(names) if asked.period else None
    failed = sum([_rounds(name, asked.seed, asked.times, each) for name in names])
    return min(failed, 1)


def _rounds(name: str, first: int, times: int, seconds: float | None) -> int:
    """Run the rounds of one fault and return how many failed."""
    began = time.monotonic()
    said: Counter[str] = Counter()
    seed, failed = first, 0
    while time.monotonic() - began < seconds if seconds is not None else seed < first + times:
        folder = Path(mkdtemp(prefix=f"crm-{name}-"))
        try:
            said[FAULTS[name](folder, seed)] += 1
        except Exception:  # noqa: BLE001 - whatever it is, it is told and the next round begins
            failed += 1
            sys.stderr.write(f"{name} --seed {seed} --times 1 failed:\n{_short(traceback.format_exc())}\n")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        seed += 1
    sys.stdout.write(f"{name}: {seed - first} rounds, {failed} failed, {time.monotonic() - began:.0f} s\n")
    for what, count in sorted(said.items()):
        sys.stdout.write(f"  {count:6}  {what}\n")
    sys.stdout.flush()
    return failed


def _short(text: str) -> str:
    """Return a report without the middle of what a command line printed at length."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}\n…\n{text[-_LONGEST // 2 :]}"


if __name__ == "__main__":
    sys.exit(main())
