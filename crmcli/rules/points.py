"""One way to reach somebody: a phone number, an e-mail address or a handle, as it is stored and compared."""

from typing import NamedTuple

from crmcli.rules.phones import normalise_phone
from crmcli.rules.reach import normalise_email, normalise_handle

POINT_KINDS = {"phones": "phone", "emails": "email", "handles": "handle"}
"""The list fields that are ways to reach somebody, and their kind in the table."""


class Point(NamedTuple):
    """The columns of `contact_point` that describe it."""

    kind: str
    label: str | None
    value: str
    """What is shown: E.164 for phones, with the extension as in RFC 3966."""
    key: str
    """What look-ups compare."""
    digits: str | None = None
    """The national number of a phone."""


def read_point(kind: str, text: str, country: str, hint: str = "") -> Point:
    """Return a way to reach somebody, normalised; a label may stand before a phone or an e-mail (`work=+49…`).

    `hint` is the label when the text has none; for handles the service. Raises ValueError (translated).
    """
    if kind == "handle":
        handle = normalise_handle(text, hint)
        return Point(kind, None, handle.value, handle.key)
    label = hint
    if "=" in text:
        before, _equals, rest = text.partition("=")
        if before[:1].isalpha() and not any(mark in before for mark in "@;:"):
            label, text = before.strip(), rest
        elif not before:  # ="138…": how programs tell a spreadsheet that digits are text
            text = rest.strip('"')
    if kind == "email":
        address = normalise_email(text)
        return Point(kind, label or None, address, address)
    phone = normalise_phone(text, country)
    value = f"{phone.value};ext={phone.extension}" if phone.extension else phone.value
    return Point(kind, label or None, value, phone.key, phone.digits)
