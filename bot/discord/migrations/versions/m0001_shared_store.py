"""The first tables; takes over a discord.sqlite of before there were migrations."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_OLD = "before_0001_"
_BATCH = 1000


def upgrade() -> None:
    """Make the tables, and take over existing ones."""
    connection = op.get_bind()
    found = set(sa.inspect(connection).get_table_names())
    before = sorted(found & {"settings", "receipts", "conversations"})
    for name in before:
        op.rename_table(name, _OLD + name)
    made = {table.name: table for table in _create()}
    op.bulk_insert(made["settings_version"], [{"number": 1}])
    for name in before:
        rows = _rows(connection, name)
        while batch := [row for _, row in zip(range(_BATCH), rows, strict=False)]:
            op.bulk_insert(made[name], batch)
        op.drop_table(_OLD + name)


def _create() -> Iterator[sa.Table]:
    yield op.create_table("settings_version", sa.Column("number", sa.BigInteger, nullable=False))
    yield op.create_table(
        "settings",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("channels", sa.JSON, nullable=False),
        sa.Column("collection", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    yield op.create_table(
        "receipts",
        sa.Column("receipt_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("understood", sa.JSON, nullable=False),
        sa.Column("filters", sa.JSON, nullable=False),
        sa.Column("generation", sa.Text, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
    )
    yield op.create_table(
        "conversations",
        sa.Column("channel_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("turns", sa.JSON, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
    )
    op.create_index("ix_settings_version", "settings", ["version"])
    op.create_index("ix_receipts_created", "receipts", ["created"])
    op.create_index("ix_conversations_created", "conversations", ["created"])


def _rows(connection: sa.Connection, name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of an old table in the form of the new one."""
    for row in connection.execute(sa.text(f"SELECT * FROM {_OLD}{name}")).mappings():  # noqa: S608
        yield _CHANGED[name](dict(row))


def _settings(old: dict[str, Any]) -> dict[str, Any]:
    channels = json.loads(old["channels"])
    return {**old, "private": bool(old["private"]), "channels": channels, "version": 1}


def _receipt(old: dict[str, Any]) -> dict[str, Any]:
    question = old.pop("question")
    # Only the last version before this one kept how a question was understood.
    known = json.loads(old.get("understood") or "{}")
    understood = {"question": question, "typed": known.get("typed", question), "without": []}
    return {**old, "understood": understood, "filters": json.loads(old["filters"])}


def _conversation(old: dict[str, Any]) -> dict[str, Any]:
    kept = old.pop("turns", None)
    # Conversations had no turns at first, only the last question.
    turns = json.loads(kept) if kept else [{"question": old.pop("question")}]
    return {**old, "turns": turns}


_CHANGED = {"settings": _settings, "receipts": _receipt, "conversations": _conversation}
