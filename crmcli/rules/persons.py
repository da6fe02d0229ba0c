"""Who is meant where a person is named."""

NOBODY = "-"
"""What files say of a record that is nobody's, where nothing would leave open whose it is."""

_ME = frozenset(("me", "我"))


def means_me(text: str) -> bool:
    """Return whether the text means whoever works."""
    return text.strip().casefold() in _ME
