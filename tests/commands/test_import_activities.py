"""`crm import` of follow-ups, callbacks and complaints."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import Crm, opened
from tests.imports import contacts, counts, imported
from tests.kept import filled_once


@pytest.fixture
@filled_once
def known(crm: Crm) -> Crm:
    imported(crm, "姓名,手机,公司\n张三,13800138000,华东电力\n李四,13900139000,南方电网\n李四,,国家电网\n")
    return crm


def test_followups_find_their_contact_every_way(known: Crm) -> None:
    text = (
        "客户,电话,公司,日期,方式,内容,时长\n"
        "张三,,,2026-11-01,拜访,谈价格,30\n"
        ",138 0013 8000,,2026-11-02 10:00,电话,催样品,1h\n"
        "李四,,国家电网,2026-11-03,电话,三,\n"
        "李四,,,2026-11-03,电话,四,\n"
        "没有,,,2026-11-03,电话,五,\n"
        "张三,,,2027-11-03,电话,六,\n"
        "张三,,,昨天下午3点,电话,七,\n"
        "张三,,,2026-11-03,电话,,\n"
    )
    summary = imported(known, text, "--as", "followups")
    assert counts(summary) == {"created": 4, "rejected": 4}
    assert [(error["row"], error["field"]) for error in summary["errors"]] == [
        (5, "contact"),
        (6, "contact"),
        (7, "at"),
        (9, "text"),
    ]
    rows = known.data("followup", "list", "--sort", "id")
    assert [(row["contact_id"], row["kind"], row["minutes"]) for row in rows] == [
        (1, "visit", 30),
        (1, "call", 60),
        (3, "call", None),
        (1, "call", None),
    ]
    assert rows[1]["at"] == "2026-11-02T10:00:00+08:00"
    assert rows[3]["at"] == "2026-11-24T15:00:00+08:00"
    assert counts(imported(known, text, "--as", "followups")) == {"unchanged": 4, "rejected": 4}
    assert contacts(known)[0]["last_contact_at"] == "2026-11-24T15:00:00+08:00"


def test_a_day_alone_is_the_same_in_the_morning_and_in_the_evening(known: Crm) -> None:
    text = "客户,日期,内容\n张三,2026-11-25,今天\n"
    assert counts(imported(known, text, "--as", "followups")) == {"created": 1}
    later = known("import", "-", "--as", "followups", "-o", "json", stdin=text, CRM_NOW="2026-11-25T18:00:00+08:00")
    assert later.json["unchanged"] == 1


def test_an_id_of_another_database_does_not_count(known: Crm) -> None:
    text = "contact_id,contact,company,at,text\n2,张三,,2026-11-01,a\n1,张三,,2026-11-01,b\n77,,,2026-11-01,c\n"
    summary = imported(known, text, "--as", "followups")
    assert counts(summary) == {"created": 2, "rejected": 1}
    assert [row["contact_id"] for row in known.data("followup", "list")] == [1, 1]


@pytest.mark.parametrize(("noun", "heading"), [("callbacks", "客户,日期,事由"), ("promises", "客户,截止日期,内容")])
def test_what_is_due_without_a_year_is_due_on_the_nearest_such_day(known: Crm, noun: str, heading: str) -> None:
    imported(known, f"{heading}\n张三,12月1日,样品\n张三,11月20日,合同\n张三,周五,报价\n", "--as", noun)
    rows = known.data(noun.removesuffix("s"), "list", "--sort", "id")
    assert [row["due_on"] for row in rows] == ["2026-12-01", "2026-11-20", "2026-11-27"]


def test_callbacks_past_done_and_repeating(known: Crm) -> None:
    text = (
        "客户,日期,事由,重复,状态,完成时间\n"
        "张三,2026-10-01,旧的,,,\n"
        "张三,明天15:00,送样,,,\n"
        "张三,2026-12-15,付款,每月15号,,\n"
        "张三,2026-09-01,做过,,,2026-09-02 10:00\n"
        "张三,2026-09-01,不做,,已取消,\n"
        "张三,,没有日期,,,\n"
        "张三,坏的,坏,,,\n"
    )
    summary = imported(known, text, "--as", "callbacks")
    assert counts(summary) == {"created": 5, "rejected": 2}
    rows = known.data("callback", "list", "--all", "--sort", "id")
    assert [(row["due"], row["status"], row["overdue"]) for row in rows] == [
        ("2026-10-01", "open", True),
        ("2026-11-26T15:00:00+08:00", "open", False),
        ("2026-12-15", "open", False),
        ("2026-09-01", "done", False),
        ("2026-09-01", "cancelled", False),
    ]
    assert rows[2]["repeat"] == "FREQ=MONTHLY;BYMONTHDAY=15"
    assert counts(imported(known, text, "--as", "callbacks")) == {"unchanged": 5, "rejected": 2}
    known.ok("done", "3", "paid")
    assert known.data("callback", "list", "--sort", "id")[-1]["due"] == "2027-01-15"


def test_complaints_get_their_deadlines(known: Crm) -> None:
    text = (
        "客户,投诉时间,投诉内容,级别,投诉类型,类别,解决时间\n"
        "张三,2026-11-24 09:00,迟到,高,投诉,交付,\n"
        "张三,2026-11-24 09:00,真好,,表扬,,\n"
        "李四,,,,,,\n"
    )
    summary = imported(known, text, "--as", "complaints", "--map", "解决时间=resolved_at")
    assert counts(summary) == {"created": 2, "rejected": 1}
    late, praise = known.data("complaint", "list", "--all", "--sort", "id")
    assert (late["respond_by"], late["resolve_by"]) == ("2026-11-24T13:00:00+08:00", "2026-11-27T09:00:00+08:00")
    assert (late["status"], late["severity"], late["category"]) == ("received", "high", "delivery")
    assert [step["kind"] for step in late["steps"]] == ["receive"]
    assert (praise["status"], praise["respond_by"]) == ("closed", None)
    solved = text.replace("交付,\n", "交付,2026-11-25 08:00\n")
    assert counts(imported(known, solved, "--as", "complaints", "--map", "解决时间=resolved_at"))["updated"] == 1
    assert known.data("complaint", "show", "1")["resolved_at"] == "2026-11-25T08:00:00+08:00"


def test_what_was_over_before_today_came_no_later(known: Crm) -> None:
    """Where the row does not say when: solved before it was received, reports would count minutes below zero."""
    imported(known, "contact,text,resolved at\n张三,坏了,2026-11-20 10:00\n", "--as", "complaints")
    (complaint,) = known.data("complaint", "list", "--all")
    assert complaint["received_at"] == complaint["resolved_at"] == "2026-11-20T10:00:00+08:00"
    assert complaint["resolve_by"] == "2026-11-27T10:00:00+08:00"
    imported(known, "contact,text,due,settled at\n张三,寄样品,2026-11-22,2026-11-20\n", "--as", "promises")
    (promise,) = known.data("promise", "list", "--all")
    assert promise["made_at"] == promise["settled_at"]


def test_complaints_without_a_moment_are_the_same_the_next_day(known: Crm) -> None:
    text = "客户,投诉内容\n张三,迟到\n"
    assert counts(imported(known, text, "--as", "complaints")) == {"created": 1}
    again = known("import", "-", "--as", "complaints", "-o", "json", stdin=text, CRM_NOW="2026-11-26T18:00:00+08:00")
    assert (again.json["unchanged"], again.json["change"]) == (1, None)


@pytest.mark.parametrize(
    ("noun", "lacks"), [("followups", "text"), ("complaints", "text"), ("promises", "text due"), ("callbacks", "due")]
)
def test_a_new_record_with_a_uid_must_say_all_that_it_needs(crm: Crm, noun: str, lacks: str) -> None:
    crm.ok("add", "Ann")
    summary = imported(crm, "contact,uid\nAnn,u1\n", "--as", noun)
    assert (summary["created"], summary["rejected"]) == (0, 1)
    assert summary["errors"][0]["field"] in lacks.split()


def test_a_row_that_says_only_what_changed_leaves_the_rest(crm: Crm) -> None:
    crm.ok("add", "Ann")
    crm.ok("log", "Ann", "the price")
    crm.ok("complain", "Ann", "late again")
    for noun, change, text in (
        ("followup", "kind\nvisit", "the price"),
        ("complaint", "severity\nhigh", "late again"),
    ):
        uid = crm.data(noun, "list", "--columns", "uid")[0]["uid"]
        column, value = change.split("\n")
        assert imported(crm, f"contact,uid,{column}\nAnn,{uid},{value}\n", "--as", f"{noun}s")["updated"] == 1
        row = crm.data(noun, "list")[0]
        assert (row[column], row["text"]) == (value, text)


def test_an_event_without_a_beginning_is_rejected_by_itself(crm: Crm) -> None:
    crm.ok("add", "Ann")
    event = "BEGIN:VEVENT\nUID:{0}\n{1}SUMMARY:Ann: {0}\nEND:VEVENT\n"
    events = event.format("x", "") + event.format("y", "DTSTART:20261201T100000Z\n")
    (crm.folder / "some.ics").write_text(f"BEGIN:VCALENDAR\n{events}END:VCALENDAR\n")
    result = crm("import", str(crm.folder / "some.ics"), "-o", "json")
    assert (result.code, result.json["created"], result.json["rejected"]) == (6, 1, 1)
    assert [row["purpose"] for row in crm.data("callback", "list")] == ["y"]


@pytest.mark.parametrize("promised", ["1e+18", "tomorrow", "2026-12-01T99:00", "T10:00", "2026-12-01T10:00:00+08:00x"])
def test_a_callback_that_was_put_off_from_no_day_is_rejected(known: Crm, promised: str) -> None:
    text = f"客户,时间,内容,snoozed_from\n张三,2026-12-02,报价,{promised}\n李四,2026-12-02,报价,2026-12-01T10:00\n"
    summary = imported(known, text.replace("李四", "13900139000"), "--as", "callbacks")
    assert counts(summary) == {"created": 1, "rejected": 1}
    assert [(error["row"], error["field"]) for error in summary["errors"]] == [(2, "snoozed_from")]
    (row,) = known.data("callback", "list")
    assert (row["contact"], row["snoozed"], row["snoozed_from"]) == ("李四", True, "2026-12-01T10:00")


@pytest.mark.parametrize(
    ("noun", "row", "reason"),
    [
        ("complaints", "received,text,satisfaction,status\n张三,2026-11-05,late,95,closed", "not from 1 to 5"),
        ("complaints", "received,text,satisfaction,status\n张三,2026-11-05,late,0,closed", "not from 1 to 5"),
        ("complaints", "received,text,resolved\n张三,2026-11-05,late,2026-11-04", "it was received later than that"),
        (
            "complaints",
            "received,text,status,resolved\n张三,2026-11-05,late,assigned,2026-11-06",
            "there is a moment at which it was solved or closed",
        ),
        (
            "promises",
            "text,by,made,settled\n张三,x,2026-11-09,2026-11-05,2026-11-04",
            "it was promised later than that",
        ),
        (
            "promises",
            "text,by,status,settled\n张三,x,2026-11-09,open,2026-11-04",
            "there is a moment at which it was done",
        ),
        ("callbacks", "due,status,done\n张三,2026-11-09,open,2026-11-04", "there is a moment at which it was done"),
        ("surveys", "sent,returned,score\n张三,2026-11-05,2026-11-04,80", "it was sent later than that"),
    ],
)
def test_what_no_command_would_take_is_rejected(crm: Crm, noun: str, row: str, reason: str) -> None:
    crm.ok("add", "张三")
    said = crm("import", "-", "--as", noun, "-o", "json", stdin=f"contact,{row}\n")
    assert (said.code, [error["message"] for error in said.json["errors"]]) == (6, [reason])


def test_what_an_earlier_version_took_comes_back_from_its_export(crm: Crm, tmp_path: Path) -> None:
    crm.ok("add", "张三")
    crm.ok("complain", "张三", "late", "--at", "2026-11-05")
    crm.ok("promise", "张三", "x", "--by", "2026-11-09")
    with closing(opened(crm.db)) as connection:
        connection.execute("UPDATE complaint SET satisfaction = 95, resolved_at = '2026-11-04T00:00:00Z'")
        connection.execute("UPDATE promise SET settled_at = '2026-11-04T00:00:00Z'")
        connection.commit()
    everything = crm.ok("export", "all", "-o", "jsonl").out
    assert crm.data("import", "-", "--db", str(tmp_path / "other.db"), stdin=everything)["rejected"] == 0


def test_a_survey_that_says_only_when_it_came_back_was_sent_then(crm: Crm) -> None:
    crm.ok("add", "张三")
    text = "contact,returned,score\n张三,2026-11-05,80\n"
    assert crm.data("import", "-", "--as", "surveys", stdin=text)["created"] == 1
    later = {"CRM_NOW": "2026-11-26T09:00:00+08:00"}
    assert crm.data("import", "-", "--as", "surveys", stdin=text, **later)["unchanged"] == 1
    crm.ok("import", "-", "--as", "surveys", stdin="contact,sent,score\n张三,2026-11-06,90\n")
    total = crm.data("report", "satisfaction")["total"]
    assert (total["sent"], total["returned"], total["score"]) == (2, 2, 85.0)


def test_surveys_without_a_moment_are_there_the_next_time(crm: Crm) -> None:
    """Each import had sent them again; two answers of one customer became one."""
    crm.ok("add", "张三")
    text = "contact,score,comment,answers\n张三,90,good,\n张三,70,,\n张三,,,in-time=60/90 result=70\n"
    for created, hours in ((3, "10"), (0, "11")):
        found = crm.data("import", "-", "--as", "surveys", stdin=text, CRM_NOW=f"2026-11-25T{hours}:00:00+08:00")
        assert (found["created"], found["updated"]) == (created, 0)
    today = "contact,sent,returned,score\n张三,2026-11-25,2026-11-25,80\n"
    for created, hours in ((1, "10"), (0, "15")):
        found = crm.data("import", "-", "--as", "surveys", stdin=today, CRM_NOW=f"2026-11-25T{hours}:00:00+08:00")
        assert (found["created"], found["updated"]) == (created, 0)


def test_points_that_are_filled_in_for_a_survey_came_back(crm: Crm) -> None:
    """The report did not count them."""
    crm.ok("add", "张三")
    crm.ok("survey", "send", "张三")
    head, row = crm.ok("export", "surveys", "--columns", "uid,contact,sent_at,score", "-o", "csv").out.splitlines()
    later = {"CRM_NOW": "2026-11-26T09:00:00+08:00"}
    for updated in (1, 0):
        filled = f"{head}\n{row}80\n"
        assert crm.data("import", "-", "--as", "surveys", stdin=filled, **later)["updated"] == updated
    total = crm.data("report", "satisfaction", **later)["total"]
    assert (total["sent"], total["returned"], total["score"]) == (1, 1, 80.0)
    assert crm.data("survey", "show", "1")["returned_at"] == later["CRM_NOW"]


@pytest.mark.parametrize(
    ("noun", "text"),
    [
        ("complaints", "contact,text,received at,severity\n张三,late,2026-11-20 10:00,high\n张三,late,,low\n"),
        ("complaints", "contact,text,type,status\n张三,thanks,praise,received\n张三,good,praise,resolved\n"),
        ("complaints", "contact,text,responded at,resolved at\n张三,late,2026-11-25,2026-11-25\n"),
        ("promises", "contact,text,by,settled at\n张三,x,2026-12-01,2026-11-25\n"),
        ("callbacks", "contact,due,purpose,done at\n张三,2026-11-20,x,2026-11-25\n"),
    ],
)
def test_the_same_file_changes_nothing_later_in_the_day(crm: Crm, noun: str, text: str) -> None:
    """A complaint without a moment overwrote its namesake's severity; noon was another moment than that morning."""
    crm.ok("add", "张三")
    first = crm.data("import", "-", "--as", noun, stdin=text)
    assert first["created"] == first["read"]
    again = crm.data("import", "-", "--as", noun, stdin=text, CRM_NOW="2026-11-25T16:00:00+08:00")
    assert again["unchanged"] == first["read"]


