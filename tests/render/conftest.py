from datetime import date, datetime, time, timedelta, timezone

import pytest

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture(autouse=True)
def plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """How moments are said is tested with the time module; here they only need to look like something."""

    def say_moment(day: date, clock: time | None, _now: datetime) -> str:
        return f"{day:%d %b}" + (f" {clock:%H:%M}" if clock else "")

    monkeypatch.setattr("crmcli.render.values.say_moment", say_moment)
    monkeypatch.setattr("crmcli.render.values.say_repeat", str)


@pytest.fixture
def now() -> datetime:
    return NOW
