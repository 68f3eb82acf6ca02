-- A code belongs to the browser that asked for it, by the hash of a token that it keeps in a cookie: whoever else asks for the
-- same address ends nobody's code and uses up nobody's tries.
ALTER TABLE sign_in_codes ADD COLUMN ask TEXT NOT NULL DEFAULT '';
DROP INDEX one_live_code_an_address;
CREATE UNIQUE INDEX one_live_code_a_browser ON sign_in_codes (ask, email) WHERE live = 1;

-- Browsers in which somebody has signed in with an address before. A flood of codes for the address does not count for them.
CREATE TABLE known_browsers (
    token_hash TEXT NOT NULL,
    email      TEXT NOT NULL,
    seen       BIGINT NOT NULL,
    PRIMARY KEY (token_hash, email)
);
CREATE INDEX known_browsers_by_address ON known_browsers (email);
