"""The databases and files that are measured: made by set-based SQL, the same every time, as the program leaves them.

    python -m benchmarks.data database PATH CONTACTS
    python -m benchmarks.data csv PATH CONTACTS
    python -m benchmarks.data quiet PATH CONTACTS

It runs as a process of its own, since a process inherits the peak memory of the one that started it.
"""

import csv
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from sqlite3 import Connection

from benchmarks.words import CHOICES, companies, people
from crmcli.services.parties import names
from crmcli.store.connection import connect
from crmcli.store.database import open_database
from crmcli.store.schema import drop_derived, make_derived

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
"""The present of the databases, 09:00 in Shanghai; `CRM_NOW` says so to the program."""

SEED = 20261125
_PEOPLE = 20_000
"""So many different names; above that, customers share them."""
_COMPANIES = 9_600
_NUMBERED = (
    "WITH RECURSIVE numbers (n) AS (SELECT 1 WHERE :count > 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)"
)
_FACTORS = (2654435761, 2246822519, 3266489917, 668265263, 374761393, 2860486313, 1500450271, 3267000013, 982451653)
_OWN_FOLLOWUPS = 12
"""So many follow-ups belong to the first contact, whatever the size: what she costs to show is the same."""
_UTC = "'%Y-%m-%dT%H:%M:%SZ'"


def _pick(number: str, salt: int, count: int | str) -> str:
    """Return SQL that scatters a row's number over 0 … count - 1."""
    return f"(({number} * {_FACTORS[salt]} + {salt}) % 4294967296 / 8 % ({count}))"


def _choice(column: str, salt: int) -> str:
    """Return SQL that chooses a value for a column."""
    number = _pick("n", salt, len(CHOICES[column]))
    return f"(SELECT value FROM choice WHERE kind = '{column}' AND number = {number})"


def _moment(seconds: str) -> str:
    """Return SQL for the moment so many seconds before NOW, as the program stores it."""
    return f"strftime({_UTC}, :now - ({seconds}), 'unixepoch')"


def _uid(table: str) -> str:
    return f"format('{table.encode().hex():.8}%024x', n * {_FACTORS[0]})"


