"""The keys by which rows of a file may be one another: written in SQL, and noted batch by batch while they are read.

Nearly all rows share no key with another. Which do is known when all are read, and no table need be sorted for it; of a
very long file too much would have to be remembered, and there SQL finds it out.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from crmcli.rules.custom_fields import EXTERNAL_ID
from crmcli.rules.likeness import ROLES
from crmcli.services.importing.foreign import OWN_ID
from crmcli.services.importing.plan import DEFAULT_MATCH, Plan
from crmcli.services.importing.staging import Tables

if TYPE_CHECKING:
    from crmcli.services.importing.parties import Party

UID, EXTERNAL, POINT, NAME, ALONE = TIERS = (1, 2, 3, 4, 5)
"""The surest first."""
UNKNOWN = (0, "")
"""Stands among the keys that come up again where not all were remembered."""

POINT_KINDS = ("email", "phone", "handle")

_ROLES = ", ".join(f"'{name}'" for name in sorted(ROLES))
_OFFICE, _PERSON = ("work", "fax"), ("mobile",)
"""What the labels of telephones say."""

_MOST = 400_000
"""Keys that are remembered, by their hashes: 30 MB."""


class Key(NamedTuple):
    """A tier of keys by which rows of the file may be one another."""

    tier: int
    table: str
    text: str
    """SQL of the key."""
    columns: str
    """Columns that are the same where the keys are."""
    has_one: str
    """Which rows of the table have such a key."""
    leads: str = "TRUE"
    """Whether the key leads other rows to this one."""
    asks: str = "TRUE"
    """Whether this row is looked for by the key."""
    office: str = "FALSE"
    """Whether it is an office's."""


def holder(point: str, other: str = "") -> str:
    """Return the SQL of whose a phone, e-mail or handle is: 'person', 'office' (colleagues share it), '' if unknown.

    `other`: the same one as another record has it, perhaps with a label that says more.
    """
    labels = ", ".join(f"{name}.label" for name in (point, other) if name)
    office, person = (" OR ".join([f"'{label}' IN ({labels})" for label in said]) for said in (_OFFICE, _PERSON))
    return (
        f"CASE WHEN {point}.kind = 'email' THEN "
        f"iif(substr({point}.key, 1, instr({point}.key, '@') - 1) IN ({_ROLES}), 'office', 'person') "
        f"WHEN {point}.kind <> 'phone' OR {point}.key GLOB '+861[3-9]*' OR {person} THEN 'person' "
        f"WHEN {point}.key GLOB '+86*' OR {office} THEN 'office' ELSE '' END"
    )


def has_external(party: "Party", plan: Plan) -> bool:
    """Return whether rows are known by the ids of another program."""
    return "external" in plan.match and EXTERNAL_ID in party.foreign


def has_own_id(party: "Party", plan: Plan) -> bool:
    """Return whether rows are known by the ids of this database: a part of an export, without the uids."""
    return "uid" in plan.match and OWN_ID in party.foreign and not plan.exported


def point_kinds(plan: Plan) -> str:
    """Return the kinds of points that are keys, as an SQL list."""
    return ", ".join(f"'{kind}'" for kind in POINT_KINDS if kind in plan.match)


def unreached(plan: Plan, row: str = "incoming") -> str:
    """Return the SQL of whether a row has no phone, e-mail or handle that is a key."""
    kinds = point_kinds(plan)
    if all(kind in plan.match for kind in POINT_KINDS):
        return f"NOT {row}.reachable"
    return f"NOT EXISTS (SELECT 1 FROM incoming_point o WHERE o.row = {row}.row AND o.kind IN ({kinds}))"


def bare(plan: Plan) -> str:
    """Return the SQL of whether a row of `incoming` has nothing but a name to be known by."""
    return f"company_key IS NULL AND {unreached(plan)}"


