"""Which passages answer: passages, ranking, storage on disk, quotations and verdicts."""
