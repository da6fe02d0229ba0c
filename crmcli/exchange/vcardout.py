"""Contacts as vCards, 4.0 or 3.0, so that crmcli.exchange.vcard reads the same records back."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO
from urllib.parse import quote

from crmcli.exchange.contentline import escape, fold
from crmcli.exchange.vcardfields import PRODUCT, is_cjk
from crmcli.rules.persons import NOBODY
from crmcli.rules.reach import normalise_handle

VERSIONS = ("4.0", "3.0")
_TYPES = {"mobile": "cell", "work": "work", "home": "home", "fax": "fax", "pager": "pager"}
"""Our labels that vCard has a TYPE for; others are written as Apple and Google write theirs."""
_PROPERTIES = {
    "class": "X-CRM-CLASS",
    "source": "X-CRM-SOURCE",
    "referred_by": "X-CRM-REFERRED-BY",
}
_URI = "!#$&'()*+-./:=?@_~"
"""Characters of a handle that stay as they are in a URI; a comma and a semicolon would need a backslash."""


def write_cards(stream: BinaryIO, records: Iterable[dict[str, Any]], version: str = "4.0") -> int:
    """Write the contacts' records (the contract's JSON objects, with `reach`) and return how many there were."""
    written = 0
    for record in records:
        stream.write(card(record, version).encode())
        written += 1
    return written


def card(record: dict[str, Any], version: str = "4.0") -> str:
    """Return one contact as a vCard, version one of VERSIONS."""
    lines = ["BEGIN:VCARD", f"VERSION:{version}", f"PRODID:{PRODUCT}", *_lines(record, version), "END:VCARD"]
    return "".join(map(fold, lines))


def _lines(record: dict[str, Any], version: str) -> Iterator[str]:
    name = record["name"]
    yield from _texts(("UID", record.get("uid")), ("FN", name))
    yield "N:" + ";".join(map(escape, (*_name_parts(name), "", "", "")))
    yield from _texts(("ORG", record.get("company")), ("TITLE", record.get("title")))
    for number, point in enumerate(record.get("reach") or (), 1):
        yield from _point(point, f"item{number}")
    if record.get("address") or record.get("region"):
        yield f"ADR:;;{escape(record.get('address') or '')};;{escape(record.get('region') or '')};;"
    if record.get("birthday"):
        yield _birthday(record["birthday"], version)
    if record.get("tags"):
        yield "CATEGORIES:" + ",".join(map(escape, record["tags"]))
    yield from _texts(("NOTE", record.get("notes")))
    yield from _texts(*((property_, record.get(field)) for field, property_ in _PROPERTIES.items()))
    if "owner" in record:
        yield "X-CRM-OWNER:" + escape(record["owner"] or NOBODY)
    if record.get("fields"):
        yield "X-CRM-FIELDS:" + escape(json.dumps(record["fields"], ensure_ascii=False))


def _texts(*pairs: tuple[str, str | None]) -> Iterator[str]:
    """Yield the properties that have a text."""
    for name, text in pairs:
        if text:
            yield f"{name}:{escape(text)}"


def _name_parts(name: str) -> tuple[str, str]:
    """Return family and given name; a name that is written family first stays whole, as khard and phones show it."""
    given, _space, family = name.rpartition(" ")
    return (name, "") if is_cjk(name) else (family, given)


def _point(point: dict[str, Any], group: str) -> Iterator[str]:
    """Yield the property of a way to reach somebody, and its label where no TYPE says it."""
    kind, label, value = point["kind"], point["label"] or "", point["value"]
    if kind == "handle":
        yield _handle(value)
        return
    type_ = _TYPES.get(label, "")
    start = (
        f"{group}." * bool(label and not type_)
        + ("TEL" if kind == "phone" else "EMAIL")
        + f";TYPE={type_}" * bool(type_)
    )
    if kind == "phone" and ";ext=" in value:
        yield f"{start};VALUE=uri:tel:{value}"
    else:
        yield f"{start}:{escape(value)}"
    if label and not type_:
        yield f"{group}.X-ABLabel:{escape(label)}"


def _handle(value: str) -> str:
    """Return the property of a handle: URL for a site, IMPP for what can be a URI, ours for anything else."""
    service, _colon, name = value.partition(":")
    if service == "web" and _reads(f"https://{name}") == value:
        return "URL:" + quote(f"https://{name}", safe=_URI)
    if service.isascii() and service.isalnum() and _reads(value) == value:
        return "IMPP:" + quote(value, safe=_URI)
    return "X-CRM-HANDLE:" + escape(value)


def _reads(text: str) -> str:
    """Return the handle that a text is read as, empty when it is none."""
    try:
        return normalise_handle(text).value
    except ValueError:
        return ""


def _birthday(birthday: str, version: str) -> str:
    """Return BDAY; 3.0 knows no birthday without a year and gets Apple's way to say it."""
    if version != "3.0":
        return f"BDAY:{birthday[:2] * birthday.startswith('--')}{birthday.replace('-', '')}"
    if birthday.startswith("--"):
        return f"BDAY;X-APPLE-OMIT-YEAR=1604:1604-{birthday[2:]}"
    return f"BDAY:{birthday}"
