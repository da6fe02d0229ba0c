"""The vocabulary: the words that classes, kinds, severities and the like are chosen from."""

from sqlalchemy import Column, Integer, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS


class Vocabulary(SQLModel, table=True):
    """One word of a set: a stable code, a label in both languages, and other words that mean it.

    `cadence_days` belongs to the sets `class` and `tag`: whoever has it is forgotten after so many days without
    contact; of several cadences the shortest holds.
    `requires` belongs to the set `complaint_type`: the steps, separated by spaces, that one of this type takes before
    it may be resolved. `origin` names the preset that brought the word, none for a user's own; a `hidden` word still
    means what it meant on the records that have it, but is no longer offered.
    """

    __tablename__ = "vocabulary"
    __table_args__ = (UniqueConstraint("set", "code", name="one_code"), STRICT_IDS)

    id: int | None = Field(default=None, primary_key=True)
    set: str = Field(sa_column=Column(Text, nullable=False))
    code: str = Field(sa_column=Column(Text, nullable=False))
    en: str = Field(sa_column=Column(Text, nullable=False))
    zh: str = Field(sa_column=Column(Text, nullable=False))
    aliases: str = Field(default="", sa_column=Column(Text, nullable=False))
    position: int = Field(sa_column=Column(Integer, nullable=False))
    cadence_days: int | None = Field(default=None, sa_column=Column(Integer))
    origin: str | None = Field(default=None, sa_column=Column(Text))
    hidden: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default=text("0")))
    requires: str | None = Field(default=None, sa_column=Column(Text))
