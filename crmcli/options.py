"""Options that several commands share, declared once, and the signatures that are built from them."""

import inspect
from collections.abc import Callable
from keyword import iskeyword
from typing import Annotated, Any, NamedTuple

import typer

from crmcli.completion import complete_company, complete_contact, complete_record
from crmcli.context import Context
from crmcli.i18n import _
from crmcli.rules.escalation import people as each_of
from crmcli.rules.persons import NOBODY, means_me


class Option(NamedTuple):
    """An option of a command that takes a record's fields: what it is called inside, and its declaration."""

    name: str
    annotation: Any
    default: Any = None


def text(name: str, *declarations: str, help: str, metavar: str = "TEXT", **more: Any) -> Option:  # noqa: A002
    """Declare an option with one value."""
    return Option(name, Annotated[str | None, typer.Option(*declarations, help=help, metavar=metavar, **more)])


def person(name: str, *declarations: str, help: str, metavar: str = "TEXT") -> Option:  # noqa: A002
    """Declare an option that names a person; `me` is whoever works, as in a query."""
    return text(name, *declarations, help=help, metavar=metavar, callback=named)


def people(name: str, *declarations: str, help: str, metavar: str) -> Option:  # noqa: A002
    """Declare an option that names persons, with commas between them."""
    return text(name, *declarations, help=help, metavar=metavar, callback=all_named)


def named(ctx: typer.Context, value: str | None) -> str | None:
    """Return the person that an option names; nobody is named by no text."""
    if value and value.strip() == NOBODY:
        return ""
    return context_of(ctx).actor if value and means_me(value) else value


def all_named(ctx: typer.Context, value: str | None) -> str | None:
    """Return the persons that an option names."""
    return value and ", ".join([named(ctx, each) or "" for each in each_of(value)])


def standard_output(value: Any) -> Any:
    """Return where something is to be written: `-`, as that of import is standard input, is where it goes unasked."""
    return None if str(value) == "-" else value


def many(name: str, *declarations: str, help: str, metavar: str = "TEXT", **more: Any) -> Option:  # noqa: A002
    """Declare an option that may be given several times."""
    return Option(name, Annotated[list[str] | None, typer.Option(*declarations, help=help, metavar=metavar, **more)])


def number(
    name: str,
    *declarations: str,
    help: str,  # noqa: A002
    least: int = 0,
    most: int | None = None,
    metavar: str = "N",
) -> Option:
    """Declare an option whose value is a whole number."""
    declared = typer.Option(*declarations, help=help, metavar=metavar, min=least, max=most)
    return Option(name, Annotated[int | None, declared])


def flag(name: str, declaration: str, *, help: str) -> Option:  # noqa: A002
    """Declare an option without a value, `--this` or `--this/--that`; None when it was not given."""
    return Option(name, Annotated[bool | None, typer.Option(declaration, help=help, show_default=False)])


def takes(*options: Option) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command these options and hand it their values as the dictionary `given`.

    A record has more fields than a function should have parameters; this is where the two meet.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        own = [p for p in inspect.signature(command).parameters.values() if p.name != "given"]
        names = {option.name: option.name + "_" * iskeyword(option.name) for option in options}

        def run(**values: Any) -> Any:
            given = {name: values.pop(parameter) for name, parameter in names.items()}
            return command(**values, given=given)

        added = [
            inspect.Parameter(
                names[option.name],
                inspect.Parameter.KEYWORD_ONLY,
                default=option.default,
                annotation=option.annotation,
            )
            for option in options
        ]
        parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + added
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect.signature reads
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        run.__doc__ = command.__doc__
        run.__name__ = command.__name__
        return run

    return decorate


def number_of(name: str, help: str | None = None, *, several: bool = False, query: str = "") -> Any:  # noqa: A002
    """Return the argument for a record's number, or for several.

    TAB offers those of the records that match the query, by default of those that still need doing.
    """
    return typer.Argument(
        metavar="[ID]..." if several else "ID",
        help=help,
        autocompletion=complete_record(name, query),
        show_default=False,
    )


def countable(value: int | None) -> int | None:
    """Return the number of records to show, no larger than what SQLite can count."""
    return None if value is None else min(value, 2**62)


Run = typer.Context
ContactArgument = Annotated[
    str,
    typer.Argument(
        metavar="CONTACT",
        help=_("id, phone, e-mail, handle, name, its beginning, pinyin or initials"),
        autocompletion=complete_contact,
        show_default=False,
    ),
]
CompanyArgument = Annotated[
    str,
    typer.Argument(
        metavar="COMPANY",
        help=_("id, phone, name, its beginning, pinyin or initials"),
        autocompletion=complete_company,
        show_default=False,
    ),
]
Where = Annotated[
    str | None, typer.Option("--where", "-w", metavar="QUERY", help=_("all that match; see crm guide queries"))
]
Query = Annotated[
    list[str] | None,
    typer.Argument(metavar="[QUERY]...", help=_("what to list; see crm guide queries"), show_default=False),
]
Sort = Annotated[str | None, typer.Option(metavar="FIELDS", help=_("e.g. -last_contact_at,name; - reverses"))]
Limit = Annotated[
    int | None, typer.Option(metavar="N", min=0, callback=countable, help=_("at most so many; 0 for all"))
]
After = Annotated[str | None, typer.Option(metavar="ID", help=_("go on after this one: the next page"))]
Columns = Annotated[str | None, typer.Option(metavar="FIELDS", help=_("which fields, separated by commas"))]
Force = Annotated[bool, typer.Option("--force", help=_("even if it is there already"))]


def context_of(ctx: typer.Context) -> Context:
    """Return the run's context."""
    assert isinstance(ctx.obj, Context)  # noqa: S101 - narrows the type
    return ctx.obj
