"""The same work in other tools, where they are installed: `python -m benchmarks --compare`.

Each gets the same customers, each with something to do on a day, in the form that it reads, in a home of its own. What
a tool can't do is left out of its row; one that keeps a file for each record, or takes minutes, gets fewer.
"""

import csv
import json
import shutil
import sqlite3
import statistics
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.ground import Ground
from benchmarks.measure import Program, RunFailedError, run
from benchmarks.words import CUSTOMER

_FILE = "{home}/customers.csv"
_MANY = 1_000_000
_QUESTIONS = ("help", "small", "due", "list", "find", "import")
_LINE = "{:<14}{:>9}" + "{:>11}" * len(_QUESTIONS)


class Customer(NamedTuple):
    """One customer, and the day of what is to be done."""

    name: str
    phone: str
    email: str
    company: str
    due: date


class Tool(NamedTuple):
    """How a tool gets its data and how it is asked; words may hold `{home}`, the folder that is its home."""

    program: str
    """What it is called on the PATH; empty where that name is another tool's, too: `--tool NAME=PROGRAM` names it."""
    ask: Mapping[str, tuple[str, ...]]
    """Its arguments for each of _QUESTIONS that it can answer."""
    write: Callable[[Path, list[Customer]], None]
    """Writes its settings, and the data in the form it reads."""
    load: tuple[tuple[str, ...], ...] = ()
    """Its arguments that make it take in the data; the first is what an import is measured by."""
    stored: Callable[[Path, list[Customer]], None] | None = None
    """Writes the data where there is no import, after the first of `load`."""
    most: int = _MANY


def compare(ground: Ground, tools: Mapping[str, str], rounds: int) -> dict[str, Any]:
    """Measure every tool that is there, print a table, and return it as a JSON object: medians in seconds."""
    print(_LINE.format("tool", "contacts", *_QUESTIONS))
    rows = []
    for name, tool in TOOLS.items():
        program = shutil.which(tools.get(name) or tool.program) if tools.get(name) or tool.program else None
        if program is None:
            print(f"{name:<14} not here: install it, or name it with --tool {name}=PROGRAM", flush=True)
            continue
        try:
            row = {"tool": name, **_measured(ground, name, tool, program, rounds)}
        except RunFailedError as error:
            print(f"{name:<14} failed: {error}", flush=True)
            continue
        cells = (f"{row[asked] * 1000:,.0f} ms" if asked in row else "–" for asked in _QUESTIONS)
        print(_LINE.format(name, f"{row['contacts']:,}", *cells), flush=True)
        rows.append(row)
    return {"small": ground.small, "rounds": rounds, "tools": rows}


def _measured(ground: Ground, name: str, tool: Tool, program: str, rounds: int) -> dict[str, Any]:
    """Return what each question costs; `small` is what is due, else the list, on the small data."""
    small, large = min(ground.small, tool.most), min(ground.large, tool.most)
    row: dict[str, Any] = {"contacts": large}
    for size, asked in ((small, ("help", "small")), (large, ("due", "list", "find", "import"))):
        home = ground.folder / f"home-{name}-{size}"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        begun = _loaded(ground, tool, program, home, _customers(ground.csv(size)))
        if "import" in asked and begun is not None:
            row["import"] = begun
        for question in asked:
            words = tool.ask.get(question) or (tool.ask.get("due", tool.ask["list"]) if question == "small" else None)
            if words:
                runs = [run(_program(ground, program, home, words)).wall for _round in range(rounds + 1)]
                row[question] = statistics.median(runs[1:])
    return row


def _loaded(ground: Ground, tool: Tool, program: str, home: Path, customers: list[Customer]) -> float | None:
    """Give a tool its data and return how long its own import took, None where it has none."""
    tool.write(home, customers)
    took = [run(_program(ground, program, home, words)).wall for words in tool.load[:1]]
    if tool.stored:
        tool.stored(home, customers)
    for words in tool.load[1:]:
        run(_program(ground, program, home, words))
    return took[0] if took and not tool.stored else None


def _program(ground: Ground, program: str, home: Path, words: tuple[str, ...]) -> Program:
    environ = {**ground.environ(), "HOME": str(home), "CRM_DB": str(home / "crm.db")}
    environ |= {"TASKRC": str(home / "taskrc"), "TASKDATA": str(home / "tasks"), "NARAD_HOME": str(home / "narad")}
    return Program((program, *(word.format(home=home) for word in words)), environ, terminal=True)


def _customers(file: Path) -> list[Customer]:
    """Return the customers of a file to import, each with a day: one in six is past, by the real clock."""
    today = date.today()  # noqa: DTZ011 - the other tools know no other present
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    days = (today + timedelta(days=number * 7 % 120 - 20) for number in range(len(rows)))
    return [Customer(row[0], row[1], row[2], row[3], due) for row, due in zip(rows, days, strict=True)]


