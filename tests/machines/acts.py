"""What the salesperson does on one of the machines, and what must be so on both afterwards."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tests.machines.desk import Desk

_SURNAMES, _GIVEN = "张王李赵陈林周吴", ("伟", "芳", "静", "磊", "洋", "勇", "艳", "杰")


class Thing(NamedTuple):
    """A record that was made on one of the machines."""

    table: str
    uid: str
    marker: str
    """A text that it alone has."""


class Act(NamedTuple):
    """One moment of one machine."""

    desk: Desk
    now: str
    rng: Random


class Life:
    """All that was done, and what is expected of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.things: list[Thing] = []
        self.expected: dict[tuple[Thing, str], Any] = {}
        """What a record has in a field."""
        self.within: set[tuple[Thing, str, str]] = set()
        """What a record has in a list: thing, field, text."""
        self.loose: set[str] = set()
        """Uids of what was deleted or merged on one machine."""
        self.markers = count(1)

    def marker(self) -> str:
        """Return a text that was never used."""
        return f"m{next(self.markers)}x"

    def made(self, table: str, row: dict[str, Any], marker: str) -> Thing:
        """Note a new record."""
        thing = Thing(table, row["uid"], marker)
        self.things.append(thing)
        return thing

    def some(self, act: Act, table: str) -> tuple[Thing, str] | None:
        """Return a record that this machine has, with its id here."""
        known = [thing for thing in self.things if thing.table == table and thing.uid not in self.loose]
        act.rng.shuffle(known)
        for thing in known:
            if id_ := act.desk.id_of(table, thing.uid):
                return thing, id_
        return None


def add(life: Life, act: Act) -> None:
    """Add a contact."""
    marker = life.marker()
    name = f"{act.rng.choice(_SURNAMES)}{act.rng.choice(_GIVEN)}{marker}"
    phone = f"138{act.rng.randrange(10**8):08}"
    more = ("--company", f"公司{act.rng.randrange(4)}") if act.rng.random() < 0.6 else ()
    class_ = act.rng.choice(("potential", "core", "collection"))
    row = act.desk.ok(act.now, "add", name, "--phone", phone, "--class", class_, "--tag", "new", *more)
    life.made("contact", row, marker)


def add_company(life: Life, act: Act) -> None:
    """Add a company."""
    marker = life.marker()
    row = act.desk.ok(act.now, "company", "add", f"厂{marker}", "--phone", f"0213{act.rng.randrange(10**7):07}")
    life.made("company", row, marker)


def edit(life: Life, act: Act) -> None:
    """Give a contact another value, or none."""
    found = life.some(act, "contact")
    if found:
        field = act.rng.choice(("title", "region", "address", "notes"))
        value = life.marker() if act.rng.random() < 0.8 else ""
        before = act.desk.ok(act.now, "contact", "show", found[1])[field]
        act.desk.ok(act.now, "contact", "edit", found[1], f"--{field}", value)
        if value or before:  # to empty what is empty changes nothing
            life.expected[found[0], field] = value or None


def edit_company(life: Life, act: Act) -> None:
    """Give a company another value."""
    found = life.some(act, "company")
    if found:
        field = act.rng.choice(("industry", "website", "notes"))
        value = life.marker()
        act.desk.ok(act.now, "company", "edit", found[1], f"--{field}", value)
        life.expected[found[0], field] = value


def rename(life: Life, act: Act) -> None:
    """Give a contact another name."""
    found = life.some(act, "contact")
    if found:
        name = f"改名{life.marker()}"
        act.desk.ok(act.now, "contact", "edit", found[1], "--name", name)
        life.expected[found[0], "name"] = name


def tag(life: Life, act: Act) -> None:
    """Tag a contact, and say how else they are reached."""
    found = life.some(act, "contact")
    if found:
        marker = life.marker()
        act.desk.ok(act.now, "contact", "edit", found[1], "--add-tag", marker, "--add-email", f"{marker}@example.cn")
        life.within |= {(found[0], "tags", marker), (found[0], "emails", f"{marker}@example.cn")}


