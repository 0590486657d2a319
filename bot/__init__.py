"""Who asks and is told: the command line, rendering and settings."""
