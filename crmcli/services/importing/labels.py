"""What fields are called where people read it; data and queries have their codes."""

from functools import cache

from crmcli.i18n import N_, _
from crmcli.nouns import noun
from crmcli.rules.points import POINT_KINDS
from crmcli.services.importing.foreign import with_foreign

_NOUNS = (
    *("contact", "company", "followup", "callback", "complaint", "attachment", "promise", "supervision", "survey"),
    *("answer", "question", "vocabulary", "service-level", "field", "notice"),
)
_PARTS = {
    **{kind: field for field, kind in POINT_KINDS.items()},
    "tag": "tags",
    "referrer": "referred_by",
    "rule": "repeat",
}
"""Columns that hold a part of a field."""
_TIME = N_("Time")


def field_label(name: str) -> str:
    """Return what a field is called in the language in use; the code itself of what none declares."""
    return _(_label(_PARTS.get(name, name)))


@cache
def _label(name: str) -> str:
    if name == "due_time":
        return _TIME
    declared = (with_foreign(noun(of)).field(name) for of in _NOUNS)
    return next((field.label for field in declared if field), name)
