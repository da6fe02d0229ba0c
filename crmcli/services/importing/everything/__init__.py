"""A whole database, as an export of everything has it.

Each kind of record is imported as a file of its own, in an order in which what is pointed at is there first. Then the
links are made: an export names by uid what a file of one kind can only name by name, or not at all.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from crmcli.exchange.csvfile import Row
from crmcli.exchange.jsonfile import Objects
from crmcli.i18n import _
from crmcli.nouns import CONTENT, RECORD
from crmcli.queries.everything import CHANGED, LINKS, ORDER
from crmcli.queries.versions import PLANNER
from crmcli.services.importing import cells as cell
from crmcli.services.importing import import_rows
from crmcli.services.importing.differences import Written
from crmcli.services.importing.everything.attachments import Taking, put_attachment, take_contents
from crmcli.services.importing.everything.declared import put_field, put_notice, put_preset
from crmcli.services.importing.everything.desk import put_answer, put_supervision
from crmcli.services.importing.everything.levels import put_level
from crmcli.services.importing.identity import (
    left_of,
    list_other_uids,
    note_other_uids,
    put_distinct,
    put_former,
)
from crmcli.services.importing.plan import Plan, RejectedError, Summary
from crmcli.services.importing.surveys import put_question, put_survey
from crmcli.services.importing.told import stamps
from crmcli.services.importing.versions import STAMPS, stage_versions, weigh_cells
from crmcli.services.importing.within import name_in_steps, name_planners
from crmcli.services.importing.words import Words
from crmcli.store.transaction import Transaction
from crmcli.when.stored import moment_text

_TABLES = (
    "turned_away (row INTEGER PRIMARY KEY, field TEXT, value TEXT, message TEXT)",
    "link (record TEXT, uid TEXT, field TEXT, target TEXT)",
)
"""`turned_away`: the rejected rows of all parts. `link`: which records point at which."""

_COMPANIES = """
SELECT DISTINCT l.target, c.name FROM link l LEFT JOIN former_uid f ON f.uid = l.target
JOIN company c ON c.uid = l.target OR c.id = f.company_id
WHERE l.record = 'contact' AND l.field = 'company_uid'
"""
"""What the companies are called here that contacts name by uid: who merged or renamed one has none of the old name."""

_CONSENT = """
INSERT INTO consent (contact_id, channel, answer, at, source, actor, created_at)
SELECT :contact, :channel, :answer, :at, :source, :actor, :created_at
WHERE :times > (
    SELECT count(*) FROM consent
    WHERE contact_id = :contact AND channel = :channel AND answer = :answer AND at = :at
        AND (source IS :source OR :source IS NULL)
)
"""
"""Who said no, yes and no again on one day has said no twice: the last answer is the one that holds."""
_LINKED = (
    *(
        f"UPDATE link SET {column} = r.uid FROM other_uid x JOIN {noun} r ON r.id = x.id "
        f"WHERE x.noun = '{noun}' AND x.key = link.{column}"
        for noun in sorted({table for links in LINKS.values() for table, _column in links.values()})
        for column in ("uid", "target")
    ),
    "DELETE FROM link WHERE uid IN (SELECT uid FROM former_uid)",
    """
    UPDATE link SET target = r.uid FROM former_uid f JOIN (
        SELECT 'contact' AS noun, id, uid FROM contact UNION ALL SELECT 'company', id, uid FROM company
    ) r ON r.id = coalesce(f.contact_id, f.company_id) AND r.noun = iif(f.contact_id IS NULL, 'company', 'contact')
    WHERE f.uid = link.target
    """,
)
"""Records that have another uid here; who was merged away points nowhere, what pointed there points at the one left."""

_LINK = """
INSERT INTO complaint_link (complaint_id, other_id, improvement, created_at)
SELECT c.id, o.id, :text, :now FROM complaint c LEFT JOIN complaint o ON o.uid = :other
WHERE c.uid = :uid AND (o.id <> c.id OR :text IS NOT NULL) AND NOT EXISTS (
    SELECT 1 FROM complaint_link l
    WHERE l.complaint_id = c.id AND l.other_id IS o.id AND l.improvement IS :text
        OR l.complaint_id = o.id AND l.other_id = c.id
)
"""


class Part:
    """The records of one kind as rows, with the same interface as crmcli.exchange.csvfile.Rows, without links."""

    encoding = "utf-8"
    delimiter = ","

    def __init__(self, objects: Objects, record: str) -> None:
        self.record = record
        links = [PLANNER] if record == "callback" else LINKS.get(record, {})
        self.links = [name for name in links if name in objects.parts[record]]
        self.header = [name for name in objects.parts[record] if name not in {RECORD, CHANGED, *self.links}]
        self.left_out: dict[str, int] = {}
        self.companies: dict[str, str] = {}
        """The names of companies by the uids that the records name beside them."""
        self._objects = objects

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows; UsageError where the file can't be read on."""
        for number, cells in self._objects.part(self.record):
            if company := self.companies.get(cells.get("company_uid", "")):
                cells["company"] = company
            yield Row(number, [cells.get(name, "") for name in self.header])

    def numbered(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the numbers of the rows, and what their records say besides: how old they are, and their links."""
        return self._objects.part(self.record, ("uid", *STAMPS, CHANGED, *self.links))

    def targets(self, cells: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
        """Yield record, uid, field and target of every link of a record."""
        uid = cells.get("uid", "")
        yield from ((self.record, uid, name, cells[name]) for name in self.links if uid and cells.get(name))

    def close(self) -> None:
        """Give up reading; the file belongs to the objects."""


def import_everything(
    tx: Transaction, objects: Objects, plan_of: Callable[[Part], Plan], taking: Taking, actor: str
) -> Summary:
    """Write all records of the file; `plan_of` says how those of one kind are read. `left_out` counts the others.

    Raises what `import_rows` raises.
    """
    for table in _TABLES:
        tx.connection.execute(f"CREATE TEMP TABLE {table}")
    list_other_uids(tx.connection)
    summary = Summary()
    words = Words(tx, exported=True)
    if CONTENT in objects.parts:
        take_contents(objects, taking.contents)
    one_by_one = _one_by_one(tx, words, taking, actor)
    for record in filter(objects.parts.__contains__, ORDER):
        put = one_by_one.get(record)
        weighed = partial(weigh_cells, tx, record, may_empty=taking.replace)
        done = (
            _each(tx, objects.part(record), weighed, put, None if taking.keep else Written(tx, record))
            if put
            else _import_part(tx, Part(objects, record), plan_of)
        )
        summary = _sum(summary, done)
    _make_links(tx)
    name_planners(tx)
    name_in_steps(tx)
    _link_complaints(tx, objects, taking.now)
    objects.left_out = {record: count for record, count in objects.counts.items() if record not in {*ORDER, CONTENT}}
    tx.connection.execute("CREATE TEMP TABLE rejected AS SELECT * FROM turned_away")
    return summary


def _one_by_one(
    tx: Transaction, words: Words, taking: Taking, actor: str
) -> dict[str, Callable[[dict[str, str]], str]]:
    """Return what writes a record of which kind, where they are written one by one."""
    return {
        "preset": partial(put_preset, tx),
        "vocabulary": words.put,
        "service-level": partial(put_level, tx, words=words),
        "field": partial(put_field, tx),
        "notice": partial(put_notice, tx, words),
        "question": partial(put_question, tx),
        "former": partial(put_former, tx),
        "distinct": partial(put_distinct, tx),
        "supervision": partial(put_supervision, tx, now=taking.now),
        "answer": partial(put_answer, tx, words=words, now=taking.now),
        "survey": partial(put_survey, tx, words=words, now=taking.now),
        "consent": partial(_put_consent, tx, words, taking.now, actor, Counter()),
        "attachment": partial(_put_attachment, tx, taking),
    }


def _import_part(tx: Transaction, part: Part, plan_of: Callable[[Part], Plan]) -> Summary:
    """Import the records of one kind, and clear away what that left in temporary tables."""
    connection = tx.connection
    tables = "SELECT name FROM sqlite_temp_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    before = {name for (name,) in connection.execute(tables)}
    plan = plan_of(part)
    plan = plan._replace(versions=True, whose=plan.names_owners)
    stage_versions(connection, _linked(connection, part))
    known = f" AND uid NOT IN (SELECT uid FROM {part.record})" * (plan.on_duplicate == "skip")
    connection.execute(f"DELETE FROM link WHERE record = ? AND NOT (TRUE{known})", (part.record,))
    if part.record == "contact":
        part.companies.update(connection.execute(_COMPANIES).fetchall())
    summary = import_rows(tx, part, plan)
    note_other_uids(connection, part.record)
    connection.execute("INSERT INTO turned_away SELECT * FROM rejected")
    for (name,) in connection.execute(tables).fetchall():
        if name not in before:
            connection.execute(f'DROP TABLE temp."{name}"')
    return summary


def _linked(connection: sqlite3.Connection, part: Part) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the numbered records, and note their links."""
    for number, cells in part.numbered():
        connection.executemany("INSERT INTO link VALUES (?, ?, ?, ?)", part.targets(cells))
        yield number, cells


def _make_links(tx: Transaction) -> None:
    """Let records point at what they pointed at where they come from."""
    for statement in _LINKED:
        tx.connection.execute(statement)
    tx.connection.execute("CREATE INDEX temp.link_uid ON link (record, field, uid)")
    for record, links in LINKS.items():
        for field, (table, column) in links.items() if record in {"contact", "followup", "promise"} else ():
            tx.connection.execute(
                f"UPDATE {record} SET {column} = t.id FROM link l CROSS JOIN {table} t ON t.uid = l.target "
                f"WHERE l.record = ? AND l.field = ? AND {record}.uid = l.uid AND {record}.{column} IS NOT t.id",
                (record, field),
            )


def _link_complaints(tx: Transaction, objects: Objects, now: datetime) -> None:
    """Connect complaints with each other, and with the improvements that came of them, as they were."""
    for _number, cells in objects.part("complaint", ("uid", "links")) if "complaint" in objects.parts else ():
        try:
            links = [
                (cell.told(link["complaint_uid"]), cell.told(link["text"]))
                for link in json.loads(cells.get("links") or "[]")
            ]
        except (ValueError, TypeError, KeyError, RecursionError):
            continue  # no export of ours wrote it
        for other, text in links:
            values = {"uid": cells.get("uid"), "other": other, "text": None if other else text or ""}
            tx.connection.execute(_LINK, {**values, "now": moment_text(now)})


def _each(
    tx: Transaction,
    records: Iterable[tuple[int, dict[str, str]]],
    weigh: Callable[[dict[str, str]], tuple[dict[str, str], bool]],
    put: Callable[[dict[str, str]], str],
    written: Written | None,
) -> Summary:
    """Write records one by one; `put` says what became of each, and `written` is told where somebody looks on."""
    counts = Summary()._asdict()
    for number, cells in records:
        counts["read"] += 1
        try:
            weighed, emptied = weigh(cells)
            done = put(weighed)
            done = "updated" if emptied and done == "unchanged" else done
            counts[done] += 1
            if written:
                written.note(number, cells, done)
        except RejectedError as error:
            counts["rejected"] += 1
            tx.connection.execute(
                "INSERT INTO turned_away VALUES (?, ?, ?, ?)", (number, error.field, error.value, error.message)
            )
    return Summary(**{**counts, "differences": tuple(written.lines) if written else ()})


def _put_attachment(tx: Transaction, taking: Taking, cells: dict[str, str]) -> str:
    return put_attachment(tx, cells, taking)


def _put_consent(
    tx: Transaction, words: Words, now: datetime, actor: str, said: Counter[tuple[Any, ...]], cells: dict[str, str]
) -> str:
    """Add an answer that is not there as often as the file has said it by now."""
    uid = cells.get("contact_uid", "")
    contact = left_of(tx, "contact", uid)
    if contact is None:
        raise RejectedError("contact_uid", uid, _("there is no such contact"))
    channel = words.code("consent_channel", "channel", cells.get("channel", ""))
    words.add("consent_channel", [channel])
    answer = {
        "contact": contact,
        "channel": channel,
        "answer": words.code("consent", "answer", cells.get("answer", "")),
        "at": cell.moment("at", cells.get("at", "")),
        "source": cells.get("source") or None,
    }
    key = (uid, *answer.values())  # two who are one here may both have said it
    said[key] += 1
    values = {**answer, "times": said[key], "actor": cells.get("actor") or actor, **stamps(cells, now)}
    return "created" if tx.connection.execute(_CONSENT, values).rowcount else "unchanged"


def _sum(one: Summary, other: Summary) -> Summary:
    """Return the counts, and the differences, of both."""
    mine, others = one._asdict(), other._asdict()
    return Summary(**{name: mine[name] + others[name] for name in mine})
