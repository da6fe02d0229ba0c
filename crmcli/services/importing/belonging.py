"""Follow-ups, callbacks and complaints: whose they are, which are there already, and writing them."""

import sqlite3
from collections.abc import Sequence

from crmcli.errors import ConflictError
from crmcli.i18n import _, joined
from crmcli.services.importing.activities import lacking
from crmcli.services.importing.deadlines import stage_deadlines
from crmcli.services.importing.differences import Difference, Subject
from crmcli.services.importing.foreign import list_external
from crmcli.services.importing.kinds import OPEN_COLUMNS, Activity
from crmcli.services.importing.plan import Plan, RejectedError
from crmcli.services.importing.staging import forget, free_uids, reject
from crmcli.services.importing.versions import stamp_of
from crmcli.services.importing.within import match_planned
from crmcli.services.importing.words import Words
from crmcli.store.bulk import insert_many, next_id
from crmcli.store.transaction import Transaction
from crmcli.when.stored import moment_text

_SHOWN = 5
"""How many candidates an ambiguous row names."""

_TIERS = (
    "incoming i CROSS JOIN contact c ON c.uid = i.contact_uid",
    "incoming i CROSS JOIN former_uid f ON f.uid = i.contact_uid CROSS JOIN contact c ON c.id = f.contact_id",
    "incoming i CROSS JOIN external x ON x.key = i.contact_uid CROSS JOIN contact c ON c.id = x.id",
    (
        "incoming i CROSS JOIN external x ON x.key = i.external_id "
        "CROSS JOIN contact c ON c.id = x.id AND (i.name_key IS NULL OR c.name_key = i.name_key)"
    ),
    "incoming i CROSS JOIN contact c ON c.id = i.contact_id AND (i.name_key IS NULL OR c.name_key = i.name_key)",
    (
        "incoming_point i CROSS JOIN contact_point p ON p.key = i.key AND p.kind = i.kind "
        "CROSS JOIN contact c ON c.id = p.contact_id"
    ),
    (
        "incoming i CROSS JOIN company k ON k.name_key = i.company_key "
        "CROSS JOIN contact c ON c.name_key = i.name_key AND c.company_id = k.id"
    ),
    "incoming i CROSS JOIN contact c ON c.name_key = i.name_key AND i.company_key IS NULL",
)
"""How a contact is found, the surest first. An id does not count when the name differs: it is another database's, or
another program's."""

_TABLES = (
    "owner (row INTEGER, id INTEGER, PRIMARY KEY (row, id)) WITHOUT ROWID",
    "doubled (row INTEGER PRIMARY KEY)",
)
"""`owner`: the contacts that a row may belong to. `doubled`: rows that are said again further down."""

_UNSAID = frozenset({"kind", "type", "purpose"})
"""Of the columns that are equal where two rows are one record, those that do not count where the file has them not."""

_SERIES = """
INSERT INTO match SELECT row, target, 1 FROM (
    SELECT i.row, (
        SELECT o.id FROM callback o
        WHERE o.series IN (i.uid, (SELECT k.series FROM callback k WHERE k.uid = i.uid))
        ORDER BY o.status = 'open' DESC, o.due_on DESC, o.id DESC LIMIT 1
    ) AS target
    FROM incoming i WHERE i.foreign_series
) WHERE target IS NOT NULL
"""
"""The series of another program is one entry for ever: it is the occurrence that is open, or was last."""

_ONGOING = "coalesce(min(r.id) FILTER (WHERE r.status = 'open'), max(r.id))"

