-- Opening hours as "mon 09:00-15:00, tue …", what to bring as codes with a space between, when new times are posted as
-- "mon 08:00"; each may be empty.
ALTER TABLE offices ADD COLUMN hours TEXT NOT NULL DEFAULT '';
ALTER TABLE offices ADD COLUMN bring TEXT NOT NULL DEFAULT '';
ALTER TABLE offices ADD COLUMN posts TEXT NOT NULL DEFAULT '';

ALTER TABLE persons ADD COLUMN phone TEXT;
-- Of an account that was deleted: until when the office keeps its cases.
ALTER TABLE persons ADD COLUMN kept_until TEXT;
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';

-- The office's register of cases that nobody has added to an account yet.
CREATE TABLE records (
    reference    TEXT PRIMARY KEY,
    born         TEXT NOT NULL,
    applicant    TEXT NOT NULL,
    type         TEXT NOT NULL,
    district     TEXT NOT NULL,
    submitted    BIGINT NOT NULL,
    citizenships TEXT NOT NULL
);

-- When the applicant of a case starts to work, and when they reported it to UDI.
CREATE TABLE works (
    case_id  TEXT PRIMARY KEY REFERENCES cases (id),
    starts   TEXT NOT NULL,
    reported TEXT,
    told     BIGINT NOT NULL
);

-- An appointment that was moved, and the one in its place, are one event in the applicant's calendar; each change counts up.
ALTER TABLE appointments ADD COLUMN event TEXT NOT NULL DEFAULT '';
ALTER TABLE appointments ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0;
UPDATE appointments SET event = id;

-- A case keeps one slot at a time.
CREATE UNIQUE INDEX one_hold_a_case ON holds (case_id);

-- Whether people found what they were looking for. Nothing in here says who.
CREATE TABLE feedback (
    id       TEXT PRIMARY KEY,
    page     TEXT NOT NULL,
    found    BIGINT NOT NULL,
    words    TEXT NOT NULL,
    language TEXT NOT NULL,
    made     BIGINT NOT NULL
);
