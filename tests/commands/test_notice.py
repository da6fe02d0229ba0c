"""Notices: rules that plan callbacks, each occurrence once, whoever asks and however often."""

from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.conftest import Crm, opened
from tests.kept import filled_once


@pytest.fixture
@filled_once
def dealer(crm: Crm) -> Crm:
    crm.ok("init", "--preset", "auto")
    crm.ok("add", "张三", "--class", "车主", "--set", "保险到期=2026-12-20", "--birthday", "11-27")
    crm.ok("add", "李四", "--class", "车主", "--set", "保险到期=2027-12-20", "--set", "下次保养=2026-12-05")
    crm.ok("add", "王五", "--class", "H级", "--birthday", "11-27")
    return crm


def planned(crm: Crm, *options: str) -> list[tuple[str, str, str]]:
    rows = crm.data("notice", "plan", *options)
    rows = rows if isinstance(rows, list) else [rows]
    return sorted((row["contact"], row["due_on"], row["notice"]) for row in rows)


def test_named_by_the_number_that_lists_print(crm: Crm) -> None:
    """A code of digits is meant first."""
    crm.ok("notice", "add", "check", "--every", "90d")
    number = crm.ok("notice", "list", "-o", "ids").out.strip()
    assert crm.data("notice", "show", number)["code"] == "check"
    assert crm("notice", "show", "99").code == 3


@pytest.mark.parametrize(
    ("said", "kept"),
    [("每季度", "90d"), ("every quarter", "90d"), ("每半年", "180d"), ("2 weeks", "2 weeks"), ("weekly", "7d")],
)
def test_a_rhythm_may_be_said_as_a_repeat(crm: Crm, said: str, kept: str) -> None:
    assert crm.data("notice", "add", "visit", "--every", said)["every"] == kept


def test_what_is_wanted_by_next_week_is_planned_once(dealer: Crm) -> None:
    wanted = [
        ("张三", "2026-11-25", "insurance:1@2026-12-20"),
        ("张三", "2026-11-26", "birthday:1@2026-11-27"),
        ("李四", "2026-11-28", "service:2@2026-12-05"),
    ]
    assert planned(dealer, "-n") == wanted
    assert planned(dealer) == wanted
    assert planned(dealer) == []
    ids = {row["notice"]: str(row["id"]) for row in dealer.data("callback", "list")}
    dealer.ok("done", ids["birthday:1@2026-11-27"], "sent a card")
    dealer.ok("callback", "cancel", ids["service:2@2026-12-05"])
    dealer.ok("snooze", ids["insurance:1@2026-12-20"], "+3d")
    assert planned(dealer) == []
    assert [row["purpose"] for row in dealer.data("callback", "list")] == ["insurance runs out 2026-12-20"]


def test_a_changed_date_is_another_occurrence(dealer: Crm) -> None:
    dealer.ok("notice", "plan")
    dealer.ok("contact", "edit", "张三", "--set", "保险到期=2026-12-21")
    assert planned(dealer) == [("张三", "2026-11-25", "insurance:1@2026-12-21")]


def test_what_was_planned_for_a_date_that_is_another_now_is_withdrawn(dealer: Crm) -> None:
    dealer.ok("contact", "edit", "李四", "--set", "保险到期=2026-12-21")
    dealer.ok("notice", "plan")
    dealer.ok("contact", "edit", "张三", "--set", "保险到期=2027-12-20", "--birthday", "1990-11-27")
    ids = {row["notice"]: str(row["id"]) for row in dealer.data("callback", "list")}
    dealer.ok(
        "callback", "edit", ids["birthday:1@2026-11-27"], "--purpose", "mine", CRM_NOW="2026-11-25T10:00:00+08:00"
    )
    dealer.ok("contact", "edit", "李四", "--set", "保险到期=2026-12-22", "--set", "下次保养=2026-12-06")
    left = ["birthday:1@2026-11-27", "insurance:2@2026-12-22", "service:2@2026-12-06"]
    said = dealer.ok("notice", "plan", "-n").err
    assert said.count("Withdrawn, since the date is another now, or gone: ") == 3
    assert "Withdrawn, since the date is another now, or gone: 张三: insurance runs out 2026-12-20 (" in said
    dealer.ok("notice", "plan")
    assert sorted(row["notice"] for row in dealer.data("callback", "list", "--all")) == left
    dealer.ok("undo")
    assert {row["notice"]: str(row["id"]) for row in dealer.data("callback", "list")} == ids