def untag(life: Life, act: Act) -> None:
    """Take a tag away: it may come back."""
    found = life.some(act, "contact")
    if found:
        act.desk.ok(act.now, "contact", "edit", found[1], "--remove-tag", "new")


def set_field(life: Life, act: Act) -> None:
    """Give a contact a value of a custom field."""
    found = life.some(act, "contact")
    if found:
        field, value = act.rng.choice(("level", "meter")), life.marker()
        act.desk.ok(act.now, "contact", "edit", found[1], "--set", f"{field}={value}")
        life.expected[found[0], f"fields.{field}"] = value


def log(life: Life, act: Act) -> None:
    """Log what happened, with a callback or without."""
    found = life.some(act, "contact")
    if found:
        marker, purpose = life.marker(), life.marker()
        more = ("--next", "in 3 days at 10:00", "--purpose", purpose) if act.rng.random() < 0.3 else ()
        kind = act.rng.choice(("call", "visit", "email", "note"))
        ago = act.rng.choice(("now", "2 hours ago", "3 days ago", "20 days ago"))
        row = act.desk.ok(act.now, "log", found[1], f"{marker} 谈了", "--kind", kind, "--at", ago, *more)
        life.made("followup", row, marker)


def edit_followup(life: Life, act: Act) -> None:
    """Say more about what happened."""
    _say_more(life, act, "followup", "outcome")


def plan(life: Life, act: Act) -> None:
    """Plan a callback."""
    found = life.some(act, "contact")
    if found:
        marker = life.marker()
        when = act.rng.choice(("in 2 days", "in 3 days at 10:00", "every week at 9:00"))
        life.made("callback", act.desk.ok(act.now, "plan", found[1], when, marker), marker)


def work_on_callback(life: Life, act: Act) -> None:
    """Do, put off, cancel, reopen or change a callback."""
    found = life.some(act, "callback")
    if not found:
        return
    thing, id_ = found
    status = act.desk.ok(act.now, "callback", "show", id_)["status"]
    if status != "open":
        if act.desk.run(act.now, "callback", "reopen", id_).code == 0:
            life.expected[thing, "status"] = "open"
        return
    deed = act.rng.choice(("done", "snooze", "cancel", "purpose", "owner"))
    if deed == "done":
        marker = life.marker()
        act.desk.ok(act.now, "done", id_, f"{marker} done")
        life.expected[thing, "status"] = "done"
    elif deed == "snooze":
        row = act.desk.ok(act.now, "snooze", id_, f"in {act.rng.randrange(1, 9)} days")
        life.expected[thing, "due"] = row["due"]
    elif deed == "cancel":
        act.desk.ok(act.now, "callback", "cancel", id_)
        life.expected[thing, "status"] = "cancelled"
    else:
        value = life.marker()
        act.desk.ok(act.now, "callback", "edit", id_, f"--{deed}", value)
        life.expected[thing, deed] = value


def promise(life: Life, act: Act) -> None:
    """Promise something."""
    found = life.some(act, "contact")
    if found:
        marker = life.marker()
        life.made("promise", act.desk.ok(act.now, "promise", found[1], marker, "--by", "in 4 days"), marker)


def work_on_promise(life: Life, act: Act) -> None:
    """Keep, break or reopen a promise."""
    found = life.some(act, "promise")
    if not found:
        return
    thing, id_ = found
    is_open = act.desk.ok(act.now, "promise", "show", id_)["status"] == "open"
    deed = act.rng.choice(("keep", "break", "cancel", "renegotiate")) if is_open else "reopen"
    more = ("in 9 days",) if deed == "renegotiate" else ("why",) if deed == "break" else ()
    if act.desk.run(act.now, "promise", deed, id_, *more).code == 0:
        life.expected[thing, "status"] = act.desk.ok(act.now, "promise", "show", id_)["status"]


def complain(life: Life, act: Act) -> None:
    """Take a complaint."""
    found = life.some(act, "contact")
    if found:
        marker = life.marker()
        row = act.desk.ok(act.now, "complain", found[1], marker, "--severity", act.rng.choice(("low", "high")))
        life.made("complaint", row, marker)


