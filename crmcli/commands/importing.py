"""`crm import`: what it asks, does and says."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from crmcli.context import Context
from crmcli.errors import UsageError
from crmcli.i18n import _, joined, ngettext, one_of
from crmcli.when.zone import load_zone

if TYPE_CHECKING:
    from datetime import datetime

    from crmcli.commands.everything import Watch
    from crmcli.exchange.jsonfile import Objects
    from crmcli.exchange.source import Source
    from crmcli.nouns import Noun
    from crmcli.services.importing.plan import Plan, Summary
    from crmcli.store.transaction import Transaction

_NOUNS = {
    "contacts": "contact",
    "companies": "company",
    "followups": "followup",
    "callbacks": "callback",
    "complaints": "complaint",
    "promises": "promise",
    "surveys": "survey",
}
_WITH_OTHERS_ALONE = {"supervisions": "supervision", "answers": "answer"}
"""What is exported by itself, but imported together with everything else."""
_OURS = {"id", "uid", "created_at", "updated_at"}
"""The columns that an export of ours has, whatever the records are."""
_USUALLY = {"ical": "callbacks"}
"""What the rows of a file of this kind are, where nobody says."""
_PARTLY = 6
"""Exit code: some rows were rejected."""
_SHOWN = 10
"""Rejected rows that are named on a terminal."""
_LONG = 2 << 20
"""Bytes of a file that a second process reads: some 20,000 rows, which take a second; a shorter one is not worth it."""
_REMARKS = ("_row", "_error")
"""Columns of a file of rejected rows."""
_COUNTS = ("read", "created", "updated", "unchanged", "skipped", "rejected")
_NOTHING: dict[str, Any] = dict.fromkeys(
    ("as", "map", "save_map", "use_map", "match", "on_duplicate", "extra", "sheet", "rejects")
)
"""The options, none of them given."""


def run(context: Context, file: str, given: Mapping[str, Any] = _NOTHING) -> int:
    """Import a file as the command's options say, print what became of its rows, and return the exit code."""
    given = {**_NOTHING, **given}
    rejects = given["rejects"] and Path(given["rejects"]).expanduser()
    if rejects and file != "-" and rejects.resolve() == Path(file).expanduser().resolve():
        raise UsageError(_("the rejected rows would take the place of the file"), hint=_("name another file"))
    summary, report = _import(context, file, given, rejects)
    _print(context, summary, report)
    return _PARTLY if summary.rejected else 0


def _import(
    context: Context, file: str, given: dict[str, Any], rejects: Path | None
) -> "tuple[Summary, dict[str, Any]]":
    """Import the file in one transaction; return what became of it, and the contract's object."""
    from crmcli.commands.everything import import_all, is_everything
    from crmcli.commands.mapping import ask_mapping
    from crmcli.screens.imported import brought_along, print_aside
    from crmcli.services.importing import import_rows
    from crmcli.services.importing.plan import Summary
    from crmcli.services.importing.rejects import first_errors, write_rejected_objects, write_rejects

    dry_run, opened = context.options.dry_run, _opened(file)
    kind, rows = _source(opened, given["sheet"] or "")
    whole = bool(rows.header) and is_everything(rows, given["as"])
    given = given if whole else {**given, "as": given["as"] or _exported(context, rows)}
    records, given = (rows, given) if whole else ask_mapping(context, kind, rows, _noun(given["as"]), given)
    with closing(rows), context.transaction() as tx, _watched(context, opened, tx) as watch:
        if whole:
            summary = import_all(context, tx, cast("Objects", rows), given, watch, plan_of)
        elif rows.header:
            plan = plan_of(context, tx, rows, {**given, "as": given["as"] or _USUALLY.get(kind, "contacts")})
            whose = plan.names_owners and kind not in ("vcard", "ical")  # which have a place for it, whoever wrote them
            plan = plan._replace(calendar=kind == "ical", whose=whose, keep_cells=rejects is not None)
            plan = plan._replace(long=kind == "csv" and _is_long(file), **watch._asdict())
            summary = import_rows(tx, records, plan)
        else:
            summary = Summary()
        written = rejects is not None and summary.rejected > 0 and not dry_run
        if rejects and written:
            (write_rejected_objects if whole else write_rejects)(tx.connection, cast("Any", rows), rejects)
        errors = first_errors(tx.connection) if rows.header else []
        brought = [] if whole or not dry_run else list(brought_along(tx, summary))
    print_aside(context, rows.left_out, summary, brought)
    report = {
        **{name: getattr(summary, name) for name in _COUNTS},
        "change": _change_of(context, tx),
        "rejects_file": str(rejects) if written else None,
        "errors": errors,
    }
    return summary, report


def _change_of(context: Context, tx: "Transaction") -> int | None:
    """Return the number of the change; None where nothing was changed."""
    found = context.connection.execute("SELECT id FROM change WHERE id = ?", (tx.change,)).fetchone()
    return found[0] if found and not context.options.dry_run else None


