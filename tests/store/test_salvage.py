"""Salvage: whatever is done to the file, what its other pages hold comes back, and the result is a sound database."""

import random
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, closing
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import ConflictError, CrmError, StoreError
from crmcli.store import keys
from crmcli.store.backup import copy_database
from crmcli.store.connection import connect
from crmcli.store.driver import is_encrypted
from crmcli.store.health import examine
from crmcli.store.health.check import Subject
from crmcli.store.pages import PageFile
from crmcli.store.salvage import Salvaged, salvage
from crmcli.store.sealed import SealedPages
from crmcli.store.transaction import Author, Transaction, write
from tests.conftest import ENCRYPTED_TOO, NOW, Crm
from tests.pages import page_size

pytestmark = ENCRYPTED_TOO
IMPORTED = 700
MOMENT = datetime.fromisoformat(NOW)
Damage = Callable[[bytearray], None]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, file_key: str) -> Iterator[Path]:
    """Give a database of imported contacts, whose rows the journal has not, and of some entered by hand."""
    with pytest.MonkeyPatch.context() as patch:
        crm = Crm(tmp_path_factory.mktemp("whole"), patch, file_key)
        lines = [f"客户{number},1380013{number:04},notes {'x' * 200}" for number in range(IMPORTED)]
        crm.ok("import", "-", stdin="姓名,手机,备注\n" + "\n".join(lines) + "\n")
        crm.ok("add", "张三", "--company", "华东电力", "--notes", "long " * 3000)
        crm.ok("log", "客户7", "价格谈到8折", "--next", "tomorrow 10:00")
        crm.ok("log", "张三", "来访")
        crm.ok("add", "Gone")
        crm.ok("contact", "delete", "Gone")
        yield crm.db


def _page_file(database: Path) -> PageFile:
    return SealedPages(database, keys.ask(database)) if is_encrypted(database) else PageFile(database)


