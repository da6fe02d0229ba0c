"""What TAB offers beyond commands and options: the names of contacts and companies."""

from collections.abc import Callable
from typing import Any

from crmcli.context import Context, new_context

OFFERED = 50
"""At most so many names are offered."""
_PARTIES = ("contact", "company")
_FLAGS = {"yes": "", "no": ""}


def complete_contact(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Return contacts whose name, pinyin or initials begin with what was typed, and where they work."""
    return _complete(ctx, "contact", incomplete)


def complete_company(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Return companies whose name, pinyin or initials begin with what was typed, and where they are."""
    return _complete(ctx, "company", incomplete)


def complete_field(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Return the custom fields, as `code=`, and behind it what may be chosen."""
    return _asked(ctx, lambda context: _fields(context, "company" in ctx.command_path.split(), incomplete))


def _fields(context: Context, of_company: bool, incomplete: str) -> list[tuple[str, str]]:
    from crmcli.queries.custom_fields import custom_fields, meant

    fields = [field for field in custom_fields(context.connection, _PARTIES[of_company]) if not field.hidden]
    word, equals, value = incomplete.partition("=")
    field = meant(fields, word) if equals else None
    if field is None:
        return [(f"{field.code}=", field.labels.said()) for field in fields if field.code.startswith(word)]
    offers = {code: labels.said() for code, labels in field.choices.items()} if field.type != "flag" else _FLAGS
    return [(f"{word}={code}", said) for code, said in offers.items() if code.startswith(value) or value in said]


def _complete(ctx: Any, name: str, incomplete: str) -> list[tuple[str, str]]:
    from crmcli.queries.parties import beginning_with

    return _asked(ctx, lambda context: beginning_with(context.connection, name, incomplete, OFFERED))


def _asked(ctx: Any, ask: Callable[[Context], list[tuple[str, str]]]) -> list[tuple[str, str]]:
    context = ctx.obj if isinstance(ctx.obj, Context) else new_context([])
    try:
        if not context.database.exists():
            return []
        offers = ask(context)
    except Exception:  # noqa: BLE001 - a shell that completes must not be disturbed by anything
        return []
    finally:
        context.close()
    if "complete_bash" in context.environ.values():  # bash alone takes the words as they are, spaces and all
        return [(typed.replace(" ", "\\ "), who) for typed, who in offers]
    return offers
