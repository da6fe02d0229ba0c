"""Supervision (督办): a callback, complaint or promise that somebody must report on until it is settled."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS, Day, Moment, new_uid, points_at


class Supervision(SQLModel, table=True):
    """One supervised item: what is supervised, who answers for it, by when, and how often they report.

    `every` is the reporting rhythm as a period (`2d`), `report_on` the day of the next report; `closed_at` ends it.
    """

    __tablename__ = "supervision"
    __table_args__ = (
        CheckConstraint(
            "(callback_id IS NOT NULL) + (complaint_id IS NOT NULL) + (promise_id IS NOT NULL) = 1", name="one_item"
        ),
        Index("ix_supervision_contact", "contact_id"),
        Index("ix_supervision_callback", "callback_id", sqlite_where=text("callback_id IS NOT NULL")),
        Index("ix_supervision_complaint", "complaint_id", sqlite_where=text("complaint_id IS NOT NULL")),
        Index("ix_supervision_promise", "promise_id", sqlite_where=text("promise_id IS NOT NULL")),
        Index("ix_supervision_report", "report_on", sqlite_where=text("closed_at IS NULL")),
        STRICT_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(default_factory=new_uid, sa_column=Column(Text, nullable=False, unique=True))
    contact_id: int = Field(sa_column=Column(Integer, points_at("contact", "CASCADE"), nullable=False))
    callback_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("callback", "CASCADE")))
    complaint_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("complaint", "CASCADE")))
    promise_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("promise", "CASCADE")))
    responsible: str = Field(sa_column=Column(Text, nullable=False))
    reason: str | None = Field(default=None, sa_column=Column(Text))
    due_on: date | None = Field(default=None, sa_column=Column(Day))
    every: str | None = Field(default=None, sa_column=Column(Text))
    report_on: date | None = Field(default=None, sa_column=Column(Day))
    closed_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    owner: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class SupervisionReport(SQLModel, table=True):
    """One report on the progress; `kind` is open, report, escalate or close."""

    __tablename__ = "supervision_report"
    __table_args__ = STRICT_IDS

    id: int | None = Field(default=None, primary_key=True)
    supervision_id: int = Field(
        sa_column=Column(Integer, points_at("supervision", "CASCADE"), nullable=False, index=True)
    )
    kind: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    actor: str = Field(sa_column=Column(Text, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))
    percent: int | None = Field(default=None, sa_column=Column(Integer))
