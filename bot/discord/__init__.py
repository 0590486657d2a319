"""The Discord bot: a server asks the archive."""
