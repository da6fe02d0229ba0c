"""`crm --install-completion`, `--show-completion`: what Typer does for a shell, said in the language in use."""

import typer
from typer._completion_shared import _get_shell_name, get_completion_script  # in no public module
from typer._completion_shared import install as _install

from crmcli.context import Context
from crmcli.errors import CrmError
from crmcli.i18n import _, joined

_SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")


def install(context: Context, program: str) -> None:
    """Teach the shell that this was called from to complete the program; raises CrmError for one that can't."""
    shell, path = _install(_shell(), program)
    context.output.message(
        _("TAB completes commands and names in {name} from the next terminal on: {path}").format(name=shell, path=path)
    )


def show(_context: Context, program: str) -> None:
    """Print the shell's script, which is Typer's; raises CrmError for a shell that can't complete."""
    variable = f"_{program.upper()}_COMPLETE"
    typer.echo(get_completion_script(prog_name=program, complete_var=variable, shell=_shell()))


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
