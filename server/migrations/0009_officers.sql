-- Who works at a district's counters, and what they may do there.
CREATE TABLE officers (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    district TEXT NOT NULL,
    role     TEXT NOT NULL CHECK (role IN ('clerk', 'planner', 'administrator')),
    added    BIGINT NOT NULL,
    -- When they stopped working here. The row stays, because the audit names it.
    ended    BIGINT
);
CREATE INDEX officers_by_district ON officers (district, name);

-- A link by which an officer adds a passkey, once. Only the token's hash is kept.
CREATE TABLE officer_links (
    token_hash TEXT PRIMARY KEY,
    officer    TEXT NOT NULL REFERENCES officers (id),
    expires    BIGINT NOT NULL
);

-- The id is the credential's own; the credential is as webauthn-rs writes it.
CREATE TABLE passkeys (
    id         TEXT PRIMARY KEY,
    officer    TEXT NOT NULL REFERENCES officers (id),
    credential TEXT NOT NULL,
    added      BIGINT NOT NULL,
    used       BIGINT
);
CREATE INDEX passkeys_by_officer ON passkeys (officer);

-- What the server wants to see again when the browser answers: of an officer who adds a passkey, or of whoever signs in.
CREATE TABLE ceremonies (
    id      TEXT PRIMARY KEY,
    officer TEXT REFERENCES officers (id),
    state   TEXT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE TABLE desk_sessions (
    token_hash TEXT PRIMARY KEY,
    officer    TEXT NOT NULL REFERENCES officers (id),
    began      BIGINT NOT NULL,
    -- When its officer last did something.
    seen       BIGINT NOT NULL
);
