"""Service levels: how soon which complaints are answered and solved, where the settings do not say enough."""

from sqlalchemy import Column, Integer, Text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS


class ServiceLevel(SQLModel, table=True):
    """One rule: what is empty fits everything; of the rules that fit, the one that names most counts.

    `respond` and `resolve` are periods (`4h`, `3d`); `hours` is `business` or `always`; `escalate_to` names who hears
    of a breach, one after the other, separated by commas.
    """

    __tablename__ = "service_level"
    __table_args__ = STRICT_IDS

    id: int | None = Field(default=None, primary_key=True)
    type: str | None = Field(default=None, sa_column=Column(Text))
    severity: str | None = Field(default=None, sa_column=Column(Text))
    class_: str | None = Field(default=None, sa_column=Column("class", Text))
    respond: str | None = Field(default=None, sa_column=Column(Text))
    resolve: str | None = Field(default=None, sa_column=Column(Text))
    hours: str = Field(sa_column=Column(Text, nullable=False))
    escalate_to: str | None = Field(default=None, sa_column=Column(Text))
    origin: str | None = Field(default=None, sa_column=Column(Text))
    hidden: int = Field(default=0, sa_column=Column(Integer, nullable=False))
