-- What is read. Tables are singular, views plural; `sqlite3 crm.db 'select * from agenda'` is meant to be typed.
-- No view asks the clock: whether something is overdue is decided by the reader, who binds the moment.

-- Every answer about a channel; of each contact and channel the newest is `current`.
CREATE VIEW consents AS
SELECT
    s.id, s.contact_id, c.name AS contact, s.channel, s.channel AS "key", s.answer, s.at, s.source, s.actor,
    NOT EXISTS (
        SELECT 1 FROM consent later
        WHERE later.contact_id = s.contact_id AND later.channel = s.channel
            AND (later.at > s.at OR later.at = s.at AND later.id > s.id)
    ) AS "current",
    s.created_at
FROM consent s
LEFT JOIN contact c ON c.id = s.contact_id;

CREATE VIEW contacts AS
SELECT
    c.id, c.uid, c.name, c.name_key, c.pinyin, c.initials, c.sort_key,
    k.name AS company, c.company_id, c.title,
    (SELECT json_group_array(p.value) FROM contact_point p WHERE p.contact_id = c.id AND p.kind = 'phone') AS phones,
    (SELECT json_group_array(p.value) FROM contact_point p WHERE p.contact_id = c.id AND p.kind = 'email') AS emails,
    (SELECT json_group_array(p.value) FROM contact_point p WHERE p.contact_id = c.id AND p.kind = 'handle') AS handles,
    (SELECT json_group_array(json_object('kind', p.kind, 'label', p.label, 'value', p.value))
     FROM contact_point p WHERE p.contact_id = c.id) AS reach,
    c.region, c.address, c.birthday, c.class, c.source,
    r.name AS referred_by, c.referred_by_id, c.owner,
    (SELECT json_group_array(t.name) FROM tag t WHERE t.contact_id = c.id) AS tags,
    c.notes, c.fields,
    (SELECT json_group_array(n.channel) FROM consents n WHERE n.contact_id = c.id AND n.current AND n.answer = 'yes')
        AS consent,
    (SELECT json_group_array(json_object('channel', n.channel, 'answer', n.answer, 'at', n.at, 'source', n.source))
     FROM consents n WHERE n.contact_id = c.id AND n.current) AS consents,
    s.last_contact_at, s.touched_at, s.next_due, s.open_callbacks, s.open_complaints,
    (SELECT min(v.cadence_days) FROM vocabulary v
     WHERE v."set" = 'class' AND v.code = c.class
        OR v."set" = 'tag' AND v.code IN (SELECT t.key FROM tag t WHERE t.contact_id = c.id)) AS cadence_days,
    c.created_at, c.updated_at
FROM contact c
LEFT JOIN contact_state s ON s.contact_id = c.id
LEFT JOIN company k ON k.id = c.company_id
LEFT JOIN contact r ON r.id = c.referred_by_id;

CREATE VIEW companies AS
SELECT
    k.id, k.uid, k.name, k.name_key, k.pinyin, k.initials, k.sort_key, k.industry, k.website,
    (SELECT json_group_array(p.value) FROM contact_point p WHERE p.company_id = k.id AND p.kind = 'phone') AS phones,
    (SELECT json_group_array(p.value) FROM contact_point p WHERE p.company_id = k.id AND p.kind = 'email') AS emails,
    (SELECT json_group_array(p.value) FROM contact_point p WHERE p.company_id = k.id AND p.kind = 'handle') AS handles,
    k.region, k.address, k.owner,
    (SELECT json_group_array(t.name) FROM tag t WHERE t.company_id = k.id) AS tags,
    (SELECT count(*) FROM contact c WHERE c.company_id = k.id) AS contacts,
    k.notes, k.fields, k.created_at, k.updated_at
FROM company k;

CREATE VIEW followups AS
SELECT
    f.id, f.uid, f.contact_id, c.uid AS contact_uid, c.name AS contact, k.name AS company, f.kind, f.direction, f.at, f.minutes, f.text, f.outcome,
    f.owner, f.callback_id, f.complaint_id, f.created_at, f.updated_at
FROM followup f
LEFT JOIN contact c ON c.id = f.contact_id
LEFT JOIN company k ON k.id = c.company_id;

CREATE VIEW callbacks AS
SELECT
    b.id, b.uid, b.contact_id, c.uid AS contact_uid, c.name AS contact, k.name AS company, c.title, b.kind,
    b.due_on, b.due_at, b.due_time, b.zone, b.due_at IS NULL AS all_day, coalesce(b.due_at, b.due_on) AS due,
    b.purpose, b.notice, b.rule AS repeat, b.anchor, b.after_done, b.series, b.status, b.snoozed_from IS NOT NULL AS snoozed,
    b.snoozed_from, b.done_at,
    (SELECT max(f.id) FROM followup f WHERE f.callback_id = b.id) AS followup_id,
    (SELECT s.id FROM supervision s WHERE s.callback_id = b.id AND s.closed_at IS NULL) AS supervision_id,
    (SELECT s.responsible FROM supervision s WHERE s.callback_id = b.id AND s.closed_at IS NULL) AS supervised_by,
    b.owner, b.created_at, b.updated_at
