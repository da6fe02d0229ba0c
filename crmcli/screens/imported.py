"""What an import says besides its counts: what the file holds and no field does, and what its rows brought along."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from crmcli.context import Context
from crmcli.i18n import _, joined, ngettext
from crmcli.services.importing.plan import Summary

if TYPE_CHECKING:
    from crmcli.store.transaction import Transaction


def print_aside(context: Context, left_out: Mapping[str, int], summary: Summary, brought: list[str]) -> None:
    """Say what a dry run would add, what the file holds and no field does, and what its rows brought with them."""
    for said in brought:
        context.output.note(said)
    for what, count in left_out.items():
        context.output.note(_("left out: {count} × {what}").format(count=count, what=what))
    if summary.planned:
        said = ngettext("{count} callback planned", "{count} callbacks planned", summary.planned)
        if context.options.dry_run:
            said = ngettext("{count} callback would be planned", "{count} callbacks would be planned", summary.planned)
        context.output.note(said.format(count=summary.planned))
    if summary.consents:
        said = ngettext("{count} answer on consent noted", "{count} answers on consent noted", summary.consents)
        if context.options.dry_run:
            said = ngettext(
                "{count} answer on consent would be noted",
                "{count} answers on consent would be noted",
                summary.consents,
            )
        context.output.note(said.format(count=summary.consents))
    if summary.turned:
        order = _("day/month") if context.settings.text("date_order") == "md" else _("month/day")
        said = ngettext(
            "{count} birthday was read as {order}, as others of its column must be",
            "{count} birthdays were read as {order}, as others of their column must be",
            summary.turned,
        )
        context.output.note(said.format(count=summary.turned, order=order))
    if summary.strangers:
        said = _("not noted who referred them, since there is nobody or several of that name: {names}")
        context.output.note(said.format(names=joined(summary.strangers)))
    if summary.apart:
        said = ngettext(
            "{count} row shares a phone or e-mail with somebody of quite another name, and is a contact of its own",
            "{count} rows share a phone or e-mail with somebody of quite another name, and are contacts of their own",
            summary.apart,
        )
        context.output.note(said.format(count=summary.apart))
        context.output.note(_("see whether they are the same: crm contact dupes"))


def brought_along(tx: "Transaction", summary: Summary) -> Iterator[str]:
    """Yield what a dry run would add beside the rows' records; an export of everything has it as rows."""
    from crmcli.queries.vocabulary import words_added

    if summary.companies:
        said = ngettext("{count} company is new", "{count} companies are new", summary.companies)
        yield said.format(count=summary.companies)
    for set_, word in words_added(tx.connection, tx.change):
        yield _("new {set}: “{word}”").format(set=_(set_), word=word)
