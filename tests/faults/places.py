"""Places that a database can't live in, or only just: full, closed, gone, linked, without a home or a zone."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from random import Random

from crmcli.render.text import width
from tests.faults.forks import Ended
from tests.faults.machine import Machine, new_folder, require_honest
from tests.faults.netdisk import network_disk
from tests.faults.repertoire import DATA, KEY, ONE_LINE, READS, furnish

Scenario = Callable[[Path, Random], str]
SKIPPED = "skipped: not possible here"
_WRITES: tuple[tuple[str, ...], ...] = (
    ("add", "李四", "--company", "新公司"),
    ("log", "张三", "谈到价格 " * 2000, "--next", "tomorrow 10:00"),
    ("import", "many.csv"),
    ("complain", "张三", "晚了"),
    ("contact", "delete", "张三"),
    ("backup",),
    ("attach", "张三", "many.csv"),
    ("archive", "--before", "2026-11-01", "-y"),
    ("export", "contacts", "--to", "out.csv"),
    ("contact", "erase", "张三", "-y"),
    ("restore", "many.csv", "-y"),
)
_READS: tuple[tuple[str, ...], ...] = (
    ("list",),
    ("today",),
    ("show", "张三"),
    ("find", "张"),
    ("remind",),
    ("history",),
    ("export", "contacts"),
)
_NARROW = 20
_HALF = 0.5
_SOON = 10
"""Seconds after which people think that it hangs."""


def _home(folder: Path) -> Machine:
    home = Machine(folder)
    home.ok("add", "张三", "--phone", "13800138000")
    home.ok("log", "张三", "来访", "--next", "tomorrow 10:00")
    (folder / "many.csv").write_text("name,notes\n" + "".join(f"n{n},{'x' * 500}\n" for n in range(3000)), "utf-8")
    return home


def _told(ended: Ended, *arguments: str) -> None:
    """Require an honest failure: one line that says why, and nothing on standard output."""
    require_honest(ended, arguments)
    assert ended.code in {1, 7}, (arguments, ended)
    assert ended.err.splitlines()[-1].startswith("error: "), (arguments, ended)


def _each_write(home: Machine, run: Callable[..., Ended], but: Collection[str] = ()) -> None:
    """Run what writes, one after another: each does all of it, or nothing and says so."""
    for arguments in _WRITES:
        before = home.state()
        ended = run(*arguments)
        require_honest(ended, arguments)
        if ended.code not in {0, 5}:
            assert ended.err.splitlines()[-1].startswith("error: "), (arguments, ended)
            assert home.state() == before, (arguments, ended)
    home.examined(but)


def full_disk(folder: Path, chance: Random) -> str:
    """Write where there is hardly any room; wants the right to mount a small disk."""
    with _small_disk(folder / "disk", chance.randrange(2_700, 5_000)) as small:
        if small is None:
            return SKIPPED
        try:
            home = _home(folder / "disk")
        except (AssertionError, OSError):
            return "too small to begin"
        _each_write(home, home.run)
    return "full disk"


@contextmanager
def _small_disk(place: Path, kilobytes: int) -> Iterator[Path | None]:
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def size_limit(folder: Path, chance: Random) -> str:
    """Write where files may not become larger (ulimit -f)."""
    home = _home(folder)
    limit = chance.randrange(1_000, 2_000_000)
    _each_write(home, lambda *arguments: home.run(*arguments, most_bytes=limit))
    return "file-size limit"


def closed_output(folder: Path, _chance: Random) -> str:
    """Write where the answer can't be printed: the error says that it was written."""
    home = _home(folder)
    for arguments in (*_WRITES[:2], _WRITES[3]):
        before = home.state()
        ended = home.run(*arguments, stdout="/dev/full")
        _told(ended, *arguments)
        assert "was written" in ended.err, ended
        assert home.state() != before
    for arguments in (("list",), ("show", "张三"), ("history",), ("export", "contacts")):
        _told(home.run(*arguments, stdout="/dev/full", CRM_OUTPUT="csv"), *arguments)
    home.examined()
    return "closed output"