def tells_people_apart(plan: Plan) -> bool:
    """Return whether those who share a number are told apart by their names; chosen keys are taken at their word."""
    return plan.noun.name == "contact" and plan.match == DEFAULT_MATCH["contact"]


def keys_of(party: "Party", plan: Plan) -> list[Key]:
    """Return the tiers of keys by which rows of the file may be one another; `Recurring.note` knows the same."""
    keys = []
    if "uid" in plan.match:
        keys.append(Key(UID, "incoming", "'uid ' || uid", "uid", "uid IS NOT NULL"))
    if has_external(party, plan):
        keys.append(Key(EXTERNAL, "incoming", "'external ' || external_id", "external_id", "external_id IS NOT NULL"))
    if point_kinds(plan):
        points = f"kind IN ({point_kinds(plan)}) AND key NOT GLOB 'web:*'"  # colleagues share their company's pages
        office = f"{holder('incoming_point')} = 'office'"
        keys.append(Key(POINT, "incoming_point", "kind || ' ' || key", "key", points, office=office))
    if "name" in plan.match:
        keys.append(Key(NAME, "incoming", "'name ' || name_key", "name_key", "name_key IS NOT NULL"))
    elif "name+company" in plan.match:
        both = "'name ' || name_key || char(31) || coalesce(company_key, '')"
        known = f"name_key IS NOT NULL AND (company_key IS NOT NULL OR {bare(plan)})"
        namesake = "name_key IN (SELECT key FROM bare) AND company_key IS NULL"
        keys += [
            Key(NAME, "incoming", both, "name_key, company_key", known),
            Key(
                ALONE,
                "incoming",
                "'alone ' || name_key",
                "name_key",
                namesake,
                f"NOT ({unreached(plan)})",
                unreached(plan),
            ),
        ]
    return keys


class Recurring:
    """Notes the keys of rows, and finds those that came up before."""

    def __init__(self, places: Mapping[str, int], plan: Plan) -> None:
        """`places`: where a row's values stand."""
        self._seen: set[int] | None = set()
        self._uid = places.get("uid", 0)
        self._external = places.get(EXTERNAL_ID, 0)
        self._name = places.get("name_key", 0)
        self._company = places.get("company_key", 0)
        self._by_name_alone = "name" in plan.match

    def note(self, tables: Tables) -> None:
        """Note the keys of a batch: those that an earlier row has as well go into the table `recurring`, or UNKNOWN."""
        if self._seen is None:
            return
        if len(self._seen) > _MOST:
            self._seen = None
            again = [UNKNOWN]
        else:
            again = [(tier, key) for tier, keys in self._keys(tables) for key in _again(keys, self._seen)]
        tables["recurring"] = [*again]

    def _keys(self, tables: Tables) -> Iterator[tuple[int, list[str]]]:
        """Yield the keys of a batch, tier by tier."""
        rows = tables["incoming"]
        yield POINT, [f"{kind} {key}" for _row, _place, kind, _label, _value, key, _digits in tables["incoming_point"]]
        for tier, place, word in ((UID, self._uid, "uid"), (EXTERNAL, self._external, "external")):
            if place:
                yield tier, [f"{word} {values[place]}" for values in rows if values[place]]
        if not self._name:
            return
        named = [(values[self._name], self._company and values[self._company]) for values in rows]
        if self._by_name_alone:
            yield NAME, [f"name {name}" for name, _company in named if name]
        else:
            yield NAME, [f"name {name}\x1f{company or ''}" for name, company in named if name]
        yield ALONE, [f"alone {name}" for name, company in named if name and not company]


def _again(keys: list[str], seen: set[int]) -> Iterator[str]:
    """Yield the keys that were seen before, or were in the list before; all are seen then."""
    numbers = [*map(hash, keys)]
    fresh = {*numbers}
    if len(fresh) < len(numbers) or not seen.isdisjoint(fresh):
        for key, number in zip(keys, numbers, strict=True):
            if number in seen:
                yield key
            seen.add(number)
    seen |= fresh
