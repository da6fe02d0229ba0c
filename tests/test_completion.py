"""TAB: what the shells are offered, by the completion that the installed scripts ask for."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crmcli.queries.reports import REPORTS
from tests.conftest import Crm
from tests.kept import filled_once


def _complete(crm: Crm, words: str, shell: str, **more: str) -> list[str]:
    """Ask as the shell's script does, in a process of its own, and return what it would offer."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(crm.folder),
        "CRM_DB": str(crm.db),
        "TZ": "UTC",
        "CRM_KEY": crm.key,
    }
    place = str(len(words.split("\n" if "\n" in words else " ")) - 1)
    asked = {
        "bash": {"_CRM_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": place},
        "zsh": {"_CRM_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": words},
        "fish": {
            "_CRM_COMPLETE": "complete_fish",
            "_TYPER_COMPLETE_ARGS": words,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
    }[shell]
    done = subprocess.run(
        [sys.executable, "-m", "crmcli"], env={**environ, **asked, **more}, capture_output=True, text=True, check=False
    )
    assert not done.stderr
    return [offer for offer in done.stdout.splitlines() if offer]


@pytest.fixture
@filled_once
def people(crm: Crm) -> Crm:
    crm.ok("add", "张三", "--company", "华东电力")
    crm.ok("add", "Ann Lee", "--company", "Acme")
    return crm


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_names_pinyin_and_commands(people: Crm, shell: str) -> None:
    assert any("张三" in offer for offer in _complete(people, "crm show 张", shell))
    assert any("zhangsan" in offer for offer in _complete(people, "crm contact show zh", shell))
    assert any("snooze" in offer for offer in _complete(people, "crm sno", shell))


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("crm report ", {*REPORTS}),
        ("crm report co", {"complaints"}),
        ("crm list -o js", {"json", "jsonl"}),
        ("crm -o t", {"table", "tsv"}),
        ("crm list --lang z", {"zh"}),
        ("crm list --color ", {"auto", "always", "never"}),
        ("crm list --dry", {"--dry-run"}),
        ("crm contact edit --no-i", {"--no-input"}),
        ("crm add X --class co", {"core", "collection"}),
        ("crm add X --class 潜", {"潜在"}),
        ("crm complain x y --severity h", {"high"}),
        ("crm log x y --kind vi", {"visit"}),
        ("crm plan x fri --kind de", {"delivery"}),
        ("crm config set sev", set()),
    ],
)
def test_values_and_global_options(people: Crm, words: str, offered: set[str]) -> None:
    offers = set(_complete(people, words, "bash"))
    assert offers == offered or (not offered and "severity.high.respond" in offers)


def test_bash_gets_its_spaces_escaped(people: Crm) -> None:
    assert _complete(people, "crm show an", "bash") == ["ann\\ Lee"]


@pytest.mark.parametrize(
    ("word", "offer"), [("Ann\\ ", "Ann\\ Lee"), ("ann\\ l", "ann\\ lee"), ('"Ann L', "Ann Lee"), ("'Ann", "Ann Lee")]
)
def test_bash_goes_on_behind_a_space(people: Crm, word: str, offer: str) -> None:
    """bash sends the words as they were typed, each on a line of its own."""
    assert _complete(people, f"crm\nshow\n{word}", "bash") == [offer]


