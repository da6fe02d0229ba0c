"""`crm remind --notify`: what is due goes through the channels, once each, in the recipient's language."""

import json
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crmcli.services.reminders import Run
from tests.conftest import Crm, opened

COLLECT = """
import json, sys
with open({path!r}, "a") as file:
    file.write(json.dumps(json.load(sys.stdin)) + "\\n")
sys.exit({code})
"""
LATER = "2026-11-25T{}:00+08:00"


class Channels:
    """Channels that write what they get into files, and fail when told to."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._folder = crm.folder

    def add(self, name: str, **settings: str) -> None:
        self.behave(name)
        self._crm.ok("config", "set", f"channel.{name}.url", f"exec:{sys.executable} {self._folder / name}.py")
        for key, value in settings.items():
            self._crm.ok("config", "set", f"channel.{name}.{key}", value)

    def behave(self, name: str, code: int = 0) -> None:
        script = COLLECT.format(path=str(self._folder / name), code=code)
        (self._folder / f"{name}.py").write_text(script, "utf-8")

    def got(self, name: str) -> list[list[str]]:
        """Return the texts of the items of every message, and forget them."""
        path: Path = self._folder / name
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [[item["text"] or item["contact"] for item in json.loads(line)["items"]] for line in lines]


@pytest.fixture
def channels(crm: Crm) -> Channels:
    for name in ("李四", "王五"):
        crm.ok("add", name)
    crm.ok("plan", "李四", "2026-11-25 08:00", "送样品", USER="李四")
    crm.ok("plan", "王五", "2026-11-25 10:00", "催款", USER="王五")
    return Channels(crm)


def test_each_item_goes_through_each_channel_once(crm: Crm, channels: Channels) -> None:
    channels.add("mail")
    channels.add("chat")
    crm.ok("remind", "--notify")
    assert (channels.got("mail"), channels.got("chat")) == ([["送样品"]], [["送样品"]])
    crm.ok("remind", "--notify")
    assert channels.got("mail") == []
    crm.ok("remind", "--notify", "chat", CRM_NOW=LATER.format("10:05"))
    assert (channels.got("mail"), channels.got("chat")) == ([], [["催款"]])
    crm.ok("remind", "--notify", CRM_NOW=LATER.format("10:10"))
    assert (channels.got("mail"), channels.got("chat")) == ([["催款"]], [])


def test_a_channel_that_fails_rests_and_then_catches_up(crm: Crm, channels: Channels) -> None:
    channels.add("mail")
    channels.add("chat")
    channels.behave("mail", 3)
    failed = crm("remind", "--notify")
    assert failed.code == 6
    assert failed.out == ""
    assert failed.err.startswith("error: mail failed: ")
    channels.got("mail")
    assert channels.got("chat") == [["送样品"]]
    channels.behave("mail")
    crm.ok("remind", "--notify", CRM_NOW=LATER.format("09:04"))
    assert channels.got("mail") == []
    crm.ok("remind", "--notify", CRM_NOW=LATER.format("09:05"))
    assert channels.got("mail") == [["送样品"]]


def test_the_trial_of_a_channel_can_be_copied(crm: Crm) -> None:
    crm.ok("config", "set", "channel.my desk.url", "exec:false")
    assert "with crm remind --test 'my desk'" in crm.ok("remind", "--status").out
    refused = crm("remind", "--test", "my desk")
    assert (refused.code, "then crm remind --test 'my desk'" in refused.err) == (1, True)


def test_status_and_doctor_say_which_channel_fails(crm: Crm, channels: Channels) -> None:
    channels.add("mail")
    channels.add("chat")
    assert "nothing was sent yet" in crm.ok("remind", "--status").out
    channels.behave("mail", 3)
    crm("remind", "--notify")
    said = crm.ok("remind", "--status").out
    assert "1 item waits · again today 09:05" in " ".join(said.split())
    assert "chat" in said
    assert "works · today 09:00" in said
    mail, chat = crm.data("remind", "--status")["channels"]
    assert (mail["waiting"], mail["retry_at"]) == (1, "2026-11-25T09:05:00+08:00")
    assert chat["delivered_at"] == "2026-11-25T09:00:00+08:00"
    examined = crm("doctor")
    assert examined.code == 1
    assert "mail failed" in examined.out
    channels.behave("mail")
    crm.ok("remind", "--notify", CRM_NOW=LATER.format("09:05"))
    crm.ok("doctor")


def test_status_is_told_while_a_channel_that_failed_is_tried_again(crm: Crm, channels: Channels) -> None:
    channels.add("mail")
    channels.behave("mail", 3)
    crm("remind", "--notify")
    with closing(opened(crm.db)) as database:
        later = datetime.fromisoformat(LATER.format("09:05"))
        (occurrence,) = database.execute("SELECT occurrence FROM reminder WHERE channel = 'mail'").fetchone()
        assert Run(database, "mail", later).claim([occurrence])
    said = " ".join(crm.ok("remind", "--status", CRM_NOW=LATER.format("09:06")).out.split())
    assert "1 item waits · " in said
    assert "again" not in said


def test_when_every_channel_fails_so_does_the_run(crm: Crm, channels: Channels) -> None:
    channels.add("mail")
    channels.behave("mail", 3)
    assert crm("remind", "--notify").code == 1
    assert crm("remind", "--notify", CRM_NOW=LATER.format("09:05")).code == 1
    assert crm("remind", "--notify", CRM_NOW=LATER.format("09:10")).code == 0
    crm.ok("done", "1")
    crm.ok("remind", "--notify", CRM_NOW=LATER.format("09:40"))
    assert len(channels.got("mail")) == 2


def test_silence_people_and_kinds(crm: Crm, channels: Channels) -> None:
    channels.add("night", quiet="8:00-9:30")
    channels.add("weekend", days="sat,sun")
    channels.add("li", person="李四")
    channels.add("wang", person="王五")
    channels.add("birthdays", kinds="birthday")
    crm.ok("remind", "--notify")
    assert [channels.got(name) for name in ("night", "weekend", "li", "wang", "birthdays")] == [
        [],
        [],
        [["送样品"]],
        [],
        [],
    ]
    crm.ok("remind", "--notify", CRM_NOW=LATER.format("10:00"))
    assert channels.got("night") == [["送样品", "催款"]]
    assert channels.got("wang") == [["催款"]]


@pytest.mark.parametrize(
    ("key", "value"),
    [("quiet", "25:00-8:00"), ("days", "x"), ("nag", "often"), ("digest", "24:61"), ("kinds", "callback complant")],
)
def test_who_can_not_be_told_how_keeps_nobody_else_from_being_told(
    crm: Crm, channels: Channels, key: str, value: str
) -> None:
    channels.add("mail")
    channels.add("chat")
    with (crm.folder / ".config" / "crmcli" / "config.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'{key} = "{value}"\n')  # by hand: the last table is that of the chat
    assert "chat failed: " in crm("remind", "--notify", "-n").err
    result = crm("remind", "--notify")
    assert result.code == 6
    assert result.err.startswith("error: chat failed: ")
    assert (channels.got("mail"), channels.got("chat")) == ([["送样品"]], [])
    crm.ok("config", "set", f"channel.chat.{key}", "")
    crm.ok("remind", "--notify")
    assert (channels.got("mail"), channels.got("chat")) == ([], [["送样品"]])


def test_nagging_until_it_is_done(crm: Crm, channels: Channels) -> None:
    channels.add("mail", nag="2h")
    crm.ok("remind", "--notify")
    crm.ok("remind", "--notify", CRM_NOW=LATER.format("09:59"))
    crm.ok("remind", "--notify", CRM_NOW=LATER.format("11:00"))
    assert channels.got("mail") == [["送样品"], ["送样品", "催款"]]
    crm.ok("done", "1")
    crm.ok("remind", "--notify", CRM_NOW=LATER.format("13:00"))
    assert channels.got("mail") == [["催款"]]


def test_the_digest_is_the_whole_day_once(crm: Crm, channels: Channels) -> None:
    channels.add("mail", digest="9:00")
    crm.ok("remind", "--notify", CRM_NOW=LATER.format("09:00"))
    crm.ok("remind", "--notify", CRM_NOW=LATER.format("09:05"))
    assert channels.got("mail") == [["送样品", "催款"]]
    crm.ok("remind", "--notify", CRM_NOW=LATER.format("10:00"))
    assert channels.got("mail") == [["催款"]]
    crm.ok("remind", "--notify", "--digest", CRM_NOW="2026-11-26T07:00:00+08:00")
    assert channels.got("mail") == [["送样品", "催款"]]


def test_a_digest_has_no_kind_of_which_reminders_do_not_speak(crm: Crm, channels: Channels) -> None:
    channels.add("mail", digest="9:00")
    crm.ok("complain", "王五", "交付延迟", "--severity", "critical")
    crm.ok("config", "set", "remind.callback.send", "no")
    crm.ok("remind", "--notify", CRM_NOW="2026-11-26T09:00:00+08:00")
    assert channels.got("mail") == [["交付延迟"]]


def test_a_digest_leaves_out_nothing_that_was_to_be_told(crm: Crm, channels: Channels) -> None:
    channels.add("mail", digest="9:00", kinds="escalation callback")
    crm.ok("config", "set", "escalate_to", "lin")
    crm.ok("complain", "王五", "交付延迟", "--severity", "critical")
    crm.ok("remind", "--notify", CRM_NOW="2026-11-26T09:00:00+08:00")
    assert [sorted(message) for message in channels.got("mail")] == [["交付延迟", "催款", "送样品"]]


def test_a_channel_that_failed_for_days_hears_of_birthdays_since(crm: Crm, channels: Channels) -> None:
    for name in ("mail", "chat"):
        channels.add(name, kinds="birthday callback")
    crm.ok("remind", "--notify", TZ="America/New_York", CRM_NOW="2026-11-25T20:30:00-05:00")  # tomorrow for UTC
    crm.ok("add", "赵六", "--birthday", "11-25")
    crm.ok("add", "钱七", "--birthday", "11-26")
    channels.behave("mail", 1)
    for hour in ("2026-11-26T10", "2026-11-27T10"):
        assert crm("remind", "--notify", TZ="America/New_York", CRM_NOW=f"{hour}:00:00-05:00").code
    for name in ("mail", "chat"):
        channels.got(name)
    channels.behave("mail")
    crm.ok("remind", "--notify", TZ="America/New_York", CRM_NOW="2026-11-28T10:00:00-05:00")
    (heard,) = channels.got("mail")
    assert {"11-25", "11-26"} <= {text[-5:] for text in heard}
    assert channels.got("chat") == []


def test_what_is_told_once_is_told_of_the_weekend_too(crm: Crm, channels: Channels) -> None:
    assert channels.got("mail") == []
    crm.ok("add", "赵六", "--birthday", "11-28")
    assert len(crm.data("remind", "--once")["items"]) == 1
    items = crm.data("remind", "--once", CRM_NOW="2026-11-30T09:00:00+08:00")["items"]
    assert {item["kind"] for item in items} == {"callback", "birthday"}


def test_a_dry_run_sends_and_claims_nothing(crm: Crm, channels: Channels) -> None:
    channels.add("mail", language="zh")
    shown = crm.ok("remind", "--notify", "-n").out
    assert "mail" in shown
    assert "送样品 [1]" in shown
    assert "回访" in shown
    assert channels.got("mail") == []
    crm.ok("remind", "--notify")
    assert channels.got("mail") == [["送样品"]]


def test_data_says_what_happened(crm: Crm, channels: Channels) -> None:
    channels.add("mail")
    result: Any = crm.data("remind", "--notify")
    assert result["channels"] == [{"channel": "mail", "items": 1, "delivered": True}]
    assert crm.data("remind", "--notify")["channels"] == []


def test_a_greeting_tries_a_channel(crm: Crm, channels: Channels) -> None:
    channels.add("mail")
    assert "mail took a message" in crm.ok("remind", "--test", "mail").out
    assert channels.got("mail") == [[]]
    channels.behave("mail", 1)
    failed = crm("remind", "--test")
    assert failed.code == 1
    assert "a greeting is not tried again: mend it, then crm remind --test mail" in failed.err
    assert "is tried again; crm remind --status" not in failed.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--notify"], "there is no channel to notify"),
        (["--notify", "nobody"], "there is no channel nobody"),
        (["--notify", "--install"], "do not go together"),
        (["mail"], "mail is for --install"),
        (["--digest"], "--digest is for --notify"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], said: str, crm: Crm) -> None:
    result = crm("remind", *arguments)
    assert result.code == 2
    assert said in result.err


def test_an_address_is_typed_in_and_never_shown(crm: Crm) -> None:
    refused = crm("config", "set", "channel.me.url", "mailto://wei:geheim@example.com")
    assert refused.code == 2
    assert "geheim" not in refused.err
    crm.ok("config", "set", "channel.me.url", "-", stdin="mailto://wei:geheim@example.com\n")
    path = crm.folder / ".config" / "crmcli" / "config.toml"
    assert "geheim" in path.read_text("utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    for arguments in (["list", "-o", "json"], ["get", "channel.me.url"], ["list"]):
        assert "geheim" not in crm.ok("config", *arguments).out
    assert crm.data("config", "get", "channel.me.url")["value"] == "***"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channel.me.quiet", "at night"),
        ("channel.me.days", "holidays"),
        ("channel.me.digest", "25:00"),
        ("channel.me.nag", "often"),
        ("channel.me.kinds", "callbak"),
        ("channel.me.colour", "red"),
        ("remind.nonsense.at", "9:00"),
        ("remind.callback.before", "soon"),
    ],
)
def test_settings_that_make_no_sense_are_refused(name: str, value: str, crm: Crm) -> None:
    assert crm("config", "set", name, value).code == 2
