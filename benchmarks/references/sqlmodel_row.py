"""A Typer program that writes one row with SQLModel: DATABASE CONTACT TEXT."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Field, Session, SQLModel, create_engine

app = typer.Typer()


class Note(SQLModel, table=True):
    """What was said."""

    id: int | None = Field(default=None, primary_key=True)
    contact: str = Field(index=True)
    text: str
    at: datetime


@app.command()
def add(database: Path, contact: str, text: Annotated[str, typer.Argument(help="what was said")]) -> None:
    """Write a note."""
    engine = create_engine(f"sqlite:///{database}")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        note = Note(contact=contact, text=text, at=datetime.now(UTC))
        session.add(note)
        session.commit()
        session.refresh(note)
        typer.echo(f"Noted {note.id}")


if __name__ == "__main__":
    app()
