"""TEI editions, among them *Foreign Relations of the United States*."""
