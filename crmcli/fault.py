"""What is no error of ours - SQLite's, the system's, the program's - as the error that the user reads.

Imported when something has gone wrong, and not before.
"""

import os
import sqlite3
from contextlib import closing

from crmcli.context import Context
from crmcli.errors import ConflictError, CrmError, StoreError, UsageError
from crmcli.i18n import _
from crmcli.store.backup import damaged, faults, is_damage
from crmcli.store.connection import connect_plainly, store_error
from crmcli.store.driver import is_database
from crmcli.store.health.check import is_large
from crmcli.store.health.records import unreadable_fields
from crmcli.store.health.values import unreadable_values
from crmcli.store.transaction import Transaction


def fault(error: Exception, context: Context) -> CrmError:
    """Return a fault of the database, the system or the program as the error that the user reads."""
    cause = getattr(error, "orig", None) or error  # SQLAlchemy wraps what SQLite says
    if isinstance(cause, sqlite3.IntegrityError) and "FOREIGN KEY" in str(cause):  # SQLCipher's library has no own code
        return ConflictError(
            _("what the record belongs to was deleted or merged meanwhile"), hint=_("look at it again and retry")
        )
    if isinstance(cause, sqlite3.IntegrityError):
        return ConflictError(
            _("the record does not fit what is there: {reason}").format(reason=cause),
            hint=_("look at it again and retry"),
        )
    if isinstance(cause, sqlite3.Error):
        return store_error(cause, context.database)
    if isinstance(cause, OSError):
        return _refused(cause, context)
    if isinstance(cause, UnicodeEncodeError):  # bytes that Python could not decode, on their way to the database
        return UsageError(_("the command line contains bytes that are not text"), hint=_("write it in UTF-8"))
    return _damage(context) or _bug(error, context)


def _refused(error: OSError, context: Context) -> CrmError:
    """Return the error for what the system did not do."""
    reason = str(error.strerror or error)
    if not error.filename:
        return _not_printed(reason, context)
    if str(error.filename) == str(context.database):
        return store_error(error, context.database)
    if isinstance(error, FileExistsError) and os.path.isfile(error.filename):  # noqa: PTH113 - this one never raises
        return UsageError(_("{path} is a file and no folder").format(path=error.filename), hint=_("name a folder"))
    return CrmError(f"{error.filename}: {reason}")


def _not_printed(reason: str, context: Context) -> CrmError:
    """Return the error for a standard stream that failed, perhaps after what was asked for was done."""
    if not context.written:
        done = _("{reason}: the answer could not be printed, but all else is done").format(reason=reason)
        return CrmError(done if context.done else reason)
    return CrmError(
        _("{reason}: the answer could not be printed, but change {change} was written").format(
            reason=reason, change=context.written.change
        ),
        hint=_("don't repeat it; {undoing}").format(undoing=undoing(context.written)),
    )


def undoing(written: Transaction) -> str:
    """Return what takes back that which was written."""
    if written.final:
        return _("nothing takes it back")
    return _("crm undo {change} takes it back").format(change=written.change)


def _damage(context: Context) -> StoreError | None:
    """Return the error for a damaged file, when that is why the program met what can't be; None for a sound one."""
    try:
        if not is_database(context.database):
            return None
        with closing(connect_plainly(context.database)) as connection:
            large = is_large(context.database)  # nobody waits half a minute to read what went wrong
            found = [] if large else faults(connection)
            unreadable = "" if found else _unreadable(connection, sampled=large)
    except (sqlite3.Error, UnicodeDecodeError) as error:  # what is said quotes what was found
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            return None
        found, unreadable = [str(error)], ""
    except CrmError:  # there is no telling which file it is
        return None
    if unreadable:
        return StoreError(unreadable, hint=_("{done}; mend them: crm doctor --fix").format(done=_done(context)))
    return damaged(context.database, found[0]) if found else None


def _unreadable(connection: sqlite3.Connection, *, sampled: bool) -> str:
    return unreadable_fields(connection, sampled=sampled) or unreadable_values(connection, sampled=sampled)


def _bug(error: Exception, context: Context) -> CrmError:
    """Return the error for a fault of the program."""
    return CrmError(
        _("something went wrong in crm itself: {reason}").format(reason=f"{type(error).__name__}: {error}"),
        hint=_(
            "{done}; if crm doctor --full finds nothing, run it again with CRM_DEBUG=1 to see where, and report it"
        ).format(done=_done(context)),
    )


def _done(context: Context) -> str:
    """Return what was written before something went wrong."""
    if context.written:
        return _("change {change} was written").format(change=context.written.change)
    return _("nothing was written")
