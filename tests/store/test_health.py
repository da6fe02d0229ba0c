"""The doctor: each check finds its own illness alone, and mends it; a healthy database is left as it is."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from datetime import datetime
from pathlib import Path

import pytest

from crmcli.errors import StoreError
from crmcli.store import cipher, network, search
from crmcli.store.backup import faults, list_backups
from crmcli.store.connection import SCHEMA, connect
from crmcli.store.database import open_database
from crmcli.store.health import check, examine
from crmcli.store.health.check import Finding, Subject
from crmcli.store.transaction import Author, Transaction, write
from tests.conftest import ENCRYPTED_TOO, NOW, Crm, opened
from tests.pages import page_size
from tests.schemas import take_for_newest

pytestmark = ENCRYPTED_TOO
NOW_ = datetime.fromisoformat(NOW)

ILLNESSES = {
    "integrity": "DROP INDEX ix_contact_sort_key; CREATE INDEX ix_contact_sort_key ON contact (sort_key) WHERE id > 1; "
    "PRAGMA writable_schema = ON; "
    "UPDATE sqlite_master SET sql = replace(sql, ' WHERE id > 1', '') WHERE name = 'ix_contact_sort_key'",
    "indexes": "DROP INDEX ix_contact_class",
    "derived": "DROP TRIGGER journal_contact_update",
    "journal": "UPDATE journal_state SET change_id = 1",
    "references": "PRAGMA foreign_keys = OFF; DELETE FROM company",
    "vocabulary": "UPDATE contact SET class = 'gold', updated_at = '2026-11-25T00:00:00Z'",
    "phones": "UPDATE contact_point SET value = '138 0013 8000' WHERE kind = 'phone'; "
    "DELETE FROM search; "
    "INSERT INTO contact_point (contact_id, kind, value, key) SELECT contact_id, kind, value, key FROM contact_point "
    "WHERE kind = 'email'",
    "names": "UPDATE contact SET name = '张 三', name_key = '张 三' WHERE id = 1; "
    "UPDATE company SET name = '华 东 电 力', name_key = '华 东 电 力' WHERE id = 1",
    "spelling": "UPDATE contact SET name = '王五' WHERE id = 1; UPDATE company SET name = '南方电网' WHERE id = 1",
    "values": "UPDATE callback SET due_on = '2026-02-30', due_time = '25:99', zone = 'Mars', snoozed_from = 'x'; "
    "UPDATE contact SET birthday = '12.5.1988', created_at = datetime(created_at); "
    "UPDATE followup SET at = 'yesterday'; UPDATE complaint_step SET data = '{'; "
    "UPDATE contact_point SET kind = 'fax' WHERE kind = 'email'; UPDATE preset SET text = '=x['",
    "fields": 'UPDATE contact SET fields = \'{"limit": Infinity, "x": [NaN]}\' WHERE id = 1',
    "summaries": "UPDATE contact_state SET open_callbacks = 7",
    "search": "DELETE FROM search WHERE rowid % 8 = 2",
    "reminders": "INSERT INTO reminder (occurrence, channel, claimed_at, claimed_by, attempts, nagged) "
    "VALUES ('callback:1', '', '2026-11-25T00:00:00Z', 'x', 0, 0)",
    "log": "PRAGMA journal_mode = DELETE",
}
"""Check → what makes it find something."""

TABLES = ("contact", "company")


class Clinic:
    """A database to examine."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def examine(self, *, fix: bool = False) -> dict[str, Finding]:
        with closing(connect(self.path)) as connection:

            def transaction() -> AbstractContextManager[Transaction]:
                return write(connection, Author("wei", NOW_, "doctor --fix"))

            subject = Subject(connection, self.path, NOW_, "CN", transaction)
            return {finding.check: finding for finding in examine(subject, fix=fix)}

    def ill(self, *, fix: bool = False) -> set[str]:
        return {check for check, finding in self.examine(fix=fix).items() if not finding.ok}

    def run(self, script: str) -> None:
        with closing(opened(self.path)) as connection:
            connection.executescript(script)
            connection.commit()

    def backups(self) -> int:
        return len(list_backups(self.path, self.path.parent / "backups"))


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory, file_key: str) -> Iterator[Path]:
    """Give the bytes of a database with a record of every kind."""
    with pytest.MonkeyPatch.context() as patch:
        crm = Crm(tmp_path_factory.mktemp("healthy"), patch, file_key)
        crm.ok("add", "张三", "--company", "华东电力", "--phone", "13800138000", "--email", "z@x.cn", "--class", "core")
        crm.ok("add", "Ann Lee", "--company", "Acme", "--phone", "+6561234567", "--tag", "vip", "--referred-by", "张三")
        crm.ok("log", "张三", "价格谈到8折", "--next", "tomorrow 10:00")
        crm.ok("complain", "Ann Lee", "late", "--severity", "high")
        yield crm.db


