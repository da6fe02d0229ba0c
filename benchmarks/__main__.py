"""`python -m benchmarks`: measure every row, print the table, and exit with 1 when a bound is broken.

With `--growth` it measures how cost grows with size, with `--compare` the same work in other tools.
"""

import argparse
import json
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import growth, others
from benchmarks.ground import Ground
from benchmarks.measure import Comparison, RunFailedError, as_objects, compare, shown
from benchmarks.rows import ROWS, Row

_FULL = 1_000_000
_LONG_ROUNDS = 3
_HEAD = ("row", "crm", "reference", "ratio", "at most", "processor", "verdict")
_LINE = "{:<22}{:>10}{:>12}{:>8}{:>9}{:>11}  {}"


def main(arguments: list[str]) -> int:
    """Measure what the command line asks for and return the exit code."""
    options = _parser().parse_args(arguments)
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        return _measured(options, options.keep)
    with tempfile.TemporaryDirectory(prefix="crm-benchmarks-") as folder:
        return _measured(options, Path(folder))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast crm is, as ratios.")
    names = [row.name for row in ROWS]
    parser.add_argument("--rows", nargs="+", choices=names, metavar="NAME", help=f"only these: {', '.join(names)}")
    parser.add_argument("--rounds", type=int, default=11, metavar="N", help="pairs of runs for each row (11)")
    parser.add_argument(
        "--size",
        nargs=2,
        type=int,
        default=(1_000, 100_000),
        metavar=("SMALL", "LARGE"),
        help="contacts in the small and in the large database (1000 100000)",
    )
    parser.add_argument("--growth", action="store_true", help="measure how cost grows with size instead")
    parser.add_argument("--compare", action="store_true", help="measure the same work in other tools instead")
    parser.add_argument(
        "--tool",
        action="append",
        default=[],
        type=_named,
        metavar="NAME=PROGRAM",
        help=f"where one of them is, if not on the PATH: {', '.join(others.TOOLS)}",
    )
    parser.add_argument("--full", action="store_true", help="on 1,000,000 contacts, too: takes an hour")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="make the databases there and use them again")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there")
    return parser


def _named(text: str) -> tuple[str, str]:
    """Return the tool and the program of `NAME=PROGRAM`."""
    name, _equals, program = text.partition("=")
    if name not in others.TOOLS or not program:
        raise argparse.ArgumentTypeError(f"{text} is not NAME=PROGRAM of one of {', '.join(others.TOOLS)}")
    return name, program


def _measured(options: argparse.Namespace, folder: Path) -> int:
    """Measure the chosen rows, print each as it is done, and return the exit code."""
    small, large = options.size
    ground = Ground(folder.resolve(), small, large, _FULL if options.full else large)
    if options.growth:
        sizes = (*growth.SIZES, *([_FULL] if options.full else []))
        _write(options.json, growth.measure(ground, sizes, options.rounds))
        return 0
    if options.compare:
        _write(options.json, others.compare(ground, dict(options.tool), options.rounds))
        return 0
    print(
        f"{platform.python_version()} on {platform.machine()}; contacts: {small:,}, {large:,}, largest {ground.huge:,}"
    )
    print(_LINE.format(*_HEAD))
    results = [
        _result(row, ground, options.rounds)
        for row in ROWS
        if (row.name in options.rows if options.rows else options.full or not row.full)
    ]
    about = {"python": platform.python_version(), "contacts": [small, large, ground.huge], "rows": results}
    _write(options.json, about)
    return 0 if all(result["verdict"] == "ok" for result in results) else 1


def _write(file: Path | None, figures: dict[str, Any]) -> None:
    """Write what was measured where it was asked for."""
    if file:
        file.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


def _result(row: Row, ground: Ground, rounds: int) -> dict[str, Any]:
    """Measure one row, print it, and return it as a JSON object."""
    result: dict[str, Any] = {"name": row.name, "bound": row.bound, "measure": row.measure}
    try:
        rounds = min(rounds, _LONG_ROUNDS) if row.long else rounds
        found = compare(row.ours(ground), row.reference(ground), rounds, warm=rounds > 1 and not row.long)
    except RunFailedError as error:
        print(f"{row.name:<22}failed: {error}", flush=True)
        return {**result, "verdict": "failed", "reason": str(error)}
    ratio = found.ratio(row.measure)
    result |= {"ratio": ratio, "cpu_ratio": found.ratio("cpu"), "verdict": "ok" if ratio <= row.bound else "too slow"}
    _print_row(row, found, result)
    return {**result, "ours": as_objects(found.ours), "reference": as_objects(found.reference)}


def _print_row(row: Row, found: Comparison, result: dict[str, Any]) -> None:
    ours, reference = (shown(found.median(side, row.measure), row.measure) for side in ("ours", "reference"))
    ratios = (f"{result[name]:.2f}" for name in ("ratio", "bound", "cpu_ratio"))
    print(_LINE.format(row.name, ours, reference, *ratios, result["verdict"]), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
