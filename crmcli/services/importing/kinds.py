"""Kinds of records that belong to a contact: which columns they have, and what follows from what a row says of one."""

from collections.abc import Mapping
from typing import NamedTuple


class Activity(NamedTuple):
    """A kind of record that belongs to a contact."""

    table: str
    columns: tuple[str, ...]
    """What is written, besides ids and stamps."""
    same: tuple[str, ...]
    """Columns that are equal where two rows are one record, of one contact."""
    moment: str
    """The column that says when it was; the row may leave it to the program. Empty for what is due on a day."""
    defaults: Mapping[str, str]
    """SQL of what a new record has where the row says nothing."""
    required: tuple[str, ...] = ("text",)
    """What a new record must be told; a row with the uid of one that is there may say less."""
    together: Mapping[str, str] = {}
    """Columns that are overwritten, even with nothing, where the row has the one that they belong to."""
    kept: Mapping[str, str] = {}
    """SQL of where a column of the record `r` stays as it is whatever the row `i` says."""
    emptied: Mapping[str, str] = {}
    """SQL of where a column of the record becomes empty."""
    implied: Mapping[str, str] = {}
    """SQL of what a column of the record becomes where the row does not name it: what follows from what it does say."""
    moved: str = "FALSE"
    """SQL of whether the record is due on another day than the row says, and yet the one that is meant."""
    as_one: tuple[tuple[str, ...], ...] = ()
    """Columns that are changed together: of two machines one has changed them last."""


_OLDER = "i.changed_at <= r.updated_at"
"""What the row says is from before the record was last changed here."""
_SAME_MOMENT = "NOT i.zoned AND (i.due_at = r.due_at OR i.due_at IS NULL AND r.due_at IS NULL AND i.due_on = r.due_on)"
"""The row names no zone: on whose clocks the moment was promised is known here."""
_PUT_OFF = "i.snoozed_from IS NULL AND r.snoozed_from = i.due_on || coalesce('T' || i.due_time, '')"
"""It was put off since the file was written."""
_CLOCK = "i.due_time IS iif(r.snoozed_from IS NULL, r.due_time, nullif(substr(r.snoozed_from, 12), ''))"
_ALWAYS_NEXT = f"NOT i.dated AND i.rule IS NOT NULL AND i.rule IS r.rule AND {_CLOCK}"
"""The row says how often alone: it is the series, whose next occurrence has another day each time the file is read."""
_SAME_SERIES = f"i.foreign_series AND i.rule IS r.rule AND i.anchor IS r.anchor AND i.zone IS r.zone AND {_CLOCK}"
"""The series is as it was: which of its occurrences is open is known here."""
_OURS = "i.foreign_series AND r.series IS NOT NULL AND r.series IS NOT i.series"
"""Another program wrote a callback of ours, without what only we read: which series it belongs to is known here."""
_NEW_SERIES = "lower(hex(randomblob(16)))"
_NOT_MOVED = f"(NOT i.dated OR {_PUT_OFF} OR {_SAME_SERIES} OR {_SAME_MOMENT})"
_FIRST = "min(i.{0}, i.also)"
_SAME_TIME = (
    f"iif(i.{{0}} = i.also, substr(r.{{0}}, 1, 16) = substr(i.{{0}}, 1, 16), r.{{0}} >= {_FIRST} "
    f"AND r.{{0}} < strftime('%Y-%m-%dT%H:%M:%SZ', {_FIRST}, '+1 day'))"
)
"""The row means that minute, or as a day alone that day: spreadsheets drop the rest."""
_SAID_BEFORE_NOON = "r.{0} = strftime('%Y-%m-%dT%H:%M:%SZ', i.{0}, '-12 hours')"
"""The row means a day alone whose noon was still to come when it was read before."""
_NOBODY = "i.owner = ''"
"""It was nobody's when the file was written; somebody has taken it over since."""
_OPEN_AGAIN = "i.status NOT IN ('resolved', 'closed')"

RECEIVED = "min(coalesce(i.responded_at, :now), coalesce(i.resolved_at, :now), coalesce(i.closed_at, :now))"
"""When a complaint came of which the row does not say it: before it was answered or solved, at the latest."""

