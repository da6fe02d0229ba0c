"""Text → When (skeleton: signatures are final)."""

from datetime import datetime

from crmcli.when.value import When

__all__ = ["When", "parse_when", "require_future"]


def parse_when(text: str, now: datetime, *, order: str = "md", future: bool = True) -> When:
    """Return the moment that the text names, seen from `now` (aware, in the user's ZoneInfo or UTC)."""
    raise NotImplementedError


def require_future(when: When, now: datetime) -> None:
    """Refuse (WhenError) a moment that is past, unless it was written out in full."""
    raise NotImplementedError
