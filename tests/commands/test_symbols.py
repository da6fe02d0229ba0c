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


@pytest.mark.parametrize("query", ["Smith & Sons", "smith & sons", "&", "sons &"])
def test_a_list_finds_signs_that_stand_alone(crm: Crm, query: str) -> None:
    for name in ("Smith & Sons", "Smith, Jones and Sons", "😀"):
        crm.ok("contact", "add", name)
    assert [row["name"] for row in crm.data("list", query)] == ["Smith & Sons"]
    assert [row["name"] for row in crm.data("list", "😀")] == ["😀"]
    assert crm.data("list", '""') == []


def test_a_number_or_name_that_was_copied_with_invisible_marks_is_found(crm: Crm) -> None:
    contact = crm.data("add", "张三", "--phone", "138 0013 8000", "--email", "ünal@example.com")
    for text in (
        "\u202a138 0013 8000\u202c",
        "\u200e13800138000",
        "\ufeff张三",
        "张三\u200b",
        "u\u0308nal@example.com",
    ):
        assert crm.data("show", text)["id"] == contact["id"], text


def test_a_list_finds_a_number_with_its_extension(crm: Crm) -> None:
    crm.ok("add", "总机", "--phone", "021-6000 0000 转 8012")
    for text in ("021-6000 0000 转 8012", "021-60000000-8012"):
        assert [row["name"] for row in crm.data("list", f'"{text}"')] == ["总机"], text
