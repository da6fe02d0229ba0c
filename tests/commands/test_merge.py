"""`crm contact merge`, `crm company merge`: one record in place of several, and nothing of them lost."""

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.context import Context
from crmcli.store.schema import JOURNALLED
from tests.conftest import Crm, opened
from tests.kept import filled_once

MANY = ("followup", "callback", "complaint", "complaint_step")
"""Tables of which a merge neither makes nor loses a row."""


@pytest.fixture
@filled_once
def pair(crm: Crm) -> Crm:
    """Give a database in which 张三 is twice, and others know both."""
    crm.ok(
        "add", "张三", "-c", "华东电力", "-p", "13800138000", "-t", "采购经理", "--tag", "vip", "--notes", "likes tea"
    )
    crm.ok(
        *("add", "Zhang San", "--force", "-c", "华东电力有限公司", "-p", "work=138-0013-8000", "-e", "zs@x.cn"),
        *("--im", "wechat:zs", "-t", "Buyer", "--region", "上海", "--tag", "VIP,expo", "--set", "account=7"),
        *("--notes", "from the fair", "--referred-by", "1", "--class", "interested"),
    )
    crm.ok("contact", "edit", "1", "--set", "account=8", "--set", "floor=3")
    crm.ok("add", "Ann Lee", "--referred-by", "2")
    crm.ok("log", "2", "called", "--next", "fri 15:00")
    crm.ok("log", "1", "visited", "--kind", "visit")
    crm.ok("complain", "2", "late")
    return crm


def dump(path: Path) -> dict[str, list[Any]]:
    """Return every journalled table, and the derived ones."""
    with closing(opened(path)) as connection:
        tables = (*JOURNALLED, "contact_state")
        found = {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in tables}
        found["search"] = connection.execute("SELECT rowid, name, reach, body FROM search ORDER BY rowid").fetchall()
    return found


def test_what_is_given_up_is_told_in_words_of_the_language_in_use(crm: Crm) -> None:
    crm.ok("field", "add", "contact", "grade", "--type", "choice", "--choice", "a=Top|A级,b=Good|B级", "--zh", "等级")
    crm.ok("add", "张三", "--class", "core", "--source", "expo", "--set", "grade=a")
    crm.ok("add", "张珊", "--class", "interested", "--source", "referral", "--set", "grade=b")
    crm.ok("contact", "merge", "1", "2", "-y", CRM_LANG="zh")
    notes = crm.data("show", "1")["notes"]
    assert notes.endswith("姓名：张珊；类别：有意向；来源：转介绍；等级：B级")


def test_merge_keeps_everything(pair: Crm) -> None:
    row = pair.data("contact", "merge", "1", "2", "-y")
    assert row["merged"] == [2]
    assert (row["id"], row["name"], row["company"], row["title"]) == (1, "张三", "华东电力", "采购经理")
    assert (row["region"], row["class"], row["referred_by"]) == ("上海", "interested", None)
    assert (row["phones"], row["emails"], row["handles"]) == (["+8613800138000"], ["zs@x.cn"], ["wechat:zs"])
    assert {"kind": "phone", "label": "work", "value": "+8613800138000"} in row["reach"]
    assert (row["tags"], row["fields"]) == (["vip", "expo"], {"account": "8", "floor": "3"})
    assert row["notes"].splitlines() == [
        "likes tea",
        "from the fair",
        "merged on 2026-11-25 from Zhang San (2): Name: Zhang San; Company: 华东电力有限公司; Title: Buyer; account: 7",
    ]
    assert (row["open_complaints"], row["next_callback_at"]) == (1, "2026-11-27T15:00:00+08:00")
    assert [found["contact"] for found in pair.data("followup", "list")] == ["张三", "张三"]
    assert pair.data("contact", "show", "Ann")["referred_by"] == "张三"
    assert pair("show", "2").code == 3
    assert pair.data("contact", "show", "zs@x.cn")["id"] == 1
    assert [found["id"] for found in pair.data("contact", "list", "called")] == []
    assert {found["contact_id"] for found in pair.data("find", "late")} == {1}


def test_undo_restores_everything(pair: Crm) -> None:
    before = dump(pair.db)
    assert pair.ok("contact", "merge", "1", "2", "-y").out == (
        "Merged Zhang San (2) into 张三 (1); crm undo takes it back\n"
    )
    after = dump(pair.db)
    assert after != before
    pair.ok("undo")
    assert dump(pair.db) == before
    pair.ok("undo", str(pair.data("history")[0]["id"]))
    assert dump(pair.db) == after


