"""The benchmarks run: one row of each sort, once, on a tiny database. How fast they are is not for a test to say."""

import json
import subprocess
import sys
from pathlib import Path
from xml.parsers import expat

import pytest

from benchmarks import growth
from benchmarks.ground import Ground
from benchmarks.picture import picture

ROOT = Path(__file__).parent.parent
ROWS = ("remind", "today", "find", "log", "completion", "import")


def test_rows_run(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    sizes = ("--size", "20", "20", "--rounds", "1")
    command = (sys.executable, "-m", "benchmarks", *sizes, "--json", str(report), "--rows", *ROWS)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    rows = {row["name"]: row for row in json.loads(report.read_text())["rows"]}
    assert set(rows) == set(ROWS)
    for row in rows.values():
        assert row["verdict"] != "failed", row
        assert row["ratio"] > 0
        assert len(row["ours"]) == len(row["reference"]) == 1


def test_unknown_row_is_refused() -> None:
    command = (sys.executable, "-m", "benchmarks", "--rows", "nonsense")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nonsense" in done.stderr


def test_growth_is_measured_and_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "COMMANDS", ("remind", "today"))
    ground = Ground(tmp_path, 20, 40, 40)
    figures = growth.measure(ground, (20, 40), 1)
    assert figures["contacts"] == [20, 40]
    assert {*figures["milliseconds"]} == {*growth.COMMANDS}
    drawn = picture(figures)
    expat.ParserCreate().Parse(drawn, True)
    for name, costs in figures["milliseconds"].items():
        assert f">{name}" in drawn
        assert f"→ {costs[-1]:.0f} ms" in drawn


def test_the_picture_belongs_to_the_figures() -> None:
    figures = json.loads((ROOT / "docs" / "growth.json").read_text())
    assert (ROOT / "docs" / "growth.svg").read_text() == picture(figures)
    assert figures["contacts"] == [1_000, 10_000, 100_000, 1_000_000]


def test_other_tools_are_skipped_with_a_word(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    ours = Path(sys.executable).parent / "crm"
    options = ("--compare", "--size", "20", "20", "--rounds", "1", "--json", str(report), "--tool", f"crm={ours}")
    command = (sys.executable, "-m", "benchmarks", *options)
    environ = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(report.read_text())["tools"]
    assert row["tool"] == "crm"
    assert {*row} == {"tool", "contacts", "help", "small", "due", "list", "find", "import"}
    assert "taskwarrior    not here" in done.stdout