_STEPS = """
INSERT INTO complaint_step (complaint_id, kind, at, actor, status, note, data)
SELECT r.id, coalesce(s.value ->> 'kind', 'receive'), coalesce(s.value ->> 'at', r.received_at),
    coalesce(s.value ->> 'actor', r.assignee), coalesce(s.value ->> 'status', 'received'), s.value ->> 'note',
    s.value ->> 'data'
FROM {records} n CROSS JOIN incoming i ON i.row = n.row CROSS JOIN complaint r ON r.id = n.id
CROSS JOIN json_each({steps}) s WHERE {which} ORDER BY n.id, s.id
"""
_STEPS_OF_NEW = _STEPS.format(records="made", steps="coalesce(i.steps, '[{}]')", which="TRUE")
"""A complaint without steps was received, at least."""
_UNKNOWN = """
NOT EXISTS (
    SELECT 1 FROM complaint_step o WHERE o.complaint_id = r.id AND o.kind = s.value ->> 'kind' AND (
        o.kind = 'receive'
        OR o.at = s.value ->> 'at' AND o.status = s.value ->> 'status' AND o.note IS s.value ->> 'note'
    )
)
"""
"""A step that the complaint here does not have: it was gone through on another machine. Its data is not compared, since
it may name records, which have other ids there. A complaint is received once, whenever that is said to have been."""
_STEPS_SINCE = _STEPS.format(records="changed", steps="i.steps", which=_UNKNOWN)
_RECEIVED_THEN = """
UPDATE complaint_step AS o SET at = r.received_at, data = CASE WHEN i.steps IS NULL THEN o.data ELSE (
    SELECT s.value ->> 'data' FROM json_each(i.steps) s WHERE s.value ->> 'kind' = 'receive'
) END
FROM changed h JOIN incoming i ON i.row = h.row JOIN complaint r ON r.id = h.id
WHERE o.complaint_id = r.id AND o.kind = 'receive' AND o.at <> r.received_at
"""
"""When a complaint was received was corrected: its first step says so, too."""
_HAS_STEPS_SINCE = f"EXISTS (SELECT 1 FROM json_each(i.steps) s WHERE {_UNKNOWN})"


def match_activities(tx: Transaction, activity: Activity, plan: Plan) -> None:
    """Find the contacts that rows belong to and the records that they are; turn away the rows that are nobody's.

    Raises ConflictError where nothing may be there yet (`--on-duplicate fail`).
    """
    connection = tx.connection
    for table in _TABLES:
        connection.execute(f"CREATE TEMP TABLE {table}")
    list_external(connection, "contact")
    for found in _TIERS:
        connection.execute(
            f"INSERT OR IGNORE INTO owner SELECT i.row, c.id FROM {found} WHERE i.row NOT IN (SELECT row FROM owner)"
        )
    _turn_away(connection)
    if plan.on_duplicate == "create":
        free_uids(connection, activity.table)
    else:
        _match(tx, activity, plan)
        known = connection.execute("SELECT row, target FROM match ORDER BY row LIMIT 1").fetchone()
        if known and plan.on_duplicate == "fail":
            raise ConflictError(
                _("row {row} is there already: {noun} {id}; nothing was written").format(
                    row=known[0], noun=_(plan.noun.name), id=known[1]
                ),
                hint=_("see what would change with --on-duplicate update --dry-run"),
            )
    _reject_incomplete(connection, activity)
    connection.execute(
        "INSERT INTO made SELECT ? - 1 + row_number() OVER (ORDER BY row), row FROM incoming "
        "WHERE row NOT IN (SELECT row FROM match)",
        (next_id(connection, activity.table),),
    )
    if plan.on_duplicate == "update":
        find_changed(connection, activity)


def find_changed(connection: sqlite3.Connection, activity: Activity) -> None:
    """Note the records that a row differs from."""
    conditions = [difference.condition for difference in differing(activity).values()]
    differs = " OR ".join([*conditions, *[_HAS_STEPS_SINCE] * (activity.table == "complaint")])
    connection.execute(
        f"INSERT INTO changed SELECT r.id, i.row FROM match m CROSS JOIN incoming i ON i.row = m.row "
        f"CROSS JOIN {activity.table} r ON r.id = m.target WHERE {differs}"
    )


