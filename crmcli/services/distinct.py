"""Records that look alike and are not the same: what the user said about a pair that `dupes` found."""

from collections.abc import Sequence
from itertools import combinations

from crmcli.errors import UsageError
from crmcli.i18n import _
from crmcli.store.transaction import Transaction

_ADD = "INSERT INTO distinct_pair (noun, low_id, high_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_REMOVE = "DELETE FROM distinct_pair WHERE noun = ? AND low_id = ? AND high_id = ?"
_MOVE = """
INSERT INTO distinct_pair (noun, low_id, high_id)
SELECT :noun, min(:survivor, third), max(:survivor, third) FROM (
    SELECT iif(low_id = :other, high_id, low_id) AS third FROM distinct_pair
    WHERE noun = :noun AND :other IN (low_id, high_id)
) WHERE third <> :survivor
ON CONFLICT DO NOTHING
"""


def set_distinct(tx: Transaction, name: str, ids: Sequence[int], *, distinct: bool = True) -> int:
    """Note that contacts or companies (`name`) are each somebody else, or take it back; return how many pairs changed.

    Raises UsageError for fewer than two records.
    """
    if len({*ids}) < 2:  # noqa: PLR2004 - a pair
        raise UsageError(_("one record is no pair"), hint=_("name two different ones"))
    statement = _ADD if distinct else _REMOVE
    pairs = combinations(sorted({*ids}), 2)
    return sum(tx.connection.execute(statement, (name, *pair)).rowcount for pair in pairs)


def move_distinct(tx: Transaction, name: str, survivor: int, other: int) -> None:
    """Let whoever is not the same as a record that is merged away not be the same as the one that is left."""
    values = {"noun": name, "survivor": survivor, "other": other}
    tx.connection.execute(_MOVE, values)
    tx.connection.execute("DELETE FROM distinct_pair WHERE noun = :noun AND :other IN (low_id, high_id)", values)