_LATELY = f"({_pick('n', 6, 100000)} / 100000.0)"
"""SQL for 0.0 … 1.0; its square is small more often than large."""
_STATEMENTS = (
    (
        "companies",
        f"""INSERT INTO company (uid, name, name_key, pinyin, initials, sort_key, region, fields,
        created_at, updated_at)
        SELECT {_uid("company")}, name, name_key, pinyin, initials, sort_key, {_choice("region", 0)}, '{{}}', at, at
        FROM (SELECT *, number + 1 AS n, {_moment("800 * 86400")} AS at FROM called WHERE kind = 'company')""",
    ),
    (
        "contacts",
        f"""{_NUMBERED} INSERT INTO contact (uid, name, name_key, pinyin, initials, sort_key, company_id, title, class,
        source, region, birthday, owner, fields, created_at, updated_at)
        SELECT {_uid("contact")}, name, name_key, pinyin, initials, sort_key,
            CASE WHEN n % 8 THEN 1 + {_pick("n", 1, ":companies")} END, {_choice("title", 2)}, {_choice("class", 3)},
            {_choice("source", 4)}, {_choice("region", 5)},
            CASE WHEN n % 3 = 0 THEN date('1955-01-01', {_pick("n", 6, 50 * 365)} || ' days') END,
            {_choice("owner", 7)}, '{{}}', at, at
        FROM (SELECT n, {_moment(f"(400 + {_pick('n', 8, 400)}) * 86400")} AS at,
            CASE WHEN n <= :people THEN n - 1 ELSE 1 + {_pick("n", 0, ":people - 1")} END AS whose FROM numbers)
        JOIN called ON kind = 'person' AND number = whose""",
    ),
    (
        "contacts",
        f"""{_NUMBERED} INSERT INTO contact_point (contact_id, kind, label, value, key, digits)
        SELECT n, 'phone', NULL, '+86' || digits, '+86' || digits, digits
        FROM (SELECT n, CAST(13000000000 + n * 6997 AS TEXT) AS digits FROM numbers)""",
    ),
    (
        "contacts",
        """INSERT INTO contact_point (contact_id, kind, value, key)
        SELECT id, 'email', address, address
        FROM (SELECT id, replace(coalesce(pinyin, replace(replace(name_key, ' ', ''), '''', '')), '.', '') || id
            || '@example.com' AS address FROM contact) WHERE id % 5""",
    ),
    (
        "contacts",
        f"""{_NUMBERED} INSERT INTO tag (contact_id, name, key)
        SELECT n, value, value FROM (SELECT n, {_choice("tag", 6)} AS value FROM numbers WHERE n % 4 = 0)""",
    ),
    (
        "followups",
        f"""{_NUMBERED} INSERT INTO followup (uid, contact_id, kind, direction, at, minutes, text, outcome, owner,
        created_at, updated_at)
        SELECT {_uid("followup")}, whose, {_choice("kind", 1)}, CASE WHEN n % 4 THEN 'out' ELSE 'in' END, at, n % 45,
            {_choice("said", 2)}, {_choice("outcome", 3)}, {_choice("owner", 4)}, at, at
        FROM (SELECT n, CASE WHEN n <= {_OWN_FOLLOWUPS} THEN 1 ELSE 1 + {_pick("n", 5, ":contacts")} END AS whose,
            {_moment(f"600 + 86400 * 400 * ({_LATELY} * {_LATELY})")} AS at FROM numbers)""",
    ),
    (
        "callbacks",
        f"""{_NUMBERED} INSERT INTO callback (uid, contact_id, kind, due_on, due_time, zone, due_at, purpose,
        after_done, status, done_at, owner, created_at, updated_at)
        SELECT {_uid("callback")}, 1 + {_pick("n", 1, ":contacts")}, {_choice("planned", 2)}, due_on,
            CASE WHEN n % 2 THEN printf('%02d:30', hour + 8) END, 'Asia/Shanghai',
            CASE WHEN n % 2 THEN printf('%sT%02d:30:00Z', due_on, hour) END, {_choice("purpose", 3)}, 0,
            CASE WHEN open THEN 'open' ELSE 'done' END, CASE WHEN NOT open THEN due_on || 'T09:00:00Z' END,
            {_choice("owner", 4)}, at, at
        FROM (SELECT n, n % 10 = 0 AS open, 1 + n % 9 AS hour, {_moment("90 * 86400")} AS at,
            date(:now - 86400 * CASE WHEN n % 10 THEN 1 + {_pick("n", 5, 300)} ELSE 3 - {_pick("n", 6, 60)} END,
                'unixepoch') AS due_on FROM numbers)""",
    ),
    (
        "complaints",
        f"""{_NUMBERED} INSERT INTO complaint (uid, contact_id, type, category, severity, channel, text, status,
        received_at, respond_by, resolve_by, responded_at, resolved_at, closed_at, created_at, updated_at)
        SELECT {_uid("complaint")}, 1 + {_pick("n", 2, ":contacts")}, 'complaint', {_choice("category", 3)},
            {_choice("severity", 4)}, 'phone', {_choice("complaint", 5)},
            CASE WHEN open THEN 'received' ELSE 'closed' END,
            {_moment("age")}, {_moment("age - 86400")}, {_moment("age - 7 * 86400")},
            CASE WHEN NOT open THEN {_moment("age - 3600")} END,
            CASE WHEN NOT open THEN {_moment("age - 86400")} END,
            CASE WHEN NOT open THEN {_moment("age - 90000")} END, {_moment("age")}, {_moment("age")}
        FROM (SELECT n, n % 12 = 0 AS open, 90000 + {_pick("n", 6, 86400 * 5)}
            + CASE WHEN n % 12 THEN 86400 * {_pick("n", 7, 300)} ELSE 0 END AS age FROM numbers)""",
    ),
    (
        "complaints",
        """INSERT INTO complaint_step (complaint_id, kind, at, actor, status, note)
        SELECT id, 'received', received_at, 'wei', 'received', NULL FROM complaint""",
    ),
)
"""How many rows there are (see `counts`), and what makes them."""