def _reject_incomplete(connection: sqlite3.Connection, activity: Activity) -> None:
    """Reject the rows of new records that lack what such a record must have."""
    for column in activity.required:
        new = f'SELECT row FROM incoming WHERE "{column}" IS NULL AND row NOT IN (SELECT row FROM match)'
        for (row,) in connection.execute(new).fetchall():
            reject(connection, row, lacking(column))


def differing(activity: Activity) -> dict[str, Difference]:
    """Return where each column of the record `r` may differ from what the row `i` says."""
    return {
        column: Difference(f'r."{column}"', f'i."{column}"', f'({_new(activity, column)} IS NOT r."{column}")')
        for column in activity.columns
    }


def _new(activity: Activity, column: str) -> str:
    """Return the value that the record `r` gets in a column from the row `i`: what the row says, else its own."""
    decided = activity.together.get(column, column)
    kept, emptied = activity.kept.get(decided, "FALSE"), activity.emptied.get(column, "FALSE")
    otherwise = activity.implied.get(column, f'r."{column}"')
    return f'CASE WHEN {emptied} THEN NULL WHEN i."{decided}" IS NULL OR {kept} THEN {otherwise} ELSE i."{column}" END'


def _turn_away(connection: sqlite3.Connection) -> None:
    """Reject rows that are nobody's, or that may be several people's."""
    for row, name in connection.execute(
        "SELECT row, coalesce(name, contact_uid, external_id, "
        "(SELECT p.key FROM incoming_point p WHERE p.row = incoming.row), '') FROM incoming "
        "WHERE row NOT IN (SELECT row FROM owner)"
    ).fetchall():
        reject(connection, row, RejectedError("contact", str(name), _("there is no such contact")))
    for (row,) in connection.execute("SELECT row FROM owner GROUP BY row HAVING count(*) > 1").fetchall():
        found = connection.execute(
            "SELECT c.name, c.id, i.name FROM owner o JOIN contact c ON c.id = o.id "
            "JOIN incoming i ON i.row = o.row WHERE o.row = ? LIMIT ?",
            (row, _SHOWN),
        ).fetchall()
        who = joined(_("{name} ({id})").format(name=name, id=id_) for name, id_, _said in found)
        reject(
            connection,
            row,
            RejectedError("contact", found[0][2] or "", _("may be any of several: {who}").format(who=who)),
        )


def _match(tx: Transaction, activity: Activity, plan: Plan) -> None:
    """Find the records that are there: by uid, else by contact and what makes two of them the same."""
    connection, table = tx.connection, activity.table
    if "series" in activity.columns:
        connection.execute(_SERIES)
    connection.execute(
        f"INSERT INTO match SELECT i.row, r.id, 1 FROM incoming i CROSS JOIN {table} r ON r.uid = i.uid "
        "WHERE i.row NOT IN (SELECT row FROM match)"
    )
    if plan.versions and table == "callback":
        match_planned(tx)
    told = {column.field for column in plan.headers.columns}
    sayable = [column for column in activity.same if column in told or column not in _UNSAID]
    for same in (activity.same, sayable) if len(sayable) < len(activity.same) else (activity.same,):
        for alike, which in _ways(activity, same):
            connection.execute(
                f"INSERT INTO match SELECT i.row, {which}, 2 FROM incoming i CROSS JOIN owner o ON o.row = i.row "
                f"CROSS JOIN {table} r ON r.contact_id = o.id AND {alike} "
                "WHERE i.row NOT IN (SELECT row FROM match) AND r.id NOT IN (SELECT target FROM match) GROUP BY i.row"
            )
    # of rows that are one record, the last one counts
    equal = ", ".join(_value(activity, column) for column in (*activity.same, *filter(None, [activity.moment])))
    for one, known in (("m.target", "m.target"), ("i.uid", "i.uid"), (f"o.id, {equal}", "nullif(i.uid IS NULL, 0)")):
        connection.execute(
            "INSERT OR IGNORE INTO doubled SELECT row FROM (SELECT i.row, "
            f"row_number() OVER (PARTITION BY {one} ORDER BY i.row DESC) AS place FROM incoming i "
            f"JOIN owner o ON o.row = i.row LEFT JOIN match m ON m.row = i.row WHERE {known} IS NOT NULL) "
            "WHERE place > 1"
        )
    for (row,) in connection.execute("SELECT row FROM doubled").fetchall():
        forget(connection, row)


