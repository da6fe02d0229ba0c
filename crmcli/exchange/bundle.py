"""A ZIP archive of one document and the files that belong to it."""

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO


def write_bundle(stream: BinaryIO, name: str, document: str, files: Iterable[tuple[str, Path]]) -> None:
    """Write a document of this name, and files under the paths that they shall have in the archive. Raises OSError."""
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        archive.writestr(name, document)
        for path, content in files:
            archive.write(content, path)
