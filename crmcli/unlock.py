"""Where a run gets the key of an encrypted database from: the environment, the setting `key`, or the user."""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from crmcli.config import Settings
from crmcli.errors import CrmError, StoreError, UsageError
from crmcli.i18n import N_, _
from crmcli.notify.address import address_of, from_keyring, keep_in_keyring
from crmcli.store.keys import VARIABLE

_KEYRING = "keyring:"
_RANDOM_BYTES = 32
_WHAT = N_("put the key of the database there")
_WHERE = N_("name where it is: env:VARIABLE, keyring:NAME or file:PATH")

Ask = Callable[[str], str | None]
"""Asks the user for a key; returns None where nobody can be asked."""


class Keyholder:
    """Gives a run its key; whatever it takes to get it is done once, when it is wanted."""

    def __init__(self, environ: Mapping[str, str], settings: Settings, ask: Ask, *, dry_run: bool) -> None:
        self._environ = environ
        self._settings = settings
        self._ask = ask
        self._dry_run = dry_run
        self._typed = ""
        self.made = ""
        """The name under which a random key was put into the keyring."""

    def __call__(self, path: Path | None) -> str:
        """Return the key of an encrypted file; of none, the key of a new database, empty where that is plain.

        Raises StoreError when the key can't be had from where it should be.
        """
        key = self._typed or self._set
        if not key and path:
            key = self._typed = self._ask(_("key of {path}: ").format(path=path)) or ""
        return key

    @cached_property
    def _set(self) -> str:
        """The key that is set; empty when none is."""
        key = self._environ.get(VARIABLE, "")
        reference = self._settings.text("key")
        return key or (self._at(reference) if reference else "")

    def _at(self, reference: str) -> str:
        """Return the key that a reference leads to."""
        if reference.startswith("exec:"):
            raise UsageError(_("a key is never the answer of a command"), hint=_(_WHERE))
        try:
            return address_of(reference, self._settings.path, self._environ, _(_WHAT))
        except CrmError as error:
            raise StoreError(error.message, hint=error.hint) from error

    def first(self) -> str:
        """Return the key for encrypting what is plain: the one that is set, else one that is typed in.

        Where the setting names a place in a keyring that has nothing yet, a random key is put there.
        """
        reference = self._settings.text("key")
        if not self._environ.get(VARIABLE) and reference.startswith(_KEYRING):
            self._typed = self._made(reference)
        hint = _("set {variable}, or say where the key is: crm config set key keyring:NAME").format(variable=VARIABLE)
        self._typed = self._typed or self._set or self._chosen(_("no key is set"), hint)
        return self._typed

    def next(self, reference: str) -> str:
        """Return another key for what is encrypted: from where the reference says, else typed in."""
        if not reference:
            return self._chosen(
                _("it is encrypted already, and no other key is named"),
                "crm encrypt --new-key env:VARIABLE | keyring:NAME | file:PATH",
            )
        if not reference.startswith(("env:", "file:", _KEYRING)):
            raise UsageError(
                _("a key is never taken on a command line"),
                hint=_(_WHERE),
            )
        return self._made(reference) if reference.startswith(_KEYRING) else self._at(reference)

    def _made(self, reference: str) -> str:
        """Return the key in a keyring; where it has none of this name, put a random one there."""
        name = reference.removeprefix(_KEYRING)
        try:
            key = from_keyring(name, _(_WHAT))
            if not key:
                from secrets import token_hex

                key = token_hex(_RANDOM_BYTES)
                if not self._dry_run:
                    keep_in_keyring(name, key)
                    self.made = name
        except CrmError as error:
            raise StoreError(error.message, hint=error.hint) from error
        return key

    def _chosen(self, problem: str, hint: str) -> str:
        """Let the user type in a new key, twice; raises StoreError with this problem when nobody can."""
        key = self._ask(_("new key: "))
        if key is None:
            raise StoreError(problem, hint=hint)
        if not key or self._ask(_("once more: ")) != key:
            raise UsageError(_("that was not the same twice; nothing was changed"))
        return key
