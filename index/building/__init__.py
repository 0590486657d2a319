"""From documents to a new generation of the index, reusing what has not changed."""
