"""The screens of the day: what stands on them, at every width, in both languages."""

import csv
import io
import json
import re
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crmcli.errors import StoreError
from crmcli.queries import agenda
from crmcli.queries.agenda.items import ITEM
from crmcli.render.text import width
from crmcli.store.search import rebuild
from tests.conftest import Crm
from tests.rows import NOW, Rows, days

HOUR = days(1) / 24


@pytest.fixture
def filled(crm: Crm) -> Crm:
    """A day with everything on it."""
    rows = Rows(crm.db)
    wang = rows.contact("王五", title="厂长", class_="core")
    ann = rows.contact("Ann Lee", class_="interested", birthday="1988-11-27", notes="likes tea\n[red]not[/red] wine")
    zhao = rows.contact("赵六", class_="collection", created=NOW - days(41), region="上海", source="expo")
    rows.callback(wang, NOW - days(2), purpose="报价跟进")
    rows.callback(ann, "2026-11-24", purpose="contract renewal")
    rows.callback(ann, NOW + HOUR / 2, purpose="送样品", kind="visit")
    rows.callback(wang, "2026-11-25", purpose="三月尾款", kind="collection")
    rows.callback(wang, NOW + days(2), purpose="later", rule="FREQ=WEEKLY")
    rows.complaint(wang, NOW + 2 * HOUR, NOW + days(3), text="交付延迟三天")
    rows.complaint(ann, NOW - 3 * HOUR, NOW + days(3), text="late\x1b[31m again", severity="normal")
    for number in range(7):
        rows.followup(wang, NOW - days(10 * number + 6), text=f"谈到第{number}点，" + "很长的一段话" * 9, outcome="好")
    rows.followup(zhao, NOW - days(40), text="sent the brochure")
    rebuild(rows.connection)
    return crm


