"""Attachments' contents that arrive in pieces, as an import reads them: under passing names until they are kept."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from crmcli.store.connection import store_error
from crmcli.store.files import Staged, files_folder, new_file, path_of


class Received:
    """Contents by their hash; one that is not what its hash says is none."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._folder = files_folder(database)
        self.staged: dict[str, Staged] = {}

    def take(self, sha256: str, pieces: Iterable[bytes]) -> None:
        """Write a content to the disk; nothing is left of one that is damaged. Raises StoreError."""
        digest, size = hashlib.sha256(), 0
        try:
            with new_file(self._folder) as (passing, copy):
                for piece in pieces:
                    digest.update(piece)
                    size += copy.write(piece)
        except OSError as error:
            raise store_error(error, self._folder) from error
        if digest.hexdigest() == sha256 and sha256 not in self.staged:
            self.staged[sha256] = Staged("", sha256, size, passing, path_of(self._database, sha256))
        else:
            passing.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove what was not kept."""
        for copy in self.staged.values():
            copy.passing.unlink(missing_ok=True)
        with suppress(OSError):
            self._folder.rmdir()  # only where nothing was kept


@contextmanager
def received(database: Path) -> Iterator[Received]:
    """Give a place for contents; what the block does not keep is removed."""
    contents = Received(database)
    try:
        yield contents
    finally:
        contents.discard()
