"""The structure of a text: blocks, headings, turns, redactions, boilerplate, headers."""