def no_rights(folder: Path, chance: Random) -> str:
    """Read and write what the permissions don't allow."""
    home = _home(folder)
    (folder / "place").mkdir()
    home.db.rename(folder / "place" / "crm.db")
    home.db = folder / "place" / "crm.db"
    mode, of_folder = chance.choice([(0o600, 0o500), (0o400, 0o700), (0o400, 0o500), (0o000, 0o700), (0o600, 0o000)])
    home.db.chmod(mode)
    home.db.parent.chmod(of_folder)

    def run(*arguments: str) -> Ended:
        return home.run(*arguments, without_rights=True, CRM_DB=str(home.db))

    readable = mode & 0o400 and of_folder & 0o400
    try:
        for arguments in _READS:
            ended = run(*arguments)
            require_honest(ended, arguments)
            assert ended.code == (0 if readable else 7), (arguments, ended)
        for arguments in (*_WRITES[:5], *_WRITES[6:8]):
            ended = run(*arguments)
            require_honest(ended, arguments)
            assert ended.code == (0 if arguments[0] == "archive" and readable else 7), (arguments, ended)
        doctor = run("doctor", "--fix")
        require_honest(doctor)
        assert doctor.code in {1, 7}, doctor
    finally:
        home.db.parent.chmod(0o700)
        home.db.chmod(0o600)
    home.examined()
    return f"permissions {mode:04o} in {of_folder:04o}"


def vanished(folder: Path, _chance: Random) -> str:
    """Work in a folder that is gone, and on a database in one."""
    home = _home(folder)
    for arguments in _READS:
        ended = home.run(*arguments, CRM_DB=str(folder / "gone" / "crm.db"))
        _told(ended, *arguments)
    assert not (folder / "gone").exists()
    for arguments in (*_READS, ("add", "王五"), ("backup",), ("doctor",)):
        (folder / "cwd").mkdir()
        ended = home.run(*arguments, current="cwd")
        require_honest(ended, arguments)
        assert ended.code == 0, (arguments, ended)
    _told(home.run("list", current=_made(folder / "cwd"), CRM_DB="crm.db"))
    home.examined()
    return "vanished folder"


