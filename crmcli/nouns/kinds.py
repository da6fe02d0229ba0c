"""The kinds of items that are due: what `today` shows and `remind` tells, each with settings of its own."""

KINDS = ("callback", "complaint", "escalation", "promise", "supervision", "birthday", "date", "forgotten")
"""As `queries.agenda` has them."""