def _ways(activity: Activity, same: Sequence[str]) -> list[tuple[str, str]]:
    """Return how a row may be known to be a record, the surest first: a condition, and which it is of several.

    Of rows that say the same, those without a moment are what the others are not.
    """
    equal = {column: f'r."{column}" IS {_value(activity, column)}' for column in same}
    alike = " AND ".join(equal.values())
    if activity.moment:
        moment = f"i.{activity.moment}"
        return [
            (f"{alike} AND r.{activity.moment} IN ({moment}, i.also)", "min(r.id)"),
            (f"{alike} AND {moment} IS NULL", "min(r.id)"),
        ]
    elsewhere = [said for column, said in equal.items() if column not in {"due_on", "due_at"}]
    return [(" AND ".join([*elsewhere, activity.moved]), _ONGOING), (alike, "min(r.id)")]


def _value(activity: Activity, column: str) -> str:
    """Return what a new record would have in a column."""
    default = activity.defaults.get(column)
    return f'coalesce(i."{column}", {default})' if default and ":" not in default else f'i."{column}"'


def write_activities(tx: Transaction, activity: Activity, plan: Plan, words: Words) -> None:
    """Write what is new and what differs."""
    table, columns = activity.table, activity.columns
    values = {"now": moment_text(plan.now), "owner": plan.new_owner, "whose": plan.whose}
    created, updated = (stamp_of(name) if plan.versions else ":now" for name in ("created_at", "updated_at"))
    for column in OPEN_COLUMNS.keys() & set(columns):
        used = tx.connection.execute(f"SELECT DISTINCT {column} FROM incoming").fetchall()
        words.add(OPEN_COLUMNS[column], [code for (code,) in used])
    if table == "complaint":
        stage_deadlines(tx.connection, plan)
    names = ", ".join(f'"{column}"' for column in columns)
    new = {column: f'coalesce(i."{column}", {activity.defaults.get(column, "NULL")})' for column in columns}
    if "owner" in new:
        new["owner"] = f"nullif({new['owner']}, '')"
    insert_many(
        tx,
        table,
        f"INSERT INTO {table} (id, uid, contact_id, {names}, created_at, updated_at) "
        "SELECT n.id, coalesce(i.uid, lower(hex(randomblob(16)))), o.id, "
        f"{', '.join(new.values())}, {created}, {updated} FROM made n CROSS JOIN incoming i ON i.row = n.row "
        "CROSS JOIN owner o ON o.row = i.row ORDER BY n.id",
        values,
    )
    if table == "complaint":
        insert_many(tx, "complaint_step", _STEPS_OF_NEW, {})
        insert_many(tx, "complaint_step", _STEPS_SINCE, {})
    fills = [f'"{column}" = {_new(activity, column)}' for column in columns]
    tx.connection.execute(
        f"UPDATE {table} AS r SET {', '.join(fills)}, updated_at = max(r.updated_at, {updated}) "
        "FROM changed h JOIN incoming i ON i.row = h.row WHERE r.id = h.id",
        values,
    )
    if table == "complaint":
        tx.connection.execute(_RECEIVED_THEN)


def subject_of(activity: Activity) -> Subject:
    """Return how the differences of these records are shown: under their contact's name."""
    return Subject(
        noun=activity.table,
        tables=f"{activity.table} r JOIN contact c ON c.id = r.contact_id",
        name="c.name",
        new_name="(SELECT c.name FROM owner o JOIN contact c ON c.id = o.id WHERE o.row = i.row)",
        fields=differing(activity),
    )
