"""How a moment is written in the database."""

from datetime import MAXYEAR, MINYEAR, UTC, datetime


def moment_text(moment: datetime) -> str:
    """Return an aware moment as UTC text to the second: it compares by time, and any SQLite tool can read it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stored_text(text: str) -> str | None:
    """Return the moment that ISO text names as it is stored; None for none, without a zone, or beyond the calendar."""
    try:
        moment = datetime.fromisoformat(text)
        return moment_text(moment) if moment.tzinfo and is_in_calendar(moment.astimezone(UTC).year) else None
    except (ValueError, OverflowError):
        return None


def is_in_calendar(year: int) -> bool:
    """Return whether a moment of this year is one in every zone, and the day after it, too."""
    return MINYEAR < year < MAXYEAR
