"""The database file and what lies beside it: from the way in down to the libraries that open files.

    database                         opened, made where there is none, brought up to date
    schema/, migrations/, presets    what is in a file: tables, what is derived from them, the words it begins with
    transaction, engine              writing: journalled, through models
    bulk, summaries                  many rows at once; what is kept of contacts, once at the end
    search, relations                the index of all texts; what belongs to whom
    quick, idle, heartbeat           whether anything is due, told without opening more than must be
    health/, salvage, pages, sealed  what is wrong, and what can still be read
    backup, restore, archive         copies of the whole, back again, and of what is done with
    recode, rights                   another key for all of it; whose what takes its place is
    files, received                  attachments' contents
    copies, leftovers                what lies beside the database: still somebody's, or nobody's
    named                            which file a database's name means
    connection                       a connection to a file of ours; what SQLite says, with the way out
    network                          disks without what the write-ahead log needs
    waiting                          one writes at a time
    driver, cipher, keys, opened     the libraries that open files, plain and encrypted; what this process has open

Import the module that is needed: who only reads comes as far as `database`, and the models stay unloaded.
"""
