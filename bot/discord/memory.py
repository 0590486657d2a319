"""The bot's memory: servers' settings, the states of cards, conversations in threads.

Several processes may share it. Every query about a server has that server's id, so that no server
sees another's data. Calls are short, but touch a disk or a network: the event loop runs them in
`Memory.threads`. While the database is away, the last known settings hold, new cards wait here to
be written, and the rest raises DatabaseAway.
"""

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.discord import tables
from bot.discord.card_state import CARD_LIFE, CardState
from bot.discord.database import CONNECTIONS, Database, DatabaseAway
from index.answering.receipts import Quoted
from index.retrieval.filters import Filters
from index.understanding.conversation.exchange import TURNS, Exchange
from index.understanding.conversation.rewriting import RewrittenQuestion

_log = logging.getLogger("memcon.discord")

# How long a thread's conversation works, in seconds.
CONVERSATION_LIFE = 7 * 86_400
# How long a reply's token serves, in seconds.
TOKEN_LIFE = 15 * 60

# The most answers of a channel whose sources a bibliography lists.
CITING = 1_000
# The exchanges kept of a thread: private ones of several people may lie between.
_KEPT = 4 * TURNS
# The most cards that wait while the database is away; the oldest are dropped first.
_UNWRITTEN = 10_000
# Expired rows are deleted in batches, so that other processes wait only briefly.
_DELETED_AT_ONCE = 1_000

# Made once: making a statement takes longer than SQLite takes to run it.
_KEEP_CARD = sa.insert(tables.cards)
_FIND_CARD = sa.select(tables.cards).where(
    tables.cards.c.card_id == sa.bindparam("card_id"),
    tables.cards.c.created >= sa.bindparam("oldest"),
)
_PLACED = ("guild_id", "verdict", "receipt_id", "channel_id", "private")
_CHANGED_SETTINGS = (
    sa.select(tables.settings)
    .where(tables.settings.c.version > sa.bindparam("seen"))
    .order_by(tables.settings.c.version)
)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The choices of a server's managers; no channels means every channel.

    `private` answers are the default, with `forced` the only ones. With `mentions` messages that
    mention the bot are answered, with `forum` also those that begin a post in a forum.
    """

    private: bool = False
    channels: tuple[int, ...] = ()
    collection: str | None = None
    forced: bool = False
    mentions: bool = True
    forum: bool = False

    def is_hidden(self, private: bool | None) -> bool:
        """Whether an answer is private; `private` is the user's choice, None for the default."""
        return self.forced or (self.private if private is None else private)

    def allows(self, *channels: int | None) -> bool:
        """Whether the bot answers in a channel, given it and its parent."""
        return not self.channels or not {*channels}.isdisjoint(self.channels)


