"""Surveys: how satisfied customers are, on a scale of 100 points, question by question."""

from datetime import datetime

from sqlalchemy import REAL, Column, Index, Integer, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from crmcli.models.base import STRICT_IDS, Moment, new_uid, points_at


class Question(SQLModel, table=True):
    """A question of a form; `moment` is before, during or after the service, `weight` its share of the score."""

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("form", "code", name="one_question"), STRICT_IDS)

    id: int | None = Field(default=None, primary_key=True)
    form: str = Field(sa_column=Column(Text, nullable=False))
    code: str = Field(sa_column=Column(Text, nullable=False))
    moment: str = Field(sa_column=Column(Text, nullable=False))
    en: str = Field(sa_column=Column(Text, nullable=False))
    zh: str = Field(sa_column=Column(Text, nullable=False))
    weight: int = Field(default=1, sa_column=Column(Integer, nullable=False))
    position: int = Field(sa_column=Column(Integer, nullable=False))
    origin: str | None = Field(default=None, sa_column=Column(Text))
    hidden: int = Field(default=0, sa_column=Column(Integer, nullable=False))


class Survey(SQLModel, table=True):
    """One survey that was sent to a contact; `score` is the weighted mean of the answers, 0 to 100, once returned."""

    __tablename__ = "survey"
    __table_args__ = (
        Index("ix_survey_contact", "contact_id", "sent_at"),
        Index("ix_survey_complaint", "complaint_id", sqlite_where=text("complaint_id IS NOT NULL")),
        STRICT_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(default_factory=new_uid, sa_column=Column(Text, nullable=False, unique=True))
    contact_id: int = Field(sa_column=Column(Integer, points_at("contact", "CASCADE"), nullable=False))
    complaint_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("complaint", "SET NULL")))
    form: str = Field(sa_column=Column(Text, nullable=False))
    channel: str | None = Field(default=None, sa_column=Column(Text))
    sent_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    returned_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    score: float | None = Field(default=None, sa_column=Column(REAL))
    comment: str | None = Field(default=None, sa_column=Column(Text))
    owner: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class SurveyAnswer(SQLModel, table=True):
    """The answer to one question, 0 to 100: what the customer had expected, and what they experienced."""

    __tablename__ = "survey_answer"
    __table_args__ = (UniqueConstraint("survey_id", "question_id", name="one_answer"), STRICT_IDS)

    id: int | None = Field(default=None, primary_key=True)
    survey_id: int = Field(sa_column=Column(Integer, points_at("survey", "CASCADE"), nullable=False))
    question_id: int = Field(sa_column=Column(Integer, points_at("question"), nullable=False))
    expectation: int | None = Field(default=None, sa_column=Column(Integer))
    experience: int = Field(sa_column=Column(Integer, nullable=False))
