from pathlib import Path

import pytest

from crmcli.errors import UsageError
from crmcli.exchange.folder import read_folder, write_folder
from crmcli.exchange.source import open_source
from crmcli.exchange.vcardout import card


def contact(name: str, uid: str = "") -> bytes:
    return card({"name": name, "uid": uid}).encode()


def names(folder: Path) -> list[str]:
    rows = read_folder(folder)
    place = rows.header.index("name")
    return [row.error or row.cells[place] for row in rows]


def test_every_file_is_read(tmp_path: Path) -> None:
    for name, content in {
        "b.vcf": contact("Bob"),
        "a.vcf": contact("Ann").replace(b"END", b"NICKNAME:A\r\nPHOTO:x\r\nEND"),
        "work/c.VCF": contact("Carl") + contact("Dora"),
        "e.vcf": b"",
        ".cache/x.vcf": contact("hidden"),
        "color": b"#fff",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    rows = read_folder(tmp_path)
    place = rows.header.index("name")
    assert [(row.number, row.error or row.cells[place], row.cells[-1]) for row in rows] == [
        (1, "Ann", "A"),
        (2, "Bob", ""),
        (3, "e.vcf: the file has no contacts", ""),
        (4, "Carl", ""),
        (5, "Dora", ""),
    ]
    assert rows.header[-1] == "NICKNAME"
    assert rows.left_out == {"PHOTO": 1}
    kind, source = open_source(tmp_path)
    assert (kind, source.header) == ("vcard", rows.header)


@pytest.mark.parametrize(
    ("files", "message"),
    [((), "has no"), (("a.vcf", "b.ics"), "has .vcf and .ics"), (("a.vcf",), "a.vcf: the file has no contacts")],
)
def test_what_is_refused(tmp_path: Path, files: tuple[str, ...], message: str) -> None:
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(UsageError) as caught:
        read_folder(tmp_path)
    assert message in caught.value.message
    assert caught.value.hint


def test_a_file_for_each_record_and_the_same_file_again(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "contacts"
    people = {"u1": "Ann", "../u2": "Bob", "u" * 300: "Carl"}
    assert write_folder(folder, ".vcf", ((uid, contact(name, uid)) for uid, name in people.items())) == (3, 3)
    assert (folder / "u1.vcf").read_bytes() == contact("Ann", "u1")
    assert len(list(folder.iterdir())) == 3
    (folder / "u1.vcf").rename(folder / "elsewhere.vcf")
    (folder / "other.vcf").write_bytes(contact("Dora", "u4"))
    assert write_folder(folder, ".vcf", [("u1", contact("Anna", "u1")), ("../u2", contact("Bob", "../u2"))]) == (2, 1)
    assert sorted(names(folder)) == ["Anna", "Bob", "Carl", "Dora"]
    assert (folder / "elsewhere.vcf").read_bytes() == contact("Anna", "u1")


def test_a_folder_of_collections_is_read_but_no_whole_tree(tmp_path: Path) -> None:
    for place, name in (("home", "Ann"), ("work", "Bob"), ("deep/down/there", "Carl"), (".khard", "Dora")):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "a.vcf").write_bytes(contact(name, name))
    assert sorted(names(tmp_path)) == ["Ann", "Bob"]
