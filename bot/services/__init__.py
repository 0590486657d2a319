"""What the command line and the Discord bot do alike. Nothing here prints."""
