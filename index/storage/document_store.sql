CREATE TABLE files (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL, path TEXT NOT NULL,
    size INTEGER NOT NULL, modified INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    problem TEXT,
    reading TEXT,
    checksum INTEGER NOT NULL
);
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    doc_id TEXT NOT NULL UNIQUE,
    own_id TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES files (number),
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    provenance TEXT NOT NULL,
    structure TEXT NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE TABLE addresses (address TEXT NOT NULL);
CREATE INDEX all_addresses ON addresses (address);
CREATE INDEX documents_of_file ON documents (file);
CREATE TABLE texts (document INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE problems (
    number INTEGER PRIMARY KEY,
    source TEXT NOT NULL, reason TEXT NOT NULL, is_read INTEGER NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE TABLE names (number INTEGER PRIMARY KEY, words TEXT NOT NULL, checksum INTEGER NOT NULL);
