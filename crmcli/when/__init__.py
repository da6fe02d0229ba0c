"""Moments, periods and repeats in both languages: the only place that knows how people say dates.

    value       When: a moment as it was promised (a date, perhaps a time, a zone)
    zone        the machine's zone; zones by name
    words       the vocabulary of both languages
    reading     what a text has said so far
    days        the pieces that name a day
    grammar     and all that a moment is said with
    moments     text → When
    periods     text → timedelta
    holidays    what is said of them: they are no days here
    spans       text → the days it means
    calendar    weeks, months, quarters and years as reports count by them
    rrule       RFC 5545 rules as they are written
    recurrence  when a rule comes next
    repeats     text → Repeat (an RFC 5545 rule and its first moment)
    say         date and time → text
    stored      how a moment is written in the database

Import the module that is needed: what only reads needs `say`, and the parser stays unloaded.
"""
