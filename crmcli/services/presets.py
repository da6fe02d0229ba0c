"""Giving a database the words, fields and rules of an industry, without losing anything that it has.

What the present preset has and the next has not is hidden: it still means what it means on the records that have it,
and comes back with its preset. What the user added, or changed, stays as it is, and goes on meaning what it meant.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from crmcli.errors import ConflictError
from crmcli.i18n import _
from crmcli.queries.singles import NAMED
from crmcli.rules.preset_checks import Problem, Surroundings, problems
from crmcli.rules.presets import BASE, Preset, Row, effective, key_of
from crmcli.rules.vocabulary import FIXED_SETS
from crmcli.store.presets import insert, load, own_preset, remember, rows_of, used
from crmcli.store.transaction import Transaction


class Switched(NamedTuple):
    """How many rows came, changed, came back and were hidden."""

    added: int = 0
    changed: int = 0
    shown: int = 0
    hidden: int = 0


class Alike(NamedTuple):
    """A code that goes on meaning itself, though the preset calls another word or field so, too."""

    set: str
    code: str
    other: str
    mend: str
    """The command that calls the other one otherwise."""


def mistakes(content: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield everything that is wrong with a preset's parsed file."""
    sets: dict[str, set[str]] = {}
    for row in own_preset(BASE).rows["vocabulary"]:
        sets.setdefault(str(row["set"]), set()).add(str(row["code"]))
    return problems(content, Surroundings({name: frozenset(codes) for name, codes in sets.items()}))


def use_preset(tx: Transaction, preset: Preset, text: str) -> tuple[dict[str, Switched], list[Alike]]:
    """Make this the preset of the database and return what became of each table's rows, and what is called alike now.

    Raises ConflictError when a field is of another type than what records have, and when what a word or field is called
    would come to mean another one, too.
    """
    known = _definitions(tx)
    offered = {table: _offered(tx, table) for table in NAMED}
    done = {table: _switch(tx, table, rows, known) for table, rows in effective(preset, own_preset(BASE)).items()}
    alike = [one for table, before in offered.items() for one in _alike(table, before, _offered(tx, table))]
    remember(tx.connection, preset.name, text)
    return done, alike


def _definitions(tx: Transaction) -> dict[tuple[Any, ...], Row]:
    """Return what each row was when its preset brought it, by origin, table and key: what differs, the user changed."""
    found = {}
    for name, text, _current in used(tx.connection):
        for table, rows in load(name, text).rows.items():
            for row in rows:
                found[name, table, key_of(table, row)] = row
    return found


def _switch(tx: Transaction, table: str, rows: list[tuple[Row, str]], known: dict[tuple[Any, ...], Row]) -> Switched:
    there = {key_of(table, row): row for row in rows_of(tx.connection, table)}
    counts = dict.fromkeys(Switched._fields, 0)
    for row, origin in rows:
        key = key_of(table, row)
        have = there.pop(key, None)
        if have is None:
            insert(tx.connection, table, {**row, "origin": origin, "hidden": 0})
            counts["added"] += 1
            continue
        values = _merged(have, row, known.get((have["origin"], table, key))) if have["origin"] else {}
        values |= {"hidden": 0} | ({"origin": origin} if have["origin"] else {})
        _refuse_other_type(table, have, values)
        changed = {name: value for name, value in values.items() if have[name] != value}
        if changed:
            _update(tx, table, have["id"], changed)
            counts["shown" if have["hidden"] else "changed"] += bool(changed.keys() - {"origin", "position"})
    for have in there.values():
        if have["origin"] and not have["hidden"] and have.get("set") not in FIXED_SETS:
            _update(tx, table, have["id"], {"hidden": 1})
            counts["hidden"] += 1
    return Switched(**counts)


def _merged(have: dict[str, Any], row: Row, was: Row | None) -> dict[str, Any]:
    """Return the new definition, but for what the user changed since the old one; of an unknown old one all stays."""
    return {
        name: value if was is not None and have[name] == was.get(name) else have[name] for name, value in row.items()
    }


def _refuse_other_type(table: str, have: dict[str, Any], values: dict[str, Any]) -> None:
    if table == "custom_field" and values.get("type", have["type"]) != have["type"]:
        raise ConflictError(
            _("the field {code} is {type} here, and {other} in the preset").format(
                code=have["code"], type=_(have["type"]), other=_(values["type"])
            ),
            hint=_("crm field edit {noun} {code} --type {type} first").format(
                noun=have["noun"], code=have["code"], type=values["type"]
            ),
        )


def _offered(tx: Transaction, table: str) -> dict[tuple[Any, ...], Row]:
    return {key_of(table, row): row for row in rows_of(tx.connection, table) if not row["hidden"]}


def _alike(table: str, before: Mapping[tuple[Any, ...], Row], now: Mapping[tuple[Any, ...], Row]) -> Iterator[Alike]:
    """Yield whose code is what another one is called since the switch.

    Raises ConflictError where that is a label or an alias, which would not mean what it meant before.
    """
    named = NAMED[table]

    def names(row: Row) -> set[str]:
        return set(map(named.heard, named.names(row)))

    came = {
        (key[0], name): row
        for key, row in now.items()
        for name in names(row) - (names(before[key]) if key in before else set())
    }
    for key in filter(before.__contains__, now):
        row = now[key]
        for name in sorted(names(row)):
            other = came.get((key[0], name), row)
            if other is row:
                continue
            if name != named.heard(str(row["code"])):
                raise ConflictError(
                    _("in {set}, “{word}” means {code} here, and {other} in the preset").format(
                        set=key[0], word=name, code=row["code"], other=other["code"]
                    ),
                    hint=_("{command} first").format(command=named.renaming(row, key[0], name)),
                )
            if name in (named.heard(str(other["en"])), named.heard(str(other["zh"]))):
                yield Alike(key[0], str(row["code"]), str(other["code"]), named.renaming(other, key[0], name))


def _update(tx: Transaction, table: str, id_: int, values: dict[str, Any]) -> None:
    sets = ", ".join(f'"{name}" = ?' for name in values)
    tx.connection.execute(f"UPDATE {table} SET {sets} WHERE id = ?", (*values.values(), id_))
