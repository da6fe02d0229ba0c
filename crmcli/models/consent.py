"""Consent: whether a contact agrees to be contacted through a channel."""

from datetime import datetime

from sqlalchemy import Column, Index, Integer, Text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS, Moment, points_at


class Consent(SQLModel, table=True):
    """What a contact said about a channel, when and where; the newest answer counts, the others are its history."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_contact", "contact_id", "channel", "at"), STRICT_IDS)

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(sa_column=Column(Integer, points_at("contact", "CASCADE"), nullable=False))
    channel: str = Field(sa_column=Column(Text, nullable=False))
    answer: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    source: str | None = Field(default=None, sa_column=Column(Text))
    actor: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
