"""Telling what is encrypted from what is not, without the key."""

PAGE_SIZE = 4096
_VALUES = 250
"""So many of the 256 values that a byte can have are in every page of noise, which encrypted pages are; with a
probability of one in 10²⁰ not. Text, and what is left of a damaged database, has far fewer."""


def is_noise(page: bytes) -> bool:
    """Return whether a page may be encrypted; what is compressed looks the same, but seldom fills whole pages."""
    return len(page) == PAGE_SIZE and len({*page}) >= _VALUES