@pytest.fixture
def clinic(healthy: Path, tmp_path: Path) -> Clinic:
    path = tmp_path / "crm.db"
    path.touch(0o600)
    path.write_bytes(healthy.read_bytes())
    return Clinic(path)


def test_padded_names_are_closed_and_that_can_be_undone(clinic: Clinic, crm: Crm) -> None:
    clinic.run(ILLNESSES["names"])
    assert ("contact", 1) in [(row["kind"], row["id"]) for row in crm.data("--db", str(clinic.path), "find", "张三")]
    assert crm.data("--db", str(clinic.path), "show", "张三")["name"] == "张 三", "found even so"
    crm.ok("--db", str(clinic.path), "doctor", "--fix")
    assert crm.data("--db", str(clinic.path), "show", "张三")["name"] == "张三"
    assert crm.data("--db", str(clinic.path), "show", "张 三")["name"] == "张三"
    assert crm.data("--db", str(clinic.path), "company", "show", "华东电力")["name"] == "华东电力"
    crm.ok("--db", str(clinic.path), "undo")
    assert crm.data("--db", str(clinic.path), "show", "张三")["name"] == "张 三"


def test_who_was_renamed_elsewhere_is_found_by_the_new_name(clinic: Clinic, crm: Crm) -> None:
    clinic.run(ILLNESSES["spelling"])
    assert crm("--db", str(clinic.path), "show", "王五").code == 3
    assert clinic.examine(fix=True)["spelling"].message == "2 are known by other names"
    for name in ("王五", "ww"):
        assert crm.data("--db", str(clinic.path), "show", name)["id"] == 1
    assert crm("--db", str(clinic.path), "show", "张三").code == 3
    assert crm("--db", str(clinic.path), "company", "add", "南方电网").code == 5


def test_a_healthy_database_is_left_as_it_is(clinic: Clinic) -> None:
    before = clinic.path.read_bytes()
    findings = clinic.examine(fix=True)
    assert all(finding.ok and not finding.fixed and finding.message for finding in findings.values())
    assert clinic.path.read_bytes() == before
    assert clinic.backups() == 0


@pytest.mark.parametrize("illness", ILLNESSES)
def test_an_illness_is_found_and_mended(clinic: Clinic, illness: str) -> None:
    clinic.run(ILLNESSES[illness])
    before = clinic.path.read_bytes()
    found = clinic.examine()
    assert not found[illness].ok
    assert found[illness].message
    assert "crm doctor --fix" in found[illness].cure
    assert clinic.path.read_bytes() == before
    if illness == "derived":  # a trigger that is missing makes no difference yet
        assert clinic.ill() == {"derived"}
    mended = clinic.examine(fix=True)
    assert mended[illness].ok
    assert mended[illness].fixed
    assert clinic.ill() == set()
    assert clinic.backups() == 1


def test_what_can_not_be_read_is_as_the_journal_has_it_or_named(clinic: Clinic, crm: Crm) -> None:
    """One day in another form ended `crm today` for everybody, and no command could correct it."""
    before = crm.data("--db", str(clinic.path), "export", "all")
    clinic.run(ILLNESSES["values"])
    refused = crm("--db", str(clinic.path), "show", "张三")
    assert refused.code == 7
    assert "followup 1 at “yesterday”" in refused.err
    assert "crm doctor --fix" in refused.err
    assert clinic.examine(fix=True)["values"].ok
    assert crm.data("--db", str(clinic.path), "export", "all") == before
    clinic.run("DELETE FROM change_row; UPDATE followup SET at = 'yesterday'; UPDATE contact SET birthday = '--02-30'")
    found = clinic.examine(fix=True)["values"].message
    assert found.startswith(
        "3 values can't be read: followup 1 at “yesterday”, contact 1 birthday “--02-30”, contact 2"
    )


def test_text_that_is_none_is_why_the_search_index_can_not_be_checked(clinic: Clinic) -> None:
    """It was said that a table is locked: what was being read when that was met."""
    clinic.run("UPDATE contact SET notes = CAST(x'ff41' AS TEXT) WHERE id = 1")
    assert "Could not decode to UTF-8 column" in clinic.examine()["search"].message


def test_a_number_that_is_none_becomes_text_and_what_is_no_json_is_kept_as_a_text(clinic: Clinic) -> None:
    clinic.run(ILLNESSES["fields"] + """; UPDATE company SET fields = '{"x": ' WHERE id = 1""")
    assert "2 records" in clinic.examine()["fields"].message
    assert clinic.examine(fix=True)["fields"].ok
    with closing(opened(clinic.path)) as connection:
        fields = [connection.execute(f"SELECT fields FROM {table} WHERE id = 1").fetchone()[0] for table in TABLES]
    assert fields == ['{"limit": "Infinity", "x": ["NaN"]}', '{"unreadable": "{\\"x\\":"}']


