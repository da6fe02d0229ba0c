"""Importing many rows: set-based, in one transaction, so that all accepted rows are written or none.

    plan          what is asked for, and what came of it
    staging       rows → normalised values in temporary tables
    ahead         a second process that reads the rows of a long file
    parties       how the cells of contacts and companies are read
    activities    how those of follow-ups, callbacks, complaints and promises are
    dayorder      which of a birthday's numbers is the month
    cells, words  single cells, and the codes of the vocabulary in them
    indexing      the search index of a long file, filled while it is staged
    matching/     which rows are there already, and which are one another
        keys        by what they may be, noted while they are staged
        mutual      which rows are one another
        colleagues  who is meant by a number that several share
        candidates  who a row may be that is turned away for it, in words
    former        rows that name a record which was merged into another
    foreign       what files of other programs have beyond the fields
    consents      what contacts said about channels
    following     what follows the occurrence of a repeat that is over
    maps          mappings of headings to fields that are kept
    writing       what is new and what differs, in a few statements
    kinds         what activities consist of, and what follows from what a row says
    belonging     whose activities are, and writing them
    deadlines     by when new complaints are to be answered and solved
    surveyrows    a file of surveys
    differences   what would change, for a dry run
    problems      all that is wrong with a row that is turned away
    rejects       the rows that were turned away, to be corrected and imported again
    labels        what fields are called in all of that
    everything/   an export of everything: each kind of record in turn, those few that are none of the above one by one
        attachments, declared, desk, levels
    surveys       one by one, too: surveys and their questions
    identity      which records it says are one, and which pairs are two
    versions      which of its values and ours is newer
    within        what its records name within a text
    told          what it does not say stays

The rows come from `exchange`, whatever the format of the file.

What makes it fast: a row is normalised and its name spelt once, when it is read, and what repeats (companies, regions,
names) is remembered; while one process reads, the other one writes and indexes, a batch at a time and by columns;
everything after that is a few statements over all rows, none of which calls Python; indexes of many new rows are built
anew by sorting. Of the processor's time for 100,000 new contacts 29 % is the reading process's; 22 % is indexing them
meanwhile, 10 % staging, 3 % noting their keys, 1 % matching, 20 % contacts, phones and tags with their indexes, 6 % the
commit, 2 % starting the program.
"""

from collections.abc import Iterable
from functools import partial

from crmcli.exchange.csvfile import Row
from crmcli.services.importing import belonging, writing
from crmcli.services.importing.activities import ActivityReader
from crmcli.services.importing.belonging import match_activities, write_activities
from crmcli.services.importing.consents import CONSENTS, note_consents
from crmcli.services.importing.dayorder import settle_order
from crmcli.services.importing.differences import first_differences
from crmcli.services.importing.following import about_to_end, plan_following
from crmcli.services.importing.foreign import NEXT_CONTACT, plan_callbacks, remember_uids
from crmcli.services.importing.former import recognise_former
from crmcli.services.importing.indexing import Indexer, mend_index, promised_ids
from crmcli.services.importing.kinds import ACTIVITIES, Activity
from crmcli.services.importing.matching import match_rows, reject_incomplete, reject_nameless, skip_known
from crmcli.services.importing.matching.keys import Recurring
from crmcli.services.importing.parties import Party, PartyReader, party_of
from crmcli.services.importing.plan import Plan, Summary
from crmcli.services.importing.staging import Follower, count, stage
from crmcli.services.importing.surveyrows import import_surveys
from crmcli.services.importing.versions import values_of_activity, values_of_party, weigh
from crmcli.services.importing.words import Words
from crmcli.services.importing.writing import find_changed, find_changes, write_parties
from crmcli.store.transaction import Transaction

LARGE = 1_000
"""Rows of an import before which there is a backup."""

_CACHE = 48_000
"""KiB: indexes are written in no order, and pages that do not fit are written and read again and again."""

_MERGED = """
SELECT m.row, m.leader FROM member m WHERE m.added
AND m.leader IN (SELECT row FROM made UNION ALL SELECT row FROM changed)
"""
"""Rows that became part of another row, and brought something to what that one wrote."""


