"""Global options and variables say so when they can't be understood."""

import re
import tempfile
from pathlib import Path

import pytest

from tests.conftest import Crm


@pytest.mark.parametrize("language", ["zh", "ZH", "zh_CN.UTF-8", "zh-Hans"])
def test_a_language_is_named_in_any_form(crm: Crm, language: str) -> None:
    assert "周三" in crm.ok("today", CRM_LANG=language).out
    assert "周三" in crm.ok("today", "--lang", language).out


@pytest.mark.parametrize("language", ["fr", "english", "C", "-"])
def test_a_language_that_is_not_there_is_wrong_usage(crm: Crm, language: str) -> None:
    for result in (crm("today", CRM_LANG=language), crm("today", f"--lang={language}")):
        assert (result.code, result.out) == (2, "")
        assert f"there is no language {language} — en | zh" in result.err


def test_a_colour_that_is_not_there_is_wrong_usage(crm: Crm) -> None:
    assert crm("list", "--color", "purple").code == 2
    crm.ok("add", "张三")
    assert "\x1b[" in crm.ok("list", "--color", "always").out
    assert "\x1b[" not in crm.ok("--color=never", "list", FORCE_COLOR="1", NO_COLOR="").out


def test_a_limit_may_be_larger_than_any_number_of_records(crm: Crm) -> None:
    crm.ok("add", "张三")
    for command in (("list",), ("history",), ("find", "张")):
        assert len(crm.data(*command, "--limit", str(10**30))) == 1


def test_the_version_is_shown_wherever_it_is_asked_for(crm: Crm) -> None:
    plain = crm.ok("--version").out
    assert plain.startswith("crm ")
    assert crm.ok("--lang", "zh", "--version").out == plain
    assert "--version" in crm.ok("--help").out


@pytest.mark.parametrize("now", ["9999-12-31", "0001-01-01T00:00:00+14:00", "2199-13-01", "99999-01-01"])
def test_the_present_lies_within_the_calendar(crm: Crm, now: str) -> None:
    for result in (crm("today", "--as-of", now), crm("complain", "1", "late", CRM_NOW=now)):
        assert (result.code, result.out) == (2, "")
        assert "can't be read as a date or time" in result.err


def test_a_settings_file_that_was_named_must_be_there(crm: Crm) -> None:
    missing = str(crm.folder / "typo.toml")
    result = crm("today", "--config", missing)
    assert result.code == 2
    assert "typo.toml" in result.err
    assert crm("remind", "--once", CRM_CONFIG=missing).code == 2
    crm.ok("config", "init", "--config", missing)
    crm.ok("today", "--config", missing)


@pytest.mark.parametrize(
    ("command", "usage"),
    [
        (("add",), "crm add [OPTIONS] NAME"),
        (("list",), "crm list [OPTIONS] [QUERY]..."),
        (("remind",), "crm remind [OPTIONS] [NAME]..."),
        (("contact",), "crm contact [OPTIONS] COMMAND [ARGS]..."),
    ],
)
def test_help_speaks_of_what_is_typed_not_of_types(crm: Crm, command: tuple[str, ...], usage: str) -> None:
    out = crm.ok(*command, "--help").out
    assert f"Usage: {usage} " in out
    assert not re.search(r"<(bool|str|int|list|Path)", out)


@pytest.mark.parametrize(
    "command",
    ["add 李四", "log 张三 谈过", "plan 张三 tomorrow", "import in.csv", "config set page 5", "backup --to .", "undo"],
)
@pytest.mark.parametrize("how", ["-o", "CRM_OUTPUT"])
def test_a_format_that_there_is_not_is_told_before_anything_is_done(crm: Crm, command: str, how: str) -> None:
    crm.ok("add", "张三")
    (crm.folder / "in.csv").write_text("name\n王五\n", "utf-8")
    before, kept = sorted(crm.folder.rglob("*.[dt]*")), crm.data("history")
    arguments = [str(crm.folder / word) if word in {".", "in.csv"} else word for word in command.split()]
    refused = crm(*arguments, "-o", "josn") if how == "-o" else crm(*arguments, CRM_OUTPUT="josn")
    assert (refused.code, "no output format josn" in refused.err) == (2, True), refused
    assert crm.data("history") == kept
    assert sorted(crm.folder.rglob("*.[dt]*")) == before


def test_words_that_nothing_takes_are_told_to_be_quoted(crm: Crm) -> None:
    result = crm("add", "Ann", "Lee")
    assert (result.code, result.err) == (
        2,
        "error: “Lee” is too much; what has spaces goes in quotes — see crm add --help\n",
    )
    assert "“3pm” is too much" in crm("log", "Ann", "called", "--next", "tomorrow", "3pm").err


def test_a_dry_run_begins_no_database(crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.not_begun()
    leads, scratch = tmp_path / "leads.csv", tmp_path / "scratch"
    leads.write_text("name\nAnn\n")
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    before = {*tmp_path.rglob("*")}
    for place in ({}, {"CRM_DB": ""}, {"CRM_DB": str(tmp_path / "new" / "crm.db")}):
        assert crm.ok("add", "-n", "张三", **place).out == "dry run: Added 张三 (1)\n"
        assert crm.data("import", str(leads), "-n", **place)["created"] == 1
        assert crm("log", "-n", "张三", "hello", **place).code != 0
        assert crm("add", "-n", "张三", "--birthday", "nonsense", **place).code == 2
    assert {*tmp_path.rglob("*")} == before


@pytest.mark.parametrize("place", ["leads.csv/crm.db", "leads.csv/below/crm.db", f"{'a' * 300}.db"])
def test_a_dry_run_says_where_no_database_can_be(crm: Crm, tmp_path: Path, place: str) -> None:
    crm.not_begun()
    (tmp_path / "leads.csv").write_text("name\nAnn\n")
    tried, real = (crm("add", *options, "张三", CRM_DB=str(tmp_path / place)) for options in (["-n"], []))
    assert tried == real
    assert real.code == 7
    if place.startswith("leads"):
        assert real.err == f"error: {tmp_path}/leads.csv is a file and no folder — name a folder\n"
