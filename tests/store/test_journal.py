"""The journal: whatever was done, undoing it in reverse restores every table, and what is derived always follows."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.config import load_settings
from crmcli.errors import ConflictError, CrmError
from crmcli.services import callback, casework, company, complaint, contact, followup, merge
from crmcli.services.case import Deed
from crmcli.services.undo import Undone, undo_change
from crmcli.store.bulk import insert_many
from crmcli.store.connection import connect
from crmcli.store.database import open_database
from crmcli.store.schema import JOURNALLED
from crmcli.store.search import rebuild
from crmcli.store.summaries import FEW, summarised_once
from crmcli.store.transaction import Author, Transaction, write
from tests.conftest import NOW

START = datetime.fromisoformat(NOW).astimezone(ZoneInfo("Asia/Shanghai"))
SETTINGS = load_settings(Path("no such file"))
NAMES = ("张三", "Ann Lee", "欧阳娜娜", "O'Brien")
COMPANIES = ("华东电力", "Acme", "")

Dump = dict[str, list[tuple[Any, ...]]]


class Book:
    """A database, and commands that change it at random; the clock goes on by a minute each time.

    With `many` each is written as one of many records is.
    """

    def __init__(self, connection: sqlite3.Connection, *, many: bool = False) -> None:
        self.connection = connection
        self.now = START
        self.rows_expected = FEW + 1 if many else 1

    def run(self, what: Callable[[Transaction], Any]) -> Any:
        """Run a command as a transaction of its own."""
        self.now += timedelta(minutes=1)
        with (
            write(self.connection, Author("wei", self.now, "test")) as tx,
            summarised_once(tx, self.rows_expected),
        ):
            return what(tx)

    def undo(self, change: int | None = None) -> Undone:
        undone: Undone = self.run(lambda tx: undo_change(tx, change))
        return undone

    def dump(self) -> Dump:
        tables = {
            name: list(map(tuple, self.connection.execute(f"SELECT * FROM {name} ORDER BY id"))) for name in JOURNALLED
        }
        return {**tables, "state": self.rows("SELECT * FROM contact_state ORDER BY contact_id"), "search": self.index()}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return list(map(tuple, self.connection.execute(sql)))

    def index(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT rowid, name, reach, body FROM search ORDER BY rowid")

    def check(self) -> None:
        """Hold what is derived against the same made afresh."""
        assert self.rows("PRAGMA foreign_key_check") == []
        afresh = self.rows("SELECT * FROM contact_state_now ORDER BY contact_id")
        assert self.rows("SELECT * FROM contact_state ORDER BY contact_id") == afresh
        index = self.index()
        self.connection.execute("BEGIN")
        rebuild(self.connection)
        rebuilt = self.index()
        self.connection.execute("ROLLBACK")
        assert index == rebuilt

    def some(self, table: str, number: int) -> int:
        """Return the id of some record; raises ConflictError when there is none."""
        ids = self.rows(f"SELECT id FROM {table} ORDER BY id")
        if not ids:
            raise ConflictError(f"no {table}")
        return int(ids[number % len(ids)][0])

    def act(self, action: str, a: int, b: int) -> bool:
        """Run an action on records chosen by the numbers; return whether it could be done and changed anything."""
        before = self.rows("SELECT max(id) FROM change")
        with suppress(CrmError):
            self.run(lambda tx: ACTIONS[action](self, tx, a, b))
        return self.rows("SELECT max(id) FROM change") != before


def _add(book: Book, tx: Transaction, a: int, b: int) -> None:
    given: dict[str, Any] = {
        "name": NAMES[a % len(NAMES)],
        "company": COMPANIES[b % len(COMPANIES)],
        "source": f"fair {b}",
        "phones": [f"1380013800{a}"],
        "tags": ["vip"],
    }
    if a % 2:
        given["referred_by_id"] = book.some("contact", b)
    contact.add_contact(tx, given, now=book.now, country="CN", owner="wei", force=True)


def _edit(book: Book, tx: Transaction, a: int, b: int) -> None:
    given: dict[str, Any] = (
        {"title": f"title {b}", "class": "core"},
        {"company": COMPANIES[b % len(COMPANIES)]},
        {"name": NAMES[b % len(NAMES)], "add_tags": [f"tag {b}"]},
        {"phones": [f"1390013900{b}"], "set": [f"field={b}"]},
        {"remove_tags": ["vip"], "notes": "茶"},
    )[b % 5]
    contact.edit_contact(tx, book.some("contact", a), given, now=book.now, country="CN", owner="wei")


def _rename_company(book: Book, tx: Transaction, a: int, b: int) -> None:
    given = {"name": f"Company {b}"}
    company.edit_company(tx, book.some("company", a), given, now=book.now, country="CN")


def _log(book: Book, tx: Transaction, a: int, b: int) -> None:
    given = {"text": f"谈了 {b}", "kind": "note" if b == 1 else "visit", "next": "tomorrow 10:00" if b % 2 else None}
    followup.add_followup(tx, book.some("contact", a), given, now=book.now, order="md", owner="wei")


def _plan(book: Book, tx: Transaction, a: int, b: int) -> None:
    given = {"when": "every monday 9:00" if b % 2 else "in 3 days", "purpose": f"报价 {b}"}
    callback.add_callback(tx, book.some("contact", a), given, now=book.now, order="md", owner="wei")


def _done(book: Book, tx: Transaction, a: int, b: int) -> None:
    followup.complete_callback(tx, book.some("callback", a), f"done {b}", {}, now=book.now, order="md", owner="wei")


def _snooze(book: Book, tx: Transaction, a: int, b: int) -> None:
    callback.snooze_callback(tx, book.some("callback", a), f"in {b + 4} days", now=book.now, order="md")


def _complain(book: Book, tx: Transaction, a: int, b: int) -> None:
    given = {"text": f"迟到 {b}", "category": f"category {b}"}
    complaint.add_complaint(tx, book.some("contact", a), given, Deed("wei", book.now, book.now, SETTINGS))


def _resolve(book: Book, tx: Transaction, a: int, b: int) -> None:
    step = casework.resolve if b % 2 else casework.comment
    step(tx, book.some("complaint", a), Deed("wei", book.now, book.now, SETTINGS, f"note {b}"))


def _delete(book: Book, tx: Transaction, a: int, b: int) -> None:
    table, delete = (
        ("contact", contact.delete_contact),
        ("company", company.delete_company),
        ("callback", callback.delete_callback),
        ("followup", followup.delete_followup),
        ("complaint", complaint.delete_complaint),
    )[b % 5]
    delete(tx, book.some(table, a))


def _merge(book: Book, tx: Transaction, a: int, b: int) -> None:
    table = "company" if b == 5 else "contact"
    ids = [book.some(table, a), book.some(table, b)]
    merge.merge_parties(tx, table, ids, ["title", "name"] if a % 2 else [], now=book.now)


def _import(book: Book, tx: Transaction, a: int, b: int) -> None:
    """Create contacts as an import does, fill in what all others lack, and change one of them in the same breath."""
    known = tx.connection.execute("SELECT coalesce(max(id), 0) FROM contact").fetchone()[0]
    names = {"name": NAMES[a % len(NAMES)], "at": "2026-11-01T00:00:00Z", "known": known}
    insert_many(
        tx,
        "contact",
        "INSERT INTO contact (uid, name, name_key, sort_key, company_id, fields, created_at, updated_at) "
        "SELECT hex(randomblob(8)), :name, :name, :name, (SELECT max(id) FROM company), '{}', :at, :at "
        "FROM (VALUES (1), (2), (3))",
        names,
    )
    insert_many(
        tx,
        "followup",
        "INSERT INTO followup (uid, contact_id, kind, at, text, created_at, updated_at) "
        "SELECT hex(randomblob(8)), id, 'call', :at, 'imported', :at, :at FROM contact",
        names,
    )
    points = (
        "INSERT INTO contact_point (contact_id, kind, value, key, digits) "
        "SELECT id, 'phone', '+8613' || id, '8613' || id, '13' || id FROM contact WHERE id {which} :known"
    )
    insert_many(tx, "contact_point", points.format(which=">"), names)
    tx.connection.execute(points.format(which="<="), names)
    if b % 2:
        _edit(book, tx, b, a)


ACTIONS: dict[str, Callable[[Book, Transaction, int, int], None]] = {
    "add": _add,
    "edit": _edit,
    "rename company": _rename_company,
    "log": _log,
    "plan": _plan,
    "done": _done,
    "snooze": _snooze,
    "complain": _complain,
    "resolve": _resolve,
    "delete": _delete,
    "merge": _merge,
    "import": _import,
}

PLANS = st.lists(st.tuples(st.sampled_from(sorted(ACTIONS)), st.integers(0, 5), st.integers(0, 5)), max_size=10)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an empty database once; every example works on a copy."""
    path = tmp_path_factory.mktemp("journal") / "empty.db"
    open_database(path).close()
    return path


