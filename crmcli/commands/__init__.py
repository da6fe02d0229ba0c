"""One file a noun or daily verb, thin: parse, call, show."""
