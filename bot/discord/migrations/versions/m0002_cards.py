"""Cards have a table of their own name, and keep the quotation that each of their pages shows."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Rename the table, and add the column; the quotations of older cards are not known."""
    op.drop_index("ix_receipts_created", "receipts")
    op.rename_table("receipts", "cards")
    op.execute("ALTER TABLE cards RENAME COLUMN receipt_id TO card_id")
    op.add_column("cards", sa.Column("quoted", sa.JSON))
    op.create_index("ix_cards_created", "cards", ["created"])
