"""A complaint, inquiry, suggestion or praise, and every step that was taken on it."""

from datetime import datetime

from sqlalchemy import Column, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS, Moment, new_uid, points_at
from crmcli.models.contact import Contact


class Complaint(SQLModel, table=True):
    """What a customer said and by when they were promised an answer and a solution."""

    __tablename__ = "complaint"
    __table_args__ = (
        Index("ix_complaint_contact", "contact_id", "received_at"),
        Index("ix_complaint_open", "resolve_by", sqlite_where=text("resolved_at IS NULL")),
        Index("ix_complaint_respond", "respond_by", sqlite_where=text("resolved_at IS NULL AND responded_at IS NULL")),
        STRICT_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(default_factory=new_uid, sa_column=Column(Text, nullable=False, unique=True))
    contact_id: int = Field(sa_column=Column(Integer, points_at(Contact, "CASCADE"), nullable=False))
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


class ComplaintStep(SQLModel, table=True):
    """One step of the workflow: what was done, by whom, when and why; `status` is the one that it led to."""

    __tablename__ = "complaint_step"
    __table_args__ = STRICT_IDS

    id: int | None = Field(default=None, primary_key=True)
    complaint_id: int = Field(sa_column=Column(Integer, points_at(Complaint, "CASCADE"), nullable=False, index=True))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    actor: str = Field(sa_column=Column(Text, nullable=False))
    status: str = Field(sa_column=Column(Text, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))
