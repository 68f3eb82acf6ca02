-- Row by row what a closing did, so that undoing it gives back exactly that.
CREATE TABLE closure_slots (
    closure TEXT NOT NULL REFERENCES closures (id),
    slot    TEXT NOT NULL REFERENCES slots (id),
    PRIMARY KEY (closure, slot)
);

-- The appointments that it cancelled. The outcome is empty until it is undone; then 'given', 'told' (given back to somebody who
-- is told so), or why it was not given back.
CREATE TABLE closure_appointments (
    closure     TEXT NOT NULL REFERENCES closures (id),
    appointment TEXT NOT NULL REFERENCES appointments (id),
    outcome     TEXT NOT NULL,
    PRIMARY KEY (closure, appointment)
);
CREATE INDEX closure_appointments_by_appointment ON closure_appointments (appointment);

-- The messages that it withdrew. Its own messages carry its id in `bulk_action`.
CREATE TABLE closure_messages (
    closure TEXT NOT NULL REFERENCES closures (id),
    message TEXT NOT NULL,
    PRIMARY KEY (closure, message)
);
CREATE INDEX closure_messages_by_message ON closure_messages (message);

-- 1 if the three tables say what it did. Closings from before they existed cannot be undone.
ALTER TABLE closures ADD COLUMN recorded BIGINT NOT NULL DEFAULT 0;
-- The bulk action of the messages that an appointment holds again.
ALTER TABLE closures ADD COLUMN restoring TEXT REFERENCES bulk_actions (id);

-- 1 once somebody has begun to send it. Unlike `attempts` that stays when it is written anew: the old words may have arrived.
ALTER TABLE messages ADD COLUMN tried BIGINT NOT NULL DEFAULT 0;
UPDATE messages SET tried = 1 WHERE attempts > 0 OR sent IS NOT NULL;