def _table(*heading: str) -> Callable[[Path, list[Customer]], None]:
    """Return what writes a CSV file with this heading."""

    def write(home: Path, customers: list[Customer]) -> None:
        with (home / "customers.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([heading, *(customer[: len(heading)] for customer in customers)])

    return write


def _cards(home: Path, customers: list[Customer]) -> None:
    """Write khard's settings and a vCard for each customer."""
    settings, cards = home / ".config/khard", home / "cards"
    for folder in (settings, cards):
        folder.mkdir(parents=True)
    (settings / "khard.conf").write_text(f"[addressbooks]\n[[desk]]\npath = {cards}\n")
    for number, (name, phone, email, company, _due) in enumerate(customers):
        lines = ["BEGIN:VCARD", "VERSION:4.0", f"UID:{number}", f"FN:{name}", f"N:{name};;;;", f"ORG:{company}"]
        lines += [f"TEL;TYPE=cell:{phone}", f"EMAIL:{email}", "END:VCARD", ""]
        (cards / f"{number}.vcf").write_text("\r\n".join(lines), "utf-8", newline="")


def _todos(home: Path, customers: list[Customer]) -> None:
    """Write todoman's settings and an iCalendar file for each thing to do."""
    settings, todos = home / ".config/todoman", home / "lists/desk"
    for folder in (settings, todos):
        folder.mkdir(parents=True)
    (settings / "config.py").write_text(f'path = "{home}/lists/*"\ndate_format = "%Y-%m-%d"\ntime_format = "%H:%M"\n')
    for number, customer in enumerate(customers):
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//crm//benchmarks//EN", "BEGIN:VTODO", f"UID:{number}"]
        lines += ["DTSTAMP:20261101T000000Z", f"SUMMARY:{customer.name} {customer.company}"]
        lines += [f"DUE;VALUE=DATE:{customer.due:%Y%m%d}", "STATUS:NEEDS-ACTION", "END:VTODO", "END:VCALENDAR", ""]
        (todos / f"{number}.ics").write_text("\r\n".join(lines), "utf-8", newline="")


def _tasks(home: Path, customers: list[Customer]) -> None:
    """Write taskwarrior's settings and its JSON."""
    (home / "tasks").mkdir()
    (home / "taskrc").write_text(f"data.location={home}/tasks\nconfirmation=no\nnews.version=2.6.0\nverbose=nothing\n")
    tasks = [
        {
            "uuid": f"00000000-0000-4000-8000-{number:012}",
            "description": f"{customer.name} {customer.company}",
            "status": "pending",
            "entry": "20261101T000000Z",
            "due": f"{customer.due:%Y%m%d}T000000Z",
        }
        for number, customer in enumerate(customers)
    ]
    (home / "tasks.json").write_text(json.dumps(tasks, ensure_ascii=False), "utf-8")


def _nothing(_home: Path, _customers: list[Customer]) -> None:
    """Write nothing: the tool makes its own files."""


def _narad(home: Path, customers: list[Customer]) -> None:
    """Put the customers into narad's own tables: it has no import, and a process for each would take days."""
    with closing(sqlite3.connect(home / "narad" / "narad.db")) as connection, connection:
        connection.executemany(
            "INSERT INTO contacts (id, name, phone, email) VALUES (?, ?, ?, ?)",
            ((number, who.name, who.phone, who.email) for number, who in enumerate(customers, 1)),
        )
        connection.executemany(
            "INSERT INTO tasks (title, contact_id, due_at) VALUES ('call', ?, ?)",
            ((number, f"{who.due:%Y-%m-%d}") for number, who in enumerate(customers, 1)),
        )


_DUE = "SELECT * FROM customers WHERE due <= date('now') ORDER BY due LIMIT 50"
_DATABASE = "{home}/plain.db"

TOOLS = {
    "crm": Tool(
        "crm",
        {"help": ("--help",), "due": ("today",), "list": ("list",), "find": ("find", CUSTOMER)},
        _table("姓名", "手机", "邮箱", "公司", "下次联系时间"),
        (("import", _FILE),),
    ),
    "sqlite-utils": Tool(
        "sqlite-utils",
        {
            "help": ("--help",),
            "due": (_DATABASE, _DUE),
            "list": ("rows", _DATABASE, "customers", "--limit", "50"),
            "find": ("search", _DATABASE, "customers", CUSTOMER),
        },
        _table("name", "phone", "email", "company", "due"),
        (
            ("insert", _DATABASE, "customers", _FILE, "--csv", "--silent"),
            ("enable-fts", _DATABASE, "customers", "name", "phone", "email", "company"),
        ),
    ),
    "khard": Tool("khard", {"help": ("--help",), "list": ("list",), "find": ("list", CUSTOMER)}, _cards, most=20_000),
    "todoman": Tool(
        "todo",
        {
            "help": ("--help",),
            "due": ("list", "--due", "24"),
            "list": ("list",),
            "find": ("list", "--grep", CUSTOMER),
        },
        _todos,
        most=20_000,
    ),
    "taskwarrior": Tool(
        "task",
        {
            "help": ("--version",),
            "due": ("overdue", "limit:50"),
            "list": ("list", "limit:50"),
            "find": (f"/{CUSTOMER}/", "list"),
        },
        _tasks,
        (("import", "{home}/tasks.json"),),
    ),
    "narad": Tool(
        "narad",
        {"help": ("--help",), "due": ("today",), "list": ("list", "contacts"), "find": ("search", CUSTOMER)},
        _nothing,
        (("init",), ("search-reindex",)),
        _narad,
    ),
    "crm.cli": Tool(
        "",
        {"help": ("--help",), "list": ("contact", "list", "--limit", "50"), "find": ("search", CUSTOMER)},
        _table("name", "phone", "email", "company"),
        (("import", "contacts", _FILE),),
        most=1_000,
    ),
}
"""Every tool whose command lines were tried."""
