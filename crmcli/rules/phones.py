"""Phone numbers: what is stored, what is compared, what is searched."""

from typing import NamedTuple


class Phone(NamedTuple):
    """A phone number as the database keeps it."""

    value: str
    """What is shown and stored: E.164 (`+8613800138000`), or bare digits for numbers that only work locally (`95588`)."""
    key: str
    """What look-ups and matching compare."""
    digits: str
    """National significant digits, for the search index."""
    extension: str = ""


def normalise_phone(text: str, country: str) -> Phone:
    """Return the number that was written in any format; `country` (ISO 3166 alpha-2) is where national numbers belong.

    Raises ValueError with a translated message when the text is no phone number.
    """
    raise NotImplementedError


def phone_keys(text: str, country: str) -> tuple[str, ...]:
    """Return the keys under which the typed number may be stored, most likely first; () when it does not look like a phone."""
    raise NotImplementedError


def digit_tokens(digits: str) -> str:
    """Return the digits as overlapping three-digit tokens for the search index, and the same for a part of a number."""
    raise NotImplementedError
