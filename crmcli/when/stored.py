"""How a moment is written in the database."""

from datetime import UTC, datetime


def moment_text(moment: datetime) -> str:
    """Return an aware moment as UTC text to the second: it compares by time, and any SQLite tool can read it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
