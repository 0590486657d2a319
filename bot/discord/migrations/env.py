"""Run alembic's migrations on the given connection, in its transaction."""

from alembic import context

from bot.discord.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