@pytest.mark.parametrize(
    ("line", "words", "offered"),
    [
        ("crm contact edit 1 --set su", "crm contact edit 1 --set su", ["supply="]),
        ("crm contact edit 1 --set supply=", "crm contact edit 1 --set supply =", ["home", "shop"]),
        ("crm contact edit 1 --set supply=sh", "crm contact edit 1 --set supply = sh", ["shop"]),
        ("crm contact edit 1 --set supply='sh", "crm contact edit 1 --set supply = 'sh", ["shop"]),
        ("crm contact edit 1 --set 'supply=sh", "crm contact edit 1 --set 'supply=sh", ["supply=shop"]),
        ("crm contact edit 1 --set supply=商", "crm contact edit 1 --set supply = 商", ["shop"]),
        ("crm contact edit 1 --set=supply=sh", "crm contact edit 1 --set = supply = sh", ["shop"]),
        ("crm add a@b.cn --class=cor", "crm add a @ b.cn --class = cor", ["core"]),
        ("crm show a:", "crm show a :", [r"b\ c"]),
        (r"crm show a:b\ ", "crm show a : b\\\\ ", [r"b\ c"]),
        ("crm show Smith@C", "crm show Smith @ C", [r"Co\ Ltd"]),
        ("crm show ", "crm show ", [r"Smith@Co\ Ltd", r"a:b\ c"]),
    ],
)
def test_bash_parts_words_that_are_one(crm: Crm, line: str, words: str, offered: list[str]) -> None:
    """It completes what stands behind `=`, `:` and `@` alone."""
    crm.ok("add", "a:b c")
    crm.ok("add", "Smith@Co Ltd")
    crm.ok("field", "add", "contact", "supply", "--type", "choice", "--choice", "home=household,shop=商店")
    sent = re.sub(r"(?<!\\) ", "\n", words).replace("\\\\", "\\")
    assert sorted(_complete(crm, sent, "bash", COMP_LINE=line)) == offered


def test_what_a_shell_would_take_for_its_own_does_nothing(crm: Crm) -> None:
    """A name is what somebody else typed into a form: `\\$(…)` ran in zsh, and `[/red]` stopped the completion."""
    crm.ok("add", r"Evil \$(touch x)", "--company", r"\`touch y\` [/red]z")
    crm.ok("add", "Eve; $(touch x) O'Brien")
    assert _complete(crm, "crm show Ev", "bash") == [r"Eve\;\ \$\(touch\ x\)\ O\'Brien", r"Evil\ \\\$\(touch\ x\)"]
    assert _complete(crm, "crm show Ev", "fish") == [
        "Eve; $(touch x) O'Brien",
        "Evil \\$(touch x)\t/`touch y/` (/red)z",
    ]
    crm.ok("add", "~root")
    assert r"\~root" in _complete(crm, "crm show ", "bash")
    crm.ok("add", "Everett", "--company", r"\$(touch x)")
    assert _complete(crm, "crm show Ev", "zsh") == [r"""_arguments '*: :(("Everett":"/\$(touch x)"))'"""]


@pytest.fixture
@filled_once
def desk(crm: Crm) -> Crm:
    """Something open and something settled of each kind that ends."""
    crm.ok("add", "张三")
    crm.ok("add", "Ann Lee")
    crm.ok("plan", "张三", "2030-12-04 15:00", "报价")
    crm.ok("plan", "Ann Lee", "2030-12-02", "sample")
    crm.ok("plan", "Ann Lee", "2030-12-03", "over")
    crm.ok("done", "3")
    crm.ok("complain", "Ann Lee", "late")
    crm.ok("complain", "张三", "又晚了\n真的")
    crm.ok("complaint", "resolve", "1", "paid")
    crm.ok("promise", "add", "Ann Lee", "a new price", "--by", "2030-12-05")
    crm.ok("supervise", "c2", "--by", "李四", "--until", "2030-12-06")
    return crm


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("crm done ", ["2\tAnn Lee · sample · 2030-12-02", "1\t张三 · 报价 · 2030-12-04 07:00"]),
        ("crm snooze 1", ["1\t张三 · 报价 · 2030-12-04 07:00"]),
        ("crm callback cancel ", ["2\tAnn Lee · sample · 2030-12-02", "1\t张三 · 报价 · 2030-12-04 07:00"]),
        ("crm callback edit 2", ["2\tAnn Lee · sample · 2030-12-02"]),
        ("crm callback reopen ", ["3\tAnn Lee · over · 2030-12-03"]),
        ("crm complaint close ", ["c2\t张三 · 又晚了 真的", "c1\tAnn Lee · late"]),
        ("crm complaint resolve ", ["c2\t张三 · 又晚了 真的"]),
        ("crm complaint reopen c", ["c1\tAnn Lee · late"]),
        ("crm complaint assess 2", ["2\t张三 · 又晚了 真的"]),
        ("crm complaint show c2", ["c2\t张三 · 又晚了 真的"]),
        ("crm promise keep ", ["p1\tAnn Lee · a new price · 2030-12-05"]),
        ("crm promise delete P", ["P1\tAnn Lee · a new price · 2030-12-05"]),
        ("crm promise keep x", []),
        ("crm supervision report ", ["s1\t张三 · 又晚了 真的 · 2030-12-06"]),
        ("crm log 张三 x --callback ", ["2\tAnn Lee · sample · 2030-12-02", "1\t张三 · 报价 · 2030-12-04 07:00"]),
    ],
)
def test_what_still_needs_doing_is_offered_by_its_number(desk: Crm, words: str, offered: list[str]) -> None:
    assert _complete(desk, words, "fish") == offered


