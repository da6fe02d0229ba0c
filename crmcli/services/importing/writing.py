"""Writing contacts and companies from the temporary tables: what is new in one INSERT, what differs in one UPDATE."""

import sqlite3

from crmcli.rules.names import Spelt, spelt
from crmcli.services.importing.differences import Difference, Subject
from crmcli.services.importing.indexing import give_promised_ids
from crmcli.services.importing.parties import Party
from crmcli.services.importing.plan import Plan
from crmcli.services.importing.staging import count, free_uids
from crmcli.services.importing.versions import stamp_of
from crmcli.services.importing.words import Words
from crmcli.store.bulk import insert_many, next_id
from crmcli.store.transaction import Transaction
from crmcli.when.stored import moment_text

_UID = "lower(hex(randomblob(16)))"
_NEXT_UID = "printf('%s%08x%012x', :stamp, n.id, random() & 0xffffffffffff)"
"""Like a UUID of version 7: they follow each other, so that a million are written at the end of their index."""

_NAME = ", ".join(("name", *Spelt._fields))

_REFERRERS = """
INSERT INTO referrer
SELECT w.key, min(found.id) FROM (SELECT DISTINCT referrer_key AS key FROM incoming WHERE referrer_key IS NOT NULL) w
JOIN (
    SELECT name_key, id FROM contact UNION ALL SELECT i.name_key, n.id FROM made n JOIN incoming i ON i.row = n.row
) found ON found.name_key = w.key
GROUP BY w.key HAVING count(*) = 1
"""
"""Who is meant by a name, where that is certain; those whom this file adds count, wherever they stand in it."""

_STRANGERS = """
SELECT i.referrer FROM incoming i LEFT JOIN referrer f ON f.key = i.referrer_key
LEFT JOIN match m ON m.row = i.row
WHERE i.referrer_key IS NOT NULL AND f.id IS NULL AND NOT EXISTS (
    SELECT 1 FROM contact r JOIN contact by ON by.id = r.referred_by_id
    WHERE r.id = m.target AND by.name_key = i.referrer_key
) GROUP BY i.referrer_key ORDER BY min(i.row)
"""
_TOLD = 5

_MOVED = (
    "(i.company_key IS NOT NULL AND i.company_key IS NOT (SELECT name_key FROM company WHERE id = {row}.company_id))"
)
_NO_NAME = (
    "(i.uid IS NOT {row}.uid AND (i.name = i.company OR i.name NOT GLOB '*[^-0-9+ ()./]*' "
    "OR EXISTS (SELECT 1 FROM incoming_point p WHERE p.row = i.row AND p.key = lower(i.name))))"
)
"""The name only says again where somebody works or how they are reached, as address books do of whom they have no name:
whoever is known by a number keeps the name."""
_MISSING = {
    "point": (
        "NOT EXISTS (SELECT 1 FROM contact_point o WHERE o.{table}_id = {id} AND +o.kind = p.kind "
        "AND +o.key IN (p.key, '+' || p.digits))"
    ),
    "tag": "NOT EXISTS (SELECT 1 FROM tag o WHERE o.{table}_id = {id} AND o.key = p.key)",
}
"""Whether the point or tag `p` of a row is none of the record's; a number from abroad is one although a spreadsheet has
left out its `+`. The other plus keeps SQLite from going through all who have the same number."""


def find_changes(tx: Transaction, party: Party, plan: Plan, promised: int | None = None) -> None:
    """Give new records their ids, find the companies and people that rows name, and note which records differ.

    Companies that are new are added. Ids that were `promised` are kept (see crmcli.services.importing.indexing).
    """
    if plan.on_duplicate == "create" or "uid" not in plan.match:
        free_uids(tx.connection, party.table)
    if promised is None:
        _give_ids(tx.connection, party)
    else:
        give_promised_ids(tx, promised)
    if party.belongs:
        _link(tx, _values(plan))
    find_changed(tx.connection, party)


def list_strangers(connection: sqlite3.Connection, party: Party) -> list[str]:
    """Return the first names of referrers in the rows that are nobody's, or several people's, to be told."""
    names = [name for (name,) in connection.execute(_STRANGERS)] if party.belongs else []
    return [*names[:_TOLD], "…"] if len(names) > _TOLD else names


def write_parties(tx: Transaction, party: Party, plan: Plan, words: Words) -> None:
    """Write what is new and what differs."""
    for set_ in party.codes:
        used = tx.connection.execute(f'SELECT DISTINCT "{set_}" FROM incoming')
        words.add(set_, [code for (code,) in used.fetchall()])
    created, updated = (stamp_of(name) if plan.versions else ":now" for name in ("created_at", "updated_at"))
    _insert(tx, party, {**_values(plan), "owner": plan.new_owner}, f"{created}, {updated}")
    _update(tx.connection, party, _values(plan), updated)


