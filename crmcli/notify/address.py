"""Where a channel's address is kept: it may hold a password, and must not be readable by others."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crmcli.errors import CrmError
from crmcli.i18n import N_, _

SERVICE = "crmcli"
"""The name under which a keyring keeps our addresses."""
_WHAT = N_("put the channel's address there, such as mailto://user:password@host")


def address_of(reference: str, settings: Path, environ: Mapping[str, str]) -> str:
    """Return the address that a setting holds or refers to (`env:`, `keyring:`, `file:`).

    `settings` is the file that the setting stands in. Raises CrmError when the place is empty, can't be read, or can be
    read by others.
    """
    kind, _colon, name = reference.partition(":")
    match kind:
        case "env":
            return environ.get(name, "").strip() or _missing(_("the environment has no {name}").format(name=name))
        case "keyring":
            return _from_keyring(name) or _missing(
                _("the keyring has no {name}").format(name=name), f"keyring set {SERVICE} {name}"
            )
        case "file":
            path = Path(name).expanduser()
            require_private(path)
            return path.read_text("utf-8").strip() or _missing(_("{path} is empty").format(path=path))
        case "exec":
            return reference
        case _:
            require_private(settings)
            return reference


def require_private(path: Path) -> None:
    """Raise CrmError when others than its owner may read a file that holds a secret."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise CrmError(
            _("can't read {path}: {reason}").format(path=path, reason=error.strerror), hint=_(_WHAT)
        ) from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CrmError(
            _("others can read {path}, which holds an address with its password").format(path=path),
            hint=f"chmod 600 {path}",
        )


def _missing(message: str, hint: str = "") -> str:
    raise CrmError(message, hint=hint or _(_WHAT))


def _from_keyring(name: str) -> str:
    """Return what the keyring keeps; raises CrmError when there is none to ask."""
    keyring = _load_keyring()
    try:
        return str(keyring.get_password(SERVICE, name) or "")
    except keyring.errors.KeyringError as error:
        reason = str(error).partition(". ")[0]
        raise CrmError(_("can't read the keyring: {reason}").format(reason=reason), hint=_(_WHAT)) from error


def _load_keyring() -> Any:
    """Return the library, an extra; raises CrmError when it is not installed."""
    try:
        import keyring
    except ImportError as error:
        raise CrmError(_("a keyring needs an extra"), hint="pip install 'crmcli[notify]'") from error
    return keyring
