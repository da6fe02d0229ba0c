"""Measuring whole processes side by side, with the standard library alone."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple


class Program(NamedTuple):
    """A command line and what it needs."""

    arguments: tuple[str, ...]
    environ: Mapping[str, str]
    terminal: bool = False
    """Whether it prints on a terminal (a person reads it) or into a pipe (cron or a script does)."""
    before: Callable[[], None] | None = None
    """What is done before each run and not measured."""


class Sample(NamedTuple):
    """What one run cost: seconds by the clock, seconds of the processor, and peak memory in bytes."""

    wall: float
    cpu: float
    peak: int

    def value(self, measure: str) -> float:
        """Return what was measured: `wall`, `cpu` or `peak`."""
        return float(getattr(self, measure))


class Comparison(NamedTuple):
    """Two programs, measured in pairs, one after the other."""

    ours: list[Sample]
    reference: list[Sample]

    def ratio(self, measure: str) -> float:
        """Return the median of the pairs' ratios: whatever slows the machine for a while slows both of a pair."""
        pairs = zip(self.ours, self.reference, strict=True)
        return statistics.median([one.value(measure) / max(other.value(measure), 1e-9) for one, other in pairs])

    def median(self, side: str, measure: str) -> float:
        """Return the median of one side, `ours` or `reference`."""
        samples: list[Sample] = getattr(self, side)
        return statistics.median([sample.value(measure) for sample in samples])


class RunFailedError(Exception):
    """A program that is measured did not succeed."""


def compare(ours: Program, reference: Program, rounds: int, *, warm: bool = True) -> Comparison:
    """Run both in turn, so many times; the first round is not counted, since it fills caches, unless `warm` is off.

    Raises RunFailedError with what was printed when a run fails.
    """
    pairs = [(run(ours), run(reference)) for _round in range(rounds + warm)][warm:]
    return Comparison([pair[0] for pair in pairs], [pair[1] for pair in pairs])


def run(program: Program) -> Sample:
    """Run a program once; raises RunFailedError with the end of what it printed when it fails."""
    if program.before:
        program.before()
    reading, writing = os.openpty() if program.terminal else os.pipe()
    started = time.perf_counter()
    process = subprocess.Popen(
        program.arguments, env=program.environ, stdin=subprocess.DEVNULL, stdout=writing, stderr=writing
    )
    os.close(writing)
    printed = _drained(reading)
    _pid, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = printed.decode("utf-8", "replace").strip() or "nothing"
        raise RunFailedError(f"exit code {process.returncode}, printed {said[-500:]}")
    kilo = 1 if sys.platform == "darwin" else 1024
    return Sample(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * kilo)


def _drained(reading: int) -> bytes:
    """Return what a program prints until it closes its output, and close our end."""
    parts = []
    with suppress(OSError):  # Linux reports the end of a terminal as an input/output error
        while part := os.read(reading, 65536):
            parts.append(part)
    os.close(reading)
    return b"".join(parts)


def shown(value: float, measure: str) -> str:
    """Return a measured value for people: milliseconds, or megabytes."""
    return f"{value / 1e6:.0f} MB" if measure == "peak" else f"{value * 1000:.0f} ms"


def as_objects(samples: Sequence[Sample]) -> list[dict[str, float]]:
    """Return samples as JSON objects: seconds and bytes."""
    return [sample._asdict() for sample in samples]
