"""A promise (承诺): what was promised to a contact by when, and whether it was kept."""

from datetime import date, datetime, time

from sqlalchemy import Column, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS, Day, Moment, WallTime, new_uid, points_at


class Promise(SQLModel, table=True):
    """One promise; `status` is open, kept, broken, renegotiated or cancelled.

    The moment is kept as a callback keeps it; `due_by` is the instant from which on it is late: `due_at`, or the end of
    the day in its zone. A renegotiated promise stays as it was made, and the one that takes its
    place names it in `replaces_id`. `owner` is who made it.
    """

    __tablename__ = "promise"
    __table_args__ = (
        Index("ix_promise_contact", "contact_id", "due_on"),
        Index("ix_promise_open_day", "due_on", sqlite_where=text("status = 'open' AND due_at IS NULL")),
        Index("ix_promise_open_moment", "due_at", sqlite_where=text("status = 'open' AND due_at IS NOT NULL")),
        Index("ix_promise_complaint", "complaint_id", sqlite_where=text("complaint_id IS NOT NULL")),
        Index("ix_promise_followup", "followup_id", sqlite_where=text("followup_id IS NOT NULL")),
        Index("ix_promise_replaces", "replaces_id", sqlite_where=text("replaces_id IS NOT NULL")),
        STRICT_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(default_factory=new_uid, sa_column=Column(Text, nullable=False, unique=True))
    contact_id: int = Field(sa_column=Column(Integer, points_at("contact", "CASCADE"), nullable=False))
    text: str = Field(sa_column=Column(Text, nullable=False))
    made_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    due_on: date = Field(sa_column=Column(Day, nullable=False))
    due_time: time | None = Field(default=None, sa_column=Column(WallTime))
    zone: str = Field(sa_column=Column(Text, nullable=False))
    due_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    due_by: datetime = Field(sa_column=Column(Moment, nullable=False))
    status: str = Field(default="open", sa_column=Column(Text, nullable=False))
    settled_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    outcome: str | None = Field(default=None, sa_column=Column(Text))
    owner: str | None = Field(default=None, sa_column=Column(Text))
    followup_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("followup", "SET NULL")))
    complaint_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("complaint", "SET NULL")))
    replaces_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("promise", "SET NULL")))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))