FROM callback b
LEFT JOIN contact c ON c.id = b.contact_id
LEFT JOIN company k ON k.id = c.company_id;

CREATE VIEW complaints AS
SELECT
    p.id, p.uid, p.contact_id, c.uid AS contact_uid, c.name AS contact, k.name AS company, p.type, p.category, p.severity, p.channel, p.text, p.status,
    p.received_at, p.respond_by, p.resolve_by, p.responded_at, p.resolved_at, p.closed_at,
    CASE
        WHEN p.resolved_at IS NOT NULL OR p.closed_at IS NOT NULL OR p.waiting_since IS NOT NULL THEN NULL
        WHEN p.responded_at IS NULL AND p.respond_by < coalesce(p.resolve_by, '~') THEN p.respond_by
        ELSE p.resolve_by
    END AS deadline_at,
    CASE
        WHEN p.responded_at IS NULL AND p.respond_by < coalesce(p.resolve_by, '~') THEN 'respond' ELSE 'resolve'
    END AS deadline_kind,
    p.valid, p.cause, p.department, p.assignee, p.responsible, p.waiting_since, p.hours, p.escalated_to, p.satisfaction,
    (SELECT count(*) FROM complaint_step s WHERE s.complaint_id = p.id AND s.kind = 'reopen') AS reopened,
    (SELECT b.id FROM callback b WHERE b.notice = 'complaint:' || p.id) AS return_visit_id,
    (SELECT json_group_array(json_object(
        'kind', s.kind, 'at', s.at, 'actor', s.actor, 'status', s.status, 'note', s.note, 'data', json(s.data)))
     FROM complaint_step s WHERE s.complaint_id = p.id) AS steps,
    (SELECT json_group_array(json_object(
        'id', l.id, 'complaint_id', o.id, 'complaint_uid', o.uid, 'text', coalesce(o.text, l.improvement)))
     FROM complaint_link l
     LEFT JOIN complaint o ON o.id = CASE WHEN l.complaint_id = p.id THEN l.other_id ELSE l.complaint_id END
     WHERE l.complaint_id = p.id OR l.other_id = p.id) AS links,
    (SELECT json_group_array(json_object('id', f.id, 'kind', f.kind, 'at', f.at, 'text', f.text))
     FROM followup f WHERE f.complaint_id = p.id) AS followups,
    (SELECT json_group_array(json_object(
        'id', r.id, 'text', r.text, 'due', coalesce(r.due_at, r.due_on), 'status', r.status, 'owner', r.owner))
     FROM promise r WHERE r.complaint_id = p.id) AS promises,
    (SELECT s.id FROM supervision s WHERE s.complaint_id = p.id AND s.closed_at IS NULL) AS supervision_id,
    (SELECT s.responsible FROM supervision s WHERE s.complaint_id = p.id AND s.closed_at IS NULL) AS supervised_by,
    p.created_at, p.updated_at
FROM complaint p
LEFT JOIN contact c ON c.id = p.contact_id
LEFT JOIN company k ON k.id = c.company_id;

CREATE VIEW promises AS
SELECT
    p.id, p.uid, p.contact_id, c.uid AS contact_uid, c.name AS contact, k.name AS company, c.title, p.text, p.made_at,
    p.due_on, p.due_at, p.due_time, p.zone, p.due_at IS NULL AS all_day, coalesce(p.due_at, p.due_on) AS due, p.due_by,
    p.status, p.settled_at, p.outcome, p.owner, p.followup_id, p.complaint_id, p.replaces_id,
    (SELECT r.id FROM promise r WHERE r.replaces_id = p.id) AS replaced_by_id,
    (SELECT s.id FROM supervision s WHERE s.promise_id = p.id AND s.closed_at IS NULL) AS supervision_id,
    (SELECT s.responsible FROM supervision s WHERE s.promise_id = p.id AND s.closed_at IS NULL) AS supervised_by,
    p.created_at, p.updated_at
FROM promise p
LEFT JOIN contact c ON c.id = p.contact_id
LEFT JOIN company k ON k.id = c.company_id;

CREATE VIEW questions AS
SELECT
    q.id, q.form, q.code, q.moment, q.en, q.zh, q.weight, q.position, q.origin, q.hidden,
    (SELECT count(*) FROM survey_answer a WHERE a.question_id = q.id) AS answers
FROM question q;

CREATE VIEW surveys AS
SELECT
    s.id, s.uid, s.contact_id, c.uid AS contact_uid, c.name AS contact, k.name AS company, s.complaint_id, s.form,
    s.channel, s.sent_at, s.returned_at, s.score,
    (SELECT round(sum(1.0 * (a.expectation - a.experience) * q.weight) / nullif(sum(q.weight), 0), 1)
     FROM survey_answer a JOIN question q ON q.id = a.question_id
     WHERE a.survey_id = s.id AND a.expectation IS NOT NULL) AS gap,
    s.comment,
    (SELECT json_group_array(json_object(
        'form', q.form, 'code', q.code, 'moment', q.moment, 'experience', a.experience, 'expectation', a.expectation))
     FROM survey_answer a JOIN question q ON q.id = a.question_id WHERE a.survey_id = s.id) AS answers,
    s.owner, s.created_at, s.updated_at
