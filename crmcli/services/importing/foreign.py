"""What other programs' files say of a contact or company that none of its fields holds.

Their own id of it is kept as the custom field `external_id`, and a record is found by it again; when to get in touch
next becomes a callback.
"""

import json
import sqlite3
from datetime import time

from crmcli.errors import CrmError
from crmcli.nouns import Field, Noun
from crmcli.rules.custom_fields import EXTERNAL_ID
from crmcli.services.importing.cells import due_columns
from crmcli.services.importing.consents import CONSENTS
from crmcli.services.importing.kinds import ACTIVITIES
from crmcli.services.importing.plan import Plan, RejectedError
from crmcli.store.bulk import insert_many
from crmcli.store.transaction import Transaction
from crmcli.when.moments import parse_due
from crmcli.when.stored import moment_text

NEXT_CONTACT = "next_contact"
OWN_ID = "own_id"

_OF_CONTACT = Field(
    "external_id",
    "text",
    "Contact's id in another program",
    (
        *("external id", "contact external id", "customer id", "client id", "lead id", "person id"),
        *("联系人编号", "客户ID", "联系人ID", "外部编号"),
    ),
)

_FIELDS = {
    "contact": (
        Field(OWN_ID, "text", "Id", ("id",)),
        Field(
            "external_id",
            "text",
            "Id in another program",
            (
                *("external id", "record id", "contact id", "lead id", "customer id", "client id", "person id"),
                *("客户编号", "联系人编号", "客户ID", "联系人ID", "外部编号"),
            ),
        ),
        Field(
            "next_contact",
            "moment",
            "Next callback",
            (
                *("next contact", "next contact date", "next contact time", "next call", "next call date"),
                *("next follow-up", "next follow-up date", "next followup", "follow-up date", "next callback date"),
                *("next activity date", "next step date", "下次联系", "下次联系时间", "下次联系日期", "下次回访"),
                *(
                    "下次回访时间",
                    "下次回访日期",
                    "下次跟进",
                    "下次跟进时间",
                    "下次跟进日期",
                    "下次拜访时间",
                    "回访时间",
                ),
            ),
        ),
        Field(CONSENTS, "json", CONSENTS),
    ),
    "company": (
        Field(
            "external_id",
            "text",
            "Id in another program",
            (
                *("external id", "record id", "company id", "account id", "organization id"),
                *("客户编号", "公司编号", "外部编号"),
            ),
        ),
    ),
    "followup": (_OF_CONTACT,),
    "callback": (_OF_CONTACT, Field("changed_at", "moment", "Changed")),
    "complaint": (_OF_CONTACT,),
}

_LEAST_UID = 8
"""Characters: a shorter one is no more than a number that some program gave."""

_PLAN = """
INSERT INTO callback (uid, contact_id, kind, due_on, due_time, zone, due_at, after_done, status, owner,
    created_at, updated_at)
SELECT lower(hex(randomblob(16))), w.id, {kind}, w.due_on, w.due_time, w.zone, w.due_at, {after_done}, {status},
    coalesce(r.owner, :owner), :now, :now
FROM (
    SELECT t.id, i.next_contact ->> 'due_on' AS due_on, i.next_contact ->> 'due_time' AS due_time,
        i.next_contact ->> 'zone' AS zone, i.next_contact ->> 'due_at' AS due_at
    FROM (SELECT id, row FROM made UNION ALL SELECT target, row FROM match) t
    CROSS JOIN incoming i ON i.row = t.row WHERE i.next_contact IS NOT NULL ORDER BY i.row
) w CROSS JOIN contact r ON r.id = w.id
WHERE NOT EXISTS (
    SELECT 1 FROM callback c WHERE c.contact_id = w.id AND (
        (c.due_at IS w.due_at AND (w.due_at IS NOT NULL OR c.due_on = w.due_on))
        OR c.snoozed_from = w.due_on || coalesce('T' || w.due_time, '')
    )
)
"""
"""One that was put off, done or cancelled since is not planned again by the next import of the same file."""


def with_foreign(noun: Noun) -> Noun:
    """Return the noun as a file may have it: with the fields that only an import knows, whose words come first."""
    return noun._replace(fields=(*_FIELDS.get(noun.name, ()), *noun.fields))


def foreign_columns(plan: Plan) -> tuple[str, ...]:
    """Return those of the fields that the file has; an export of everything has consents as records of their own."""
    known = {column.field for column in plan.headers.columns} - ({CONSENTS} if plan.versions else set())
    return tuple(field.name for field in _FIELDS.get(plan.noun.name, ()) if field.name in known)


def remember_uids(connection: sqlite3.Connection, table: str) -> None:
    """Let records that a row's other keys led to keep the row's uid, as the id in another program, if they have none.

    So a card is known again when its number has changed. What another database remembers of ours is nothing to us.
    """
    said = f"incoming.fields ->> '{EXTERNAL_ID}'"
    matched = f"FROM match m JOIN {table} r ON r.id = m.target WHERE m.row = incoming.row"
    connection.execute(
        f"UPDATE incoming SET fields = json_remove(incoming.fields, '$.{EXTERNAL_ID}') {matched} AND {said} = r.uid"
    )
    connection.execute(
        f"UPDATE incoming SET fields = json_set(coalesce(incoming.fields, '{{}}'), '$.{EXTERNAL_ID}', incoming.uid) "
        f"{matched} AND incoming.uid <> r.uid AND length(incoming.uid) >= {_LEAST_UID} "
        f"AND r.fields ->> '{EXTERNAL_ID}' IS NULL AND {said} IS NULL"
    )


def list_external(connection: sqlite3.Connection, table: str) -> None:
    """Fill the temporary table `external` with the ids that records have in other programs."""
    connection.execute("CREATE TEMP TABLE external (key TEXT, id INTEGER, PRIMARY KEY (key, id)) WITHOUT ROWID")
    connection.execute(
        f"INSERT INTO external SELECT fields ->> '{EXTERNAL_ID}', id FROM {table} "
        f"WHERE fields ->> '{EXTERNAL_ID}' IS NOT NULL"
    )


def read_next_contact(plan: Plan, text: str) -> str:
    """Return the columns of a callback as JSON; midnight is how spreadsheets write a day. Raises RejectedError."""
    try:
        when = parse_due(text, plan.now, order=plan.order)
    except CrmError as error:
        raise RejectedError(NEXT_CONTACT, text, error.message) from error
    return json.dumps(due_columns(when._replace(time=None) if when.time == time() else when))


def plan_callbacks(tx: Transaction, plan: Plan) -> int:
    """Plan the callbacks that the contacts' rows name and that are not there; return how many they are."""
    values = {"now": moment_text(plan.now), "owner": plan.owner}
    return insert_many(tx, "callback", _PLAN.format(**ACTIVITIES["callback"].defaults), values)
