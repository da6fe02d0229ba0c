"""Encryption: with the key all is as without, without it nothing is; plain and encrypted turn into each other."""

import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from sqlcipher3 import dbapi2

from crmcli.asking import unseen
from crmcli.context import Context
from crmcli.errors import CrmError, StoreError
from crmcli.fault import fault
from crmcli.store import backup, keys
from crmcli.store.connection import REPLACED, connect_plainly, schema_of
from crmcli.store.driver import is_encrypted, load_cipher, open_file
from crmcli.store.recode import change_key
from crmcli.store.restore import prepared, put_in_place
from tests.conftest import NOW, PLAIN_ONLY, Crm

KEY = "ab" * 32
PHRASE = "it's 一个 “phrase\""
NAME = "张三丰"

pytestmark = PLAIN_ONLY  # so each test begins


@pytest.fixture
def encrypted(crm: Crm) -> Crm:
    """Give a database with a contact, encrypted with KEY."""
    crm.ok("add", NAME, "--phone", "13800138000")
    crm.ok("encrypt", CRM_KEY=KEY)
    return crm


def _holds(path: Path) -> bool:
    """Return whether a name can be read in any file of a folder."""
    return any(NAME.encode() in file.read_bytes() for file in path.rglob("*") if file.is_file())


@pytest.mark.parametrize("secret", [KEY, PHRASE])
def test_a_life_under_a_key(crm: Crm, secret: str) -> None:
    crm.ok("add", NAME, "--phone", "13800138000")
    before = crm.data("show", NAME)
    crm.ok("encrypt", CRM_KEY=secret)
    assert is_encrypted(crm.db)
    assert crm.data("show", NAME, CRM_KEY=secret) == before
    crm.ok("log", NAME, "谈好了", "--next", "tomorrow", CRM_KEY=secret)
    assert "谈好了" in crm.ok("find", "谈好", CRM_KEY=secret).out
    crm.ok("undo", CRM_KEY=secret)
    assert crm.ok("doctor", CRM_KEY=secret).out.count("SQLCipher") == 1
    assert not _holds(crm.folder)
    crm.ok("decrypt", "-y", CRM_KEY=secret)
    assert crm.data("show", NAME) == before
    assert crm.ok("doctor").code == 0


@pytest.mark.parametrize(("environ", "said"), [({}, "no key is set"), ({"CRM_KEY": "other"}, "does not open")])
def test_no_key_and_a_wrong_one_are_one_clear_line(encrypted: Crm, environ: dict[str, str], said: str) -> None:
    for line in ("list", "today", "remind", "add X", "backup", "doctor", "encrypt", "decrypt"):
        result = encrypted(*line.split(), **environ)
        assert result.code == 7, line
        assert said in result.err
        assert NAME not in result.out
        assert "Traceback" not in result.err
        assert "other" not in result.err
    assert encrypted("today", "--brief", **environ).code == 0


def test_copies_are_encrypted_with_the_same_key(encrypted: Crm, tmp_path: Path) -> None:
    encrypted.ok("log", NAME, "谈好了", "--at", "2020-01-01", CRM_KEY=KEY)
    encrypted.ok("log", NAME, "又谈", CRM_KEY=KEY)
    backup = Path(encrypted.data("backup", CRM_KEY=KEY)["path"])
    assert backup.name in encrypted.ok("backup", "--list", CRM_KEY=KEY).out
    encrypted.ok("archive", "--before", "2021-01-01", "-y", CRM_KEY=KEY)
    assert encrypted.data("followup", "list", CRM_KEY=KEY, CRM_DB=str(tmp_path / "crm.archive.db"))
    encrypted.ok("contact", "delete", NAME, "-y", CRM_KEY=KEY)
    for key in ("other", ""):
        refused = encrypted("restore", str(backup), "-y", CRM_KEY=key)
        assert (refused.code, str(backup) in refused.err, ".restore-" in refused.err) == (7, True, False)
    encrypted.ok("restore", str(backup), "-y", CRM_KEY=KEY)
    assert len(encrypted.data("list", CRM_KEY=KEY)) == 1
    assert not _holds(encrypted.folder)


def test_a_plain_backup_is_encrypted_where_the_database_is(crm: Crm) -> None:
    crm.ok("add", NAME)
    plain = crm.data("backup")["path"]
    crm.db.chmod(0o660)
    said = crm.ok("encrypt", CRM_KEY=KEY).err
    assert crm.db.stat().st_mode & 0o777 == 0o660
    assert f"whoever could read them still can: {Path(plain).name}" in said
    crm.ok("restore", plain, "-y", CRM_KEY=KEY)
    assert is_encrypted(crm.db)
    assert len(crm.data("list", CRM_KEY=KEY)) == 1


