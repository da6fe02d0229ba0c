"""When a channel last took something is found by an index, however many reminders there were.

Views changed, too, which are made anew after every upgrade: a complaint tells the promises that were made about it.
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the index."""
    op.create_index("ix_reminder_delivered", "reminder", ["channel", "delivered_at"])
