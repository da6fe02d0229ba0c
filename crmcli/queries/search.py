"""Searching everything, best match first: who is named so or reached so, then everything in whose text it occurs.

What a text may name is asked of ordinary indexes, every other occurrence of the search index. Of that no more than
SEARCHED matches are read, those entered last, so that a common word is found as fast as a rare one.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from crmcli.queries.parties import tiers
from crmcli.queries.reader import Reader, Row, at_one_moment
from crmcli.rules.names import clean, fts_query, search_parts, segment
from crmcli.store.search import ENTITIES

SEARCHED = 2000
COMPARED = 300
"""So many matches of a kind are looked at to tell which are the newest, or whose name it is that matched."""
_KINDS = {number: kind for kind, number in ENTITIES.items()}
_PARTIES = ("contact", "company")
_LONGEST = 200
"""Characters of a search; whoever pastes a page looks for its beginning."""
_UNFINISHED = 4
_COLLEAGUES = 5
"""So many of a company's contacts follow it."""
_SNIPPET = 80
_BEFORE = 24
"""Characters before the match that a snippet shows."""

Key = tuple[str, int]
"""Kind and id of a record."""


class Found(NamedTuple):
    """The best matches, whether there are more, and the pattern of what matched, for marking it."""

    rows: list[Row]
    more: bool
    pattern: re.Pattern[str]


class _Sought(NamedTuple):
    """What is looked for: the text, each of its parts as a pattern, and whether what touches is one part (A厂)."""

    text: str
    patterns: tuple[re.Pattern[str], ...]
    together: bool

    @property
    def may_be_unfinished(self) -> bool:
        """Whether words of which only the beginning was typed are looked for: few words, and no single letters.

        FTS5 gathers every record with any such word before it returns the first.
        """
        return len(self.patterns) <= _UNFINISHED and all(len(word) > 1 for word in self.text.split())

    def in_all(self, text: str) -> bool:
        """Return whether every part occurs in the text."""
        return all(pattern.search(text) for pattern in self.patterns)

    def first_in(self, text: str) -> re.Match[str] | None:
        """Return the first occurrence of any part."""
        found = [match for pattern in self.patterns if (match := pattern.search(text))]
        return min(found, key=re.Match.start, default=None)


@at_one_moment
def find(reader: Reader, text: str, limit: int) -> Found:
    """Return the records in which the text occurs, at most `limit`; without a letter or digit, who is named so.

    Letters and the Chinese that they touch are looked for side by side (A厂), and apart only where they are not found.
    """
    text = clean(text[:_LONGEST])
    parts = search_parts(text, together=True)
    found = _find(reader, text, parts, limit, together=True)
    if not found.rows and (apart := search_parts(text)) != parts:
        return _find(reader, text, apart, limit, together=False)
    return found


def _find(reader: Reader, text: str, parts: Sequence[tuple[str, str]], limit: int, *, together: bool) -> Found:
    sought = _Sought(text, tuple(_pattern(kind, part) for kind, part in parts), together)
    pattern = re.compile("|".join(part.pattern for part in sought.patterns) or "(?!)", re.IGNORECASE)
    if not text:
        return Found([], more=False, pattern=pattern)
    enough = limit + 1
    keys: dict[Key, None] = {}
    _collect(keys, _with_colleagues(reader, _named(reader, text, enough)), enough)
    later: list[Row] = []
    if parts and len(keys) < enough:
        others = _occurrences(reader, sought, enough + len(keys))
        _collect(keys, _with_colleagues(reader, _by_name(reader, others, sought)), enough)
        if len(keys) < enough:
            unknown = [key for key in others if key not in keys]
            later = _rows(reader, _newest(reader, unknown, enough), sought)
    rows = _rows(reader, list(keys), sought) + later
    return Found(rows[:limit], len(rows) > limit, pattern)


def _collect(keys: dict[Key, None], more: Iterable[Key], enough: int) -> None:
    """Add new keys in their order until there are enough."""
    for key in more:
        if len(keys) >= enough:
            return
        keys.setdefault(key)