def test_as_csv_each_kind_has_what_it_has_in_the_same_columns(filled: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    items = filled.data("today")["items"]
    text = filled.ok("today", "-o", "csv").out
    rows = [*csv.DictReader(io.StringIO(text))]
    assert {item["kind"] for item in items} == {"callback", "complaint", "birthday", "forgotten"}
    for item, row in zip(items, rows, strict=True):
        said = {name: value for name, value in item.items() if value not in (None, "")}
        assert {name: value for name, value in row.items() if value} == {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in said.items()
        }
    (filled.folder / "new").mkdir()
    assert Crm(filled.folder / "new", monkeypatch).ok("today", "-o", "csv").out == text.partition("\n")[0] + "\n"


def test_every_kind_of_item_is_declared() -> None:
    folder = Path(agenda.__file__).parent
    keys = re.compile(r'^        "(\w+)": ', re.MULTILINE)  # of what the functions of each kind return
    said = {
        name
        for path in folder.glob("*.py")
        if '"occurrence": ' in (text := path.read_text("utf-8"))
        for name in keys.findall(text[text.index('"kind": ') - 12 :])
    }
    assert said <= {field.name for field in ITEM.fields}
    assert {"level", "yearly", "settle_by", "complaint_id"} <= said


def test_the_day(filled: Crm) -> None:
    lines = filled.ok("today", COLUMNS="100").out.splitlines()
    assert lines[0] == "Wed 25 Nov 2026 · 2 overdue · 2 today · 2 complaints · 1 forgotten"
    assert [line for line in lines if line and not line.startswith(" ")] == [
        lines[0],
        "Overdue",
        "Today",
        "Complaints",
        "Forgotten",
        "Birthdays",
        "Next  Fri: 1",
        *lines[-2:],
    ]
    assert [line.split() for line in lines[3:5]] == [
        ["王五", "厂长", "call", "报价跟进", "2", "days", "1"],
        ["Ann", "Lee", "call", "contract", "renewal", "1", "day", "2"],
    ]
    assert [line.split()[-2:] for line in lines[6:8]] == [["09:30", "3"], ["time", "4"]]
    assert lines[9].split()[-5:] == ["answer", "3", "h", "late", "c2"]
    assert lines[10].split()[-4:] == ["answer", "by", "11:00", "c1"]
    assert lines[12].split()[-4:] == ["40", "of", "14", "days"]
    assert "turns 38" in lines[14]
    assert "crm done 1" in lines[-2]
    assert 'crm complaint resolve c2 "…"' in lines[-2] + lines[-1]


def test_the_day_as_data(filled: Crm) -> None:
    content = filled.data("today")
    assert content["as_of"] == "2026-11-25T09:00:00+08:00"
    kinds = [item["kind"] for item in content["items"]]
    assert kinds == ["callback"] * 4 + ["complaint"] * 2 + ["forgotten", "birthday"][::-1]
    keys = {"kind", "id", "contact_id", "contact", "due_at", "all_day", "overdue", "text"}
    assert all(keys <= item.keys() for item in content["items"])
    counts = {name: count for name, count in content["counts"].items() if count}
    assert counts == {"overdue": 2, "today": 2, "complaints": 2, "birthdays": 1, "forgotten": 1}
    assert filled.ok("today", "-q").out.split() == ["1", "2", "3", "4", "2", "1", "2", "3"]


def test_an_empty_database_says_how_to_begin(crm: Crm) -> None:
    out = crm.ok("today").out
    assert "crm add" in out
    assert "crm demo" in out
    assert crm.data("today")["items"] == []


def test_a_free_day_says_what_is_next(crm: Crm) -> None:
    rows = Rows(crm.db)
    rows.callback(rows.contact("O'Brien"), NOW + days(20), purpose="visit")
    out = crm.ok("today").out
    assert "Nobody is waiting" in out
    assert "Next  Tue 15 Dec 09:00, in 20 days · O'Brien · visit" in out
    rows.connection.execute("DELETE FROM callback")
    assert "Next" not in crm.ok("today").out


def test_long_sections_are_cut_and_say_so(crm: Crm) -> None:
    rows = Rows(crm.db)
    who = rows.contact()
    for hour in range(1, 31):
        rows.callback(who, NOW - hour * HOUR)
    lines = crm.ok("today").out.splitlines()
    assert lines[2] == "Overdue  12 of 30 · crm callback list overdue:yes"
    narrow = crm.ok("today", COLUMNS="40").out.splitlines()
    assert narrow[2:4] == ["Overdue  12 of 30", "  crm callback list overdue:yes"]
    assert "  crm callback list\n    overdue:yes\n" in crm.ok("today", COLUMNS="24").out
    assert len(crm.data("today")["items"]) == 30
    assert len(crm.data("callback", "list", "overdue:yes")) == 30


def test_everything_about_a_contact(filled: Crm) -> None:
    lines = filled.ok("show", "王五", COLUMNS="80").out.splitlines()
    assert lines[0].split() == ["王五", "core", "·", "1"]
    assert width(lines[0]) == 80
    text = "\n".join(lines)
    assert "♥ last contact 6 days ago (every 30) · 7 contacts this year · 1 open complaint" in text
    assert "2 days overdue" in text
    assert "every week" in text
    assert text.count("谈到第") == 5
    assert "crm followup list contact_id:1" in text
    assert "".join(text.split()).count("很长的一段话") == 45  # what was said is wrapped, not cut


def test_on_a_narrow_terminal_what_it_is_about_stands_below_when_and_what(crm: Crm) -> None:
    crm.ok("add", "李四")
    crm.ok("plan", "李四", "2026-12-02 15:00", "带上新报价单、样品和两份合同")
    crm.ok("log", "李四", "ok")
    lines = crm.ok("show", "李四", COLUMNS="40").out.splitlines()
    below = lines.index("Next    Wed 2 Dec 15:00  call          1") + 1
    assert lines[below] == "        带上新报价单、样品和两份合同"
    assert "Lately  today            call  ok" in lines


def test_a_contact_as_data(filled: Crm) -> None:
    row = filled.data("show", "王五")
    assert row["name"] == "王五"
    assert [callback["id"] for callback in row["callbacks"]] == [1, 4, 5]
    assert [complaint["id"] for complaint in row["complaints"]] == [1]
    assert [followup["id"] for followup in row["followups"]] == list(range(1, 8))
    assert row["contacts_this_year"] == 7
    assert filled.data("contact", "show", "1") == row


def test_a_bare_contact_has_a_screen_too(crm: Crm) -> None:
    crm.ok("add", "Bob")
    assert "no contact yet" in crm.ok("show", "bob").out


def test_several_candidates_are_refused_where_nobody_can_choose(crm: Crm) -> None:
    rows = Rows(crm.db)
    rows.contact("张三")
    rows.contact("张三丰")
    rows.contact("张三")
    assert crm("show", "张三").code == 4
    assert crm("show", "nobody").code == 3
    error = json.loads(crm("show", "张三", "-o", "json").err)["error"]
    assert [candidate["id"] for candidate in error["candidates"]] == [1, 3]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [20, 40, 60, 80, 100, 120, 300])
