"""Japanese questions over English records: glossary, dictionaries, transliteration."""
