"""`crm doctor`: is everything all right? --fix mends, --salvage saves what a damaged file still holds."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from stat import S_IWGRP, S_IWOTH
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli import App
from crmcli.context import Context
from crmcli.errors import CrmError, PartialError, UsageError
from crmcli.i18n import _, joined
from crmcli.nouns import Field, Noun
from crmcli.options import Run, context_of
from crmcli.rules.shellwords import word

if TYPE_CHECKING:
    from crmcli.store.health.check import Finding, Subject

app = App()

_INSTRUCTIONS = 1_000_000
"""Of SQLite's machine, between two looks at the clock: about a hundredth of a second."""

FINDING = Noun(
    name="finding",
    plural="findings",
    view="",
    fields=(
        Field("check", "text", "Check"),
        Field("ok", "flag", "OK"),
        Field("message", "text", "Found"),
        Field("cure", "text", "Cure"),
        Field("fixed", "flag", "Mended"),
        Field("sampled", "flag", "Sampled"),
    ),
    columns=("check", "ok", "message", "cure", "fixed"),
    sort=(),
)
"""One check, as data."""

SALVAGED = Noun(
    name="salvaged",
    plural="salvaged",
    view="",
    fields=(
        Field("table", "text", "Table"),
        Field("read", "number", "Read"),
        Field("restored", "number", "From the journal"),
        Field("lost", "number", "Lost"),
    ),
    columns=("table", "read", "restored", "lost"),
    sort=(),
)
"""What became of one table of a damaged file."""


@app.command(help=_("Is everything all right? Says what is wrong and what cures it; exit 1 when something is."))
def doctor(
    ctx: Run,
    *,
    fix: Annotated[bool, typer.Option("--fix", help=_("mend what can be mended, after a backup"))] = False,
    full: Annotated[
        bool, typer.Option("--full", help=_("check every word of the search index, and no sample"))
    ] = False,
    salvage: Annotated[
        Path | None,
        typer.Option("--salvage", metavar="NEWFILE", help=_("save what a damaged database still holds into a new one")),
    ] = None,
) -> int:
    """Examine the database and the place it lives in."""
    context = context_of(ctx)
    if salvage:
        _salvage(context, salvage.expanduser())
        return 0
    from crmcli.store.health import examine

    findings: list[Finding] = []
    begin = _announcer(context)

    def note(found: "Iterable[Finding]") -> None:
        for finding in found:
            findings.append(finding)
            begin("")
            if not context.output.data:
                _show(context, finding)

    try:
        note(_surroundings(context))
        note(examine(_subject(context, full=full), fix=fix and not context.options.dry_run, begin=begin))
        note((*_encryption(context), *(_reminders(context) if _is_ours(findings) else ())))
    finally:  # what was found before an error is shown, too
        begin("")
        if context.output.data:
            context.output.records([finding._asdict() for finding in findings], FINDING, now=context.now)
    if any(finding.sampled for finding in findings):
        context.output.note(_("of the indexes a sample was checked; everything: crm doctor --full"))
    return 0 if all(finding.ok for finding in findings) else 1


def _is_ours(findings: "Iterable[Finding]") -> bool:
    """Return whether the schema is this program's: what an older one has of reminders is read after the upgrade."""
    return all(finding.ok or finding.check != "schema" for finding in findings)


def _show(context: Context, finding: "Finding") -> None:
    """Print a finding at once: checking a large database takes its time."""
    from crmcli.screens.doctor import finding_lines

    context.output.screen(finding_lines([finding], context.output.terminal.width))
    context.output.terminal.flush()


def _announcer(context: Context) -> "Callable[[str], None]":
    """Return a function that shows on a terminal what is being checked, and for how long, in place of what it showed.

    The seconds are counted while the database works, which calls back in between.
    """
    if context.output.data or not context.output.side.interactive:
        return lambda _what: None
    from time import monotonic

    def begin(what: str) -> None:
        began, said = monotonic(), 0

        def tick() -> None:
            nonlocal said
            seconds = int(monotonic() - began)
            if seconds > said:
                said = seconds
                context.output.side.passing(_("{what} … {seconds} s").format(what=what, seconds=seconds))

        context.output.side.passing(what)
        if "connection" in context.__dict__:
            context.connection.set_progress_handler(tick if what else None, _INSTRUCTIONS)

    return begin


