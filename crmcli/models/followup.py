"""A follow-up: what happened with a contact."""

from datetime import datetime

from sqlalchemy import Column, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS, Moment, new_uid, points_at


class Followup(SQLModel, table=True):
    """A call, visit, meeting, message or note, as it happened."""

    __tablename__ = "followup"
    __table_args__ = (
        Index("ix_followup_contact", "contact_id", "at", "kind"),
        Index("ix_followup_at", "at"),
        Index("ix_followup_callback", "callback_id", sqlite_where=text("callback_id IS NOT NULL")),
        Index("ix_followup_complaint", "complaint_id", sqlite_where=text("complaint_id IS NOT NULL")),
        STRICT_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(default_factory=new_uid, sa_column=Column(Text, nullable=False, unique=True))
    contact_id: int = Field(sa_column=Column(Integer, points_at("contact", "CASCADE"), nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    direction: str | None = Field(default=None, sa_column=Column(Text))
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    minutes: int | None = Field(default=None, sa_column=Column(Integer))
    text: str = Field(sa_column=Column(Text, nullable=False))
    outcome: str | None = Field(default=None, sa_column=Column(Text))
    owner: str | None = Field(default=None, sa_column=Column(Text))
    callback_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("callback", "SET NULL")))
    complaint_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("complaint", "SET NULL")))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))