def test_what_was_planned_for_a_date_that_is_gone_is_withdrawn(dealer: Crm) -> None:
    dealer.ok("notice", "plan")
    dealer.ok("snooze", "3", "+4d")
    dealer.ok("contact", "edit", "张三", "--unset", "保险到期", "--birthday", "")
    dealer.ok("contact", "edit", "李四", "--unset", "下次保养")
    said = dealer.ok("notice", "plan").err
    assert said.count("Withdrawn, since the date is another now, or gone: 张三") == 2
    assert [row["notice"] for row in dealer.data("callback", "list", "--all")] == ["service:2@2026-12-05"]
    dealer.ok("contact", "edit", "张三", "--set", "保险到期=2026-12-20")
    assert planned(dealer) == [("张三", "2026-11-25", "insurance:1@2026-12-20")]


def test_undo_takes_planning_back_and_it_can_be_done_again(dealer: Crm) -> None:
    first = planned(dealer)
    dealer.ok("undo")
    assert dealer.data("callback", "list", "--all") == []
    assert planned(dealer) == first


def test_over_a_year_of_mornings_nothing_is_planned_twice(dealer: Crm) -> None:
    for week in range(0, 60, 3):
        day = date(2026, 11, 25) + timedelta(weeks=week)
        dealer.ok("notice", "plan", CRM_NOW=f"{day}T09:00:00+08:00")
    keys = [row["notice"] for row in dealer.data("callback", "list", "--all")]
    assert len(keys) == len(set(keys))
    assert {key.rpartition("@")[0] for key in keys} == {"insurance:1", "birthday:1", "service:2", "insurance:2"}


def test_a_period_counts_from_the_last_contact(crm: Crm) -> None:
    crm.ok("add", "张三", CRM_NOW="2026-08-01T09:00:00+08:00")
    crm.ok("notice", "add", "visit", "--every", "90d", "--kind", "visit", "--zh", "定期走访", "--en", "visit")
    assert planned(crm, "--as-of", "2026-10-22 09:00") == []
    assert planned(crm, "--as-of", "2026-10-23 09:00") == [("张三", "2026-10-30", "visit:1@2026-08-01")]
    crm.ok("log", "张三", "called", CRM_NOW="2026-10-29T09:00:00+08:00")
    crm.ok("callback", "cancel", "1")
    assert planned(crm) == []
    later = ("--as-of", "2027-02-01 09:00")
    crm.ok("plan", "张三", "2027-02-03", "my own visit", "--kind", "visit")
    assert planned(crm, *later) == []  # somebody goes there already
    crm.ok("callback", "cancel", "2")
    assert planned(crm, *later) == [("张三", "2027-02-01", "visit:1@2026-10-29")]


def test_a_birthday_on_29_february(crm: Crm) -> None:
    crm.ok("add", "张三", "--birthday", "02-29")
    crm.ok("notice", "add", "greet", "--field", "生日", "--before", "1d")
    assert planned(crm, "--as-of", "2027-02-25 09:00") == [("张三", "2027-02-27", "greet:1@2027-02-28")]
    assert planned(crm, "--as-of", "2028-02-25 09:00") == [("张三", "2028-02-28", "greet:1@2028-02-29")]


def test_the_first_reminding_run_of_a_day_plans(dealer: Crm) -> None:
    dealer.ok("remind", "--once", CRM_NOW="")
    with closing(opened(dealer.db)) as connection:
        marks = connection.execute("SELECT count(*) FROM reminder WHERE occurrence LIKE 'notices@%'").fetchone()[0]
    assert marks == 1
    before = dealer.data("callback", "list", "--all")
    dealer.ok("notice", "add", "visit", "--every", "1d", "--kind", "visit")
    dealer.ok("remind", "--once", CRM_NOW="")  # tomorrow it will
    assert dealer.data("callback", "list", "--all") == before


