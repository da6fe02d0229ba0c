"""`crm followup` and `log`: what happened, when it happened, and what is next."""

import pytest

from tests.conftest import Crm


def test_log_prints_the_record(zs: Crm) -> None:
    row = zs.data(
        "log", "zs", "价格谈到8折", "--kind", "拜访", "--minutes", "45", "--direction", "out", "--outcome", "同意"
    )
    assert (row["id"], row["contact_id"], row["contact"], row["company"]) == (1, 1, "张三", "华东电力")
    assert (row["kind"], row["text"], row["minutes"]) == ("visit", "价格谈到8折", 45)
    assert (row["direction"], row["outcome"], row["owner"]) == ("out", "同意", "wei")
    assert row["at"] == row["created_at"] == "2026-11-25T09:00:00+08:00"
    assert (row["callback_id"], row["complaint_id"]) == (None, None)
    assert zs.data("contact", "show", "zs")["last_contact_at"] == row["at"]


def test_bytes_that_are_not_text_name_nobody(zs: Crm) -> None:
    """朱镕基 typed in a terminal that speaks GB18030 has an F among its bytes; whoever is called F… is not meant."""
    zs.ok("add", "Frank")
    said = "error: the command line contains bytes that are not text — write it in UTF-8\n"
    for command in (["log", "\udcd6\udcec\udce9F\udcbb\udcf9", "x"], ["show", "F\udcff"], ["find", "F\udcff"]):
        refused = zs(*command)
        assert (refused.code, refused.out, refused.err) == (2, "", said)
    assert zs.data("followup", "list") == []


def test_a_follow_up_is_a_call_unless_said(zs: Crm) -> None:
    assert zs.ok("log", "ann", "no answer").out == "Logged Ann O'Brien: call (1), today 09:00\n"


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        ("8:00", "2026-11-25T08:00:00+08:00"),
        ("10:00", "2026-11-24T10:00:00+08:00"),
        ("fri 15:00", "2026-11-20T15:00:00+08:00"),
        ("昨天下午3点", "2026-11-24T15:00:00+08:00"),
        ("today", "2026-11-25T09:00:00+08:00"),
        ("2026-11-01", "2026-11-01T12:00:00+08:00"),
        ("2026-11-24T15:00:00Z", "2026-11-24T23:00:00+08:00"),
        ("2 hours ago", "2026-11-25T07:00:00+08:00"),
    ],
)
def test_when_it_happened(zs: Crm, at: str, moment: str) -> None:
    assert zs.data("log", "张三", "x", "--at", at)["at"] == moment


def test_what_is_still_to_come_is_planned_instead(zs: Crm) -> None:
    refused = zs("log", "张三", "x", "--at", "tomorrow 10:00")
    assert refused.code == 2
    assert "crm plan" in refused.err
    assert zs("log", "张三", "x", "--at", "明天").code == 2


@pytest.mark.parametrize(("text", "minutes"), [("0", 0), ("90m", 90), ("1h 30m", 90), ("半小时", 30), ("2 hours", 120)])
def test_how_long_it_took(zs: Crm, text: str, minutes: int) -> None:
    assert zs.data("log", "张三", "x", "--minutes", text)["minutes"] == minutes


@pytest.mark.parametrize(
    "arguments",
    [
        [""],
        [" \t "],
        ["\u202e"],
        ["caf\udce9"],
        ["x", "--kind", "dance"],
        ["x", "--direction", "up"],
        ["x", "--minutes", "-5"],
        ["x", "--minutes", "long"],
        ["x", "--minutes", "9" * 30],
        ["x", "--at", "whenever"],
        ["x", "--next", "whenever"],
        ["x", "--next", "yesterday"],
        ["x", "--purpose", "报价"],
        ["x", "--next-kind", "visit"],
        ["x", "--callback", "zs"],
    ],
)
def test_what_log_refuses(zs: Crm, arguments: list[str]) -> None:
    refused = zs("log", "张三", *arguments)
    assert (refused.code, refused.out) == (2, "")
    assert "Traceback" not in refused.err
    assert zs.data("followup", "list") == []
    assert zs.data("callback", "list") == []


def test_whom_log_can_not_find(zs: Crm) -> None:
    zs.ok("add", "张三丰")
    assert zs("log", "nobody", "x").code == 3
    assert zs("log", "张", "x").code == 4
    assert zs("log", "张三", "x", "--callback", "9").code == 3
    assert zs("log", "张三", "x", "--complaint", "9").code == 3


def test_log_and_plan_in_one_breath(zs: Crm) -> None:
    row = zs.data(
        "log", "张三", "价格谈到8折", "--next", "下周五下午3点", "--purpose", "送样品", "--next-kind", "visit"
    )
    following = row["next"]
    assert (following["due_at"], following["kind"]) == ("2026-12-04T15:00:00+08:00", "visit")
    assert (following["purpose"], following["contact_id"], following["status"]) == ("送样品", 1, "open")
    assert zs.data("callback", "list") == [following]


def test_both_lines_are_said(zs: Crm) -> None:
    assert zs.ok("log", "张三", "x", "--next", "every monday 9:00").out.splitlines() == [
        "Logged 张三: call (1), today 09:00",
        "Planned 张三: call (1) — Mon 30 Nov 2026 09:00, in 5 days · every Mon",
    ]