def counts(contacts: int) -> dict[str, int]:
    """Return how many records of each kind a database of so many contacts has."""
    return {
        "contacts": contacts,
        "companies": min(max(contacts // 10, 1), _COMPANIES),
        "followups": contacts * 3,
        "callbacks": contacts // 2,
        "complaints": contacts // 10,
    }


def build_database(path: Path, contacts: int) -> None:
    """Make a database of so many contacts, with follow-ups, callbacks and complaints in proportion."""
    connection = open_database(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA cache_size = -200000")
    connection.execute("BEGIN IMMEDIATE")
    drop_derived(connection)
    size = counts(contacts)
    _fill_words(connection, size)
    values = {**size, "people": min(contacts, _PEOPLE), "now": int(NOW.timestamp())}
    for kind, statement in _STATEMENTS if contacts else ():
        connection.execute(statement, {**values, "count": size[kind]})
    make_derived(connection)
    connection.execute("COMMIT")
    connection.close()


def _fill_words(connection: Connection, size: dict[str, int]) -> None:
    """Make temporary tables of what the statements choose from."""
    columns = ("name", "name_key", "sort_key", "pinyin", "initials")
    connection.execute(
        "CREATE TEMP TABLE called (kind TEXT, number INTEGER, name, name_key, sort_key, pinyin, initials, "
        "PRIMARY KEY (kind, number)) WITHOUT ROWID"
    )
    for kind, called in (
        ("person", people(min(size["contacts"], _PEOPLE), SEED)),
        ("company", companies(size["companies"])),
    ):
        spelt = (names(name) for name in called)
        connection.executemany(
            "INSERT INTO called VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((kind, number, *(row[column] for column in columns)) for number, row in enumerate(spelt)),
        )
    connection.execute("CREATE TEMP TABLE choice (kind TEXT, number INTEGER, value, PRIMARY KEY (kind, number))")
    connection.executemany(
        "INSERT INTO choice VALUES (?, ?, ?)",
        ((kind, number, value) for kind, values in CHOICES.items() for number, value in enumerate(values)),
    )


def silence(path: Path, _contacts: int) -> None:
    """Change a database so that nothing is due now, by the real clock, nor in the next two days."""
    now = datetime.now(UTC)
    soon = now + timedelta(days=2)
    birthdays = [f"{now + timedelta(days=day):%m-%d}" for day in range(-1, 4)]
    connection = connect(path)
    connection.execute("BEGIN IMMEDIATE")
    later = "'+' || (3660 + id % 300) || ' days'"
    connection.execute(
        f"UPDATE callback SET due_on = date(due_on, {later}), due_at = strftime({_UTC}, due_at, {later}) "
        "WHERE status = 'open' AND due_on <= ?",
        (f"{soon:%Y-%m-%d}",),
    )
    connection.execute(
        "UPDATE complaint SET responded_at = received_at, resolved_at = received_at, status = 'resolved' "
        "WHERE resolved_at IS NULL"
    )
    marks = ", ".join("?" * len(birthdays))
    connection.execute(f"UPDATE contact SET birthday = NULL WHERE substr(birthday, -5) IN ({marks})", birthdays)
    connection.execute(
        "UPDATE contact SET class = 'not-interested' WHERE id IN (SELECT s.contact_id FROM contact_state s "
        "JOIN vocabulary v ON v.\"set\" = 'class' AND v.code = s.class WHERE s.open_callbacks = 0 "
        f"AND s.touched_at < strftime({_UTC}, ?, '-' || v.cadence_days || ' days'))",
        (f"{soon:%Y-%m-%dT%H:%M:%SZ}",),
    )
    connection.execute("COMMIT")
    connection.close()


def _csv_rows(count: int) -> Iterator[tuple[str | None, ...]]:
    """Return customers as another program exports them: phones in several formats, addresses, firms, tags."""
    random = Random(SEED)  # noqa: S311 - the same file every time is what is wanted
    called, firms = people(min(count, _PEOPLE), SEED), companies(_COMPANIES)
    forms = ("{}{}{}", "{} {} {}", "{}-{}-{}", "+86 {} {} {}")
    titles, regions, tags = (CHOICES[column] for column in ("title", "region", "tag"))
    for number in range(count):
        digits = str(13000000000 + number * 6997)
        phone = forms[number % 4].format(digits[:3], digits[3:7], digits[7:])
        yield (
            called[number % len(called)],
            phone,
            f"customer{number}@example.com",
            firms[(number * 7 + number // len(called) * 191) % len(firms)],  # nobody twice at the same company
            random.choice(titles),
            random.choice(regions),
            "展会" if number % 3 else "网络",
            random.choice(tags) if number % 4 == 0 else "",
        )


def write_csv(path: Path, count: int) -> None:
    """Write a file of so many contacts, with headings in Chinese."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("姓名", "手机", "邮箱", "公司", "职位", "地区", "来源", "标签"))
        writer.writerows(_csv_rows(count))


def main(what: str, path: str, count: str) -> None:
    """Make a database or a file."""
    {"database": build_database, "quiet": silence, "csv": write_csv}[what](Path(path), int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
