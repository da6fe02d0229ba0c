from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import UsageError
from crmcli.when.zone import known_zone, load_zone, local_zone


@pytest.mark.parametrize(
    ("tz", "expected"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (":America/New_York", "America/New_York"),
        ("/usr/share/zoneinfo/Asia/Shanghai", "Asia/Shanghai"),
        (":/usr/share/zoneinfo/Asia/Shanghai", "Asia/Shanghai"),
        ("CST-8", "Etc/GMT-8"),
        ("EST5", "Etc/GMT+5"),
        ("<+08>-8", "Etc/GMT-8"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "Asia/Tokyo"),
        ("../../etc/passwd", "Asia/Tokyo"),
        (":/dev/zero", "Asia/Tokyo"),
        ("/etc/passwd", "Asia/Tokyo"),
        ("/etc", "Asia/Tokyo"),
        ("nonsense", "Asia/Tokyo"),
        ("", "Asia/Tokyo"),
    ],
)
def test_tz_comes_first_and_nonsense_falls_back(tz: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "timezone").write_text("Asia/Tokyo\n", "utf-8")
    assert local_zone({"TZ": tz}, tmp_path) == expected


def test_the_machines_files_are_asked_in_order(tmp_path: Path) -> None:
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Europe/Paris")
    assert local_zone({}, tmp_path) == "Europe/Paris"
    (tmp_path / "timezone").write_bytes(b"\xff\xfe broken")
    assert local_zone({}, tmp_path) == "Europe/Paris"
    (tmp_path / "timezone").write_text("Asia/Tokyo\n", "utf-8")
    assert local_zone({}, tmp_path) == "Asia/Tokyo"


@pytest.mark.parametrize("tz", ["{file}", ":{file}", ""])
def test_a_file_that_is_a_zone_or_leads_to_one(tz: str, tmp_path: Path) -> None:
    link, copy = tmp_path / "link", tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Europe/Paris")
    copy.write_bytes(Path("/usr/share/zoneinfo/Asia/Shanghai").read_bytes())  # as many containers have it
    assert local_zone({"TZ": tz.format(file=copy)}, tmp_path) == "Asia/Shanghai"
    if tz:
        assert local_zone({"TZ": tz.format(file=link)}, tmp_path) == "Europe/Paris"
        assert known_zone(tz.format(file=copy))


@pytest.mark.parametrize(
    ("offset", "expected"), [(8 * 3600, "Etc/GMT-8"), (-5 * 3600, "Etc/GMT+5"), (0, "UTC"), (19800, "UTC")]
)
def test_without_files_the_offset_is_taken(
    offset: int, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Now:
        tm_gmtoff = offset

    monkeypatch.setattr("crmcli.when.zone.time.localtime", Now)
    assert local_zone({}, tmp_path) == expected


@pytest.mark.parametrize(
    "key", ["", "Nowhere", "Europe", "../../etc/passwd", "/etc/passwd", "a\0b", "x" * 5000, "\ud800"]
)
def test_a_hostile_name_is_refused(key: str) -> None:
    with pytest.raises(UsageError, match="time zone"):
        load_zone(key)


@given(st.text(max_size=40))
def test_any_name_is_a_zone_or_refused(key: str) -> None:
    with suppress(UsageError):
        load_zone(key)
    load_zone(local_zone({"TZ": key}))
