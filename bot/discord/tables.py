"""The tables of the store: what is kept of servers, cards and conversations.

Where a table changes, a new file in migrations/versions brings the older ones along.
"""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, MetaData, Table, Text

METADATA = MetaData()

# `version` is the number of the change that wrote a row: whoever has seen the changes up to a
# number asks for those after it.
settings = Table(
    "settings",
    METADATA,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("private", Boolean, nullable=False),
    Column("channels", JSON, nullable=False),
    Column("collection", Text),
    Column("version", BigInteger, nullable=False, index=True),
)
# One row, the number of the last change. Its lock puts changes in the order of their numbers, so
# that none becomes visible after one with a higher number.
settings_version = Table("settings_version", METADATA, Column("number", BigInteger, nullable=False))
# What people wrote is kept as JSON, whose escapes hold what a column of text may not.
receipts = Table(
    "receipts",
    METADATA,
    Column("receipt_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("understood", JSON, nullable=False),
    Column("filters", JSON, nullable=False),
    Column("generation", Text, nullable=False),
    Column("created", Double, nullable=False, index=True),
)
conversations = Table(
    "conversations",
    METADATA,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("turns", JSON, nullable=False),
    Column("created", Double, nullable=False, index=True),
)
