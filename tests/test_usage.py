"""What is wrong with a command line is said in the language in use, in one line, with what to do; the code is 2."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from crmcli.app import REGISTRY, load
from crmcli.cli import global_parameters
from tests import catalogue
from tests.conftest import Crm

ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
"""Two words of English one after the other; names of options and commands have none."""

NAMED = re.compile(r"\bcrm ([a-z][a-z-]*(?: [a-z][a-z-]*)*)( [^·|;,，；、\n]+)?")
"""A command line that a message names: its words, and what comes after them."""


def commands(name: str, command: Any) -> Iterator[tuple[list[str], list[Any]]]:
    """Yield the words of every command and its own options."""
    verbs = getattr(command, "commands", {})
    yield name.split(), [param for param in command.params if param.param_type_name == "option" and not verbs]
    for verb, inner in verbs.items():
        yield from commands(f"{name} {verb}", inner)


def mistakes(option: Any) -> Iterator[list[str]]:
    """Yield ways to give an option what it does not take."""
    names = [*option.opts, *option.secondary_opts]
    if option.is_flag:
        yield from ([f"{name}=x"] for name in names if name.startswith("--"))
        return
    yield [names[0]]
    if option.type_descriptor.annotation in (int, float) or "int" in str(option.type_descriptor.annotation):
        yield from ([names[0], value] for value in ("x y", "", "1.5x", "9" * 5000))
        yield from ([names[0], str(value)] for value in beyond(option))


def beyond(option: Any) -> Iterator[int]:
    """Yield numbers just beyond what an option takes."""
    if option.min is not None:
        yield option.min - 1
    if option.max is not None:
        yield option.max + 1


@pytest.mark.parametrize("name", REGISTRY)
def test_every_wrong_value_is_told_in_the_language_in_use(crm: Crm, name: str) -> None:
    for words, options in commands(name, load(name)):
        wrong = [["--color", "red"], ["--limt", "3"], ["--quiet=x"], ["--db"]]
        for mistake in (*wrong, *(mistake for option in options for mistake in mistakes(option))):
            result = crm(*words, *mistake, CRM_LANG="zh")
            assert (result.code, result.out, result.err.count("\n")) == (2, "", 1), (words, mistake, result)
            said, _dash, hint = result.err.partition(" — ")
            assert re.search(r"[\u4e00-\u9fff].*[\u4e00-\u9fff]", said.removeprefix("错误：")), result
            assert not ENGLISH.search(re.sub("“[^”]*”", "", said)), result
            assert hint.startswith(("可选", f"详见 crm {' '.join(words)} ")), result


@pytest.mark.parametrize(
    ("line", "english", "chinese"),
    [
        (
            "list --limit 1e3",
            "--limit takes a whole number, not “1e3” — see crm list --help",
            "--limit 应为整数，而不是“1e3” — 详见 crm list --help",
        ),
        (
            "contact list --limit -1",
            "--limit is at least 0, not -1 — see crm contact list --help",
            "--limit 至少为 0，而不是 -1 — 详见 crm contact list --help",
        ),
        (
            "contact dupes --min 101",
            "--min is 1 to 100, not 101 — see crm contact dupes --help",
            "--min 为 1 到 100，而不是 101 — 详见 crm contact dupes --help",
        ),
        (
            "survey return 1 --score 101",
            "--score is 0 to 100, not 101 — see crm survey return --help",
            "--score 为 0 到 100，而不是 101 — 详见 crm survey return --help",
        ),
        (
            "complaint close 1 --satisfaction 0",
            "--satisfaction is 1 to 5, not 0 — see crm complaint close --help",
            "--satisfaction 为 1 到 5，而不是 0 — 详见 crm complaint close --help",
        ),
        (
            "survey return 1 --score many",
            "--score takes a number, not “many” — see crm survey return --help",
            "--score 应为数字，而不是“many” — 详见 crm survey return --help",
        ),
        (
            "undo last",
            "CHANGE takes a whole number, not “last” — see crm undo --help",
            "CHANGE 应为整数，而不是“last” — 详见 crm undo --help",
        ),
        (
            "list --color red",
            "--color does not take “red” — one of: auto, always, never",
            "--color 不接受“red” — 可选：auto、always、never",
        ),
        (
            "contact list --sort",
            "--sort needs a value — see crm contact list --help",
            "--sort 后面要有值 — 详见 crm contact list --help",
        ),
        ("today --yes=no", "--yes takes no value — see crm today --help", "--yes 后面不带值 — 详见 crm today --help"),
        (
            "contact shwo",
            "No such command 'shwo'; did you mean show? — see crm contact --help",
            "没有命令“shwo”；是不是 show？ — 详见 crm contact --help",
        ),
        (
            "edit 张三 --title Buyer",
            "No such command 'edit' — see crm contact edit --help",
            "没有命令“edit” — 详见 crm contact edit --help",
        ),
        (
            "rm 张三",
            "No such command 'rm' — see crm contact delete --help",
            "没有命令“rm” — 详见 crm contact delete --help",
        ),
        (
            "cancel 5",
            "No such command 'cancel' — see crm callback cancel --help",
            "没有命令“cancel” — 详见 crm callback cancel --help",
        ),
        (
            "contact list --list",  # which is like --quiet in its dashes alone
            "there is no option --list; did you mean --limit? — see crm contact list --help",
            "没有选项 --list；是不是 --limit？ — 详见 crm contact list --help",
        ),
        (
            "respond c1",
            "No such command 'respond' — see crm complaint respond --help",
            "没有命令“respond” — 详见 crm complaint respond --help",
        ),
        ("create 张三", "No such command 'create' — see crm add --help", "没有命令“create” — 详见 crm add --help"),
        (
            "company update Acme",
            "No such command 'update' — see crm company edit --help",
            "没有命令“update” — 详见 crm company edit --help",
        ),
        (
            "export contacts --vcard 9",
            "--vcard can't be “9” — one of: 4.0, 3.0",
            "--vcard 不能是“9” — 可选：4.0、3.0",
        ),
        ("xyzzy", "No such command 'xyzzy' — see crm --help", "没有命令“xyzzy” — 详见 crm --help"),
        (
            "survey send",
            "which contact? Name one, or several with --where — see crm survey send --help",
            "哪个客户？请指定，或用 --where 选多个 — 详见 crm survey send --help",
        ),
    ],
)
def test_what_is_said(crm: Crm, line: str, english: str, chinese: str) -> None:
    for language, said, error in (("en", english, "error: "), ("zh", chinese, "错误：")):
        result = crm(*line.split(), CRM_LANG=language)
        assert (result.code, result.out, result.err) == (2, "", f"{error}{said}\n")


def test_what_messages_tell_to_run_is_there() -> None:
    """Every `crm …` in a message or its translation is a command with these options."""
    shared = {name for option in global_parameters(hidden=True) for name in option.opts} | {"--help"}
    known = [found for name in REGISTRY for found in commands(name, load(name))]
    takes = {" ".join(words): {*shared, *(name for one in own for name in _names(one))} for words, own in known}
    takes["promise"] |= takes["promise add"]  # which it is short for
    groups = {words.rpartition(" ")[0] for words in takes}
    texts = {text for message in catalogue.read() for said in (message.id, message.string) for text in _texts(said)}
    told = [match for text in texts for match in NAMED.finditer(text) if match[1].split()[0] in REGISTRY]
    assert len(told) > 200
    for match in told:
        words = match[1].split()
        begins = [" ".join(words[:most]) for most in range(len(words), 0, -1)]
        command = next(begin for begin in begins if begin in takes)
        assert command not in groups or command == match[1], match[0]
        assert {*re.findall(r"(?<!\S)--[a-z-]+", match[2] or "")} <= takes[command], match[0]


def _names(option: Any) -> list[str]:
    return [*option.opts, *option.secondary_opts]


def _texts(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


@pytest.mark.parametrize("name", ["O'Brien", "李 四", "$(id)", "-1", 'say "hi"', "a;b"])
def test_a_suggested_command_can_be_copied_whoever_it_names(crm: Crm, name: str) -> None:
    suggested = crm("show", "--", name).err.partition("look with: ")[2]
    assert shlex.split(suggested)[2:] in ([name], ["--", name])
    assert crm(*shlex.split(suggested)[1:]).code == 0


def test_a_suggested_command_can_be_copied_wherever_the_file_is(crm: Crm) -> None:
    folder = crm.folder / "Application Support"
    folder.mkdir()
    suggested = crm("list", "--db", str(folder)).err.partition("e.g. ")[2]
    assert shlex.split(suggested) == ["--db", f"{folder}/crm.db"]
    new = folder / "saved.db"
    suggested = crm.ok("doctor", "--salvage", str(new)).err.partition("the new database; ")[2]
    assert shlex.split(suggested)[:3] == ["crm", "restore", str(new)]


def test_a_suggested_query_can_be_copied_whatever_the_word(crm: Crm) -> None:
    crm.ok("add", "张三", "--source", "trade fair, Köln")
    refused = crm("vocabulary", "delete", "source", "trade fair, Köln", "-y").err
    suggested = refused.partition(" — ")[2].removesuffix(" shows them\n")
    assert [row["name"] for row in crm.data(*shlex.split(suggested)[1:])] == ["张三"]


def test_who_shares_a_name_is_suggested_by_number(crm: Crm) -> None:
    crm.ok("add", "张三", "--phone", "13800138000")
    crm.ok("plan", "1", "today 18:00", "spring prices")
    assert "crm show 张三\n" in crm.ok("today").out + crm.ok("find", "spring").out
    crm.ok("add", "张三", "--phone", "13900139000")
    assert "crm show 1\n" in crm.ok("today").out
    assert "crm show 1\n" in crm.ok("find", "spring").out
    assert "crm log 1 " in crm.ok("show", "1").out


@pytest.mark.parametrize("option", ["--where", "--sort"])
def test_a_field_that_is_there_is_not_said_to_be_none(crm: Crm, option: str) -> None:
    refused = crm("list", option, "reach:x" if option == "--where" else "reach")
    assert (refused.code, refused.err.partition(" — ")[0]) == (2, "error: queries can't ask for reach")
