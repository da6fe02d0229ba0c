"""A folder of calendar files beside what we would write into it."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from crmcli.exchange.files import content_of
from crmcli.exchange.folder import uids_of, write_folder
from crmcli.exchange.parted import part, parts_of, paths_of
from crmcli.exchange.sniff import records_in
from crmcli.exchange.vdir.additions import with_additions
from crmcli.exchange.vdir.changes import Changed, Changes, changed_in
from crmcli.exchange.vdir.dropped import Ended, completed, over, unsure
from crmcli.exchange.vdir.item import Item

_SUFFIX = ".ics"
_OUR_UID = re.compile(rb"(?<=^UID:)[0-9A-F]{32}(?:-\w+)?(?=\r?$)", re.MULTILINE)

There = Mapping[Path, Item]
"""The files of a folder as they were when it was looked at: who changes one later is heard the next time."""
Here = Mapping[str, Item]
"""What we would write, by UID."""


def look_into(folder: Path) -> There:
    """Return the calendar files of a folder, in which other programs may write meanwhile. Raises OSError."""
    if not folder.is_dir():
        return {}
    paths = sorted(path for path in records_in(folder) if path.suffix.lower() == _SUFFIX)
    return {path: Item(content, path) for path in paths if (content := content_of(path)) is not None}


class Compared:
    """The files of a folder beside what we would write, and what they said when we wrote them."""

    def __init__(self, there: There, here: Here, ended: Ended, *, ours_alone: bool) -> None:
        """Read the files; `ended`, `ours_alone`: see crmcli.exchange.vdir.dropped."""
        parts = {path: (item, _parted(_named(item, here), there)) for path, item in there.items()}
        self._shared = [(item, items) for item, items in parts.values() if items != [item]]
        """Files that are to be parted, or named as we do, as soon as one of their entries is ours."""
        there = {item.path: item for _file, items in parts.values() for item in items}
        there |= _copies(there, here)
        there |= over(there, here, ended)
        self._there = there
        self._here = here
        self._known = _untouched(there, here)
        touched = {path: item for path, item in there.items() if path not in self._known}
        self._touched = completed(touched, here, ours_alone=ours_alone)
        self.unsure = unsure(touched, self._touched, here)
        """The files that were changed here and perhaps there (path → summary)."""

    @property
    def was_changed(self) -> bool:
        """Whether an entry that we wrote was changed or ticked off there."""
        return any(item.is_ours and item.is_touched for item in self._touched.values())

    def changes(self) -> Changes:
        """Return what is to be taken over, and what is to be told; what is `unsure` is not taken over."""
        changes = Changes(unsure=[*self.unsure.values()])
        for path, item in self._touched.items():
            if path not in self.unsure:
                changes.add(item, self._here)
        return changes

    def put_back(self, here: Here, alone: Collection[Path], done: Collection[str]) -> list[Changed]:
        """Return the entries of which something that was changed there is lost when these files are written.

        So is what was said, more than a tick, of one that has gone here: of a callback that is `done` (its UID), or of
        what is none. Files that are left `alone` lose nothing.
        """

        def is_lost(item: Item, entry: Changed) -> bool:
            ours = here.get(entry.uid)
            return item.loses_by(ours) if ours else entry.uid in done or (bool(entry.record) and not entry.status)

        ours = [item for path, item in self._touched.items() if item.is_ours and path not in alone]
        return [entry for item in ours for entry in changed_in(item, here) if is_lost(item, entry)]

    def write(self, folder: Path, here: Here, alone: Collection[Path]) -> int:
        """Write what differs, remove what we wrote for what is over, and return how many files that were.

        Files are left `alone`; and so are those of ours that differ in an alarm that somebody has added: it stays until
        the record is another one here, as additions do then, too. Raises OSError.
        """
        for file, items in self._shared:
            if any(item.is_ours or item.uid in here for item in items):
                part(file.path, file.content, {item.path: item.content for item in items})
        added = {path for path, uid in self._known.items() if self._there[path].is_written_as(here.get(uid))}
        seen = {path: item.content for path, item in self._there.items() if path not in alone and path not in added}
        files = ((uid, item.content) for uid, item in here.items())
        written = write_folder(folder, _SUFFIX, files, seen, self._known, with_additions)
        return written.changed + self._remove_over(seen, here)

    def _remove_over(self, seen: Mapping[Path, bytes], here: Here) -> int:
        """Remove the files that we wrote, but for those that are here, and return how many there were."""
        ours = [path for path in seen if self._touched.get(path, self._there[path]).is_ours]
        over = [path for path in ours if here.keys().isdisjoint(uids_of(path, self._known))]
        removed = [path for path in over if content_of(path) == seen[path]]
        for path in removed:
            path.unlink(missing_ok=True)
        return len(removed)


def _named(there: Item, here: Here) -> Item:
    """Return a file with the identities of our entries as we write them, where a server has put them in capitals."""

    def named(found: re.Match[bytes]) -> bytes:
        uid = found[0].decode()
        return (uid.lower() if uid.lower() in here else uid).encode()

    content = _OUR_UID.sub(named, there.content)
    return there if content == there.content else Item(content, there.path)


def _parted(there: Item, taken: Collection[Path]) -> list[Item]:
    """Return the entries of a file as files of their own; the file itself where it is one."""
    parts = parts_of(there.content)
    if parts == [there.content]:
        return [there]
    return [Item(content, path) for content, path in zip(parts, paths_of(there.path, taken), strict=False)]


def _untouched(there: There, here: Here) -> dict[Path, str]:
    """Return the UIDs of our files in which nothing that we read was changed; one that is here as it is is not read."""
    uids = {item.content: uid for uid, item in here.items()}
    found = {}
    for path, item in there.items():
        if item.content in uids:
            found[path] = uids[item.content]
        elif item.is_ours and not item.is_touched:
            found[path] = item.uid
    return found


def _copies(there: There, here: Here) -> dict[Path, Item]:
    """Return the files with which somebody began a new entry, by a copy of one of ours that is still here."""
    marks = Counter(item.mark.written for item in there.values() if item.mark)
    twice = [item for item in there.values() if item.mark and item.mark.written and marks[item.mark.written] > 1]
    copied = {item.mark for item in twice if item.uid in here}
    copies = [item for item in twice if item.uid not in here and item.mark in copied]
    return {item.path: Item(item.content, item.path, is_copy=True) for item in copies}
