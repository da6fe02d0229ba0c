"""Making this program one of another schema."""

import pytest

from crmcli.store import connection, database, schema
from crmcli.store.health import file


def take_for_newest(patch: pytest.MonkeyPatch, number: int) -> None:
    """Let this be the newest schema that the program knows."""
    for module in (connection, database, schema, file):
        patch.setattr(module, "SCHEMA", number)
