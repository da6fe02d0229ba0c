"""A run is left out only when the whole program would do nothing at all: whatever the state, settings and moment."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.context import Context
from crmcli.screens import notify, remind
from crmcli.store import idle
from crmcli.store.heartbeat import declare, read
from tests.conftest import Crm, opened
from tests.rows import Rows
from tests.test_short_ways import ZONES, events, fill, moments

MINUTE = timedelta(minutes=1)
CHANGING = ("Europe/Berlin", "Australia/Lord_Howe")
changes = st.builds(  # hours around which these zones change their clocks
    lambda hour, minutes: datetime.fromisoformat(hour) + timedelta(minutes=minutes),  # made aware below
    st.sampled_from(("2027-03-28T01:00", "2027-10-31T01:00", "2027-04-03T15:00", "2027-10-02T15:30")),
    st.integers(-90, 90),
)
LINES = (["remind", "--notify"], ["remind", "--once"], ["remind", "--once", "--exec", "true"], ["remind"])

clocks = st.sampled_from(("0:30", "2:00", "2:30", "9:00", "23:59"))
channel = st.fixed_dictionaries(
    {},
    optional={
        "quiet": st.tuples(clocks, clocks).map("-".join),
        "days": st.sampled_from(("mon-fri", "sat,sun")),
        "digest": clocks,
        "nag": st.sampled_from(("20m", "1h", "1d")),
        "kinds": st.just("callback birthday"),
    },
)
plan = st.fixed_dictionaries({}, optional={"before": st.sampled_from(("10m", "2h", "1d")), "at": clocks})
tables = st.tuples(
    st.dictionaries(st.sampled_from(("mail", "chat")), channel, min_size=1),
    st.dictionaries(st.sampled_from(("callback", "complaint", "birthday", "promise", "forgotten")), plan, max_size=2),
)


def toml(chosen: tuple[Mapping[str, Mapping[str, str]], Mapping[str, Mapping[str, str]]]) -> str:
    """Return the settings as a file has them."""
    lines = []
    for name, values in chosen[0].items():
        lines += [f"[channel.{name}]", 'url = "exec:true"', *(f'{key} = "{value}"' for key, value in values.items())]
    for kind, values in chosen[1].items():
        lines += [f"[remind.{kind}]", *(f'{key} = "{value}"' for key, value in values.items())]
    return "\n".join([*lines, ""])


class Ground:
    """A database, settings, and runs at any moment whose channels take or refuse what they get."""

    def __init__(self, folder: Path) -> None:
        self.rows = Rows(folder / "crm.db")
        self.rows.connection.execute("PRAGMA synchronous = OFF")
        self.settings = folder / "config.toml"
        self.environ = {"HOME": "/", "CRM_DB": str(folder / "crm.db"), "CRM_CONFIG": str(self.settings)}
        self.sent = 0
        self.refused = ""

    def run(self, line: list[str], now: datetime) -> int:
        """Run as a process begun long after all was written; return how many rows it wrote and messages it sent."""
        context = Context(self.environ, line)
        context.begun = time.time() + 60
        assert isinstance(now.tzinfo, ZoneInfo)
        context.now, context.zone = now, now.tzinfo
        context.connection = self.rows.connection
        before = context.connection.total_changes, self.sent
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(notify, "send_all", self._send)
            patch.setattr(remind, "_hand_over", self._hand_over)
            if "--notify" in line:
                notify.run(context, [])
            else:
                remind.run(context, once="--once" in line, command="true" if "--exec" in line else None)
        return context.connection.total_changes - before[0] + self.sent - before[1]

    def _send(self, messages: Mapping[str, Any]) -> dict[str, str]:
        self.sent += len(messages)
        return dict.fromkeys([name for name in messages if name == self.refused], "down")

    def _hand_over(self, _context: Context, items: list[Any], **_how: Any) -> None:
        self.sent += len(items)

    def unneeded(self, line: list[str], now: datetime) -> bool:
        return idle.unneeded(line, self.environ, now.timestamp())


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    made = Ground(tmp_path_factory.mktemp("idle"))
    yield made
    made.rows.connection.close()


@settings(max_examples=120)
@given(
    moments | changes,
    st.sampled_from((*ZONES, *CHANGING)),
    events,
    tables,
    st.sampled_from(LINES),
    st.sampled_from(("", "mail", "chat")),
    st.lists(st.integers(0, 4000), min_size=4, max_size=4),
)
def test_a_run_is_left_out_only_when_it_would_do_nothing(
    ground: Ground,
    moment: datetime,
    zone: str,
    happenings: list[tuple[str, int]],
    chosen: Any,
    line: list[str],
    refused: str,
    later: list[int],
) -> None:
    now = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    ground.rows.clear()
    fill(ground.rows, now, happenings)
    ground.settings.write_text(toml(chosen), "utf-8")
    ground.refused = refused
    ground.run(line, now)
    ground.refused = ""
    ground.run(line, now + MINUTE)
    nothing = [
        at
        for seconds in [*later, 60, 120, 3659]
        if ground.unneeded(line, at := (now.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(now.tzinfo))
    ]
    for at in nothing:
        assert ground.run(line, at) == 0, at


def test_it_is_left_out_for_an_hour_where_it_can_be(ground: Ground) -> None:
    line, now = LINES[0], datetime(2026, 11, 25, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    ground.rows.clear()
    ground.settings.write_text('[channel.mail]\nurl = "exec:true"\nquiet = "22:00-8:00"\n', "utf-8")
    ground.rows.callback(ground.rows.contact(created=now), now + 70 * MINUTE)
    ground.rows.callback(ground.rows.contact(created=now), now - 70 * MINUTE)
    assert ground.run(line, now)
    assert not ground.unneeded(line, now)
    assert not ground.run(line, now + MINUTE)
    assert not ground.unneeded(line, now)  # the clock jumped back
    assert ground.unneeded(line, now + MINUTE)
    assert ground.unneeded(line, now + 60 * MINUTE)
    assert not ground.unneeded(line, now + 61 * MINUTE)
    assert not ground.run(line, now + 61 * MINUTE)
    assert ground.unneeded(line, now + 65 * MINUTE)
    assert not ground.unneeded(line, now + 70 * MINUTE)


@pytest.fixture
def noted(tmp_path: Path) -> Ground:
    """A database without work, and a note that says so for the next hour."""
    made = Ground(tmp_path)
    made.settings.write_text('[channel.mail]\nurl = "exec:true"\n', "utf-8")
    assert made.run(LINES[0], NOON) == 0
    assert made.unneeded(LINES[0], NOON)
    return made


NOON = datetime(2026, 11, 25, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_the_note_is_for_its_owner_alone(noted: Ground) -> None:
    (note,) = Path(noted.environ["CRM_DB"]).parent.glob("*.idle*")
    assert note.stat().st_mode & 0o777 == 0o600
    assert not noted.unneeded(LINES[1], NOON)
    assert not noted.unneeded([*LINES[0], "mail"], NOON)
    assert not noted.unneeded([*LINES[0], "-o", "json"], NOON)


@pytest.mark.parametrize("name", ["TZ", "CRM_NOW", "CRM_OUTPUT", "CRM_CONFIG", "HOME", "XDG_CONFIG_HOME", "CRM_LANG"])
def test_another_environment_is_another_run(noted: Ground, name: str) -> None:
    noted.environ[name] = "/elsewhere"
    assert not noted.unneeded(LINES[0], NOON)


def test_another_zone_of_the_machine_is_another_run(noted: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    changed = noted.unneeded(LINES[0], NOON)
    monkeypatch.undo()
    time.tzset()
    assert not changed


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_whoever_writes_into_the_database_makes_the_note_void(noted: Ground, mode: str) -> None:
    noted.rows.connection.close()
    with closing(opened(Path(noted.environ["CRM_DB"]))) as other:
        other.execute(f"PRAGMA journal_mode = {mode}")
        noted.rows.connection = other
        assert noted.run(LINES[0], NOON) == 0
        other.execute("SELECT * FROM contact").fetchall()
        assert noted.unneeded(LINES[0], NOON)
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE vocabulary SET en = en || '.'")
        other.execute("COMMIT")
        assert not noted.unneeded(LINES[0], NOON)
    assert not noted.unneeded(LINES[0], NOON)


def test_a_link_to_the_database_is_followed(noted: Ground, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link.db"
    link.parent.mkdir()
    link.symlink_to(noted.environ["CRM_DB"])
    noted.environ["CRM_DB"] = str(link)
    assert noted.run(LINES[0], NOON) == 0
    assert noted.unneeded(LINES[0], NOON)
    noted.rows.contact()  # into the log beside the file, not beside the link
    assert not noted.unneeded(LINES[0], NOON)


def test_other_settings_or_another_file_make_the_note_void(noted: Ground) -> None:
    text, database = noted.settings.read_text("utf-8"), Path(noted.environ["CRM_DB"])
    noted.settings.write_text(text, "utf-8")
    assert not noted.unneeded(LINES[0], NOON)
    noted.run(LINES[0], NOON)
    assert noted.unneeded(LINES[0], NOON)
    noted.settings.unlink()
    assert not noted.unneeded(LINES[0], NOON)
    noted.settings.write_text(text, "utf-8")
    noted.run(LINES[0], NOON)
    shutil.copy2(database, database.with_suffix(".copy"))
    database.with_suffix(".copy").replace(database)
    assert not noted.unneeded(LINES[0], NOON)


def test_what_was_written_a_moment_ago_is_not_relied_on(noted: Ground) -> None:
    seen = idle.stamps(noted.environ["CRM_DB"], str(noted.settings))
    latest = max(max(stamp[3:]) for stamp in seen if stamp) / 1e9
    assert idle.settled(seen, latest + 4)
    assert not idle.settled(seen, latest + 2)
    assert not idle.settled(seen, latest - 3600)  # the clock was set back
    assert not idle.settled([None, None, None], latest + 4)


@pytest.mark.parametrize("content", ["", "\n\n\n", "x\ny\nz\n()", "0\n99999999999\n/etc/passwd\n()", "\\", "\xff"])
def test_a_note_that_is_none_says_nothing(noted: Ground, content: str) -> None:
    Path(noted.environ["CRM_DB"] + ".idle").write_bytes(content.encode("latin-1"))
    assert not noted.unneeded(LINES[0], NOON)


def test_the_command_line_leaves_it_and_heeds_it(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.db = crm.folder / "own.db"  # the fixture touches its own at every run
    crm.ok("add", "张三")
    crm.ok("config", "set", "channel.mail.url", "exec:true")
    past = time.time() - 60
    monkeypatch.setattr(idle, "settled", lambda _seen, _begun: True)
    real = {"CRM_NOW": "", "HOME": str(crm.folder)}
    crm.ok("remind", "--notify", **real)
    note = crm.db.with_name("own.db.idle")
    assert int(note.read_text("ascii").split("\n")[1]) > past
    crm.ok("remind", "--notify", "-n", **real)
    crm.ok("remind", "--notify", "-o", "json", **real)
    kept = note.read_bytes()
    declare(crm.db, "cron", 1)
    monkeypatch.setattr("crmcli.context.new_context", None)  # nothing gets that far
    crm.ok("remind", "--notify", **real)
    monkeypatch.undo()
    assert note.read_bytes() == kept
    heartbeat = read(crm.db)
    assert heartbeat is not None
    assert heartbeat.last_run_at is not None
    assert os.environ.get("CRM_NOW") is None
