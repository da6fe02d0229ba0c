"""The industry presets that a database was made with."""

from sqlalchemy import Column, Integer, Text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS


class Preset(SQLModel, table=True):
    """A preset as it was used: `text` is its file, by which an edit is told from what it brought.

    `current` marks the one in use.
    """

    __tablename__ = "preset"
    __table_args__ = STRICT_IDS

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    text: str = Field(sa_column=Column(Text, nullable=False))
    current: int = Field(sa_column=Column(Integer, nullable=False))
