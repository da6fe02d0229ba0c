"""Knowledge: questions that were answered before, and how."""

from datetime import datetime

from sqlalchemy import Column, Integer, Text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS, Moment, new_uid, points_at


class Answer(SQLModel, table=True):
    """One answer; `complaint_id` is the case that it comes from, `used` how often it served again."""

    __tablename__ = "answer"
    __table_args__ = STRICT_IDS

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(default_factory=new_uid, sa_column=Column(Text, nullable=False, unique=True))
    question: str = Field(sa_column=Column(Text, nullable=False))
    answer: str = Field(sa_column=Column(Text, nullable=False))
    category: str | None = Field(default=None, sa_column=Column(Text))
    complaint_id: int | None = Field(
        default=None, sa_column=Column(Integer, points_at("complaint", "SET NULL"), index=True)
    )
    used: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    owner: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))
