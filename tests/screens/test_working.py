"""Who waits is told that something happens; who does not, and what nobody looks at, is not."""

from threading import Event
from typing import Any

import pytest

from crmcli.context import Context
from crmcli.screens import history as screen
from crmcli.services import merge, undo
from tests.conftest import Crm


@pytest.mark.parametrize(
    ("line", "module", "function"),
    [
        (("undo",), undo, "undo_change"),
        (("history", "Ann"), screen, "list_changes"),
        (("contact", "merge", "1", "2", "-y"), merge, "merge_parties"),
    ],
)
def test_long_work_says_that_it_takes_a_while(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, line: tuple[str, ...], module: Any, function: str
) -> None:
    told, real = Event(), getattr(module, function)

    def slow(*given: Any, **named: Any) -> Any:
        assert told.wait(1), "it was silent"
        return real(*given, **named)

    for name in ("Ann", "Ben"):
        crm.ok("add", name)
    monkeypatch.setattr("crmcli.screens.working.PATIENCE", 0.0)
    monkeypatch.setattr(Context, "telling", lambda _self, text: told.set if "takes a while" in text else None)
    monkeypatch.setattr(module, function, slow)
    crm.ok(*line)


def test_short_work_says_nothing(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Event()
    crm.ok("add", "Ann")
    monkeypatch.setattr(Context, "telling", lambda _self, _text: told.set)
    crm.ok("undo")
    assert not told.is_set()
