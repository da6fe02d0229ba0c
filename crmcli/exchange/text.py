"""Bytes to text: the encoding is told from the content."""

from typing import BinaryIO, TextIO


def decode(stream: BinaryIO) -> TextIO:
    """Return the text of the stream from its beginning, line ends as they are; `.encoding` says what it was decoded from.

    Raises UsageError for what is no text (a spreadsheet, an archive, a picture).
    """
    raise NotImplementedError