def _is_long(file: str) -> bool:
    """Return whether a second process is to read the file."""
    return file != "-" and Path(file).expanduser().stat().st_size >= _LONG


def _exported(context: Context, rows: "Source") -> str | None:
    """Return, and say, what records an export of ours has that are no contacts, by its columns; None for other files.

    Closes the file and raises UsageError for those that are not imported by themselves.
    """
    from crmcli.nouns import noun

    if not _OURS.issubset(rows.header):
        return None
    declared = {
        plural: sum(field.name in rows.header for field in noun(name).fields)
        for plural, name in {**_NOUNS, **_WITH_OTHERS_ALONE}.items()
    }
    first, second = sorted(declared, key=declared.__getitem__, reverse=True)[:2]
    if first == "contacts" or declared[first] == declared[second]:
        return None
    if first in _WITH_OTHERS_ALONE:
        rows.close()
        raise UsageError(
            _("{records} can't be imported by themselves").format(records=first),
            hint=_("import an export of everything: crm export all --to all.json"),
        )
    context.output.note(
        _("these are {records}, by the columns: read as such; --as says otherwise").format(records=first)
    )
    return first


def _noun(chosen: str | None) -> str:
    """Return the name of the records' noun, empty where there is none of that name."""
    return _NOUNS.get((chosen or "contacts").casefold(), "")


def plan_of(context: Context, tx: "Transaction", rows: "Source", given: dict[str, Any]) -> "Plan":
    """Return how the file is to be read; raises UsageError for options that do not fit it."""
    from crmcli.exchange.headers import match_headers
    from crmcli.queries.custom_fields import custom_fields
    from crmcli.services.importing.foreign import with_foreign
    from crmcli.services.importing.maps import load_map, save_map
    from crmcli.services.importing.plan import ON_DUPLICATE, Plan, chosen_match, require_keys

    on_duplicate = _one_of("--on-duplicate", given["on_duplicate"] or "update", ON_DUPLICATE)
    declaration = with_foreign(context.reader.noun(_NOUNS[_one_of("--as", given["as"], tuple(_NOUNS))]))
    extra = _extra(declaration, given["extra"])
    mapping = _mapping(given["map"] or ())
    if given["use_map"]:
        mapping = {**load_map(tx.connection, given["use_map"], rows.header), **mapping}
    headers = match_headers(rows.header, declaration, mapping)
    match = chosen_match(declaration.name, given["match"] or "")
    require_keys(headers, declaration, rows.header)
    if given["save_map"]:
        save_map(tx.connection, given["save_map"], mapping)
    ignored = [heading for heading in headers.unknown if heading not in _REMARKS]
    if ignored and not extra:
        context.output.note(_("columns that no field has, ignored: {columns}").format(columns=joined(ignored)))
    fillers = [f"{column.heading} ({column.field})" for column in headers.fillers]
    if fillers:
        said = _("columns that count only where an earlier one of their field is empty: {columns}")
        context.output.note(said.format(columns=joined(fillers)))
    return Plan(
        noun=declaration,
        headers=headers,
        on_duplicate=on_duplicate,
        match=match,
        now=_now_of(context, rows),
        owner=context.actor,
        country=context.settings.text("country"),
        order=context.settings.text("date_order"),
        settings=context.settings,
        extra=tuple((place, heading) for place, heading in enumerate(rows.header) if heading in ignored) * extra,
        own=tuple(custom_fields(tx.connection, declaration.name)),
        compare=context.options.dry_run and not context.output.data,
    )


def _now_of(context: Context, rows: "Source") -> "datetime":
    """Return the present on the clocks that the file's moments are meant on: a workbook of ours names its zone."""
    from crmcli.exchange.sheets import Sheet

    with suppress(UsageError):  # of a zone that this system does not know
        return context.now.astimezone(load_zone(rows.zone)) if isinstance(rows, Sheet) and rows.zone else context.now
    return context.now


def _one_of(option: str, chosen: str, known: Sequence[str]) -> str:
    """Return what was chosen, case-folded; raises UsageError for what can't be."""
    if chosen.casefold() not in known:
        raise UsageError(
            _("{option} can't be “{chosen}”").format(option=option, chosen=chosen),
            hint=one_of(known),
        )
    return chosen.casefold()


def _extra(declaration: "Noun", chosen: str | None) -> bool:
    """Return whether columns that no field has become custom fields; raises UsageError for what can't be chosen."""
    if chosen is None:
        return False
    _one_of("--extra", chosen, ("fields",))
    if declaration.field("fields") is None:
        raise UsageError(
            _("a {noun} has no custom fields").format(noun=_(declaration.name)),
            hint=_("leave {option} out").format(option="--extra"),
        )
    return True