FROM survey s
LEFT JOIN contact c ON c.id = s.contact_id
LEFT JOIN company k ON k.id = c.company_id;

-- What is supervised is `open` until it is closed, or until what it is about is settled.
CREATE VIEW supervisions AS
SELECT
    s.id, s.uid, s.contact_id, c.uid AS contact_uid, c.name AS contact, k.name AS company, c.title,
    coalesce('c' || s.complaint_id, 'p' || s.promise_id, CAST(s.callback_id AS TEXT)) AS item,
    coalesce(m.text, p.text, b.purpose) AS about, s.responsible, s.reason, s.every, s.due_on, s.report_on,
    min(coalesce(s.report_on, s.due_on), coalesce(s.due_on, s.report_on)) AS due,
    (SELECT r.percent FROM supervision_report r
     WHERE r.supervision_id = s.id AND r.percent IS NOT NULL ORDER BY r.id DESC LIMIT 1) AS percent,
    CASE
        WHEN s.closed_at IS NOT NULL THEN 'closed'
        WHEN b.status <> 'open' OR p.status <> 'open' OR m.resolved_at IS NOT NULL OR m.closed_at IS NOT NULL
            THEN 'settled'
        ELSE 'open'
    END AS status,
    (SELECT json_group_array(json_object(
        'kind', r.kind, 'at', r.at, 'actor', r.actor, 'note', r.note, 'percent', r.percent))
     FROM supervision_report r WHERE r.supervision_id = s.id) AS reports,
    s.callback_id, s.complaint_id, s.promise_id, s.closed_at, s.owner, s.created_at, s.updated_at
FROM supervision s
LEFT JOIN contact c ON c.id = s.contact_id
LEFT JOIN company k ON k.id = c.company_id
LEFT JOIN callback b ON b.id = s.callback_id
LEFT JOIN complaint m ON m.id = s.complaint_id
LEFT JOIN promise p ON p.id = s.promise_id;

CREATE VIEW service_levels AS
SELECT id, type, severity, class, respond, resolve, hours, escalate_to, origin, hidden FROM service_level;

CREATE VIEW answers AS
SELECT a.id, a.uid, a.question, a.answer, a.category, a.complaint_id, a.used, a.owner, a.created_at, a.updated_at
FROM answer a;

CREATE VIEW attachments AS
SELECT
    a.id, a.uid, a.contact_id, c.name AS contact, k.name AS company, a.name, a.label, a.media_type, a.bytes, a.sha256,
    a.sent_at, a.complaint_id, a.followup_id, a.created_at, a.updated_at
FROM attachment a
LEFT JOIN contact c ON c.id = a.contact_id
LEFT JOIN company k ON k.id = c.company_id;

-- What has a day or a moment at which somebody is waiting: open callbacks, complaints' deadlines, open
-- promises, reports on what is supervised.
CREATE VIEW agenda AS
SELECT
    'callback' AS kind, b.id, b.contact_id, c.name AS contact, k.name AS company, c.title, b.kind AS action,
    b.due_on, b.due_at, b.purpose AS text, b.owner
FROM callback b
JOIN contact c ON c.id = b.contact_id
LEFT JOIN company k ON k.id = c.company_id
WHERE b.status = 'open'
UNION ALL
SELECT
    'complaint', p.id, p.contact_id, p.contact, p.company, NULL, p.deadline_kind,
    NULL, p.deadline_at, p.text, p.assignee
FROM complaints p
WHERE p.deadline_at IS NOT NULL
UNION ALL
SELECT
    'promise', p.id, p.contact_id, p.contact, p.company, p.title, NULL, p.due_on, p.due_at, p.text, p.owner
FROM promises p
WHERE p.status = 'open'
UNION ALL
SELECT
    'supervision', s.id, s.contact_id, s.contact, s.company, s.title, s.item, s.report_on, NULL,
    coalesce(s.reason, s.about), s.responsible
FROM supervisions s
WHERE s.status = 'open';

CREATE VIEW custom_fields AS
SELECT
    id, noun, code, type, en, zh, aliases, choices, required, remind_days, yearly, position, origin, hidden
FROM custom_field;

CREATE VIEW notices AS
SELECT id, code, en, zh, kind, query, field, "before", every, origin, hidden FROM notice;

CREATE VIEW changes AS
SELECT
    h.id, h.at, h.actor, h.command, h.undoes, h.undone_by,
    (SELECT count(*) FROM change_row r WHERE r.change_id = h.id)
    + (SELECT coalesce(sum(g.last_id - g.first_id + 1), 0) FROM change_range g WHERE g.change_id = h.id) AS rows
FROM change h;
