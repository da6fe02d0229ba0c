"""`crm config`: the settings in force, where they come from, and changing them."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from crmcli.cli import App
from crmcli.config import SETTINGS, Settings, change_setting, default_text, find_setting
from crmcli.errors import ConflictError
from crmcli.i18n import _
from crmcli.nouns import Field, Noun
from crmcli.options import Run, context_of

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

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


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
    find_setting(name)
    row = next(row for row in _rows(context.settings) if row["name"] == name)
    context.output.record(row, SETTING, str(row["value"]))


@app.command("set", help=_("Change a setting in the settings file; comments in it stay."))
def set_(ctx: Run, name: Name, value: Annotated[str, typer.Argument(metavar="VALUE", show_default=False)]) -> None:
    """Write one setting into the file."""
    context = context_of(ctx)
    changed = change_setting(context.settings, name, value, dry_run=context.options.dry_run)
    row = next(row for row in _rows(changed) if row["name"] == name)
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
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(default_text(), "utf-8")
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


def _rows(settings: Settings) -> list[dict[str, object]]:
    return [
        {
            "name": setting.name,
            "value": settings.values[setting.name],
            "default": setting.default,
            "set": setting.name in settings.chosen,
            "meaning": _(setting.meaning),
        }
        for setting in SETTINGS
    ]
