"""Cards know their channel and who sees them; the servers that the bot is in are known."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns, and the table of servers; the channels of older cards are not known."""
    op.add_column("cards", sa.Column("channel_id", sa.BigInteger))
    op.add_column("cards", sa.Column("private", sa.Boolean))
    op.create_index("ix_cards_channel_id", "cards", ["channel_id"])
    op.create_index("ix_cards_receipt_id", "cards", ["receipt_id"])
    op.create_table(
        "servers",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("bot_id", sa.BigInteger, nullable=False),
    )
