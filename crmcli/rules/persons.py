"""Who is meant where a person is named."""

_ME = frozenset(("me", "我"))


def means_me(text: str) -> bool:
    """Return whether the text means whoever works."""
    return text.strip().casefold() in _ME
