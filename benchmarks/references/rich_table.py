"""One Rich table from sqlite3, without Typer: DATABASE ROWS."""

import sqlite3
import sys

from rich.console import Console
from rich.table import Table

COLUMNS = ("name", "company", "title", "class", "last_contact_at")


def show(database: str, rows: int) -> None:
    """Print the first contacts."""
    connection = sqlite3.connect(database)
    table = Table(*COLUMNS)
    for row in connection.execute(f"SELECT {', '.join(COLUMNS)} FROM contacts ORDER BY sort_key LIMIT ?", (rows,)):
        table.add_row(*(str(value or "") for value in row))
    connection.close()
    Console().print(table)


if __name__ == "__main__":
    show(sys.argv[1], int(sys.argv[2]))
