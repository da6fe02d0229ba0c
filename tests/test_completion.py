"""TAB: what the shells are offered, by the completion that the installed scripts ask for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crmcli.queries.reports import REPORTS
from tests.conftest import Crm
from tests.kept import filled_once


def _complete(crm: Crm, words: str, shell: str) -> list[str]:
    """Ask as the shell's script does, in a process of its own, and return what it would offer."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(crm.folder),
        "CRM_DB": str(crm.db),
        "TZ": "UTC",
        "CRM_KEY": crm.key,
    }
    asked = {
        "bash": {"_CRM_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)},
        "zsh": {"_CRM_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": words},
        "fish": {
            "_CRM_COMPLETE": "complete_fish",
            "_TYPER_COMPLETE_ARGS": words,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
    }[shell]
    done = subprocess.run(
        [sys.executable, "-m", "crmcli"], env={**environ, **asked}, capture_output=True, text=True, check=False
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


def test_what_a_shell_would_take_for_its_own_does_nothing(crm: Crm) -> None:
    """A name is what somebody else typed into a form: `\\$(…)` ran in zsh, and `[/red]` stopped the completion."""
    crm.ok("add", r"Evil \$(touch x)", "--company", r"\`touch y\` [/red]z")
    crm.ok("add", "Eve; $(touch x) O'Brien")
    assert _complete(crm, "crm show Ev", "bash") == [r"Eve\;\ \$\(touch\ x\)\ O\'Brien", r"Evil\ \\\$\(touch\ x\)"]
    assert _complete(crm, "crm show Ev", "fish") == [
        "Eve; $(touch x) O'Brien",
        "Evil \\$(touch x)\t/`touch y/` (/red)z",
    ]
    crm.ok("add", "Everett", "--company", r"\$(touch x)")
    assert _complete(crm, "crm show Ev", "zsh") == [r"""_arguments '*: :(("Everett":"/\$(touch x)"))'"""]


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
    assert "complete -o default" in crm.ok("--show-completion").out


@pytest.mark.parametrize(("shell", "said"), [("tcsh", "tcsh 不支持补全命令"), (None, "认不出当前的 shell")])
@pytest.mark.parametrize("option", ["--install-completion", "--show-completion"])
def test_a_shell_that_completes_nothing(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, option: str, shell: str | None, said: str
) -> None:
    monkeypatch.setattr("crmcli.commands.shell._get_shell_name", lambda: shell)
    refused = crm(option, CRM_LANG="zh")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(f"错误：{said} — ")
