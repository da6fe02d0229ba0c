"""The pages of a database's file, for tests that spoil them."""

ENCRYPTED = 4096


def page_size(content: bytes | bytearray) -> int:
    """Return how many bytes a page has, in the sound content of a file that may be encrypted."""
    return int.from_bytes(content[16:18]) if content.startswith(b"SQLite format 3\0") else ENCRYPTED
