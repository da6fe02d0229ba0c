"""`crm import` on a terminal: asks what the columns are that no heading tells, and remembers the answers."""

import os
import pty
import select
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from crmcli.context import Context
from tests.conftest import Crm

FILE = "Wer,Fon,Farbe\nAnn Lee,+49 30 123456,rot\nBob,+49 30 654321,blau\nCarl,,rot\nDora,,grün\nEve,,gelb\n"
PATIENCE = 60
"""Seconds."""


def typed(crm: Crm, arguments: list[str], answers: str, code: int = 0) -> str:
    """Run a command line on a terminal, type the answers, and return what the terminal showed."""
    terminal, other_end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "crmcli", *arguments],
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
        env={**os.environ, "CRM_DB": str(crm.db), "CRM_KEY": crm.key, "TERM": "dumb", "CRM_LANG": "en"},
    )
    os.close(other_end)
    os.write(terminal, answers.encode())
    shown = b""
    with suppress(OSError):  # at the end
        while select.select([terminal], [], [], PATIENCE)[0]:
            shown += os.read(terminal, 4096)
    os.close(terminal)
    assert process.wait(PATIENCE) == code, shown.decode()
    return shown.decode()


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "in.csv"
    path.write_text(FILE, "utf-8")
    return str(path)


def test_the_user_is_asked_for_columns_that_nobody_knows(crm: Crm, file: str) -> None:
    shown = typed(crm, ["import", file], "name\nshoe\nphone\n\nwerfon\n")
    assert "Fon: +49 30 123456 · +49 30 654321" in shown
    assert "Farbe: rot · blau · grün\r\n" in shown
    assert "shoe" in shown
    rows = crm.data("contact", "list", "--sort", "id")
    assert [(row["name"], row["phones"]) for row in rows][:3] == [
        ("Ann Lee", ["+4930123456"]),
        ("Bob", ["+4930654321"]),
        ("Carl", []),
    ]
    again = crm.ok("import", file, "--use-map", "werfon")
    assert "already up to date" in again.out
    assert again.err == ""


def test_nothing_is_kept_that_nobody_named(crm: Crm, file: str) -> None:
    typed(crm, ["import", file, "--dry-run"], "name\nphone\n\n\n")
    assert crm.data("contact", "list") == []
    typed(crm, ["import", file], "name\nphone\n\n\n")
    assert len(crm.data("contact", "list")) == 5
    assert crm("import", file, "--use-map", "x").code == 3


@pytest.mark.parametrize(
    "arguments",
    [["--no-input", "--map", "Wer=name"], ["--map", "Wer=name"], ["--extra", "fields", "--map", "Wer=name"]],
)
def test_who_has_said_it_is_not_asked(crm: Crm, file: str, arguments: list[str]) -> None:
    assert "which field" not in typed(crm, ["import", file, *arguments], "")
    assert "which field" not in crm("import", file).err


@pytest.mark.parametrize("answers", ["\x04", "name\n\x04", "name\nphone\n\n\x04"])
def test_the_end_of_input_is_no_answer(crm: Crm, file: str, answers: str) -> None:
    assert "nothing was written" in typed(crm, ["import", file], answers, code=2)
    assert crm.data("contact", "list") == []


def test_which_fields_there_are_is_said_in_the_users_language(
    crm: Crm, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Context, "interactive", property(lambda _context: True))
    asked = crm("import", file, "--lang", "zh", stdin="?\n名字\n电话\n\n\n")
    assert asked.code == 0
    assert "有哪些字段）  可选的字段：" in asked.err
    assert "姓名 name、公司 company、" in asked.err
