"""What may be done with the sets of the vocabulary, and with the words that the program itself needs."""

from crmcli.i18n import N_

OPEN_SETS = frozenset(
    {
        N_("source"),
        N_("complaint_category"),
        N_("complaint_cause"),
        N_("channel"),
        N_("consent_channel"),
    }
)
"""Sets that grow by use: an unknown word is added. The others drive rules, and are chosen from what is there."""

FIXED_SETS = frozenset(
    {
        "breach",
        "callback_status",
        "complaint_status",
        "complaint_step",
        "consent",
        "direction",
        "hours",
        "promise_status",
        "supervision_status",
        "supervision_step",
        "survey_moment",
    }
)
"""Sets whose words mean something to the program itself: their labels may be changed, and nothing else."""

DEFAULTS = frozenset(
    {
        ("followup_kind", "call"),
        ("followup_kind", "note"),
        ("callback_kind", "contact"),
        ("complaint_type", "complaint"),
        ("severity", "normal"),
    }
)
"""Words that are taken when nobody chooses, or that a rule knows by name."""

WITH_CADENCE = frozenset({"class", "tag"})
"""Sets whose words say how often a customer is contacted; a tag that has no cadence need not be in the vocabulary."""
