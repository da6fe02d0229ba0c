-- What is derived and must be fast: one row a contact, kept by the triggers below and by nothing else.
CREATE TABLE contact_state (
    contact_id INTEGER PRIMARY KEY REFERENCES contact (id) ON DELETE CASCADE,
    class TEXT,
    last_contact_at TEXT,
    touched_at TEXT NOT NULL,           -- the last contact, or when the contact was entered
    next_due TEXT,                      -- the next open callback: a day, or a UTC moment
    open_callbacks INTEGER NOT NULL,
    open_complaints INTEGER NOT NULL
) STRICT;

CREATE INDEX ix_contact_state_forgotten ON contact_state (class, touched_at) WHERE open_callbacks = 0;
CREATE INDEX ix_contact_state_last ON contact_state (last_contact_at);
CREATE INDEX ix_contact_state_next ON contact_state (next_due) WHERE next_due IS NOT NULL;

-- The same, computed afresh: what the triggers write, and what `crm doctor` may compare with.
CREATE VIEW contact_state_now AS
SELECT
    c.id AS contact_id,
    c.class,
    (SELECT f.at FROM followup f WHERE f.contact_id = c.id AND f.kind <> 'note' ORDER BY f.at DESC LIMIT 1)
        AS last_contact_at,
    coalesce(
        (SELECT f.at FROM followup f WHERE f.contact_id = c.id AND f.kind <> 'note' ORDER BY f.at DESC LIMIT 1),
        c.created_at
    ) AS touched_at,
    (SELECT coalesce(b.due_at, b.due_on) FROM callback b
     WHERE b.contact_id = c.id AND b.status = 'open' ORDER BY b.due_on, b.due_at LIMIT 1) AS next_due,
    (SELECT count(*) FROM callback b WHERE b.contact_id = c.id AND b.status = 'open') AS open_callbacks,
    (SELECT count(*) FROM complaint p
     WHERE p.contact_id = c.id AND p.resolved_at IS NULL AND p.closed_at IS NULL) AS open_complaints
FROM contact c;

-- The dates in contacts' custom fields, so that what expires is found by an index; kept by triggers as well.
CREATE TABLE field_date (
    contact_id INTEGER NOT NULL REFERENCES contact (id) ON DELETE CASCADE,
    code TEXT NOT NULL,
    "on" TEXT NOT NULL,                 -- YYYY-MM-DD, or --MM-DD
    PRIMARY KEY (contact_id, code)
) STRICT, WITHOUT ROWID;

CREATE INDEX ix_field_date_on ON field_date (code, "on");
CREATE INDEX ix_field_date_yearly ON field_date (code, substr("on", -5));

CREATE VIEW field_date_now AS
SELECT c.id AS contact_id, f.code, c.fields ->> ('$."' || f.code || '"') AS "on"
FROM custom_field f CROSS JOIN contact c
WHERE f.noun = 'contact' AND f.type = 'date' AND NOT f.hidden AND c.fields <> '{}'
    AND json_type(c.fields, '$."' || f.code || '"') = 'text';