def test_another_key(encrypted: Crm, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(PHRASE, "utf-8")
    (tmp_path / "key").chmod(0o600)
    assert encrypted("encrypt", "--new-key", "geheim", CRM_KEY=KEY).code == 2
    unnamed = encrypted("encrypt", CRM_KEY=KEY)  # nobody to type it in
    assert (unnamed.code, "encrypted already" in unnamed.err, "--new-key" in unnamed.err) == (7, True, True)
    encrypted.ok("encrypt", "--new-key", f"file:{tmp_path}/key", CRM_KEY=KEY)
    assert encrypted("list", CRM_KEY=KEY).code == 7
    encrypted.ok("config", "set", "key", f"file:{tmp_path}/key")
    assert len(encrypted.data("list")) == 1
    assert encrypted("config", "set", "key", PHRASE).code == 2


def test_a_dry_run_and_a_locked_database_change_nothing(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crmcli.store.recode._PATIENCE_SECONDS", 0.5)
    crm.ok("add", NAME)
    before = crm.db.read_bytes()
    crm.ok("encrypt", "-n", CRM_KEY=KEY)
    assert not is_encrypted(crm.db)
    assert len(crm.db.read_bytes()) == len(before)
    reading = (  # in a process of its own: two libraries in one would not see each other's locks
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM contact').fetchall();"
        "print('read', flush=True); sys.stdin.read()"
    )
    line = [sys.executable, "-c", reading, str(crm.db)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout
        assert reader.stdout.readline()
        assert crm("encrypt", CRM_KEY=KEY).code == 7
        reader.communicate()
    assert crm.ok("doctor").code == 0


def test_a_new_database_is_encrypted_where_a_key_is_set(crm: Crm) -> None:
    crm.not_begun()
    crm.ok("init", "--encrypt", CRM_KEY=KEY)
    assert is_encrypted(crm.db)
    assert crm("init", "--encrypt", CRM_KEY=KEY).code == 5


def test_who_waited_for_the_old_file_does_not_write_to_it(crm: Crm) -> None:
    crm.ok("add", NAME)
    with closing(sqlite3.connect(crm.db)) as late:  # has the old file open, and has not read it yet
        change_key(crm.db, KEY)
        assert late.execute("PRAGMA user_version").fetchone()[0] == REPLACED
        with pytest.raises(Exception, match="replaced"):
            schema_of(late, crm.db)
    assert not crm.db.with_name("crm.db-journal").exists()


class _Keyring(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[f"{service} {username}"] = password


class _Locked(_Keyring):
    """A keyring whose service on the bus fails in its own way: such errors are none of the library's."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError(f"Cannot spawn a message bus. {service} {username}")


def test_a_keyring_that_fails_in_its_own_way_is_told_in_a_line(encrypted: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.core._keyring_backend", _Locked())
    encrypted.ok("config", "set", "key", "keyring:crm")
    for command in (["list"], ["today"], ["remind", "--once"], ["add", NAME]):
        result = encrypted(*command, CRM_KEY="")
        assert (result.code, result.out) == (7, ""), command
        assert result.err.startswith("error: can't read the keyring: Cannot spawn a message bus"), result.err
    result = encrypted("encrypt", "--new-key", "keyring:crm", CRM_KEY=KEY)
    assert "keyring: Cannot spawn a message bus" in result.err


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_of_the_guide_is_lived_through(crm: Crm, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = _Keyring()
    monkeypatch.setattr("keyring.core._keyring_backend", ring)
    monkeypatch.chdir(crm.folder)
    crm.ok("add", NAME)
    page = crm.ok("guide", "encryption", CRM_LANG=language).out
    commands = [shlex.split(line)[1:] for line in page.splitlines() if line.startswith("    crm ")]
    for command in commands:
        if "file:~/.crm-key" in command:
            (crm.folder / ".crm-key").touch(mode=0o600)
            (crm.folder / ".crm-key").write_text(ring.kept["crmcli crm"])
        crm.ok(*command, CRM_LANG=language)
        if "--new-key" not in command:  # until the setting says so, too
            assert len(crm.data("list")) == 1, command
    assert len({*ring.kept.values()}) == len(ring.kept) == 2
    assert not is_encrypted(crm.db)
    assert is_encrypted(Path("saved.db"))
    assert commands[-1] == ["decrypt", "--yes"]


def test_a_backup_under_another_key_is_restored_with_it_and_given_todays(encrypted: Crm) -> None:
    backup = encrypted.data("backup", CRM_KEY=KEY)["path"]
    encrypted.ok("encrypt", "--new-key", "env:NEW", CRM_KEY=KEY, NEW=PHRASE)
    encrypted.ok("contact", "delete", NAME, "-y", CRM_KEY=PHRASE)
    assert encrypted("restore", backup, "-y", CRM_KEY=PHRASE).code == 7
    encrypted.ok("restore", backup, "-y", CRM_KEY=KEY)
    encrypted.ok("encrypt", "--new-key", "env:NEW", CRM_KEY=KEY, NEW=PHRASE)
    assert len(encrypted.data("list", CRM_KEY=PHRASE)) == 1


def test_a_restore_that_gives_the_database_another_key_says_so(crm: Crm) -> None:
    crm.ok("add", NAME)
    plain = crm.data("backup")["path"]
    crm.ok("encrypt", CRM_KEY=KEY)
    sealed = crm.data("backup", CRM_KEY=KEY)["path"]
    said = "is the key of"
    assert said not in crm.ok("restore", plain, "-y", CRM_KEY=KEY).err
    assert said in crm.ok("restore", plain, "-y", CRM_KEY=PHRASE).err  # which does not open what is there
    assert said in crm.ok("restore", sealed, "-y", CRM_KEY=KEY).err
    crm.ok("decrypt", "-y", CRM_KEY=KEY)
    assert said not in crm.ok("restore", plain, "-y", CRM_KEY=KEY).err
    assert said in crm.ok("restore", sealed, "-y", CRM_KEY=KEY).err


def test_errors_are_twins() -> None:
    load_cipher()  # makes them so
    for name in ("DatabaseError", "OperationalError", "IntegrityError", "ProgrammingError", "InterfaceError"):
        assert issubclass(getattr(dbapi2, name), getattr(sqlite3, name))


def test_a_reference_to_what_is_gone_is_told_as_of_a_plain_file(encrypted: Crm) -> None:
    with closing(open_file(encrypted.db, key=KEY)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError) as refused:
            connection.execute("INSERT INTO tag (contact_id, name, key) VALUES (99, 'vip', 'vip')")
    assert "deleted or merged meanwhile" in fault(refused.value, Context({}, [])).message


def test_other_programs_open_it_with_the_passphrase(crm: Crm) -> None:
    crm.ok("add", NAME)
    crm.ok("encrypt", CRM_KEY="geheim")
    with closing(dbapi2.connect(str(crm.db))) as other:
        other.execute("PRAGMA key = 'geheim'")
        assert other.execute("SELECT name FROM contact").fetchone()[0] == NAME


def test_many_begin_one_database_at_once(tmp_path: Path) -> None:
    lines = [[sys.executable, "-m", "crmcli", "add", f"客户{number}"] for number in range(6)]
    environ = {"PATH": "", "HOME": str(tmp_path), "CRM_DB": str(tmp_path / "crm.db"), "CRM_KEY": KEY}
    root = Path(__file__).parent.parent.parent
    for running in [subprocess.Popen(line, env=environ, cwd=root, stdout=subprocess.DEVNULL) for line in lines]:
        assert running.wait(120) == 0
    keys.ask = lambda _path: KEY
    with closing(open_file(tmp_path / "crm.db")) as connection:
        assert connection.execute("SELECT count(*) FROM contact").fetchone()[0] == len(lines)


def test_a_backup_of_what_is_encrypted_at_that_moment_says_so(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.ok("add", NAME)

    def then_encrypted(path: Path) -> sqlite3.Connection:
        connection = connect_plainly(path)
        connection.execute("PRAGMA journal_mode = DELETE")  # as after a restore
        change_key(path, KEY)
        return connection

    monkeypatch.setattr(backup, "connect_plainly", then_encrypted)
    refused = crm("backup", CRM_KEY=KEY)
    assert (refused.code, "has just been replaced — try again" in refused.err) == (7, True), refused
    assert list((crm.folder / "backups").iterdir()) == []


def test_a_plain_backup_does_not_replace_what_was_encrypted_meanwhile(crm: Crm) -> None:
    crm.ok("add", NAME)
    kept = Path(crm.ok("backup", "-o", "json").json["path"])
    with prepared(kept, crm.db) as ready:
        change_key(crm.db, KEY)
        with pytest.raises(StoreError, match="just been replaced"):
            put_in_place(ready.copy, crm.db, datetime.fromisoformat(NOW))
    assert is_encrypted(crm.db)


@pytest.mark.parametrize(
    ("answer", "said"),
    [(EOFError(), "nothing was changed"), (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "start"), "is not text")],
)
def test_no_answer_and_one_that_is_no_text_are_no_fault(
    answer: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answered(_question: str) -> str:
        raise answer

    monkeypatch.setattr("getpass.getpass", answered)
    with pytest.raises(CrmError, match=said):
        unseen("new key: ")


def test_a_key_that_cannot_be_had_matters_only_where_something_is_encrypted(crm: Crm, tmp_path: Path) -> None:
    crm.ok("add", NAME)
    crm.ok("config", "set", "key", f"file:{tmp_path}/nowhere")
    for line in (["list"], ["add", "Ann"], ["backup"], ["undo"], ["remind"]):
        crm.ok(*line)
    found = crm("doctor")
    assert (found.code, "✗ not encrypted, though a key is set: can't read" in found.out) == (1, True), found
    for line in (["init"], ["add", "Bob"], ["encrypt"]):
        assert crm(*line, "--db", str(tmp_path / "new.db")).code == 7
    assert not (tmp_path / "new.db").exists()