def test_what_a_terminal_is_asked(pair: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Context, "interactive", True)
    before = dump(pair.db)
    refused = pair("contact", "merge", "1", "2", stdin="n\n")
    assert (refused.code, refused.err.splitlines()[0]) == (
        5,
        "merge Zhang San (2) into 张三 (1)? [y/N] error: nothing was changed",
    )
    assert refused.out.startswith("Field")
    assert dump(pair.db) == before
    agreed = pair.ok("contact", "merge", "1", "2", stdin="y\n")
    assert agreed.out.splitlines()[-1] == "Merged Zhang San (2) into 张三 (1); crm undo takes it back"


def test_what_else_belongs_to_a_contact(pair: Crm) -> None:
    """A later table that points at contacts is moved as well: nobody has to remember it."""
    file = pair.folder / "offer.txt"
    file.write_text("offer", "utf-8")
    pair.ok("attach", "2", str(file))
    pair.ok("contact", "consent", "2", "email", "yes")
    before = dump(pair.db)
    pair.ok("contact", "merge", "1", "2", "-y")
    after = dump(pair.db)
    for table in ("attachment", "consent"):
        assert len(after[table]) == len(before[table]) == 1
    pair.ok("undo")
    assert dump(pair.db) == before


def test_who_was_merged_is_not_called_deleted(pair: Crm) -> None:
    pair.ok("contact", "merge", "1", "2", "-y")
    change = pair.data("history", "--limit", "1")[0]["id"]
    gone = pair("show", "2")
    said = f"error: there is no contact 2: change {change} merged it into 张三 (1) — crm contact show 1\n"
    assert (gone.code, gone.err) == (3, said)


def test_a_note_within_another_one_is_kept(crm: Crm) -> None:
    crm.ok("add", "张三", "--notes", "never call before 10\nlikes tea")
    crm.ok("add", "张珊", "--notes", "call before 10")
    crm.ok("add", "张姗", "--notes", "likes tea")
    crm.ok("contact", "merge", "1", "2", "3", "-y")
    assert crm.data("show", "1")["notes"].splitlines()[:3] == ["never call before 10", "likes tea", "call before 10"]


def test_take(pair: Crm) -> None:
    row = pair.data("contact", "merge", "1", "2", "-y", "--take", "name,title", "--take", "company")
    assert (row["name"], row["title"], row["company"]) == ("Zhang San", "Buyer", "华东电力有限公司")
    assert row["notes"].splitlines()[2:] == [
        "until 2026-11-25: Name: 张三; Company: 华东电力; Title: 采购经理",
        "merged on 2026-11-25 from Zhang San (2): account: 7",
    ]
    assert pair.data("contact", "show", "zhang san")["id"] == 1


def test_several_at_once(pair: Crm) -> None:
    row = pair.data("contact", "merge", "Ann", "1", "2", "-y")
    assert (row["id"], row["merged"], row["title"], row["referred_by"]) == (3, [1, 2], "采购经理", None)
    assert len(pair.data("contact", "list")) == 1
    assert len(pair.data("followup", "list")) == 2


def test_dry_run_shows_each_field(pair: Crm) -> None:
    before = dump(pair.db)
    shown = [line.split() for line in pair.ok("contact", "merge", "1", "2", "-n", COLUMNS="140").out.splitlines()]
    assert shown[0] == ["Field", "张三", "(1)", "Zhang", "San", "(2)", "Merged"]
    assert ["Title", "采购经理", "Buyer", "采购经理"] in shown
    assert ["Region", "上海", "上海"] in shown
    assert ["E-mails", "zs@x.cn", "zs@x.cn"] in shown
    assert shown[-3][:6] == ["Notes:", "merged", "on", "2026-11-25", "from", "Zhang"]
    assert shown[-2][:3] == ["it", "gets:", "follow-ups"]
    assert shown[-1][:4] == ["dry", "run:", "Merged", "Zhang"]
    assert pair.data("contact", "merge", "1", "2", "-n")["merged"] == [2]
    assert dump(pair.db) == before


def test_other_forms_of_the_same_number_are_kept(crm: Crm) -> None:
    crm.ok("add", "Ann", "-p", "home=021-62345678-12")
    crm.ok("add", "Ann Lee", "-p", "work=021-62345678-34", "--force")
    row = crm.data("contact", "merge", "1", "2", "-y")
    assert row["phones"] == ["+862162345678;ext=12"]
    assert "work=+862162345678;ext=34" in row["notes"]