def test_what_was_put_off_or_goes_on_is_not_planned_again(crm: Crm) -> None:
    """After `snooze`, and on another day where a file says only how often, each import had planned it again."""
    crm.ok("add", "张三")
    text = "contact,due,repeat,purpose\n张三,2026-12-01,,call\n张三,2026-12-02 10:00,,visit\n"
    text += "张三,,every 2 weeks,ask\n张三,,every monday 9:00,ask\n张三,,every monday 15:00,ask\n"
    assert crm.data("import", "-", "--as", "callbacks", stdin=text)["created"] == 5
    crm.ok("snooze", "1", "2026-12-03")
    crm.ok("snooze", "2", "2026-12-02 11:00")
    crm.ok("done", "3", CRM_NOW="2026-12-10T09:00:00+08:00")
    again = crm.data("import", "-", "--as", "callbacks", stdin=text, CRM_NOW="2026-12-10T10:00:00+08:00")
    assert again["unchanged"] == 5


@pytest.mark.parametrize("status", ["done", "cancelled"])
def test_a_repeat_goes_on_where_a_file_says_that_it_is_done(zs: Crm, status: str) -> None:
    zs.ok("plan", "张三", "every day 9:00", "water")
    exported = zs.ok("export", "callbacks", "-o", "csv").out.replace(",open,", f",{status},")
    told = zs.ok("import", "-", "--as", "callbacks", stdin=exported, CRM_NOW="2026-11-26T10:00:00+08:00")
    assert told.err.splitlines() == ["1 callback planned"]
    rows = zs.data("callback", "list", "--all")
    assert sorted((row["status"], row["due_on"]) for row in rows) == [(status, "2026-11-26"), ("open", "2026-11-27")]
    again = zs.data("import", "-", "--as", "callbacks", stdin=exported, CRM_NOW="2026-11-26T10:00:00+08:00")
    assert (again["unchanged"], len(zs.data("callback", "list", "--all"))) == (1, 2)
    zs.ok("undo")
    assert [row["status"] for row in zs.data("callback", "list", "--all")] == ["open"]


def test_a_to_do_of_ours_that_was_ticked_off_goes_on_too(zs: Crm) -> None:
    zs.ok("plan", "张三", "every day 9:00", "water")
    folder = zs.folder / "cal"
    zs.ok("export", "callbacks", "status:open", "--to", f"{folder}/", "--todos")
    (path,) = folder.iterdir()
    path.write_text(path.read_text().replace("STATUS:NEEDS-ACTION", "STATUS:COMPLETED"))
    for _time in range(2):
        zs.ok("import", str(folder), CRM_NOW="2026-11-26T10:00:00+08:00")
        rows = zs.data("callback", "list", "--all")
        assert sorted((row["status"], row["due_on"]) for row in rows) == [
            ("done", "2026-11-26"),
            ("open", "2026-11-27"),
        ]
