"""`crm report`: every figure recomputed from what `crm export` says, and how reports are asked for and shown."""

import csv
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from statistics import mean, median, quantiles
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from crmcli.render.text import width as cells
from tests.conftest import NOW, Crm
from tests.kept import filled_once

Row = dict[str, Any]
PRESENT = datetime.fromisoformat(NOW)
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = {"low": 72, "normal": 24, "high": 4, "critical": 2}


def complaints(seed: int, count: int = 120) -> Iterable[Row]:
    """Yield complaints of the last 500 days: answered and solved sooner or later, or not at all."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    for number in range(count):
        received = PRESENT - timedelta(minutes=chance.randrange(500 * 24 * 60))
        severity = chance.choice(list(HOURS))
        hours = HOURS[severity]
        row = {
            "contact": chance.choice(["张三", "O'Brien"]),
            "type": chance.choice(["complaint", "complaint", "inquiry"]),
            "category": chance.choice(["delivery", "quality", "service", ""]),
            "severity": severity,
            "text": f"complaint {number}",
            "status": "received",
            "received_at": received,
            "respond_by": received + timedelta(hours=hours),
            "resolve_by": received + timedelta(hours=6 * hours),
            "assignee": chance.choice(["张伟", "李娜"]),
            "department": chance.choice(["客服部", "物流部", ""]),
        }
        answered = received + timedelta(minutes=chance.expovariate(1 / (hours * 30)))
        solved = answered + timedelta(minutes=chance.expovariate(1 / (hours * 200)))
        if answered < PRESENT and chance.random() < 0.9:
            row["responded_at"] = answered.replace(microsecond=0)
            if solved < PRESENT:
                row |= {"resolved_at": solved.replace(microsecond=0), "status": "resolved"}
                if chance.random() < 0.7:
                    row |= {"closed_at": row["resolved_at"], "status": "closed", "satisfaction": chance.randint(1, 5)}
        yield row


@pytest.fixture
@filled_once
def desk(crm: Crm) -> Crm:
    """Give a database with complaints of two contacts, three of which were reopened."""
    crm.ok("add", "张三", "--class", "core")
    crm.ok("add", "O'Brien", "--class", "potential")
    crm.ok("import", "-", "--as", "complaints", stdin=json.dumps(list(complaints(1)), default=str))
    closed = crm.data("complaint", "list", "status:closed", "--sort", "id", "--limit", "3")
    for row in closed:
        crm.ok("complaint", "reopen", str(row["id"]), "again", CRM_NOW="2026-11-25T08:00:00+08:00")
    crm.ok("complaint", "close", str(closed[0]["id"]), "--satisfaction", "4", CRM_NOW="2026-11-25T08:30:00+08:00")
    return crm


def moment(row: Row, name: str) -> datetime | None:
    """Return a moment of an exported row; what lies ahead of the present has not happened."""
    at = datetime.fromisoformat(row[name]) if row[name] else None
    return at if at and at <= PRESENT else None


def was_late(solved: Row) -> bool:
    """Return whether a step of reopening tells of a solution that came too late."""
    return "resolve_by" in solved and solved["solved_at"] > solved["resolve_by"]


def on_time(rows: list[Row], by: str, *done: str) -> tuple[int, int]:
    """Return how many were done in time, and how many were not or are late already."""
    in_time = late = 0
    for row in rows:
        due = datetime.fromisoformat(row[by]) if row[by] else None
        at = next(filter(None, (moment(row, name) for name in done)), None)
        before = by == "resolve_by" and any(was_late(step["data"]) for step in row["steps"] if step["kind"] == "reopen")
        in_time += bool(due and at and at <= due and not before)
        late += bool(before or (due and (at or PRESENT) > due))
    return in_time, late


def recomputed(rows: list[Row]) -> Row:
    """Return the figures of a report, from exported complaints alone and with the standard library's statistics."""
    figures: Row = {
        "count": len(rows),
        "open": sum(not (moment(row, "resolved_at") or moment(row, "closed_at")) for row in rows),
        "reopened": sum(any(step["kind"] == "reopen" for step in row["steps"]) for row in rows),
    }
    for did, name, by, done in (
        ("responded", "response", "respond_by", ("responded_at", "resolved_at", "closed_at")),
        ("resolved", "resolution", "resolve_by", ("resolved_at", "closed_at")),
    ):
        in_time, late = on_time(rows, by, *done)
        taken = [
            (at - datetime.fromisoformat(row["received_at"])).total_seconds() / 60
            for row in rows
            if (at := next(filter(None, (moment(row, name) for name in done)), None))
        ]
        ninth = quantiles(taken, n=10, method="inclusive")[8] if len(taken) > 1 else next(iter(taken), None)
        figures |= {
            did: sum(any(moment(row, name) for name in done) for row in rows),
            f"{did}_in_time": in_time,
            f"{did}_late": late,
            f"{name}_median": median(taken) if taken else None,
            f"{name}_p90": ninth,
            f"{name}_on_time": 100 * in_time / (in_time + late) if in_time + late else None,
        }
    ratings = [row["satisfaction"] for row in rows if row["satisfaction"] and moment(row, "closed_at")]
    return figures | {
        "rated": len(ratings),
        "satisfaction": mean(ratings) if ratings else None,
        "satisfied": 100 * sum(rating >= 4 for rating in ratings) / len(ratings) if ratings else None,
    }


