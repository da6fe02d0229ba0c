"""Command lines made from the program's own declarations and hostile text: honest exit codes, data printed as data."""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from crmcli.app import REGISTRY, load
from crmcli.cli import global_parameters
from crmcli.config import SETTINGS
from crmcli.render.output import FORMATS
from tests.faults.machine import Machine, require_honest

LINES = 25
"""Command lines of a round, on one database: what one stores, another prints."""
_SET = 0.15
"""How often a command line has settings of its own."""
HOSTILE = (
    *("", " ", "\u3000", "-", "--", "---", "-1", "0", "9" * 30, "9" * 5000, "1e309", "NaN", "٣", "Ⅷ", "½"),
    *("\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "a\rb\nc\td\x0be\x85f\u2028g", "\x7f\x80\x9b31m", "\x08\x08rm"),
    *("[/red]x", "[bold]x[/]", "[link=http://x]y", "\u202eabc\u2066d", "\u200fא", "\udce4\udcff", "x\udc80", "\ufeffx"),
    *("'; DROP TABLE contact; --", '" OR 1=1 --', "%s%n%x", "{0} {name} {", "{{x}}", "${HOME}", "$(id)", "`id`", "\\"),
    *("=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", '{"a":', "[[[[", "<b>x</b>", "&amp;", "a=b", "=", "a=", ":", "a:b:c"),
    *(
        "x" * 1_000_000,
        "张" * 50_000,
        "e\u0301" * 500,
        "👩‍👩‍👧‍👦" * 20,
        "\u200d" * 50,
        "(" * 3000,
        "not " * 2000,
        "a or " * 3000,
    ),
    *("2026-13-45", "9999-12-31", "0000-00-00", "明天下午99点", "FREQ=SECONDLY", "FREQ=DAILY;COUNT=99999999999"),
    *("in 999999999999 days", "+99999999999999999999d", "every 0 days", "每0天", "12/01/02/03", "25:61", "T", "P1D"),
    *("last_contact<-1d", 'name:"', "field:", "-class:x", "a or", "or", "( )", "phone:*", "name~[", "created>tomorrow"),
)
SANE = (
    *("1", "2", "3", "c1", "张三", "zs", "Ann", "vip", "core", "high", "tomorrow 10:00", "fri", "每周一", "+3d", "2h"),
    *(
        "13800138000",
        "a@b.cn",
        "wechat:zs",
        "class:core",
        "x=y",
        "name",
        "-name,id",
        "call",
        "email",
        "yes",
        "2026-11-20",
    ),
)
_PATHS = (
    "new.csv",
    "new.json",
    "new.vcf",
    "new.ics",
    "new.xlsx",
    "folder/",
    "in.csv",
    "crm.db",
    "none.db",
    "b\x1b[31m.csv",
)
"""Where fuzz may write: never outside its folder."""
_FILES = ("FILE", "PATH", "FOLDER", "DIR")
_NEVER = {"--exec", "--install", "--uninstall", "--notify", "--test", "--status"}
"""What runs other programs, or would change the machine."""
_OPENS = ("attachment", "open")
_PRINTS_DATA = {"export", "calendar", "report"}


class Declared(NamedTuple):
    """A command: the words that call it, and what it takes."""

    words: tuple[str, ...]
    parameters: tuple[Any, ...]


@cache
def commands() -> tuple[Declared, ...]:
    """Return every command that the program declares."""
    return tuple(found for name in REGISTRY for found in _below(load(name), (name,)) if found.words != _OPENS)


def _below(command: Any, words: tuple[str, ...]) -> Iterator[Declared]:
    if hasattr(command, "commands"):
        for name, verb in command.commands.items():
            yield from _below(verb, (*words, name))
    else:
        yield Declared(words, tuple(command.params))


def line(chance: Random) -> list[str]:
    """Return a command line."""
    command = chance.choice(commands())
    words = list(command.words)
    for parameter in (*command.parameters, *global_parameters(hidden=True)):
        option = getattr(parameter, "is_flag", None)
        shared = parameter not in command.parameters
        if _NEVER & {*parameter.opts}:
            continue
        if option is None:
            words += _arguments(chance, parameter)
        elif chance.random() < (0.01 if shared else 0.08):
            name = chance.choice([*parameter.opts, *parameter.secondary_opts])
            words += [name] if option else [name, _value(chance, parameter)]
    if chance.random() < 0.1:
        words.insert(chance.randrange(len(words) + 1), _text(chance))
    return [word.replace("\0", "") for word in words]


def _arguments(chance: Random, parameter: Any) -> list[str]:
    """Return what stands for an argument: usually as many values as it wants."""
    count = chance.randrange(3) if parameter.nargs == -1 else chance.choice((1, 1, 1, 1, 0, 2))
    return [_value(chance, parameter) for _number in range(count)]


def _value(chance: Random, parameter: Any) -> str:
    metavar = parameter.metavar or ""
    if any(word in metavar for word in _FILES):
        return chance.choice(_PATHS)
    if metavar == "FORMAT":
        return chance.choice([*FORMATS, _text(chance)])
    return _text(chance)


def _text(chance: Random) -> str:
    """Return a value: as users type it, hostile, or made of parts of both."""
    kind = chance.random()
    if kind < 0.6:
        return chance.choice(SANE)
    if kind < 0.9:
        return chance.choice(HOSTILE)
    return "".join(chance.choice((*HOSTILE, *SANE))[:20] for _part in range(chance.randrange(1, 5)))


def _settings(folder: Path, chance: Random) -> dict[str, str]:
    """Now and then write settings, of those that there are, with any values; return what makes them count."""
    if chance.random() > _SET:
        return {}
    file = folder / "settings.toml"
    names = [setting.name.replace("NAME", "me") for setting in SETTINGS]
    lines = []
    for _number in range(chance.randrange(4)):
        value = chance.choice([json.dumps(_text(chance)[:500]), "0", "7", "-1", "9" * 30, "true", "1e400", "[]"])
        lines.append(f"{chance.choice(names)} = {value}\n")
    file.write_bytes("".join(lines).encode("utf-8", "surrogateescape"))
    return {"CRM_CONFIG": str(file)}


def try_one(folder: Path, seed: int) -> str:
    """Run a round."""
    return try_lines(folder, Random(seed))  # noqa: S311 - the same every time


def try_lines(folder: Path, chance: Random, count: int = LINES) -> str:
    """Run so many command lines on one database."""
    home = Machine(folder)
    home.ok("add", "张三", "--phone", "13800138000", "--class", "core", "--company", "华东电力")
    home.ok("add", "Ann", "--tag", "vip")
    home.ok("log", "张三", "来访", "--next", "tomorrow 10:00")
    home.ok("complain", "张三", "晚了")
    for _number in range(count):
        text = "\n".join(",".join(_text(chance)[:500] for _cell in range(3)) for _row in range(5))
        (folder / "in.csv").write_bytes(f"name,phone,notes\n{text}\n".encode("utf-8", "surrogateescape"))
        arguments = line(chance)
        around = {"PATH": "/nowhere", "TMPDIR": str(folder), **_settings(folder, chance)}
        ended = home.run(*arguments, stdin=os.fspath(folder / "in.csv"), **around)
        for_eyes = {*arguments} & {"-o", "--output", *_PRINTS_DATA} == set()
        require_honest(ended if for_eyes else ended._replace(out=""), arguments)
    if home.db.exists():
        home.examined()
    return f"{count} command lines"
