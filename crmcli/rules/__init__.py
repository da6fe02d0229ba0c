"""Pure decisions: no clock, no database, no input or output."""