@dataclass(frozen=True, slots=True)
class CardContext:
    """What a card's buttons do not need.

    `exchanges` are the context of a follow-up. `guild_id` is None in direct messages, `verdict`
    and `receipt_id` for cards that are no answers. A `private` card is seen by its user alone.
    """

    exchanges: Sequence[Exchange] = ()
    guild_id: int | None = None
    verdict: str | None = None
    receipt_id: str | None = None
    channel_id: int | None = None
    private: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a user: cards, since when (seconds since 1970), and questions in threads."""

    cards: int
    since: float | None
    exchanges: int


_DEFAULTS = ServerSettings()


class Memory:
    """The database and its queries; safe to use from several threads."""

    def __init__(self, place: Path | str) -> None:
        """Open a SQLite file, or the database at an address, and bring its tables up to date.

        Raises UsageError for a malformed address, DatabaseUnusable if it cannot be opened.
        """
        self.database = Database(place)
        self.threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="memcon-database")
        self._lock = threading.Lock()
        self._settings: dict[int, ServerSettings] = {}
        self._seen = 0
        self._is_away = False
        self._unwritten: OrderedDict[str, dict[str, Any]] = OrderedDict()
        with self.database.statement() as connection:
            self._read_settings(connection)

    def close(self) -> None:
        """Write the waiting cards if the database answers, and close it."""
        self.database.sever(0)
        self.threads.shutdown(wait=True)
        if self._unwritten:
            self.refresh()
        if self._unwritten:
            _log.warning("cards have lost their buttons", extra={"cards": len(self._unwritten)})
        self.database.close()

    @property
    def unwritten(self) -> int:
        """How many cards wait for the database."""
        return len(self._unwritten)

    def settings(self, guild_id: int | None) -> ServerSettings:
        """Return a server's settings; the defaults for a direct message (None).

        They are held in memory, since an acknowledgement depends on them and cannot wait.
        """
        return self._settings.get(guild_id or 0, _DEFAULTS)

    def change_settings(
        self, guild_id: int, change: Callable[[ServerSettings], ServerSettings]
    ) -> ServerSettings:
        """Apply a change to the stored settings of a server, and return the result."""
        table, number = tables.settings, tables.settings_version.c.number
        with self.database.transaction() as connection:
            # The lock on this row orders the changes of all processes.
            connection.execute(sa.update(tables.settings_version).values(number=number + 1))
            version = connection.execute(sa.select(number)).scalar_one()
            row = connection.execute(sa.select(table).where(table.c.guild_id == guild_id)).first()
            changed = change(_settings_of(row) if row else ServerSettings())
            values = {"guild_id": guild_id, "version": version, **asdict(changed)}
            connection.execute(self.database.upsert(table, values))
        with self._lock:
            self._settings[guild_id] = changed
        return changed

    def refresh(self) -> None:
        """Read the changes of other processes, and write the waiting cards.

        Logs when the database goes away and when it is back.
        """
        if self.database.lost is not None:
            self._note_away()
        try:
            with self.database.probing() as connection:
                self._read_settings(connection)
                self._write_cards(connection)
        except DatabaseAway:
            self._note_away()
            return
        if self._is_away:
            self._is_away = False
            _log.info("the store is back")

    def delete_expired(self) -> int:
        """Delete expired rows, and return their number."""
        now = time.time()
        return sum(
            self._delete(table, now - life)
            for table, life in (
                (tables.cards, CARD_LIFE),
                (tables.conversations, CONVERSATION_LIFE),
                (tables.rebuilds, TOKEN_LIFE),
            )
        )

    def keep_card(
        self,
        kind: str,
        user_id: int,
        understood: RewrittenQuestion,
        filters: Filters,
        generation: str,
        quoted: tuple[Quoted, ...] = (),
        context: CardContext = CardContext(),
    ) -> CardState:
        """Return the state of a new card, kept for `CARD_LIFE`."""
        card_id = secrets.token_hex(8)
        state = CardState(card_id, kind, user_id, understood, filters, generation, quoted)
        row = {
            **asdict(state),
            "created": time.time(),
            "exchanges": [each.to_dict() for each in context.exchanges],
            **{name: getattr(context, name) for name in _PLACED},
        }
        try:
            with self.database.statement() as connection:
                connection.execute(_KEEP_CARD, row)
        except DatabaseAway:
            with self._lock:
                self._unwritten[card_id] = row
                while len(self._unwritten) > _UNWRITTEN:
                    self._unwritten.popitem(last=False)
        return state

    def card(self, card_id: str) -> CardState | None:
        """Return the state of a card; None if it is unknown or has expired."""
        known = self._card(card_id)
        if known is None:
            return None
        asked, quoted = known["understood"], known["quoted"]
        return CardState(
            card_id,
            known["kind"],
            known["user_id"],
            RewrittenQuestion(
                asked["question"],
                asked["typed"],
                # Cards of earlier versions have none.
                tuple((d, start, end) for d, start, end in asked.get("without", ())),
            ),
            Filters(**known["filters"]),
            known["generation"],
            None if quoted is None else tuple(Quoted(**each) for each in quoted),
        )

    def card_exchanges(self, card_id: str) -> list[Exchange]:
        """Return the exchanges that a follow-up to a card may refer to, the card's own last."""
        known = self._card(card_id) or {}
        return [Exchange.from_dict(each) for each in known.get("exchanges") or ()]

    def move_card(self, card_id: str, channel_id: int) -> None:
        """Note that a card is in another channel than expected."""
        cards = tables.cards
        with self.database.statement() as connection:
            connection.execute(
                sa.update(cards).where(cards.c.card_id == card_id).values(channel_id=channel_id)
            )

    def citations(
        self,
        guild_id: int | None,
        channel_id: int,
        user_id: int | None = None,
        opener: str | None = None,
    ) -> list[tuple[Quoted, float]]:
        """List what the answers in a channel quote, and when, in order of first mention.

        These are public answers, and with `user_id` also that user's private ones. `opener` is the
        card that the channel, a thread, was opened on. Of more than `CITING` answers the last ones
        count.
        """
        cards = tables.cards.c
        seen: sa.ColumnElement[bool] = cards.private.is_(sa.false())
        if user_id is not None:
            seen |= cards.user_id == user_id
        last = (
            sa.select(cards.quoted, cards.exchanges, cards.created)
            .where(
                (cards.channel_id == channel_id) | (cards.card_id == opener),
                cards.guild_id == guild_id,
                cards.verdict.in_(("answered", "redacted")),
                cards.created >= time.time() - CARD_LIFE,
                seen,
            )
            .order_by(cards.created.desc(), cards.card_id)
            .limit(CITING)
        )
        with self.database.statement() as connection:
            rows = connection.execute(last).all()
        found: dict[Quoted, float] = {}
        for row in reversed(rows):
            # The other sides' records, which the card does not show, follow the answer's own.
            for each in row.quoted[: len(row.exchanges[-1]["quotes"])]:
                found.setdefault(Quoted(**each), row.created)
        return list(found.items())

    def when_answered(self, receipt_id: str, user_id: int, channels: Sequence[int]) -> float | None:
        """Return when a receipt was last given, in seconds since 1970; None if not to be shown.

        It is shown if a user's own card, or a public one in these channels, has it.
        """
        cards = tables.cards.c
        seen = (cards.user_id == user_id) | (
            cards.private.is_(sa.false()) & cards.channel_id.in_(channels)
        )
        known = sa.select(sa.func.max(cards.created)).where(
            cards.receipt_id == receipt_id, cards.created >= time.time() - CARD_LIFE, seen
        )
        with self.database.statement() as connection:
            when: float | None = connection.scalar(known)
        return when

    def exchanges(
        self, guild_id: int, channel_id: int, user_id: int | None = None
    ) -> list[Exchange]:
        """Return the last exchanges of a conversation, the last one last.

        These are the public ones, and with `user_id` also that user's private ones, which only a
        private answer may refer to.
        """
        with self.database.statement() as connection:
            kept = connection.scalar(_kept_exchanges(guild_id, channel_id))
        return [
            Exchange.from_dict(known)
            for known in kept or ()
            if known.get("only") in {None, user_id}
        ][-TURNS:]

    def keep_exchange(
        self,
        guild_id: int,
        channel_id: int,
        exchange: Exchange,
        user_id: int,
        *,
        private: bool = False,
    ) -> None:
        """Keep a user's exchange of a conversation; a private one is for that user alone."""
        only = user_id if private else None
        table, now = tables.conversations, time.time()
        values = {"channel_id": channel_id, "guild_id": guild_id, "turns": [], "created": now}
        with self.database.transaction() as connection:
            # Makes sure of a row to lock, even if another process begins the conversation now.
            connection.execute(self.database.insert(table).values(values).on_conflict_do_nothing())
            kept = connection.scalar(_kept_exchanges(guild_id, channel_id).with_for_update())
            turn = {**exchange.to_dict(), "only": only, "by": user_id}
            values["turns"] = [*(kept or ()), turn][-_KEPT:]
            connection.execute(self.database.upsert(table, values))

    def kept(self, user_id: int) -> Kept:
        """Count what is kept of a user."""
        created = tables.cards.c.created
        mine = sa.select(sa.func.count(), sa.func.min(created)).where(
            tables.cards.c.user_id == user_id, created >= time.time() - CARD_LIFE
        )
        with self.database.statement() as connection:
            cards, since = connection.execute(mine).one()
            turns: Iterable[Any] = connection.scalars(sa.select(tables.conversations.c.turns))
            exchanges = sum(turn.get("by") == user_id for each in turns for turn in each or ())
        return Kept(cards, since, exchanges)

    def forget_user(self, user_id: int) -> list[str]:
        """Delete what is kept of a user, and return the ids of receipts that nobody else has."""
        cards, talks = tables.cards, tables.conversations
        with self._lock:
            for card_id, row in list(self._unwritten.items()):
                if row["user_id"] == user_id:
                    del self._unwritten[card_id]
        with self.database.transaction() as connection:
            mine = sa.select(cards.c.receipt_id).where(cards.c.user_id == user_id)
            receipts = {each for each in connection.scalars(mine) if each}
            connection.execute(sa.delete(cards).where(cards.c.user_id == user_id))
            for talk in connection.execute(sa.select(talks).with_for_update()).all():
                others = [turn for turn in talk.turns if turn.get("by") != user_id]
                this = talks.c.channel_id == talk.channel_id
                if not others:
                    connection.execute(sa.delete(talks).where(this))
                elif len(others) < len(talk.turns):
                    connection.execute(sa.update(talks).where(this).values(turns=others))
            for chunk in _chunks(sorted(receipts)):
                shared = sa.select(cards.c.receipt_id).where(cards.c.receipt_id.in_(chunk))
                receipts.difference_update(connection.scalars(shared))
        return sorted(receipts)

    def forget_server(self, guild_id: int) -> None:
        """Delete what is kept of a server: its settings, cards and conversations."""
        every = (tables.settings, tables.cards, tables.conversations, tables.servers)
        with self.database.transaction() as connection:
            for table in every:
                connection.execute(sa.delete(table).where(table.c.guild_id == guild_id))
        with self._lock:
            self._settings.pop(guild_id, None)

    def note_servers(self, bot_id: int, guild_ids: Iterable[int]) -> set[int]:
        """Note the servers that a bot is in; return those that it was in before and is not now.

        The caller leaves out those that other processes serve.
        """
        table, here = tables.servers, set(guild_ids)
        with self.database.transaction() as connection:
            mine = sa.select(table.c.guild_id).where(table.c.bot_id == bot_id)
            known = set(connection.scalars(mine))
            rows = [{"guild_id": guild_id, "bot_id": bot_id} for guild_id in here - known]
            if rows:
                added = self.database.insert(table).on_conflict_do_update(
                    index_elements=["guild_id"], set_={"bot_id": bot_id}
                )
                connection.execute(added, rows)
        return known - here

    def count_use(self, guild_id: int, since: float) -> dict[tuple[str, str], int]:
        """Count a server's cards since a time by kind and verdict ("" for no answer's)."""
        cards = tables.cards.c
        counted = (
            sa.select(cards.kind, cards.verdict, sa.func.count())
            .where(cards.guild_id == guild_id, cards.created >= since)
            .group_by(cards.kind, cards.verdict)
        )
        with self.database.statement() as connection:
            return {
                (kind, verdict or ""): count for kind, verdict, count in connection.execute(counted)
            }

    def touch_rebuild(self, token: str) -> None:
        """Note that a rebuild goes on, whose progress the reply with this token shows."""
        now = time.time()
        statement = self.database.insert(tables.rebuilds).values(
            token=token, created=now, touched=now
        )
        with self.database.statement() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["token"], set_={"touched": now})
            )

    def end_rebuild(self, token: str) -> bool:
        """Forget a rebuild, and return whether it was known."""
        table = tables.rebuilds
        with self.database.statement() as connection:
            return bool(connection.execute(sa.delete(table).where(table.c.token == token)).rowcount)

    def lost_rebuilds(self, silence: float) -> list[str]:
        """Return the tokens of rebuilds that have not been touched for `silence` seconds."""
        table = tables.rebuilds
        with self.database.statement() as connection:
            lost = sa.select(table.c.token).where(table.c.touched < time.time() - silence)
            return list(connection.scalars(lost))

    def _card(self, card_id: str) -> dict[str, Any] | None:
        known = self._unwritten.get(card_id)
        if known is not None:
            return known
        wanted = {"card_id": card_id, "oldest": time.time() - CARD_LIFE}
        with self.database.statement() as connection:
            row = connection.execute(_FIND_CARD, wanted).first()
        return None if row is None else dict(row._mapping)  # noqa: SLF001 - its public name

    def _note_away(self) -> None:
        if not self._is_away:
            self._is_away = True
            _log.warning("the store is away", extra={"reason": self.database.lost})

    def _read_settings(self, connection: sa.Connection) -> None:
        changed = connection.execute(_CHANGED_SETTINGS, {"seen": self._seen})
        with self._lock:
            for row in changed:
                self._settings[row.guild_id] = _settings_of(row)
                self._seen = row.version

    def _write_cards(self, connection: sa.Connection) -> None:
        for card_id, row in list(self._unwritten.items()):
            # It may be written already: the database may have gone away before it replied.
            statement = self.database.insert(tables.cards).values(row).on_conflict_do_nothing()
            connection.execute(statement)
            with self._lock:
                self._unwritten.pop(card_id, None)

    def _delete(self, table: sa.Table, before: float) -> int:
        (key,) = table.primary_key
        # Skips rows that another process is deleting.
        some = (
            sa.select(key)
            .where(table.c.created < before)
            .limit(_DELETED_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        deleted = 0
        for count in iter(lambda: self._delete_some(table, key.in_(some)), 0):
            deleted += count
        return deleted

    def _delete_some(self, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
        with self.database.statement() as connection:
            return connection.execute(sa.delete(table).where(which)).rowcount


def _chunks(names: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(names)
    return iter(lambda: list(islice(rest, _DELETED_AT_ONCE)), [])


def _settings_of(row: sa.Row[Any]) -> ServerSettings:
    return ServerSettings(
        row.private, tuple(row.channels), row.collection, row.forced, row.mentions, row.forum
    )


def _kept_exchanges(guild_id: int, channel_id: int) -> sa.Select[Any]:
    table = tables.conversations
    return sa.select(table.c.turns).where(
        table.c.channel_id == channel_id,
        table.c.guild_id == guild_id,
        table.c.created >= time.time() - CONVERSATION_LIFE,
    )
