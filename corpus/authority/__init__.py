"""People and records: the forms of a name, who wrote a document, what belongs together."""
