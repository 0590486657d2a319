"""Documents from the web: polite downloads, address checks."""
