"""`crm calendar`: what is planned, as a file that calendars subscribe to, or a folder whose changes come back."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcli.cli import App
from crmcli.context import Context
from crmcli.errors import ConflictError, UsageError
from crmcli.i18n import _, ngettext
from crmcli.options import Run, context_of, flag, standard_output, takes, text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from crmcli.exchange.feed import Look
    from crmcli.exchange.vdir.changes import Changed, Changes
    from crmcli.exchange.vdir.compared import Here
    from crmcli.exchange.vdir.mark import Mark
    from crmcli.services.importing.plan import Summary
    from crmcli.services.ticked import Taken
    from crmcli.store.transaction import Transaction

app = App()

_SHOWN = 10
"""Entries that were left alone, or put back, and are named."""


@app.command(
    "calendar",
    help=_(
        "Write what is planned as a calendar, with alarms: callbacks, promises, supervised items, deadlines, "
        "birthdays. A file is for phones and desktop calendars to subscribe to; a folder for khal, todoman and "
        "vdirsyncer."
    ),
)
@takes(
    text(
        "to",
        "--to",
        callback=standard_output,
        metavar="FILE|FOLDER/",
        help=_("write this file, or a file for each entry into this folder"),
    ),
    text(
        "sync",
        "--sync",
        metavar="FOLDER",
        help=_("first take over what was ticked off, moved or added in this folder; then write it"),
    ),
    flag("todos", "--todos", help=_("to-dos instead of events, for todoman and reminders")),
    text("only", "--only", metavar="KINDS", help=_("callbacks,promises,supervisions,deadlines,birthdays: only these")),
    text("alarm", "--alarm", metavar="PERIOD", help=_("ring so long before (15m); none for no alarms")),
)
def calendar(ctx: Run, given: dict[str, Any]) -> None:
    """Write the calendar."""
    from crmcli.services.feed import chosen_kinds

    context, to, folder = context_of(ctx), given["to"], given["sync"]
    if to and folder:
        raise UsageError(_("{options} do not go together").format(options="--to --sync"), hint=_("give one of them"))
    kinds = chosen_kinds(given["only"] or "")
    in_folder = bool(folder) or bool(to and (to.endswith("/") or Path(to).expanduser().is_dir()))
    look = _look(context, given, folder=in_folder)
    if in_folder:
        _write_folder(context, Path(folder or to).expanduser(), look, kinds, sync=bool(folder))
    else:
        _write_file(context, Path(to).expanduser() if to else None, look, kinds)


def _look(context: Context, given: dict[str, Any], *, folder: bool) -> "Look":
    """Return how entries are written, as settings and options say; raises WhenError for what is no length of time."""
    from crmcli.exchange.feed import Look
    from crmcli.rules.silence import parse_clock
    from crmcli.when.periods import parse_period

    settings = context.settings
    lead = given["alarm"] if given["alarm"] is not None else settings.text("calendar.alarm")
    silent = given["alarm"] is not None and lead.casefold() in ("none", "")
    morning = "" if silent else settings.text("calendar.morning")
    return Look(
        zone=context.zone,
        todos=bool(given["todos"]),
        folder=folder,
        alarm=parse_period(lead) if lead and not silent else None,
        morning=parse_clock(morning) if morning else None,
        lasts=timedelta(minutes=settings.number("calendar.minutes")),
    )


def _write_file(context: Context, path: Path | None, look: "Look", kinds: tuple[str, ...]) -> None:
    """Write one file, or to standard output without a path."""
    from crmcli.exchange.feed import feed
    from crmcli.exchange.files import replace_file
    from crmcli.services.feed import read_records

    context.connection.execute("BEGIN")  # what others write meanwhile is not half in the file
    content, count = feed(read_records(context.reader, look, kinds), look, _("crm: what is planned"))
    if path is None:
        _print(context, content)
        return
    changed = not context.options.dry_run and replace_file(path, content)
    _say(context, count, path, {}, changed=changed)


def _write_folder(context: Context, folder: Path, look: "Look", kinds: tuple[str, ...], *, sync: bool) -> None:
    """Write a file for each record, and remove those that we wrote for what is over.

    In order to `sync`, what was changed in the folder is taken over before; else it may not be lost (ConflictError).
    """
    from functools import partial

    from crmcli.exchange.vdir.compared import Compared, look_into
    from crmcli.exchange.vdir.item import marks_of
    from crmcli.queries.ended import ended

    there = look_into(folder)
    marks = marks_of(there.values())
    here = _here(context, look, kinds, marks)
    compared = Compared(there, here, partial(ended, context.connection), ours_alone=sync)
    if not sync and compared.was_changed:
        raise ConflictError(
            _("entries in {path} were changed there").format(path=folder),
            hint=_("take them over with --sync in place of --to"),
        )
    changes = compared.changes() if sync else None
    taken: dict[str, Any] = {}
    alone = {*compared.unsure}
    if changes:
        with context.transaction() as tx:
            taken, refused, over = _take_back(context, tx, changes)
            here = _here(context, look, kinds, marks)  # of a dry run, too, as they would be
        alone |= refused
        lost = compared.put_back(here, alone, over)
        taken["put_back"] = _say_put_back(context, lost, here, changes.alone)
        taken["changed_here_too"] = _say_both(context, changes, {*alone, *(entry.path for entry in lost)})
    changed = 0 if context.options.dry_run else compared.write(folder, here, alone)
    _say(context, len(here), folder, taken, changed=changed > 0)


def _here(context: Context, look: "Look", kinds: tuple[str, ...], marks: "Mapping[str, Mark]") -> "Here":
    """Return what a folder is to have; `marks` are those of the files that it has."""
    from crmcli.exchange.vdir.item import items
    from crmcli.services.feed import read_records

    return dict(items(read_records(context.reader, look, kinds), look, marks))


def _print(context: Context, content: bytes) -> None:
    terminal = context.output.terminal
    if terminal.stream is None:
        return
    if terminal.interactive:  # nothing in it is for the terminal to obey
        from crmcli.render.text import safe_lines

        terminal.stream.writelines(f"{line}\n" for line in safe_lines(content.decode()))
        return
    terminal.stream.flush()
    terminal.stream.buffer.write(content)


def _say(context: Context, count: int, path: Path, taken: dict[str, Any], *, changed: bool) -> None:
    said = ngettext("{count} entry in {path}", "{count} entries in {path}", count).format(count=count, path=path)
    if not changed and not context.options.dry_run:
        said = _("{said} — already up to date").format(said=said)
    context.output.record({"entries": count, "path": str(path), "changed": changed, **taken}, None, said)


def _take_back(context: Context, tx: "Transaction", changes: "Changes") -> tuple[dict[str, Any], set[Path], set[str]]:
    """Take over what was changed in the folder and say what it was.

    Return it as data, the files that are left alone, and the UIDs of what is over here.
    """
    from crmcli.exchange.vdir.changes import Changes
    from crmcli.services.importing.rejects import first_errors, rejected_rows
    from crmcli.services.ticked import take_back

    errors: list[dict[str, Any]] = []
    order = context.settings.text("date_order")
    taken = take_back(tx, changes, now=context.now, order=order, owner=context.actor)
    counts = {"created": 0, "updated": len(taken.edited)}
    refused = {entry.path for entry, _reason in taken.refused}
    tx.session.flush()
    if taken.rest:
        summary = _import(context, tx, Changes(taken.rest))
        counts = {"created": summary.created, "updated": counts["updated"] + summary.updated}
        names = {row: path.name for row, path in changes.paths.items()}
        errors = [{**error, "value": error["value"] or names[error["row"]]} for error in first_errors(tx.connection)]
        refused |= {changes.paths[row] for row in rejected_rows(tx.connection)}
    errors += [{"value": entry.summary, "message": reason} for entry, reason in taken.refused]
    both = _("it was changed here since, and perhaps there: change it there again, or delete the file")
    errors += [{"value": summary, "message": both} for summary in changes.unsure]
    _say_taken(context, taken, counts, errors)
    lists = {name: getattr(taken, name) for name in ("done", "cancelled", "promises")}
    return {**lists, **counts, "left_alone": errors}, refused, taken.over


def _say_put_back(
    context: Context, lost: "list[Changed]", here: "Here", alone: "Sequence[str]"
) -> list[dict[str, str]]:
    """Say what is written as it is here though it was changed there, and return it as data."""
    tick, other = _("a tick does not solve it"), _("it is changed with crm, not in a calendar")
    gone = _("it is no longer in the calendar")
    reasons = [(tick if entry.status else other) if entry.uid in here else gone for entry in lost]
    said = [{"value": entry.summary, "message": reason} for entry, reason in zip(lost, reasons, strict=True)]
    one = _("one occurrence is put off or left out by crm snooze, crm done")
    said += [{"value": summary, "message": one} for summary in alone]
    for each in said[:_SHOWN]:
        context.output.note(
            _("put back as crm has it: {value}: {reason}").format(value=each["value"], reason=each["message"])
        )
    return said


def _say_both(context: Context, changes: "Changes", untaken: "Collection[Path]") -> list[str]:
    """Say what was changed here since it was written there, and is as it is there now; return their summaries."""
    both = [entry.summary for entry in changes.both if entry.path not in untaken]
    for summary in both[:_SHOWN]:
        context.output.note(_("changed here, too, and now as it is there: {value}").format(value=summary))
    return both


def _import(context: Context, tx: "Transaction", changes: "Changes") -> "Summary":
    """Import what was moved, reworded or added."""
    from crmcli.commands.importing import plan_of
    from crmcli.services.importing import import_rows

    nothing = dict.fromkeys(("on_duplicate", "extra", "map", "use_map", "save_map", "match"))
    plan = plan_of(context, tx, changes, {**nothing, "as": "callbacks"})
    return import_rows(tx, changes.rows, plan._replace(calendar=True))


def _say_taken(context: Context, taken: "Taken", counts: dict[str, int], errors: list[dict[str, Any]]) -> None:
    """Say what was taken over, and what was not."""
    from crmcli.commands.logged import say_code, what_of
    from crmcli.queries.reader import get_many

    message = context.output.message
    for what, ids in ((_("Done"), taken.done), (_("Cancelled"), taken.cancelled)):
        for row in get_many(context.reader, "callback", ids):
            said = _("{done} {contact}: {what} ({id})")
            message(said.format(**{**row, "done": what, "what": what_of(context, row)}))
    for row in get_many(context.reader, "promise", taken.promises):
        said = _("Promise p{id} to {contact} is {status}: {text}")
        message(said.format(**{**row, "status": say_code(context, "promise_status", row["status"])}))
    for said, count in ((_("{count} new"), counts["created"]), (_("{count} changed"), counts["updated"])):
        if count:
            message(said.format(count=count))
    for error in errors[:_SHOWN]:
        context.output.note(_("left alone: {value}: {reason}").format(value=error["value"], reason=error["message"]))
