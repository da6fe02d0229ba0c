"""Notices (主动服务): what an industry owes its customers to be told, as rules that plan callbacks."""

from sqlalchemy import Column, Integer, Text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS


class Notice(SQLModel, table=True):
    """One rule: for the contacts that `query` finds, plan a callback of `kind` with the label as its purpose.

    Either `field` names a custom date field (or `birthday`) and the callback lies `before` (a period) earlier, or
    `every` is a period that is counted from the last real contact.
    """

    __tablename__ = "notice"
    __table_args__ = STRICT_IDS

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    en: str = Field(sa_column=Column(Text, nullable=False))
    zh: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    query: str = Field(default="", sa_column=Column(Text, nullable=False))
    field: str | None = Field(default=None, sa_column=Column(Text))
    before: str | None = Field(default=None, sa_column=Column(Text))
    every: str | None = Field(default=None, sa_column=Column(Text))
    origin: str | None = Field(default=None, sa_column=Column(Text))
    hidden: int = Field(default=0, sa_column=Column(Integer, nullable=False))
