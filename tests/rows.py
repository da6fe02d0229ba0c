"""Rows written straight into the tables, for tests that need many or unusual ones."""

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from shutil import copy
from typing import Any

from crmcli.rules.names import clean, name_key, pinyin, sort_key
from crmcli.store import keys
from crmcli.store.database import open_database
from crmcli.when.stored import moment_text
from tests.conftest import empty_database

NOW = datetime.fromisoformat("2026-11-25T09:00:00+08:00")


class Rows:
    """A database to fill. Every function returns the row's id; moments are aware or ISO texts."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            copy(empty_database(keys.ask(None)), path)
        self.connection = open_database(path)
        self._uids = count(1)

    def contact(self, name: str = "张三", *, created: Any = NOW, **columns: Any) -> int:
        """Add a contact; `class_` stands for the column `class`."""
        spelt = pinyin(name)
        named = {"name": clean(name), "name_key": name_key(name), "sort_key": sort_key(name)}
        spelling = {"pinyin": spelt.full, "initials": spelt.initials} if spelt else {}
        if "class_" in columns:
            columns["class"] = columns.pop("class_")
        stamps = {"created_at": _moment(created), "updated_at": _moment(created), "fields": "{}"}
        return self._insert("contact", **named, **spelling, **stamps, **columns)

    def callback(self, contact: int, due: datetime | str, **columns: Any) -> int:
        """Add a callback: due at a moment, or all day when `due` is a day as text."""
        when = {"due_on": due, "due_at": None}
        if isinstance(due, datetime):
            when = {"due_on": due.date().isoformat(), "due_at": moment_text(due)}
        values = {"kind": "contact", "zone": "Asia/Shanghai", "status": "open", "after_done": 0, **_stamps()}
        return self._insert("callback", contact_id=contact, **{**values, **when, **columns})

    def complaint(self, contact: int, respond: datetime | None, resolve: datetime | None, **columns: Any) -> int:
        """Add a complaint with its deadlines; `responded` and `resolved` close them."""
        values = {
            "type": "complaint",
            "severity": "high",
            "text": "交付延迟",
            "status": "received",
            "received_at": moment_text(NOW),
            "respond_by": respond and moment_text(respond),
            "resolve_by": resolve and moment_text(resolve),
            **_stamps(),
        }
        return self._insert("complaint", contact_id=contact, **{**values, **columns})

    def promise(self, contact: int, due: datetime | str, **columns: Any) -> int:
        """Add a promise: due at a moment, or all day when `due` is a day as text."""
        moment = due if isinstance(due, datetime) else datetime.fromisoformat(f"{due}T00:00:00+08:00") + days(1)
        when = {"due_on": due, "due_at": None, "due_by": moment_text(moment)}
        if isinstance(due, datetime):
            when |= {"due_on": due.date().isoformat(), "due_at": moment_text(due)}
        values = {"text": "送样品", "zone": "Asia/Shanghai", "status": "open", "made_at": moment_text(NOW), **_stamps()}
        return self._insert("promise", contact_id=contact, **{**values, **when, **columns})

    def supervision(self, contact: int, report: str, **columns: Any) -> int:
        """Add a supervision whose next report is due on a day; `columns` name what is supervised."""
        values = {"responsible": "lin", "every": "2d", "report_on": report, **_stamps()}
        return self._insert("supervision", contact_id=contact, **{**values, **columns})

    def followup(self, contact: int, at: Any = NOW, **columns: Any) -> int:
        """Add a follow-up."""
        values = {"kind": "call", "text": "…", "at": _moment(at), **_stamps()}
        return self._insert("followup", contact_id=contact, **{**values, **columns})

    def clear(self) -> None:
        """Forget every contact and all that belongs to them."""
        self.connection.execute("DELETE FROM contact")
        self.connection.execute("DELETE FROM reminder")

    def _insert(self, table: str, **columns: Any) -> int:
        columns.setdefault("uid", f"{table}{next(self._uids)}")
        names = ", ".join(f'"{name}"' for name in columns)
        cursor = self.connection.execute(
            f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", list(columns.values())
        )
        assert cursor.lastrowid
        return cursor.lastrowid


def days(number: float) -> timedelta:
    """Return so many days."""
    return timedelta(days=number)


def _stamps() -> dict[str, str]:
    return {"created_at": moment_text(NOW), "updated_at": moment_text(NOW)}


def _moment(moment: Any) -> str:
    return moment if isinstance(moment, str) else moment_text(moment.astimezone(UTC))
