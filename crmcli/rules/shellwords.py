"""Texts in a command that is suggested: what is copied into a shell has to mean what was said."""

import re

_PLAIN = re.compile(r"[\w./@%+-][\w./@%+:=,-]*")
"""What a shell takes as it is, in whatever script."""


def word(text: object) -> str:
    """Return a text as one word of a command line: in quotes where a shell would take a part of it for its own."""
    said = str(text)
    return said if _PLAIN.fullmatch(said) else "'" + said.replace("'", "'\\''") + "'"


def argument(text: str) -> str:
    """Return a text as one word that is no option, though it begins like one."""
    return f"-- {word(text)}" if text.startswith("-") else word(text)
