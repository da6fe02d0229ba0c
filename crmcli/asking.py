"""What the user is asked on the terminal; and whether a shell asks instead, which completes a command line."""

import os
import sys

from crmcli.errors import ConflictError, UsageError
from crmcli.i18n import _


def completing() -> bool:
    """Return whether a shell asks what it may offer."""
    return "_CRM_COMPLETE" in os.environ or "_CRMCLI_COMPLETE" in os.environ


def ask(question: str) -> str:
    """Return what is typed. Being told to end ends a question as Ctrl-C does: what was prepared is cleared away."""
    import signal

    for name in ("SIGTERM", "SIGHUP"):  # the second when the terminal is closed; Windows has none
        end = getattr(signal, name, None)
        if end and signal.getsignal(end) is signal.SIG_DFL:
            signal.signal(end, signal.default_int_handler)
    sys.stderr.write(question)
    sys.stderr.flush()
    line = ""
    try:
        line = sys.stdin.readline()
    finally:
        if not line.endswith("\n"):  # Ctrl-D, Ctrl-C: what is printed next begins its own line
            sys.stderr.write("\n")
    return line.strip()


def unseen(question: str) -> str:
    """Return what is typed in without its being seen.

    Raises ConflictError when nothing is (Ctrl-D), UsageError for what is no text.
    """
    from getpass import getpass

    try:
        return getpass(question).strip()
    except EOFError as error:
        raise ConflictError(_("nothing was changed")) from error
    except UnicodeDecodeError as error:
        raise UsageError(_("what was typed in is not text"), hint=_("write it in UTF-8")) from error
