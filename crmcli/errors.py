"""Everything that can go wrong, as one tree; `__main__` catches it once.

    CrmError                1  failed      the message says why
    ├── UsageError          2  usage       unknown option, missing argument
    │   ├── WhenError       2  when        a moment that can't be read
    │   └── QueryError      2  query       a query that can't be read
    ├── NotFoundError       3  not_found   no such record
    ├── AmbiguousError      4  ambiguous   several records match; candidates
    ├── ConflictError       5  conflict    duplicate, already done, changed since
    ├── PartialError        6  partial     some rows were rejected
    └── StoreError          7  database    the database can't be used

The exit codes are a contract with scripts: they never change. Messages are one line; the hint says what to do.
"""

import errno
from typing import Any, ClassVar

from crmcli.i18n import N_, _


class CrmError(Exception):
    """Failed: `message` says why in one line, `hint` what to do about it, `candidates` which records were meant.

    `told` is whether the message itself tells of the first of them, so that it need not be listed alone.
    """

    code: ClassVar[int] = 1
    kind: ClassVar[str] = "failed"
    meaning: ClassVar[str] = N_("failed; the message says why")

    def __init__(
        self, message: str, *, hint: str = "", candidates: list[dict[str, Any]] | None = None, told: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.candidates = candidates or []
        self.told = told

    def as_dict(self) -> dict[str, Any]:
        """Return the error as the contract's JSON object."""
        return {
            "code": self.code,
            "kind": self.kind,
            "message": self.message,
            "hint": self.hint,
            "candidates": self.candidates,
        }


class UsageError(CrmError):
    """The command line, a setting or an import's options can't be understood."""

    code = 2
    kind = "usage"
    meaning = N_("wrong usage: an unknown option, a date that can't be read, a missing argument")


class WhenError(UsageError):
    """A moment, period or repeat that can't be read, or lies where it may not."""

    kind = "when"


class QueryError(UsageError):
    """A query that can't be read, or names an unknown field."""

    kind = "query"


class NotFoundError(CrmError):
    """No such record."""

    code = 3
    kind = "not_found"
    meaning = N_("no such record")


class AmbiguousError(CrmError):
    """Several records match; `candidates` lists them."""

    code = 4
    kind = "ambiguous"
    meaning = N_("ambiguous: several records match")


class ConflictError(CrmError):
    """Duplicate, already done, or changed since."""

    code = 5
    kind = "conflict"
    meaning = N_("conflict: duplicate, already done, changed since")


class PartialError(CrmError):
    """Some rows were rejected, the others are done."""

    code = 6
    kind = "partial"
    meaning = N_("partly done: some rows were rejected")


class StoreError(CrmError):
    """The database is unreadable, damaged, locked, on a full disk, or made by a newer version."""

    code = 7
    kind = "database"
    meaning = N_("the database can't be used: unreadable, damaged, locked, full disk, or made by a newer version")


NO_MORE_FILES = (errno.EMFILE, errno.ENFILE)
"""What the system says where a process, or all together, have as many files open as they may."""


def no_more_files() -> StoreError:
    """Return the error for that: there may be no more files for whatever would explain it further."""
    return StoreError(_("the system lets no more files be opened"), hint="ulimit -n 256")


def reason_of(error: BaseException) -> str:
    """Return what the system said, without its number and the path, which the message around it names."""
    return str(getattr(error, "strerror", None) or error)
