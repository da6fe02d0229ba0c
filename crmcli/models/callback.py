"""A callback: what was promised to a contact for a day, or for a moment of it."""

from datetime import date, datetime, time

from sqlalchemy import Column, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS, Day, Moment, WallTime, new_uid, points_at


class Callback(SQLModel, table=True):
    """A planned call, visit, collection or delivery.

    `due_on`, `due_time` and `zone` are what was promised; `due_at` is the instant derived from them (none for a whole
    day), so that the promise survives a change of the zone's rules. An occurrence of a repeat is a row of its own:
    `rule` is the RFC 5545 rule, `anchor` the day of its first occurrence, and `series` is shared by all occurrences.
    `notice` names what planned it, when it was no person: the notice rule and its occurrence (`expiry:12@2027-03-01`),
    or the complaint that a return visit follows (`complaint:3`); what was planned once is never planned again, but for
    the visit when a complaint is closed again: the earlier one is `complaint:3#UID` then, with its own uid.
    """

    __tablename__ = "callback"
    __table_args__ = (
        Index("ix_callback_contact", "contact_id", "due_on"),
        Index("ix_callback_open_day", "due_on", sqlite_where=text("status = 'open' AND due_at IS NULL")),
        Index("ix_callback_open_moment", "due_at", sqlite_where=text("status = 'open' AND due_at IS NOT NULL")),
        Index("ix_callback_notice", "notice", unique=True, sqlite_where=text("notice IS NOT NULL")),
        Index("ix_callback_open", text("coalesce(due_at, due_on)"), sqlite_where=text("status = 'open'")),
        Index("ix_callback_series", "series", sqlite_where=text("series IS NOT NULL")),
        STRICT_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(default_factory=new_uid, sa_column=Column(Text, nullable=False, unique=True))
    contact_id: int = Field(sa_column=Column(Integer, points_at("contact", "CASCADE"), nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    due_on: date = Field(sa_column=Column(Day, nullable=False))
    due_time: time | None = Field(default=None, sa_column=Column(WallTime))
    zone: str = Field(sa_column=Column(Text, nullable=False))
    due_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    purpose: str | None = Field(default=None, sa_column=Column(Text))
    rule: str | None = Field(default=None, sa_column=Column(Text))
    anchor: date | None = Field(default=None, sa_column=Column(Day))
    after_done: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    series: str | None = Field(default=None, sa_column=Column(Text))
    status: str = Field(default="open", sa_column=Column(Text, nullable=False))
    done_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    snoozed_from: str | None = Field(default=None, sa_column=Column(Text))
    owner: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    notice: str | None = Field(default=None, sa_column=Column(Text))