def local(row: Row) -> datetime:
    return datetime.fromisoformat(row["received_at"]).astimezone(SHANGHAI)


GROUPED: dict[str, Callable[[Row], Any]] = {
    "type": lambda row: row["type"],
    "category": lambda row: row["category"],
    "severity": lambda row: row["severity"],
    "person": lambda row: row["assignee"],
    "department": lambda row: row["department"],
    "class": lambda row: "core" if row["contact"] == "张三" else "potential",
    "month": lambda row: f"{local(row):%Y-%m}",
    "quarter": lambda row: f"{local(row).year}-Q{(local(row).month + 2) // 3}",
    "year": lambda row: str(local(row).year),
    "week": lambda row: f"{local(row):%G-W%V}",
    "day": lambda row: f"{local(row):%Y-%m-%d}",
}


def same(figures: Row, expected: Row) -> None:
    for name, value in expected.items():
        assert figures[name] == (value if value is None else pytest.approx(value, abs=0.051)), name


@pytest.mark.parametrize("names", [*GROUPED, "month,severity", "class,type,quarter"])
def test_every_figure_can_be_recomputed_from_the_export(desk: Crm, names: str) -> None:
    exported = desk.ok("export", "complaints", "-o", "json").json
    groups = defaultdict(list)
    for row in exported:
        groups[tuple(GROUPED[name](row) for name in names.split(","))].append(row)
    report = desk.data("report", "complaints", "--by", names)
    assert report["by"] == names.split(",")
    given = {tuple(row[name] for name in names.split(",")): row for row in report["rows"]}
    assert {key for key, row in given.items() if row["count"]} == set(groups)
    for key, rows in groups.items():
        same(given[key], recomputed(rows))
    same(report["total"], recomputed(exported))
    assert sum(part["count"] for part in report["trend"]) == len(exported)
    assert len(given) == len(report["rows"])


@pytest.mark.parametrize(
    ("period", "first", "following"),
    [
        ("this month", "2026-11-01", "2026-11-26"),
        ("上个月", "2026-10-01", "2026-11-01"),
        ("Q3 2026", "2026-07-01", "2026-10-01"),
        ("2026-09-15 to 2026-10-14", "2026-09-15", "2026-10-15"),
    ],
)
def test_days_begin_and_end_in_the_users_zone(desk: Crm, period: str, first: str, following: str) -> None:
    start, end = (datetime.fromisoformat(day).replace(tzinfo=SHANGHAI) for day in (first, following))
    exported = desk.ok("export", "complaints", "severity:high", "-o", "json").json
    inside = [row for row in exported if start <= datetime.fromisoformat(row["received_at"]) < end]
    report = desk.data("report", "complaints", "--in", period, "--where", "severity:high", "--by", "total")
    same(report["rows"][0], recomputed(inside))
    assert (report["from"], report["rows"]) == (first, [report["total"]])
    assert report["to"] == (end - timedelta(days=1)).date().isoformat()


