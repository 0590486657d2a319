"""Whether words stand in the archive: exact, altered, spliced or another's."""
