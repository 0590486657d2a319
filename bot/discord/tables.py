"""The tables of the database: servers and their settings, cards, conversations, rebuilds.

A change of a table needs a new file in migrations/versions.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    MetaData,
    Table,
    Text,
    false,
    true,
)

METADATA = MetaData()

# `version` is the number of the change that wrote a row: a process that has seen the changes up to
# a number reads those after it.
settings = Table(
    "settings",
    METADATA,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("private", Boolean, nullable=False),
    Column("channels", JSON, nullable=False),
    Column("collection", Text),
    Column("version", BigInteger, nullable=False, index=True),
    Column("forced", Boolean, nullable=False, server_default=false()),
    Column("mentions", Boolean, nullable=False, server_default=true()),
    Column("forum", Boolean, nullable=False, server_default=false()),
)
# One row, the number of the last change. Its lock puts changes in the order of their numbers, so
# that none becomes visible after one with a higher number.
settings_version = Table("settings_version", METADATA, Column("number", BigInteger, nullable=False))
# Users' words are JSON, whose escapes hold characters that a column of text may not.
cards = Table(
    "cards",
    METADATA,
    Column("card_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("understood", JSON, nullable=False),
    Column("filters", JSON, nullable=False),
    Column("generation", Text, nullable=False),
    Column("created", Double, nullable=False, index=True),
    # Null for cards of before these columns.
    Column("quoted", JSON),
    Column("exchanges", JSON),
    Column("guild_id", BigInteger, index=True),
    Column("verdict", Text),
    Column("receipt_id", Text, index=True),
    Column("channel_id", BigInteger, index=True),
    Column("private", Boolean),
)
# The servers that a bot was in when it last connected. Cards are also kept of other servers, where
# only a user has installed the bot.
servers = Table(
    "servers",
    METADATA,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("bot_id", BigInteger, nullable=False),
)
conversations = Table(
    "conversations",
    METADATA,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("turns", JSON, nullable=False),
    Column("created", Double, nullable=False, index=True),
)
# Messages that show a rebuild's progress, so that they can be corrected after a restart. Their
# tokens serve for 15 minutes.
rebuilds = Table(
    "rebuilds",
    METADATA,
    Column("token", Text, primary_key=True),
    Column("created", Double, nullable=False),
    Column("touched", Double, nullable=False),
)
