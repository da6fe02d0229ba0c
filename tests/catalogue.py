"""The message catalogue: which messages the program has, and bringing the Chinese one up to date.

`python -m tests.catalogue` adds new messages to the .po file (empty, to be translated), drops those that are gone, and
compiles it.
"""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parent.parent / "crmcli"
PO = PACKAGE / "locale" / "zh_CN" / "LC_MESSAGES" / "crmcli.po"
MO = PO.with_suffix(".mo")
_MARKERS = {"_", "N_"}
_DECLARATIONS = {"Field": 2}
"""Calls that declare something whose text, at this position, is translated when it is shown."""

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""The dates in the file's header: always the same, so that the file changes only when a message does."""

Message = str | tuple[str, str]
"""A message, or its singular and plural."""


def messages() -> dict[Message, list[tuple[str, int]]]:
    """Return every message of the program with the places where it stands."""
    found: dict[Message, list[tuple[str, int]]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for message, line in _messages_in(ast.parse(path.read_text("utf-8"))):
            found.setdefault(message, []).append((path.relative_to(PACKAGE.parent).as_posix(), line))
    return found


def _messages_in(tree: ast.AST) -> Iterator[tuple[Message, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if node.func.id in _MARKERS and texts:
                yield texts[0], node.lineno
            elif node.func.id == "ngettext":
                yield (texts[0], texts[1]), node.lineno
            elif node.func.id in _DECLARATIONS and len(texts) > _DECLARATIONS[node.func.id]:
                yield texts[_DECLARATIONS[node.func.id]], node.lineno


def compiled(catalogue: Catalog) -> bytes:
    """Return the catalogue as gettext reads it."""
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def read() -> Catalog:
    """Return the Chinese catalogue as it stands in the file."""
    with PO.open("rb") as file:
        return read_po(file, locale="zh_CN")


def save(catalogue: Catalog) -> None:
    """Write the catalogue in the order of its messages, and compile it."""
    with PO.open("wb") as file:
        write_po(file, catalogue, sort_output=True, width=120, no_location=True)
    MO.write_bytes(compiled(read()))


def update() -> int:
    """Bring the catalogue up to date and return how many messages are untranslated."""
    old = read()
    new = Catalog(
        locale="zh_CN",
        project="crmcli",
        fuzzy=False,
        header_comment="",
        creation_date=_LONG_AGO,
        revision_date=_LONG_AGO,
    )
    for message in messages():
        known = old.get(message if isinstance(message, str) else message[0])
        new.add(message, known.string if known else ("" if isinstance(message, str) else ("",)))
    save(new)
    return sum(not message.string or not all(message.string) for message in new if message.id)


if __name__ == "__main__":
    left = update()
    print(f"{left} messages to translate in {PO}")  # noqa: T201 - a command's answer
