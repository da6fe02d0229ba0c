"""One way to reach somebody: a phone number, an e-mail address or a handle, as it is stored and compared."""

from collections.abc import Sequence
from typing import NamedTuple

from crmcli.rules.phones import mobiles, normalise_phone
from crmcli.rules.reach import normalise_email, normalise_handle, usual_emails

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


Plain = tuple[str, str | None, str, str, str | None]
"""The values of a Point. A tuple costs half of what a named one does, which counts where there are a million."""


def read_usual(kind: str, texts: Sequence[str], country: str, hint: str = "") -> list[Plain | None]:
    """Return what `read_point` says of each text that is written as nearly all are, and None for the others."""
    label = hint or None
    if kind == "phone":
        return [
            (kind, label, value := "+86" + national, value, national) if national else None
            for national in mobiles(texts, country)
        ]
    if kind == "email":
        return [(kind, label, address, address, None) if address else None for address in usual_emails(texts)]
    return [None for _text in texts]
