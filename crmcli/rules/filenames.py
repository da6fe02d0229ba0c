"""Names of files."""

from pathlib import Path

_MOST_BYTES, _MOST_OF_SUFFIX = 200, 20
"""Disks take 255 bytes, of which what is added for another of the same name needs some."""


def file_name(name: str) -> str:
    """Return an attachment's name as a file's: the last of a path, and no longer than a disk takes.

    Our own attachments come from files, but an imported one may be called anything; and Windows has longer names.
    """
    last = Path(name.replace("\\", "_")).name
    safe = last if last.strip(".") else "file"
    suffix = Path(safe).suffix[:_MOST_OF_SUFFIX]
    stem = safe.encode()[: _MOST_BYTES - len(suffix.encode())].decode(errors="ignore")
    return safe if len(safe.encode()) <= _MOST_BYTES else stem + suffix
