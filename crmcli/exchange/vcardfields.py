"""What the properties of a vCard mean for a contact."""

import json
import re
from collections.abc import Iterable
from functools import cache
from urllib.parse import unquote

from crmcli.errors import WhenError
from crmcli.exchange.contentline import Property, name_of, parts
from crmcli.exchange.headers import label_of
from crmcli.rules.birthdays import parse_birthday
from crmcli.rules.lists import join
from crmcli.rules.reach import normalise_email, normalise_handle, service_of

FIELDS = (
    "uid",
    "name",
    "company",
    "title",
    "reach",
    "region",
    "address",
    "birthday",
    "class",
    "source",
    "referred_by",
    "owner",
    "tags",
    "notes",
    "fields",
)
"""The columns of every card, named as the contact's fields; `reach` is JSON as our own export writes it."""
LEFT_OUT = frozenset({"PHOTO", "LOGO", "SOUND", "KEY", "AGENT", "X-ABCROP-RECTANGLE"})
"""Properties that no text can hold."""
PRODUCT = "-//crmcli//EN"
"""PRODID of the cards that we write: their labels are taken as they are."""

DEPARTMENT = "department"
"""The column of ORG's second part: no field of a contact, but what a spreadsheet would call it."""

_OWN = {
    "X-CRM-CLASS": "class",
    "X-CRM-SOURCE": "source",
    "X-CRM-REFERRED-BY": "referred_by",
    "X-CRM-OWNER": "owner",
    "X-CRM-FIELDS": "fields",
}
_WORDS = {
    "known": "FN N ORG TITLE ROLE TEL EMAIL IMPP ADR LABEL BDAY NOTE CATEGORIES UID URL X-SOCIALPROFILE X-CRM-HANDLE",
    # About the card, not the person. SOURCE and CLASS are not ours: where the card comes from, and its secrecy.
    "card": (
        "BEGIN END VERSION PRODID REV SOURCE CLASS PROFILE MAILER NAME SORT-STRING CLIENTPIDMAP KIND XML X-ABLABEL"
        " X-ABADR X-ABUID X-ABSHOWAS X-ADDRESSBOOKSERVER-KIND X-IMAGETYPE X-IMAGEHASH X-FILE-AS X-EVOLUTION-FILE-AS"
        " X-SHARED-PHOTO-DISPLAY-PREF"
    ),
    # Services of properties such as X-AIM, beyond those that crmcli.rules.reach knows.
    "services": "aim icq jabber xmpp msn yahoo gtalk googletalk gadugadu gadu groupwise sip matrix mastodon threema",
}
_OMITTED_YEAR = "1604"
"""The year of a birthday without one, as Apple writes it."""
_UNIT = re.compile(r":(?:\\.|[^\\;])*;[;\s]*[^;\s]")
"""ORG with more than the company."""
_EXTENSION = re.compile(r";(?!ext=)[^;]*", re.IGNORECASE)
_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_", re.DOTALL)


def other_columns(lines: Iterable[str]) -> list[str]:
    """Return the columns that the properties of a card (unfolded lines) need beyond FIELDS."""
    columns = []
    companies = 0
    for line in lines:
        name = name_of(line)
        companies += name == "ORG"
        if name == "ORG" and (companies > 1 or _UNIT.search(line)):
            columns.append(DEPARTMENT)
        elif is_other(name):
            columns.append(name)
    return columns


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(_WORDS[kind].split())


@cache
def is_other(name: str) -> bool:
    """Tell whether no field holds what the property says."""
    if name in _OWN or name in LEFT_OUT or name in _words("known") | _words("card"):
        return False
    return not _is_handle(name)


@cache
def _is_handle(name: str) -> bool:
    """Tell whether the property is the account at a service, such as X-QQ."""
    return name.startswith("X-") and _service(name) != ""


