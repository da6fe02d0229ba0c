"""The reports on satisfaction, promises and follow-ups, each recomputed from the records themselves."""

import json
import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from statistics import mean
from typing import Any

import pytest

from tests.conftest import NOW, Crm
from tests.kept import filled_once

Row = dict[str, Any]
PRESENT = datetime.fromisoformat(NOW)
NAMES = ("张三", "李四", "O'Brien")


@pytest.fixture
@filled_once
def people(crm: Crm) -> Crm:
    for name, class_ in zip(NAMES, ("core", "core", "potential"), strict=True):
        crm.ok("add", name, "--class", class_)
    return crm


def past(chance: random.Random, days: int = 60) -> str:
    return (PRESENT - timedelta(minutes=chance.randrange(1, days * 1440))).isoformat()


def same(figures: Row, expected: Row) -> None:
    for name, value in expected.items():
        assert figures[name] == (value if value is None else pytest.approx(value, abs=0.051)), name


@pytest.fixture
def asked(people: Crm) -> Crm:
    """Give surveys that were sent and mostly came back, and cases that were closed with a rating or without."""
    chance = random.Random(3)  # noqa: S311 - no secret
    for number in range(1, 19):
        sent = PRESENT - timedelta(days=chance.randrange(2, 60), minutes=chance.randrange(1000))
        people.ok("survey", "send", chance.choice(NAMES), "--force", "--at", sent.isoformat())
        if number % 4:
            said = [
                f"{code}={chance.randint(30, 100)}" + f"/{chance.randint(60, 100)}" * chance.randint(0, 1)
                for code in chance.sample(["promise", "manner", "in-time", "result"], chance.randint(1, 4))
            ]
            back = (sent + timedelta(days=1)).isoformat()
            people.ok("survey", "return", str(number), "--answers", " ".join(said), "--at", back)
    cases = [
        {
            "contact": chance.choice(NAMES),
            "text": f"case {number}",
            "received_at": past(chance),
            "status": "closed",
            "closed_at": (PRESENT - timedelta(hours=number)).isoformat(),
            "satisfaction": chance.choice([None, 1, 2, 3, 4, 5]),
        }
        for number in range(40)
    ]
    people.ok("import", "-", "--as", "complaints", stdin=json.dumps(cases))
    return people


def of_surveys(rows: list[Row]) -> Row:
    back = [row for row in rows if row["returned_at"]]
    scores = [row["score"] for row in back]
    return {
        "sent": len(rows),
        "returned": len(back),
        "return_rate": 100 * len(back) / len(rows) if rows else None,
        "score": mean(scores) if scores else None,
        "dissatisfied": sum(score < 70 for score in scores),
        "satisfied": sum(70 <= score < 90 for score in scores),
        "very_satisfied": sum(score >= 90 for score in scores),
        "basically_satisfied": 100 * sum(score >= 80 for score in scores) / len(scores) if scores else None,
    }


def of_ratings(rows: list[Row]) -> Row:
    ratings = [row["satisfaction"] for row in rows if row["satisfaction"]]
    return {
        "closed": len(rows),
        "rated": len(ratings),
        "rating": mean(ratings) if ratings else None,
        **{f"rated_{points}": ratings.count(points) for points in range(1, 6)},
    }


@pytest.mark.parametrize("by", ["class", "month", "total"])
def test_satisfaction_is_what_the_export_says(asked: Crm, by: str) -> None:
    surveys = asked.ok("export", "surveys", "-o", "json").json
    cases = asked.ok("export", "complaints", "-o", "json").json
    report = asked.data("report", "satisfaction", "--by", by)
    same(report["total"], of_surveys(surveys) | of_ratings(cases))

    def group(row: Row, moment: str) -> Any:
        local = datetime.fromisoformat(row[moment]).astimezone(PRESENT.tzinfo)
        return {"class": "potential" if row["contact"] == "O'Brien" else "core", "month": f"{local:%Y-%m}"}.get(by)

    for row in report["rows"]:
        mine = [one for one in surveys if group(one, "sent_at") == row.get(by)]
        closed = [one for one in cases if group(one, "closed_at") == row.get(by)]
        same(row, of_surveys(mine) | of_ratings(closed))
    assert {row["rating"]: row["count"] for row in report["ratings"]} == {
        str(points): report["total"][f"rated_{points}"] for points in range(1, 6)
    }
    assert sum(row["count"] for row in report["bands"]) == report["total"]["returned"]


