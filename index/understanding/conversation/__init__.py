"""Follow-up questions: detect them and rewrite them to stand alone."""
