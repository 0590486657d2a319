"""How the store's tables came to be as they are; alembic runs them when the bot starts."""