def test_a_supposed_moment_and_a_dry_run_plan_nothing(dealer: Crm) -> None:
    dealer.ok("remind", "--once")  # the tests' present is a supposed one
    dealer.ok("remind", "--once", "-n", CRM_NOW="")
    dealer.ok("today")
    assert dealer.data("callback", "list", "--all") == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("x", "--every", "soon"),
        ("x", "--every", "2h"),
        ("x", "--every", "90y"),
        ("x", "--field", "nothing"),
        ("x", "--field", "plate"),
        ("x",),
        ("x", "--every", "5d", "--field", "birthday"),
        ("x", "--every", "5d", "--before", "1d"),
        ("x", "--every", "5d", "--of", "("),
        ("x", "--every", "5d", "--of", "nofield:1"),
        ("x", "--every", "5d", "--kind", "dance"),
        ("a b", "--every", "5d"),
    ],
)
def test_what_no_rule_can_be(dealer: Crm, arguments: tuple[str, ...]) -> None:
    before = dealer.data("notice", "list", "--all")
    result = dealer("notice", "add", *arguments)
    assert result.code == 2, result
    assert dealer.data("notice", "list", "--all") == before


def test_rules_are_changed_hidden_and_deleted(dealer: Crm) -> None:
    assert dealer.ok("notice", "edit", "续保邀约", "--before", "10d").out.startswith("Changed notice insurance")
    assert "nothing changed" in dealer.ok("notice", "edit", "insurance", "--before", "10d").out
    assert dealer.data("notice", "show", "insurance")["before"] == "10d"
    dealer.ok("notice", "edit", "insurance", "--hide")
    assert "insurance" not in [row["code"] for row in dealer.data("notice", "list")]
    dealer.ok("notice", "delete", "birthday")
    assert planned(dealer) == [("李四", "2026-11-28", "service:2@2026-12-05")]
    assert dealer("notice", "add", "service", "--every", "9d").code == 5
    assert dealer("notice", "show", "nothing").code == 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_query_stays_what_it_was_when_its_words_are_called_otherwise(crm: Crm, language: str) -> None:
    crm.ok("vocabulary", "add", "class", "gold", "--en", "gold", "--zh", "金牌")
    supply = ("contact", "supply", "--en", "supply", "--zh", "用电")
    crm.ok("field", "add", *supply, "--type", "choice", "--choice", "home=household|居民", "--choice", "shop=商业")
    for name, choice in (("张三", "居民"), ("李四", "商业")):
        crm.ok("add", name, "--class", "gold", "--set", f"用电={choice}", CRM_NOW="2026-08-01T09:00:00+08:00")
    query = "类别：金牌 (用电:“居民” | -有:用电) region!=none"
    crm.ok("notice", "add", "visit", "--every", "90d", "--of", query, "--lang", language)
    crm.ok("vocabulary", "edit", "class", "gold", "--zh", "钻石")
    crm.ok("vocabulary", "add", "class", "silver", "--zh", "金牌")
    crm.ok("field", "edit", "contact", "supply", "--zh", "电", "--choice", "home=家,shop=居民")
    crm.ok("contact", "edit", "张三", "--region", "华东")
    assert planned(crm, "--lang", "en") == [("张三", "2026-11-25", "visit:1@2026-08-01")]
    kept = 'class：gold (supply:"home" | -有:supply) region!=none'
    assert crm.data("notice", "show", "visit")["query"] == kept
    assert "nothing changed" in crm.ok("notice", "edit", "visit", "--of", kept.replace("gold", "钻石")).out


def test_a_rule_whose_field_is_gone_is_named(dealer: Crm) -> None:
    dealer.ok("field", "add", "contact", "tyres", "--type", "date")
    dealer.ok("notice", "add", "tyres", "--every", "9d", "--of", "tyres<30d")
    dealer.ok("field", "delete", "contact", "tyres")
    result = dealer("notice", "plan")
    assert result.code == 2
    assert "the notice tyres can't be followed" in result.err


@pytest.mark.parametrize("gone", [("delete",), ("edit", "--type", "text")])
def test_a_rule_whose_date_is_gone_is_named(dealer: Crm, gone: tuple[str, ...]) -> None:
    dealer.ok("field", "add", "contact", "tyres", "--type", "date")
    dealer.ok("notice", "add", "tyres", "--field", "tyres", "--before", "9d")
    dealer.ok("contact", "edit", "张三", "--set", "tyres=2026-11-30")
    dealer.ok("notice", "plan")
    dealer.ok("field", gone[0], "contact", "tyres", *gone[1:])
    result = dealer("notice", "plan")
    assert result.code == 2
    assert "the notice tyres can't be followed: no date of a contact is called so" in result.err
    assert [row["notice"] for row in dealer.data("callback", "list", "tyres")] == ["tyres:1@2026-11-30"]


