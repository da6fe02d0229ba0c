"""Rows read from a file's pages, without SQLite."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crmcli.store.connection import PAGE_SIZE
from crmcli.store.pages import PageFile

ROWS = 2_000


@pytest.mark.parametrize("size", [4096, PAGE_SIZE])
@pytest.mark.parametrize("text", ["x" * 90, "客户" * 30, ""])
def test_without_its_first_page_a_file_tells_the_size_of_the_others(tmp_path: Path, size: int, text: str) -> None:
    path = tmp_path / "some.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"PRAGMA page_size = {size}")
        connection.execute("CREATE TABLE some (id INTEGER PRIMARY KEY, text)")
        connection.executemany("INSERT INTO some (text) VALUES (?)", [(f"{number} {text}",) for number in range(ROWS)])
    content = path.read_bytes()
    path.write_bytes(bytes(size) + content[size:])
    pages = PageFile(path)
    found = [row.id for number in pages.unseen() for row in pages.rows(number)]
    assert sorted(found) == [*range(1, ROWS + 1)]
