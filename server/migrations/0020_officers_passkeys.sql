-- The passkey a session began with ('' in the demo, and for sessions from before), the browser, and when the officer last showed a
-- passkey in it.
ALTER TABLE desk_sessions ADD COLUMN passkey TEXT NOT NULL DEFAULT '';
ALTER TABLE desk_sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE desk_sessions ADD COLUMN confirmed BIGINT;
UPDATE desk_sessions SET confirmed = began;
CREATE INDEX desk_sessions_by_officer ON desk_sessions (officer);

-- The browser by which a passkey was added.
ALTER TABLE passkeys ADD COLUMN device TEXT NOT NULL DEFAULT '';