@contextmanager
def _watched(context: Context, opened: Path | BinaryIO, tx: "Transaction") -> "Iterator[Watch]":
    """Show progress; before many rows that change something are committed, make a backup.

    Until they are committed others read the database as it was. Without the write-ahead log nobody could read it then,
    and the backup is made before anything is written.
    """
    from crmcli.commands.everything import Watch

    large: list[bool] = []
    log = context.connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    with _progress(context, opened) as (progress, finish):
        yield Watch(progress, partial(large.append, True) if log else partial(_back_up, context, finish))
        if large and tx.has_written():
            _back_up(context, finish)


def _back_up(context: Context, finish: "Callable[[], None]") -> None:
    """Take the progress bar away and make a backup, unless nothing is written or nothing is there yet."""
    from crmcli.store.backup import backup_before

    finish()
    path = None if context.options.dry_run else backup_before(context.database, "import", context.now)
    if path:
        context.output.note(_("backup before the import: {path}").format(path=path))


def _mapping(texts: Sequence[str]) -> dict[str, str]:
    """Return heading → field of the `--map` options; raises UsageError for one that has no `=`."""
    mapping = {}
    for given in texts:
        heading, equals, field = given.rpartition("=")
        if not equals or not heading.strip():
            raise UsageError(_("“{text}” is not HEADING=FIELD").format(text=given), hint='--map "手机=phone"')
        mapping[heading.strip()] = field.strip()
    return mapping


def _opened(file: str) -> Path | BinaryIO:
    """Return the file's bytes, or the folder; raises UsageError when there is no such file."""
    if file == "-":
        return sys.stdin.buffer if sys.stdin else BytesIO()
    path = Path(file).expanduser()
    try:
        return path if path.is_dir() else path.open("rb")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            _("there is no file {path}").format(path=path), hint=_("name a file, or - for standard input")
        ) from error


def _source(opened: Path | BinaryIO, sheet: str) -> "tuple[str, Source]":
    from crmcli.exchange.source import open_source

    return open_source(opened, sheet)


@contextmanager
def _progress(
    context: Context, opened: Path | BinaryIO
) -> "Iterator[tuple[Callable[[int], None], Callable[[], None]]]":
    """Give what is told how many rows were read, a bar on a terminal, and what takes the bar away."""
    side = context.output.side
    if not side.interactive or context.output.quiet:
        yield lambda _rows: None, lambda: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    stream = None if isinstance(opened, Path) or opened.closed or not opened.seekable() else opened
    size = os.fstat(stream.fileno()).st_size if stream else 0
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=side.console(), transient=True)
    task = bar.add_task("", total=size or None)

    def show(rows: int) -> None:
        bar.start()  # not before there is something to show: what is said until then would run into it
        said = ngettext("{count} row", "{count} rows", rows).format(count=f"{rows:,}")
        place = stream.tell() if stream and not stream.closed else size
        bar.update(task, completed=place or None, description=said)

    try:
        yield show, bar.stop
    finally:
        bar.stop()


def _print_differences(context: Context, summary: "Summary") -> None:
    """Say what the first rows would change, and how many more would change something."""
    for difference in summary.differences:
        context.output.message(difference)
    more = summary.created + summary.updated - len(summary.differences)
    if summary.differences and more > 0:
        context.output.message(_("… and {count} more").format(count=more))


def _print(context: Context, summary: "Summary", report: dict[str, Any]) -> None:
    """Print what became of the rows: as data the contract's object, else in words."""
    from crmcli.services.importing.rejects import said_reason

    output = context.output
    if output.data:
        output.record(report, None, "")
        return
    _print_differences(context, summary)
    parts = [
        _("{count} {what}").format(count=report[name], what=what)
        for name, what in (
            ("created", _("created")),
            ("updated", _("updated")),
            ("unchanged", _("unchanged")),
            ("skipped", _("skipped")),
            ("rejected", _("rejected")),
        )
        if report[name]
    ]
    said = (_("Read {read}: {parts}") if parts else _("Read {read}")).format(read=report["read"], parts=joined(parts))
    if report["change"]:
        said = _("{said} (change {id}; crm undo takes it back)").format(said=said, id=report["change"])
    elif not summary.created and not summary.updated and not summary.rejected:
        said = _("{said} — already up to date").format(said=said)
    output.message(said)
    for error in report["errors"][:_SHOWN]:
        said = _("row {row}: {what}").format(row=error["row"], what=said_reason(error["field"], error["message"]))
        output.note(said)
    if summary.rejected > _SHOWN:
        output.note(_("… and {count} more").format(count=summary.rejected - _SHOWN))
    if report["rejects_file"]:
        output.note(_("correct them in {file} and import it").format(file=report["rejects_file"]))
    elif summary.rejected:
        output.note(_("--rejects FILE writes them to a file, to be corrected and imported"))
