"""Web pages: the archives that memcon knows, and the main content of any other page."""
