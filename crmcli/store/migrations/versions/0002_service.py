"""The service desk, promises, custom fields and reminders by channel.

Written out as `0001_first` is. Columns are added behind the others, as SQLite does; only `reminder` is made anew,
because its key grows by the channel.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_STRICT = {"sqlite_strict": True}
_STRICT_IDS = {"sqlite_strict": True, "sqlite_autoincrement": True}


def upgrade() -> None:
    """Add the new columns, and create the new tables, those that others point at first."""
    _more_columns()
    _complaint_link()
    _service_level()
    _custom_field()
    _notice()
    _preset()
    _promise()
    _supervision()
    _supervision_report()
    _question()
    _survey()
    _survey_answer()
    _answer()
    _former_uid()
    _distinct_pair()
    _reminder()
    _reminder_run()


def _more_columns() -> None:
    op.add_column("vocabulary", sa.Column("origin", sa.Text))
    op.add_column("vocabulary", sa.Column("hidden", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("vocabulary", sa.Column("requires", sa.Text))
    op.add_column("complaint", sa.Column("valid", sa.Integer))
    for name in ("cause", "responsible", "waiting_since", "escalated_to", "hours"):
        op.add_column("complaint", sa.Column(name, sa.Text))
    op.execute("UPDATE complaint SET responsible = assignee")
    op.add_column("complaint_step", sa.Column("data", sa.Text))
    op.add_column("callback", sa.Column("notice", sa.Text))
    op.create_index(
        "ix_callback_notice", "callback", ["notice"], unique=True, sqlite_where=sa.text("notice IS NOT NULL")
    )


def _service_level() -> None:
    op.create_table(
        "service_level",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("type", sa.Text),
        sa.Column("severity", sa.Text),
        sa.Column("class", sa.Text),
        sa.Column("respond", sa.Text),
        sa.Column("resolve", sa.Text),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("escalate_to", sa.Text),
        sa.Column("origin", sa.Text),
        sa.Column("hidden", sa.Integer, nullable=False),
        **_STRICT_IDS,
    )


def _custom_field() -> None:
    op.create_table(
        "custom_field",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("noun", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("en", sa.Text, nullable=False),
        sa.Column("zh", sa.Text, nullable=False),
        sa.Column("aliases", sa.Text, nullable=False),
        sa.Column("choices", sa.Text),
        sa.Column("required", sa.Integer, nullable=False),
        sa.Column("remind_days", sa.Integer),
        sa.Column("yearly", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("origin", sa.Text),
        sa.Column("hidden", sa.Integer, nullable=False),
        sa.UniqueConstraint("noun", "code", name="one_field"),
        **_STRICT_IDS,
    )


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("en", sa.Text, nullable=False),
        sa.Column("zh", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("field", sa.Text),
        sa.Column("before", sa.Text),
        sa.Column("every", sa.Text),
        sa.Column("origin", sa.Text),
        sa.Column("hidden", sa.Integer, nullable=False),
        **_STRICT_IDS,
    )


def _preset() -> None:
    op.create_table(
        "preset",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("current", sa.Integer, nullable=False),
        **_STRICT_IDS,
    )


def _promise() -> None:
    op.create_table(
        "promise",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id", ondelete="CASCADE"), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("made_at", sa.Text, nullable=False),
        sa.Column("due_on", sa.Text, nullable=False),
        sa.Column("due_time", sa.Text),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("due_at", sa.Text),
        sa.Column("due_by", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("settled_at", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("followup_id", sa.Integer, sa.ForeignKey("followup.id", ondelete="SET NULL")),
        sa.Column("complaint_id", sa.Integer, sa.ForeignKey("complaint.id", ondelete="SET NULL")),
        sa.Column("replaces_id", sa.Integer, sa.ForeignKey("promise.id", ondelete="SET NULL")),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        **_STRICT_IDS,
    )
    op.create_index(
        "ix_promise_complaint", "promise", ["complaint_id"], sqlite_where=sa.text("complaint_id IS NOT NULL")
    )
    op.create_index("ix_promise_contact", "promise", ["contact_id", "due_on"])
    op.create_index("ix_promise_followup", "promise", ["followup_id"], sqlite_where=sa.text("followup_id IS NOT NULL"))
    op.create_index(
        "ix_promise_open_day", "promise", ["due_on"], sqlite_where=sa.text("status = 'open' AND due_at IS NULL")
    )
    op.create_index(
        "ix_promise_open_moment", "promise", ["due_at"], sqlite_where=sa.text("status = 'open' AND due_at IS NOT NULL")
    )
    op.create_index("ix_promise_replaces", "promise", ["replaces_id"], sqlite_where=sa.text("replaces_id IS NOT NULL"))


def _supervision() -> None:
    op.create_table(
        "supervision",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id", ondelete="CASCADE"), nullable=False),
        sa.Column("callback_id", sa.Integer, sa.ForeignKey("callback.id", ondelete="CASCADE")),
        sa.Column("complaint_id", sa.Integer, sa.ForeignKey("complaint.id", ondelete="CASCADE")),
        sa.Column("promise_id", sa.Integer, sa.ForeignKey("promise.id", ondelete="CASCADE")),
        sa.Column("responsible", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("due_on", sa.Text),
        sa.Column("every", sa.Text),
        sa.Column("report_on", sa.Text),
        sa.Column("closed_at", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.CheckConstraint(
            "(callback_id IS NOT NULL) + (complaint_id IS NOT NULL) + (promise_id IS NOT NULL) = 1", name="one_item"
        ),
        **_STRICT_IDS,
    )
    op.create_index(
        "ix_supervision_callback", "supervision", ["callback_id"], sqlite_where=sa.text("callback_id IS NOT NULL")
    )
    op.create_index(
        "ix_supervision_complaint", "supervision", ["complaint_id"], sqlite_where=sa.text("complaint_id IS NOT NULL")
    )
    op.create_index("ix_supervision_contact", "supervision", ["contact_id"])
    op.create_index(
        "ix_supervision_promise", "supervision", ["promise_id"], sqlite_where=sa.text("promise_id IS NOT NULL")
    )
    op.create_index("ix_supervision_report", "supervision", ["report_on"], sqlite_where=sa.text("closed_at IS NULL"))


def _supervision_report() -> None:
    op.create_table(
        "supervision_report",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("supervision_id", sa.Integer, sa.ForeignKey("supervision.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("percent", sa.Integer),
        **_STRICT_IDS,
    )
    op.create_index("ix_supervision_report_supervision_id", "supervision_report", ["supervision_id"])


def _complaint_link() -> None:
    op.create_table(
        "complaint_link",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("complaint_id", sa.Integer, sa.ForeignKey("complaint.id", ondelete="CASCADE"), nullable=False),
        sa.Column("other_id", sa.Integer, sa.ForeignKey("complaint.id", ondelete="CASCADE")),
        sa.Column("improvement", sa.Text),
        sa.Column("created_at", sa.Text, nullable=False),
        **_STRICT_IDS,
    )
    op.create_index("ix_complaint_link_complaint_id", "complaint_link", ["complaint_id"])
    op.create_index("ix_complaint_link_other_id", "complaint_link", ["other_id"])


def _question() -> None:
    op.create_table(
        "question",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("moment", sa.Text, nullable=False),
        sa.Column("en", sa.Text, nullable=False),
        sa.Column("zh", sa.Text, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("origin", sa.Text),
        sa.Column("hidden", sa.Integer, nullable=False),
        sa.UniqueConstraint("form", "code", name="one_question"),
        **_STRICT_IDS,
    )


def _survey() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id", ondelete="CASCADE"), nullable=False),
        sa.Column("complaint_id", sa.Integer, sa.ForeignKey("complaint.id", ondelete="SET NULL")),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("channel", sa.Text),
        sa.Column("sent_at", sa.Text, nullable=False),
        sa.Column("returned_at", sa.Text),
        sa.Column("score", sa.REAL),
        sa.Column("comment", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        **_STRICT_IDS,
    )
    op.create_index("ix_survey_complaint", "survey", ["complaint_id"], sqlite_where=sa.text("complaint_id IS NOT NULL"))
    op.create_index("ix_survey_contact", "survey", ["contact_id", "sent_at"])


def _survey_answer() -> None:
    op.create_table(
        "survey_answer",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("survey_id", sa.Integer, sa.ForeignKey("survey.id", ondelete="CASCADE"), nullable=False),
        sa.Column("question_id", sa.Integer, sa.ForeignKey("question.id"), nullable=False),
        sa.Column("expectation", sa.Integer),
        sa.Column("experience", sa.Integer, nullable=False),
        sa.UniqueConstraint("survey_id", "question_id", name="one_answer"),
        **_STRICT_IDS,
    )


def _answer() -> None:
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("complaint_id", sa.Integer, sa.ForeignKey("complaint.id", ondelete="SET NULL")),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        **_STRICT_IDS,
    )
    op.create_index("ix_answer_complaint_id", "answer", ["complaint_id"])


def _former_uid() -> None:
    op.create_table(
        "former_uid",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id", ondelete="CASCADE")),
        sa.Column("company_id", sa.Integer, sa.ForeignKey("company.id", ondelete="CASCADE")),
        sa.CheckConstraint("(contact_id IS NULL) <> (company_id IS NULL)", name="one_party"),
        **_STRICT_IDS,
    )
    op.create_index("ix_former_uid_company_id", "former_uid", ["company_id"])
    op.create_index("ix_former_uid_contact_id", "former_uid", ["contact_id"])


def _distinct_pair() -> None:
    op.create_table(
        "distinct_pair",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("noun", sa.Text, nullable=False),
        sa.Column("low_id", sa.Integer, nullable=False),
        sa.Column("high_id", sa.Integer, nullable=False),
        sa.UniqueConstraint("noun", "low_id", "high_id", name="one_pair"),
        **_STRICT_IDS,
    )


def _reminder() -> None:
    op.rename_table("reminder", "reminder_before")
    op.create_table(
        "reminder",
        sa.Column("occurrence", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("claimed_at", sa.Text, nullable=False),
        sa.Column("delivered_at", sa.Text),
        sa.Column("claimed_by", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("retry_at", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("nagged", sa.Integer, nullable=False),
        **_STRICT,
    )
    op.create_index(
        "ix_reminder_undelivered", "reminder", ["channel", "retry_at"], sqlite_where=sa.text("delivered_at IS NULL")
    )
    op.execute(
        "INSERT INTO reminder (occurrence, channel, claimed_at, delivered_at, attempts, nagged) "
        "SELECT occurrence, '', claimed_at, delivered_at, 0, 0 FROM reminder_before"
    )
    op.drop_table("reminder_before")


def _reminder_run() -> None:
    op.create_table(
        "reminder_run",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("finished_at", sa.Text),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("items", sa.Integer, nullable=False),
        sa.Column("delivered", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        **_STRICT_IDS,
    )
    op.create_index("ix_reminder_run_at", "reminder_run", ["at"])
