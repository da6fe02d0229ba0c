"""The 360° view of a contact."""

from crmcli.queries.reader import get
from crmcli.queries.parties import resolve


def run(context, reference):
    row = get(context.reader, "contact", resolve(context.reader, "contact", reference))
    from crmcli.nouns import noun

    context.output.card(row, noun("contact"), now=context.now)
    return 0