def test_bash_and_zsh_are_offered_numbers(desk: Crm) -> None:
    assert _complete(desk, "crm done ", "bash") == ["2", "1"]
    assert _complete(desk, "crm promise keep ", "zsh") == [
        """_arguments '*: :(("p1":"Ann Lee · a new price · 2030-12-05"))'"""
    ]


def test_without_a_database_nothing_is_offered_or_made(crm: Crm) -> None:
    crm.not_begun()
    assert _complete(crm, "crm show z", "bash") == []
    assert not Path(crm.db).exists()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "TAB completes commands and names in bash from the next terminal on: "),
        ("zh", "从下一个终端起，bash 里按 TAB "),
    ],
)
def test_what_was_installed_is_said_in_the_language_in_use(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setattr("crmcli.commands.shell._get_shell_name", lambda: "bash")
    done = crm.ok("--install-completion", CRM_LANG=language)
    assert done.out.startswith(said)
    assert done.out.count("\n") == 1
    assert "crm.sh" in (crm.folder / ".bashrc").read_text()
    script = crm.ok("--show-completion").out
    assert "complete -o default" in script
    assert 'COMP_LINE="${COMP_LINE:0:COMP_POINT}"' in script


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_the_shell_has_stays_as_it_is(crm: Crm, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    """Settings in another encoding, behind a link, keep every byte; a dry run writes nothing, a second nothing new."""
    monkeypatch.setattr("crmcli.commands.shell._get_shell_name", lambda: shell)
    mine, settings = "# 我的\nalias x=y".encode("gbk"), crm.folder / f".{shell}rc"
    (crm.folder / "mine").write_bytes(mine)
    settings.symlink_to("mine")
    assert crm.ok("--install-completion", "--dry-run").out.startswith("dry run: TAB")
    assert (settings.read_bytes(), [*crm.folder.rglob("*crm*.sh")]) == (mine, [])
    assert not {".zfunc", ".config", ".bash_completions"} & {path.name for path in crm.folder.iterdir()}
    said = crm.ok("--install-completion").out
    script = Path(said.rsplit(": ", 1)[1].strip())
    assert "complet" in script.read_text()
    once = settings.read_bytes()
    assert (once.startswith(mine), settings.is_symlink()) == (True, True)
    assert (once != mine) == (shell != "fish")
    crm.ok("--install-completion")
    assert settings.read_bytes() == once


def test_a_full_disk_costs_nobody_the_settings_of_the_shell(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crmcli.commands.shell._get_shell_name", lambda: "bash")
    settings = crm.folder / ".bashrc"
    settings.write_text("alias x=y\n")

    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    failed = crm("--install-completion")
    assert (failed.code, failed.out) == (1, "")
    assert failed.err == f"error: {crm.folder}/.bash_completions/crm.sh: No space left on device\n"
    assert settings.read_text() == "alias x=y\n"
    assert not [*(crm.folder / ".bash_completions").iterdir()]


@pytest.mark.parametrize(("shell", "said"), [("tcsh", "tcsh 不支持补全命令"), (None, "认不出当前的 shell")])
@pytest.mark.parametrize("option", ["--install-completion", "--show-completion"])
def test_a_shell_that_completes_nothing(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, option: str, shell: str | None, said: str
) -> None:
    monkeypatch.setattr("crmcli.commands.shell._get_shell_name", lambda: shell)
    refused = crm(option, CRM_LANG="zh")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(f"错误：{said} — ")