def _pages_of(database: Path, table: str) -> list[int]:
    """Return the pages of a table's b-tree, its root first."""
    with closing(connect(database)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    pages = _page_file(database)
    list(pages.walk(root))
    return [root, *sorted(pages.seen - {root})]


OF_VALUES = {"phones", "vocabulary", "clock", "spelling", "values"}
"""Checks of what a value says: a byte spoilt within a text leaves a text, and nothing tells that it was another."""


def _saved(database: Path, folder: Path, tolerated: AbstractSet[str] = frozenset()) -> tuple[dict[str, Salvaged], Path]:
    """Salvage into a new file that must be sound, but for these checks."""
    new = folder / "new.db"
    before = database.read_bytes()
    rows = salvage(database, new, MOMENT)
    assert database.read_bytes() == before
    assert new.stat().st_mode & 0o777 == 0o600
    with closing(connect(new)) as connection:

        def transaction() -> AbstractContextManager[Transaction]:
            return write(connection, Author("wei", MOMENT, "doctor"))

        findings = list(examine(Subject(connection, new, MOMENT, "CN", transaction)))
    assert [finding for finding in findings if not finding.ok and finding.check not in tolerated] == []
    return {row.table: row for row in rows}, new


def _names(database: Path) -> set[str]:
    with closing(connect(database)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM contact")}


def _damaged(whole: Path, tmp_path: Path, damage: Damage) -> Path:
    content = bytearray(whole.read_bytes())
    damage(content)
    path = tmp_path / "bad.db"
    path.write_bytes(content)
    return path


def _wipe(content: bytearray, *pages: int, byte: bytes = b"\0") -> None:
    size = page_size(content)
    for page in pages:
        content[(page - 1) * size : page * size] = byte * size


def test_a_sound_database_is_saved_whole(whole: Path, tmp_path: Path) -> None:
    rows, new = _saved(whole, tmp_path)
    assert all(row.lost == row.restored == 0 for row in rows.values())
    with closing(connect(whole)) as old, closing(connect(new)) as fresh:
        for table in rows:
            content = [
                sorted(map(tuple, database.execute(f"SELECT * FROM {table}").fetchall())) for database in (old, fresh)
            ]
            assert content[0] == content[1], table
        view = "SELECT * FROM contacts ORDER BY id"
        assert [tuple(row) for row in old.execute(view)] == [tuple(row) for row in fresh.execute(view)]


def test_an_image_of_the_journal_that_can_not_be_read_is_lost(whole: Path, tmp_path: Path) -> None:
    copy_database(whole, tmp_path / "bad.db")
    with closing(connect(tmp_path / "bad.db")) as connection:
        connection.execute("""UPDATE change_row SET "after" = substr("after", 1, 9) WHERE entity = 'followup'""")
    rows, _new = _saved(tmp_path / "bad.db", tmp_path)
    assert rows["change_row"].lost == 2


def test_without_the_first_page_nothing_is_lost(whole: Path, tmp_path: Path) -> None:
    copy_database(whole, tmp_path / "bad.db.replaced-one")  # where it is encrypted, the salt is known from there
    rows, new = _saved(_damaged(whole, tmp_path, lambda content: _wipe(content, 1)), tmp_path)
    assert _names(new) == _names(whole)
    assert all(row.lost == 0 for row in rows.values())


def test_without_any_declaration_rows_tell_their_table(whole: Path, tmp_path: Path) -> None:
    pages = _page_file(whole)
    list(pages.walk(1))
    copy_database(whole, tmp_path / "bad.db.replaced-one")
    rows, new = _saved(_damaged(whole, tmp_path, lambda content: _wipe(content, *pages.seen)), tmp_path)
    assert _names(new) >= _names(whole)
    assert rows["followup"].read == 2


def test_without_the_root_of_a_table_its_rows_are_found(whole: Path, tmp_path: Path) -> None:
    root = _pages_of(whole, "contact")[0]
    rows, new = _saved(_damaged(whole, tmp_path, lambda content: _wipe(content, root, byte=b"\xff")), tmp_path)
    assert _names(new) == _names(whole)
    assert rows["contact"] == Salvaged("contact", IMPORTED + 1, 0, 0)


def test_what_a_lost_page_held_is_counted_and_what_hangs_on_it_stays(whole: Path, tmp_path: Path) -> None:
    with closing(connect(whole)) as connection:
        id_ = connection.execute("SELECT id FROM contact WHERE name = '客户7'").fetchone()[0]
    pages = _page_file(whole)
    leaf = next(page for page in _pages_of(whole, "contact") if any(row.id == id_ for row in pages.rows(page)))
    held = len(list(pages.rows(leaf)))
    rows, new = _saved(_damaged(whole, tmp_path, lambda content: _wipe(content, leaf)), tmp_path)
    assert (rows["contact"].read, rows["contact"].lost) == (IMPORTED + 1 - held, held)
    with closing(connect(new)) as connection:
        name, text = connection.execute("SELECT contact, text FROM followups WHERE contact_id = ?", (id_,)).fetchone()
        assert (name, text) == (f"? {id_}", "价格谈到8折")
        phones = connection.execute("SELECT phones FROM contacts WHERE id = ?", (id_,)).fetchone()[0]
        assert "+8613800130007" in phones


def test_what_was_entered_by_hand_comes_back_from_the_journal(whole: Path, tmp_path: Path) -> None:
    pages = _pages_of(whole, "followup")
    rows, new = _saved(_damaged(whole, tmp_path, lambda content: _wipe(content, *pages)), tmp_path)
    assert rows["followup"] == Salvaged("followup", 0, 2, 0)
    assert _names(new) == _names(whole)


def test_the_deleted_stay_deleted(whole: Path, tmp_path: Path) -> None:
    pages = _pages_of(whole, "contact")
    _rows, new = _saved(_damaged(whole, tmp_path, lambda content: _wipe(content, *pages)), tmp_path)
    assert "Gone" not in _names(new)
    assert "张三" in _names(new)


def test_what_a_file_has_before_it_is_cut_off_is_saved(whole: Path, tmp_path: Path) -> None:
    def cut(content: bytearray) -> None:
        del content[len(content) * 3 // 4 + 1000 :]

    rows, _new = _saved(_damaged(whole, tmp_path, cut), tmp_path)
    assert rows["contact"].read
    assert sum(row.lost for row in rows.values())


@pytest.mark.parametrize("seed", range(4))
def test_every_tenth_page_may_be_noise(whole: Path, tmp_path: Path, seed: int) -> None:
    noise = random.Random(seed)  # noqa: S311 - the same noise every time

    def spoil(content: bytearray) -> None:
        size = page_size(content)
        for page in noise.sample(range(1, len(content) // size + 1), len(content) // size // 10):
            content[(page - 1) * size : page * size] = noise.randbytes(size)

    rows, _new = _saved(_damaged(whole, tmp_path, spoil), tmp_path)
    assert rows["contact"].read + rows["contact"].restored > IMPORTED // 2


def test_what_was_committed_to_the_log_counts_and_what_was_not_does_not(whole: Path, tmp_path: Path) -> None:
    live = tmp_path / "live.db"
    live.write_bytes(whole.read_bytes())
    with closing(connect(live)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        spelt = "name_key = 'late', sort_key = 'late', pinyin = NULL, initials = NULL"
        writer.execute(f"UPDATE contact SET name = 'Late', {spelt} WHERE name = '客户7'")
        writer.execute("BEGIN")
        writer.execute("UPDATE contact SET name = 'Never' || id WHERE id % 3 = 0")
        bad = tmp_path / "bad.db"
        bad.write_bytes(live.read_bytes())
        log = live.with_name("live.db-wal").read_bytes()
        bad.with_name("bad.db-wal").write_bytes(log)
        writer.execute("ROLLBACK")
    _rows, new = _saved(bad, tmp_path)
    names = _names(new)
    assert "Late" in names
    assert not any(name.startswith("Never") for name in names)


def test_a_place_that_is_taken_is_refused(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "new.db").touch()
    with pytest.raises(ConflictError):
        salvage(whole, tmp_path / "new.db", MOMENT)
    with pytest.raises(StoreError):
        salvage(tmp_path / "none.db", tmp_path / "other.db", MOMENT)
    with pytest.raises(StoreError):
        salvage(whole, tmp_path / "nowhere" / "other.db", MOMENT)


@pytest.mark.parametrize("content", [b"", b"x", b"Dear Sir or Madam, " * 1000, b"SQLite format 3\0" + b"\xff" * 9000])
def test_where_nothing_can_be_read_nothing_is_made(tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "bad.db"
    bad.write_bytes(content)
    with pytest.raises(StoreError, match="nothing in"):
        salvage(bad, tmp_path / "new.db", MOMENT)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.db"]


def test_custom_fields_that_cannot_be_read_are_mended_in_the_copy(whole: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.db"
    copy_database(whole, bad)
    with closing(connect(bad)) as connection:
        connection.execute("UPDATE contact SET fields = '{\"x\"' WHERE id = 3")
    _rows, new = _saved(bad, tmp_path)
    with closing(connect(new)) as connection:
        assert (
            connection.execute("SELECT fields FROM contact WHERE id = 3").fetchone()[0] == '{"unreadable": "{\\"x\\""}'
        )


def test_a_dry_run_makes_nothing(whole: Path, tmp_path: Path) -> None:
    assert salvage(whole, tmp_path / "new.db", MOMENT, dry_run=True)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=15)
@given(patches=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=300)), min_size=1, max_size=40))
def test_no_damage_leads_to_anything_but_a_database_or_an_error(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, patches: list[tuple[float, bytes]]
) -> None:
    folder = tmp_path_factory.mktemp("damage")

    def patch(content: bytearray) -> None:
        for where, data in patches:
            start = int(where * (len(content) - len(data)))
            content[start : start + len(data)] = data

    try:
        _saved(_damaged(whole, folder, patch), folder, OF_VALUES)
    except CrmError as error:
        assert error.hint  # noqa: PT017 - either is right
