"""Importing many rows: set-based, in one transaction, so that all accepted rows are written or none.

    plan         what is asked for, and what came of it
    staging      rows → normalised values in temporary tables
    parties      how the cells of contacts and companies are read
    matching     which rows are there already, and which are one another
    maps         mappings of headings to fields that are kept
    writing      what is new and what differs, in a few statements
    differences  what would change, for a dry run
    rejects      the rows that were turned away, to be corrected and imported again

The rows come from `exchange`, whatever the format of the file.
"""

from collections.abc import Iterable

from crmcli.exchange.csvfile import Row
from crmcli.services.importing.differences import first_differences
from crmcli.services.importing.matching import match_rows, reject_nameless, skip_known
from crmcli.services.importing.parties import PARTIES, PartyReader
from crmcli.services.importing.plan import Plan, Summary
from crmcli.services.importing.staging import count, stage
from crmcli.services.importing.words import Words
from crmcli.services.importing.writing import find_changes, write_parties
from crmcli.store.transaction import Transaction

_CACHE = 48_000
"""KiB: indexes are written in no order, and pages that do not fit are written and read again and again."""

_MERGED = """
(SELECT 1 FROM member m WHERE m.added
AND m.leader IN (SELECT row FROM made UNION ALL SELECT row FROM changed))
"""
"""Rows that became part of another row, and brought something to what that one wrote."""


def import_rows(tx: Transaction, rows: Iterable[Row], plan: Plan) -> Summary:
    """Write the rows of a file and return what became of them; `rejects` tells about the rejected ones.

    Raises ConflictError where nothing may be there yet (`--on-duplicate fail`), and what reading the file raises.
    """
    connection = tx.connection
    for schema in ("main", "temp"):
        connection.execute(f"PRAGMA {schema}.cache_size = -{_CACHE}")
    words = Words(tx)
    party = PARTIES[plan.noun.name]
    read = stage(connection, rows, plan, PartyReader(party, plan, words))
    match_rows(connection, party, plan)
    skipped = skip_known(connection) if plan.on_duplicate == "skip" else 0
    reject_nameless(connection)
    find_changes(tx, party, plan)
    differences = tuple(first_differences(connection, party)) if plan.compare else ()
    write_parties(tx, party, plan, words)
    summary = Summary(
        read=read,
        created=count(connection, "made"),
        updated=count(connection, "changed") + count(connection, _MERGED),
        skipped=skipped,
        rejected=count(connection, "rejected"),
        differences=differences,
    )
    rest = read - summary.created - summary.updated - skipped - summary.rejected
    return summary._replace(unchanged=rest)
