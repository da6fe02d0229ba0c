"""Columns of texts, most of which come again and again: regions, titles, companies."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def each(read: Callable[[Key], Value], column: Iterable[Key]) -> list[Value]:
    """Return what `read` makes of each; it is asked once for those that are equal, in the order in which they come."""
    texts = [*column]
    made = {text: read(text) for text in dict.fromkeys(texts)}
    return [*map(made.__getitem__, texts)]
