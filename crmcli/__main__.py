"""The entry: is anything due at all? then the daily verbs in their plain form, then the whole program.

Start-up is what a tool that runs all day costs, so each step imports only what it needs. The short ways do what the
long way does, by calling the same functions; anything unusual falls through to it.
"""

import atexit
import gc
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # the typing module is not worth its import here
    from collections.abc import Callable

    from crmcli.context import Context
    from crmcli.errors import CrmError

PLAIN = {
    "today": ("screens.today", 0),
    "remind": ("screens.remind", 0),
    "show": ("screens.show", 1),
    "find": ("screens.find", 1),
    "import": ("commands.importing", 1),
}
"""Verbs that need no parser when they stand alone: the module that runs them, and how many arguments they take."""
GREETING = ["today", "--brief"]
"""Needs no parser either, and never fails: it stands in `.bashrc`."""

_INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


def main() -> None:
    """Run the command line of this process and exit with the contract's code.

    What starting allocates is kept until the end. Looking for garbage in it costs a tenth of a write, and at the end,
    when Python would look through everything several times before it lets it go, a quarter.
    """
    gc.set_threshold(250_000)
    atexit.register(gc.freeze)
    if "CRM_DEBUG" not in os.environ:  # what Ctrl-C left half-way may fail when it is thrown away: no more can be done
        sys.unraisablehook = lambda _unraisable: None
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # before there is anything to stop, or after
        code = _INTERRUPTED
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code."""
    if _nothing_due(arguments) or _version_printed(arguments):
        return 0
    from crmcli.context import new_context
    from crmcli.render.terminal import prepare_streams, prepare_widths

    prepare_streams(os.environ)
    prepare_widths(os.environ)
    context = new_context(arguments)
    try:
        code = _caught(context, _plain if _is_plain(arguments) else _full)
    finally:
        context.close()
    return code


def _nothing_due(arguments: list[str]) -> bool:
    """Answer cron, or a login, without loading anything, when one look at the database says that nothing is due.

    Cron is answered without even that when the run before noted that there is nothing to do and nobody has written
    since.
    """
    if arguments[:1] == ["remind"]:
        from crmcli.store.idle import unneeded

        if unneeded(arguments, os.environ, time.time()):
            return True
    cron = arguments in (["remind"], ["remind", "--exit-code"])
    if not cron and arguments != GREETING:
        return False
    from crmcli.store.quick import nothing_due

    return nothing_due(whole_day=not cron)


def _version_printed(arguments: list[str]) -> bool:
    """Print the version if nothing else was asked; False when it can't be written, which the full program tells."""
    if arguments != ["--version"] or sys.stdout is None:
        return False
    from crmcli import __version__

    try:
        os.write(sys.stdout.fileno(), f"crm {__version__}\n".encode())
    except OSError:
        return False
    return True


def _is_plain(arguments: list[str]) -> bool:
    from crmcli.asking import completing

    if arguments == GREETING:
        return not completing()
    return (
        bool(arguments)
        and PLAIN.get(arguments[0], ("", -1))[1] == len(arguments) - 1
        and not any(argument.startswith("-") for argument in arguments)
        and not completing()
    )


def _plain(context: "Context") -> int:
    """Run a verb without a parser."""
    from importlib import import_module

    if context.environ.get("CRM_OUTPUT"):
        context.require_format()

    verb, *arguments = context.arguments
    module = PLAIN[verb][0]
    if context.arguments == GREETING:
        module, arguments = "screens.brief", []
    code: int = import_module(f"crmcli.{module}").run(context, *arguments)
    return code


def _full(context: "Context") -> int:
    """Run the whole program."""
    from crmcli.app import run

    return run(context)


def _caught(context: "Context", body: "Callable[[Context], int]") -> int:
    """Run the body; print what went wrong as one line and return the contract's exit code. The only catch there is."""
    from crmcli.errors import CrmError
    from crmcli.render.terminal import closed_pipe

    try:
        context.choose_language()
        code = body(context)
        context.done = True
        context.flush()
    except KeyboardInterrupt:
        return _interrupted(context)
    except BrokenPipeError:
        return closed_pipe()
    except Exception as error:
        if "CRM_DEBUG" in os.environ:
            raise
        if _by_interrupt(error):
            return _interrupted(context)
        if context.arguments == GREETING:
            return closed_pipe()
        known = error if isinstance(error, CrmError) else _fault(error, context)
        context.report(known)
        if isinstance(error, OSError):
            closed_pipe()  # what a full disk did not take would fail again at exit
        return known.code
    return code


def _by_interrupt(error: BaseException | None) -> bool:
    """Return whether Ctrl-C came first: what was broken off may fail as it is put in order."""
    while error and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


def _interrupted(context: "Context") -> int:
    """Say what was written before Ctrl-C came, since the answer may not have been printed; return the exit code."""
    if context.written:
        from crmcli.fault import undoing
        from crmcli.i18n import _

        context.note(
            _("interrupted, but change {change} was written; {undoing}").format(
                change=context.written.change, undoing=undoing(context.written)
            )
        )
    return _INTERRUPTED


def _fault(error: Exception, context: "Context") -> "CrmError":
    """Return what is no error of ours as the error that the user reads."""
    from crmcli.errors import NO_MORE_FILES, no_more_files

    if isinstance(error, OSError) and error.errno in NO_MORE_FILES:
        context.close()  # what prints this is perhaps still to be loaded
        return no_more_files()
    from crmcli.fault import fault

    return fault(error, context)


if __name__ == "__main__":
    main()
