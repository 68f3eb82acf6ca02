-- New versions of policy documents, from the draft on: of which district, and whether it changes something for others than that
-- district. What is approved and not withdrawn holds from its day on, beside what the
-- program and the data folder bring along. Nobody approves their own.
CREATE TABLE policy_drafts (
    id          TEXT PRIMARY KEY,
    document    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    body        TEXT NOT NULL,
    from_day    TEXT NOT NULL,
    district    TEXT NOT NULL,
    scope       TEXT NOT NULL,
    drafted_by  TEXT NOT NULL REFERENCES officers (id),
    drafted     BIGINT NOT NULL,
    approved_by TEXT REFERENCES officers (id),
    approved    BIGINT,
    withdrawn   BIGINT,
    CHECK (approved_by <> drafted_by),
    CHECK ((approved IS NULL) = (approved_by IS NULL))
);
-- Two who draft the same document at once would each not know of the other.
CREATE UNIQUE INDEX one_open_draft ON policy_drafts (document) WHERE approved IS NULL AND withdrawn IS NULL;
CREATE INDEX approved_policy_drafts ON policy_drafts (id) WHERE approved IS NOT NULL AND withdrawn IS NULL;
