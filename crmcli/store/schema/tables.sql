-- The tables and their indexes, made from the models: python -m tests.tables

CREATE TABLE answer (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    category TEXT,
    complaint_id INTEGER,
    used INTEGER NOT NULL,
    owner TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (uid),
    FOREIGN KEY(complaint_id) REFERENCES complaint (id) ON DELETE SET NULL
) STRICT;

CREATE INDEX ix_answer_complaint_id ON answer (complaint_id);

CREATE TABLE attachment (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    contact_id INTEGER NOT NULL,
    complaint_id INTEGER,
    followup_id INTEGER,
    name TEXT NOT NULL,
    label TEXT,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    sent_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (uid),
    FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE,
    FOREIGN KEY(complaint_id) REFERENCES complaint (id) ON DELETE SET NULL,
    FOREIGN KEY(followup_id) REFERENCES followup (id) ON DELETE SET NULL
) STRICT;

CREATE INDEX ix_attachment_complaint ON attachment (complaint_id) WHERE complaint_id IS NOT NULL;

CREATE INDEX ix_attachment_contact ON attachment (contact_id, created_at);

CREATE INDEX ix_attachment_followup ON attachment (followup_id) WHERE followup_id IS NOT NULL;

CREATE INDEX ix_attachment_sha256 ON attachment (sha256);