def _made(folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    return folder.name


def linked(folder: Path, _chance: Random) -> str:
    """Work on a symbolic link: it stays one, and what it leads to is the database."""
    home = _home(folder)
    (folder / "there").mkdir()
    real = folder / "there" / "real.db"
    home.db.rename(real)
    home.db.symlink_to(real)
    for arguments in ((*_WRITES[0],), ("backup", "--to", "kept"), ("archive", "--before", "2026-11-25", "-y")):
        home.ok(*arguments)
    home.ok("contact", "delete", "李四")
    home.ok("restore", str(next((folder / "kept").glob("*.db"))), "-y")
    assert home.db.is_symlink()
    assert "李四" in home.ok("list")
    home.ok("attach", "张三", "many.csv")
    home.ok("attachment", "verify", CRM_DB=str(real))
    assert {path.name for path in folder.glob("crm.*")} == {"crm.db"}, "what belongs to it lies beside the database"
    led_to = Machine(folder / "there", "real.db")
    assert "李四" in led_to.run("list", CRM_DB=str(real)).out
    led_to.examined()
    (folder / "loop").symlink_to("loop")
    _told(home.run("list", CRM_DB=str(folder / "loop")))
    return "symbolic link"


def network(folder: Path, chance: Random) -> str:
    """Work on a disk that can't be mapped into memory, as networks have them; wants the right to mount one."""
    type_ = chance.choice(["fuse.sshfs", "fuse.another"])
    with network_disk(folder, type_) as place:
        if place is None:
            return SKIPPED
        home = Machine(place, key=chance.choice(["", KEY]))
        told = home.run("add", "张三")
        assert (told.code, type_ in told.err) == (0, type_ == "fuse.sshfs"), told
        (place / "many.csv").write_text("name\n" + "".join(f"n{n}\n" for n in range(100)), "utf-8")
        for arguments in _READS:
            home.ok(*arguments)
        _each_write(home, home.run, but={"network", "log"})
        with closing(sqlite3.connect(folder / "server" / "moved.db")) as local:  # made elsewhere, with a log
            local.execute("PRAGMA journal_mode = WAL")
        assert home.run("add", "李四", "--db", "moved.db").code == 0
        doctor = home.run("doctor", "--fix")
        assert (doctor.code, f"({type_})" in doctor.out) == (1, type_ == "fuse.sshfs"), doctor
        assert "→ move it to a disk of this machine" in " ".join(doctor.out.split()), doctor
        home.ok("list")
    return type_


def no_locks(folder: Path, chance: Random) -> str:
    """Work on a disk that can't lock anything: that is told at once, and not that somebody else has locked it."""
    with network_disk(folder, chance.choice(["fuse.sshfs", "fuse.another"]), locks=False) as place:
        if place is None:
            return SKIPPED
        local = _home(folder)
        content = local.db.read_bytes() if chance.random() < _HALF else b""
        (place / "crm.db").write_bytes(content)
        home = Machine(place)
        for arguments in chance.sample([*_READS[:4], *_WRITES[:2], ("backup",), ("doctor", "--fix")], 2):
            ended = home.run(*arguments)
            _told(ended, *arguments)
            assert ("no locks" in ended.err, ended.seconds < _SOON) == (True, True), (arguments, ended)
        assert (place / "crm.db").read_bytes() == content
    return "no locks"


def bare(folder: Path, chance: Random) -> str:
    """Work without a home, a zone or a locale, and with nonsense for each."""
    home = _home(folder)
    nonsense = ("", "nonsense", "/", "\x1b[31m", "x" * 5000, "../..", "C", "zh_CN.GBK", "de_DE@euro", ":", "UTC+99")
    for arguments in (*_READS, ("add", f"n{chance.random()}"), ("config", "list"), ("config", "path"), ("doctor",)):
        around = {name: chance.choice(nonsense) for name in ("TZ", "LC_ALL", "LANG", "USER", "TERM", "COLUMNS")}
        homeless = {"HOME": chance.choice(["/proc/nowhere", "/dev/null", str(folder)])}
        ended = home.run(*arguments, **around, **homeless)
        require_honest(ended, arguments, around)
        assert ended.code in {0, 1}, (arguments, around, ended)
    home.examined()
    return "bare environment"


def settings(folder: Path, chance: Random) -> str:
    """Work with a settings file of anything: each command says what is wrong with it, or works."""
    home = _home(folder)
    file = folder / "config.toml"
    pieces = (
        "page",
        " = ",
        "5",
        '"',
        "[",
        "]",
        "\n",
        "severity",
        ".",
        "high",
        "respond",
        "=",
        "-1",
        "true",
        "é",
        "\x1b[31m",
    )
    more = (
        "timezone",
        '"Asia/Shanghai"',
        "country",
        '"CN"',
        "notify",
        "{",
        "}",
        "'''",
        "#",
        "1e400",
        "2026-01-01",
        "\x00",
    )
    for _number in range(4):
        content = "".join(chance.choice(pieces + more) for _piece in range(chance.randrange(1, 30))).encode()
        file.write_bytes(chance.choice([content, chance.randbytes(200), b"[" * 20_000, b"\xff\xfe" + content]))
        for arguments in (("list",), ("today",), ("doctor",), ("config", "list"), ("config", "set", "page", "9")):
            ended = home.run(*arguments, CRM_CONFIG=str(file))
            require_honest(ended, arguments, file.read_bytes())
            assert ended.code in {0, 1, 2}, (arguments, file.read_bytes(), ended)
    home.examined()
    return "settings"


@cache
def _furnished() -> Machine:
    home = Machine(new_folder())
    furnish(home, rows=20)
    return home


def narrow(folder: Path, chance: Random) -> str:
    """Print a third of all screens on a terminal of twenty columns, or fewer: none is wider, whatever is asked for."""
    home = _furnished().copy(folder)
    for arguments in chance.sample([*READS], len(READS) // 3):
        columns, language = chance.choice([1, 10, _NARROW]), chance.choice(["en", "zh"])
        ended = home.run(*arguments, COLUMNS=str(columns), CRM_LANG=language)
        assert ended.code == 0, (arguments, ended)
        if arguments in DATA:
            continue
        require_honest(ended, arguments)
        wide = [text for text in ended.out.splitlines() if width(text) > _NARROW]
        assert len(wide) <= (arguments in ONE_LINE), (arguments, language, wide)
    return "twenty columns"


def clock(folder: Path, chance: Random) -> str:
    """Go on working with a clock that is set back a day, and ten years ahead."""
    home = _home(folder)
    moments = ["2026-11-24T09:00:00+08:00", "2036-11-25T09:00:00+08:00", "2026-11-25T09:00:00+08:00"]
    for moment in chance.sample(moments, 2):
        for arguments in (
            *(("add", f"n{chance.random()}"), ("log", "张三", "早"), ("plan", "张三", "in 2 days", "样品")),
            *(("done", "1"), ("contact", "edit", "张三", "--title", f"t{chance.random()}"), ("undo",), ("backup",)),
            *(("remind", "--once"), ("complain", "张三", "晚"), ("complaint", "respond", "1", "好"), *_READS),
        ):
            ended = home.run(*arguments, CRM_NOW=moment)
            require_honest(ended, arguments, moment)
            assert ended.code in {0, 2, 3, 5}, (arguments, moment, ended)
    home.ok("doctor", CRM_NOW="2037-01-01T00:00:00Z")
    return "clock"


SCENARIOS: tuple[Scenario, ...] = (
    *(full_disk, size_limit, closed_output, no_rights, vanished, linked, network, no_locks),
    *(bare, settings, narrow, clock),
)


def try_one(folder: Path, seed: int) -> str:
    """Go to one of the places; each round to the next."""
    return SCENARIOS[seed % len(SCENARIOS)](folder, Random(seed))  # noqa: S311 - the same every time
