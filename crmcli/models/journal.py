"""The journal and what else the program remembers: written by SQL in `store/`, declared here with all tables."""

from datetime import datetime

from sqlalchemy import Column, Index, Integer, Text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT, STRICT_IDS, Moment, points_at


class Change(SQLModel, table=True):
    """One command that wrote: when, who, and the command line. `undoes` names the change that it took back."""

    __tablename__ = "change"
    __table_args__ = STRICT_IDS

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    actor: str = Field(sa_column=Column(Text, nullable=False))
    command: str = Field(sa_column=Column(Text, nullable=False))
    undoes: int | None = Field(default=None, sa_column=Column(Integer, points_at("change")))
    undone_by: int | None = Field(default=None, sa_column=Column(Integer, points_at("change")))


class ChangeRow(SQLModel, table=True):
    """One row before and after a change, as JSON objects; written by triggers, so that nothing escapes it."""

    __tablename__ = "change_row"
    __table_args__ = (
        Index("ix_change_row_change", "change_id"),
        Index("ix_change_row_entity", "entity", "entity_id", "change_id"),
        Index("ix_change_row_contact", "contact_id", "change_id"),
        STRICT,
    )

    id: int | None = Field(default=None, primary_key=True)
    change_id: int = Field(sa_column=Column(Integer, points_at("change"), nullable=False))
    entity: str = Field(sa_column=Column(Text, nullable=False))
    entity_id: int = Field(sa_column=Column(Integer, nullable=False))
    contact_id: int | None = Field(default=None, sa_column=Column(Integer))
    before: str | None = Field(default=None, sa_column=Column(Text))
    after: str | None = Field(default=None, sa_column=Column(Text))


class ChangeRange(SQLModel, table=True):
    """A run of rows that a bulk import created: the journal's compact form."""

    __tablename__ = "change_range"
    __table_args__ = STRICT

    id: int | None = Field(default=None, primary_key=True)
    change_id: int = Field(sa_column=Column(Integer, points_at("change"), nullable=False, index=True))
    entity: str = Field(sa_column=Column(Text, nullable=False))
    first_id: int = Field(sa_column=Column(Integer, nullable=False))
    last_id: int = Field(sa_column=Column(Integer, nullable=False))


class JournalState(SQLModel, table=True):
    """The change being recorded: one row, set only inside a write transaction. `bulk` silences the insert triggers."""

    __tablename__ = "journal_state"
    __table_args__ = STRICT

    id: int | None = Field(default=None, primary_key=True)
    change_id: int | None = Field(default=None, sa_column=Column(Integer))
    bulk: int = Field(default=0, sa_column=Column(Integer, nullable=False))


class ImportMap(SQLModel, table=True):
    """A saved mapping of a file's headings to fields, as a JSON object."""

    __tablename__ = "import_map"
    __table_args__ = STRICT

    name: str = Field(sa_column=Column(Text, primary_key=True))
    mapping: str = Field(sa_column=Column(Text, nullable=False))
