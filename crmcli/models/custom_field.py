"""Custom fields: what a business wants to know of its customers beyond the built-in fields."""

from sqlalchemy import Column, Integer, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS


class CustomField(SQLModel, table=True):
    """The declaration of one field; the values lie in the record's `fields`, a JSON object, under `code`.

    `noun` is `contact` or `company`; `type` one of text, number, money, date, choice, flag, phone, url. `choices` is a
    JSON object {code: {"en": …, "zh": …}} for a choice. For a date, `remind_days` says how many days before it reminds,
    and `yearly` whether it comes back every year (an anniversary). `origin` and `hidden` are as in the vocabulary.
    """

    __tablename__ = "custom_field"
    __table_args__ = (UniqueConstraint("noun", "code", name="one_field"), STRICT_IDS)

    id: int | None = Field(default=None, primary_key=True)
    noun: str = Field(sa_column=Column(Text, nullable=False))
    code: str = Field(sa_column=Column(Text, nullable=False))
    type: str = Field(sa_column=Column(Text, nullable=False))
    en: str = Field(sa_column=Column(Text, nullable=False))
    zh: str = Field(sa_column=Column(Text, nullable=False))
    aliases: str = Field(default="", sa_column=Column(Text, nullable=False))
    choices: str | None = Field(default=None, sa_column=Column(Text))
    required: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    remind_days: int | None = Field(default=None, sa_column=Column(Integer))
    yearly: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    position: int = Field(sa_column=Column(Integer, nullable=False))
    origin: str | None = Field(default=None, sa_column=Column(Text))
    hidden: int = Field(default=0, sa_column=Column(Integer, nullable=False))
