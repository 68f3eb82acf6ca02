-- How often somebody did something since the beginning of a span of time. Who changes something for a person counts it here
-- first, and by this row they wait for each other; so the column that only did that goes.
CREATE TABLE uses (
    who   TEXT NOT NULL,
    what  TEXT NOT NULL,
    since BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (who, what)
);
ALTER TABLE persons DROP COLUMN turns;
