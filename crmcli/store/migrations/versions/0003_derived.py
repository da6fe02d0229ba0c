"""No table changes: what is derived (views, triggers, summaries, the search index) is made anew after every upgrade.

Views changed: a complaint tells the promises that were made about it.
"""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change no table."""