ACTIVITIES = {
    "followup": Activity(
        "followup",
        ("kind", "direction", "at", "minutes", "text", "outcome", "owner"),
        same=("kind", "text"),
        moment="at",
        defaults={"kind": "'call'", "at": ":now", "owner": ":owner"},
        kept={"at": _SAME_TIME.format("at"), "owner": _NOBODY},
    ),
    "callback": Activity(
        "callback",
        (
            *("kind", "due_on", "due_time", "zone", "due_at", "purpose", "rule", "anchor", "after_done", "series"),
            *("status", "done_at", "snoozed_from", "owner"),
        ),
        same=("kind", "due_on", "due_at", "purpose"),
        moment="",
        moved=f"({_PUT_OFF} OR {_ALWAYS_NEXT})",
        defaults={
            "kind": "'contact'",
            "anchor": "iif(i.rule IS NULL, NULL, i.due_on)",
            "after_done": "0",
            "series": f"iif(i.rule IS NULL, NULL, {_NEW_SERIES})",
            "status": "'open'",
            "owner": ":owner",
        },
        required=("due_on",),
        together={"due_on": "due_on", "due_time": "due_on", "zone": "due_on", "due_at": "due_on"},
        kept={
            "due_on": _NOT_MOVED,
            "status": _OLDER,
            "done_at": _SAID_BEFORE_NOON.format("done_at"),
            "owner": _NOBODY,
            "purpose": "i.purpose = i.name AND r.purpose IS NULL",
            "series": _OURS,
            "anchor": f"{_OURS} AND i.rule IS r.rule AND (NOT i.dated OR i.due_on = r.due_on)",
        },
        emptied={"done_at": f"i.status = 'open' AND ({_OLDER}) IS NOT TRUE"},
        implied={
            "anchor": (
                f"CASE WHEN i.rule IS NULL OR i.rule IS r.rule AND ({_NOT_MOVED} OR i.due_on = r.due_on) "
                f"THEN r.anchor WHEN {_NOT_MOVED} THEN r.due_on ELSE i.due_on END"
            ),
            "series": f"iif(i.rule IS NULL, r.series, coalesce(r.series, {_NEW_SERIES}))",
        },
        as_one=(
            ("due_on", "due_time", "zone", "due_at", "snoozed_from"),
            ("rule", "anchor", "after_done", "series"),
            ("status", "done_at"),
        ),
    ),
    "complaint": Activity(
        "complaint",
        (
            *("type", "category", "severity", "channel", "text", "status", "received_at", "respond_by", "resolve_by"),
            *("responded_at", "resolved_at", "closed_at", "department", "assignee", "satisfaction", "valid", "cause"),
            *("responsible", "waiting_since", "escalated_to", "hours"),
        ),
        same=("type", "text"),
        moment="received_at",
        defaults={
            "type": "'complaint'",
            "severity": "'normal'",
            "received_at": RECEIVED,
            "assignee": 'iif(:whose, NULL, coalesce(i."responsible", :owner))',
            "responsible": 'iif(:whose, NULL, coalesce(i."assignee", :owner))',
            "resolved_at": "iif(i.status = 'resolved', :now, NULL)",
            "closed_at": (
                "CASE WHEN i.status <> 'closed' THEN NULL "
                "ELSE coalesce(i.first_closed_at, iif(i.status = 'closed', coalesce(i.resolved_at, :now), NULL)) END"
            ),
            **{name: f"i.first_{name}" for name in ("status", "respond_by", "resolve_by", "hours")},
        },
        kept={
            "received_at": _SAME_TIME.format("received_at"),
            **{name: _SAID_BEFORE_NOON.format(name) for name in ("responded_at", "resolved_at", "closed_at")},
        },
        implied={
            "status": (
                "CASE WHEN i.closed_at IS NOT NULL THEN 'closed' "
                "WHEN i.resolved_at IS NOT NULL AND r.status <> 'closed' THEN 'resolved' ELSE r.status END"
            ),
            "resolved_at": (
                f"CASE WHEN {_OPEN_AGAIN} THEN NULL WHEN i.status = 'resolved' THEN coalesce(r.resolved_at, i.told_at) "
                "ELSE r.resolved_at END"
            ),
            "closed_at": (
                f"CASE WHEN {_OPEN_AGAIN} OR i.status = 'resolved' THEN NULL "
                "WHEN i.status = 'closed' THEN coalesce(r.closed_at, i.told_at) ELSE r.closed_at END"
            ),
        },
        as_one=(("status", "resolved_at", "closed_at", "waiting_since"),),
    ),
    "promise": Activity(
        "promise",
        (
            *("text", "made_at", "due_on", "due_time", "zone", "due_at", "due_by"),
            *("status", "settled_at", "outcome", "owner"),
        ),
        same=("text", "due_on", "due_at"),
        moment="made_at",
        defaults={
            "made_at": "coalesce(i.settled_at, :now)",
            "status": "iif(i.settled_at IS NULL, 'open', 'kept')",
            "settled_at": "iif(i.status <> 'open', :now, NULL)",
            "owner": ":owner",
        },
        required=("text", "due_on"),
        together=dict.fromkeys(("due_on", "due_time", "zone", "due_at", "due_by"), "due_on"),
        kept={
            "due_on": _SAME_MOMENT,
            "made_at": _SAME_TIME.format("made_at"),
            "settled_at": _SAID_BEFORE_NOON.format("settled_at"),
            "owner": _NOBODY,
        },
        emptied={"settled_at": "i.status = 'open'"},
        implied={
            "status": "iif(i.settled_at IS NOT NULL AND r.status = 'open', 'kept', r.status)",
            "settled_at": "iif(i.status <> 'open', coalesce(r.settled_at, i.told_at), r.settled_at)",
        },
        as_one=(("due_on", "due_time", "zone", "due_at", "due_by"), ("status", "settled_at", "outcome")),
    ),
}

SETS = {
    "followup": {"kind": "followup_kind", "direction": "direction"},
    "callback": {"kind": "callback_kind", "status": "callback_status"},
    "complaint": {
        "type": "complaint_type",
        "category": "complaint_category",
        "severity": "severity",
        "channel": "channel",
        "status": "complaint_status",
        "cause": "complaint_cause",
        "hours": "hours",
    },
    "promise": {"status": "promise_status"},
}
"""Columns that hold codes, and their sets of the vocabulary."""

OPEN_COLUMNS = {"category": "complaint_category", "channel": "channel", "cause": "complaint_cause"}
"""Those whose sets grow by use."""

LINKS = (
    *("uid", "contact_uid", "contact_id", "external_id", "name", "name_key", "company_key", "also"),
    *("told_at", "dated", "zoned", "changed_at", "foreign_series"),
    *("steps", "first_status", "first_respond_by", "first_resolve_by", "first_closed_at", "first_hours"),
)
"""What is staged besides: whom it belongs to, what else the moment may be stored as; the present, whether the row says
when it is due, and in which zone; when a callback was changed, and whether it is the series of another program; the
steps of a complaint, and what follows from type and severity for a new one."""
