-- Every policy that a decision was made by, as canonical JSON.
CREATE TABLE policies (
    sha256 TEXT PRIMARY KEY,
    body   TEXT NOT NULL
);

-- What is kept of a decision that mattered: facts and decision as JSON, and the hash over both and the policy.
CREATE TABLE receipts (
    id       TEXT PRIMARY KEY,
    case_id  TEXT NOT NULL REFERENCES cases (id),
    about    TEXT NOT NULL CHECK (about IN ('booking', 'refusal', 'upload')),
    facts    TEXT NOT NULL,
    decision TEXT NOT NULL,
    policy   TEXT NOT NULL REFERENCES policies (sha256),
    sha256   TEXT NOT NULL,
    made     BIGINT NOT NULL
);
CREATE INDEX receipts_by_case ON receipts (case_id);
