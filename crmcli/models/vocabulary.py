"""The vocabulary: the words that classes, kinds, severities and the like are chosen from."""

from sqlalchemy import Column, Integer, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS


class Vocabulary(SQLModel, table=True):
    """One word of a set: a stable code, a label in both languages, and other words that mean it.

    `cadence_days` belongs to the set `class`: a customer of it is forgotten after so many days without contact.
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
