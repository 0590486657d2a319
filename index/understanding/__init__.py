"""Parsing questions: entities, answer types, speakers, records, spelling, language, context."""