@pytest.mark.parametrize(("by", "key", "part"), [("moment", "moment", "moments"), ("题目", "code", "questions")])
def test_expectation_against_experience(asked: Crm, by: str, key: str, part: str) -> None:
    answers = defaultdict(list)
    for survey in asked.ok("export", "surveys", "-o", "json").json:
        for answer in survey["answers"]:
            answers[answer[key]].append(answer)
    rows = asked.data("report", "satisfaction", "--by", by, CRM_LANG="zh")["rows"]
    name = "question" if key == "code" else key
    assert {row[name] for row in rows} == set(answers)
    for row in rows:
        told = [one for one in answers[row[name]] if one["expectation"] is not None]
        same(
            row,
            {
                "count": len(answers[row[name]]),
                "experience": mean(one["experience"] for one in answers[row[name]]),
                "expectation": mean(one["expectation"] for one in told) if told else None,
                "gap": mean(one["expectation"] - one["experience"] for one in told) if told else None,
            },
        )
    others = asked.data("report", "satisfaction")[part]
    assert sorted(others, key=lambda row: row[name]) == sorted(rows, key=lambda row: row[name])
    assert "Expected" not in asked.ok("report", "satisfaction", "--where", "name:nobody").out


def test_return_visits_count_when_they_are_due(people: Crm) -> None:
    people.ok("config", "set", "return_visit.normal", "3d")
    people.ok("complain", "张三", "late", "--at", "2026-11-01 09:00")
    people.ok("complaint", "respond", "c1", "sorry", "--at", "2026-11-01 10:00")
    people.ok("complaint", "resolve", "c1", "sent", "--at", "2026-11-02 10:00")
    people.ok("complaint", "close", "c1", "--satisfaction", "4", "--at", "2026-11-03 10:00")
    (visit,) = people.data("callback", "list", "--all")
    before, on, after = (
        people.data("report", "satisfaction", CRM_NOW=f"{day}T12:00:00+08:00")["total"]
        for day in ("2026-11-25", visit["due"][:10], "2026-12-31")
    )
    assert [total["visits"] for total in (before, on, after)] == [0, 1, 1]
    assert after["visits_done"] == 0


@pytest.fixture
def promised(people: Crm) -> Crm:
    """Give promises of all kinds: kept in time and late, broken, renegotiated, cancelled, open and overdue."""
    for number in range(16):
        made = (PRESENT - timedelta(days=60 - number)).isoformat()
        due = (PRESENT - timedelta(days=50 - number * 4)).date().isoformat()
        who = ("--owner", "李娜") if number % 3 else ()
        people.ok("promise", NAMES[number % 3], f"p {number}", "--by", due, "--at", made, *who)
        day = (PRESENT - timedelta(days=51 - number * 4 - (number % 2) * 4)).isoformat()
        if number < 10 and number % 5 < 3:
            people.ok("promise", "keep", f"p{number + 1}", "--at", min(day, NOW))
        elif number in (3, 8):
            people.ok("promise", "break", f"p{number + 1}", "forgotten")
        elif number == 4:
            people.ok("promise", "cancel", f"p{number + 1}")
    people.ok("promise", "renegotiate", "p14", "2026-12-20")
    return people


def of_promises(rows: list[Row]) -> Row:
    states = Counter(
        {"kept": "kept" if row["fulfilled"] else "kept_late", "open": "overdue" if row["overdue"] else "open"}.get(
            row["status"], row["status"]
        )
        for row in rows
    )
    fulfilled = [row["fulfilled"] for row in rows if row["fulfilled"] is not None]
    return {
        "count": len(rows),
        **{
            name: states[name]
            for name in ("kept", "kept_late", "broken", "overdue", "open", "renegotiated", "cancelled")
        },
        "fulfilment": 100 * sum(fulfilled) / len(fulfilled) if fulfilled else None,
    }


