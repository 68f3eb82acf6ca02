-- Which appointment took the place of another is looked for by their event.
CREATE INDEX appointments_by_event ON appointments (event);
