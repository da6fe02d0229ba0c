"""What is written is true: the guide's examples work, the README names what there is, every command has its help."""

import re
import shlex
from datetime import datetime
from html import unescape
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from crmcli import __version__, errors
from crmcli.app import REGISTRY
from crmcli.when.moments import parse_when
from crmcli.when.periods import parse_period
from crmcli.when.repeats import looks_like_repeat, parse_repeat
from tests.conftest import NOW, Crm

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "crmcli" / "guide"
README = (ROOT / "README.md").read_text("utf-8")
PRESENT = datetime.fromisoformat(NOW).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
LANGUAGES = ["en", "zh"]


def _blocks(topic: str, language: str) -> list[str]:
    """Return the indented lines of a page: its examples."""
    lines = (GUIDE / f"{topic}.{language}.md").read_text("utf-8").splitlines()
    return [line.strip() for line in lines if line.startswith("    ")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_date_of_the_guide_is_read(language: str) -> None:
    examples = [example for line in _blocks("dates", language) for example in re.split(r" {2,}", line)]
    assert len(examples) > 30
    for example in examples:
        if looks_like_repeat(example):
            parse_repeat(example, PRESENT)
        else:
            parse_when(example, PRESENT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_length_of_the_guide_is_read(language: str) -> None:
    lengths = re.findall(r"`([^`]+)`", (GUIDE / f"dates.{language}.md").read_text("utf-8").rsplit("\n", 2)[-2])
    assert len([parse_period(length) for length in lengths if not length.startswith("--")]) > 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_query_of_the_guide_runs(crm: Crm, language: str) -> None:
    crm.ok("add", "张三")
    commands = [re.split(r" {2,}", line)[0] for line in _blocks("queries", language)]
    assert len(commands) > 10
    for command in commands:
        crm.ok(*shlex.split(command)[1:], CRM_LANG=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_complaints_of_the_guide_go_through_their_whole_life(crm: Crm, language: str) -> None:
    crm.ok("add", "张三")
    for command in _blocks("complaints", language):
        crm.ok(*shlex.split(command)[1:], CRM_LANG=language)
    assert [row["status"] for row in crm.data("complaint", "list", "--all")] == ["closed", "closed"]


def test_the_pages_of_both_languages_have_the_same_examples() -> None:
    for topic in {page.name.partition(".")[0] for page in GUIDE.glob("*.md")}:
        counts = {len(_blocks(topic, language)) for language in LANGUAGES}
        assert len(counts) == 1, topic


@pytest.mark.parametrize("page", sorted(GUIDE.glob("*.md")), ids=lambda page: page.name)
def test_a_paragraph_of_the_guide_is_one_line_so_that_every_terminal_breaks_it_where_it_ends(page: Path) -> None:
    prose = [bool(line) and not line.startswith((" ", "#")) for line in page.read_text("utf-8").splitlines()]
    assert (True, True) not in pairwise(prose)


def test_the_readme_names_every_part_of_the_house() -> None:
    tree = README.split("```\ncrmcli/\n")[1].split("```")[0]
    named = {line.split()[0].rstrip("/") for line in tree.splitlines() if re.match(r"  \S", line)}
    parts = {path.name for path in (ROOT / "crmcli").iterdir() if path.name not in {"__init__.py", "__pycache__"}}
    assert named == parts


def test_every_test_that_the_readme_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", README)
    assert len(named) > 5
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_setting_of_the_guide_is_taken(crm: Crm, language: str) -> None:
    page = (GUIDE / f"reminders.{language}.md").read_text("utf-8")
    commands = [shlex.split(line) for line in re.findall(r"^    crm (config set .*)$", page, re.MULTILINE)]
    for command in commands:
        crm.ok(*command, stdin="json://localhost\n")
    assert {row["name"] for row in crm.data("config", "list") if row["set"]} == {command[2] for command in commands}


def test_every_command_in_the_readme_and_the_guide_exists() -> None:
    pages = [README, *(page.read_text("utf-8") for page in GUIDE.glob("*.md"))]
    named = {name for page in pages for name in re.findall(r"(?:`|\$ |^ {4})crm ([a-z][a-z-]*)", page, re.MULTILINE)}
    assert named
    assert named <= REGISTRY.keys()


def test_the_guide_as_data(crm: Crm) -> None:
    topics = crm.data("guide")
    assert topics[1] == {"topic": "dates", "about": "moments, repeats and periods, in both languages"}
    page = crm.data("guide", "exit-codes")
    assert page["text"].split() == crm.ok("guide", "exit-codes", "-o", "plain").out.split()
    assert len(crm.ok("guide", "-o", "jsonl").out.splitlines()) == len(topics)


def test_the_guide_says_what_each_topic_is_about(crm: Crm) -> None:
    listed = [line.split(maxsplit=3) for line in crm.ok("guide", CRM_LANG="zh").out.splitlines()]
    assert ["crm", "guide", "fields", "各类记录由哪些字段组成"] in listed
    assert all(len(words) == 4 for words in listed)


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    drawn = re.findall(r"(\w*Error) +(\d) +(\w+)", errors.__doc__ or "")
    real = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.CrmError)]
    assert drawn == [(kind.__name__, str(kind.code), kind.kind) for kind in real]


def test_the_changelog_has_this_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_command_has_its_help(crm: Crm, name: str) -> None:
    result = crm.ok(name, "--help")
    assert "Usage" in result.out
    assert "[[" not in result.out


def test_the_texts_of_the_pictures_are_as_wide_as_their_cells() -> None:
    """A browser presses a text into the width that is said: four cells' worth of 张三 into two can't be read."""
    for picture in (ROOT / "docs").glob("*.svg"):
        texts = re.findall(r'textLength="([\d.]+)"[^>]*>([^<]+)</text>', picture.read_text("utf-8"))
        assert all(float(length) == pytest.approx(12.2 * cell_len(unescape(text))) for length, text in texts), picture
