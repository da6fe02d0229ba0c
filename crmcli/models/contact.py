"""A contact, the ways to reach them, and their tags."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from crmcli.models.base import ONE_PARTY, STRICT_IDS, Moment, new_uid, points_at


class Contact(SQLModel, table=True):
    """A person who is, was or may become a customer."""

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_birthday", text("substr(birthday, -5)"), sqlite_where=text("birthday IS NOT NULL")),
        Index("ix_contact_class", "class", "sort_key"),
        Index("ix_contact_name", "name_key", "company_id"),
        Index("ix_contact_referred_by", "referred_by_id", sqlite_where=text("referred_by_id IS NOT NULL")),
        STRICT_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(default_factory=new_uid, sa_column=Column(Text, nullable=False, unique=True))
    name: str = Field(sa_column=Column(Text, nullable=False))
    name_key: str = Field(sa_column=Column(Text, nullable=False))
    pinyin: str | None = Field(default=None, sa_column=Column(Text, index=True))
    initials: str | None = Field(default=None, sa_column=Column(Text, index=True))
    sort_key: str = Field(sa_column=Column(Text, nullable=False, index=True))
    company_id: int | None = Field(
        default=None, sa_column=Column(Integer, points_at("company", "SET NULL"), index=True)
    )
    title: str | None = Field(default=None, sa_column=Column(Text))
    class_: str | None = Field(default=None, sa_column=Column("class", Text))
    source: str | None = Field(default=None, sa_column=Column(Text))
    region: str | None = Field(default=None, sa_column=Column(Text))
    address: str | None = Field(default=None, sa_column=Column(Text))
    birthday: str | None = Field(default=None, sa_column=Column(Text))
    referred_by_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("contact", "SET NULL")))
    owner: str | None = Field(default=None, sa_column=Column(Text))
    notes: str | None = Field(default=None, sa_column=Column(Text))
    fields: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class ContactPoint(SQLModel, table=True):
    """One way to reach a contact or a company: a phone, an e-mail address or a handle.

    `value` is what is shown (E.164 for phones), `key` what look-ups compare, `digits` the national number of a phone.
    """

    __tablename__ = "contact_point"
    __table_args__ = (
        CheckConstraint(ONE_PARTY, name="one_party"),
        Index("ix_contact_point_key", "key", "kind"),
        Index("ix_contact_point_company", "company_id", sqlite_where=text("company_id IS NOT NULL")),
        Index("ix_contact_point_digits", "digits", sqlite_where=text("digits IS NOT NULL")),
        STRICT_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("contact", "CASCADE"), index=True))
    company_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("company", "CASCADE")))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    label: str | None = Field(default=None, sa_column=Column(Text))
    value: str = Field(sa_column=Column(Text, nullable=False))
    key: str = Field(sa_column=Column(Text, nullable=False))
    digits: str | None = Field(default=None, sa_column=Column(Text))


class Tag(SQLModel, table=True):
    """A word that the user sticks on a contact or a company; `key` is its case-folded form."""

    __tablename__ = "tag"
    __table_args__ = (
        CheckConstraint(ONE_PARTY, name="one_party"),
        Index("ix_tag_company", "company_id", sqlite_where=text("company_id IS NOT NULL")),
        Index("ix_tag_key", "key", "contact_id"),
        STRICT_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("contact", "CASCADE"), index=True))
    company_id: int | None = Field(default=None, sa_column=Column(Integer, points_at("company", "CASCADE")))
    name: str = Field(sa_column=Column(Text, nullable=False))
    key: str = Field(sa_column=Column(Text, nullable=False))
