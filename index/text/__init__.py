"""Text as the index sees it: terms, sentences, passages, and words that differ only in type."""