def _pattern(kind: str, part: str) -> re.Pattern[str]:
    """Return the pattern of one part: digits with or without what is written between them, Chinese, too; words."""
    if kind == "number":
        digits = [char for char in part if char.isdecimal()]
        return re.compile(r"[ \-.()/]*".join(digits))
    return re.compile(r"[\W_]*".join(map(re.escape, segment(part).split(" "))), re.IGNORECASE)


def _named(reader: Reader, text: str, limit: int) -> Iterator[Key]:
    """Yield whom the text names, the most exact first: number, address, handle, name, pinyin, initials, beginnings."""
    levels = zip(*(tiers(name, text, reader.country) for name in _PARTIES), strict=True)
    for level in levels:
        for name, (condition, values) in zip(_PARTIES, level, strict=True):
            rows = reader.all(f"SELECT id, sort_key FROM {name} WHERE {condition} LIMIT {limit}", values)
            for row in sorted(rows, key=lambda row: (row["sort_key"], row["id"])):
                yield name, row["id"]


def _with_colleagues(reader: Reader, keys: Iterable[Key]) -> Iterator[Key]:
    """Yield the records, and after a company some of those who work there."""
    for key in keys:
        yield key
        if key[0] == "company":
            sql = f"SELECT id FROM contacts WHERE company_id = :id LIMIT {_COLLEAGUES}"
            yield from (("contact", row["id"]) for row in reader.all(sql, {"id": key[1]}))


