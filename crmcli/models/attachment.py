"""An attachment: a file that belongs to a contact, such as material that was sent, or proof."""

from datetime import datetime

from sqlalchemy import Column, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS, Moment, new_uid, points_at


class Attachment(SQLModel, table=True):
    """What is known of a file; its content lies beside the database under its hash (`store/files.py`).

    `sent_at` is when it was sent to the contact, none for what was received or only kept.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_contact", "contact_id", "created_at"),
        Index("ix_attachment_sha256", "sha256"),
        Index("ix_attachment_complaint", "complaint_id", sqlite_where=text("complaint_id IS NOT NULL")),
        Index("ix_attachment_followup", "followup_id", sqlite_where=text("followup_id IS NOT NULL")),
        STRICT_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(default_factory=new_uid, sa_column=Column(Text, nullable=False, unique=True))
    contact_id: int = Field(sa_column=Column(Integer, points_at("contact", "CASCADE"), nullable=False))
    complaint_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("complaint", "SET NULL")))
    followup_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("followup", "SET NULL")))
    name: str = Field(sa_column=Column(Text, nullable=False))
    label: str | None = Field(default=None, sa_column=Column(Text))
    sha256: str = Field(sa_column=Column(Text, nullable=False))
    bytes: int = Field(sa_column=Column(Integer, nullable=False))
    media_type: str = Field(sa_column=Column(Text, nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))
