"""Misspelt words and spelling variants, matched to the words of the archive."""
