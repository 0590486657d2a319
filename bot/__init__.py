"""The user interfaces: command line, Discord and MCP, with rendering and settings."""
