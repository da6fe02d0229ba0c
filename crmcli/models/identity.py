"""What is known of records being the same or not: merged ones, and pairs that only look alike."""

from sqlalchemy import CheckConstraint, Column, Integer, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from crmcli.models.base import ONE_PARTY, STRICT_IDS, points_at


class FormerUid(SQLModel, table=True):
    """The uid of a record that was merged into another: a file that still names it means the one that is left."""

    __tablename__ = "former_uid"
    __table_args__ = (CheckConstraint(ONE_PARTY, name="one_party"), STRICT_IDS)

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    contact_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("contact", "CASCADE"), index=True))
    company_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("company", "CASCADE"), index=True))


class DistinctPair(SQLModel, table=True):
    """Two records that look alike and are not the same: the user said so. `low_id` is the smaller id of the two."""

    __tablename__ = "distinct_pair"
    __table_args__ = (UniqueConstraint("noun", "low_id", "high_id", name="one_pair"), STRICT_IDS)

    id: int | None = Field(default=None, primary_key=True)
    noun: str = Field(sa_column=Column(Text, nullable=False))
    low_id: int = Field(sa_column=Column(Integer, nullable=False))
    high_id: int = Field(sa_column=Column(Integer, nullable=False))
