"""What is sent: the same content as text and as HTML."""

from typing import NamedTuple


class Message(NamedTuple):
    """One message; `content` is what a program gets instead of the text, as JSON."""

    title: str
    text: str
    html: str
    content: str
