"""Text → Repeat (skeleton: signatures are final)."""

from datetime import datetime
from typing import NamedTuple

from crmcli.when.value import When


class Repeat(NamedTuple):
    """A repeat: its RFC 5545 RRULE (without DTSTART) and its first moment, whose day anchors the series."""

    rule: str
    first: When


def parse_repeat(text: str, now: datetime, *, order: str = "md", start: When | None = None) -> Repeat:
    """Return the repeat that the text names; `start` is the WHEN that stands beside it, if one does."""
    raise NotImplementedError


def looks_like_repeat(text: str) -> bool:
    """Tell whether the text is a repeat rather than a single moment."""
    raise NotImplementedError
