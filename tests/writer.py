"""What several processes do to one database at once. They are new ones, so this imports what they need and no more."""

from datetime import datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from zoneinfo import ZoneInfo

from crmcli.services.contact import add_contact
from crmcli.services.followup import add_followup
from crmcli.store.database import open_database
from crmcli.store.driver import Connection
from crmcli.store.transaction import Author, write

LOGS = 8
"""How often each process writes."""


def after(gate: Barrier, work: object, path: Path, number: int) -> None:
    gate.wait()
    assert callable(work)
    work(path, number)


def work(path: Path, number: int) -> None:
    """Add a contact to a database that may not be there yet, then log what happened with them."""
    connection = open_database(path)
    assert isinstance(connection, Connection)
    now = datetime.now(ZoneInfo("UTC"))
    with write(connection, Author("wei", now, "add")) as tx:
        contact = add_contact(tx, {"name": f"contact {number}"}, now=now, country="CN", owner="wei")
    for count in range(LOGS):
        with write(connection, Author("wei", now, "log")) as tx:
            add_followup(tx, contact, {"text": f"{number} {count}"}, now=now, order="md", owner="wei")
    connection.close()
