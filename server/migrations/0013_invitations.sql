-- The office asks for documents electronically: one case, or all that a filter has shown, which then is a bulk action of the same id.
CREATE TABLE askings (
    id              TEXT PRIMARY KEY,
    -- The type of application and the closing that were asked for; empty for all.
    type            TEXT NOT NULL,
    closure         TEXT NOT NULL,
    -- The last day, which still counts.
    last            TEXT NOT NULL,
    instructions_nb TEXT NOT NULL,
    instructions_en TEXT NOT NULL
);

CREATE TABLE invitations (
    id      TEXT PRIMARY KEY,
    asking  TEXT NOT NULL REFERENCES askings (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    issued  BIGINT NOT NULL,
    -- When it was withdrawn, or another took its place after its last day.
    ended   BIGINT
);
CREATE UNIQUE INDEX one_invitation_per_case ON invitations (case_id) WHERE ended IS NULL;
CREATE INDEX invitations_of_asking ON invitations (asking);
