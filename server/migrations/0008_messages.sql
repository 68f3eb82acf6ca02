-- What an office did to many at once, for the ledger of its messages.
CREATE TABLE bulk_actions (
    id    TEXT PRIMARY KEY,
    kind  TEXT NOT NULL,
    -- What it was done to, in words: the office and the days.
    words TEXT NOT NULL,
    actor TEXT NOT NULL,
    made  BIGINT NOT NULL
);

-- The outbox anew: by which channel, about what, until when it is worth sending, and what became of it.
CREATE TABLE outbox (
    id           TEXT PRIMARY KEY,
    case_id      TEXT REFERENCES cases (id),
    kind         TEXT NOT NULL,
    channel      TEXT NOT NULL CHECK (channel IN ('email', 'sms')),
    -- The appointment, or the code. What ends that withdraws the messages about it that nobody has sent yet.
    about        TEXT NOT NULL,
    bulk_action  TEXT REFERENCES bulk_actions (id),
    address      TEXT NOT NULL,
    subject      TEXT NOT NULL,
    body         TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'delivered', 'failed', 'withdrawn')),
    -- Why it failed; empty if it did not.
    fault        TEXT NOT NULL,
    -- 1 for what an SMS may wake somebody for.
    any_time     BIGINT NOT NULL,
    -- 1 for what somebody has to be called about if it fails.
    must_arrive  BIGINT NOT NULL,
    due          BIGINT NOT NULL,
    expires      BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    sent         BIGINT,
    -- When it became known that it has arrived, or has not.
    settled      BIGINT,
    -- When somebody called instead.
    called       BIGINT
);
INSERT INTO outbox (id, case_id, kind, channel, about, bulk_action, address, subject, body, state, fault, any_time,
                    must_arrive, due, expires, leased_until, attempts, created, sent)
SELECT id, case_id, kind, 'email', '', NULL, address, subject, body, state,
       CASE WHEN state = 'failed' THEN 'expired' ELSE '' END, 1, 0, due, created + 604800, leased_until, attempts, created, sent
FROM messages;
DROP TABLE messages;
ALTER TABLE outbox RENAME TO messages;
CREATE INDEX messages_to_send ON messages (channel, any_time, due, id) WHERE state = 'queued';
CREATE INDEX messages_to_call_about ON messages (created) WHERE state = 'failed';
CREATE INDEX messages_about ON messages (about);
CREATE INDEX messages_of_bulk_action ON messages (bulk_action);
CREATE INDEX messages_of_case ON messages (case_id);

-- By whom an appointment was cancelled.
ALTER TABLE appointments ADD COLUMN cancelled_by TEXT;
UPDATE appointments SET cancelled_by = 'applicant' WHERE status = 'cancelled';

-- A slot that the office has taken back is nobody's any more.
ALTER TABLE slots ADD COLUMN withdrawn BIGINT NOT NULL DEFAULT 0;
DROP VIEW free_slots;
CREATE VIEW free_slots AS
SELECT slots.id, slots.office, slots.starts, slots.minutes, slot_types.type, offices.district, offices.name AS office_name
FROM slots
JOIN offices ON offices.id = slots.office
JOIN slot_types ON slot_types.slot = slots.id
JOIN office_types ON office_types.office = slots.office AND office_types.type = slot_types.type
WHERE slots.withdrawn = 0 AND NOT EXISTS (
    SELECT 1 FROM appointments WHERE appointments.slot = slots.id AND appointments.status <> 'cancelled'
);
