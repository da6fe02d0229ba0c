"""What tests of callbacks share: another day, and when something is due."""

from typing import Any


def due(row: dict[str, Any]) -> str:
    """Return when a callback is due: a moment, or a day."""
    return str(row["due_at"] or row["due_on"])


def at(day: str, hour: str = "09:00", offset: str = "+08:00") -> dict[str, str]:
    """Return the environment of a run on another day."""
    return {"CRM_NOW": f"{day}T{hour}:00{offset}"}
