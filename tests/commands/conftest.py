"""What tests of commands share."""

from pathlib import Path

import pytest

from tests.conftest import Crm
from tests.kept import filled_once


@pytest.fixture
@filled_once
def zs(crm: Crm) -> Crm:
    """Give the command line on a database with 张三 (1) and Ann O'Brien (2)."""
    crm.ok("add", "张三", "--company", "华东电力")
    crm.ok("add", "Ann O'Brien")
    return crm


@pytest.fixture
@filled_once
def on_calendar(crm: Crm) -> Crm:
    """One customer with one of everything that a calendar shows."""
    crm.ok("add", "张三", "--company", "华东电力", "--phone", "138 0013 8000", "--birthday", "1988-02-29")
    crm.ok("plan", "张三", "2026-12-04 15:00", "送样品")
    crm.ok("plan", "张三", "every 2 weeks", "周会")
    crm.ok("complain", "张三", "交付延迟", "--severity", "high")
    return crm


@pytest.fixture
def other(crm: Crm, tmp_path: Path) -> Crm:
    """Give the other machine, with an empty database."""
    (tmp_path / "other").mkdir()
    return Crm(tmp_path / "other", crm._monkeypatch)  # noqa: SLF001 - a second database beside the first
