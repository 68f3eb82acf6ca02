-- The hash of the code on the office's letter about a case, if the letter has one; empty if not. Where there is one, a case is
-- added by it and the day of birth.
ALTER TABLE records ADD COLUMN letter_code TEXT NOT NULL DEFAULT '';