def work_on_complaint(life: Life, act: Act) -> None:
    """Go on with a complaint; not everything goes at every stage."""
    found = life.some(act, "complaint")
    if not found:
        return
    thing, id_ = found
    before = act.desk.ok(act.now, "complaint", "show", id_)
    note = life.marker()
    deed = act.rng.choice(
        (
            *(("respond", note), ("comment", note), ("resolve", note), ("close", note), ("reopen", note)),
            ("close", note, "--satisfaction", str(act.rng.randrange(1, 6))),
            *(("assess", "--valid", note), ("propose", "--option", note), ("approve", note), ("wait", note)),
            *(("resume", note), ("assign", "--to", note), ("escalate", "--to", note)),
        )
    )
    if act.desk.run(act.now, "complaint", deed[0], id_, *deed[1:]).code == 0:
        row = act.desk.ok(act.now, "complaint", "show", id_)
        if (row["status"], row["waiting_since"]) != (before["status"], before["waiting_since"]):
            life.expected[thing, "status"] = row["status"]
            life.expected[thing, "waiting_since"] = row["waiting_since"]
        life.within.add((thing, "steps", note))


def edit_complaint(life: Life, act: Act) -> None:
    """Say more about a complaint."""
    _say_more(life, act, "complaint", "department")


def _say_more(life: Life, act: Act, noun: str, field: str) -> None:
    found = life.some(act, noun)
    if found:
        value = life.marker()
        act.desk.ok(act.now, noun, "edit", found[1], f"--{field}", value)
        life.expected[found[0], field] = value


def consent(life: Life, act: Act) -> None:
    """Note what a contact agrees to."""
    found = life.some(act, "contact")
    if found:
        answer = act.rng.choice(("yes", "no"))
        act.desk.ok(act.now, "contact", "consent", found[1], act.rng.choice(("email", "sms")), answer)


def survey(life: Life, act: Act) -> None:
    """Send a survey, and note an answer."""
    found = life.some(act, "survey") if act.rng.random() < 0.5 else None
    if found:
        value = life.marker()
        act.desk.ok(act.now, "survey", "edit", found[1], "--comment", value)
        life.expected[found[0], "comment"] = value
    elif contact := life.some(act, "contact"):
        rows = act.desk.ok(act.now, "survey", "send", contact[1], "--force")
        for row in rows if isinstance(rows, list) else [rows]:
            life.made("survey", row, row["uid"])


def answer(life: Life, act: Act) -> None:
    """Learn an answer, or another one."""
    found = life.some(act, "answer") if act.rng.random() < 0.5 else None
    value = life.marker()
    if found:
        act.desk.ok(act.now, "answer", "edit", found[1], "--answer", value)
        life.expected[found[0], "answer"] = value
    else:
        life.made("answer", act.desk.ok(act.now, "answer", "add", f"{value}?", value), value)


def supervise(life: Life, act: Act) -> None:
    """Supervise a complaint, report, or let it be."""
    found = life.some(act, "supervision")
    if found:
        note = life.marker()
        deed = act.rng.choice(("report", "report", "close"))
        if act.desk.run(act.now, "supervision", deed, found[1], note).code == 0:
            life.within.add((found[0], "reports", note))
    elif complaint := life.some(act, "complaint"):
        run = act.desk.run(
            act.now, "supervise", f"c{complaint[1]}", "why", "--by", "lin", "--every", "2d", "-o", "json"
        )
        if run.code == 0:
            life.made("supervision", run.json, run.json["uid"])


def attach(life: Life, act: Act) -> None:
    """Attach a file, or call it something else."""
    found = life.some(act, "attachment") if act.rng.random() < 0.5 else None
    value = life.marker()
    if found:
        act.desk.ok(act.now, "attachment", "edit", found[1], "--label", value)
        life.expected[found[0], "label"] = value
    elif contact := life.some(act, "contact"):
        file = life.folder / f"{value}.txt"
        file.write_text(value)
        row = act.desk.ok(act.now, "attach", contact[1], str(file))
        life.made("attachment", row[0] if isinstance(row, list) else row, value)


