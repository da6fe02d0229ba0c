"""Reminders as real processes: killed by whoever is being told, or two at once."""

import json
import shlex
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.rows import Rows
from tests.test_shell import Shell

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
WAYS = ("remind --notify", "remind --once --exec {told}")


class Told:
    """A program that is told of items: it writes them down, and first kills who tells it when asked to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.program = folder / "told"
        self.program.write_text(
            "#!/bin/sh\n"
            'if test -e "$HOME/kills-unheard"; then rm "$HOME/kills-unheard"; kill -9 $PPID; exit; fi\n'
            'cat >"$HOME/heard.$$.new"; mv "$HOME/heard.$$.new" "$HOME/heard.$$"\n'
            'if test -e "$HOME/kills"; then rm "$HOME/kills"; kill -9 $PPID; fi\n'
            'if test -e "$HOME/slow"; then sleep 0.5; fi\n',
            "utf-8",
        )
        self.program.chmod(0o755)
        settings = folder / ".config/crmcli/config.toml"
        settings.parent.mkdir(parents=True)
        settings.write_text(f'[channel.desk]\nurl = "exec:{shlex.quote(str(self.program))}"\n', "utf-8")

    def will(self, deed: str) -> None:
        """Have it do something when it is called: `kills`, `kills-unheard` or `slow`."""
        (self._folder / deed).touch()

    def heard(self) -> list[str]:
        """Return the purposes of all items that it was told of, and forget them."""
        said = []
        for path in self._folder.glob("heard.*"):
            said += [item["text"] for item in json.loads(path.read_text("utf-8"))["items"]]
            path.unlink()
        return sorted(said)


@pytest.fixture
def shell(tmp_path: Path, file_key: str) -> Shell:
    return Shell(tmp_path, file_key)


@pytest.fixture
def told(shell: Shell) -> Told:
    return Told(shell.folder)


def filled(shell: Shell, now: datetime) -> Rows:
    """Return a database in which three callbacks are due."""
    rows = Rows(shell.db)
    who = rows.contact("张三", created=now)
    for minutes, purpose in enumerate("abc", 1):
        rows.callback(who, now - timedelta(minutes=minutes), purpose=purpose)
    return rows


@pytest.mark.parametrize("deed", ["kills", "kills-unheard"])
@pytest.mark.parametrize("way", WAYS)
def test_a_run_that_is_killed_while_it_tells_loses_nothing(shell: Shell, told: Told, way: str, deed: str) -> None:
    filled(shell, NOW)
    command = f"crm {way.format(told=told.program)}"

    def run_at(minutes: int) -> list[str]:
        shell.ok(command, CRM_NOW=(NOW + timedelta(minutes=minutes)).isoformat())
        return told.heard()

    told.will(deed)
    killed = shell.run(command, CRM_NOW=NOW.isoformat())
    assert killed.returncode == 137
    assert told.heard() == (["a", "b", "c"] if deed == "kills" else [])
    assert [run_at(minutes) for minutes in (0, 1, 10)] == [[], [], []]
    assert run_at(11) == ["a", "b", "c"]
    assert [run_at(minutes) for minutes in (12, 30, 3000)] == [[], [], []]


@pytest.mark.parametrize("way", WAYS)
def test_of_two_at_once_one_tells(shell: Shell, told: Told, way: str) -> None:
    rows = filled(shell, datetime.now(UTC))
    told.will("slow")
    for _round in range(2):
        rows.connection.execute("DELETE FROM reminder")
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _run: shell.ok(f"crm {way.format(told=told.program)}"), range(3)))
        assert told.heard() == ["a", "b", "c"]
