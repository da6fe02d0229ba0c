"""`crm config`: the settings in force, where they come from, and changing them."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from crmcli.asking import unseen
from crmcli.cli import App
from crmcli.completion import complete_setting
from crmcli.config import (
    REFERENCES,
    SETTINGS,
    Setting,
    Settings,
    change_setting,
    check_value,
    default_text,
    find_setting,
    private_folder,
    read_settings,
)
from crmcli.context import Context
from crmcli.errors import ConflictError
from crmcli.i18n import _
from crmcli.nouns import Field, Noun
from crmcli.options import Run, all_named, context_of

app = App(help=_("The settings: what they are, what they mean, and where they come from."))

SETTING = Noun(
    name="setting",
    plural="settings",
    view="",
    fields=(
        Field("name", "text", "Setting"),
        Field("value", "text", "Value"),
        Field("default", "text", "Default"),
        Field("set", "flag", "Changed"),
        Field("meaning", "text", "Meaning"),
    ),
    columns=("name", "value", "set", "meaning"),
    sort=("name",),
)

_NO_MOMENT = datetime.min.replace(tzinfo=UTC)
"""Settings hold no moments, and the clock needs a zone, which may be what is wrong with them."""

_FILE = "file:"
_HIDDEN = "***"
"""What is shown of a secret."""

Name = Annotated[str, typer.Argument(metavar="NAME", autocompletion=complete_setting, show_default=False)]


@app.command("list", help=_("List every setting with its value and meaning."))
def list_settings(ctx: Run) -> None:
    """List the settings."""
    context = context_of(ctx)
    context.output.records(_rows(context.settings), SETTING, now=_NO_MOMENT)
    context.output.note(str(context.settings.path))


@app.command(help=_("Show one setting's value."))
def get(ctx: Run, name: Name) -> None:
    """Print one setting."""
    context = context_of(ctx)
    row = _row(context.settings, find_setting(name))
    context.output.record(row, SETTING, str(row["value"]))


@app.command("set", help=_("Change a setting in the settings file; comments in it stay. With - it is read, unseen."))
def set_(ctx: Run, name: Name, value: Annotated[str, typer.Argument(metavar="VALUE", show_default=False)]) -> None:
    """Write one setting into the file."""
    context = context_of(ctx)
    path = context.settings_path
    typed = value == "-"
    said = _typed(context, name) if typed else _from_anywhere(name, value)
    if find_setting(name).kind == "people":
        said = all_named(ctx, said) or said
    with nullcontext() if context.options.dry_run else _alone(path):
        settings = read_settings(path)  # what else is wrong there is mended by the next `set`
        text = change_setting(path, name, said, typed=typed)
        if not context.options.dry_run:
            _write(path, text)
    settings = settings._replace(
        values={**settings.values, name: check_value(name, said)}, chosen=settings.chosen | {name}
    )
    row = _row(settings, find_setting(name))
    context.output.record(row, SETTING, _("{name} is now {value}").format(name=name, value=row["value"]))


@app.command(help=_("Write a settings file with every setting explained and commented out."))
def init(
    ctx: Run, *, force: Annotated[bool, typer.Option("--force", help=_("replace the file that is there"))] = False
) -> None:
    """Create the settings file."""
    context = context_of(ctx)
    path = context.settings_path
    if path.exists() and not force:
        raise ConflictError(
            _("{path} is there already").format(path=path),
            hint=_("crm config set NAME VALUE changes it; --force replaces it"),
        )
    if not context.options.dry_run:
        _write(path, default_text())
    context.output.message(_("wrote {path}").format(path=path))


@app.command(help=_("Show where the settings and the database are."))
def path(ctx: Run) -> None:
    """Print both paths."""
    context = context_of(ctx)
    rows = [
        {"name": "config", "value": str(context.settings_path)},
        {"name": "database", "value": str(context.database)},
    ]
    context.output.records(rows, SETTING, ["name", "value"], now=_NO_MOMENT)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep every other `crm config set` of this file waiting meanwhile; what it changes would be lost, or this."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    path = Path(os.path.realpath(path))  # as it is written; this one never raises, for a link to itself either
    folder = next(each for each in path.parents if each.is_dir())
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a disk that knows no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(path: Path, text: str) -> None:
    """Write the settings file, whole or not at all."""
    from crmcli.exchange.files import whole_file

    private_folder(path.parent)
    with whole_file(path) as stream:
        stream.write(text.encode())


def _rows(settings: Settings) -> list[dict[str, object]]:
    """Return every setting; of those that stand for several, the ones that the file has, or else the pattern."""
    rows = []
    for setting in SETTINGS:
        chosen = sorted(name for name in settings.chosen if setting.pattern and setting.fits(name))
        rows += [_row(settings, setting._replace(name=name)) for name in chosen or [setting.name]]
    return rows


def _row(settings: Settings, setting: Setting) -> dict[str, object]:
    value = settings.values.get(setting.name, setting.default)
    if setting.kind == "secret" and not str(value).startswith(REFERENCES):
        value = _HIDDEN if value else ""
    return {
        "name": setting.name,
        "value": value,
        "default": setting.default,
        "set": setting.name in settings.chosen,
        "meaning": _(setting.meaning),
    }


def _from_anywhere(name: str, value: str) -> str:
    """Return what was said, a file with a secret such that it is found from any folder: cron runs in another one."""
    path = value.removeprefix(_FILE)
    secret = find_setting(name).kind == "secret" and value.startswith(_FILE)
    return f"{_FILE}{Path(path).absolute()}" if secret and path and not path.startswith("~") else value


def _typed(context: Context, name: str) -> str:
    """Return the value from standard input; on a terminal it is asked for and not shown.

    Raises ConflictError for nothing: Enter alone, or a program that failed to tell it, clears no secret.
    """
    piped = sys.stdin.readline().strip() if sys.stdin and not context.interactive else ""
    said = unseen(f"{name}: ") if context.interactive else piped
    if not said:
        raise ConflictError(
            _("nothing was changed"), hint=_("this clears it: {command}").format(command=f'crm config set {name} ""')
        )
    return said