def import_rows(tx: Transaction, rows: Iterable[Row], plan: Plan) -> Summary:
    """Write the rows of a file and return what became of them; `rejects` tells about the rejected ones.

    Raises ConflictError where nothing may be there yet (`--on-duplicate fail`), and what reading the file raises.
    """
    for schema in ("main", "temp"):
        tx.connection.execute(f"PRAGMA {schema}.cache_size = -{_CACHE}")
    activity = ACTIVITIES.get(plan.noun.name)
    if plan.noun.name == "survey":
        summary = import_surveys(tx, rows, plan)
    else:
        summary = _import_activities(tx, rows, plan, activity) if activity else _import_parties(tx, rows, plan)
    rejected = count(tx.connection, "rejected")
    rest = summary.read - summary.created - summary.updated - summary.skipped - rejected
    return summary._replace(rejected=rejected, unchanged=rest)


def _import_parties(tx: Transaction, rows: Iterable[Row], plan: Plan) -> Summary:
    connection = tx.connection
    words = Words(tx, exported=plan.exported)
    party = party_of(plan)
    promised = promised_ids(tx, party, plan)
    reader = PartyReader(party, plan, words)
    read = stage(connection, rows, plan, reader, _followers(party, plan, reader, promised))
    turned = settle_order(connection, plan.order, plan.now.date()) if "birthday" in reader.filled else 0
    recognise_former(connection, party)
    match_rows(connection, party, plan)
    reject_nameless(connection)
    reject_incomplete(connection, plan)
    skipped = skip_known(connection) if plan.on_duplicate == "skip" else 0
    _announce(plan, read)
    if plan.exported:
        remember_uids(connection, party.table)
    find_changes(tx, party, plan, promised)
    if plan.versions:
        fields = {column.field for column in plan.headers.columns}
        weigh(tx, party.table, values_of_party(party), fields, partial(find_changed, connection, party))
    subject = writing.subject_of(party)._replace(merged=_MERGED)
    differences = first_differences(connection, subject) if plan.compare else ()
    strangers = writing.list_strangers(connection, party)
    write_parties(tx, party, plan, words)
    if promised is not None:
        mend_index(tx, party, promised)
    planned = plan_callbacks(tx, plan) if NEXT_CONTACT in party.foreign else 0
    return Summary(
        read=read,
        created=count(connection, "made"),
        updated=count(connection, "changed") + count(connection, f"({_MERGED})"),
        skipped=skipped,
        planned=planned,
        consents=note_consents(tx, plan, words) if CONSENTS in party.foreign else 0,
        apart=count(connection, "(SELECT row FROM apart INTERSECT SELECT row FROM made)"),
        strangers=tuple(strangers),
        companies=count(connection, "new_company") if party.belongs else 0,
        turned=turned,
        differences=tuple(differences),
    )


def _followers(party: Party, plan: Plan, reader: PartyReader, promised: int | None) -> list[Follower]:
    """Return what is done with each batch of rows besides staging it."""
    followers: list[Follower] = []
    if plan.on_duplicate != "create":
        followers.append(Recurring(reader.places, plan).note)
    if promised is not None:
        followers.append(Indexer(party, reader.places, promised).index)
    return followers


def _announce(plan: Plan, read: int) -> None:
    """Say that many rows are about to be written."""
    if read >= LARGE:
        plan.before_large()


def _import_activities(tx: Transaction, rows: Iterable[Row], plan: Plan, activity: Activity) -> Summary:
    connection = tx.connection
    words = Words(tx, exported=plan.exported)
    read = stage(connection, rows, plan, ActivityReader(activity, plan, words))
    match_activities(tx, activity, plan)
    if plan.versions and plan.on_duplicate == "update":
        fields = {column.field for column in plan.headers.columns}
        find = partial(belonging.find_changed, connection, activity)
        weigh(tx, activity.table, values_of_activity(activity), fields, find)
    _announce(plan, read)
    differences = first_differences(connection, belonging.subject_of(activity)) if plan.compare else ()
    ended = about_to_end(connection) if activity.table == "callback" and not plan.versions else []
    write_activities(tx, activity, plan, words)
    return Summary(
        read=read,
        planned=plan_following(tx, ended, plan),
        created=count(connection, "made"),
        updated=count(connection, "changed"),
        skipped=count(connection, "match") if plan.on_duplicate == "skip" else 0,
        differences=tuple(differences),
    )
