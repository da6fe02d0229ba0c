"""Who is meant: the contact or company that a text names, chosen on the terminal when it may be several."""

from crmcli.context import Context
from crmcli.errors import AmbiguousError
from crmcli.queries.parties import resolve


def find_contact(context: Context, text: str) -> int:
    """Return the id of the contact that the text names.

    Raises NotFoundError, and AmbiguousError where nobody can choose between several.
    """
    return _find(context, "contact", text)


def find_company(context: Context, text: str) -> int:
    """Return the id of the company that the text names, likewise."""
    return _find(context, "company", text)


def _find(context: Context, name: str, text: str) -> int:
    text.encode()  # raises for bytes that are no text: without them it might name somebody else
    try:
        return resolve(context.reader, name, text)
    except AmbiguousError as error:
        if not context.interactive:
            raise
        return int(context.choose(error)["id"])