def card_fields(properties: list[Property], others: set[str]) -> tuple[dict[str, str], list[str]]:
    """Return the columns that a card fills, and the names of what it holds beyond them.

    `others` are the properties that are columns of their own. A group of contacts fills none.
    """
    by_name: dict[str, list[Property]] = {}
    for line in properties:
        by_name.setdefault(line.name, []).append(line)
    left_out = [
        line.name for line in properties if line.name in LEFT_OUT or (is_other(line.name) and line.name not in others)
    ]
    if any(line.text.casefold() == "group" for line in _all(by_name, "KIND", "X-ADDRESSBOOKSERVER-KIND")):
        return {}, ["KIND=group"]
    labels = _labels(by_name)
    reach, unreadable = _reach(properties, labels)
    unfit = [point for point in reach if not _fits(point)]
    fields = {field: by_name[name][0].text for name, field in _OWN.items() if name in by_name}
    fields |= _organisation(by_name) | _address(by_name)
    birthday, notes = _birthday(by_name)
    fields |= {
        "uid": _first(by_name, "UID").removeprefix("urn:uuid:"),
        "title": ", ".join(_texts(by_name, "TITLE", "ROLE")),
        "birthday": birthday,
        "tags": join(tag for line in by_name.get("CATEGORIES", ()) for tag in parts(line.value, ",") if tag),
        "notes": "\n".join(
            [*_texts(by_name, "NOTE"), *notes, *(f"{point['kind']}: {point['value']}" for point in unfit)]
        ),
    }
    reach = [point for point in reach if point not in unfit]
    fields["reach"] = json.dumps(reach, ensure_ascii=False) if reach else ""
    fields["name"] = _name(by_name) or _fallback_name(by_name, fields, reach)
    fields |= {name: _other(by_name[name], labels) for name in others if name in by_name}
    return fields, left_out + unreadable


def _all(by_name: dict[str, list[Property]], *names: str) -> list[Property]:
    return [line for name in names for line in by_name.get(name, ())]


def _texts(by_name: dict[str, list[Property]], *names: str) -> list[str]:
    """Return the texts of these properties, each once, without empty ones."""
    return list(dict.fromkeys(line.text for line in _all(by_name, *names) if line.text))


def _first(by_name: dict[str, list[Property]], name: str) -> str:
    return next(iter(_texts(by_name, name)), "")


def _labels(by_name: dict[str, list[Property]]) -> dict[str, str]:
    """Return group → what its X-ABLabel says; Apple's own words (`_$!<Home>!$_`) without their brackets."""
    return {line.group: _APPLE_LABEL.sub(r"\1", line.text) for line in by_name.get("X-ABLABEL", ()) if line.group}


def _name(by_name: dict[str, list[Property]]) -> str:
    """Return the name: as it is displayed, but Chinese always in its own order (`三 张` is 张三)."""
    full = _first(by_name, "FN")
    family, given, middle = ([*parts(by_name["N"][0].value), "", "", ""] if "N" in by_name else ["", "", ""])[:3]
    joined = joined_name(family, given, middle)
    if joined.isascii() or not full:
        return full or joined
    return joined if sorted(full.replace(" ", "")) == sorted(joined.replace(" ", "")) and is_cjk(joined) else full


def joined_name(family: str, given: str, middle: str = "") -> str:
    """Return the parts of a name in the order of its language: 张 and 三 are 张三, Lee and Ann are Ann Lee."""
    if is_cjk(family + given):
        return family + middle + given
    return " ".join(filter(None, (given, middle, family)))


def is_cjk(text: str) -> bool:
    """Tell whether the text has Chinese, Japanese or Korean characters."""
    return any(char >= "\u3040" for char in text)


def _fallback_name(by_name: dict[str, list[Property]], fields: dict[str, str], reach: list[dict[str, str]]) -> str:
    """Return what stands for the name of a card that has none, as address books show it."""
    points = [point["value"] for kind in ("email", "phone", "handle") for point in reach if point["kind"] == kind]
    return _first(by_name, "NICKNAME") or fields.get("company", "") or next(iter(points), "")


def _organisation(by_name: dict[str, list[Property]]) -> dict[str, str]:
    """Return company and department; the first of several organisations counts, a second is told with it."""
    lines = [parts(line.value) for line in by_name.get("ORG", ())]
    companies = list(dict.fromkeys(line[0] for line in lines if line[0]))
    units = list(dict.fromkeys(" / ".join(filter(None, line[1:])) for line in lines))
    return {"company": next(iter(companies), ""), DEPARTMENT: ", ".join(filter(None, [*units, *companies[1:]]))}


def _address(by_name: dict[str, list[Property]]) -> dict[str, str]:
    """Return region (province and city) and address (the rest); further addresses follow on lines of their own."""
    addresses = []
    region = ""
    for line in _preferred(by_name.get("ADR", [])):
        box, extended, street, city, state, code, country = (parts(line.value) + [""] * 7)[:7]
        places = list(dict.fromkeys(filter(None, (state, city) if is_cjk(state + city) else (city, state))))
        place = " ".join(places)
        rest = ", ".join(filter(None, (street, extended, box, code, country)))
        if not region and place:
            region = place
        elif place and place != region:
            rest = ", ".join(filter(None, (rest, place)))
        addresses.append(rest or line.parameter("LABEL"))
    addresses = list(dict.fromkeys(filter(None, addresses))) or _texts(by_name, "LABEL")
    return {"region": region, "address": "\n".join(addresses)}


