-- The key of a case: an age identity, itself an age file for the key of the house. Without its row nothing of the case's documents
-- can be read any more.
CREATE TABLE case_keys (
    case_id   TEXT PRIMARY KEY REFERENCES cases (id),
    recipient TEXT NOT NULL,
    -- In base64.
    wrapped   TEXT NOT NULL
);

-- What people send because the police have asked for it.
CREATE TABLE documents (
    id           TEXT PRIMARY KEY,
    case_id      TEXT NOT NULL REFERENCES cases (id),
    -- Empty when its keeping time is over.
    name         TEXT NOT NULL,
    size         BIGINT NOT NULL,
    received     BIGINT NOT NULL,
    -- How far its SHA-256 is, and when all is there, the SHA-256; in hexadecimal.
    hashing      TEXT NOT NULL,
    -- What the sender said that it is; empty if they did not.
    sha256       TEXT NOT NULL,
    state        TEXT NOT NULL,
    since        BIGINT NOT NULL,
    -- When all of it was there.
    arrived      BIGINT,
    -- Until when it may be gone on with.
    expires      BIGINT NOT NULL,
    kind         TEXT NOT NULL DEFAULT '',
    pages        BIGINT NOT NULL DEFAULT 0,
    scanned      BIGINT NOT NULL DEFAULT 0,
    fault        TEXT NOT NULL DEFAULT '',
    reason_nb    TEXT NOT NULL DEFAULT '',
    reason_en    TEXT NOT NULL DEFAULT '',
    -- The last day; empty while it is arriving.
    kept_until   TEXT NOT NULL DEFAULT '',
    -- How often the check was tried, when it is tried next, and until when somebody is at it.
    tried        BIGINT NOT NULL DEFAULT 0,
    due          BIGINT NOT NULL DEFAULT 0,
    leased_until BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX documents_of_case ON documents (case_id);
CREATE INDEX documents_by_state ON documents (state, due);

-- The parts of a document as they came, each a file of its own. The row is there before the file, so no file is without one.
CREATE TABLE segments (
    id           TEXT PRIMARY KEY,
    document     TEXT NOT NULL REFERENCES documents (id),
    case_id      TEXT NOT NULL,
    -- Where in the document it begins.
    start        BIGINT NOT NULL,
    -- In bytes of the document; NULL while it is being written.
    size         BIGINT,
    -- Until when who writes it is known to be there; 0 when it was taken from them.
    leased_until BIGINT NOT NULL
);
CREATE UNIQUE INDEX one_segment_at_a_place ON segments (document, start) WHERE size IS NOT NULL;
CREATE INDEX segments_of_case ON segments (case_id);
CREATE INDEX segments_open ON segments (leased_until) WHERE size IS NULL;

-- Sending has failed for technical reasons: it is done by phone.
CREATE TABLE failures (
    -- What the person tells on the telephone.
    code       TEXT PRIMARY KEY,
    invitation TEXT NOT NULL REFERENCES invitations (id),
    case_id    TEXT NOT NULL REFERENCES cases (id),
    what       TEXT NOT NULL,
    at         BIGINT NOT NULL,
    done       BIGINT
);
CREATE UNIQUE INDEX one_failure_per_invitation ON failures (invitation) WHERE done IS NULL;
CREATE INDEX failures_of_case ON failures (case_id);
