"""The first schema: contacts, companies, follow-ups, callbacks, complaints, vocabulary and journal.

Written out, instead of made from the models, because it must stay what it was when the models have moved on. Views,
triggers and the search index are no part of any migration: every upgrade makes them anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_STRICT = {"sqlite_strict": True}
_STRICT_IDS = {"sqlite_strict": True, "sqlite_autoincrement": True}


def upgrade() -> None:
    """Create every table, those that others point at first."""
    _vocabulary()
    _company()
    _contact()
    _contact_point()
    _tag()
    _complaint()
    _complaint_step()
    _callback()
    _followup()
    _attachment()
    _consent()
    _change()
    _change_row()
    _change_range()
    _journal_state()
    _reminder()
    _import_map()


def _vocabulary() -> None:
    op.create_table(
        "vocabulary",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("set", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("en", sa.Text, nullable=False),
        sa.Column("zh", sa.Text, nullable=False),
        sa.Column("aliases", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("cadence_days", sa.Integer),
        sa.UniqueConstraint("set", "code", name="one_code"),
        **_STRICT_IDS,
    )


def _company() -> None:
    op.create_table(
        "company",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("pinyin", sa.Text),
        sa.Column("initials", sa.Text),
        sa.Column("sort_key", sa.Text, nullable=False),
        sa.Column("industry", sa.Text),
        sa.Column("website", sa.Text),
        sa.Column("region", sa.Text),
        sa.Column("address", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("notes", sa.Text),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        **_STRICT_IDS,
    )
    op.create_index("ix_company_initials", "company", ["initials"])
    op.create_index("ix_company_name_key", "company", ["name_key"])
    op.create_index("ix_company_pinyin", "company", ["pinyin"])
    op.create_index("ix_company_sort_key", "company", ["sort_key"])


def _contact() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("pinyin", sa.Text),
        sa.Column("initials", sa.Text),
        sa.Column("sort_key", sa.Text, nullable=False),
        sa.Column("company_id", sa.Integer, sa.ForeignKey("company.id", ondelete="SET NULL")),
        sa.Column("title", sa.Text),
        sa.Column("class", sa.Text),
        sa.Column("source", sa.Text),
        sa.Column("region", sa.Text),
        sa.Column("address", sa.Text),
        sa.Column("birthday", sa.Text),
        sa.Column("referred_by_id", sa.Integer, sa.ForeignKey("contact.id", ondelete="SET NULL")),
        sa.Column("owner", sa.Text),
        sa.Column("notes", sa.Text),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        **_STRICT_IDS,
    )
    op.create_index(
        "ix_contact_birthday",
        "contact",
        [sa.text("substr(birthday, -5)")],
        sqlite_where=sa.text("birthday IS NOT NULL"),
    )
    op.create_index("ix_contact_class", "contact", ["class", "sort_key"])
    op.create_index("ix_contact_company_id", "contact", ["company_id"])
    op.create_index("ix_contact_initials", "contact", ["initials"])
    op.create_index("ix_contact_name", "contact", ["name_key", "company_id"])
    op.create_index("ix_contact_pinyin", "contact", ["pinyin"])
    op.create_index("ix_contact_referred_by_id", "contact", ["referred_by_id"])
    op.create_index("ix_contact_sort_key", "contact", ["sort_key"])


def _contact_point() -> None:
    op.create_table(
        "contact_point",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id", ondelete="CASCADE")),
        sa.Column("company_id", sa.Integer, sa.ForeignKey("company.id", ondelete="CASCADE")),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("digits", sa.Text),
        sa.CheckConstraint("(contact_id IS NULL) <> (company_id IS NULL)", name="one_party"),
        **_STRICT_IDS,
    )
    op.create_index("ix_contact_point_company_id", "contact_point", ["company_id"])
    op.create_index("ix_contact_point_contact_id", "contact_point", ["contact_id"])
    op.create_index("ix_contact_point_digits", "contact_point", ["digits"], sqlite_where=sa.text("digits IS NOT NULL"))
    op.create_index("ix_contact_point_key", "contact_point", ["key", "kind"])


def _tag() -> None:
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id", ondelete="CASCADE")),
        sa.Column("company_id", sa.Integer, sa.ForeignKey("company.id", ondelete="CASCADE")),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.CheckConstraint("(contact_id IS NULL) <> (company_id IS NULL)", name="one_party"),
        **_STRICT_IDS,
    )
    op.create_index("ix_tag_company_id", "tag", ["company_id"])
    op.create_index("ix_tag_contact_id", "tag", ["contact_id"])
    op.create_index("ix_tag_key", "tag", ["key", "contact_id"])


def _complaint() -> None:
    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id", ondelete="CASCADE"), nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("channel", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("received_at", sa.Text, nullable=False),
        sa.Column("respond_by", sa.Text),
        sa.Column("resolve_by", sa.Text),
        sa.Column("responded_at", sa.Text),
        sa.Column("resolved_at", sa.Text),
        sa.Column("closed_at", sa.Text),
        sa.Column("department", sa.Text),
        sa.Column("assignee", sa.Text),
        sa.Column("satisfaction", sa.Integer),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        **_STRICT_IDS,
    )
    op.create_index("ix_complaint_contact", "complaint", ["contact_id", "received_at"])
    op.create_index("ix_complaint_open", "complaint", ["resolve_by"], sqlite_where=sa.text("resolved_at IS NULL"))
    op.create_index(
        "ix_complaint_respond",
        "complaint",
        ["respond_by"],
        sqlite_where=sa.text("resolved_at IS NULL AND responded_at IS NULL"),
    )


def _complaint_step() -> None:
    op.create_table(
        "complaint_step",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("complaint_id", sa.Integer, sa.ForeignKey("complaint.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        **_STRICT_IDS,
    )
    op.create_index("ix_complaint_step_complaint_id", "complaint_step", ["complaint_id"])


def _callback() -> None:
    op.create_table(
        "callback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("due_on", sa.Text, nullable=False),
        sa.Column("due_time", sa.Text),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("due_at", sa.Text),
        sa.Column("purpose", sa.Text),
        sa.Column("rule", sa.Text),
        sa.Column("anchor", sa.Text),
        sa.Column("after_done", sa.Integer, nullable=False),
        sa.Column("series", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("done_at", sa.Text),
        sa.Column("snoozed_from", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        **_STRICT_IDS,
    )
    op.create_index("ix_callback_contact", "callback", ["contact_id", "due_on"])
    op.create_index(
        "ix_callback_open_day", "callback", ["due_on"], sqlite_where=sa.text("status = 'open' AND due_at IS NULL")
    )
    op.create_index(
        "ix_callback_open_moment",
        "callback",
        ["due_at"],
        sqlite_where=sa.text("status = 'open' AND due_at IS NOT NULL"),
    )
    op.create_index("ix_callback_series", "callback", ["series"], sqlite_where=sa.text("series IS NOT NULL"))


def _followup() -> None:
    op.create_table(
        "followup",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("direction", sa.Text),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("minutes", sa.Integer),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("callback_id", sa.Integer, sa.ForeignKey("callback.id", ondelete="SET NULL")),
        sa.Column("complaint_id", sa.Integer, sa.ForeignKey("complaint.id", ondelete="SET NULL")),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        **_STRICT_IDS,
    )
    op.create_index("ix_followup_at", "followup", ["at"])
    op.create_index(
        "ix_followup_callback", "followup", ["callback_id"], sqlite_where=sa.text("callback_id IS NOT NULL")
    )
    op.create_index(
        "ix_followup_complaint", "followup", ["complaint_id"], sqlite_where=sa.text("complaint_id IS NOT NULL")
    )
    op.create_index("ix_followup_contact", "followup", ["contact_id", "at", "kind"])


def _attachment() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id", ondelete="CASCADE"), nullable=False),
        sa.Column("complaint_id", sa.Integer, sa.ForeignKey("complaint.id", ondelete="SET NULL")),
        sa.Column("followup_id", sa.Integer, sa.ForeignKey("followup.id", ondelete="SET NULL")),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("sent_at", sa.Text),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        **_STRICT_IDS,
    )
    for name in ("complaint", "followup"):
        op.create_index(
            f"ix_attachment_{name}", "attachment", [f"{name}_id"], sqlite_where=sa.text(f"{name}_id IS NOT NULL")
        )
    op.create_index("ix_attachment_contact", "attachment", ["contact_id", "created_at"])
    op.create_index("ix_attachment_sha256", "attachment", ["sha256"])


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id", ondelete="CASCADE"), nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        **_STRICT_IDS,
    )
    op.create_index("ix_consent_contact", "consent", ["contact_id", "channel", "at"])


def _change() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("undoes", sa.Integer, sa.ForeignKey("change.id")),
        sa.Column("undone_by", sa.Integer, sa.ForeignKey("change.id")),
        **_STRICT_IDS,
    )


def _change_row() -> None:
    op.create_table(
        "change_row",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("change_id", sa.Integer, sa.ForeignKey("change.id"), nullable=False),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("entity_id", sa.Integer, nullable=False),
        sa.Column("contact_id", sa.Integer),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        **_STRICT,
    )
    op.create_index("ix_change_row_change", "change_row", ["change_id"])
    op.create_index("ix_change_row_contact", "change_row", ["contact_id", "change_id"])
    op.create_index("ix_change_row_entity", "change_row", ["entity", "entity_id", "change_id"])


def _change_range() -> None:
    op.create_table(
        "change_range",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("change_id", sa.Integer, sa.ForeignKey("change.id"), nullable=False),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("first_id", sa.Integer, nullable=False),
        sa.Column("last_id", sa.Integer, nullable=False),
        **_STRICT,
    )
    op.create_index("ix_change_range_change_id", "change_range", ["change_id"])


def _journal_state() -> None:
    op.create_table(
        "journal_state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("change_id", sa.Integer),
        sa.Column("bulk", sa.Integer, nullable=False),
        **_STRICT,
    )


def _reminder() -> None:
    op.create_table(
        "reminder",
        sa.Column("occurrence", sa.Text, primary_key=True),
        sa.Column("claimed_at", sa.Text, nullable=False),
        sa.Column("delivered_at", sa.Text),
        **_STRICT,
    )


def _import_map() -> None:
    op.create_table(
        "import_map",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("mapping", sa.Text, nullable=False),
        **_STRICT,
    )
