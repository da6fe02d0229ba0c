"""Who is asked for the key of an encrypted database.

A run of the program asks in its own way (see `crmcli/unlock.py`); whatever else opens a database, in the environment.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:  # nothing is loaded before a key is wanted
    from collections.abc import Callable
    from pathlib import Path

VARIABLE = "CRM_KEY"


def from_environment(_path: "Path | None") -> str:
    """Return the key that the environment has, empty when it has none."""
    return os.environ.get(VARIABLE, "")


ask: "Callable[[Path | None], str]" = from_environment
"""Gives the key of an encrypted file; asked for None, the key that a new database gets, empty where that is plain."""