def test_compared_with_a_year_ago_and_with_the_days_before(desk: Crm) -> None:
    both = desk.data("report", "complaints", "--in", "Q3 2026", "--by", "month,type", "--compare", "同比")
    ago = desk.data("report", "complaints", "--in", "Q3 2025", "--by", "month,type")
    assert both["before"] == {"from": "2025-07-01", "to": "2025-09-30"}
    assert {name.removeprefix("before_"): both["total"][name] for name in both["total"] if "before" in name} == ago[
        "total"
    ]
    for row in ago["rows"]:
        found = [
            one
            for one in both["rows"]
            if one["month"][5:] == row["month"][5:] and one["type"] == row["type"] and one["before_count"]
        ]
        assert [one["before_response_p90"] for one in found] == [row["response_p90"]]
    running = desk.data("report", "complaints", "--in", "this year", "--compare", "year")
    assert (running["to"], running["before"]["to"]) == ("2026-11-25", "2025-11-25")
    named = desk.data("report", "complaints", "--in", "Q3 2026", "--compare", "Q2 2026")
    previous = desk.data("report", "complaints", "--in", "Q3 2026", "--compare", "previous")
    assert named == previous


def test_what_happens_later_does_not_change_a_report_of_today(desk: Crm) -> None:
    asked = ("report", "complaints", "--by", "category,month", "--as-of", NOW)
    before = desk.data(*asked)
    later = "2026-11-26T10:00:00+08:00"
    open_ = desk.data("complaint", "list", "-responded_at:any", "--limit", "5")
    for row in open_:
        desk.ok("complaint", "respond", str(row["id"]), "sorry", CRM_NOW=later)
        desk.ok("complaint", "resolve", str(row["id"]), "done", CRM_NOW=later)
        desk.ok("complaint", "close", str(row["id"]), "--satisfaction", "1", CRM_NOW=later)
    desk.ok("complain", "张三", "a new one", CRM_NOW=later)
    assert open_
    assert desk.data(*asked) == before
    assert desk.data("report", "complaints", CRM_NOW=later)["total"]["count"] == before["total"]["count"] + 1


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_screen_fits_the_terminal(desk: Crm, width: int, language: str) -> None:
    for more in ((), ("--by", "department,month"), ("--in", "2026", "--compare", "year"), ("--by", "total")):
        shown = desk.ok("report", "complaints", *more, COLUMNS=str(width), CRM_LANG=language).out
        assert "█" in shown
        assert all(cells(line) <= width for line in shown.splitlines()), shown


def test_the_screen(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("complain", "张三", "late", "--category", "delivery", "--at", "2026-11-23 09:00")
    crm.ok("complaint", "respond", "c1", "sorry", "--at", "2026-11-23 10:30")
    crm.ok("complaint", "resolve", "c1", "sent", "--at", "2026-11-24 09:00")
    crm.ok("complaint", "close", "c1", "--satisfaction", "5")
    crm.ok("complain", "张三", "late again", "--category", "delivery", "--severity", "high", "--at", "2026-11-25 08:50")
    crm.ok("complain", "张三", "too dear", "--at", "2026-11-24 08:00")
    assert crm.ok("report", "complaints", "--in", "this month", COLUMNS="80").out.splitlines() == [
        "Complaints  1 Nov – 25 Nov 2026",
        "              3 received · 2 open · 0 reopened",
        "Answer        median 1.5 h · 90% within 1.5 h · 50% in time",
        "Solution      median 24 h · 90% within 24 h · 100% in time",
        "Satisfaction  5.0 of 5 · 100% satisfied · 1 rated",
        "2026-11-01 ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁███ 2026-11-25",
        "",
        "Category            count  open  reply  answered ✓  solution  solved ✓  rating",
        "delivery  ████████      2     1  1.5 h        100%      24 h      100%     5.0",
        "none      ████          1     1      –          0%         –         –       –",
        "all                     3     2  1.5 h         50%      24 h      100%     5.0",
    ]


def test_what_nobody_said_has_no_line(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("complain", "张三", "late")
    shown = crm.ok("report", "complaints").out
    assert "1 received" in shown
    assert "Satisfaction" not in shown


def test_nothing_gives_a_friendly_line(crm: Crm) -> None:
    for more in ((), ("--in", "2025"), ("--by", "month"), ("--where", "type:praise")):
        result = crm.ok("report", "complaints", *more)
        assert result.err == "nothing to report\n"
        assert crm.data("report", "complaints", *more)["total"]["count"] == 0


def test_without_a_name_the_reports_are_listed(crm: Crm) -> None:
    assert "crm report complaints" in crm.ok("report").out
    assert crm.data("report")[0]["name"] == "complaints"
    assert crm.ok("report", "投诉", CRM_LANG="zh").err == "没有可报告的内容\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("complaints", "--by", "colour"), "can't be made by colour"),
        (("complaints", "--by", "category,total"), "the total stands alone"),
        (("complaints", "--in", "someday"), "can't be read as a period"),
        (("complaints", "--in", "2026", "--from", "2026-02"), "says the days already"),
        (("complaints", "--from", "2026-02", "--until", "2026-01"), "lies before"),
        (("complaints", "--compare", "year"), "compare which days"),
        (("complaints", "--where", "colour:red"), "no field"),
        (("complaints", "--to", "report.vcf"), "can't be written as vcard"),
        (("complaints", "--to", "2026-11-30"), "does not say the format"),
        (("complaints", "--to", "x.html"), "end it with one of .csv .tsv .json .jsonl .md .xlsx, or"),
    ],
)
def test_wrong_usage_is_said(crm: Crm, arguments: tuple[str, ...], said: str) -> None:
    result = crm("report", *arguments)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert crm("report", "weather").code == 3


