"""Citations: Chicago notes, CSL-JSON, BibTeX, RIS and links to the quoted words."""
