"""Is everything all right with the database? Every check says what it found and what cures it, and some mend it."""

import sqlite3
from collections.abc import Callable, Iterator

from crmcli.errors import reason_of
from crmcli.i18n import _
from crmcli.store.backup import backup_before, damaged, is_damage
from crmcli.store.connection import schema_of
from crmcli.store.health import attachments, file, records
from crmcli.store.health.check import Check, Finding, Subject


def examine(
    subject: Subject, *, fix: bool = False, begin: Callable[[str], None] = lambda _what: None
) -> Iterator[Finding]:
    """Yield a finding for every check; with `fix` mend what can be mended, after an automatic backup.

    `begin` is told, before each, what it would like to find.

    Nothing is written without `fix`, nor where it can't be. Checks of records wait until the schema is this program's.
    Raises StoreError when the file is damaged, or not ours.
    """
    patient = _Patient(subject, fix=fix, begin=begin)
    ours = True
    for check in file.CHECKS:
        finding = patient.examined(check)
        ours = ours and (finding.ok or finding.check != "schema")
        patient.fix = patient.fix and (finding.ok or finding.check != "place")
        yield finding
    if ours:
        yield from map(patient.examined, records.CHECKS)
        yield from map(patient.examined, attachments.CHECKS)


class _Patient:
    """The database while it is examined; what it was is kept before the first thing is mended."""

    def __init__(self, subject: Subject, *, fix: bool, begin: Callable[[str], None]) -> None:
        self.begin = begin
        self.subject = subject
        self.fix = fix
        self.kept = False

    def examined(self, check: Check) -> Finding:
        """Return what a check found, after mending it where that is wanted and possible."""
        self.begin(_(check.well))
        sampled = check.samples and self.subject.sampled
        problem = _problem(check, self.subject)
        if not problem:
            return Finding(check.name, ok=True, message=_(check.well), sampled=sampled)
        left = self._mended(check, problem) if self.fix and check.mend else problem
        fixed = not left
        return Finding(check.name, ok=fixed, message=left or problem, cure=_(check.cure), fixed=fixed, sampled=sampled)

    def _mended(self, check: Check, problem: str) -> str:
        """Mend what a check found and return what is left of it."""
        assert check.mend  # noqa: S101 - narrows the type
        if not self.kept and schema_of(self.subject.connection, self.subject.path):  # there is something to be kept
            backup_before(self.subject.path, "fix", self.subject.now)
            self.kept = True
        try:
            check.mend(self.subject)
        except (sqlite3.Error, OSError) as error:
            return f"{problem} ({reason_of(error)})"
        return _problem(check, self.subject)


def _problem(check: Check, subject: Subject) -> str:
    """Return what is wrong; a check that lacks a table or a column says so. Raises StoreError for a damaged file."""
    try:
        return check.find(subject)
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise damaged(subject.path, str(error)) from error
        return _("can't be checked: {reason}").format(reason=error)
