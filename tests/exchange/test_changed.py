"""Files that another program writes while they are read."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from crmcli.errors import UsageError
from crmcli.exchange.source import open_source

FILES = {"csv": "姓名\n" + "李四\n" * 200_000, "jsonl": '{"name": "李四"}\n' * 100_000}
CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "overwritten": lambda content: content[: len(content) // 2] + b"\xff" * (len(content) // 2),
    "cut within a character": lambda content: content[: content.rindex(b"\n", 0, -1) - 1],
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("change", CHANGES)
def test_what_can_no_longer_be_read_is_told(tmp_path: Path, kind: str, encoding: str, change: str) -> None:
    path = tmp_path / "file"
    content = FILES[kind].encode(encoding)
    path.write_bytes(content)
    found, rows = open_source(path)
    path.write_bytes(CHANGES[change](content))
    assert found == kind
    with closing(rows), pytest.raises(UsageError):
        list(rows)


def test_records_that_are_gone_are_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(FILES["jsonl"], "utf-8")
    _kind, rows = open_source(path)
    path.write_text(FILES["jsonl"][: len(FILES["jsonl"]) // 2].rpartition("\n")[0], "utf-8")
    with closing(rows), pytest.raises(UsageError, match="changed while it was read"):
        list(rows)
