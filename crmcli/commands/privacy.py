"""What a person may ask for: everything that is kept of them, to be forgotten, and not to be written to."""

from pathlib import Path
from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.commands.verbs import past_moment, show_list
from crmcli.context import Context
from crmcli.errors import NotFoundError, UsageError
from crmcli.i18n import _, joined, ngettext
from crmcli.nouns import Field, Noun, noun
from crmcli.options import ContactArgument, Run, context_of, standard_output
from crmcli.render.counts import RECORDS, counted
from crmcli.rules.shellwords import argument
from crmcli.screens.choosing import find_contact

Row = dict[str, Any]

ERASED = Noun(
    name="erased",
    plural="erased",
    view="",
    fields=(
        Field("id", "number", "Id"),
        Field("contacts", "number", "Contacts"),
        Field("followups", "number", "Follow-ups"),
        Field("callbacks", "number", "Callbacks"),
        Field("complaints", "number", "Complaints"),
        Field("promises", "number", "Promises"),
        Field("supervisions", "number", "Supervised items"),
        Field("surveys", "number", "Surveys"),
        Field("attachments", "number", "Attachments"),
        Field("consents", "number", "Consents"),
        Field("journal", "number", "Rows of the journal"),
        Field("commands", "number", "Commands"),
        Field("mentions", "number", "Mentions"),
        Field("answers", "list", "Answers"),
        Field("copies", "list", "Copies"),
    ),
    columns=("id", "contacts", "followups", "callbacks", "complaints", "attachments", "consents", "journal"),
    sort=(),
)
"""What went with a person, as data."""


def add_privacy(app: App) -> None:
    """Give contacts `consent`, `export-all` and `erase`."""
    app.command("consent", help=_("Note whether they agree to a channel; without a channel, list what they said."))(
        _consent
    )
    app.command("export-all", help=_("Write everything about one person: JSON, or a ZIP with their attachments."))(
        _export_all
    )
    app.command(
        "erase", help=_("Erase a person from records, journal, index and attachments for ever; -n says what would go.")
    )(_erase)


def _consent(
    ctx: Run,
    contact: ContactArgument,
    channel: Annotated[
        str, typer.Argument(metavar="CHANNEL", help=_("phone, email, message, mailing, …"), show_default=False)
    ] = "",
    answer: Annotated[
        str, typer.Argument(metavar="yes|no|withdrawn", help=_("what they said"), show_default=False)
    ] = "",
    source: Annotated[str, typer.Option("--source", metavar="TEXT", help=_("where they said it: a form, a call"))] = "",
    at: Annotated[str | None, typer.Option("--at", metavar="WHEN", help=_("when they said it; now by default"))] = None,
) -> None:
    """Record an answer, or list the answers so far."""
    context = context_of(ctx)
    id_ = find_contact(context, contact)
    if not channel:
        show_list(context, "consent", f"contact_id:{id_}", limit=0)
        return
    if not answer:
        raise UsageError(_("yes, no or withdrawn?"), hint=_("crm contact consent CONTACT email yes --source form"))
    from crmcli.commands.verbs import writing
    from crmcli.queries.reader import get
    from crmcli.queries.vocabulary import labels
    from crmcli.services.consent import record_consent

    moment = past_moment(context, at)
    with writing(context) as tx:
        consent = record_consent(
            tx, id_, channel, answer, source=source, at=moment, now=context.now, actor=context.actor
        )
        row = get(context.reader, "consent", consent)
    words = labels(context.connection)
    said = _("{contact}: {channel} — {answer}").format(
        contact=row["contact"],
        channel=words.get(("consent_channel", row["channel"]), row["channel"]),
        answer=words.get(("consent", row["answer"]), row["answer"]),
    )
    context.output.record(row, noun("consent"), said)
    if not row["current"]:
        context.output.note(_("a later answer is in force: crm contact consent {id}").format(id=id_))


