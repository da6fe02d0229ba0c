"""A word of the vocabulary: a code with labels in both languages."""

from crmcli.nouns import Field, Listed, Noun

FIELDS = (
    Field("id", "number", "Id", written=False),
    Field("set", "text", "Set", sql='"set"'),
    Field("code", "text", "Code"),
    Field("en", "text", "English"),
    Field("zh", "text", "Chinese"),
    Field("aliases", "text", "Also"),
    Field("position", "number", "Position"),
    Field("cadence_days", "number", "Every (days)"),
    Field("requires", "text", "Steps"),
    Field("origin", "text", "Preset"),
    Field("hidden", "flag", "Hidden"),
)

NOUN = Noun(
    name="vocabulary",
    plural="vocabulary",
    view="vocabulary",
    fields=FIELDS,
    columns=("set", "code", "en", "zh", "cadence_days", "id"),
    sort=("set", "position"),
    listed=Listed("hidden:no", ("hidden",)),
)
