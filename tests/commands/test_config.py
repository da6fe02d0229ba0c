"""`crm config`: what would break every later command is refused, and what is broken is named with its file."""

import os
from pathlib import Path

import pytest

from tests.conftest import Crm


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timezone", "Mars/Olympus"),
        ("country", "ZZ"),
        ("country", ""),
        ("complaint_notice", "soon"),
        ("complaint_notice", "100y"),
        ("remind.callback.before", "11 years"),
        ("return_visit.high", "100y"),
        ("severity.high.respond", "-1h"),
        ("severity.high.respond", "100y"),
        ("holidays", "mon-fri"),
        ("language", "fr"),
        ("page", "many"),
    ],
)
def test_a_value_that_nothing_could_use_is_refused(crm: Crm, tmp_path: Path, name: str, value: str) -> None:
    result = crm("config", "set", "--config", str(tmp_path / "c.toml"), name, "--", value)
    assert (result.code, len(result.err.splitlines())) == (2, 1), result
    assert not (tmp_path / "c.toml").exists()


def test_settings_are_set_and_cleared(crm: Crm, tmp_path: Path) -> None:
    config = str(tmp_path / "c.toml")
    for name, value in (("timezone", "Europe/Berlin"), ("country", "de"), ("severity.high.respond", "2h")):
        crm.ok("config", "set", name, value, CRM_CONFIG=config)
    chosen = {row["name"]: row["value"] for row in crm.data("config", "list", CRM_CONFIG=config) if row["set"]}
    assert chosen == {"timezone": "Europe/Berlin", "country": "de", "severity.high.respond": "2h"}
    assert crm.data("add", "Ann", "--phone", "030 1234567", CRM_CONFIG=config)["phones"] == ["+49301234567"]
    crm.ok("config", "set", "timezone", "", CRM_CONFIG=config)