def test_no_line_is_wider_than_the_terminal_nor_disturbs_it(filled: Crm, columns: int, language: str) -> None:
    for line in (["today"], ["show", "1"], ["show", "2"], ["show", "3"], ["find", "样品"], ["find", "王"], ["remind"]):
        result = filled.ok(*line, COLUMNS=str(columns), CRM_LANG=language)
        assert all(width(text) <= columns for text in result.out.splitlines()), (line, result.out)
        assert "\x1b" not in result.out
        assert "[red]" in result.out or line != ["show", "2"]


def test_colour_means_urgency(filled: Crm) -> None:
    out = filled.ok("today", "--color", "always").out
    assert "\x1b[31m2 days\x1b[0m" in out
    assert "\x1b[33m09:30\x1b[0m" in out


def test_the_match_is_marked(filled: Crm) -> None:
    out = filled.ok("find", "样品", "--color", "always").out
    assert "\x1b[1;4m样品\x1b[0m" in out


def test_a_phone_that_was_found_reads_as_elsewhere(crm: Crm) -> None:
    crm.ok("add", "Ann", "--company", "Acme", "--phone", "13800138000")
    assert "Acme · +86 138 0013 8000" in crm.ok("find", "1380013").out


def test_reading_a_closed_pipe_or_a_full_disk_leaves_nothing_half_done(filled: Crm, tmp_path: Path) -> None:
    assert filled.ok("today", "-o", "csv").out.count("\n") == 9
    assert filled.ok("today", "-o", "jsonl").out.count("\n") == 8
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.parametrize(
    ("answer", "solution", "said"),
    [
        (2, 30, "answer by 11:00"),
        (0, 30, "answer by 09:00"),
        (-2, 30, "answer 2 h late"),
        (-9, -2, "2 h late"),
        (None, 2, "solve by 11:00"),
        (None, 0, "solve by 09:00"),
    ],
)
def test_the_day_and_the_contact_tell_the_same_deadline(crm: Crm, answer: int | None, solution: int, said: str) -> None:
    rows = Rows(crm.db)
    rows.complaint(rows.contact(), None if answer is None else NOW + answer * HOUR, NOW + solution * HOUR)
    for line in (["today"], ["show", "1"], ["remind", "--within", "3h"]):
        assert said in crm.ok(*line).out


def test_a_birthday_is_not_said_twice(crm: Crm) -> None:
    rows = Rows(crm.db)
    rows.contact("Ann Lee", birthday="1988-11-26")
    rows.contact("Bob Ray", birthday="1988-11-27")
    assert "tomorrow  turns 38" in crm.ok("show", "Ann Lee").out
    assert "Fri 27 Nov, in 2 days  turns 38" in crm.ok("show", "Bob Ray").out
    assert "后天  满38岁" in crm.ok("show", "Bob Ray", CRM_LANG="zh").out


def test_what_was_found_is_headed_in_the_language_in_use(crm: Crm) -> None:
    crm.ok("add", "张三")
    assert crm.ok("find", "张三", "-o", "md").out.startswith("| Kind | Id | Contact id | Contact | Text | When |\n")
    assert crm.ok("find", "张三", "-o", "md", CRM_LANG="zh").out.startswith("| 方式 | 编号 | 客户编号 | ")
    assert crm.ok("find", "nobody", "-o", "csv").out == "kind,id,contact_id,contact,text,at\n"


def test_a_demo_is_no_dry_run(crm: Crm) -> None:
    path = crm.folder / "demo.db"
    result = crm("demo", "-n", "--db", str(path))
    assert (result.code, result.out) == (2, "")
    assert "thrown away in any case — leave out --dry-run" in result.err
    assert not path.exists()


def test_a_demo_that_could_not_be_made_is_gone(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one would be told that it is there already."""

    def full(transaction_at: Any, *, now: datetime, **_more: object) -> None:
        with transaction_at(now):
            pass
        raise StoreError("no space left")

    monkeypatch.setattr("crmcli.services.demo.make_demo", full)
    monkeypatch.setattr(tempfile, "tempdir", str(crm.folder))
    for place in (("--db", str(crm.folder / "demo.db")), ("--db", "")):
        failed = crm("demo", *place, CRM_DB="")
        assert (failed.code, failed.out, failed.err) == (7, "", "error: no space left\n")
        assert [path.name for path in crm.folder.iterdir()] == ["crm.db"]
