"""One company in full, and the people who work there."""

from crmcli.context import Context
from crmcli.i18n import _
from crmcli.nouns import noun
from crmcli.queries.reader import get
from crmcli.queries.records import page
from crmcli.queries.vocabulary import labels
from crmcli.render.table import list_table, record_card

_COLUMNS = ("name", "title", "phones", "last_contact_at", "id")


def run(context: Context, id_: int) -> int:
    """Print a company; its contacts below it, a page of them."""
    row = get(context.reader, "company", id_)
    output = context.output
    if output.data:
        output.card(row, context.reader.noun("company"), now=context.now)
        return 0
    words = labels(context.connection)
    width = output.terminal.width
    output.screen(record_card(row, context.reader.noun("company"), width=width, now=context.now, labels=words))
    contact = noun("contact")
    limit = context.settings.number("page")
    people = page(context.reader, contact, f"company_id:{id_}", "name", limit)
    output.screen([(), *list_table(people.rows, contact, _COLUMNS, width=width, now=context.now, labels=words)])
    if people.more:
        output.note(_("all of them: crm contact list company_id:{id}").format(id=id_))
    return 0