def declare(life: Life, act: Act) -> None:
    """Add a word, or change one."""
    marker = life.marker()
    act.desk.ok(act.now, "vocabulary", "add", "tag", marker, "--every", str(act.rng.randrange(3, 90)))
    act.desk.ok(act.now, "vocabulary", "edit", "class", "core", "--every", str(act.rng.randrange(3, 90)))


def delete(life: Life, act: Act) -> None:
    """Delete something: it comes back with what the other machine has."""
    table = act.rng.choice(("contact", "followup", "callback", "complaint", "promise", "company"))
    found = life.some(act, table)
    if found:
        before = {thing.uid for thing in life.things if act.desk.id_of(thing.table, thing.uid)}
        act.desk.ok(act.now, table, "delete", found[1], "-y")
        after = {thing.uid for thing in life.things if act.desk.id_of(thing.table, thing.uid)}
        life.loose |= before - after  # what belonged to it, too


def merge(life: Life, act: Act) -> None:
    """Make one of two."""
    table = act.rng.choice(("contact", "contact", "company"))
    one, other = life.some(act, table), life.some(act, table)
    if one and other and one != other:
        act.desk.ok(act.now, table, "merge", one[1], other[1], "-y")
        life.loose |= {one[0].uid, other[0].uid}


def undo(life: Life, act: Act) -> None:
    """Do something that was not meant."""
    found = life.some(act, "contact")
    if found:
        act.desk.ok(act.now, "contact", "edit", found[1], "--title", life.marker())
        act.desk.ok(act.now, "undo")


def same_person(life: Life, act: Act) -> None:
    """Import the sheet that the other machine imports as well."""
    sheet = life.folder / f"{act.now[:10]}.csv"
    if not sheet.exists():
        people = [(f"同{life.marker()}", f"137{act.rng.randrange(10**8):08}") for _ in range(2)]
        sheet.write_text("姓名,手机\n" + "".join(f"{name},{phone}\n" for name, phone in people), "utf-8")
    act.desk.ok(act.now, "import", str(sheet))


def plan_notices(life: Life, act: Act) -> None:
    """Let the notices plan what they plan, as cron does on both machines."""
    found = life.some(act, "contact")
    if found:
        act.desk.ok(act.now, "contact", "edit", found[1], "--set", f"expiry={act.now[:8]}{act.rng.randrange(20, 29)}")
    act.desk.ok(act.now, "notice", "plan")
    rows = act.desk.ok(act.now, "callback", "list", "--all")
    planned = [row for row in rows if row["notice"] and row["status"] == "open"]
    if planned:
        row = act.rng.choice(planned)
        act.desk.ok(act.now, "snooze", str(row["id"]), f"in {act.rng.randrange(20, 40)} days")


def same_complaints(life: Life, act: Act) -> None:
    """Import the complaints that the other machine imports as well."""
    sheet = life.folder / f"{act.now[:10]}.complaints.csv"
    found = life.some(act, "contact")
    if found and not sheet.exists():
        name = act.desk.ok(act.now, "contact", "show", found[1])["name"]
        sheet.write_text(f"contact,text,received_at\n{name},{life.marker()},{act.now[:10]} 07:00\n", "utf-8")
    if sheet.exists():
        act.desk.run(act.now, "import", str(sheet), "--as", "complaints")  # perhaps they have another name here
        rows = act.desk.ok(act.now, "complaint", "list", "--all")
        row = act.rng.choice(rows) if rows else None
        if row:
            act.desk.ok(act.now, "log", str(row["contact_id"]), life.marker(), "--complaint", str(row["id"]))


ACTS: tuple[tuple[Callable[[Life, Act], None], int], ...] = (
    *((add, 5), (edit, 6), (log, 6), (plan, 4), (work_on_callback, 6), (complain, 3), (work_on_complaint, 8)),
    *((promise, 2), (work_on_promise, 3), (tag, 2), (untag, 1), (set_field, 3), (rename, 1), (edit_followup, 2)),
    *((edit_complaint, 2), (consent, 2), (survey, 2), (answer, 2), (supervise, 2), (attach, 2), (declare, 1)),
    *((add_company, 1), (edit_company, 2), (delete, 1), (merge, 1), (undo, 2), (same_person, 1)),
    *((plan_notices, 2), (same_complaints, 1)),
)
