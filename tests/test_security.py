"""What the threat model of the README promises: nobody else reads, no data reaches a shell, no terminal obeys it."""

import ast
import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from crmcli.commands import mapping
from crmcli.context import Context
from crmcli.errors import AmbiguousError, ConflictError
from crmcli.exchange.csvfile import Row
from crmcli.nouns import noun
from tests.conftest import Crm

PACKAGE = Path(__file__).parent.parent / "crmcli"
_WRITES_FOR_ONE = {"get_completion_script"}
_STARTERS = {"run", "Popen", "call", "check_call", "check_output"}
_SHELLS = {
    "os.system",
    "os.popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "eval",
    "exec",
    "pickle.loads",
}
HOSTILE = "\x1b]0;x\x07\x1b[2J[red]x[/]\u202e$(id) `id` '; DROP TABLE contact; --"


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_whatever_is_written_is_its_owners_alone(crm: Crm, umask: int) -> None:
    before = os.umask(umask)
    (crm.folder / "in").mkdir()
    (crm.folder / "in" / "list.csv").write_text("name,phone\nAnn,13800138000\nBob,1\n", "utf-8")
    given = {*crm.folder.rglob("*")}
    try:
        crm.not_begun()
        crm.db = crm.folder / "data" / "crm.db"
        crm.ok("add", "张三", "--class", "core")
        assert crm("import", str(crm.folder / "in" / "list.csv"), "--rejects", str(crm.folder / "bad.csv")).code == 6
        crm.ok("attach", "张三", str(crm.folder / "in" / "list.csv"))
        crm.ok("log", "张三", "早", "--at", "2025-01-01")
        crm.ok("log", "张三", "来访")
        crm.ok("archive", "--before", "2026-01-01", "-y")
        crm.ok("backup")
        crm.ok("remind", "--once")
        crm.ok("config", "set", "page", "20")
        crm.ok("config", "init", "--config", str(crm.folder / "new" / "config.toml"))
        crm.ok("doctor", "--salvage", str(crm.folder / "saved.db"))
        crm.ok("contact", "export-all", "张三", "--to", str(crm.folder / "all.zip"))
        for name in ("c.csv", "c.json", "c.xlsx", "c.vcf", "cards/"):
            crm.ok("export", "contacts", "--to", f"{crm.folder}/{name}")
    finally:
        os.umask(before)
    made = [path for path in crm.folder.rglob("*") if path not in given]
    assert len(made) > 20
    assert not {path: oct(path.stat().st_mode) for path in made if path.stat().st_mode & 0o077}


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield path.name, node


def test_no_shell_is_given_anything() -> None:
    for name, call in _calls():
        called = ast.unparse(call.func)
        assert called not in _SHELLS, (name, called)
        asked = called not in _WRITES_FOR_ONE and [word for word in call.keywords if word.arg == "shell"]
        assert not asked, (name, called)
        if called.startswith("subprocess.") and called.partition(".")[2] in _STARTERS:
            assert not isinstance(call.args[0], (ast.Constant, ast.JoinedStr)), (name, ast.unparse(call))


def test_a_hostile_name_is_data_everywhere(crm: Crm) -> None:
    crm.ok("add", HOSTILE, "--company", HOSTILE, "--notes", HOSTILE, "--tag", "x")
    crm.ok("log", "1", HOSTILE, "--next", "tomorrow", "--purpose", HOSTILE)
    crm.ok("complain", "1", HOSTILE)
    for arguments in (
        *(("list",), ("today",), ("show", "1"), ("find", "DROP"), ("history",), ("history", "1"), ("remind",)),
        *(("complaint", "list"), ("company", "list"), ("callback", "list"), ("contact", "delete", "1", "-n")),
        *(("today", "-o", "plain"), ("list", "--color", "always"), ("contact", "dupes"), ("show", HOSTILE)),
    ):
        result = crm(*arguments)
        said = result.out + result.err
        assert result.code in {0, 3}, result
        assert not [part for part in ("\x1b]", "\x1b[2J", "\x07", "\u202e") if part in said]


def test_a_file_of_others_is_not_changed_through_a_link_that_they_left(crm: Crm) -> None:
    target = crm.folder / "theirs"
    target.write_text("keep")
    crm.ok("add", "张三")
    (crm.folder / "backups").mkdir()
    crm.ok("backup")
    link = next((crm.folder / "backups").glob("*.db"))
    link.unlink()
    link.symlink_to(target)
    crm.ok("backup")
    assert target.read_text() == "keep"


class _Sheet(list[Row]):
    """The rows of a file whose second heading is hostile."""

    header = ("name", HOSTILE)


def test_a_question_does_not_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("\n\nn\n"))
    mapping._ask(_Sheet([Row(2, ["A", HOSTILE])]), noun("contact"), {"save_map": ""})  # type: ignore[arg-type]  # noqa: SLF001 - what asks, without a terminal
    monkeypatch.setattr(Context, "interactive", property(lambda _context: True))
    context = Context({}, [])
    with pytest.raises(ConflictError):
        context.confirm(f"replace it by {HOSTILE}.db?")
    with pytest.raises(AmbiguousError):
        context.choose(AmbiguousError(HOSTILE, candidates=[{"id": 1, "name": HOSTILE}]))
    said = capsys.readouterr().err
    assert (said.count("[red]"), "\x1b" in said, "\u202e" in said) == (5, False, False)
