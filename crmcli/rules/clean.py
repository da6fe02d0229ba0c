"""Texts without what a terminal would obey: control characters, and overrides of the writing direction."""

import re
import unicodedata
from functools import cache


@cache
def _unwanted() -> re.Pattern[str]:
    """Return what is removed: controls but tab and line breaks, invisible formatting, bidi controls, surrogates.

    The joiners U+200C and U+200D stay: Persian, Indian scripts and emoji need them.
    """
    return re.compile(
        "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
        "\ud800-\udfff\U000e0000-\U000e007f]"
    )


def printable(text: str) -> str:
    """Return the text (NFC) with its line breaks as LF, without other control characters and without bidi overrides."""
    if text.isprintable():
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    text = re.sub("\r\n?|[\x85\u2028\u2029]", "\n", text)
    return unicodedata.normalize("NFC", _unwanted().sub("", text))
