"""When the next report on a supervised item is due."""

from datetime import date, timedelta


def next_report(today: date, every: int | None, due_on: date | None) -> date | None:
    """Return the day of the next report, counted from today, every so many days; None when nothing says when.

    The day on which the item is to be settled is one of a report, too. Once it has passed, the rhythm goes on; without
    a rhythm the report is due since then.
    """
    last = date.max.toordinal() - today.toordinal()
    rhythm = today + timedelta(days=min(every, last)) if every else None
    if due_on is not None and (rhythm is None or today < due_on < rhythm):
        return due_on
    return rhythm