def test_companies(pair: Crm) -> None:
    pair.ok("company", "edit", "1", "--phone", "021-62345678", "--industry", "电力")
    pair.ok("company", "edit", "2", "--phone", "021-62345678", "--phone", "400-820-8820", "--website", "x.cn")
    before = dump(pair.db)
    assert "it gets: contacts 1, phones" in pair.ok("company", "merge", "1", "2", "-n").out
    row = pair.data("company", "merge", "华东电力", "2", "-y")
    assert (row["name"], row["industry"], row["website"], row["contacts"]) == ("华东电力", "电力", "x.cn", 2)
    assert (row["phones"], row["merged"]) == (["+862162345678", "+864008208820"], [2])
    assert {found["company"] for found in pair.data("contact", "list", "-name:ann")} == {"华东电力"}
    pair.ok("undo")
    assert dump(pair.db) == before


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (2, ("contact", "merge")),
        (2, ("contact", "merge", "1", "-y")),
        (2, ("contact", "merge", "1", "1", "-y")),
        (2, ("contact", "merge", "1", "zhangsan", "1", "-y")),
        (2, ("contact", "merge", "1", "2")),
        (2, ("contact", "merge", "1", "2", "-y", "--take", "phones")),
        (2, ("contact", "merge", "1", "2", "-y", "--take", "colour")),
        (3, ("contact", "merge", "1", "99", "-y")),
        (3, ("company", "merge", "nobody", "1", "-y")),
        (4, ("contact", "merge", "zhang", "3", "-y")),
    ],
)
def test_what_can_not_be_done(pair: Crm, code: int, arguments: tuple[str, ...]) -> None:
    before = dump(pair.db)
    result = pair(*arguments, "-o", "json")
    assert (result.code, result.out) == (code, "")
    assert json.loads(result.err)["error"]["code"] == code
    assert dump(pair.db) == before


CONTACTS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "--phone": st.sampled_from(["13800138000", "work=13800138000", "13900139000"]),
            "--email": st.sampled_from(["a@x.cn", "b@x.cn"]),
            "--company": st.sampled_from(["Acme", "Bolt"]),
            "--tag": st.sampled_from(["vip", "VIP", "a,b"]),
            "--set": st.sampled_from(["k=1", "k=2", "l=1"]),
            "--notes": st.sampled_from(["tea", "coffee\ntea"]),
            "--title": st.sampled_from(["Buyer", "CTO"]),
            "--referred-by": st.sampled_from(["1", "2"]),
        },
    ),
    min_size=2,
    max_size=3,
)
DEEDS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([("log", "talked"), ("plan", "in 3 days"), ("complain", "late")])),
    max_size=4,
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an empty database once; every example works on a copy."""
    folder = tmp_path_factory.mktemp("merge")
    with pytest.MonkeyPatch.context() as patch:
        empty_crm = Crm(folder, patch)
        empty_crm.ok("add", "Ann")
        empty_crm.ok("add", "Bob", "--referred-by", "1")
    return empty_crm.db


@settings(max_examples=8)
@given(people=CONTACTS, deeds=DEEDS, order=st.permutations([2, 3, 4, 5]))
def test_nothing_is_lost(
    empty: Path, crm: Crm, people: list[dict[str, str]], deeds: list[tuple[int, tuple[str, str]]], order: list[int]
) -> None:
    for old in crm.folder.glob("crm.db*"):
        old.unlink()
    shutil.copyfile(empty, crm.db)
    for number, options in enumerate(people):
        crm.ok("add", f"Person {number}", "--force", *(part for option in options.items() for part in option))
    for who, (verb, text) in deeds:
        crm.ok(verb, str(3 + who % len(people)), text)
    ids = [id_ for id_ in order if id_ < 3 + len(people)]
    rows = [crm.data("contact", "show", str(id_)) for id_ in ids]
    before = dump(crm.db)
    merged = crm.data("contact", "merge", *map(str, ids), "-y")
    after = dump(crm.db)
    for table in MANY:
        assert len(after[table]) == len(before[table])
    kept = json.dumps(merged, ensure_ascii=False)
    for row in rows:
        assert {*row["phones"]} <= {*merged["phones"]}
        assert {*row["emails"]} <= {*merged["emails"]}
        assert {tag.casefold() for tag in row["tags"]} <= {tag.casefold() for tag in merged["tags"]}
        assert {*row["fields"]} <= {*merged["fields"]}
        told = [row["name"], row["company"], row["title"], *row["fields"].values(), *(row["notes"] or "").split("\n")]
        assert all(value in kept for value in told if value)
    assert merged["referred_by_id"] not in ids
    assert len(merged["tags"]) == len({tag.casefold() for tag in merged["tags"]})
    crm.ok("undo")
    assert dump(crm.db) == before


def test_who_is_deleted_before_it_is_asked_is_told(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.ok("add", "张三", "--phone", "138 0013 8000")
    crm.ok("add", "Zhang San", "--phone", "139 0013 8000")

    def then_gone(*_given: object) -> None:
        crm.ok("contact", "delete", "1", "-y")

    monkeypatch.setattr("crmcli.services.merge.require_mergeable", then_gone)
    refused = crm("contact", "merge", "1", "2", "-y")
    assert (refused.code, refused.err.partition(" — ")[0]) == (3, "error: there is no contact 1: change 3 deleted it")
