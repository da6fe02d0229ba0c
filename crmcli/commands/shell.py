"""`crm --install-completion`, `--show-completion`: the script for a shell, said in the language in use."""

from pathlib import Path
from typing import NamedTuple

import typer
from typer._completion_shared import _get_shell_name, get_completion_script  # in no public module
from typer._completion_shared import install as _install

from crmcli.context import Context
from crmcli.errors import CrmError
from crmcli.i18n import _, joined

_SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")


class _Place(NamedTuple):
    """Where a shell looks for the script of a program, and what its settings must say to make it look there."""

    script: str
    settings: str = ""
    line: str = ""


_PLACES = {
    "bash": _Place(".bash_completions/{program}.sh", ".bashrc", "source '{script}'"),
    "zsh": _Place(".zfunc/_{program}", ".zshrc", "fpath+=~/.zfunc; autoload -Uz compinit; compinit"),
    "fish": _Place(".config/fish/completions/{program}.fish"),
}
"""Below the home, as Typer has them; PowerShell itself says where."""
_BASH = r"""
_{program}_completion() {{
    local IFS=$'\n'
    COMPREPLY=( $( env COMP_WORDS="${{COMP_WORDS[*]}}" COMP_CWORD=$COMP_CWORD COMP_LINE="${{COMP_LINE:0:COMP_POINT}}" \
                   {variable}=complete_bash $1 ) )
    [[ $COMPREPLY == *= ]] && compopt -o nospace
    return 0
}}

complete -o default -F _{program}_completion {program}
""".strip()
"""Typer's script for bash, with the line besides (see crmcli.completion), and no space behind a field's `=`."""


def install(context: Context, program: str) -> None:
    """Teach the shell that this was called from to complete the program; raises CrmError for one that can't."""
    shell = _shell()
    if place := _PLACES.get(shell):
        path = _put(place, program, _script(program, shell), dry_run=context.options.dry_run)
    elif context.options.dry_run:
        path = Path("$PROFILE")
    else:
        _name, path = _install(shell, program)
    context.output.message(
        _("TAB completes commands and names in {name} from the next terminal on: {path}").format(name=shell, path=path)
    )


def _put(place: _Place, program: str, script: str, *, dry_run: bool) -> Path:
    """Write the script, then the line that names it into the shell's settings, unless they have it; return its path.

    Typer would do so too, but it empties the user's settings before it writes them, and reads them as UTF-8.
    """
    from crmcli.exchange.files import replace_file

    path = Path.home() / place.script.format(program=program)
    if dry_run:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, f"{script}\n".encode())
    if place.settings:
        settings = Path.home() / place.settings
        there = settings.read_bytes() if settings.is_file() else b""
        line = place.line.format(script=path).encode()
        if line not in there:
            replace_file(settings, there + b"\n" * bool(there) + line + b"\n")
    return path


def show(_context: Context, program: str) -> None:
    """Print the shell's script; raises CrmError for a shell that can't complete."""
    typer.echo(_script(program, _shell()))


def _script(program: str, shell: str) -> str:
    variable = f"_{program.upper()}_COMPLETE"
    if shell == "bash":
        return _BASH.format(program=program, variable=variable)
    return get_completion_script(prog_name=program, complete_var=variable, shell=shell)


def _shell() -> str:
    shell = _get_shell_name() or ""
    if shell not in _SHELLS:
        raise CrmError(
            _("{name} can't be taught to complete commands").format(name=shell)
            if shell
            else _("the shell can't be told"),
            hint=_("call it from one of: {names}").format(names=joined(_SHELLS)),
        )
    return shell
