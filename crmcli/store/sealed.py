"""Pages of an encrypted file one by one: SQLCipher itself gives up at the first that is damaged.

Follows https://www.zetetic.net/sqlcipher/design/: each page is encrypted by itself (AES-256-CBC) and ends with what it
began with (the initialization vector) and a proof that it is as it was written (HMAC-SHA512, over the page's number,
too). The first page begins with the salt; where it is lost, copies of the database have the same.
"""

import hashlib
import hmac
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crmcli.errors import StoreError
from crmcli.i18n import _
from crmcli.rules.noise import is_noise
from crmcli.store.copies import copies_of
from crmcli.store.driver import load_cipher
from crmcli.store.opened import beginning
from crmcli.store.pages import PageFile

_PAGE_SIZE, _SALT_SIZE, _KEY_SIZE, _VECTOR_SIZE, _PROOF_SIZE = 4096, 16, 32, 16, 64
_RESERVED = _VECTOR_SIZE + _PROOF_SIZE
_CONTENT = _PAGE_SIZE - _RESERVED
_PROOF_MASK, _PROOF_ROUNDS = 0x3A, 2
"""How the key of the proofs follows from that of the content."""
_LOST = bytes(_PAGE_SIZE)
_HEADER = b"SQLite format 3\0"
_LOOKED_AT = 9
"""So many pages tell whether a file is encrypted, by their majority."""


class _Keys(NamedTuple):
    content: bytes
    proof: bytes


class SealedPages(PageFile):
    """The pages of an encrypted database file; one that does not prove to be as it was written is full of zeros."""

    def __init__(self, path: Path, key: str) -> None:
        """Find the salt with which the key opens a page; raises StoreError when none does."""
        super().__init__(path, _RESERVED)
        self._decrypt = _load_aes()
        files = (path, *copies_of(path))
        salts = dict.fromkeys((super()._page(1)[:_SALT_SIZE], *(beginning(file, _SALT_SIZE) for file in files)))
        fitting = (keys for keys in (_keys(key, salt) for salt in salts) if self._fit(keys))
        found = next(fitting, None)
        if not found:
            raise StoreError(
                _("the key opens nothing in {path}").format(path=path),
                hint=_(
                    "check CRM_KEY and the setting key; where the first page is lost, a backup or another copy of this "
                    "database must lie in its place"
                ),
            )
        self._keys: _Keys = found

    def _fit(self, keys: _Keys) -> bool:
        return any(_proven(super(SealedPages, self)._page(number), number, keys) for number in range(1, self.count + 1))

    def _page(self, number: int) -> bytes:
        page = super()._page(number)
        if not _proven(page, number, self._keys):
            return _LOST
        begin = _SALT_SIZE if number == 1 else 0
        content = self._decrypt(self._keys.content, page[_CONTENT:][:_VECTOR_SIZE], page[begin:_CONTENT])
        return (_HEADER[:begin] + content).ljust(_PAGE_SIZE, b"\0")


def is_sealed(path: Path) -> bool:
    """Return whether a file is encrypted, though its first page may be lost."""
    start = beginning(path, _LOOKED_AT * _PAGE_SIZE)
    pages = [start[at : at + _PAGE_SIZE] for at in range(0, len(start), _PAGE_SIZE)]
    return sum(map(is_noise, pages)) * 2 > len(pages)


def _keys(key: str, salt: bytes) -> _Keys:
    content = load_cipher().derived(key, salt)
    masked = bytes(byte ^ _PROOF_MASK for byte in salt)
    return _Keys(content, hashlib.pbkdf2_hmac("sha512", content, masked, _PROOF_ROUNDS, _KEY_SIZE))


def _proven(page: bytes, number: int, keys: _Keys) -> bool:
    """Return whether a page is as it was written under these keys, and in this place."""
    begin = _SALT_SIZE if number == 1 else 0
    written = page[begin : _CONTENT + _VECTOR_SIZE] + number.to_bytes(4, "little")
    return hmac.compare_digest(hmac.digest(keys.proof, written, "sha512"), page[-_PROOF_SIZE:])


@cache
def _load_aes() -> Callable[[bytes, bytes, bytes], bytes]:
    """Return what decrypts with a key and a vector: a large library, for one command."""
    try:
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.algorithms import AES
        from cryptography.hazmat.primitives.ciphers.modes import CBC
    except ImportError as error:
        raise StoreError(_("an encrypted database needs an extra"), hint="pip install 'crmcli[cipher]'") from error

    def decrypt(key: bytes, vector: bytes, content: bytes) -> bytes:
        work = Cipher(AES(key), CBC(vector)).decryptor()
        return work.update(content) + work.finalize()

    return decrypt