def test_a_file_that_an_editor_on_windows_saved_is_read(crm: Crm, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('\ufefflanguage = "zh"\r\n', "utf-8")
    crm.ok("list", CRM_CONFIG=str(config))
    crm.ok("config", "set", "country", "de", CRM_CONFIG=str(config))
    chosen = {row["name"]: row["value"] for row in crm.data("config", "list", CRM_CONFIG=str(config)) if row["set"]}
    assert chosen == {"language": "zh", "country": "de"}


@pytest.mark.parametrize("said", ["", "\n", " \n"])
def test_a_secret_that_was_not_given_takes_no_other_s_place(crm: Crm, tmp_path: Path, said: str) -> None:
    """What was to give it failed, as in `pass crm/mail | crm config set channel.mail.url -`, or Enter alone."""
    config = str(tmp_path / "c.toml")
    crm.ok("config", "set", "channel.mail.url", "-", stdin=b"json://example.com\n", CRM_CONFIG=config)
    refused = crm("config", "set", "channel.mail.url", "-", stdin=said.encode(), CRM_CONFIG=config)
    assert (refused.code, refused.out) == (5, "")
    assert "nothing was changed" in refused.err
    assert "json://example.com" in Path(config).read_text()
    crm.ok("config", "set", "channel.mail.url", "", CRM_CONFIG=config)
    assert "json://example.com" not in Path(config).read_text()


@pytest.mark.parametrize("said", ["exec:", "env:", "file:", "keyring: "])
def test_a_place_without_a_name_is_refused(crm: Crm, tmp_path: Path, said: str) -> None:
    config = str(tmp_path / "c.toml")
    refused = crm("config", "set", "channel.desk.url", said, CRM_CONFIG=config)
    assert refused.code == 2
    assert "it wants env:VARIABLE | keyring:NAME" in refused.err
    assert not Path(config).exists()


@pytest.mark.parametrize("said", ["env:", "exec:", "exec:pass crm"])
def test_a_key_never_comes_from_a_command(crm: Crm, tmp_path: Path, said: str) -> None:
    config = tmp_path / "c.toml"
    for result in (
        crm("config", "set", "key", said, CRM_CONFIG=str(config)),
        crm("config", "set", "key", "-", stdin=said, CRM_CONFIG=str(config)),
    ):
        assert result.code == 2
        assert result.err.endswith("it wants env:VARIABLE | keyring:NAME | file:PATH\n")
    assert not config.exists()


@pytest.mark.parametrize(("said", "kept"), [("k.txt", "{}/k.txt"), ("~/k.txt", "~/k.txt"), ("/run/k", "/run/k")])
def test_a_file_with_a_secret_is_found_from_any_folder(
    crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, kept: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("key", "channel.me.url"):
        crm.ok("config", "set", name, f"file:{said}")
        assert crm.ok("config", "get", name, CRM_KEY=crm.key or "x").out.strip() == f"file:{kept.format(tmp_path)}"


def test_a_link_to_itself_is_no_fault_of_the_program(crm: Crm, tmp_path: Path) -> None:
    loop = tmp_path / "c.toml"
    loop.symlink_to(loop)
    refused = crm("config", "set", "country", "de", CRM_CONFIG=str(loop))
    assert (refused.code, len(refused.err.splitlines())) == (2, 1), refused
    assert str(loop) in refused.err
    assert crm("export", "contacts", "--to", str(loop)).code in (0, 1, 2)


def test_a_wrong_zone_is_seen_and_mended(crm: Crm, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('timezone = "Mars/Olympus"\n')
    assert crm("today", CRM_CONFIG=str(config)).code == 2
    assert "Mars/Olympus" in [row["value"] for row in crm.data("config", "list", CRM_CONFIG=str(config))]
    crm.ok("config", "set", "timezone", "UTC", CRM_CONFIG=str(config))
    crm.ok("today", CRM_CONFIG=str(config))


def test_each_fault_of_the_settings_is_mended_by_a_command(crm: Crm, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('# mine\npage = "many"\ncountry = 5\nseverity = 5\n')
    for name, value in (("page", "20"), ("severity.high.respond", "2h"), ("country", "DE")):
        assert crm("today", CRM_CONFIG=str(config)).code == 2
        assert str(crm.data("config", "set", name, value, CRM_CONFIG=str(config))["value"]) == value
    crm.ok("today", CRM_CONFIG=str(config))
    assert config.read_text().startswith("# mine\n")
    assert config.stat().st_mode & 0o777 == 0o600


def test_settings_that_cannot_be_read_are_named(crm: Crm, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    for text in ("a = " + "[" * 9000, "colour = 1", "country = 5", "page = -1", "language = [", 'language = "fr"'):
        config.write_text(text)
        result = crm("today", CRM_CONFIG=str(config))
        assert result.code == 2
        assert str(config) in result.err
        assert str(config) in crm.ok("config", "path", CRM_CONFIG=str(config), COLUMNS="300").out


def test_settings_without_an_end_are_refused(crm: Crm) -> None:
    ended = crm("list", CRM_CONFIG="/dev/zero")
    assert (ended.code, "too long" in ended.err) == (2, True)


def test_a_value_with_which_the_settings_could_not_be_read_is_refused(crm: Crm) -> None:
    crm.ok("config", "set", "page", "20")
    refused = crm("config", "set", "user", "x" * 1_000_000)
    assert (refused.code, "the value for user is too long" in refused.err) == (2, True)
    assert crm.ok("config", "get", "page").out == "20\n"


def test_settings_that_others_may_change_are_told(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("page = 5\n")
    file.chmod(0o622)
    crm.ok("add", "Ann")
    assert "others may change the settings" in crm("doctor", CRM_CONFIG=str(file)).out
    file.chmod(0o600)
    assert "others may change" not in crm("doctor", CRM_CONFIG=str(file)).out


def test_of_two_changes_at_once_both_are_kept(crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    config = tmp_path / "c.toml"
    crm.ok("config", "set", "country", "de", CRM_CONFIG=str(config))

    def while_another_changes_it(handle: int, _operation: int) -> None:
        assert os.path.samestat(os.fstat(handle), tmp_path.stat())
        config.write_text('country = "fr"\n', "utf-8")  # what the one that was waited for has written

    monkeypatch.setattr(fcntl, "flock", while_another_changes_it)
    crm.ok("config", "set", "timezone", "Europe/Berlin", CRM_CONFIG=str(config))
    assert 'country = "fr"' in config.read_text("utf-8")


def test_what_has_no_place_in_the_file_is_refused(crm: Crm, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('severity = {low = {respond = "2d"}}\n')
    refused = crm("config", "set", "severity.high.resolve", "8d", CRM_CONFIG=str(config))
    assert (refused.code, len(refused.err.splitlines())) == (2, 1), refused
    assert "[severity.high]" in refused.err
    assert config.read_text() == 'severity = {low = {respond = "2d"}}\n'


def test_settings_that_were_written_by_hand_stay_readable(crm: Crm, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('severity.low.respond = "2d"\ncalendar.alarm = "5m"')
    for name, value in (("page", "20"), ("severity.high.resolve", "8d")):
        crm.ok("config", "set", name, value, CRM_CONFIG=str(config))
    chosen = {row["name"]: row["value"] for row in crm.data("config", "list", CRM_CONFIG=str(config)) if row["set"]}
    assert chosen == {"severity.low.respond": "2d", "calendar.alarm": "5m", "page": 20, "severity.high.resolve": "8d"}
