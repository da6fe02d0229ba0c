"""What khard, khal and todoman make of our folders comes back as changes of the same records."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Crm
from tests.kept import filled_once

DATA = Path(__file__).with_name("vdir")
EARLIER = "2026-11-20T09:00:00+08:00"
COUNTS = ("created", "updated", "unchanged", "skipped", "rejected")


def imported(crm: Crm, folder: str, **environ: str) -> dict[str, int]:
    summary = crm.data("import", str(DATA / folder), **environ)
    return {name: summary[name] for name in COUNTS if summary[name]}


def callbacks(crm: Crm, *query: str) -> dict[str, dict[str, Any]]:
    return {row["purpose"]: row for row in crm.data("callback", "list", "--all", *query)}


@pytest.fixture
@filled_once
def known(crm: Crm) -> Crm:
    """Give a database with what the folders say as we wrote them."""
    assert imported(crm, "written/contacts", CRM_NOW=EARLIER) == {"created": 3}
    assert imported(crm, "written/todos", CRM_NOW=EARLIER) == {"created": 3}
    return crm


@pytest.mark.parametrize("folder", ["contacts", "todos", "calendar"])
def test_what_nobody_changed_is_unchanged(known: Crm, folder: str) -> None:
    assert imported(known, f"written/{folder}") == {"unchanged": 3}
    assert imported(known, f"written/{folder}", TZ="America/New_York") == {"unchanged": 3}


@pytest.mark.parametrize("folder", ["contacts", "todos", "calendar"])
def test_a_change_is_taken_once(known: Crm, folder: str) -> None:
    first = imported(known, f"changed/{folder}")
    assert imported(known, f"changed/{folder}") == {"unchanged": sum(first.values())}
    known.ok("undo")
    assert imported(known, f"changed/{folder}", TZ="Europe/Berlin") == first


def test_cards_that_khard_edited(known: Crm) -> None:
    assert imported(known, "changed/contacts") == {"created": 1, "updated": 2, "unchanged": 1}
    rows = {row["name"]: row for row in known.data("contact", "list")}
    assert rows.keys() == {"张三丰", "Ann O'Brien", "李四", "王五"}
    zhang = rows["张三丰"]
    assert zhang["phones"] == ["+8613800138000", "+862155556666", "+862112345678"]
    assert [point["label"] for point in zhang["reach"] if point["kind"] == "phone"] == ["mobile", "office2", "work"]
    assert (zhang["title"], zhang["emails"], zhang["notes"]) == ("总经理", ["zsf@example.cn"], "换了公司")
    assert (zhang["birthday"], zhang["class"], zhang["fields"]) == ("1985-05-12", "interested", {"爱好": "钓鱼"})
    ann = rows["Ann O'Brien"]
    assert (ann["company"], ann["title"], ann["tags"]) == ("Acme Holding", "CEO", ["xmas"])
    assert ann["notes"] == "line one\nline two\nline three"
    assert (rows["王五"]["company"], rows["王五"]["phones"]) == ("新客户公司", ["+8613700137000"])


def test_to_dos_that_todoman_changed(known: Crm) -> None:
    assert imported(known, "changed/todos") == {"created": 2, "updated": 3}
    rows = callbacks(known)
    assert (rows["送样品; 报价, 两份"]["status"], rows["送样品; 报价, 两份"]["done_at"]) == (
        "done",
        "2026-11-22T09:17:06+08:00",
    )
    assert rows["Christmas call"]["due"] == "2026-12-26T09:30:00+08:00"
    assert rows["寄发票"]["due"] == "2026-12-01"
    monthly = known.data("callback", "list", "--all", "对账", "--sort", "due")
    assert [(row["status"], row["due"]) for row in monthly] == [
        ("done", "2026-12-15T10:00:00+08:00"),
        ("open", "2027-01-15T10:00:00+08:00"),
    ]
    # todoman moves every moment to UTC; what was promised stays on the clock on which it was promised
    assert {row["zone"] for row in rows.values()} == {"Asia/Shanghai"}


def test_events_that_khal_changed(known: Crm) -> None:
    assert imported(known, "changed/calendar") == {"created": 2, "updated": 2, "unchanged": 1}
    rows = callbacks(known)
    assert rows["送样品; 报价, 两份"]["due"] == "2026-11-24T16:30:00+08:00"
    assert rows["Xmas visit bring wine"]["due"] == "2026-12-23T14:00:00+08:00"
    assert rows["签合同 bring the stamp"]["contact"] == "李四"
    assert (rows["周会"]["due"], rows["周会"]["repeat"]) == (
        "2026-12-07T09:00:00+08:00",
        "FREQ=WEEKLY;UNTIL=20270131",
    )


def test_what_we_write_is_what_they_were_given(known: Crm, tmp_path: Path) -> None:
    for noun, folder, options in (
        ("contacts", "contacts", ()),
        ("callbacks", "calendar", ()),
        ("callbacks", "todos", ("--todos",)),
    ):
        known.ok("export", noun, "--to", f"{tmp_path / folder}/", *options)
        for path in (tmp_path / folder).iterdir():
            assert path.read_bytes() == (DATA / "written" / folder / path.name).read_bytes()


@pytest.mark.parametrize("folder", ["written/todos", "written/calendar", "changed/calendar"])
def test_a_folder_from_before_does_not_reopen_what_was_done(known: Crm, folder: str) -> None:
    sample = callbacks(known)["送样品; 报价, 两份"]
    known.ok("done", str(sample["id"]))
    known.ok("callback", "cancel", str(callbacks(known)["Christmas call"]["id"]))
    imported(known, folder)
    rows = {row["id"]: row for row in known.data("callback", "list", "--all")}
    assert (rows[sample["id"]]["status"], rows[sample["id"]]["done_at"]) == ("done", "2026-11-25T09:00:00+08:00")
    assert sum(row["status"] == "cancelled" for row in rows.values()) == 1


def test_a_folder_from_before_does_not_take_back_what_was_put_off(known: Crm) -> None:
    id_ = str(callbacks(known)["送样品; 报价, 两份"]["id"])
    known.ok("snooze", id_, "2026-11-30 10:00")
    assert imported(known, "written/todos") == {"unchanged": 3}
    assert known.data("callback", "show", id_)["due"] == "2026-11-30T10:00:00+08:00"


def test_a_to_do_that_was_reopened_later_is_open_again(known: Crm, tmp_path: Path) -> None:
    shutil.copytree(DATA / "changed" / "todos", tmp_path / "todos")
    imported(known, "changed/todos", CRM_NOW="2026-11-23T09:00:00+08:00")
    for path in (tmp_path / "todos").iterdir():
        text = path.read_text("utf-8").replace("STATUS:COMPLETED", "STATUS:NEEDS-ACTION")
        lines = [line for line in text.splitlines() if not line.startswith(("COMPLETED", "PERCENT"))]
        text = "\r\n".join(lines).replace("LAST-MODIFIED:20261122", "LAST-MODIFIED:20261124")
        path.write_text(text, "utf-8")
    known.ok("import", str(tmp_path / "todos"))
    sample = callbacks(known)["送样品; 报价, 两份"]
    assert (sample["status"], sample["done_at"]) == ("open", None)
