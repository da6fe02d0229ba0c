"""Sending a message through a channel: a command of the user's, or a service that Apprise knows."""

import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from threading import Thread, get_ident
from time import monotonic
from typing import Any

from crmcli.errors import CrmError, reason_of
from crmcli.i18n import _
from crmcli.notify.answers import bound_answers
from crmcli.notify.message import Message

PATIENCE = 60
"""Seconds that a command may take."""
LIMIT = 300
"""Seconds after which a channel has failed, well under the time after which another run takes its place: services have
limits of their own, which one that answers byte by byte never reaches."""
_LONGEST = 300
"""Characters of a failure's reason that are kept."""


def send_all(messages: Mapping[str, tuple[str, Message]]) -> dict[str, str]:
    """Send each channel's message to its address, all at the same time; return the reasons of those that failed.

    One that fails, or hangs, holds up no other.
    """
    failed = dict.fromkeys(messages, _("it took longer than {seconds} seconds").format(seconds=LIMIT))

    def send(name: str) -> None:
        failed[name] = _send(*messages[name])

    threads = [Thread(target=send, args=(name,), daemon=True) for name in messages]  # nobody waits for them at the end
    for thread in threads:
        thread.start()
    until = monotonic() + LIMIT
    for thread in threads:
        thread.join(max(0.0, until - monotonic()))
    return {name: error for name, error in failed.copy().items() if error}


def _send(address: str, message: Message) -> str:
    """Return why the message was not taken; nothing when it was."""
    try:
        if address.startswith("exec:"):
            _execute(address.removeprefix("exec:"), message)
        else:
            _through_apprise(address, message)
    except CrmError as error:
        return " — ".join(filter(None, (error.message, error.hint)))[:_LONGEST]
    except Exception as error:  # noqa: BLE001 - a hundred plug-ins of a library: whatever one raises is a failure of its channel
        return f"{type(error).__name__}: {error}"[:_LONGEST]
    return ""


def _execute(command: str, message: Message) -> None:
    """Run the user's command, without a shell, with the items as JSON on its standard input.

    What it prints goes to standard error: standard output has what was delivered, which a script may read.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the user's own command
            shlex.split(command) or [""],
            input=message.content.encode(),
            stdout=_beside(),
            check=False,
            timeout=PATIENCE,
        )
    except (ValueError, OSError, subprocess.TimeoutExpired) as error:
        raise CrmError(_("can't run {command}: {reason}").format(command=command, reason=reason_of(error))) from error
    if done.returncode:
        raise CrmError(_("{command} failed with exit code {code}").format(command=command, code=done.returncode))


def _beside() -> int:
    """Return where standard error goes; nowhere where there is none."""
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return subprocess.DEVNULL


def _through_apprise(address: str, message: Message) -> None:
    apprise = _load_apprise()
    service = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if service is None:
        raise CrmError(
            _("its address is none that Apprise knows"), hint=_("such as mailto://user:password@host, json://host/path")
        )
    # of what it takes the first is what it likes best: HTML and then text is a mail; a chat's HTML is none to speak of
    html = tuple(service.notify_format) == (apprise.NotifyFormat.HTML, apprise.NotifyFormat.TEXT)
    if "overflow" not in address:
        service.overflow_mode = apprise.OverflowMode.SPLIT  # what is too long for a service comes in parts, not cut
    with _listening(apprise.logging) as said:
        taken = service.notify(
            title=message.title,
            body=message.html if html else message.text,
            body_format=apprise.NotifyFormat.HTML if html else apprise.NotifyFormat.TEXT,
        )
        if not taken:
            raise CrmError(_reason(said, address) or _("it was not taken"))


@contextmanager
def _listening(logging: Any) -> Iterator[list[str]]:
    """Yield a list of what the library complains of in this thread: in others it sends to other channels' addresses."""
    said: list[str] = []
    thread = get_ident()
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage()) if record.thread == thread else None
    logger = logging.getLogger("apprise")
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)


def _reason(said: list[str], address: str) -> str:
    """Return what the library said last, without any part of the address that may be a secret."""
    lines = [line for text in said for line in text.splitlines() if line.strip()]
    text = lines[-1] if lines else ""
    secrets = [part for part in address.replace("/", "@").replace(":", "@").split("@") if len(part) > 3]  # noqa: PLR2004
    for secret in sorted(secrets[1:], key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _load_apprise() -> Any:
    """Return the library, an extra that costs 150 ms to import; raises CrmError when it is not installed."""
    try:
        import apprise
    except ImportError as error:
        raise CrmError(_("channels need an extra"), hint="pip install 'crmcli[notify]'") from error
    bound_answers(import_module("requests.sessions"))  # what it sends with
    return apprise
