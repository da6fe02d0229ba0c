"""Reading ahead in a second process: what comes of it is what comes of reading in one."""

import os
import signal
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from crmcli.errors import CrmError, UsageError
from crmcli.services.importing import ahead, staging
from crmcli.services.importing.ahead import can_read_ahead, read_ahead
from tests.conftest import Crm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")

LINES = [
    "name,phone,company,source,class,tags",
    *(f"客户{n},{13800000000 + n},公司{n % 70},展会,core,a;b" for n in range(4_500)),
    "Nobody,12,,,,",
    "Somebody,13900000000,,Trade fair 2026,,",
    "Somebody else,13900000001,,,no such class,",
]


def numbers(stop: str = "") -> Iterator[int]:
    yield from range(3)
    if stop == "error":
        raise UsageError("broken", hint="mend it")
    if stop == "killed":
        os.kill(os.getpid(), signal.SIGKILL)


def test_items_come_in_their_order_from_another_process() -> None:
    assert list(read_ahead(numbers())) == [0, 1, 2]
    assert set(read_ahead(os.getpid() for _ in range(2))).isdisjoint({os.getpid()})


def test_what_goes_wrong_there_is_raised_here() -> None:
    with pytest.raises(UsageError, match="broken") as caught:
        list(read_ahead(numbers("error")))
    assert caught.value.hint == "mend it"


def test_an_end_from_outside_is_told() -> None:
    found: list[int] = []
    with pytest.raises(CrmError, match="ended from outside"):
        found.extend(read_ahead(numbers("killed")))
    assert found == [0, 1, 2]


def test_an_end_in_the_middle_of_an_item_is_told() -> None:
    def more_than_the_pipe_holds() -> Iterator[Any]:
        yield os.getpid()
        yield bytes(8 << 20)

    items = read_ahead(more_than_the_pipe_holds())
    other = next(items)
    sleep(0.3)  # it has begun to say the second one
    os.kill(other, signal.SIGKILL)
    with pytest.raises(CrmError, match="ended from outside"):
        next(items)


def test_who_wants_no_more_leaves_no_process_behind() -> None:
    pids = read_ahead(os.getpid() for _ in count())
    pid = next(pids)
    pids.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("told", "free"), [("0.5 0.5 0.5 1/300 77", True), ("0.1 0.1 0.1 2/300 77", False), ("nothing", True)]
)
def test_a_second_process_needs_a_processor_with_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, *, free: bool
) -> None:
    running = tmp_path / "loadavg"
    monkeypatch.setattr(ahead, "_RUNNING", running)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1})
    assert can_read_ahead()  # where nothing is told
    running.write_text(told, "ascii")
    assert can_read_ahead() == free


def imported(crm: Crm, file: Path) -> tuple[Any, ...]:
    """Import a file; return the summary, the rejected rows and everything that is written."""
    rejects = crm.folder / "rejects.csv"
    summary = crm("import", str(file), "--rejects", str(rejects), "-o", "json")
    assert summary.code == 6
    contacts = crm.data("contact", "list", "--sort", "id")
    for contact in contacts:
        del contact["uid"]  # new ones are random
    return summary.json, rejects.read_text("utf-8"), contacts, crm.data("vocabulary", "list", "source")


@pytest.mark.parametrize("free", [True, False])
def test_a_long_file_gives_the_same_as_a_short_one(
    tmp_path: Path, crm: Crm, monkeypatch: pytest.MonkeyPatch, *, free: bool
) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("\n".join(LINES), "utf-8")
    alone = imported(crm, file)
    crm.db.unlink()
    monkeypatch.setattr(staging, "can_read_ahead", lambda: free)
    monkeypatch.setattr("crmcli.commands.importing._LONG", 0)
    assert imported(crm, file) == alone
    assert {"Trade fair 2026"} <= {word["en"] for word in alone[3]}


def test_a_long_file_that_can_not_be_read_to_its_end_leaves_nothing(
    tmp_path: Path, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("\n".join([*LINES, 'Ann,"never closed', ""]), "utf-8")
    monkeypatch.setattr(staging, "can_read_ahead", lambda: True)
    monkeypatch.setattr("crmcli.commands.importing._LONG", 0)
    result = crm("import", str(file))
    assert result.code == 2
    assert "never closed" in result.err
    assert crm.data("contact", "list") == []
