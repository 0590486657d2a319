"""More settings; cards know their server, outcome, receipt and context; rebuilds under way."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns, and the table of rebuilds."""
    for name, default in (("forced", sa.false()), ("mentions", sa.true()), ("forum", sa.false())):
        op.add_column(
            "settings", sa.Column(name, sa.Boolean, nullable=False, server_default=default)
        )
    op.add_column("cards", sa.Column("exchanges", sa.JSON))
    op.add_column("cards", sa.Column("guild_id", sa.BigInteger))
    op.add_column("cards", sa.Column("verdict", sa.Text))
    op.add_column("cards", sa.Column("receipt_id", sa.Text))
    op.create_index("ix_cards_guild_id", "cards", ["guild_id"])
    op.create_table(
        "rebuilds",
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("touched", sa.Double, nullable=False),
    )
