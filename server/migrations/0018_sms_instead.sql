-- What an SMS says instead if the address of an e-mail is refused; empty where there is none.
ALTER TABLE messages ADD COLUMN sms TEXT NOT NULL DEFAULT '';