def _surroundings(context: Context) -> "Iterator[Finding]":
    """Yield findings about settings and zone; what can't be used is replaced by its default for the rest of the run."""
    from zoneinfo import ZoneInfo

    from crmcli.config import load_settings
    from crmcli.store.health.check import Finding
    from crmcli.when.zone import known_zone

    try:
        path = context.settings.path
        there = _("settings read from {path}") if path.exists() else _("no settings file, so the defaults hold: {path}")
        open_ = os.name == "posix" and path.exists() and path.stat().st_mode & (S_IWGRP | S_IWOTH)
        if open_:  # a channel in it may run a program
            told = _("others may change the settings {path}").format(path=path)
            yield Finding("settings", ok=False, message=told, cure=f"chmod go-w {path}")
        else:
            yield Finding("settings", ok=True, message=there.format(path=path))
    except UsageError as error:
        yield Finding("settings", ok=False, message=error.message, cure=error.hint)
        context.settings = load_settings(Path(os.devnull))
    tz = context.environ.get("TZ", "")
    try:
        known = _("the time zone is {zone}").format(zone=context.zone.key)
    except UsageError as error:
        yield Finding("zone", ok=False, message=error.message, cure=_("crm config set timezone Asia/Shanghai"))
        context.zone = ZoneInfo("UTC")
        return
    if tz and not context.settings.text("timezone") and not known_zone(tz):
        message = _("TZ={tz} names no zone; {zone} is taken instead").format(tz=tz, zone=context.zone.key)
        yield Finding("zone", ok=False, message=message, cure=_("set TZ to a name such as Asia/Shanghai"))
    else:
        yield Finding("zone", ok=True, message=known)


def _encryption(context: Context) -> "Iterator[Finding]":
    """Yield that the database is encrypted, or could be: there is a key."""
    from crmcli.store.driver import is_encrypted, load_cipher
    from crmcli.store.health.check import Finding

    if is_encrypted(context.database):
        said = _("encrypted with SQLCipher {version}; attachments are not").format(version=load_cipher().version())
        yield Finding("encryption", ok=True, message=said)
        return
    try:
        if context.key_of(None):
            yield Finding("encryption", ok=False, message=_("not encrypted, though a key is set"), cure="crm encrypt")
    except CrmError as error:
        said = _("not encrypted, though a key is set: {reason}").format(reason=error.message)
        yield Finding("encryption", ok=False, message=said, cure=_("mend it, or: crm config set key ''"))


def _reminders(context: Context) -> "Iterator[Finding]":
    """Yield whether the reminders run, where they were installed, and which channels fail."""
    from crmcli.screens.channels import failing
    from crmcli.screens.schedule_status import finding
    from crmcli.store.health.check import Finding

    well, message, cure = finding(context)
    yield Finding("reminders", ok=well, message=message, cure=cure)
    for name, reason in failing(context):
        said = _("{channel} failed: {reason}").format(channel=name, reason=reason)
        yield Finding("channels", ok=False, message=said, cure=f"crm remind --test {word(name)}")


def _subject(context: Context, *, full: bool) -> "Subject":
    """Open the database as it is: neither made nor upgraded."""
    from crmcli.store.backup import damaged
    from crmcli.store.connection import connect, require_file
    from crmcli.store.driver import is_database
    from crmcli.store.health.check import Subject

    path = context.database
    require_file(path)
    if path.stat().st_size and not is_database(path):
        raise damaged(path, _("it does not begin as a database does"))
    waiting = context.kept_waiting()
    context.connection = connect(path, waiting=waiting)
    country = context.settings.text("country")
    return Subject(context.connection, path, context.now, country, context.transaction, full, waiting)


def _salvage(context: Context, new: Path) -> None:
    """Save what can be read into a new file, and say for each table what was read and what was lost."""
    from crmcli.store.salvage import salvage

    rows = salvage(context.database, new, context.now, dry_run=context.options.dry_run)
    context.output.records([row._asdict() for row in rows], SALVAGED, now=context.now)
    if not context.options.dry_run:
        context.output.note(_("{path} is the new database; crm restore {path} puts it in place").format(path=word(new)))
    lost = [f"{row.table} {row.lost}" for row in rows if row.lost]
    if lost:
        raise PartialError(
            _("lost: {tables}").format(tables=joined(lost)),
            hint=_("a backup may have them: crm backup --list"),
        )