def test_a_rule_that_can_not_be_followed_keeps_nobody_from_being_reminded(dealer: Crm) -> None:
    dealer.ok("vocabulary", "add", "class", "gold")
    dealer.ok("notice", "add", "a-gold", "--every", "30d", "--of", "class:gold")
    dealer.ok("notice", "add", "visit", "--every", "1d", "--of", "张三")
    dealer.ok("vocabulary", "delete", "class", "gold")
    dealer.ok("plan", "李四", "2026-11-20 10:00", "overdue")
    told = dealer.ok("remind", "--once", CRM_NOW="")
    assert "overdue" in told.out
    assert told.err.startswith("error: the notice a-gold can't be followed: ")
    assert dealer.ok("remind", "--once", CRM_NOW="").err == ""  # once a day


def test_a_whole_database_takes_its_rules_along(dealer: Crm, tmp_path: Path) -> None:
    file = str(tmp_path / "all.json")
    dealer.ok("notice", "edit", "insurance", "--before", "10d")
    dealer.ok("export", "all", "--to", file)
    other = ("--db", str(tmp_path / "other.db"))
    dealer.ok("import", file, *other)
    kept = [{**row, "id": 0} for row in dealer.data("notice", "list", "--all", "--sort", "code")]
    assert [{**row, "id": 0} for row in dealer.data("notice", "list", "--all", "--sort", "code", *other)] == kept
    assert dealer.data("import", file, *other)["created"] == 0


@pytest.mark.parametrize("options", [(), ("--yearly",)])
def test_a_date_that_a_callback_was_planned_for_is_shown_once(crm: Crm, options: tuple[str, ...]) -> None:
    crm.ok("field", "add", "contact", "expires", "--type", "date", "--remind", "60", *options)
    crm.ok("notice", "add", "renew", "--field", "expires", "--before", "36d", "--kind", "visit")
    for name, day in (("Ann", "2026-12-31"), ("Bob", "2027-01-05"), ("Cid", "2027-01-20")):
        crm.ok("add", name, "--set", f"expires={day}")

    def shown() -> list[tuple[str, str]]:
        return [(item["kind"], item["contact"]) for item in crm.data("today")["items"]]

    assert shown() == [("date", "Ann"), ("date", "Bob"), ("date", "Cid")]
    crm.ok("notice", "plan")
    assert shown() == [("callback", "Ann"), ("date", "Cid")]  # Bob's is among the coming ones
    crm.ok("done", "1", "renewed")
    assert shown() == [("date", "Cid")]
    crm.ok("callback", "cancel", "2")
    assert shown() == [("date", "Bob"), ("date", "Cid")]


@pytest.mark.parametrize(("day", "on"), [("2027-02-20 09:00", "2027-02-28"), ("2027-12-20 09:00", "2028-02-29")])
def test_29_february_that_a_callback_was_planned_for_is_shown_once(crm: Crm, day: str, on: str) -> None:
    crm.ok("field", "add", "contact", "founded", "--type", "date", "--remind", "90", "--yearly")
    crm.ok("notice", "add", "congratulate", "--field", "founded", "--before", "80d")
    crm.ok("add", "Ann", "--set", "founded=02-29")
    assert [item["kind"] for item in crm.data("today", "--as-of", day)["items"]] == ["date"]
    assert [notice for _name, _due, notice in planned(crm, "--as-of", day)] == [f"congratulate:1@{on}"]
    assert "date" not in [item["kind"] for item in crm.data("today", "--as-of", day)["items"]]
    crm.ok("callback", "cancel", "1")
    assert [item["kind"] for item in crm.data("today", "--as-of", day)["items"]] == ["date"]


def test_what_was_planned_for_one_who_was_merged_is_not_planned_again(crm: Crm) -> None:
    crm.ok("field", "add", "contact", "expiry", "--type", "date")
    crm.ok("notice", "add", "expires", "--field", "expiry", "--before", "3d")
    crm.ok("add", "张三")
    crm.ok("add", "李四", "--set", "expiry=2026-11-30")
    crm.ok("notice", "plan")
    crm.ok("contact", "merge", "1", "2", "-y")
    crm.ok("notice", "plan")
    assert [row["notice"] for row in crm.data("callback", "list", "--all")] == ["expires:1@2026-11-30"]
    crm.ok("undo")
    assert [row["notice"] for row in crm.data("callback", "list", "--all")] == ["expires:2@2026-11-30"]
