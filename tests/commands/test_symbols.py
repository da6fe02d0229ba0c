"""Names of symbols alone, and files that are none of ours, are taken for what they are."""

import pytest

from tests.conftest import Crm


@pytest.mark.parametrize("name", ["🌸", "★★★", "※ %", "_-_"])
def test_a_name_of_symbols_alone_is_found(crm: Crm, name: str) -> None:
    crm.ok("add", "张三", "--notes", name)
    crm.ok("add", name)
    assert [row["contact"] for row in crm.data("find", name)] == [name]
    assert [row["contact"] for row in crm.data("find", name[0])] == [name]
    assert crm.data("show", name)["name"] == name
    assert crm.data("find", "☂") == []


@pytest.mark.parametrize(("content", "told"), [(b"", "is empty"), (b"name\nAnn\n", "is not a database")])
def test_what_is_no_backup_is_called_what_it_is(crm: Crm, content: bytes, told: str) -> None:
    crm.ok("add", "张三")
    (crm.folder / "tiny.txt").write_bytes(content)
    refused = crm("restore", str(crm.folder / "tiny.txt"), "-y")
    assert (refused.code, told in refused.err) == (7, True), refused
    assert len(crm.data("list")) == 1
