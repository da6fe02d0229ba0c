"""An export of everything of which something was left out: what it does not say stays as it is."""

import json

import pytest

from tests.conftest import Crm
from tests.kept import filled_once

_NEEDED = {
    "vocabulary": {"set", "code"},
    "field": {"noun", "code"},
    "notice": {"code"},
    "supervision": {"uid", "contact_uid", "complaint_uid", "responsible"},
    "answer": {"uid"},
    "survey": {"uid", "contact_uid", "sent_at"},
    "callback": {"uid"},
    "promise": {"uid"},
    "complaint": {"uid"},
    "consent": {"contact_uid", "channel", "answer", "at"},
}
"""Without these a record can't be known, or is no record."""


@pytest.fixture
@filled_once
def filled(crm: Crm) -> Crm:
    crm.ok("vocabulary", "add", "tag", "vip", "--every", "14", "--alias", "wichtig")
    crm.ok("field", "add", "contact", "due1", "--type", "date", "--remind", "10", "--yearly", "--alias", "fällig")
    crm.ok("field", "add", "contact", "level", "--type", "choice", "--choice", "a=A|甲", "--required")
    crm.ok(
        "notice", "add", "check", "--field", "due1", "--before", "7d", "--en", "Check", "--zh", "查", "--of", "tag:vip"
    )
    crm.ok("add", "张三", "--tag", "vip", "--set", "level=a")
    crm.ok("plan", "张三", "every 2 weeks at 10:00", "invoice", "--after-done", TZ="America/New_York")
    crm.ok("promise", "张三", "call", "--by", "2026-12-05 09:00")
    crm.ok("promise", "keep", "p1", "called")
    crm.ok("complain", "张三", "late", "--category", "delivery")
    crm.ok("supervise", "c1", "why", "--by", "lin", "--every", "2d", "--until", "2026-12-10")
    crm.ok("answer", "add", "How?", "So", "--category", "billing", "--owner", "lin")
    crm.ok("survey", "send", "张三", "--complaint", "1", "--channel", "phone")
    crm.ok("survey", "return", "1", "--answers", "promise=90/80", "--comment", "nice")
    crm.ok("contact", "consent", "张三", "email", "yes", "--source", "form")
    (crm.folder / "proof.txt").write_text("proof")
    crm.ok("attach", "张三", str(crm.folder / "proof.txt"), "--complaint", "1", "--label", "proof", "--sent")
    return crm


@pytest.mark.parametrize("kind", _NEEDED)
def test_what_a_record_does_not_say_stays_as_it_is(filled: Crm, kind: str) -> None:
    everything = filled.ok("export", "all", "-o", "jsonl").out
    records = [json.loads(line) for line in everything.splitlines()]
    names = {name for record in records if record["record"] == kind for name in record} - {"record"} - _NEEDED[kind]
    assert names
    others = [record for record in records if record["record"] != kind]
    ours = [record for record in records if record["record"] == kind]
    first = min(names)
    for name in sorted(names):
        for text, beside in ((None, others if name == first else []), ("", [])):  # once with the rest of the file
            partly = "\n".join(json.dumps(record) for record in [*beside, *({**record, name: text} for record in ours)])
            done = filled.data("import", "-", stdin=partly)
            assert (done["created"], done["updated"], done["rejected"]) == (0, 0, 0), (name, done)
    assert filled.ok("export", "all", "-o", "jsonl").out == everything


def test_an_attachment_keeps_what_its_record_does_not_have(filled: Crm) -> None:
    everything = filled.ok("export", "all", "-o", "jsonl").out
    records = map(json.loads, everything.splitlines())
    (attachment,) = [record for record in records if record["record"] == "attachment"]
    for name in ("complaint_uid", "followup_uid", "label", "sent_at", "created_at"):
        partly = {key: value for key, value in attachment.items() if key != name}
        assert filled.data("import", "-", stdin=json.dumps(partly) + "\n")["unchanged"] == 1, name
    assert filled.ok("export", "all", "-o", "jsonl").out == everything


def test_a_notice_that_is_told_another_time_has_that_alone(crm: Crm) -> None:
    crm.ok("notice", "add", "check", "--field", "birthday", "--before", "7d", "--en", "Check", "--zh", "查")
    told = {"record": "notice", "code": "check", "every": "90d"}
    assert crm.data("import", "-", stdin=json.dumps(told) + "\n")["updated"] == 1
    (notice,) = crm.data("notice", "list")
    assert (notice["field"], notice["before"], notice["every"], notice["en"]) == (None, None, "90d", "Check")


def test_a_word_that_says_less_is_taken_and_one_that_makes_no_sense_is_told(crm: Crm) -> None:
    word = {"record": "vocabulary", "set": "tag", "code": "vip"}
    nonsense = {"record": "vocabulary", "set": "tag", "code": "other", "cadence_days": "often"}
    done = crm("import", "-", "-o", "json", stdin=f"{json.dumps(word)}\n{json.dumps(nonsense)}\n")
    assert (done.code, done.json["created"], done.json["rejected"]) == (6, 1, 1)
    assert done.json["errors"][0]["field"] == "cadence_days"


@pytest.mark.parametrize(
    ("field", "record"),
    [
        ("cadence_days", {"record": "vocabulary", "set": "class", "code": "core", "cadence_days": 10**12}),
        ("requires", {"record": "vocabulary", "set": "complaint_type", "code": "complaint", "requires": "banana"}),
        ("requires", {"record": "vocabulary", "set": "class", "code": "core", "requires": "assess"}),
        ("respond", {"record": "service-level", "severity": "high", "respond": "banana", "hours": "always"}),
        ("code", {"record": "field", "noun": "contact", "code": "name", "type": "text"}),
        ("code", {"record": "field", "noun": "contact", "code": "x1", "type": "text", "zh": "姓名"}),
    ],
)
def test_what_nobody_could_declare_here_is_turned_away(crm: Crm, field: str, record: dict[str, object]) -> None:
    done = crm("import", "-", "-o", "json", stdin=json.dumps(record) + "\n")
    assert (done.code, done.json["rejected"]) == (6, 1)
    assert done.json["errors"][0]["field"] == field


@pytest.mark.parametrize("percent", ["1e30", "Infinity", "500", "-3", '"x"', "49.5"])
def test_a_share_that_is_none_is_turned_away(filled: Crm, percent: str) -> None:
    filled.ok("supervision", "report", "s1", "half of it", "--percent", "50")
    whole = filled.ok("export", "all", "-o", "jsonl").out
    done = filled("import", "-", "-o", "json", stdin=whole.replace('"percent": 50', f'"percent": {percent}'))
    assert (done.code, done.json["rejected"], done.json["errors"][0]["field"]) == (6, 1, "reports")


@pytest.mark.parametrize(
    "done",
    [("company", "merge", "2", "1", "-y"), ("company", "edit", "1", "--name", "中国华电")],
    ids=("merged", "renamed"),
)
def test_a_company_that_was_merged_or_renamed_does_not_come_back(crm: Crm, done: tuple[str, ...]) -> None:
    crm.ok("company", "add", "华电")
    crm.ok("company", "add", "华东电力")
    crm.ok("add", "张三", "--company", "华电")
    records = crm.ok("export", "all", "-o", "jsonl").out.splitlines()
    contacts = "\n".join(record for record in records if '"record": "contact"' in record) + "\n"
    crm.ok(*done)
    everything = crm.ok("export", "all", "-o", "jsonl").out
    assert crm.data("import", "-", stdin=contacts)["unchanged"] == 1
    assert crm.ok("export", "all", "-o", "jsonl").out == everything
