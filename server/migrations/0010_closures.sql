-- From when on applicants see a slot, and which publication or closing it came or went with (both are bulk actions).
ALTER TABLE slots ADD COLUMN published BIGINT NOT NULL DEFAULT 0;
ALTER TABLE slots ADD COLUMN publication TEXT;
ALTER TABLE slots ADD COLUMN closure TEXT;
CREATE INDEX slots_by_publication ON slots (publication) WHERE publication IS NOT NULL;
CREATE INDEX slots_by_closure ON slots (closure) WHERE closure IS NOT NULL;

-- An office that is closed or works at a share of its capacity, from one day to another.
CREATE TABLE closures (
    id     TEXT PRIMARY KEY REFERENCES bulk_actions (id),
    office TEXT NOT NULL REFERENCES offices (id),
    first  TEXT NOT NULL,
    last   TEXT NOT NULL,
    -- Percent of the capacity that is left.
    share  BIGINT NOT NULL,
    undone BIGINT
);
CREATE INDEX closures_by_office ON closures (office, id);
ALTER TABLE bulk_actions ADD COLUMN district TEXT NOT NULL DEFAULT '';

-- Booked by an officer for critical travel, and why, as the officer wrote it down.
ALTER TABLE appointments ADD COLUMN critical_travel BIGINT NOT NULL DEFAULT 0;
ALTER TABLE appointments ADD COLUMN reason TEXT NOT NULL DEFAULT '';

DROP VIEW free_slots;
CREATE VIEW free_slots AS
SELECT slots.id, slots.office, slots.starts, slots.minutes, slots.published, slot_types.type, offices.district,
  offices.name AS office_name
FROM slots
JOIN offices ON offices.id = slots.office
JOIN slot_types ON slot_types.slot = slots.id
JOIN office_types ON office_types.office = slots.office AND office_types.type = slot_types.type
WHERE slots.withdrawn = 0 AND NOT EXISTS (
    SELECT 1 FROM appointments WHERE appointments.slot = slots.id AND appointments.status <> 'cancelled'
);
