-- Written so that SQLite and PostgreSQL both understand it: ids are TEXT (UUIDv7), instants BIGINT seconds since 1970
-- (UTC), dates TEXT as 2020-10-26, truth values BIGINT 0 or 1.

CREATE TABLE persons (
    id       TEXT PRIMARY KEY,
    email    TEXT NOT NULL UNIQUE,
    language TEXT NOT NULL,
    created  BIGINT NOT NULL
);

-- A code is kept as a hash. One live code an address: asking again ends the one before.
CREATE TABLE sign_in_codes (
    id         TEXT PRIMARY KEY,
    email      TEXT NOT NULL,
    hash       TEXT NOT NULL,
    tries_left BIGINT NOT NULL,
    live       BIGINT NOT NULL,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
CREATE UNIQUE INDEX one_live_code_an_address ON sign_in_codes (email) WHERE live = 1;
CREATE INDEX sign_in_codes_by_address ON sign_in_codes (email, created);

-- Only the token's hash is kept: who reads the database cannot sign in with it.
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    person     TEXT NOT NULL REFERENCES persons (id),
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);

CREATE TABLE offices (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    kind     TEXT NOT NULL,
    district TEXT NOT NULL,
    address  TEXT NOT NULL,
    phone    TEXT NOT NULL
);
CREATE INDEX offices_by_district ON offices (district);

-- The types for which an office gives appointments at the moment.
CREATE TABLE office_types (
    office TEXT NOT NULL REFERENCES offices (id),
    type   TEXT NOT NULL,
    PRIMARY KEY (office, type)
);

-- One seat at one start time.
CREATE TABLE slots (
    id      TEXT PRIMARY KEY,
    office  TEXT NOT NULL REFERENCES offices (id),
    starts  BIGINT NOT NULL,
    minutes BIGINT NOT NULL
);
CREATE INDEX slots_by_start ON slots (office, starts);

CREATE TABLE slot_types (
    slot TEXT NOT NULL REFERENCES slots (id),
    type TEXT NOT NULL,
    PRIMARY KEY (slot, type)
);

CREATE TABLE cases (
    id           TEXT PRIMARY KEY,
    person       TEXT NOT NULL REFERENCES persons (id),
    reference    TEXT NOT NULL UNIQUE,
    applicant    TEXT NOT NULL,
    type         TEXT NOT NULL,
    district     TEXT NOT NULL,
    submitted    BIGINT NOT NULL,
    -- Country codes, with a space between; none means stateless.
    citizenships TEXT NOT NULL
);
CREATE INDEX cases_by_person ON cases (person);

-- What the applicant of a case has told. entry_on is NULL for who need not be quarantined.
CREATE TABLE situations (
    case_id                    TEXT PRIMARY KEY REFERENCES cases (id),
    entry_on                   TEXT,
    quarantine                 BIGINT NOT NULL,
    told_to_report_within_week BIGINT NOT NULL,
    critical_travel            BIGINT NOT NULL,
    told                       BIGINT NOT NULL
);

CREATE TABLE appointments (
    id        TEXT PRIMARY KEY,
    number    TEXT NOT NULL UNIQUE,
    slot      TEXT NOT NULL REFERENCES slots (id),
    case_id   TEXT NOT NULL REFERENCES cases (id),
    status    TEXT NOT NULL CHECK (status IN ('booked', 'cancelled', 'attended', 'missed')),
    booked    BIGINT NOT NULL,
    cancelled BIGINT
);
-- A slot has at most one live appointment, and a case at most one that is booked. Two requests that both saw the slot
-- free meet here, and one of them is told so.
CREATE UNIQUE INDEX one_live_appointment_a_slot ON appointments (slot) WHERE status <> 'cancelled';
CREATE UNIQUE INDEX one_booked_appointment_a_case ON appointments (case_id) WHERE status = 'booked';
CREATE INDEX appointments_by_case ON appointments (case_id);

-- What can be booked: a slot for a type that its office gives appointments for at the moment, and that nobody has.
CREATE VIEW free_slots AS
SELECT slots.id, slots.office, slots.starts, slots.minutes, slot_types.type, offices.district, offices.name AS office_name
FROM slots
JOIN offices ON offices.id = slots.office
JOIN slot_types ON slot_types.slot = slots.id
JOIN office_types ON office_types.office = slots.office AND office_types.type = slot_types.type
WHERE NOT EXISTS (
    SELECT 1 FROM appointments WHERE appointments.slot = slots.id AND appointments.status <> 'cancelled'
);

-- The first answer to a request with an Idempotency-Key, given again to whoever repeats it.
CREATE TABLE answers (
    scope   TEXT NOT NULL,
    key     TEXT NOT NULL,
    request TEXT NOT NULL,
    status  BIGINT NOT NULL,
    body    TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);
