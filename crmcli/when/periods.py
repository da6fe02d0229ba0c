"""Text → timedelta (skeleton: signatures are final)."""

from datetime import timedelta


def parse_period(text: str) -> timedelta:
    """Return the length that the text names: `2h`, `30d`, `半小时`, `a week`."""
    raise NotImplementedError
