-- Counted up by every transaction that works for a person, so that on PostgreSQL too they come one after another.
ALTER TABLE persons ADD COLUMN turns BIGINT NOT NULL DEFAULT 0;
