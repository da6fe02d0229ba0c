"""What the runs of the reminders did lately."""

from crmcli.queries.reader import Reader, Row


def last_run(reader: Reader) -> Row | None:
    """Return the last run that had something to deliver, None when there was none."""
    rows = reader.all("SELECT * FROM reminder_run ORDER BY at DESC, id DESC LIMIT 1")
    if not rows:
        return None
    row = dict(rows[0])
    return row | {name: reader.local(row[name]) for name in ("at", "finished_at")}
