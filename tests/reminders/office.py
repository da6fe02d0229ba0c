"""The office whose year it is: its settings, its channels, and its crontab."""

from datetime import datetime, time, timedelta

from tests.reminders.model import Channel

DAY = timedelta(days=1)
SETTINGS = """
escalate_to = "lin, chen"
[remind.callback]
before = "10m"
[remind.promise]
at = "8:30"
[remind.supervision]
at = "2:30"
[remind.birthday]
before = "2d"
at = "9:00"
[remind.forgotten]
at = "7:45"
[channel.mail]
url = "exec:true"
[channel.chat]
url = "exec:true"
quiet = "1:40-2:30"
[channel.boss]
url = "exec:true"
kinds = "complaint escalation supervision"
[channel.wei]
url = "exec:true"
person = "wei"
[channel.office]
url = "exec:true"
quiet = "19:00-8:00"
days = "mon-fri"
[channel.nag]
url = "exec:true"
kinds = "callback promise"
nag = "1d"
[channel.morning]
url = "exec:true"
kinds = "callback promise complaint escalation forgotten"
digest = "8:00"
[channel.noon]
url = "exec:true"
kinds = "callback promise"
"""

PRINTED = ""
"""What the program calls what is printed, or handed to a command."""
EVERY_MINUTE = ["remind", "--notify", "mail", "chat", "boss", "wei", "office", "nag", "morning"]
AT_NOON = ["remind", "--notify", "--digest", "noon"]
EVERY_HOUR = ["remind", "--once", "--exec", "true"]


def lines(local: datetime) -> list[list[str]]:
    """Return what the machine's crontab runs in a minute of its clock."""
    hourly = [EVERY_HOUR] if local.minute == 7 else []
    return [EVERY_MINUTE, *hourly, *([AT_NOON] if (local.hour, local.minute) == (12, 0) else [])]


def heard_by(line: list[str]) -> frozenset[str]:
    """Return the channels that a line of the crontab speaks through."""
    return frozenset((PRINTED,) if line is EVERY_HOUR else (word for word in line[1:] if not word.startswith("-")))


def channels() -> list[Channel]:
    """Return the recipients that these settings name, and the program that gets what is told once."""
    desk = frozenset(("callback", "promise"))
    return [
        Channel("mail"),
        Channel("chat", quiet=(time(1, 40), time(2, 30))),
        Channel("boss", frozenset(("complaint", "escalation", "supervision"))),
        Channel("wei", person="wei"),
        Channel("office", quiet=(time(19), time(8)), weekdays=frozenset(range(5))),
        Channel("nag", desk, nag=DAY),
        Channel("morning", desk | {"complaint", "escalation", "forgotten"}, digest=time(8)),
        Channel("noon", desk, digest=time(12)),
        Channel(PRINTED, rest=False),
    ]
