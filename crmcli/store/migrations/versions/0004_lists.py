"""Lists of open callbacks and complaints come from an index; no index has entries for what is nearly always missing.

Most contacts were sent by nobody, and most phones and tags are a person's: every new one was written into the indexes
of those that are not.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_MISSING = (("contact", "referred_by"), ("contact_point", "company"), ("tag", "company"))


def upgrade() -> None:
    """Create the indexes of lists, and those of rare references anew."""
    due, still_open = sa.text("coalesce(due_at, due_on)"), sa.text("status = 'open'")
    op.create_index("ix_callback_open", "callback", [due], sqlite_where=still_open)
    op.create_index("ix_complaint_received", "complaint", ["received_at", "status"])
    for table, name in _MISSING:
        op.drop_index(f"ix_{table}_{name}_id", table)
        present = sa.text(f"{name}_id IS NOT NULL")
        op.create_index(f"ix_{table}_{name}", table, [f"{name}_id"], sqlite_where=present)
