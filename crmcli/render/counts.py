"""How many there are of each kind, as people say it: 2 follow-ups, 1 callback."""

from collections.abc import Mapping
from typing import Any

from crmcli.i18n import joined, ngettext

RECORDS = ("followup", "callback", "complaint", "promise", "supervision", "survey", "attachment", "consent")
"""What may belong to a contact, by the names of tables."""


def counted_any(counts: Mapping[str, Any]) -> str:
    """Return how many there are of each kind of which there are any, by the names of tables; empty for none."""
    return joined(_counted(f"{kind}s", counts[kind]) for kind in RECORDS if counts.get(kind))


def counted(counts: Mapping[str, Any], *kinds: str) -> str:
    """Return how many there are of these kinds; one is said as one."""
    return joined(_counted(kind, counts[kind]) for kind in kinds)


def _counted(kind: str, count: int) -> str:
    said = {
        "contacts": ngettext("{count} contact", "{count} contacts", count),
        "followups": ngettext("{count} follow-up", "{count} follow-ups", count),
        "callbacks": ngettext("{count} callback", "{count} callbacks", count),
        "complaints": ngettext("{count} complaint", "{count} complaints", count),
        "promises": ngettext("{count} promise", "{count} promises", count),
        "supervisions": ngettext("{count} supervised item", "{count} supervised items", count),
        "surveys": ngettext("{count} survey", "{count} surveys", count),
        "consents": ngettext("{count} answer on consent", "{count} answers on consent", count),
        "attachments": ngettext("{count} attachment", "{count} attachments", count),
        "journal": ngettext("{count} row of the journal", "{count} rows of the journal", count),
    }
    return said[kind].format(count=count)
