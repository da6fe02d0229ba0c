"""A folder of calendar files that is kept in step with the database, both ways.

    item       one file: as it is there, or as we would write it here
    mark       what it said when we wrote it, which stands in the file itself
    additions  what others added to it, which stays
    dropped    files from which a server dropped the mark
    changes    what was changed there since it was written, to be taken over
    compared   the whole folder: what is known, what is taken over, what is put back, what is written

Of each entry three things are compared: what it says there, what it said when it was written, and what it would say
here. What was changed on one side alone goes to the other; where both changed the same, the calendar counts, and that
is told.
"""
