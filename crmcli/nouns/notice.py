"""A notice: what the customers of a kind are owed to be told, as a rule that plans callbacks."""

from crmcli.nouns import Field, Listed, Noun

FIELDS = (
    Field("id", "number", "Id", written=False),
    Field("code", "text", "Code"),
    Field("en", "text", "English"),
    Field("zh", "text", "Chinese"),
    Field("kind", "code", "Kind", vocabulary="callback_kind"),
    Field("query", "text", "Of whom"),
    Field("field", "text", "Date"),
    Field("before", "text", "Ahead"),
    Field("every", "text", "Every"),
    Field("origin", "text", "Preset"),
    Field("hidden", "flag", "Hidden"),
)

NOUN = Noun(
    name="notice",
    plural="notices",
    view="notices",
    fields=FIELDS,
    columns=("code", "en", "zh", "kind", "field", "before", "every", "query"),
    sort=("code",),
    listed=Listed("hidden:no", ("hidden",)),
)
