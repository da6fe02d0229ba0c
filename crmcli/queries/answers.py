"""Which answers fit a question: asked of an index of their own, so that only answers are ranked and counted."""

from crmcli.queries.reader import Reader, Row
from crmcli.rules.answers import LEAST, likeness, ranking_query

SUGGESTED = 3
"""So many answers are suggested."""
_COMPARED = 30
"""So many of the index's best matches are compared with the question as a whole."""

_BEST = """
SELECT a.id, a.question, a.answer, a.used FROM search_answer s JOIN answer a ON a.id = s.rowid
WHERE search_answer MATCH :query ORDER BY bm25(search_answer, 3.0, 1.0) LIMIT :most
"""
"""What the question has in common counts three times as much as what the answer has."""


def similar(reader: Reader, text: str, limit: int = SUGGESTED) -> list[Row]:
    """Return the answers to questions like this one, best first, each with its `likeness` from LEAST to 1."""
    query = ranking_query(text)
    if not query:
        return []
    rows = [dict(row) for row in reader.all(_BEST, {"query": query, "most": _COMPARED})]
    for row in rows:
        row["likeness"] = round(likeness(text, row["question"]), 2)
    rows.sort(key=lambda row: (-row["likeness"], -row["used"], row["id"]))
    return [row for row in rows if row["likeness"] >= LEAST][:limit]
