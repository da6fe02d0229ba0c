"""A complaint, inquiry, suggestion or praise, and every step that was taken on it."""

from datetime import datetime

from sqlalchemy import Column, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS, Moment, new_uid, points_at


class Complaint(SQLModel, table=True):
    """What a customer said and by when they were promised an answer and a solution.

    `assignee` is who was asked to handle it, `responsible` who answers for it until the assignee accepts (首问负责).
    `valid` (0/1, none before it was assessed) and `cause` are what the assessment found. While `waiting_since` is set
    the clocks stand: when it is resumed, the deadlines lie as much business time ahead as they did when it began.
    `hours` says which clock that is, `business` or `always`.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        Index("ix_complaint_contact", "contact_id", "received_at"),
        Index("ix_complaint_received", "received_at", "status"),
        Index("ix_complaint_open", "resolve_by", sqlite_where=text("resolved_at IS NULL")),
        Index("ix_complaint_respond", "respond_by", sqlite_where=text("resolved_at IS NULL AND responded_at IS NULL")),
        STRICT_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(default_factory=new_uid, sa_column=Column(Text, nullable=False, unique=True))
    contact_id: int = Field(sa_column=Column(Integer, points_at("contact", "CASCADE"), nullable=False))
    type: str = Field(sa_column=Column(Text, nullable=False))
    category: str | None = Field(default=None, sa_column=Column(Text))
    severity: str = Field(sa_column=Column(Text, nullable=False))
    channel: str | None = Field(default=None, sa_column=Column(Text))
    text: str = Field(sa_column=Column(Text, nullable=False))
    status: str = Field(sa_column=Column(Text, nullable=False))
    received_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    respond_by: datetime | None = Field(default=None, sa_column=Column(Moment))
    resolve_by: datetime | None = Field(default=None, sa_column=Column(Moment))
    responded_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    resolved_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    closed_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    department: str | None = Field(default=None, sa_column=Column(Text))
    assignee: str | None = Field(default=None, sa_column=Column(Text))
    satisfaction: int | None = Field(default=None, sa_column=Column(Integer))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    valid: int | None = Field(default=None, sa_column=Column(Integer))
    cause: str | None = Field(default=None, sa_column=Column(Text))
    responsible: str | None = Field(default=None, sa_column=Column(Text))
    waiting_since: datetime | None = Field(default=None, sa_column=Column(Moment))
    escalated_to: str | None = Field(default=None, sa_column=Column(Text))
    hours: str | None = Field(default=None, sa_column=Column(Text))


class ComplaintStep(SQLModel, table=True):
    """One step of the workflow: what was done, by whom, when and why; `status` is the one that it led to.

    `data` is a JSON object of what the step says beyond its note: the options of a proposal, which one was approved, …
    """

    __tablename__ = "complaint_step"
    __table_args__ = STRICT_IDS

    id: int | None = Field(default=None, primary_key=True)
    complaint_id: int = Field(sa_column=Column(Integer, points_at("complaint", "CASCADE"), nullable=False, index=True))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    actor: str = Field(sa_column=Column(Text, nullable=False))
    status: str = Field(sa_column=Column(Text, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))
    data: str | None = Field(default=None, sa_column=Column(Text))


class ComplaintLink(SQLModel, table=True):
    """What a complaint is connected with: another complaint, or the improvement that came of it, in words."""

    __tablename__ = "complaint_link"
    __table_args__ = STRICT_IDS

    id: int | None = Field(default=None, primary_key=True)
    complaint_id: int = Field(sa_column=Column(Integer, points_at("complaint", "CASCADE"), nullable=False, index=True))
    other_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("complaint", "CASCADE"), index=True))
    improvement: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
