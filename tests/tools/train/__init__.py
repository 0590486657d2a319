"""Training of the adapter that makes memcon's encoder: questions, passages, losses."""
