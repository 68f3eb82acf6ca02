-- Of which district an entry is, what an officer wrote down as the reason, and the receipt of the decision; each may be empty.
ALTER TABLE audit ADD COLUMN district TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN words TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN receipt TEXT NOT NULL DEFAULT '';
UPDATE audit SET district = coalesce(
    (SELECT district FROM officers WHERE officers.id = audit.actor),
    (SELECT district FROM cases WHERE cases.id = audit.subject),
    (SELECT district FROM officers WHERE officers.id = audit.subject),
    '');
CREATE INDEX audit_by_district ON audit (district, id);

-- The chain over the audit: each entry's hash is taken over the hash before it and all that the entry says. Chained is what has
-- a row here, in the order of the numbers, which begin with 1.
CREATE TABLE audit_seals (
    number BIGINT PRIMARY KEY,
    entry  TEXT NOT NULL UNIQUE,
    hash   TEXT NOT NULL
);
