"""Texts of several lines, free of what a terminal would obey."""


def printable(text: str) -> str:
    """Return the text (NFC) with its line breaks as LF, without other control characters and without bidi overrides."""
    raise NotImplementedError
