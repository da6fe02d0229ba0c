"""`crm encrypt`, `crm decrypt`: the database file encrypted at rest, under another key, or plain again."""

from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.context import Context
from crmcli.errors import ConflictError
from crmcli.i18n import _
from crmcli.nouns import Field, Noun
from crmcli.options import Run, context_of

app = App()

ENCRYPTION = Noun(
    name="encryption",
    plural="encryptions",
    view="",
    fields=(
        Field("path", "text", "File"),
        Field("encrypted", "flag", "Encrypted"),
        Field("cipher", "text", "Cipher"),
        Field("copies", "list", "Copies"),
    ),
    columns=("path", "encrypted", "cipher", "copies"),
    sort=(),
)
"""How the database is now, as data; `copies` are those that another key opens, or none."""


@app.command(
    help=_(
        "Encrypt the database file, or give it another key. Backups and archives from now on are encrypted with it; "
        "attachments are not."
    )
)
def encrypt(
    ctx: Run,
    new_key: Annotated[
        str,
        typer.Option(
            "--new-key",
            metavar="WHERE",
            help=_("where another key is: env:VARIABLE, keyring:NAME, file:PATH; else it is typed in"),
        ),
    ] = "",
) -> None:
    """Encrypt what is plain with the key that is set, or what is encrypted with another one."""
    from crmcli.store.database import open_database
    from crmcli.store.driver import is_encrypted, load_cipher

    context = context_of(ctx)
    cipher = load_cipher()
    open_database(context.database, create=False).close()  # ours, of this program's schema, and the key opens it
    again = is_encrypted(context.database)
    holder = context.keyholder
    _change(context, holder.next(new_key) if again or new_key else holder.first())
    said = _("{path} has another key now") if again else _("Encrypted {path}")
    _tell(context, said.format(path=context.database), cipher.version())
    if holder.made:
        context.output.note(
            _("a random key is in the keyring: without it nothing can be read, so keep a copy: {command}").format(
                command=f"keyring get crmcli {holder.made}"
            )
        )
    _say_how_to_open(context, new_key)


@app.command(help=_("Make an encrypted database a plain file again."))
def decrypt(ctx: Run) -> None:
    """Take the key off."""
    from crmcli.store.database import open_database
    from crmcli.store.driver import is_encrypted

    context = context_of(ctx)
    open_database(context.database, create=False).close()
    if not is_encrypted(context.database):
        raise ConflictError(_("{path} is not encrypted").format(path=context.database))
    context.confirm(_("make {path} readable without a key?").format(path=context.database))
    _change(context, "")
    _tell(context, _("Decrypted {path}").format(path=context.database), "")


def _change(context: Context, key: str) -> None:
    from crmcli.store.recode import change_key

    change_key(context.database.resolve(), key, dry_run=context.options.dry_run)


def _tell(context: Context, said: str, cipher: str) -> None:
    """Say what was done, and where what the old file held may still be."""
    from crmcli.store.copies import copies_of

    copies = copies_of(context.database)
    row: dict[str, Any] = {"path": str(context.database), "encrypted": bool(cipher), "cipher": cipher or None}
    context.output.record({**row, "copies": [str(path) for path in copies]}, ENCRYPTION, said)
    if copies:
        names = ", ".join(path.name for path in copies)
        note = _("older copies stay as they were, and whoever could read them still can: {names}")
        context.output.note(note.format(names=names))
    if cipher:
        context.output.note(
            _(
                "attachments are not encrypted, and the disk may keep remnants of the old file; "
                "sqlite3 alone can't read it any more"
            )
        )


def _say_how_to_open(context: Context, new_key: str) -> None:
    """Say how the key is given from now on, where it isn't set as it is."""
    if new_key and context.settings.text("key") != new_key:
        context.output.note(_("from now on: {command}").format(command=f"crm config set key {new_key}"))
