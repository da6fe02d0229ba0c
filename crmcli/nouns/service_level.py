"""A service level: how soon which complaints are answered and solved, and who hears when they are not."""

from crmcli.nouns import Field, Listed, Noun

FIELDS = (
    Field("id", "number", "Id", written=False),
    Field("type", "code", "Type", vocabulary="complaint_type"),
    Field("severity", "code", "Severity", vocabulary="severity"),
    Field("class", "code", "Class", vocabulary="class"),
    Field("respond", "text", "Answer within"),
    Field("resolve", "text", "Solve within"),
    Field("hours", "code", "Clock", vocabulary="hours"),
    Field("escalate_to", "text", "Escalates to"),
    Field("origin", "text", "Preset"),
    Field("hidden", "flag", "Hidden"),
)

NOUN = Noun(
    name="service-level",
    plural="service-levels",
    view="service_levels",
    fields=FIELDS,
    columns=("type", "severity", "class", "respond", "resolve", "hours", "escalate_to", "id"),
    sort=("type", "severity", "class"),
    listed=Listed("hidden:no", ("hidden",)),
)
