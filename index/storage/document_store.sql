CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    doc_id TEXT NOT NULL UNIQUE,
    own_id TEXT NOT NULL,
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    provenance TEXT NOT NULL,
    structure TEXT NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE TABLE addresses (address TEXT NOT NULL, document INTEGER NOT NULL);
CREATE INDEX all_addresses ON addresses (address);
CREATE TABLE texts (document INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE names (number INTEGER PRIMARY KEY, words TEXT NOT NULL, checksum INTEGER NOT NULL);