def _values(plan: Plan) -> dict[str, str]:
    return {"now": moment_text(plan.now), "owner": plan.owner, "stamp": f"{int(plan.now.timestamp() * 1000):012x}"}


def _give_ids(connection: sqlite3.Connection, party: Party) -> None:
    """Give new records the next ids, in the order of their rows."""
    connection.execute(
        "INSERT INTO made SELECT ? - 1 + row_number() OVER (ORDER BY row), row FROM incoming "
        "WHERE row NOT IN (SELECT row FROM match)",
        (next_id(connection, party.table),),
    )


def _link(tx: Transaction, values: dict[str, str]) -> None:
    """Find the companies and referrers that rows name, and add the companies that are new."""
    connection = tx.connection
    connection.execute(
        "CREATE TEMP TABLE employer (key TEXT PRIMARY KEY, name TEXT, id INTEGER, several) WITHOUT ROWID"
    )
    connection.execute(
        "INSERT INTO employer SELECT company_key, company, NULL, FALSE FROM incoming "
        "WHERE company_key IS NOT NULL ORDER BY row "
        "ON CONFLICT (key) DO UPDATE SET several = TRUE WHERE name <> excluded.name"
    )
    known = "(SELECT min(id) FROM company WHERE name_key = key)"
    connection.execute(f"UPDATE employer SET id = {known}")
    connection.execute(f"CREATE TEMP TABLE new_company ({_NAME})")
    new = connection.execute("SELECT name FROM employer WHERE id IS NULL").fetchall()
    connection.executemany("INSERT INTO new_company VALUES (?, ?, ?, ?, ?)", ((name, *spelt(name)) for (name,) in new))
    insert_many(
        tx,
        "company",
        f"INSERT INTO company (uid, {_NAME}, owner, fields, created_at, updated_at) "
        f"SELECT {_UID}, {_NAME}, :owner, '{{}}', :now, :now FROM new_company",
        values,
    )
    connection.execute(f"UPDATE employer SET id = {known} WHERE id IS NULL")
    connection.execute("CREATE TEMP TABLE referrer (key TEXT PRIMARY KEY, id INTEGER) WITHOUT ROWID")
    connection.execute(_REFERRERS)


def links(party: Party, row: str) -> str:
    """Return the joins that lead from a row to the records that it names."""
    joins = f"LEFT JOIN employer e ON e.key = {row}.company_key LEFT JOIN referrer f ON f.key = {row}.referrer_key"
    return joins if party.belongs else ""


def _insert(tx: Transaction, party: Party, values: dict[str, str | None], stamps: str) -> None:
    """Insert the new records with their points and tags; `stamps` is the SQL of when they were made and changed."""
    table = party.table
    made = count(tx.connection, "made")
    copied = [name for name in (*party.copied, *Spelt._fields) if name != "owner"]
    columns = ", ".join(f'"{name}"' for name in copied)
    linked, targets = (", company_id, referred_by_id", ", e.id, nullif(f.id, n.id)") if party.belongs else ("", "")
    insert_many(
        tx,
        table,
        f"INSERT INTO {table} (id, uid, {columns}, owner, fields, created_at, updated_at{linked}) "
        f"SELECT n.id, coalesce(i.uid, {_NEXT_UID}), "
        + ", ".join(f'i."{name}"' for name in copied)
        + f", nullif(coalesce(i.owner, :owner), ''), coalesce(i.fields, '{{}}'), {stamps}{targets} "
        f"FROM made n CROSS JOIN incoming i ON i.row = n.row {links(party, 'i')} ORDER BY n.id",
        values,
        expected=made,
    )
    insert_many(
        tx,
        "contact_point",
        f"INSERT INTO contact_point ({table}_id, kind, label, value, key, digits) "
        "SELECT n.id, p.kind, p.label, p.value, p.key, p.digits "
        "FROM made n CROSS JOIN incoming_point p ON p.row = n.row ORDER BY n.id, p.place",
        values,
        expected=made and count(tx.connection, "incoming_point"),
    )
    insert_many(
        tx,
        "tag",
        f"INSERT INTO tag ({table}_id, name, key) SELECT n.id, p.name, p.key "
        "FROM made n CROSS JOIN incoming_tag p ON p.row = n.row GROUP BY n.id, p.key ORDER BY n.id, min(p.place)",
        values,
        expected=made and count(tx.connection, "incoming_tag"),
    )