def _export_all(
    ctx: Run,
    contact: ContactArgument,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", callback=standard_output, metavar="FILE", help=_("a .json, or a .zip with the attachments")
        ),
    ] = None,
) -> None:
    """Print everything as one JSON object, or write it to a file."""
    from crmcli.queries.dossier import read_dossier
    from crmcli.render.data import write

    context = context_of(ctx)
    row = read_dossier(context.reader, find_contact(context, contact))
    if to is None:
        if context.output.terminal.stream:
            write(row, "json", context.output.terminal.stream, None)
        return
    path = to.expanduser()
    if not context.options.dry_run:
        _write(context, row, path)
    said = _("Wrote everything about {name} to {path}").format(name=row["contact"]["name"], path=path)
    context.output.record({"id": row["contact"]["id"], "path": str(path)}, None, said)


def _write(context: Context, row: Row, path: Path) -> None:
    """Write the file whole, readable by its owner alone."""
    import json

    from crmcli.exchange.bundle import write_bundle
    from crmcli.exchange.files import whole_file
    from crmcli.rules.filenames import file_name
    from crmcli.store.files import require_whole

    text = json.dumps(row, ensure_ascii=False, indent=2) + "\n"
    with whole_file(path) as stream:
        if path.suffix.lower() != ".zip":
            stream.write(text.encode())
            return
        files = [
            (
                f"attachments/{item['id']}-{file_name(item['name'])}",
                require_whole(context.database, item["sha256"], item["name"]),
            )
            for item in row["attachments"]
        ]
        write_bundle(stream, "contact.json", text, files)


def _erase(ctx: Run, contact: ContactArgument) -> None:
    """Erase a person after asking for the name; nothing takes this back."""
    from crmcli.services.privacy import erase_contact, remnants, sweep
    from crmcli.store.copies import copies_with

    context = context_of(ctx)
    id_ = _contact(context, contact)
    _ask(context, id_)
    with context.transaction() as tx:
        erased = erase_contact(tx, id_)
    if not context.options.dry_run:
        reads = _("erased; waiting for another program, which reads, to clear away what is left in the file")
        try:
            sweep(context.connection, context.database, erased.hashes, context.telling(reads))
        except KeyboardInterrupt:
            left = remnants(context.database, _("interrupted"))
            context.note(f"{left.message} — {left.hint}")
            raise
    copies = copies_with(context.database, erased.uids)
    counts = {f"{name}s": erased.counts[name] for name in RECORDS}
    row: Row = {"id": id_, "contacts": len(erased.ids), **counts, "mentions": erased.mentions}
    row |= {"journal": erased.counts["journal"], "commands": erased.counts["commands"]}
    row |= {"answers": erased.answers, "copies": [str(path) for path in copies]}
    context.output.record(row, ERASED, _said(row, erased.name))
    _remarks(context, row, erased.name)


def _contact(context: Context, text: str) -> int:
    """Return the id of a contact, who may be deleted when named by number."""
    from crmcli.screens.history import known_contact

    try:
        return find_contact(context, text)
    except NotFoundError:
        deleted = known_contact(context, text)
        if deleted is None:
            raise
        return deleted


def _ask(context: Context, id_: int) -> None:
    from crmcli.queries.history import name_of

    name = name_of(context.reader, "contact", id_)
    context.confirm(_("erase {name} ({id}) for ever?").format(name=name, id=id_), answer=name)


def _said(row: Row, name: str) -> str:
    others = [f"{kind}s" for kind in RECORDS if row[f"{kind}s"]]
    what = counted(row, *others, "journal")
    return _("Erased {name} ({id}): {what}").format(name=name, id=row["id"], what=what)


def _remarks(context: Context, row: Row, name: str) -> None:
    """Say where something may still be."""
    mentions = row["mentions"]
    if mentions:
        said = ngettext(
            "{count} other record still has the name in it: crm find {name}",
            "{count} other records still have the name in them: crm find {name}",
            mentions,
        )
        context.output.note(said.format(count=mentions, name=argument(name)))
    if row["answers"]:
        said = ngettext(
            "an answer that was learnt from their complaints stays, perhaps with their words: {answers}",
            "{count} answers that were learnt from their complaints stay, perhaps with their words: {answers}",
            len(row["answers"]),
        )
        named = joined(f"a{id_}" for id_ in row["answers"])
        context.output.note(said.format(count=len(row["answers"]), answers=named))
    for path in row["copies"]:
        context.output.note(_("still in {path}: delete it, or erase there with --db").format(path=path))
    context.output.note(_("copies that you keep elsewhere are not looked at"))
