"""A custom field: what a business wants to know of its contacts or companies beyond the built-in fields."""

from crmcli.nouns import Field, Listed, Noun

FIELDS = (
    Field("id", "number", "Id", written=False),
    Field("noun", "text", "Of"),
    Field("code", "text", "Code"),
    Field("type", "text", "Type"),
    Field("en", "text", "English"),
    Field("zh", "text", "Chinese"),
    Field("aliases", "text", "Also"),
    Field("choices", "json", "Choices"),
    Field("required", "flag", "Required"),
    Field("remind_days", "number", "Reminds (days before)"),
    Field("yearly", "flag", "Every year"),
    Field("position", "number", "Position"),
    Field("origin", "text", "Preset"),
    Field("hidden", "flag", "Hidden"),
)

NOUN = Noun(
    name="field",
    plural="fields",
    view="custom_fields",
    fields=FIELDS,
    columns=("code", "noun", "type", "en", "zh", "required", "remind_days", "yearly"),
    sort=("noun", "position"),
    listed=Listed("hidden:no", ("hidden",)),
)
