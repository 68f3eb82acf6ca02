-- How often the check of a document has run out of time: after some tries it is the document's fault.
ALTER TABLE documents ADD COLUMN overran BIGINT NOT NULL DEFAULT 0;

-- What in it does something when it is opened: codes, with spaces between them.
ALTER TABLE documents ADD COLUMN active TEXT NOT NULL DEFAULT '';
