"""The demo's customers, made through the same services as everything else, as if somebody had worked here."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from crmcli.config import Settings
from crmcli.rules.birthdays import LEAP_YEAR
from crmcli.services.callback import add_callback
from crmcli.services.case import Deed
from crmcli.services.complaint import add_complaint
from crmcli.services.contact import add_contact
from crmcli.services.followup import add_followup
from crmcli.store.transaction import Transaction
from crmcli.when.periods import parse_period

_LISTS = {"phone": "phones", "email": "emails", "im": "handles", "tag": "tags"}
_AGE = 38
_HALF_HOUR = timedelta(minutes=30)

Begin = Callable[[datetime], Any]
"""Begins a transaction that is dated at this moment."""


def make_demo(begin: Begin, *, now: datetime, settings: Settings, owner: str) -> None:
    """Fill an empty database with the customers of the preset `demo`, in the order in which they were met."""
    text = resources.files("crmcli.presets").joinpath("demo.toml").read_text("utf-8")
    people: list[dict[str, Any]] = tomllib.loads(text)["contact"]
    ids: dict[str, int] = {}
    for person in sorted(people, key=lambda person: -int(person["since"])):
        met = now - timedelta(days=person["since"])
        with begin(met) as tx:
            ids[person["name"]] = _add_person(tx, person, ids, met=met, now=now, settings=settings, owner=owner)
    for person in people:
        _add_history(begin, person, ids[person["name"]], now=now, settings=settings, owner=owner)


def _add_person(
    tx: Transaction,
    person: Mapping[str, Any],
    ids: Mapping[str, int],
    *,
    met: datetime,
    now: datetime,
    settings: Settings,
    owner: str,
) -> int:
    given = {_LISTS.get(key, key): value for key, value in person.items()}
    if "birthday" in given:
        day = now + timedelta(days=given["birthday"])
        leap = (day.month, day.day) == (2, 29)
        given["birthday"] = f"{LEAP_YEAR - 12 if leap else day.year - _AGE}-{day:%m-%d}"
    if "referred_by" in given:
        given["referred_by_id"] = ids[given.pop("referred_by")]
    return add_contact(tx, given, now=met, country=settings.text("country"), owner=owner)


def _add_history(
    begin: Begin, person: Mapping[str, Any], id_: int, *, now: datetime, settings: Settings, owner: str
) -> None:
    """Log, plan and complain as the preset says, each in a change of its own day."""
    order = settings.text("date_order")
    for days, kind, text in person.get("log", ()):
        at = now - timedelta(days=days)
        with begin(at) as tx:
            add_followup(tx, id_, {"kind": kind, "text": text}, now=at, order=order, owner=owner)
    for days, time, kind, purpose, every in person.get("plan", ()):
        with begin(now) as tx:
            given = {"when": _moment(now, days, time), "kind": kind, "purpose": purpose, "every": every or None}
            add_callback(tx, id_, given, now=now, order=order, owner=owner)
    for severity, category, text, ago in person.get("complain", ()):
        at = now - parse_period(ago)
        with begin(at) as tx:
            given = {"severity": severity, "category": category, "text": text, "channel": "phone"}
            add_complaint(tx, id_, given, Deed(owner, at, at, settings))


def _moment(now: datetime, days: int, time: str) -> str:
    """Return a moment written out in full; `+1h` is so long from now, at the next half hour."""
    if time.startswith("+"):
        at = now + parse_period(time.removeprefix("+")) + _HALF_HOUR
        return f"{at.replace(minute=at.minute // 30 * 30):%Y-%m-%d %H:%M}"
    return f"{now + timedelta(days=days):%Y-%m-%d} {time}".strip()
