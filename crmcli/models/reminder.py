"""What the reminders remember: which occurrence went where, and when they ran. The journal knows nothing of it."""

from datetime import datetime

from sqlalchemy import Column, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT, STRICT_IDS, Moment


class Reminder(SQLModel, table=True):
    """One occurrence of an item on its way through one channel: claimed, and delivered when `delivered_at` is set.

    `channel` is the channel's name in the settings, or empty for what `crm remind --once` prints or hands to a command.
    A failed delivery keeps the row with `attempts`, `error` and `retry_at`, before which nobody tries again; `nagged`
    counts the repetitions of an item that is still not done.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        Index("ix_reminder_delivered", "channel", "delivered_at"),
        Index("ix_reminder_undelivered", "channel", "retry_at", sqlite_where=text("delivered_at IS NULL")),
        STRICT,
    )

    occurrence: str = Field(sa_column=Column(Text, primary_key=True))
    channel: str = Field(sa_column=Column(Text, primary_key=True))
    claimed_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    delivered_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    claimed_by: str | None = Field(default=None, sa_column=Column(Text))
    attempts: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    retry_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    error: str | None = Field(default=None, sa_column=Column(Text))
    nagged: int = Field(default=0, sa_column=Column(Integer, nullable=False))


class ReminderRun(SQLModel, table=True):
    """One run of the reminders that delivered: when, by which command, and what came of it."""

    __tablename__ = "reminder_run"
    __table_args__ = (Index("ix_reminder_run_at", "at"), STRICT_IDS)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    finished_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    command: str = Field(sa_column=Column(Text, nullable=False))
    items: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    delivered: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    failed: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    error: str | None = Field(default=None, sa_column=Column(Text))
