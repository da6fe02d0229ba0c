"""What TAB offers beyond commands and options: the names of contacts and companies."""

from typing import Any

from crmcli.context import Context, new_context

OFFERED = 50
"""At most so many names are offered."""


def complete_contact(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Return contacts whose name, pinyin or initials begin with what was typed, and where they work."""
    return _complete(ctx, "contact", incomplete)


def complete_company(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Return companies whose name, pinyin or initials begin with what was typed, and where they are."""
    return _complete(ctx, "company", incomplete)


def _complete(ctx: Any, name: str, incomplete: str) -> list[tuple[str, str]]:
    from crmcli.queries.parties import beginning_with

    context = ctx.obj if isinstance(ctx.obj, Context) else new_context([])
    try:
        if not context.database.exists():
            return []
        offers = beginning_with(context.connection, name, incomplete, OFFERED)
    except Exception:  # noqa: BLE001 - a shell that completes must not be disturbed by anything
        return []
    finally:
        context.close()
    if "complete_bash" in context.environ.values():  # bash alone takes the words as they are, spaces and all
        return [(typed.replace(" ", "\\ "), who) for typed, who in offers]
    return offers
