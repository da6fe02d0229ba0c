import io
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crmcli.render.lines import UNLIMITED, line, styled
from crmcli.render.terminal import Terminal, prepare_streams

ROOT = Path(__file__).parents[2]
PRINT = """
import os, sys
from crmcli.render.lines import line
from crmcli.render.terminal import Terminal, closed_pipe, prepare_streams
prepare_streams(os.environ)
terminal = Terminal(sys.stdout, os.environ)
try:
    terminal.print([line(os.fsencode(sys.argv[1]).decode("utf-8", "surrogateescape"))] * int(sys.argv[2]))
    terminal.flush()
except OSError:
    sys.exit(closed_pipe())
"""


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(
    text: str, environ: dict[str, str], times: int = 1, stdout: int = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", PRINT, text, str(times)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ},
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
    )


@pytest.mark.parametrize(
    ("environ", "option", "screen", "pipe"),
    [
        ({}, "auto", True, False),
        ({"NO_COLOR": "1"}, "auto", False, False),
        ({"NO_COLOR": ""}, "auto", True, False),
        ({"FORCE_COLOR": "1"}, "auto", True, True),
        ({"FORCE_COLOR": "0"}, "auto", True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", False, False),
        ({"TERM": "dumb"}, "auto", False, False),
        ({"NO_COLOR": "1"}, "always", True, True),
        ({"FORCE_COLOR": "1"}, "never", False, False),
    ],
)
def test_colour(environ: dict[str, str], option: str, *, screen: bool, pipe: bool) -> None:
    assert Terminal(Screen(), environ, option).colour is screen
    assert Terminal(io.StringIO(), environ, option).colour is pipe


@pytest.mark.parametrize(
    ("environ", "screen", "pipe"),
    [
        ({}, 80, UNLIMITED),
        ({"COLUMNS": "120"}, 120, 120),
        ({"COLUMNS": "x"}, 80, UNLIMITED),
        ({"COLUMNS": "3"}, 20, 20),
        ({"COLUMNS": "²"}, 80, UNLIMITED),
        ({"COLUMNS": "9" * 5000}, 9999, 9999),
    ],
)
def test_width(environ: dict[str, str], screen: int, pipe: int) -> None:
    assert Terminal(Screen(), environ).width == screen
    assert Terminal(io.StringIO(), environ).width == pipe


def test_a_real_terminal() -> None:
    leader, follower = pty.openpty()
    os.system(f"stty cols 33 < {os.ttyname(follower)}")  # noqa: S605 - the name comes from the system
    with os.fdopen(follower, "w") as stream:
        assert Terminal(stream, {}).width == 33
    os.close(leader)


def test_print() -> None:
    stream = Screen()
    Terminal(stream, {}).print([styled("张三", "bold"), line("x")])
    Terminal(stream, {}).print([styled("张三", "bold")], plain=True)
    assert stream.getvalue() == "\x1b[1m张三\x1b[0m\nx\n张三\n"


def test_a_closed_standard_output_swallows_everything() -> None:
    terminal = Terminal(None, {})
    terminal.print([line("x")])
    terminal.flush()


def test_progress_bars_and_charts_never_interpret_data() -> None:
    stream = io.StringIO()
    Terminal(stream, {"COLUMNS": "40"}).console().print("[red]x[/] :smile: 1")
    assert stream.getvalue() == "[red]x[/] :smile: 1\n"


@pytest.mark.parametrize(
    ("environ", "output"),
    [
        ({}, "张三 😀"),
        ({"LC_ALL": "C"}, "张三 😀"),
        ({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, "张三 😀"),
        ({"PYTHONIOENCODING": "ascii"}, "\\u5f20\\u4e09 \\U0001f600"),
        ({"PYTHONIOENCODING": "latin-1:strict"}, "\\u5f20\\u4e09 \\U0001f600"),
    ],
)
def test_what_an_encoding_lacks_is_no_error(environ: dict[str, str], output: str) -> None:
    done = run("张三 😀", environ)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, output + "\n", b"")


def test_what_is_no_text_is_no_error() -> None:
    assert run(os.fsdecode(b"\xff"), {}).stdout == "�\n".encode()


@pytest.mark.parametrize("times", [1, 100_000])
def test_a_reader_that_went_away_is_no_failure(times: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = run("x", {}, times, writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("module", ["terminal", "output"])
def test_screens_do_without_rich(module: str) -> None:
    code = f"import sys, crmcli.render.{module}; print({{'rich', 'csv', 'dataclasses', 'typer'}} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT) == b"set()\n"


def test_what_a_nearly_full_disk_takes_in_parts_is_no_whole_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Python's buffer (PYTHONUNBUFFERED), what the system did not take of a write would be dropped."""
    taken = bytearray()

    class Narrow(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any, /) -> int:
            taken.extend(data[:10])
            return len(data[:10])

    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(Narrow(), write_through=True))  # type: ignore[type-var]
    prepare_streams({})
    sys.stdout.write("late again\n")
    sys.stdout.flush()
    assert taken == b"late again\n"