@pytest.mark.parametrize(("by", "field"), [("person", "owner"), ("month", "due"), ("total", "")])
def test_promises_are_what_their_list_says(promised: Crm, by: str, field: str) -> None:
    promises = promised.data("promise", "list", "--all", "--limit", "0")
    report = promised.data("report", "promises", "--by", by)
    same(report["total"], of_promises(promises))
    assert all(report["total"][name] for name in ("kept", "kept_late", "broken", "overdue", "open", "renegotiated"))
    length = 7 if by == "month" else None
    for row in report["rows"]:
        mine = [one for one in promises if not field or one[field][:length] == row[by]]
        same(row, of_promises(mine))
    assert promised.data("report", "promises", "--in", "2026-12")["to"] == "2026-12-31"
    assert "承诺兑现率" in promised.ok("report", "promises", CRM_LANG="zh").out


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai", "Pacific/Kiritimati"])
@pytest.mark.parametrize("report", ["promises", "satisfaction"])
def test_a_day_of_a_report_is_the_users(people: Crm, report: str, zone: str) -> None:
    """Some are due on a day, others at a moment, promised in another zone: they count on the day that lists show."""
    noun, count = {"promises": ("promise", "count"), "satisfaction": ("callback", "visits")}[report]
    people.ok("config", "set", "return_visit.normal", "1d")
    days = ("2026-11-30", "2026-12-01", "2026-12-02")
    for number, when in enumerate([*days, *(f"{day}T{clock}" for day in days for clock in ("00:30", "23:30"))], 1):
        if noun == "promise":
            people.ok("promise", "张三", "x", "--by", when)
        else:
            people.ok("complain", "张三", "x")
            people.ok("complaint", "close", f"c{number}", "y")
            people.ok("callback", "edit", str(number), "--when", when)
    there = {"TZ": zone, "CRM_NOW": "2026-12-04T12:00:00Z"}
    made = {row["day"]: row[count] for row in people.data("report", report, "--by", "day", **there)["rows"]}
    shown = Counter(row["due"][:10] for row in people.data(noun, "list", **there))
    assert {day: number for day, number in made.items() if number} == shown
    assert shown.total() == number


@pytest.mark.parametrize(
    "there", [("America/New_York", "2026-11-30T12:00:00-05:00"), ("Asia/Tokyo", "2026-12-01T00:30:00+09:00")]
)
def test_a_promise_of_another_zone_is_late_when_its_list_says_so(people: Crm, there: tuple[str, str]) -> None:
    people.ok("promise", "张三", "x", "--by", "2026-11-30")
    around = {"TZ": there[0], "CRM_NOW": there[1]}
    same(people.data("report", "promises", **around)["total"], of_promises(people.data("promise", "list", **around)))


def test_followups_are_what_the_export_says(people: Crm) -> None:
    chance = random.Random(5)  # noqa: S311 - no secret
    kinds = ("call", "visit", "meeting", "email", "note")
    rows = [
        {
            "contact": chance.choice(NAMES),
            "kind": chance.choice(kinds),
            "at": past(chance),
            "text": f"f {number}",
            "minutes": chance.choice([None, 15, 40]),
            "owner": chance.choice(["wei", "李娜"]),
        }
        for number in range(60)
    ]
    people.ok("import", "-", "--as", "followups", stdin=json.dumps(rows))
    exported = people.ok("export", "followups", "-o", "json").json
    report = people.data("report", "followups", "--by", "person,kind")
    for row in [*report["rows"], report["total"]]:
        mine = [
            one
            for one in exported
            if one["owner"] == row.get("person", one["owner"]) and one["kind"] == row.get("kind", one["kind"])
        ]
        assert row["count"] == len(mine)
        assert row["contacts"] == len({one["contact_id"] for one in mine})
        assert row["minutes"] == sum(one["minutes"] or 0 for one in mine)
        assert row["visits"] == sum(one["kind"] in {"visit", "meeting", "reception"} for one in mine)


def test_one_is_not_said_as_several(people: Crm) -> None:
    people.ok("log", "张三", "price")
    said = people.ok("report", "followups").out
    assert "1 follow-up · 1 customer · " in said
    assert "1 call · 0 visits and meetings · 0 in writing" in said


def test_a_month_that_runs_is_compared_as_far_as_it_has_passed(crm: Crm) -> None:
    crm.ok("add", "张三")
    for day in ("2026-10-20", "2026-10-30", "2026-11-20", "2026-11-28"):
        crm.ok("promise", "张三", "样品", "--by", day, CRM_NOW="2026-10-01T09:00:00+08:00")
    alone = crm.data("report", "promises", "--in", "this month")
    assert (alone["to"], alone["total"]["count"]) == ("2026-11-30", 2)
    both = crm.data("report", "promises", "--in", "this month", "--compare", "previous")
    assert (both["to"], both["before"]["to"]) == ("2026-11-25", "2026-10-25")
    assert (both["total"]["count"], both["total"]["before_count"]) == (1, 1)