def _birthday(by_name: dict[str, list[Property]]) -> tuple[str, list[str]]:
    """Return the birthday, and as notes what is none (`circa 1800`)."""
    text = _first(by_name, "BDAY")
    if not text:
        return "", []
    day = re.sub(r"(?<=\d)T.*", "", text)
    omitted = by_name["BDAY"][0].parameter("X-APPLE-OMIT-YEAR") or _OMITTED_YEAR
    day = re.sub(rf"^{re.escape(omitted)}-?", "--", day)
    day = re.sub(r"^--(\d\d)(\d\d)$", r"--\1-\2", day)
    try:
        return parse_birthday(day), []
    except WhenError:
        return "", [f"BDAY: {text}"]


def _preferred(lines: Iterable[Property]) -> list[Property]:
    """Return the lines with the preferred ones first (PREF=1, TYPE=pref), else as they are."""
    return sorted(lines, key=lambda line: not ("pref" in line.types or line.parameter("PREF") == "1"))


def _reach(properties: list[Property], labels: dict[str, str]) -> tuple[list[dict[str, str]], list[str]]:
    """Return the ways to reach somebody as `reach` has them, and the names of properties that are none."""
    exact = any(line.name == "PRODID" and line.text == PRODUCT for line in properties)
    reach: list[dict[str, str]] = []
    unreadable = []
    for line in _preferred(properties):
        if line.name == "TEL":
            number = _EXTENSION.sub("", line.text.removeprefix("tel:"))
            reach.append({"kind": "phone", "label": _label(line, labels, exact=exact), "value": number})
        elif line.name == "EMAIL":
            reach.append({"kind": "email", "label": _label(line, labels, exact=exact), "value": line.text})
        elif line.name in {"IMPP", "URL", "X-SOCIALPROFILE", "X-CRM-HANDLE"} or _is_handle(line.name):
            handle = _handle(line)
            reach.append({"kind": "handle", "label": "", "value": handle})
            unreadable += [line.name] * (not handle and line.text != "")
    return [point for point in reach if point["value"]], unreadable


def _fits(point: dict[str, str]) -> bool:
    """Return whether an e-mail address is one; nobody is lost for one that is none: it goes into the notes."""
    if point["kind"] != "email":
        return True
    try:
        normalise_email(point["value"])
    except ValueError:
        return False
    return True


def _label(line: Property, labels: dict[str, str], *, exact: bool) -> str:
    """Return the label of a phone or an e-mail: what its group is labelled with, else what its TYPE says."""
    given = labels.get(line.group, "")
    if given:
        return given if exact else label_of(given) or given
    types = line.types
    if "fax" in types:
        return "fax"
    found = (label_of(type_) for type_ in ("cell", "iphone", "work", "home", "other") if type_ in types)
    return next((label for label in found if label), "pager" if "pager" in types else "")


def _handle(line: Property) -> str:
    """Return the handle that a line names, as `wechat:name`; empty when it names none."""
    if line.name == "X-CRM-HANDLE":
        return line.text
    text = unquote(line.text)
    service = _service(line.parameter("X-SERVICE-TYPE")) or _service(line.name)
    if line.name == "X-SOCIALPROFILE":
        service = next(filter(None, map(_service, line.types)), "")
        text = line.parameter("X-USER") or text
    if line.name == "URL":
        text = text if "://" in text else f"https://{text}"
        if not text.partition("://")[2].strip():  # as programs write that there is none
            return ""
    text = text.removeprefix("x-apple:")
    try:
        known = service in _words("services") and ":" not in text
        return normalise_handle(f"{service}:{text}").value if known else normalise_handle(text, service).value
    except ValueError:
        return ""


def _service(name: str) -> str:
    """Return the service of a property such as X-QQ, X-TENCENT-WECHAT or X-SKYPE-USERNAME; empty when it is none."""
    plain = name.casefold().removeprefix("x-").removeprefix("tencent-").removesuffix("-username").removesuffix("-id")
    plain = plain.replace("-", "")
    return plain if plain in _words("services") else service_of(plain)


def _other(lines: list[Property], labels: dict[str, str]) -> str:
    """Return the values of a property that is a column of its own, with Apple's labels (`Spouse: Jenny`)."""
    texts = [": ".join(filter(None, (labels.get(line.group, ""), line.text))) for line in lines]
    return "; ".join(filter(None, texts))
