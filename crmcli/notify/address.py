"""Where secrets are kept, such as a channel's address with its password: not readable by others."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crmcli.errors import CrmError
from crmcli.i18n import N_, _

SERVICE = "crmcli"
"""The name under which a keyring keeps our secrets."""
_WHAT = N_("put the channel's address there, such as mailto://user:password@host")


def address_of(reference: str, settings: Path, environ: Mapping[str, str], hint: str = "") -> str:
    """Return the address, or other secret, that a setting holds or refers to (`env:`, `keyring:`, `file:`).

    `settings` is the file that the setting stands in, `hint` what to do about a place that has nothing. Raises CrmError
    when the place is empty, can't be read, or can be read by others.
    """
    hint = hint or _(_WHAT)
    kind, _colon, name = reference.partition(":")
    match kind:
        case "env":
            return environ.get(name, "").strip() or _missing(_("the environment has no {name}").format(name=name), hint)
        case "keyring":
            return from_keyring(name, hint) or _missing(
                _("the keyring has no {name}").format(name=name), f"keyring set {SERVICE} {name}"
            )
        case "file":
            path = Path(name).expanduser()
            require_private(path, hint)
            return path.read_text("utf-8").strip() or _missing(_("{path} is empty").format(path=path), hint)
        case "exec":
            return reference
        case _:
            require_private(settings)
            return reference


def require_private(path: Path, hint: str = "") -> None:
    """Raise CrmError when others than its owner may read a file that holds a secret."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise CrmError(
            _("can't read {path}: {reason}").format(path=path, reason=error.strerror), hint=hint or _(_WHAT)
        ) from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CrmError(
            _("others can read {path}, which holds a secret").format(path=path),
            hint=f"chmod 600 {path}",
        )


def _missing(message: str, hint: str) -> str:
    raise CrmError(message, hint=hint)


def keep_in_keyring(name: str, secret: str) -> None:
    """Put a secret into the keyring; raises CrmError when there is none, or it does not keep it."""
    keyring = _load_keyring()
    try:
        keyring.set_password(SERVICE, name, secret)
        kept = keyring.get_password(SERVICE, name)
    except Exception as error:  # each desktop has a backend, which may raise what its bus does
        reason = str(error).partition(". ")[0]
        raise CrmError(_("the keyring took nothing: {reason}").format(reason=reason)) from error
    if kept != secret:
        raise CrmError(_("the keyring took nothing: {reason}").format(reason=name))


def from_keyring(name: str, hint: str) -> str:
    """Return what the keyring keeps, empty when that is nothing; raises CrmError when there is none to ask."""
    keyring = _load_keyring()
    try:
        return str(keyring.get_password(SERVICE, name) or "")
    except Exception as error:  # each desktop has a backend, which may raise what its bus does
        reason = str(error).partition(". ")[0]
        raise CrmError(_("can't read the keyring: {reason}").format(reason=reason), hint=hint) from error


def _load_keyring() -> Any:
    """Return the library, an extra; raises CrmError when it is not installed."""
    try:
        import keyring
    except ImportError as error:
        raise CrmError(_("a keyring needs an extra"), hint="pip install keyring") from error
    return keyring
