"""A folder of calendar files, as another program reads it and writes in it."""

import re
from pathlib import Path

import icalendar


def calendars(folder: Path) -> dict[str, icalendar.Component]:
    """Return the entries of a folder's files by their summaries."""
    entries = {}
    for path in sorted(folder.glob("*.ics")):
        (entry,) = icalendar.Calendar.from_ical(path.read_bytes()).walk(select=lambda part: "UID" in part)
        entries[str(entry["SUMMARY"])] = entry
    return entries


def change(folder: Path, summary: str, old: str, new: str) -> None:
    """Do in the file of an entry what another program does."""
    for path in folder.glob("*.ics"):
        text = path.read_bytes().decode()
        if f"SUMMARY:{summary}\r\n" in text:
            assert old in text
            path.write_bytes(text.replace(old, new, 1).encode())


def tick(folder: Path, summary: str) -> None:
    """Tick a to-do off."""
    ticked = "STATUS:COMPLETED\r\nCOMPLETED:20261125T005000Z\r\nPERCENT-COMPLETE:100"
    change(folder, summary, "STATUS:NEEDS-ACTION", ticked)


def drop_our_lines(folder: Path) -> None:
    """Do what servers do that keep no properties of others."""
    for path in folder.glob("*.ics"):
        path.write_bytes(re.sub(rb"X-CRM-[^\r]*\r\n(?: [^\r]*\r\n)*", b"", path.read_bytes()))
