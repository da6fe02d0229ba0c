"""A damaged file: every page overwritten in turn, cut off at every page, and what is no database of ours at all.

Reading answers or says that the file is damaged, writing does it or says so, and the doctor tells and saves.
"""

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random

from crmcli.store.connection import SCHEMA
from tests.faults.machine import Machine, new_folder, require_honest
from tests.faults.repertoire import KEY
from tests.pages import page_size

_READS: tuple[tuple[str, ...], ...] = (
    ("list",),
    ("today",),
    ("show", "张三"),
    ("find", "客户7"),
    ("remind",),
    ("history",),
    ("export", "all"),
)
_WRITES: tuple[tuple[str, ...], ...] = (
    ("add", "王五"),
    ("log", "张三", "x"),
    ("contact", "delete", "张三"),
    ("undo",),
    ("backup",),
)
_WAYS = ("zeros", "ones", "noise", "another page", "cut off")
_STRIDE = 7_919
"""A prime, so that a few rounds in a row have something of everything, and many rounds everything once."""
_EVERY = 8
"""So often, it is no database of ours at all."""
_STRANGERS = ("foreign", "text", "empty", "header", "newer", "stale log", "another log", "folder")


@cache
def _home(key: str) -> Machine:
    home = Machine(new_folder(), key=key)
    home.ok("add", "张三", "--phone", "13800138000")
    rows = "".join(f"客户{n},1381234{n:04},{'x' * 300}\n" for n in range(60))
    (home.folder / "in.csv").write_text(f"name,phone,notes\n{rows}", "utf-8")
    home.ok("import", "in.csv")
    home.ok("log", "张三", "来访", "--next", "tomorrow 10:00")
    home.ok("complain", "张三", "晚了")
    with closing(home.opened()) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return home


def try_one(folder: Path, seed: int) -> str:
    """Damage the file in one way: after enough rounds every page in every way, and the strangers.

    Every second time the file is encrypted.
    """
    chance = Random(seed)  # noqa: S311 - the same every time
    step, encrypted = divmod(seed, 2)
    home = _home(KEY if encrypted else "").copy(folder)
    content = bytearray(home.db.read_bytes())
    pages = len(content) // page_size(content)
    turn, strange = divmod(step, _EVERY)
    if strange:
        way, page = divmod(step * _STRIDE % (pages * len(_WAYS)), pages)
        said = _WAYS[way]
        home.db.write_bytes(_damaged(content, page, said, chance))
    else:
        said = _STRANGERS[turn % len(_STRANGERS)]
        _make_stranger(home, said, chance)
    _require_honesty(home, said)
    return f"{said}, encrypted" if encrypted else said


def _damaged(content: bytearray, page: int, way: str, chance: Random) -> bytes:
    size = page_size(content)
    start, end = page * size, (page + 1) * size
    if way == "cut off":
        return bytes(content[: start + chance.choice((0, 1, 100, size - 1))])
    other = chance.randrange(len(content) // size) * size
    content[start:end] = {
        "zeros": b"\0" * size,
        "ones": b"\xff" * size,
        "noise": chance.randbytes(size),
        "another page": bytes(content[other : other + size]),
    }[way]
    return bytes(content)


def _make_stranger(home: Machine, way: str, chance: Random) -> None:
    """Put something in the database's place, or beside it."""
    log = home.db.with_name("crm.db-wal")
    match way:
        case "foreign":
            home.db.unlink()
            with closing(sqlite3.connect(home.db)) as connection:
                connection.execute("CREATE TABLE photos (id INTEGER)")
        case "newer":
            with closing(home.opened()) as connection:
                connection.execute(f"PRAGMA user_version = {SCHEMA + 7}")
        case "stale log" | "another log":
            keep = home.db.read_bytes()
            with closing(home.opened()) as connection:
                connection.execute("UPDATE contact SET notes = 'later'")
                written = log.read_bytes()
            home.db.write_bytes(keep)
            log.write_bytes(written if way == "stale log" else chance.randbytes(5000))
        case "folder":
            home.db.unlink()
            home.db.mkdir()
        case _:
            home.db.write_bytes(
                {"text": b"Dear Sir " * 2000, "empty": b"", "header": b"SQLite format 3\0" + b"\1" * 84}[way]
            )


def _require_honesty(home: Machine, way: str) -> None:
    """Run what reads, the doctor, the rescue, then what writes."""
    for arguments in (*_READS, ("doctor",)):
        ended = home.run(*arguments)
        require_honest(ended, way, arguments)
        assert ended.code in {0, 1, 3, 7}, (way, arguments, ended)
    saved = home.run("doctor", "--salvage", "saved.db")
    require_honest(saved, way)
    if saved.code in {0, 6}:
        Machine(home.folder, "saved.db", home.key).ok("list", "--db", "saved.db")
    for arguments in (*_WRITES, ("doctor", "--fix")):
        ended = home.run(*arguments)
        require_honest(ended, way, arguments)
        assert ended.code in {0, 1, 3, 5, 7}, (way, arguments, ended)