CREATE TABLE callback (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    contact_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    due_on TEXT NOT NULL,
    due_time TEXT,
    zone TEXT NOT NULL,
    due_at TEXT,
    purpose TEXT,
    rule TEXT,
    anchor TEXT,
    after_done INTEGER NOT NULL,
    series TEXT,
    status TEXT NOT NULL,
    done_at TEXT,
    snoozed_from TEXT,
    owner TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    notice TEXT,
    UNIQUE (uid),
    FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX ix_callback_contact ON callback (contact_id, due_on);

CREATE UNIQUE INDEX ix_callback_notice ON callback (notice) WHERE notice IS NOT NULL;

CREATE INDEX ix_callback_open ON callback (coalesce(due_at, due_on)) WHERE status = 'open';

CREATE INDEX ix_callback_open_day ON callback (due_on) WHERE status = 'open' AND due_at IS NULL;

CREATE INDEX ix_callback_open_moment ON callback (due_at) WHERE status = 'open' AND due_at IS NOT NULL;

CREATE INDEX ix_callback_series ON callback (series) WHERE series IS NOT NULL;

CREATE TABLE change (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    command TEXT NOT NULL,
    undoes INTEGER,
    undone_by INTEGER,
    FOREIGN KEY(undoes) REFERENCES change (id),
    FOREIGN KEY(undone_by) REFERENCES change (id)
) STRICT;

CREATE TABLE change_range (
    id INTEGER NOT NULL,
    change_id INTEGER NOT NULL,
    entity TEXT NOT NULL,
    first_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(change_id) REFERENCES change (id)
) STRICT;

CREATE INDEX ix_change_range_change_id ON change_range (change_id);

CREATE TABLE change_row (
    id INTEGER NOT NULL,
    change_id INTEGER NOT NULL,
    entity TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    contact_id INTEGER,
    "before" TEXT,
    "after" TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(change_id) REFERENCES change (id)
) STRICT;

CREATE INDEX ix_change_row_change ON change_row (change_id);

CREATE INDEX ix_change_row_contact ON change_row (contact_id, change_id);

CREATE INDEX ix_change_row_entity ON change_row (entity, entity_id, change_id);

CREATE TABLE company (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    pinyin TEXT,
    initials TEXT,
    sort_key TEXT NOT NULL,
    industry TEXT,
    website TEXT,
    region TEXT,
    address TEXT,
    owner TEXT,
    notes TEXT,
    fields TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (uid)
) STRICT;

CREATE INDEX ix_company_initials ON company (initials);

CREATE INDEX ix_company_name_key ON company (name_key);

CREATE INDEX ix_company_pinyin ON company (pinyin);

CREATE INDEX ix_company_sort_key ON company (sort_key);

CREATE TABLE complaint (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    contact_id INTEGER NOT NULL,
    type TEXT NOT NULL,
    category TEXT,
    severity TEXT NOT NULL,
    channel TEXT,
    text TEXT NOT NULL,
    status TEXT NOT NULL,
    received_at TEXT NOT NULL,
    respond_by TEXT,
    resolve_by TEXT,
    responded_at TEXT,
    resolved_at TEXT,
    closed_at TEXT,
    department TEXT,
    assignee TEXT,
    satisfaction INTEGER,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    valid INTEGER,
    cause TEXT,
    responsible TEXT,
    waiting_since TEXT,
    escalated_to TEXT,
    hours TEXT,
    UNIQUE (uid),
    FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX ix_complaint_contact ON complaint (contact_id, received_at);

CREATE INDEX ix_complaint_open ON complaint (resolve_by) WHERE resolved_at IS NULL;

CREATE INDEX ix_complaint_received ON complaint (received_at, status);

CREATE INDEX ix_complaint_respond ON complaint (respond_by) WHERE resolved_at IS NULL AND responded_at IS NULL;

CREATE TABLE complaint_link (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    complaint_id INTEGER NOT NULL,
    other_id INTEGER,
    improvement TEXT,
    created_at TEXT NOT NULL,
    FOREIGN KEY(complaint_id) REFERENCES complaint (id) ON DELETE CASCADE,
    FOREIGN KEY(other_id) REFERENCES complaint (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX ix_complaint_link_complaint_id ON complaint_link (complaint_id);

CREATE INDEX ix_complaint_link_other_id ON complaint_link (other_id);

CREATE TABLE complaint_step (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    complaint_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    status TEXT NOT NULL,
    note TEXT,
    data TEXT,
    FOREIGN KEY(complaint_id) REFERENCES complaint (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX ix_complaint_step_complaint_id ON complaint_step (complaint_id);

CREATE TABLE consent (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    contact_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    answer TEXT NOT NULL,
    at TEXT NOT NULL,
    source TEXT,
    actor TEXT NOT NULL,
    created_at TEXT NOT NULL,
    FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX ix_consent_contact ON consent (contact_id, channel, at);

CREATE TABLE contact (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    pinyin TEXT,
    initials TEXT,
    sort_key TEXT NOT NULL,
    company_id INTEGER,
    title TEXT,
    class TEXT,
    source TEXT,
    region TEXT,
    address TEXT,
    birthday TEXT,
    referred_by_id INTEGER,
    owner TEXT,
    notes TEXT,
    fields TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (uid),
    FOREIGN KEY(company_id) REFERENCES company (id) ON DELETE SET NULL,
    FOREIGN KEY(referred_by_id) REFERENCES contact (id) ON DELETE SET NULL
) STRICT;

CREATE INDEX ix_contact_birthday ON contact (substr(birthday, -5)) WHERE birthday IS NOT NULL;

CREATE INDEX ix_contact_class ON contact (class, sort_key);

CREATE INDEX ix_contact_company_id ON contact (company_id);

CREATE INDEX ix_contact_initials ON contact (initials);

CREATE INDEX ix_contact_name ON contact (name_key, company_id);

CREATE INDEX ix_contact_pinyin ON contact (pinyin);

CREATE INDEX ix_contact_referred_by ON contact (referred_by_id) WHERE referred_by_id IS NOT NULL;

CREATE INDEX ix_contact_sort_key ON contact (sort_key);

CREATE TABLE contact_point (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    contact_id INTEGER,
    company_id INTEGER,
    kind TEXT NOT NULL,
    label TEXT,
    value TEXT NOT NULL,
    "key" TEXT NOT NULL,
    digits TEXT,
    CONSTRAINT one_party CHECK ((contact_id IS NULL) <> (company_id IS NULL)),
    FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE,
    FOREIGN KEY(company_id) REFERENCES company (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX ix_contact_point_company ON contact_point (company_id) WHERE company_id IS NOT NULL;

CREATE INDEX ix_contact_point_contact_id ON contact_point (contact_id);

CREATE INDEX ix_contact_point_digits ON contact_point (digits) WHERE digits IS NOT NULL;

CREATE INDEX ix_contact_point_key ON contact_point ("key", kind);

CREATE TABLE custom_field (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    noun TEXT NOT NULL,
    code TEXT NOT NULL,
    type TEXT NOT NULL,
    en TEXT NOT NULL,
    zh TEXT NOT NULL,
    aliases TEXT NOT NULL,
    choices TEXT,
    required INTEGER NOT NULL,
    remind_days INTEGER,
    yearly INTEGER NOT NULL,
    position INTEGER NOT NULL,
    origin TEXT,
    hidden INTEGER NOT NULL,
    CONSTRAINT one_field UNIQUE (noun, code)
) STRICT;

CREATE TABLE distinct_pair (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    noun TEXT NOT NULL,
    low_id INTEGER NOT NULL,
    high_id INTEGER NOT NULL,
    CONSTRAINT one_pair UNIQUE (noun, low_id, high_id)
) STRICT;

CREATE TABLE followup (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    contact_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    direction TEXT,
    at TEXT NOT NULL,
    minutes INTEGER,
    text TEXT NOT NULL,
    outcome TEXT,
    owner TEXT,
    callback_id INTEGER,
    complaint_id INTEGER,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (uid),
    FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE,
    FOREIGN KEY(callback_id) REFERENCES callback (id) ON DELETE SET NULL,
    FOREIGN KEY(complaint_id) REFERENCES complaint (id) ON DELETE SET NULL
) STRICT;

CREATE INDEX ix_followup_at ON followup (at);

CREATE INDEX ix_followup_callback ON followup (callback_id) WHERE callback_id IS NOT NULL;

CREATE INDEX ix_followup_complaint ON followup (complaint_id) WHERE complaint_id IS NOT NULL;

CREATE INDEX ix_followup_contact ON followup (contact_id, at, kind);

CREATE TABLE former_uid (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    contact_id INTEGER,
    company_id INTEGER,
    CONSTRAINT one_party CHECK ((contact_id IS NULL) <> (company_id IS NULL)),
    UNIQUE (uid),
    FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE,
    FOREIGN KEY(company_id) REFERENCES company (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX ix_former_uid_company_id ON former_uid (company_id);

CREATE INDEX ix_former_uid_contact_id ON former_uid (contact_id);

CREATE TABLE import_map (
    name TEXT NOT NULL,
    mapping TEXT NOT NULL,
    PRIMARY KEY (name)
) STRICT;

CREATE TABLE journal_state (
    id INTEGER NOT NULL,
    change_id INTEGER,
    bulk INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT;

CREATE TABLE notice (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    code TEXT NOT NULL,
    en TEXT NOT NULL,
    zh TEXT NOT NULL,
    kind TEXT NOT NULL,
    "query" TEXT NOT NULL,
    field TEXT,
    "before" TEXT,
    every TEXT,
    origin TEXT,
    hidden INTEGER NOT NULL,
    UNIQUE (code)
) STRICT;

CREATE TABLE preset (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    current INTEGER NOT NULL,
    UNIQUE (name)
) STRICT;

CREATE TABLE promise (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    contact_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    made_at TEXT NOT NULL,
    due_on TEXT NOT NULL,
    due_time TEXT,
    zone TEXT NOT NULL,
    due_at TEXT,
    due_by TEXT NOT NULL,
    status TEXT NOT NULL,
    settled_at TEXT,
    outcome TEXT,
    owner TEXT,
    followup_id INTEGER,
    complaint_id INTEGER,
    replaces_id INTEGER,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (uid),
    FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE,
    FOREIGN KEY(followup_id) REFERENCES followup (id) ON DELETE SET NULL,
    FOREIGN KEY(complaint_id) REFERENCES complaint (id) ON DELETE SET NULL,
    FOREIGN KEY(replaces_id) REFERENCES promise (id) ON DELETE SET NULL
) STRICT;

CREATE INDEX ix_promise_complaint ON promise (complaint_id) WHERE complaint_id IS NOT NULL;

CREATE INDEX ix_promise_contact ON promise (contact_id, due_on);

CREATE INDEX ix_promise_followup ON promise (followup_id) WHERE followup_id IS NOT NULL;

CREATE INDEX ix_promise_open_day ON promise (due_on) WHERE status = 'open' AND due_at IS NULL;

CREATE INDEX ix_promise_open_moment ON promise (due_at) WHERE status = 'open' AND due_at IS NOT NULL;

CREATE INDEX ix_promise_replaces ON promise (replaces_id) WHERE replaces_id IS NOT NULL;

CREATE TABLE question (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    form TEXT NOT NULL,
    code TEXT NOT NULL,
    moment TEXT NOT NULL,
    en TEXT NOT NULL,
    zh TEXT NOT NULL,
    weight INTEGER NOT NULL,
    position INTEGER NOT NULL,
    origin TEXT,
    hidden INTEGER NOT NULL,
    CONSTRAINT one_question UNIQUE (form, code)
) STRICT;

CREATE TABLE reminder (
    occurrence TEXT NOT NULL,
    channel TEXT NOT NULL,
    claimed_at TEXT NOT NULL,
    delivered_at TEXT,
    claimed_by TEXT,
    attempts INTEGER NOT NULL,
    retry_at TEXT,
    error TEXT,
    nagged INTEGER NOT NULL,
    PRIMARY KEY (occurrence, channel)
) STRICT;

CREATE INDEX ix_reminder_delivered ON reminder (channel, delivered_at);

CREATE INDEX ix_reminder_undelivered ON reminder (channel, retry_at) WHERE delivered_at IS NULL;

CREATE TABLE reminder_run (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    finished_at TEXT,
    command TEXT NOT NULL,
    items INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    error TEXT
) STRICT;

CREATE INDEX ix_reminder_run_at ON reminder_run (at);

CREATE TABLE service_level (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    type TEXT,
    severity TEXT,
    class TEXT,
    respond TEXT,
    resolve TEXT,
    hours TEXT NOT NULL,
    escalate_to TEXT,
    origin TEXT,
    hidden INTEGER NOT NULL
) STRICT;

CREATE TABLE supervision (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    contact_id INTEGER NOT NULL,
    callback_id INTEGER,
    complaint_id INTEGER,
    promise_id INTEGER,
    responsible TEXT NOT NULL,
    reason TEXT,
    due_on TEXT,
    every TEXT,
    report_on TEXT,
    closed_at TEXT,
    owner TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT one_item CHECK ((callback_id IS NOT NULL) + (complaint_id IS NOT NULL) + (promise_id IS NOT NULL) = 1),
    UNIQUE (uid),
    FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE,
    FOREIGN KEY(callback_id) REFERENCES callback (id) ON DELETE CASCADE,
    FOREIGN KEY(complaint_id) REFERENCES complaint (id) ON DELETE CASCADE,
    FOREIGN KEY(promise_id) REFERENCES promise (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX ix_supervision_callback ON supervision (callback_id) WHERE callback_id IS NOT NULL;

CREATE INDEX ix_supervision_complaint ON supervision (complaint_id) WHERE complaint_id IS NOT NULL;

CREATE INDEX ix_supervision_contact ON supervision (contact_id);

CREATE INDEX ix_supervision_promise ON supervision (promise_id) WHERE promise_id IS NOT NULL;

CREATE INDEX ix_supervision_report ON supervision (report_on) WHERE closed_at IS NULL;

CREATE TABLE supervision_report (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    supervision_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    note TEXT,
    percent INTEGER,
    FOREIGN KEY(supervision_id) REFERENCES supervision (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX ix_supervision_report_supervision_id ON supervision_report (supervision_id);

CREATE TABLE survey (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    contact_id INTEGER NOT NULL,
    complaint_id INTEGER,
    form TEXT NOT NULL,
    channel TEXT,
    sent_at TEXT NOT NULL,
    returned_at TEXT,
    score REAL,
    comment TEXT,
    owner TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (uid),
    FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE,
    FOREIGN KEY(complaint_id) REFERENCES complaint (id) ON DELETE SET NULL
) STRICT;

CREATE INDEX ix_survey_complaint ON survey (complaint_id) WHERE complaint_id IS NOT NULL;

CREATE INDEX ix_survey_contact ON survey (contact_id, sent_at);

CREATE TABLE survey_answer (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    survey_id INTEGER NOT NULL,
    question_id INTEGER NOT NULL,
    expectation INTEGER,
    experience INTEGER NOT NULL,
    CONSTRAINT one_answer UNIQUE (survey_id, question_id),
    FOREIGN KEY(survey_id) REFERENCES survey (id) ON DELETE CASCADE,
    FOREIGN KEY(question_id) REFERENCES question (id)
) STRICT;

CREATE TABLE tag (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    contact_id INTEGER,
    company_id INTEGER,
    name TEXT NOT NULL,
    "key" TEXT NOT NULL,
    CONSTRAINT one_party CHECK ((contact_id IS NULL) <> (company_id IS NULL)),
    FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE,
    FOREIGN KEY(company_id) REFERENCES company (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX ix_tag_company ON tag (company_id) WHERE company_id IS NOT NULL;

CREATE INDEX ix_tag_contact_id ON tag (contact_id);

CREATE INDEX ix_tag_key ON tag ("key", contact_id);

CREATE TABLE vocabulary (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "set" TEXT NOT NULL,
    code TEXT NOT NULL,
    en TEXT NOT NULL,
    zh TEXT NOT NULL,
    aliases TEXT NOT NULL,
    position INTEGER NOT NULL,
    cadence_days INTEGER,
    origin TEXT,
    hidden INTEGER DEFAULT 0 NOT NULL,
    requires TEXT,
    CONSTRAINT one_code UNIQUE ("set", code)
) STRICT;
