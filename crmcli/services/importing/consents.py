"""What contacts said about channels, as an export of contacts has it: one cell of JSON."""

import json
from collections.abc import Mapping

from crmcli.services.importing import cells as cell
from crmcli.services.importing.plan import Plan
from crmcli.services.importing.words import Words
from crmcli.store.bulk import insert_many
from crmcli.store.transaction import Transaction
from crmcli.when.stored import moment_text

CONSENTS = "consents"

_SAID = """
FROM (SELECT id, row FROM made UNION ALL SELECT target, row FROM match) t
CROSS JOIN incoming i ON i.row = t.row CROSS JOIN json_each(i.consents) c
"""
_NOTE = f"""
INSERT INTO consent (contact_id, channel, answer, at, source, actor, created_at)
SELECT DISTINCT t.id, c.value ->> 'channel', c.value ->> 'answer', c.value ->> 'at', c.value ->> 'source', :actor, :now
{_SAID}
WHERE NOT EXISTS (
    SELECT 1 FROM consent k WHERE k.contact_id = t.id AND k.channel = c.value ->> 'channel'
    AND k.answer = c.value ->> 'answer' AND k.at = c.value ->> 'at'
)
"""


def read_consents(words: Words, text: str) -> str | None:
    """Return the answers as they are stored, as JSON; RejectedError for what no export writes."""
    try:
        said = [_answer(words, answer) for answer in json.loads(text or "[]")]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise cell.not_exported(CONSENTS, text) from error
    return json.dumps(said, ensure_ascii=False) if said else None


def _answer(words: Words, said: Mapping[str, str]) -> dict[str, str | None]:
    return {
        "channel": words.code("consent_channel", CONSENTS, str(said["channel"])),
        "answer": words.code("consent", CONSENTS, str(said["answer"])),
        "at": cell.moment(CONSENTS, str(said["at"])),
        "source": str(said["source"]) if said.get("source") else None,
    }


def note_consents(tx: Transaction, plan: Plan, words: Words) -> int:
    """Note the answers of the rows that their contacts have not given yet; return how many."""
    used = tx.connection.execute(f"SELECT DISTINCT c.value ->> 'channel' {_SAID}").fetchall()
    words.add("consent_channel", [channel for (channel,) in used])
    return insert_many(tx, "consent", _NOTE, {"actor": plan.owner, "now": moment_text(plan.now)})
