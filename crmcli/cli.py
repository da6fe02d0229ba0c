"""What commands are made of: Typer's classes with our global options, before or after the command's name."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal

import typer
import typer.core
import typer.main
from typer.exceptions import TyperException

from crmcli.asking import completing
from crmcli.completion import complete_format, complete_language
from crmcli.context import Context
from crmcli.i18n import _

NEGATED = "\N{MINUS SIGN}"
"""Stands for the hyphen of a query's `-field:value` while the command line is parsed: it would be an option."""


def _keep(name: str) -> Callable[[typer.Context, Any], None]:
    """Return a callback that hands a global option's value to the run's context."""

    def callback(ctx: typer.Context, value: Any) -> None:
        if value and isinstance(ctx.obj, Context):
            ctx.obj.set_option(name, value)

    return callback


def _option(name: str, *declarations: str, help: str, metavar: str | None = None, offers: Any = None) -> Any:  # noqa: A002 - Typer's word
    return typer.Option(
        *declarations,
        help=help,
        metavar=metavar,
        callback=_keep(name),
        expose_value=False,
        autocompletion=offers,
        show_default=False,
        rich_help_panel=_("Global options, before or after the command"),
    )


def _globals(
    db: Annotated[str, _option("db", "--db", help=_("the database (CRM_DB)"), metavar="PATH")] = "",
    config: Annotated[str, _option("config", "--config", help=_("the settings (CRM_CONFIG)"), metavar="PATH")] = "",
    as_of: Annotated[str, _option("as_of", "--as-of", help=_("as if it were then (CRM_NOW)"), metavar="WHEN")] = "",
    lang: Annotated[
        str,
        _option("lang", "--lang", help=_("language: en or zh (CRM_LANG)"), metavar="en|zh", offers=complete_language),
    ] = "",
    output: Annotated[
        str,
        _option(
            "output",
            "--output",
            "-o",
            help=_("table, plain, json, jsonl, csv, tsv, md or ids (CRM_OUTPUT)"),
            metavar="FORMAT",
            offers=complete_format,
        ),
    ] = "",
    quiet: Annotated[
        bool, _option("quiet", "--quiet", "-q", help=_("only the ids of what was written or listed"))
    ] = False,
    dry_run: Annotated[
        bool, _option("dry_run", "--dry-run", "-n", help=_("do everything but commit, and say what would change"))
    ] = False,
    yes: Annotated[bool, _option("yes", "--yes", "-y", help=_("answer yes"))] = False,
    no_input: Annotated[bool, _option("no_input", "--no-input", help=_("never ask"))] = False,
    color: Annotated[
        Literal["auto", "always", "never"] | None,
        _option("color", "--color", help=_("auto, always or never (NO_COLOR)"), metavar="WHEN"),
    ] = None,
) -> None:
    """Declare the global options; never called."""


@cache
def global_parameters(*, hidden: bool) -> tuple[Any, ...]:
    """Return the global options as parameters that every command shares; only the program's own help shows them."""
    app = typer.Typer(add_completion=False)
    app.command()(_globals)
    parameters = typer.main.get_command(app).params
    for parameter in parameters:
        parameter.hidden = hidden  # type: ignore[attr-defined]  # every one of them is an option
    return tuple(parameters)


class _Help:
    """What every command has in common: help in the user's language, with lines broken as on screens."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse; whatever is wrong is wrong with this command, which Typer forgets of options without their value."""
        try:
            arguments: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]  # Typer's class comes after this one
        except TyperException as error:
            if getattr(error, "ctx", ctx) is None:
                error.ctx = ctx  # type: ignore[attr-defined]
            raise
        return arguments

    def get_help_option(self, ctx: Any) -> Any:
        """Return --help, which Typer explains in English alone."""
        option = super().get_help_option(ctx)  # type: ignore[misc]  # Typer's class comes after this one
        return translated([option])[0] if option else None

    def format_usage(self: Any, ctx: Any, formatter: Any) -> None:
        """Write the line that says how the command is called."""
        pieces = [_BRACKETS.sub(r"\1\2", piece) for piece in self.collect_usage_pieces(ctx)]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=_("Usage: "))

    def format_help(self: Any, ctx: Any, formatter: Any) -> None:
        """Print the help, without the types that Python has for what is typed: `<str>` tells a salesperson nothing."""
        _load_line_breaks()
        for parameter in self.get_params(ctx):
            if parameter.metavar is None or parameter.param_type_name == "argument":
                parameter.display_type_rich = _no_type
        super().format_help(ctx, formatter)  # type: ignore[misc]


