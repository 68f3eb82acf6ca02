-- Every access that an officer was given: when they were added, and each link that was made for them. No row is ever deleted, and
-- officers' rows stay as well, so ending an officer's access hides no connection between two others. `giver` is NULL for the command
-- line. The four-eyes rule decides by this table; the audit is written for people and never decides anything.
CREATE TABLE access_grants (
    id       TEXT PRIMARY KEY,
    giver    TEXT REFERENCES officers (id),
    receiver TEXT NOT NULL REFERENCES officers (id),
    kind     TEXT NOT NULL CHECK (kind IN ('add', 'link')),
    made     BIGINT NOT NULL,
    -- When a passkey was added by its link.
    used     BIGINT
);
CREATE INDEX access_grants_by_receiver ON access_grants (receiver, made);
CREATE INDEX access_grants_by_time ON access_grants (made);

-- Grants from before this table existed stand in the audit only, and are taken over once. A link held for three days.
INSERT INTO access_grants (id, giver, receiver, kind, made, used)
SELECT audit.id, (SELECT officers.id FROM officers WHERE officers.id = audit.actor), audit.subject,
       CASE audit.action WHEN 'add-officer' THEN 'add' ELSE 'link' END, audit.at,
       (SELECT min(passkeys.added) FROM passkeys
        WHERE passkeys.officer = audit.subject AND passkeys.added >= audit.at AND passkeys.added <= audit.at + 259200)
FROM audit
WHERE audit.action IN ('add-officer', 'link-officer') AND EXISTS (SELECT 1 FROM officers WHERE officers.id = audit.subject);

-- The grant that a link belongs to.
ALTER TABLE officer_links ADD COLUMN access_grant TEXT REFERENCES access_grants (id);
UPDATE officer_links SET access_grant = (SELECT max(access_grants.id) FROM access_grants WHERE receiver = officer_links.officer);

-- The passkeys with which an officer has read that a link was made for them. A passkey that is added by a link of which its owner
-- knows nothing does not hide the notice from their own passkeys. In the demo the passkey is ''.
CREATE TABLE access_notices (
    access_grant TEXT NOT NULL REFERENCES access_grants (id),
    passkey      TEXT NOT NULL,
    seen         BIGINT NOT NULL,
    PRIMARY KEY (access_grant, passkey)
);