def _occurrences(reader: Reader, sought: _Sought, wanted: int) -> list[Key]:
    """Return the newest records that the index has for the text: with whole words, and with beginnings if too few."""
    found: dict[int, None] = {}
    queries = [fts_query(sought.text, whole=True, together=sought.together)]
    if sought.may_be_unfinished:
        queries.append(fts_query(sought.text, together=sought.together))
    for query in dict.fromkeys(queries):
        if len(found) < wanted:
            sql = f"SELECT rowid FROM search WHERE search MATCH :query ORDER BY rowid DESC LIMIT {SEARCHED}"
            found |= dict.fromkeys(row[0] for row in reader.all(sql, {"query": query}))
    if len(found) >= SEARCHED and len(sought.text) == 1:  # a character that is everywhere may still be part of a name
        sql = f"SELECT rowid FROM search WHERE search MATCH :query LIMIT {wanted}"
        found |= dict.fromkeys(row[0] for row in reader.all(sql, {"query": f"name : {fts_query(sought.text)}"}))
    return [(_KINDS[rowid % 8], rowid // 8) for rowid in found]


def _newest(reader: Reader, found: Sequence[Key], limit: int) -> list[Key]:
    """Return the newest of the records, by when they happened, are due or were in touch; the newest first."""
    parts = [
        f"SELECT '{kind}' AS kind, id, {_AT[kind]} AS at FROM {_VIEWS[kind]} WHERE id IN ({ids})"
        for kind in ENTITIES
        if (ids := _ids(found, kind, max(COMPARED, limit)))
    ]
    sql = f"SELECT kind, id FROM ({' UNION ALL '.join(parts)}) ORDER BY at DESC LIMIT {limit}"
    return [(row["kind"], row["id"]) for row in reader.all(sql)] if parts else []


def _ids(keys: Iterable[Key], kind: str, most: int | None = None) -> str:
    """Return the ids of one kind as an SQL list, no more than `most`."""
    return ", ".join([str(id_) for name, id_ in keys if name == kind][:most])


def _by_name(reader: Reader, found: Sequence[Key], sought: _Sought) -> Iterator[Key]:
    """Yield the contacts and companies whose name, pinyin, number or address it is that matched."""
    for name in _PARTIES:
        if not (ids := _ids(found, name, COMPARED)):
            continue
        points = f"SELECT group_concat(p.value, ' ') FROM contact_point p WHERE p.{name}_id = r.id"
        rows = reader.all(
            f"SELECT r.id, r.name, r.pinyin, r.initials, ({points}) FROM {name} r WHERE r.id IN ({ids}) "
            "ORDER BY r.sort_key, r.id"
        )
        for row in rows:
            if sought.in_all(" ".join(filter(None, row[1:]))):
                yield name, row[0]


def _rows(reader: Reader, keys: Sequence[Key], sought: _Sought) -> list[Row]:
    """Return the records as the contract's hits, in this order."""
    hits: dict[Key, Row] = {}
    for kind, columns in _COLUMNS.items():
        ids = _ids(keys, kind)
        sql = f"SELECT id, {columns}, {_AT[kind]} AS at FROM {_VIEWS[kind]} WHERE id IN ({ids})"
        for row in reader.all(sql) if ids else ():
            about = " · ".join(filter(None, (row["about"], row["detail"])))
            hits[kind, row["id"]] = {
                "kind": kind,
                "id": row["id"],
                "contact_id": row["contact_id"],
                "contact": row["contact"],
                "text": _said(row, about, sought) if kind in _PARTIES else _snippet(_best(row, sought), sought),
                "at": reader.local(row["at"]),
                "company": row["name"] if kind == "company" else None,
            }
    return [hits[key] for key in keys if key in hits]


def _said(row: Any, about: str, sought: _Sought) -> str:
    """Return what a contact or company is, and where it matched when that is neither in the name nor there."""
    if sought.first_in(row["name"]) or sought.first_in(about):
        return " · ".join(filter(None, (about, row["phone"])))
    points = [point["value"] for point in json.loads(row["reach"])]
    texts = [*points, row["region"], row["address"], *json.loads(row["tags"]), row["notes"]]
    texts += [f"{key}: {value}" for key, value in json.loads(row["fields"]).items()]
    where = next((text for text in texts if text and sought.first_in(text)), row["phone"])
    return " · ".join(filter(None, (about, where and _snippet(where, sought))))


def _best(row: Any, sought: _Sought) -> str:
    """Return the text of a record in which it occurs."""
    texts = [row["about"] or "", row["detail"] or ""]
    return next((text for text in texts if sought.first_in(text)), texts[0])


def _snippet(text: str, sought: _Sought) -> str:
    """Return the part of a text around the match, on one line."""
    text = " ".join(text.split())
    if len(text) <= _SNIPPET:
        return text
    match = sought.first_in(text)
    start = min(max(0, match.start() - _BEFORE if match else 0), len(text) - _SNIPPET)
    end = start + _SNIPPET
    return ("…" if start else "") + text[start:end].strip() + ("…" if end < len(text) else "")


_VIEWS = {
    "contact": "contacts",
    "company": "companies",
    "followup": "followups",
    "callback": "callbacks",
    "complaint": "complaints",
    "answer": "answers",
    "promise": "promises",
}
_AT = {
    "contact": "last_contact_at",
    "company": "updated_at",
    "followup": "at",
    "callback": "due",
    "complaint": "received_at",
    "answer": "updated_at",
    "promise": "due",
}
_FIRST_PHONE = "(SELECT p.value FROM contact_point p WHERE p.{0}_id = {1}.id AND p.kind = 'phone' LIMIT 1) AS phone"
_COLUMNS = {
    "contact": (
        "id AS contact_id, name AS contact, name, company AS about, title AS detail, region, address, tags, reach, "
        f"notes, fields, {_FIRST_PHONE.format('contact', 'contacts')}"
    ),
    "company": (
        "NULL AS contact_id, NULL AS contact, name, name AS about, industry AS detail, region, address, tags, "
        "(SELECT json_group_array(json_object('value', p.value)) FROM contact_point p "
        "WHERE p.company_id = companies.id) AS reach, "
        f"notes, fields, {_FIRST_PHONE.format('company', 'companies')}"
    ),
    "followup": "contact_id, contact, text AS about, outcome AS detail",
    "callback": "contact_id, contact, purpose AS about, NULL AS detail",
    "complaint": (
        "contact_id, contact, text AS about, (SELECT group_concat(s.note, ' · ') FROM complaint_step s "
        "WHERE s.complaint_id = complaints.id) AS detail"
    ),
    "answer": "NULL AS contact_id, NULL AS contact, question AS about, answer AS detail",
    "promise": "contact_id, contact, text AS about, outcome AS detail",
}