@pytest.fixture
def new_book(empty: Path, tmp_path: Path) -> Callable[[], Any]:
    """Return what opens a fresh database with one contact, to be used in a `with`."""

    def open_book() -> Any:
        path = tmp_path / "book.db"
        for old in tmp_path.glob("book.db*"):
            old.unlink()
        shutil.copyfile(empty, path)
        return closing(connect(path))

    return open_book


@settings(max_examples=25)
@given(plan=PLANS, many=st.booleans())
def test_undoing_everything_restores_everything(
    new_book: Callable[[], Any], plan: list[tuple[str, int, int]], many: bool
) -> None:
    with new_book() as connection:
        book = Book(connection, many=many)
        book.act("add", 0, 0)
        states = [book.dump()]
        for action in plan:
            if book.act(*action):
                states.append(book.dump())
                book.check()
        undone = []
        for state in reversed(states[:-1]):
            book.undo()
            assert book.dump() == state
            book.check()
            undone.append(book.rows("SELECT max(id) FROM change")[0][0])
        for change, state in zip(reversed(undone), states[1:], strict=True):
            assert book.undo(change).again
            assert book.dump() == state
        book.check()


@settings(max_examples=25)
@given(plan=PLANS, choices=st.lists(st.integers(0, 30), max_size=6))
def test_any_undo_is_whole_or_refused(
    new_book: Callable[[], Any], plan: list[tuple[str, int, int]], choices: list[int]
) -> None:
    with new_book() as connection:
        book = Book(connection)
        for action in [("add", 0, 0), *plan]:
            book.act(*action)
        for choice in choices:
            before = book.dump()
            change = book.some("change", choice)
            try:
                book.undo(change)
            except ConflictError:
                assert book.dump() == before
            else:
                book.check()
                book.undo(book.rows("SELECT max(id) FROM change")[0][0])
                assert book.dump() == before


@pytest.fixture
def book(new_book: Callable[[], Any]) -> Iterator[Book]:
    with new_book() as connection:
        yield Book(connection)


def test_an_import_of_many_is_undone_and_done_again_whole(book: Book) -> None:
    book.act("add", 0, 0)
    before = book.dump()
    for action in (("import", 0, 1), ("import", 1, 0)):
        book.act(*action)
    after = book.dump()
    book.undo(3)
    book.undo(2)
    assert book.dump() == before
    book.undo(5)
    book.undo(4)
    assert book.dump() == after
    book.check()
    book.undo(3)
    book.undo(2)
    assert book.dump() == before


def test_a_change_that_cancels_itself_leaves_nothing_to_take_back(book: Book) -> None:
    def add_and_delete(tx: Transaction) -> None:
        _add(book, tx, 0, 2)
        contact.delete_contact(tx, book.some("contact", 0))
        tx.connection.execute("DELETE FROM vocabulary WHERE code LIKE 'fair%'")

    book.run(add_and_delete)
    before = book.dump()
    with pytest.raises(ConflictError, match="left nothing"):
        book.undo()
    assert book.dump() == before
