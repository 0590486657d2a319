"""The archive for AI assistants, over the Model Context Protocol: read-only, verbatim."""
