"""A company: the organisation that contacts work for."""

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS, Moment, new_uid


class Company(SQLModel, table=True):
    """An organisation; its contacts point at it."""

    __tablename__ = "company"
    __table_args__ = STRICT_IDS

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(default_factory=new_uid, sa_column=Column(Text, nullable=False, unique=True))
    name: str = Field(sa_column=Column(Text, nullable=False))
    name_key: str = Field(sa_column=Column(Text, nullable=False, index=True))
    pinyin: str | None = Field(default=None, sa_column=Column(Text, index=True))
    initials: str | None = Field(default=None, sa_column=Column(Text, index=True))
    sort_key: str = Field(sa_column=Column(Text, nullable=False, index=True))
    industry: str | None = Field(default=None, sa_column=Column(Text))
    website: str | None = Field(default=None, sa_column=Column(Text))
    region: str | None = Field(default=None, sa_column=Column(Text))
    address: str | None = Field(default=None, sa_column=Column(Text))
    owner: str | None = Field(default=None, sa_column=Column(Text))
    notes: str | None = Field(default=None, sa_column=Column(Text))
    fields: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))