def test_a_follow_up_that_did_a_callback(zs: Crm) -> None:
    zs.ok("plan", "张三", "every monday")
    row = zs.data("log", "张三", "done early", "--callback", "1", "--at", "8:30")
    assert (row["callback_id"], row["next"]["due_on"]) == (1, "2026-12-07")
    callback = zs.data("callback", "show", "1")
    assert (callback["status"], callback["done_at"], callback["followup_id"]) == ("done", row["at"], 1)
    assert zs("log", "张三", "again", "--callback", "1").code == 5
    assert zs("log", "Ann", "not hers", "--callback", "2").code == 2
    assert len(zs.data("followup", "list")) == 1


def test_text_from_standard_input(zs: Crm) -> None:
    row = zs.data("log", "张三", "-", stdin="第一行\r\n第二行 [red]\x1b[31m\n".encode())
    assert row["text"] == "第一行\n第二行 [red][31m"
    assert zs.data("log", "张三", "-", stdin=b"\xff\xfe caf\xe9")["text"]
    assert zs("log", "张三", "-", stdin="").code == 2


def test_dry_run_and_quiet(zs: Crm) -> None:
    said = zs.ok("log", "张三", "x", "--next", "fri", "-n").out.splitlines()
    assert [line.startswith("dry run: ") for line in said] == [True, True]
    assert zs.data("followup", "list") == zs.data("callback", "list") == []
    assert zs.ok("log", "张三", "x", "-q").out == "1\n"


def test_undo_takes_back_both(zs: Crm) -> None:
    zs.ok("log", "张三", "x", "--next", "fri")
    zs.ok("undo")
    assert zs.data("followup", "list") == zs.data("callback", "list", "--all") == []


def test_edit(zs: Crm) -> None:
    zs.ok("log", "张三", "x", "--minutes", "5", "--outcome", "none")
    row = zs.data(
        "followup", "edit", "1", "--text", "新的", "--kind", "会议", "--at", "昨天", "--minutes", "", "--outcome", ""
    )
    assert (row["text"], row["kind"], row["minutes"], row["outcome"]) == ("新的", "meeting", None, None)
    assert row["at"] == "2026-11-24T12:00:00+08:00"
    assert zs("followup", "edit", "1").code == 2
    assert zs("followup", "edit", "1", "--text", " ").code == 2
    assert zs("followup", "edit", "2", "--text", "y").code == 3


def test_edit_links_a_callback(zs: Crm) -> None:
    zs.ok("plan", "张三", "today")
    zs.ok("log", "张三", "x")
    assert zs.data("followup", "edit", "1", "--callback", "1")["callback_id"] == 1
    assert zs.data("callback", "show", "1")["status"] == "done"
    assert zs.ok("followup", "edit", "1", "--callback", "1").code == 0


def test_what_took_months_comes_back_from_an_export(zs: Crm) -> None:
    assert zs.data("log", "张三", "built", "--minutes", "70d")["minutes"] == 100_800
    assert zs("log", "张三", "x", "--minutes", "9999 years").code == 2
    exported = zs.ok("export", "followups", "-o", "csv").out
    assert zs("import", "-", "--as", "followups", "-o", "json", stdin=exported).json["unchanged"] == 1


def test_an_edit_that_does_a_callback_says_what_follows(zs: Crm) -> None:
    zs.ok("plan", "张三", "every monday 9:00")
    zs.ok("log", "张三", "x")
    said = zs.ok("followup", "edit", "1", "--callback", "1").out.splitlines()
    assert said[0].startswith("Changed 张三: call (1)")
    assert said[1] == "Planned 张三: call (2) — Mon 7 Dec 2026 09:00, in 12 days · every Mon"
    assert len(zs.ok("followup", "edit", "1", "--callback", "1", "--text", "y").out.splitlines()) == 1


def test_edit_and_delete_several(zs: Crm) -> None:
    for name in ("张三", "Ann"):
        zs.ok("log", name, "x")
    assert zs("followup", "edit", "--where", "kind:call", "--owner", "li").code == 2
    rows = zs.data("followup", "edit", "--where", "kind:call", "--owner", "li", "-y")
    assert [row["owner"] for row in rows] == ["li", "li"]
    zs.ok("followup", "delete", "1", "2", "-y")
    assert zs.data("followup", "list") == []


def test_list(zs: Crm) -> None:
    zs.ok("log", "张三", "价格谈到8折", "--at", "2026-11-01")
    zs.ok("log", "Ann", "sent the offer", "--kind", "email")
    assert [row["id"] for row in zs.data("followup", "list")] == [2, 1]
    assert [row["id"] for row in zs.data("followup", "list", "8折")] == [1]
    assert [row["id"] for row in zs.data("followup", "list", "kind:邮件", "at>=today")] == [2]


def test_the_owner_of_what_is_planned_along_is_cleaned_too(crm: Crm) -> None:
    """A mark that was copied with the name made them somebody else to every list and report."""
    crm.ok("add", "张三")
    crm.ok("log", "张三", "hi", "--next", "fri", "--owner", "\u200b王芳")
    assert [row["owner"] for row in crm.data("callback", "list")] == ["王芳"]
