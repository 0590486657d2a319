"""Character encodings: names, detection and decoding."""
