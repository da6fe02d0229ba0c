"""What was in a calendar and is there no more."""

import json
import sqlite3
from collections.abc import Collection

_ENDED = """
SELECT uid, updated_at AS at FROM callback WHERE status <> 'open' AND uid IN (SELECT value FROM json_each(:uids))
UNION ALL SELECT uid, updated_at FROM promise WHERE uid IN (SELECT value FROM json_each(:uids))
UNION ALL SELECT uid, updated_at FROM supervision WHERE uid IN (SELECT value FROM json_each(:uids))
UNION ALL SELECT uid, updated_at FROM complaint WHERE uid IN (SELECT value FROM json_each(:uids))
UNION ALL SELECT uid, updated_at FROM contact WHERE uid IN (SELECT value FROM json_each(:uids))
UNION ALL SELECT r.before ->> 'uid', c.at FROM change_row r JOIN change c ON c.id = r.change_id
WHERE r.entity IN ('callback', 'promise', 'supervision', 'complaint', 'contact') AND r.after IS NULL
    AND r.before ->> 'uid' IN (SELECT value FROM json_each(:uids))
ORDER BY at
"""


def ended(connection: sqlite3.Connection, uids: Collection[str]) -> dict[str, str]:
    """Return when, of entries that a calendar is not to have, what they show was last changed here, or deleted.

    A UID is that of a record, with `-birthday` and the like behind it where it shows a part of one. Those of open
    callbacks, and of what was never here, are left out.
    """
    records = {uid: uid.partition("-")[0] for uid in uids}
    rows = connection.execute(_ENDED, {"uids": json.dumps([*records.values()])}).fetchall() if records else ()
    found = dict(tuple(row) for row in rows)
    return {uid: found[record] for uid, record in records.items() if record in found}
