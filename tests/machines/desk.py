"""One of the machines: its commands, and what its database holds as the export of everything has it."""

import json
from pathlib import Path
from typing import Any

from tests.conftest import Crm, Result, opened

_PASSING = frozenset(
    (
        *("id", "item", "contacts", "contact", "company", "updated_at", "changed", "next_callback_at", "followups"),
        *("promises", "notice"),
    )
)
"""What an export has that is of this database alone, or of somebody who may have been merged there."""
Records = dict[tuple[str, ...], dict[str, Any]]


class Desk:
    """A database of the salesperson's, on a machine of theirs."""

    def __init__(self, name: str, crm: Crm) -> None:
        self.name = name
        self.crm = crm
        self.log: list[str] = []
        """What was done, to be read when it went wrong."""

    def run(self, now: str, *arguments: str) -> Result:
        """Run a command line at a moment."""
        result = self.crm(*arguments, CRM_NOW=now)
        self.log.append(f"{now} {self.name}: {' '.join(arguments)} → {result.code} {result.err.strip()[:200]}")
        return result

    def ok(self, now: str, *arguments: str) -> Any:
        """Run a command line that must succeed, and return the record that was written."""
        result = self.run(now, *arguments, "-o", "json")
        assert result.code == 0, "\n".join([*self.log[-40:], result.out])
        return json.loads(result.out) if result.out.strip() else None

    def id_of(self, table: str, uid: str) -> str:
        """Return the id of a record here; empty where there is none."""
        connection = opened(self.crm.db)
        row = connection.execute(f"SELECT id FROM {table} WHERE uid = ?", (uid,)).fetchone()
        connection.close()
        return str(row[0]) if row else ""

    def everything(self, now: str) -> list[dict[str, Any]]:
        """Return all records."""
        result = self.run(now, "export", "all", "-o", "jsonl")
        assert result.code == 0, result
        return [json.loads(line) for line in result.out.splitlines()]

    def give(self, now: str, path: Path) -> None:
        """Export everything."""
        result = self.run(now, "export", "all", "--to", str(path))
        assert result.code == 0, result

    def take(self, now: str, path: Path) -> dict[str, Any]:
        """Import everything."""
        summary: dict[str, Any] = self.ok(now, "import", str(path))
        return summary


def known_as(*exports: list[dict[str, Any]]) -> dict[str, str]:
    """Return for the uids of contacts and companies that are one, here or there, the first of them."""
    first: dict[str, str] = {}

    def find(uid: str) -> str:
        return find(first[uid]) if first.get(uid, uid) != uid else uid

    for row in (row for rows in exports for row in rows):
        other = row["left_uid"] if row["record"] == "former" else (row.get("fields") or {}).get("external_id")
        if row["record"] in {"contact", "company", "former"} and other:
            one, another = sorted((find(row["uid"]), find(str(other))))
            first[another] = one
    same: dict[str, str] = {}
    for row in (row for rows in exports for row in rows):
        marks = {"callback": row.get("notice"), "complaint": row.get("text")}.get(row["record"])
        if marks and same.setdefault(f"{row['record']} {marks}", row["uid"]) != row["uid"]:
            first[row["uid"]] = same[f"{row['record']} {marks}"]  # planned, or imported, on both
    return {uid: find(uid) for uid in first}


def records(rows: list[dict[str, Any]], known: dict[str, str]) -> Records:
    """Return the records by what they are known by on both machines."""
    found: Records = {}
    for shaped in (_known_row(row, known) for row in rows if row["record"] not in {"former", "content"}):
        kind, uid = shaped.pop("record"), shaped.get("uid")
        if kind == "consent":
            names: tuple[str, ...] = ("contact_uid", "channel", "answer", "at", "source")
        elif kind == "distinct":
            names = ("one_uid", "other_uid")
        else:
            names = ("uid",) if uid else ("set", "noun", "form", "code", "type", "severity", "class")
        found[kind, *(str(shaped.get(name)) for name in names)] = shaped
    return found


def _known_row(row: dict[str, Any], known: dict[str, str]) -> dict[str, Any]:
    """Return what both machines should say; of those who are one on one machine and two on the other, who they are."""
    shaped = {name: _shaped(name, value, known) for name, value in row.items() if not _is_passing(name)}
    if row["record"] in {"callback", "complaint"}:
        shaped.pop("created_at")  # made on both: what follows one that was done, what was in a file
    if row["record"] != "contact":
        shaped.pop("title", None)  # their contact's
    if row["record"] in {"contact", "company"} and shaped["uid"] in known.values():
        return {name: shaped[name] for name in ("record", "uid")}
    return shaped


def _is_passing(name: str) -> bool:
    return name in _PASSING or name.endswith("_id")


def _shaped(name: str, value: Any, known: dict[str, str]) -> Any:
    if isinstance(value, str) and value in known:
        return known[value]
    if name == "fields":
        return {key: part for key, part in value.items() if key != "external_id"}
    if name == "steps":
        value = [{**step, "data": None} for step in value]
    if isinstance(value, list):
        return sorted(json.dumps(part, sort_keys=True, ensure_ascii=False) for part in value)
    return value
