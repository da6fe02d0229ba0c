"""A change: one command that wrote, as the journal keeps it."""

from crmcli.nouns import Field, Noun

FIELDS = (
    Field("id", "number", "Id", written=False),
    Field("at", "moment", "When", written=False),
    Field("actor", "text", "Who", match="person", written=False),
    Field("command", "text", "Command", written=False),
    Field("rows", "number", "Rows", written=False),
    Field("undoes", "number", "Undoes", written=False),
    Field("undone_by", "number", "Undone by", written=False),
)

NOUN = Noun(
    name="change",
    plural="changes",
    view="changes",
    fields=FIELDS,
    columns=("command", "at", "actor", "rows", "undone_by", "id"),
    sort=("-id",),
)
