"""The short ways of `__main__` say what the whole program says, whatever the state and the command line."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.config import load_settings
from crmcli.queries.agenda import read_day, read_due
from crmcli.queries.reader import Reader
from crmcli.screens.due import plans
from crmcli.screens.today import counts
from crmcli.store import quick
from crmcli.store.search import rebuild
from tests.conftest import PLAIN_ONLY, Crm, Result
from tests.rows import NOW, Rows, days

HOUR = timedelta(hours=1)
QUICK = PLAIN_ONLY
"""The quick look leaves an encrypted file to the program: it has no key."""


def _empty(_rows: Rows) -> None:
    """Leave it as it is."""


def _quiet(rows: Rows) -> None:
    rows.callback(rows.contact(), "2026-12-24")


def _busy(rows: Rows) -> None:
    who = rows.contact("张三", class_="core", birthday="1988-11-25", title="厂长", notes="a\n[red]b\x1b[31m")
    other = rows.contact("Ann O'Brien", class_="collection", created=NOW - days(50), birthday="--11-27")
    rows.contact("张三")
    for hours in (-50, -1, 0, 1, 30):
        rows.callback(who, NOW + hours * HOUR, purpose="样品")
    rows.callback(other, "2026-11-25")
    rows.complaint(who, NOW - HOUR, NOW + HOUR)
    rows.followup(other, NOW - days(40), text="样品 sent")
    rows.promise(who, NOW + HOUR)
    rows.supervision(other, "2026-11-24", promise_id=rows.promise(other, "2026-11-20", text="样品 by mail"))


STATES = {"empty": _empty, "quiet": _quiet, "busy": _busy}
LINES = (
    ["today"],
    ["today", "--brief"],
    ["remind"],
    ["show", "1"],
    ["show", "张三"],
    ["show", "ann"],
    ["show", "nobody"],
    ["find", "样品"],
    ["find", "张"],
    ["find", ""],
    ["find", "nothing"],
    ["show"],
    ["find"],
    ["today", "1"],
    ["show", "a", "b"],
)
ENVIRONMENTS: tuple[dict[str, str], ...] = (
    {},
    {"CRM_LANG": "zh"},
    {"CRM_OUTPUT": "json"},
    {"CRM_OUTPUT": "csv"},
    {"CRM_OUTPUT": "nonsense"},
    {"COLUMNS": "40"},
    {"FORCE_COLOR": "1", "NO_COLOR": ""},
    {"CRM_NOW": "nonsense"},
    {"CRM_CONFIG": "/dev/null/x"},
)


def whole(crm: Crm, line: list[str], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Result:
    """Run a command line through Typer, with nothing shortened."""
    with monkeypatch.context() as patch:
        patch.setattr("crmcli.__main__._is_plain", lambda _arguments: False)
        patch.setattr("crmcli.__main__._nothing_due", lambda _arguments: False)
        return crm(*line, **environment)


@pytest.mark.parametrize("state", STATES)
def test_plain_and_whole_print_the_same(state: str, crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Rows(crm.db)
    STATES[state](rows)
    rebuild(rows.connection)
    for line in LINES:
        for environment in ENVIRONMENTS:
            assert crm(*line, **environment) == whole(crm, line, environment, monkeypatch), (line, environment)


@pytest.mark.parametrize("table", ["name,phone\n张三,13800138000\nBob,12\n", "姓名\n李四\n", "shoe size\n42\n", ""])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_plain_import_does_the_same(
    table: str, environment: dict[str, str], crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = crm.folder / "leads.csv"
    for name in (str(file), "nowhere.csv", str(crm.folder)):
        file.write_text(table, "utf-8")
        plain = crm("import", name, **environment)
        kept = crm("contact", "list", "--columns", "id,name,phones").out, crm("history").out
        crm.anew()
        assert whole(crm, ["import", name], environment, monkeypatch) == plain
        assert (crm("contact", "list", "--columns", "id,name,phones").out, crm("history").out) == kept
        crm.anew()


ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu", "UTC")
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(lambda moment: moment.replace(microsecond=0))  # noqa: DTZ001 - made aware below
minutes = st.sampled_from((0, 1, -1, 59, 60, 61, -1440, 1440, 600, -600)) | st.integers(-100_000, 100_000)
events = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "moment",
                "day",
                "answer",
                "solution",
                "birthday",
                "forgotten",
                "tagged",
                "promise",
                "promised day",
                "report",
                "settled",
            )
        ),
        minutes,
    ),
    max_size=2,
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rows]:
    folder = tmp_path_factory.mktemp("quick")
    rows = Rows(folder / "crm.db")
    rows.connection.execute("PRAGMA synchronous = OFF")
    rows.connection.execute(
        'INSERT INTO vocabulary ("set", code, en, zh, aliases, position, cadence_days, hidden) '
        "VALUES ('tag', 'vip', 'vip', 'vip', '', 1, 10, 0)"
    )
    before = dict(os.environ)
    os.environ.update({"HOME": str(folder), "CRM_DB": str(folder / "crm.db")})
    for name in ("CRM_NOW", "CRM_OUTPUT", "CRM_CONFIG", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "PYTHONTZPATH"):
        os.environ.pop(name, None)
    yield rows
    os.environ.clear()
    os.environ.update(before)
    time.tzset()


def fill(rows: Rows, now: datetime, happenings: list[tuple[str, int]]) -> None:
    """Add what becomes due so many minutes from now."""
    for kind, ahead in happenings:
        moment = now.astimezone(UTC) + timedelta(minutes=ahead)
        local = moment.astimezone(now.tzinfo)
        if kind == "birthday":
            rows.contact(birthday=f"2000-{local:%m-%d}", created=now)
        elif kind == "forgotten":
            rows.contact(class_="core", created=moment - days(30))
        elif kind == "tagged":
            who = rows.contact(created=moment - days(10))
            rows.connection.execute("INSERT INTO tag (contact_id, name, key) VALUES (?, 'vip', 'vip')", (who,))
        elif kind in ("answer", "solution"):
            rows.complaint(rows.contact(created=now), *((moment, None) if kind == "answer" else (None, moment)))
        elif kind in ("report", "settled"):
            who = rows.contact(created=now)
            promise = rows.promise(who, "2099-01-01", status="open" if kind == "report" else "kept")
            rows.supervision(who, local.date().isoformat(), promise_id=promise)
        elif kind in ("promise", "promised day"):
            rows.promise(rows.contact(created=now), moment if kind == "promise" else local.date().isoformat())
        else:
            rows.callback(rows.contact(created=now), moment if kind == "moment" else local.date().isoformat())


def looked(now: datetime, *, whole_day: bool = False) -> bool:
    """Return whether the quick look finds nothing due at that moment, or on the rest of that day."""
    names = ("localtime", "gmtime", "strftime", "mktime", "tzset")
    clock = SimpleNamespace(time=now.timestamp, **{name: getattr(time, name) for name in names})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick, "time", clock)
        return quick.nothing_due(whole_day=whole_day)


def answers(rows: Rows, now: datetime) -> tuple[bool, list[str]]:
    """Return whether the quick look finds nothing due at that moment, and what the whole program finds."""
    nothing = looked(now)
    items = read_due(Reader(rows.connection, now), within=timedelta(), plans=plans(load_settings(Path("none"))))
    return nothing, [item["occurrence"] for item in items]


@QUICK
@settings(max_examples=150)
@given(moments, st.sampled_from(ZONES), events)
def test_the_quick_look_says_nothing_only_when_nothing_is_due(
    shared: Rows, moment: datetime, zone: str, happenings: list[tuple[str, int]]
) -> None:
    now = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    os.environ["TZ"] = zone
    time.tzset()
    shared.clear()
    fill(shared, now, happenings)
    nothing, due = answers(shared, now)
    assert not (nothing and due)
    if not happenings:
        assert nothing


@QUICK
@settings(max_examples=150)
@given(moments, st.sampled_from(ZONES), events)
def test_a_greeting_is_left_out_only_when_there_is_nothing_to_say(
    shared: Rows, moment: datetime, zone: str, happenings: list[tuple[str, int]]
) -> None:
    now = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    os.environ["TZ"] = zone
    time.tzset()
    shared.clear()
    fill(shared, now, happenings)
    day = read_day(Reader(shared.connection, now), birthday_days=0, forgotten_rows=1, limit=1)
    assert not (looked(now, whole_day=True) and counts(day))


@QUICK
def test_the_quick_look_answers_where_it_can(shared: Rows) -> None:
    os.environ["TZ"] = "Asia/Shanghai"
    time.tzset()
    shared.clear()
    shared.callback(shared.contact(class_="core", birthday="1988-11-26", created=NOW - days(29)), "2026-11-26")
    shared.complaint(shared.contact(), NOW + 2 * HOUR, NOW + days(3))
    assert answers(shared, NOW) == (True, [])
    assert answers(shared, NOW + HOUR)[0] is False


@QUICK
@pytest.mark.parametrize("name", ["CRM_NOW", "CRM_OUTPUT", "CRM_CONFIG", "XDG_CONFIG_HOME", "PYTHONTZPATH"])
def test_the_quick_look_leaves_anything_unusual_to_the_program(
    shared: Rows, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shared.clear()
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    assert quick.nothing_due()
    monkeypatch.setenv(name, "x")
    assert not quick.nothing_due()


@QUICK
@pytest.mark.parametrize("zone", ["", "CST-8", ":Asia/Shanghai", "/usr/share/zoneinfo/UTC", "No/Where"])
def test_the_quick_look_wants_a_zone_it_knows(shared: Rows, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    shared.clear()
    monkeypatch.setenv("TZ", zone)
    assert not quick.nothing_due()


@QUICK
def test_the_quick_look_leaves_settings_and_missing_files_to_the_program(
    shared: Rows, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    shared.clear()
    monkeypatch.setenv("CRM_DB", str(tmp_path / "none.db"))
    assert not quick.nothing_due()
    (tmp_path / "none.db").write_text("no database at all")
    assert not quick.nothing_due()
    monkeypatch.undo()
    monkeypatch.setenv("TZ", "UTC")
    settings_file = Path(os.environ["HOME"]) / ".config/crmcli/config.toml"
    settings_file.parent.mkdir(parents=True)
    settings_file.touch()
    assert not quick.nothing_due()
    settings_file.unlink()
    assert quick.nothing_due()