def differing(party: Party) -> dict[str, Difference]:
    """Return where each field of the record `r` may differ from the row `i`, whose links are joined as in `links`."""
    told = {name: party.told(name, "i", "r") for name in party.copied}
    fields = {
        name: Difference(f'r."{name}"', new, f'({new} IS NOT NULL AND {new} IS NOT r."{name}")')
        for name, new in told.items()
    }
    fields["fields"] = Difference(
        "r.fields", "i.fields", "(i.fields IS NOT NULL AND json_patch(r.fields, i.fields) IS NOT json(r.fields))"
    )
    if party.belongs:
        name = fields["name"]
        fields["name"] = name._replace(condition=f"({name.condition} AND NOT coalesce({_NO_NAME.format(row='r')}, 0))")
        fields["company"] = Difference(
            "(SELECT name FROM company WHERE id = r.company_id)", "i.company", _MOVED.format(row="r")
        )
        fields["referred_by"] = Difference(
            "(SELECT name FROM contact WHERE id = r.referred_by_id)",
            "i.referrer",
            "(f.id IS NOT NULL AND f.id <> r.id AND f.id IS NOT r.referred_by_id)",
        )
    return fields


def subject_of(party: Party) -> Subject:
    """Return how the differences of these records are shown."""
    missing = {part: text.format(table=party.table, id=":id") for part, text in _MISSING.items()}
    return Subject(
        noun=party.table,
        tables=f"{party.table} r {links(party, 'i')}",
        name="r.name",
        new_name="i.name",
        fields=differing(party),
        added=f"SELECT p.kind, p.value FROM incoming_point p WHERE p.row = :row AND {missing['point']} "
        f"UNION ALL SELECT 'tag', p.name FROM incoming_tag p WHERE p.row = :row AND {missing['tag']}",
    )


def find_changed(connection: sqlite3.Connection, party: Party) -> None:
    """Note the records that a row differs from."""
    point, tag = (_MISSING[part].format(table=party.table, id="r.id") for part in ("point", "tag"))
    conditions = [
        *(difference.condition for difference in differing(party).values()),
        f"EXISTS (SELECT 1 FROM incoming_point p WHERE p.row = i.row AND {point})",
        f"EXISTS (SELECT 1 FROM incoming_tag p WHERE p.row = i.row AND {tag})",
    ]
    connection.execute(
        f"INSERT INTO changed SELECT r.id, i.row FROM match m CROSS JOIN incoming i ON i.row = m.row "
        f"CROSS JOIN {party.table} r ON r.id = m.target {links(party, 'i')} WHERE {' OR '.join(conditions)}"
    )


def _update(connection: sqlite3.Connection, party: Party, values: dict[str, str], updated: str) -> None:
    """Fill and overwrite what differs with the row's values; add its points and tags."""
    table = party.table
    nameless = f"i.name IS NULL OR {_NO_NAME.format(row=table)}" if party.belongs else "i.name IS NULL"
    fills = [
        f'"{name}" = coalesce({party.told(name, "i", table)}, {table}."{name}")'
        for name in party.copied
        if name != "name"
    ]
    fills += [
        f"{name} = CASE WHEN {nameless} THEN {table}.{name} ELSE i.{name} END" for name in ("name", *Spelt._fields)
    ]
    fills.append(f"fields = coalesce(json_patch({table}.fields, i.fields), {table}.fields)")
    if party.belongs:
        moved = _MOVED.format(row="contact")
        fills.append(f"company_id = CASE WHEN {moved} THEN e.id ELSE contact.company_id END")
        fills.append("referred_by_id = CASE WHEN f.id <> contact.id THEN f.id ELSE contact.referred_by_id END")
    connection.execute(
        f"UPDATE {table} SET {', '.join(fills)}, updated_at = max({table}.updated_at, {updated}) "
        f"FROM changed h JOIN incoming i ON i.row = h.row {links(party, 'i')} WHERE {table}.id = h.id",
        values,
    )
    connection.execute(
        f"INSERT INTO contact_point ({table}_id, kind, label, value, key, digits) "
        "SELECT h.id, p.kind, p.label, p.value, p.key, p.digits FROM changed h "
        f"CROSS JOIN incoming_point p ON p.row = h.row WHERE {_MISSING['point'].format(table=table, id='h.id')} "
        "ORDER BY h.id, p.place"
    )
    connection.execute(
        f"INSERT INTO tag ({table}_id, name, key) SELECT h.id, p.name, p.key FROM changed h "
        f"CROSS JOIN incoming_tag p ON p.row = h.row WHERE {_MISSING['tag'].format(table=table, id='h.id')} "
        "GROUP BY h.id, p.key ORDER BY h.id, min(p.place)"
    )