_BRACKETS = re.compile(r"^\{(.+)\}$|^\[(\[.+\]\.\.\.)\]\.\.\.$")
"""What Typer puts around an argument that is required, and around one that has its brackets already."""


def _no_type(ctx: typer.Context) -> None:
    """Say nothing of a parameter's type."""


def translated(options: list[Any]) -> list[Any]:
    """Return Typer's own options, explained in the language in use."""
    for option in options:
        option.help = _(option.help or "")
    return options


def _load_line_breaks() -> None:
    """Let Rich, which Typer prints help with, break lines between Chinese characters and not only at spaces.

    Where there are no spaces it would cut the text off. It is loaded for help alone.
    """
    import rich._wrap

    from crmcli.render.lines import words

    rich._wrap.words = words  # noqa: SLF001 - it has no setting for it


_OF_FILES = frozenset({"export", "report"})
"""Commands for which -o names formats of files, too; they check it themselves."""


class Command(_Help, typer.core.TyperCommand):
    """A command that takes the global options, too."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the command's own parameters, then the global options."""
        own = super().get_params(ctx)
        return [*own[:-1], *global_parameters(hidden=not completing()), *own[-1:]]

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        if ctx.command_path.partition(" ")[2] not in _OF_FILES:
            ctx.obj.require_format()
        return super().invoke(ctx)


class QueryCommand(Command):
    """A command whose arguments are a query: `-region:华东` is a part of it and no option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse with the hyphen of negated terms out of the way."""
        return super().parse_args(
            ctx, [NEGATED + arg[1:] if re.match(r"-[^\W\d_][\w.-]*[:=<>：＝＜＞]", arg) else arg for arg in args]
        )


_OTHER_WORDS = {
    **dict.fromkeys(("rm", "remove", "del"), "delete"),
    **dict.fromkeys(("update", "change", "modify", "tag", "tags"), "edit"),
    **dict.fromkeys(("new", "create"), "add"),
    "search": "find",
}
"""What other programs call our verbs."""


class Group(_Help, typer.core.TyperGroup):
    """A noun: its verbs are its commands."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the verb; of one that there is not, the error knows which one is meant."""
        try:
            return super().resolve_command(ctx, args)
        except TyperException as error:
            error.meant = self.meant(_OTHER_WORDS.get(args[0], args[0]))  # type: ignore[attr-defined]
            raise

    def meant(self, verb: str) -> str:
        """Return the command that has this verb, or an empty string."""
        return verb if verb in self.commands else ""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the global options besides --help."""
        own = super().get_params(ctx)
        return [*own[:-1], *global_parameters(hidden=not completing()), *own[-1:]]


class DefaultGroup(Group):
    """A noun that is a daily verb as well: what is none of its verbs is the first argument of its `add`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse; an option that only `add` has (`crm promise --by fri 张三 …`) leads there too."""
        try:
            return super().parse_args(ctx, [*args])
        except TyperException as error:
            if type(error).__name__ != "NoSuchOption":
                raise
            return super().parse_args(ctx, ["add", *args])

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the verb, else `add`; a single word that is nearly a verb is a verb mistyped."""
        known = args[0] in self.commands or (len(args) == 1 and get_close_matches(args[0], self.commands))
        return super().resolve_command(ctx, args if known else ["add", *args])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Offer the verbs, and what the first argument of `add` offers."""
        add = self.commands["add"]
        contact = next(param for param in add.params if isinstance(param, typer.core.TyperArgument))
        return [*super().shell_complete(ctx, incomplete), *contact.shell_complete(ctx, incomplete)]


class App(typer.Typer):
    """A module's commands, built from the classes above."""

    def __init__(self, help: str | None = None, cls: type[Group] = Group) -> None:  # noqa: A002 - Typer's word
        super().__init__(cls=cls, help=help, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

    def command(self, name: str | None = None, *, cls: type[Any] = Command, **settings: Any) -> Callable[..., Any]:  # type: ignore[override]  # the same, with our class as default
        """Register a function as a command."""
        return super().command(name, cls=cls, **settings)
