-- A slot kept for one case for some minutes, while its applicant confirms.
CREATE TABLE holds (
    slot    TEXT PRIMARY KEY REFERENCES slots (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    expires BIGINT NOT NULL
);

-- The outbox. A message is written in the transaction of what it tells about, and sent by whoever holds its lease.
CREATE TABLE messages (
    id           TEXT PRIMARY KEY,
    case_id      TEXT REFERENCES cases (id),
    kind         TEXT NOT NULL,
    address      TEXT NOT NULL,
    subject      TEXT NOT NULL,
    body         TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    due          BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    sent         BIGINT
);
CREATE INDEX messages_to_send ON messages (due) WHERE state = 'queued';

-- Who did what to what, and when. Nothing in here is ever changed.
CREATE TABLE audit (
    id      TEXT PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject);
