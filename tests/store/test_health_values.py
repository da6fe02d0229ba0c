"""The doctor finds what another program wrote and no command can read, and daily work goes on where it can."""

from contextlib import closing
from pathlib import Path

import pytest

from crmcli import fault
from crmcli.store.health import check
from tests.conftest import Crm, opened


@pytest.fixture
def office(crm: Crm) -> Crm:
    """Give a database with a callback that comes back, one that is done, and a change after them."""
    crm.ok("add", "张三", "--phone", "13800138000")
    crm.ok("plan", "张三", "every monday 9:00")
    crm.ok("plan", "张三", "tomorrow")
    crm.ok("done", "2")
    crm.ok("contact", "edit", "1", "--title", "经理")
    return crm


def spoil(crm: Crm, script: str) -> dict[str, str]:
    """Run the script and return what each check finds that finds something."""
    with closing(opened(crm.db)) as connection:
        connection.executescript(script)
        connection.commit()
    return {found["check"]: found["message"] for found in crm("doctor", "-o", "json").json if not found["ok"]}


@pytest.mark.parametrize(
    ("script", "told", "line", "mended"),
    [
        ("UPDATE callback SET rule = 'FREQ=NEVER' WHERE id = 1", "callback 1 rule “FREQ=NEVER”", "done 1", True),
        ("UPDATE callback SET rule = 'weekly' WHERE id = 1", "callback 1 rule “weekly”", "calendar --to x", True),
        ("UPDATE preset SET text = '=x['", "preset 1 text “=x[”", "preset list", True),
        ("UPDATE preset SET text = 'title = 3'", "preset 1 text “title = 3”", "preset use utility", True),
        ("UPDATE change_row SET \"after\" = '{' WHERE id = 1", "change_row 1 after “{”", "history 张三", False),
        ("UPDATE change SET at = 'yesterday' WHERE id = 1", "change 1 at “yesterday”", "", False),
    ],
)
def test_what_can_not_be_read_is_found_and_named(
    office: Crm, script: str, told: str, line: str, mended: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert spoil(office, script) == {"values": f"1 value can't be read: {told}"}
    if line:
        refused = office(*line.split())
        assert (refused.code, told in refused.err) == (7, True), refused
    office("doctor", "--fix")
    assert (office("doctor").code == 0) is mended
    if mended:
        office.ok(*line.split())


def test_an_unknown_kind_of_address_is_found_and_still_shown(office: Crm) -> None:
    found = spoil(office, "UPDATE contact_point SET kind = 'fax'")
    assert found["values"] == "1 value can't be read: contact_point 1 kind “fax”"
    assert "fax +86 138 0013 8000" in office.ok("show", "张三").out
    office.ok("doctor", "--fix")
    assert office.data("show", "张三")["phones"] == ["+8613800138000"]


def test_words_that_the_program_needs_come_back_as_they_were(office: Crm) -> None:
    before = office.data("vocabulary", "list")
    found = spoil(office, "DELETE FROM vocabulary WHERE code IN ('resume', 'cancelled', 'contact', 'call')")
    assert found == {
        "vocabulary": "callback_kind: contact, callback_status: cancelled, complaint_step: resume, "
        "followup_kind: call, promise_status: cancelled"
    }
    office.ok("doctor", "--fix")
    after = office.data("vocabulary", "list")
    assert sorted(({**word, "id": 0} for word in after), key=str) == sorted(({**w, "id": 0} for w in before), key=str)


def test_of_a_large_file_a_sample_says_why_a_command_ended(office: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page and moment was read before anything was said: half a minute in a file of 100,000 contacts."""
    for day in ("2026-11-20", "2026-11-21"):
        office.ok("log", "张三", "called", "--at", day)
    monkeypatch.setattr(check, "_LARGE", 0)
    monkeypatch.setattr(check, "_NEWEST", 1)
    monkeypatch.setattr(fault, "faults", lambda _connection: pytest.fail("every page was read"))
    for id_, told in ((2, "CRM_DEBUG=1"), (3, "followup 3 at “yesterday”")):
        spoil(office, f"UPDATE followup SET at = 'yesterday' WHERE id = {id_}")
        assert told in office("show", "张三").err


@pytest.mark.parametrize(
    ("type_", "value", "spoilt"),
    [
        ("choice", "b", 'UPDATE custom_field SET choices = \'{"a": {"en": "A", "zh": "A"}}\''),
        ("number", "12", 'UPDATE contact SET fields = \'{"f": "b"}\''),
        ("date", "2026-12-01", 'UPDATE contact SET fields = \'{"f": "b"}\''),
        ("flag", "yes", 'UPDATE contact SET fields = \'{"f": "b"}\''),
    ],
)
def test_a_value_that_its_field_does_not_take_is_found(crm: Crm, type_: str, value: str, spoilt: str) -> None:
    choices = ("--choice", "a=A", "--choice", "b=B") if type_ == "choice" else ()
    crm.ok("field", "add", "contact", "f", "--type", type_, *choices)
    crm.ok("add", "张三", "--set", f"f={value}")
    assert spoil(crm, "") == {}
    assert spoil(crm, spoilt)["fitting"] == "1 value does not fit its field: contact 1 f “b”"
    cured = ("field", "edit", "contact", "f", "--add-choice", "b=B") if type_ == "choice" else ()
    crm.ok(*(cured or ("contact", "edit", "1", "--set", f"f={value}")))
    assert spoil(crm, "") == {}


def test_of_a_field_whose_choices_are_spoilt_nothing_fits(crm: Crm) -> None:
    crm.ok("field", "add", "contact", "f", "--type", "choice", "--choice", "a=A")
    crm.ok("add", "张三", "--set", "f=a")
    assert (
        spoil(crm, "UPDATE custom_field SET choices = '{'")["fitting"]
        == "1 value does not fit its field: contact 1 f “a”"
    )
