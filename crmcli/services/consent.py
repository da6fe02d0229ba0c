"""Recording consent: what a contact said about being contacted through a channel."""

from datetime import datetime

from crmcli.models.consent import Consent
from crmcli.models.contact import Contact
from crmcli.rules.names import clean
from crmcli.services.records import added, load
from crmcli.services.vocabulary import require_code
from crmcli.store.transaction import Transaction


def record_consent(
    tx: Transaction, contact_id: int, channel: str, answer: str, *, source: str, at: datetime, now: datetime, actor: str
) -> int:
    """Record an answer beside the earlier ones and return its id; the newest of a channel counts.

    Raises NotFoundError for an unknown contact, UsageError for an answer that is none.
    """
    load(tx, Contact, contact_id)
    consent = Consent(
        contact_id=contact_id,
        channel=require_code(tx, "consent_channel", channel),
        answer=require_code(tx, "consent", answer),
        at=at,
        source=clean(source) or None,
        actor=actor,
        created_at=now,
    )
    return added(tx, consent)
