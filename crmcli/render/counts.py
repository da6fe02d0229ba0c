"""How many there are of each kind, as people say it: 2 follow-ups, 1 callback."""

from collections.abc import Mapping
from typing import Any

from crmcli.i18n import joined, ngettext


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
        "attachments": ngettext("{count} attachment", "{count} attachments", count),
        "journal": ngettext("{count} row of the journal", "{count} rows of the journal", count),
    }
    return said[kind].format(count=count)