def test_a_report_of_nothing_has_its_header(crm: Crm) -> None:
    assert crm.ok("report", "promises", "-o", "csv").out.startswith("person,count,kept,")
    assert crm.ok("report", "promises", "-o", "ids").out == ""


def test_reports_in_files(desk: Crm) -> None:
    asked = ("report", "complaints", "--by", "severity", "--in", "2026")
    report = desk.data(*asked)
    for ending in ("csv", "tsv", "json", "jsonl", "md", "xlsx"):
        path = desk.folder / f"report.{ending}"
        assert desk.ok(*asked, "--to", str(path), "-n").out.startswith("dry run: 4 rows written")
        assert not path.exists()
        desk.ok(*asked, "--to", str(path))
        assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads((desk.folder / "report.json").read_text("utf-8")) == report
    lines = [json.loads(line) for line in (desk.folder / "report.jsonl").read_text("utf-8").splitlines()]
    assert lines == report["rows"]
    with (desk.folder / "report.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["severity"] for row in rows] == [row["severity"] for row in report["rows"]]
    assert [float(row["response_p90"]) for row in rows] == [row["response_p90"] for row in report["rows"]]


def test_a_workbook_is_for_people(desk: Crm) -> None:
    asked = ("report", "complaints", "--by", "severity", "--in", "2026")
    report = desk.data(*asked)
    path = desk.folder / "report.xlsx"
    desk.ok(*asked, "--compare", "year", "--to", str(path), "--lang", "zh")
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["投诉", "走势"]
    sheet = book.get_sheet_by_index(0).to_python()
    assert sheet[0][:3] == ["级别", "数量", "未结"]
    assert "答复用时中位数（分钟）" in sheet[0]
    assert sheet[0][-1] == "满意率（%）（对比期）"
    assert [row[1] for row in sheet[1:]] == [*(row["count"] for row in report["rows"]), report["total"]["count"]]
    assert {"一般", "合计"} < {row[0] for row in sheet[1:]}
    trend = book.get_sheet_by_index(1).to_python()
    assert trend[1:] == [[one["part"], one["count"]] for one in report["trend"]]
    with ZipFile(path) as parts:
        assert "xl/charts/chart1.xml" in parts.namelist()


def test_a_workbook_of_a_long_query_says_its_beginning_on_each_page(desk: Crm) -> None:
    path = desk.folder / "report.xlsx"
    query = " or ".join(["a&b"] * 60)
    assert desk.ok("report", "complaints", "--where", query, "--to", str(path)).err == ""
    with ZipFile(path) as parts:
        assert "a&amp;&amp;b or a&amp;&amp;b" in parts.read("xl/worksheets/sheet1.xml").decode()
