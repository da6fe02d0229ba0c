"""One Rich table from sqlite3, as a Typer program: DATABASE ROWS."""

import sqlite3
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

COLUMNS = ("name", "company", "title", "class", "last_contact_at")
app = typer.Typer()


@app.command()
def show(database: str, rows: Annotated[int, typer.Argument(min=1)]) -> None:
    """Print the first contacts."""
    connection = sqlite3.connect(database)
    table = Table(*COLUMNS)
    for row in connection.execute(f"SELECT {', '.join(COLUMNS)} FROM contacts ORDER BY sort_key LIMIT ?", (rows,)):
        table.add_row(*(str(value or "") for value in row))
    connection.close()
    Console().print(table)


if __name__ == "__main__":
    app()