@pytest.mark.parametrize("damage", ["'{' || char(0, 27) || 'x'", "'[1]'", "'1'", "''", "'null'"])
def test_whoever_has_such_fields_is_shown_once_they_are_mended(clinic: Clinic, crm: Crm, damage: str) -> None:
    clinic.run(f"UPDATE contact SET fields = {damage} WHERE id = 1")
    assert not clinic.examine()["fields"].ok
    shown = crm("--db", str(clinic.path), "show", "1")
    assert (shown.code, "crm doctor --fix" in shown.err) == (7, True)
    clinic.examine(fix=True)
    assert clinic.ill() == set()
    for words in (["list"], ["show", "1"], ["export", "contacts"], ["contact", "edit", "1", "--title", "x"]):
        crm.ok("--db", str(clinic.path), *words)


@pytest.fixture
def large(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """Give a database that counts as so large that a sample has to do."""
    monkeypatch.setattr(check, "_LARGE", 0)
    return clinic


def test_a_sample_of_the_search_index_is_told_as_one(large: Clinic) -> None:
    large.run(ILLNESSES["search"])
    found = large.examine()["search"]
    assert (found.ok, found.sampled) == (False, True)
    assert large.ill(fix=True) == set()


@pytest.mark.parametrize(
    ("index", "work"),
    [
        ("ix_contact_sort_key", "UPDATE contact SET sort_key = 'later' WHERE id = 1"),
        ("ix_contact_birthday", "UPDATE contact SET birthday = '1990-01-01' WHERE id = 2"),
        ("ix_contact_point_digits", "UPDATE contact_point SET digits = NULL WHERE kind = 'phone'"),
        ("ix_followup_at", "UPDATE followup SET at = '2026-01-01T00:00:00Z'"),
        ("mine", "UPDATE contact SET name = 'another' WHERE id = 1"),
    ],
)
def test_an_index_that_was_not_kept_does_not_fit(large: Clinic, index: str, work: str) -> None:
    large.run("CREATE INDEX mine ON contact(lower(name) COLLATE NOCASE DESC)")
    assert large.ill() == set()
    with closing(opened(large.path)) as connection:
        declared = connection.execute("SELECT * FROM sqlite_master WHERE name = ?", (index,)).fetchone()
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = ?", (index,))
        connection.commit()
    large.run(f"DROP TRIGGER state_followup_update; {work}")
    with closing(opened(large.path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", declared)
        connection.commit()
    assert "integrity" in large.ill()
    large.examine(fix=True)
    assert "integrity" not in large.ill()


def test_what_the_doctor_changes_in_records_can_be_undone(clinic: Clinic) -> None:
    clinic.run(ILLNESSES["vocabulary"])
    clinic.examine(fix=True)
    with closing(connect(clinic.path)) as connection:
        assert connection.execute("SELECT en FROM vocabulary WHERE code = 'gold'").fetchone()[0] == "gold"
        command, rows = connection.execute('SELECT command, "rows" FROM changes ORDER BY id DESC').fetchone()
    assert (command, rows) == ("doctor --fix", 1)


def test_whose_contact_is_gone_goes_too_and_whose_company_is_gone_forgets_it(clinic: Clinic) -> None:
    clinic.run("PRAGMA foreign_keys = OFF; DELETE FROM contact WHERE name = '张三'; DELETE FROM company")
    assert "references" in clinic.ill()
    assert clinic.ill(fix=True) == set()
    with closing(connect(clinic.path)) as connection:
        rows = connection.execute("SELECT name, company_id, referred_by_id FROM contact").fetchall()
        assert [tuple(row) for row in rows] == [("Ann Lee", None, None)]
        assert connection.execute("SELECT count(*) FROM followup").fetchone()[0] == 0


def test_a_journal_without_its_change_is_dropped(clinic: Clinic) -> None:
    clinic.run("PRAGMA foreign_keys = OFF; DELETE FROM change WHERE id = 1")
    assert clinic.ill() == {"journal"}
    assert clinic.ill(fix=True) == set()


def test_a_lost_table_is_told_and_not_invented(clinic: Clinic) -> None:
    clinic.run("DROP TABLE import_map")
    finding = clinic.examine(fix=True)["tables"]
    assert not finding.ok
    assert "import_map" in finding.message
    assert "restore" in finding.cure


def test_a_derived_table_is_made_again(clinic: Clinic) -> None:
    clinic.run("DROP TABLE search; DROP TABLE contact_state")
    assert {"derived", "summaries", "search"} <= clinic.ill()
    assert clinic.ill(fix=True) == set()


def test_a_search_index_whose_own_pages_disagree_is_made_again(clinic: Clinic) -> None:
    clinic.run("DELETE FROM search_data WHERE id > 10")
    assert clinic.ill() == {"search"}
    assert clinic.ill(fix=True) == set()


def test_a_newer_sqlite_that_looks_at_the_search_index_does_not_call_the_file_damaged(
    clinic: Clinic, file_key: str
) -> None:
    clinic.run("DELETE FROM search_data WHERE id > 10")
    with closing(cipher.connected(str(clinic.path), 1, file_key and cipher.file_key(clinic.path, file_key))) as newer:
        said = " ".join(row[0] for row in newer.execute("PRAGMA integrity_check"))
        assert faults(newer) == []
    assert "fts5" in said.casefold()


def test_the_search_index_is_compared_whole_or_a_part_of_it_in_turn(clinic: Clinic) -> None:
    clinic.run("UPDATE search SET body = 'nonsense' WHERE rowid = 8")
    with closing(connect(clinic.path)) as connection:
        assert search.differences(connection) == 1
        assert sorted(search.differences(connection, 1, turn) for turn in range(2)) == [0, 1]


def test_what_the_user_added_to_the_file_is_left_alone(clinic: Clinic) -> None:
    clinic.run("CREATE VIEW mine AS SELECT name FROM contact; CREATE TABLE notes (id INTEGER)")
    assert clinic.ill() == set()


def test_a_change_from_the_future_is_told(clinic: Clinic) -> None:
    clinic.run("UPDATE change SET at = '2027-01-01T00:00:00Z' WHERE id = 1")
    finding = clinic.examine(fix=True)["clock"]
    assert not finding.ok
    assert "2027-01-01" in finding.message


def test_an_older_schema_is_upgraded_only_with_fix(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    take_for_newest(monkeypatch, SCHEMA + 1)
    findings = clinic.examine()
    assert not findings["schema"].ok
    assert "summaries" not in findings


def test_space_that_is_not_used_is_given_back(clinic: Clinic) -> None:
    before = clinic.path.stat().st_size
    clinic.run("CREATE TABLE big (x); INSERT INTO big VALUES (zeroblob(1000000)); DROP TABLE big")
    finding = clinic.examine()["size"]
    assert not finding.ok
    assert "KB" in finding.message or "MB" in finding.message
    assert clinic.ill(fix=True) == set()
    assert clinic.path.stat().st_size < before + 100_000


def test_a_full_disk_is_told(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crmcli.store.health.file._SPARE", 1 << 60)
    assert clinic.ill(fix=True) == {"space"}


def test_a_network_file_system_is_told(clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(network, "MOUNTS", mounts)
    assert "would damage it" in clinic.examine(fix=True)["network"].message
    clinic.run("PRAGMA journal_mode = DELETE")
    assert clinic.ill(fix=True) == {"network"}
    assert "one machine at a time" in clinic.examine()["network"].message


def test_on_a_network_there_is_no_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(network, "MOUNTS", mounts)
    with closing(open_database(tmp_path / "crm.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("/home/wei/crm.db", ""),
        ("/mnt/our files/crm.db", "cifs"),
        ("/mnt/our files/local/crm.db", ""),
        ("/mnt/our/crm.db", ""),
        ("/net/crm.db", "fuse.sshfs"),
    ],
)
def test_the_innermost_mount_counts(path: str, type_: str) -> None:
    mounts = (
        "/dev/vda / ext4 rw 0 0\n//nas/x /mnt/our\\040files cifs rw 0 0\n"
        "/dev/sdb /mnt/our\\040files/local xfs rw 0 0\nbroken\nh:/ /net fuse.sshfs rw 0 0\n"
    )
    assert network.network_type(Path(path), mounts) == type_


def test_a_damaged_file_is_refused(clinic: Clinic) -> None:
    content = bytearray(clinic.path.read_bytes())
    size = page_size(content)
    for page in range(15, 40):
        content[size * page : size * page + 2000] = b"\xff" * 2000
    clinic.path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged") as caught:
        clinic.examine(fix=True)
    assert "--salvage" in caught.value.hint
    assert clinic.path.read_bytes() == content


def test_a_database_with_nothing_in_it_yet_is_begun(crm: Crm) -> None:
    empty = crm.folder / "empty.db"
    empty.touch(0o600)
    told = "✗ there is nothing in it yet → any command brings it up to date"
    assert told in crm("doctor", "--db", str(empty)).out
    crm.ok("doctor", "--fix", "--db", str(empty))
    assert crm.data("list", "--db", str(empty)) == []
