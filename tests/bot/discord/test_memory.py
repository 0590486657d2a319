"""What the bot remembers: shared by several processes, in a file and in PostgreSQL."""

import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import event

from bot.discord import tables
from bot.discord.card_state import CARD_LIFE
from bot.discord.database import DatabaseUnusable, describe, describe_contents, read_address
from bot.discord.memory import CONVERSATION_LIFE, CardContext, Memory, ServerSettings
from corpus.errors import UsageError
from index.answering.receipts import Quoted
from index.retrieval.filters import Filters
from index.understanding.conversation.exchange import TURNS, EarlierQuote, Exchange
from index.understanding.conversation.rewriting import RewrittenQuestion
from tests.support.paths import ROOT
from tests.support.postgres import Postgres

Open = Callable[[], Memory]

# The tables as they were before there were migrations: at first, and with turns.
_FIRST = """
CREATE TABLE settings (
    guild_id INTEGER PRIMARY KEY, private INTEGER NOT NULL, channels TEXT NOT NULL, collection TEXT
);
CREATE TABLE receipts (
    receipt_id TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id INTEGER NOT NULL,
    question TEXT NOT NULL, filters TEXT NOT NULL, generation TEXT NOT NULL, created REAL NOT NULL
);
CREATE TABLE conversations (
    channel_id INTEGER PRIMARY KEY, guild_id INTEGER NOT NULL, question TEXT NOT NULL,
    created REAL NOT NULL
);
"""
_WITH_TURNS = """
ALTER TABLE receipts ADD COLUMN understood TEXT;
ALTER TABLE conversations RENAME COLUMN question TO turns;
"""
GUILD = 1_200_000_000_000_000_000


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a store can be made that is empty yet."""
    if request.param == "sqlite":
        return tmp_path / "discord.sqlite"
    server: Postgres = request.getfixturevalue("postgres")
    return server.address(server.create_database())


@pytest.fixture
def open_memory(place: Path | str) -> Iterator[Open]:
    """Return a function that opens the store once more, as another process does."""
    opened: list[Memory] = []

    def make() -> Memory:
        opened.append(Memory(place))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def memory(open_memory: Open) -> Memory:
    return open_memory()


def keep(memory: Memory, question: str = "Who?") -> str:
    asked = RewrittenQuestion(question, question)
    return memory.keep_card("ask", 5, asked, Filters(collection="c"), "000001").card_id


def test_the_last_turns_are_kept_in_order(memory: Memory) -> None:
    for number in range(TURNS + 2):
        memory.keep_exchange(
            1, 2, Exchange(f"question {number}", "answered", (EarlierQuote("d", 0, 4, "said"),)), 5
        )
    kept = memory.exchanges(1, 2, 9)
    assert [turn.question for turn in kept] == [f"question {n}" for n in range(2, TURNS + 2)]
    assert kept[-1].quotes == (EarlierQuote("d", 0, 4, "said"),)
    assert memory.exchanges(7, 2, 9) == []
    assert memory.exchanges(1, 3, 9) == []


def test_a_private_turn_is_known_to_one_person_alone(memory: Memory) -> None:
    memory.keep_exchange(1, 2, Exchange("open"), 5)
    memory.keep_exchange(1, 2, Exchange("private"), 5, private=True)
    assert [turn.question for turn in memory.exchanges(1, 2, 5)] == ["open", "private"]
    assert [turn.question for turn in memory.exchanges(1, 2, 6)] == ["open"]


def test_what_has_expired_is_not_known_and_then_deleted(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.keep_exchange(1, 2, Exchange("open"), 5)
    old = keep(memory)
    assert memory.delete_expired() == 0
    late = time.time() + CONVERSATION_LIFE + 1
    monkeypatch.setattr(time, "time", lambda: late)
    assert memory.exchanges(1, 2, 5) == []
    assert memory.card(old)
    assert memory.delete_expired() == 1
    late += CARD_LIFE
    young = [keep(memory) for _ in range(3)]
    assert memory.card(old) is None
    assert memory.delete_expired() == 1
    assert memory.delete_expired() == 0
    assert all(map(memory.card, young))


def test_a_conversation_that_had_expired_begins_anew(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.keep_exchange(1, 2, Exchange("old"), 5)
    late = time.time() + CONVERSATION_LIFE + 1
    monkeypatch.setattr(time, "time", lambda: late)
    memory.keep_exchange(1, 2, Exchange("new"), 5)
    assert [turn.question for turn in memory.exchanges(1, 2, 5)] == ["new"]


def test_many_rows_are_deleted_piece_by_piece(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.discord.memory._DELETED_AT_ONCE", 3)
    for _ in range(10):
        keep(memory)
    late = time.time() + CARD_LIFE + 1
    monkeypatch.setattr(time, "time", lambda: late)
    assert memory.delete_expired() == 10


@pytest.mark.parametrize(
    "words", ["When did Gore come?", "null \x00, half \ud83d, 海部", "%s :x ?"]
)
def test_a_receipt_has_the_question_as_typed_and_as_asked(memory: Memory, words: str) -> None:
    understood = RewrittenQuestion(words, "And Gore?", (("a", 0, 9), ("b", 4, 7)))
    kept = memory.keep_card("ask", GUILD, understood, Filters(speaker="x"), "000001")
    assert memory.card(kept.card_id) == kept
    assert kept.question == words
    assert memory.card("0" * 16) is None


def test_two_processes_see_each_others_cards_and_conversations(open_memory: Open) -> None:
    one, other = open_memory(), open_memory()
    assert other.card(keep(one, "Rice?"))
    one.keep_exchange(GUILD, 2, Exchange("Who came?"), 5)
    other.keep_exchange(GUILD, 2, Exchange("And then?"), 5)
    assert [turn.question for turn in one.exchanges(GUILD, 2, 9)] == ["Who came?", "And then?"]


def test_a_change_of_settings_reaches_the_other_process_and_the_next(open_memory: Open) -> None:
    one, other = open_memory(), open_memory()
    wanted = ServerSettings(private=True, channels=(GUILD + 1, 3), collection="c")
    assert one.change_settings(GUILD, lambda _: wanted) == wanted
    assert one.settings(GUILD) == wanted
    assert other.settings(GUILD) == ServerSettings()
    other.refresh()
    assert other.settings(GUILD) == wanted
    assert open_memory().settings(GUILD) == wanted
    # What the other knew of before is changed, not written over.
    other.change_settings(GUILD, lambda known: replace(known, private=False))
    one.refresh()
    assert one.settings(GUILD) == replace(wanted, private=False)
    assert one.settings(None) == one.settings(7) == ServerSettings()


def test_an_acknowledgement_waits_for_no_query(memory: Memory) -> None:
    memory.change_settings(GUILD, lambda _: ServerSettings(private=True))
    statements: list[str] = []
    event.listen(
        memory.database._engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    assert memory.settings(GUILD).private
    assert statements == []
    memory.refresh()
    assert len(statements) == 1


def test_changes_at_the_same_time_are_all_kept_and_seen(open_memory: Open) -> None:
    memories = [open_memory() for _ in range(3)]
    watching = open_memory()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            watching.refresh()

    def add(number: int) -> None:
        def change(known: ServerSettings) -> ServerSettings:
            return replace(known, channels=(*known.channels, number))

        memories[number % 3].change_settings(GUILD + number % 2, change)
        memories[number % 3].keep_exchange(1, 2, Exchange(str(number)), number % 4, private=True)

    with ThreadPoolExecutor(7) as pool:
        watcher = pool.submit(watch)
        list(pool.map(add, range(12)))
        done.set()
        watcher.result()
    watching.refresh()
    for guild in (0, 1):
        assert sorted(watching.settings(GUILD + guild).channels) == list(range(guild, 12, 2))
    turns = {turn.question for who in range(4) for turn in watching.exchanges(1, 2, who)}
    assert turns == {str(number) for number in range(12)}


def test_two_may_delete_at_once(open_memory: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    memories = [open_memory() for _ in range(3)]
    for _ in range(30):
        keep(memories[0])
    monkeypatch.setattr("bot.discord.memory._DELETED_AT_ONCE", 4)
    late = time.time() + CARD_LIFE + 1
    monkeypatch.setattr(time, "time", lambda: late)
    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(Memory.delete_expired, memories)) == 30
    assert all(each.database.lost is None for each in memories)


def test_the_migrations_make_the_tables_that_are_asked(memory: Memory) -> None:
    with memory.database.statement() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, tables.METADATA) == []


def test_a_second_start_changes_nothing(open_memory: Open) -> None:
    first = open_memory()
    receipt = keep(first)
    first.change_settings(GUILD, lambda _: ServerSettings(private=True))
    again = open_memory()
    assert again.card(receipt)
    assert again.settings(GUILD).private
    with again.database.statement() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM alembic_version")) == 1
        assert connection.scalar(sa.select(tables.settings_version.c.number)) == 2


def test_processes_that_start_together_make_the_tables_once(place: Path | str) -> None:
    kind = "Path" if isinstance(place, Path) else "str"
    code = (
        "import sys; from pathlib import Path; from bot.discord.memory import *\n"
        f"memory = Memory({kind}(sys.argv[1]))\n"
        "memory.change_settings(int(sys.argv[2]), lambda _: ServerSettings(private=True))\n"
        "memory.close()"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(place), str(number)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(1, 5)
    ]
    assert [process.communicate(timeout=60)[1] for process in processes] == [""] * 4
    with closing(Memory(place)) as memory:
        assert all(memory.settings(number).private for number in range(1, 5))


def test_a_newer_store_is_left_alone(place: Path | str, memory: Memory) -> None:
    with memory.database.statement() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'from tomorrow'"))
    with pytest.raises(DatabaseUnusable, match="newer memcon"):
        Memory(place)


@pytest.mark.parametrize("with_turns", [False, True])
def test_a_file_of_an_earlier_version_is_taken_over(tmp_path: Path, with_turns: bool) -> None:
    path, now = tmp_path / "discord.sqlite", time.time()
    filters = json.dumps({"collection": "c", "date_from": "1993-01-01"})
    with closing(sqlite3.connect(path)) as old, old:
        old.executescript(_FIRST)
        old.execute("INSERT INTO settings VALUES (?, 1, '[3, 4]', 'c')", (GUILD,))
        old.execute("INSERT INTO settings VALUES (2, 0, '[]', NULL)")
        kept = [(f"r{n}", "ask", GUILD, f"Who {n}?", filters, "000001", now) for n in range(2500)]
        old.executemany("INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?)", kept)
        if with_turns:
            old.executescript(_WITH_TURNS)
            leaning = json.dumps({"typed": "And 7?", "doc_ids": ["d"]})
            old.execute("UPDATE receipts SET understood = ? WHERE receipt_id = 'r7'", (leaning,))
        said = [{"question": 'Who "won"?', "only": None}, {"question": "Why?", "only": 5}]
        turns = json.dumps(said) if with_turns else 'Who "won"?'
        old.execute("INSERT INTO conversations VALUES (2, ?, ?, ?)", (GUILD, turns, now))
    for _ in range(2):
        with closing(Memory(path)) as memory:
            assert memory.settings(GUILD) == ServerSettings(True, (3, 4), "c")
            assert memory.settings(2) == ServerSettings()
            expected = (
                [Exchange('Who "won"?'), Exchange("Why?")]
                if with_turns
                else [Exchange('Who "won"?')]
            )
            assert memory.exchanges(GUILD, 2, 5) == expected
            assert memory.exchanges(GUILD, 2, 6) == [Exchange('Who "won"?')]
            for number in range(2500):
                receipt = memory.card(f"r{number}")
                assert receipt is not None
                assert receipt.user_id == GUILD
                assert receipt.filters == Filters(collection="c", date_from="1993-01-01")
                leans = with_turns and number == 7
                asked = f"Who {number}?"
                # The documents that it was to look into first are of no use any more.
                heard = (
                    RewrittenQuestion(asked, "And 7?") if leans else RewrittenQuestion(asked, asked)
                )
                assert receipt.understood == heard
    with closing(sqlite3.connect(path)) as known:
        names = known.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert {name for (name,) in names} == {*tables.METADATA.tables, "alembic_version"}


def test_cards_of_the_version_before_are_kept_without_their_quotations(place: Path | str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "bot" / "discord" / "migrations"))
    engine = sa.create_engine(read_address(place))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        row = {
            "id": "0" * 16,
            "understood": json.dumps({"question": "Who?", "typed": "Who?", "without": []}),
            "filters": json.dumps({"collection": "c"}),
            "created": time.time(),
        }
        connection.execute(
            sa.text(
                "INSERT INTO receipts VALUES"
                " (:id, 'ask', 5, :understood, :filters, '000001', :created)"
            ),
            row,
        )
    engine.dispose()
    assert "0 cards" in (describe_contents(place) or "")
    with closing(Memory(place)) as memory:
        known = memory.card("0" * 16)
        assert known is not None
        assert (known.question, known.filters, known.quoted) == (
            "Who?",
            Filters(collection="c"),
            None,
        )
        quoted = (Quoted("d", 2, 9, "a" * 64),)
        kept = memory.keep_card("ask", 5, known.understood, Filters(), "000001", quoted)
        assert memory.card(kept.card_id) == kept
        assert kept.quoted == quoted


def test_a_store_of_the_version_before_is_migrated(place: Path | str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "bot" / "discord" / "migrations"))
    engine = sa.create_engine(read_address(place))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.execute(
            sa.text("INSERT INTO settings VALUES (:guild, :private, '[7]', 'c', 2)"),
            {"guild": GUILD, "private": True},
        )
        connection.execute(
            sa.text(
                "INSERT INTO cards VALUES (:id, 'ask', 5, :understood, '{}', '000001', :now, '[]')"
            ),
            {
                "id": "0" * 16,
                "understood": json.dumps({"question": "Who?", "typed": "Who?", "without": []}),
                "now": time.time(),
            },
        )
    engine.dispose()
    with closing(Memory(place)) as memory:
        assert memory.settings(GUILD) == ServerSettings(True, (7,), "c")
        assert memory.settings(GUILD).mentions
        known = memory.card("0" * 16)
        assert known is not None
        assert known.quoted == ()
        assert memory.card_exchanges("0" * 16) == []
        assert memory.kept(5).cards == 1
        assert memory.count_use(GUILD, 0) == {}


def test_cards_of_the_version_before_have_no_channel(place: Path | str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "bot" / "discord" / "migrations"))
    engine = sa.create_engine(read_address(place))
    words = {
        "id": "0" * 16,
        "understood": json.dumps({"question": "Who?", "typed": "Who?", "without": []}),
        "now": time.time(),
        "guild": GUILD,
    }
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.execute(
            sa.text(
                "INSERT INTO cards VALUES (:id, 'ask', 5, :understood, '{}', '000001', :now, '[]',"
                " '[]', :guild, 'answered', 'aa')"
            ),
            words,
        )
    engine.dispose()
    with closing(Memory(place)) as memory:
        assert memory.card("0" * 16)
        # Nobody knows whether it was public.
        assert memory.citations(GUILD, 2) == []
        assert memory.when_answered("aa", 5, (2,))
        assert memory.when_answered("aa", 6, (2,)) is None
        assert memory.note_servers(1, [GUILD]) == set()


def test_citations_are_a_channels_own_in_order_and_once(memory: Memory) -> None:
    asked, clock = RewrittenQuestion("Who?", "Who?"), iter(range(100))

    def answer(
        channel: int, *quoted: str, user: int = 5, private: bool = False, verdict: str = "answered"
    ) -> str:
        quotes = tuple(EarlierQuote(each, 0, 4, "said") for each in quoted)
        known = Exchange("Who?", verdict, quotes)
        context = CardContext((known,), GUILD, verdict, "aa", channel, private)
        # The other side's record follows what the answer quotes.
        every = tuple(Quoted(each, 0, 4, "0") for each in (*quoted, "other side"))
        card = memory.keep_card("ask", user, asked, Filters(), "1", every, context).card_id
        with memory.database.statement() as connection:
            connection.execute(
                sa.update(tables.cards)
                .where(tables.cards.c.card_id == card)
                .values(created=time.time() - 100 + next(clock))
            )
        return card

    def listed(*given: object) -> list[str]:
        return [each.doc_id for each, _ in memory.citations(GUILD, 2, *given)]  # type: ignore[arg-type]

    opener = answer(1, "first", "second")
    answer(2, "second", "third")
    answer(2, "mine", private=True)
    answer(2, "theirs", user=6, private=True)
    answer(2, "near", verdict="not_found")
    answer(3, "elsewhere")
    answer(2, "third", "last", verdict="redacted")
    assert listed() == ["second", "third", "last"]
    assert listed(None, opener) == ["first", "second", "third", "last"]
    assert listed(5) == ["second", "third", "mine", "last"]
    assert memory.citations(1, 2) == []
    memory.move_card(opener, 2)
    assert listed()[0] == "first"


def test_of_very_many_answers_the_last_are_cited(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.discord.memory.CITING", 2)
    asked = RewrittenQuestion("Who?", "Who?")
    now = time.time()
    for number in range(3):
        monkeypatch.setattr(time, "time", lambda at=now + number: at)
        known = Exchange("Who?", "answered", (EarlierQuote(str(number), 0, 4, "said"),))
        context = CardContext((known,), GUILD, "answered", "aa", 2)
        quoted = (Quoted(str(number), 0, 4, "0"),)
        memory.keep_card("ask", 5, asked, Filters(), "1", quoted, context)
    assert [each.doc_id for each, _ in memory.citations(GUILD, 2)] == ["1", "2"]


def test_servers_are_gone_only_for_the_bot_that_was_there(memory: Memory) -> None:
    assert memory.note_servers(1, [GUILD, GUILD + 1]) == set()
    assert memory.note_servers(1, [GUILD]) == {GUILD + 1}
    # Another bot with the same store knows nothing of them.
    assert memory.note_servers(2, []) == set()
    # Nor is one gone that another bot was seen in later.
    assert memory.note_servers(2, [GUILD + 1]) == set()
    assert memory.note_servers(1, [GUILD]) == set()
    memory.forget_server(GUILD)
    assert memory.note_servers(1, []) == set()


def test_a_user_is_forgotten_and_others_are_not(memory: Memory) -> None:
    asked = RewrittenQuestion("Who?", "Who?")

    def keep_for(user_id: int, receipt_id: str) -> str:
        context = CardContext((Exchange("Who?"),), GUILD, "answered", receipt_id)
        return memory.keep_card("ask", user_id, asked, Filters(), "1", (), context).card_id

    mine, other = keep_for(5, "aa"), keep_for(6, "bb")
    keep_for(5, "bb")
    memory.keep_exchange(GUILD, 2, Exchange("mine"), 5)
    memory.keep_exchange(GUILD, 2, Exchange("other"), 6)
    memory.keep_exchange(GUILD, 3, Exchange("alone"), 5, private=True)
    assert (memory.kept(5).cards, memory.kept(5).exchanges) == (2, 2)
    assert [each.question for each in memory.card_exchanges(mine)] == ["Who?"]
    assert memory.count_use(GUILD, 0) == {("ask", "answered"): 3}
    # What somebody else asked too keeps its receipt.
    assert memory.forget_user(5) == ["aa"]
    assert memory.card(mine) is None
    assert memory.card(other)
    assert [each.question for each in memory.exchanges(GUILD, 2, 6)] == ["other"]
    assert memory.exchanges(GUILD, 3, 5) == []
    kept = memory.kept(5)
    assert (kept.cards, kept.since, kept.exchanges) == (0, None, 0)


def test_a_server_is_forgotten_and_others_are_not(memory: Memory) -> None:
    asked, context = RewrittenQuestion("Who?", "Who?"), CardContext(guild_id=GUILD)
    card = memory.keep_card("ask", 5, asked, Filters(), "1", (), context).card_id
    memory.keep_exchange(GUILD, 2, Exchange("there"), 5)
    memory.keep_exchange(1, 3, Exchange("elsewhere"), 5)
    for guild in (GUILD, 1):
        memory.change_settings(guild, lambda _: ServerSettings(private=True))
    memory.forget_server(GUILD)
    assert memory.settings(GUILD) == ServerSettings()
    assert memory.settings(1).private
    assert memory.card(card) is None
    assert memory.exchanges(GUILD, 2, 5) == []
    assert memory.exchanges(1, 3, 5)


def test_a_rebuild_is_lost_when_nobody_touches_it(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.touch_rebuild("token")
    memory.touch_rebuild("token")
    assert memory.lost_rebuilds(60) == []
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert memory.lost_rebuilds(60) == ["token"]
    assert memory.end_rebuild("token")
    assert not memory.end_rebuild("token")


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "discord.sqlite"
    with closing(sqlite3.connect(path)) as old, old:
        old.executescript(_FIRST)
        old.execute("INSERT INTO settings VALUES (1, 1, '[3]', NULL), (2, 1, 'damaged', NULL)")
    with pytest.raises(ValueError, match="Expecting value"):
        Memory(path)
    with closing(sqlite3.connect(path)) as known:
        assert known.execute("SELECT * FROM settings").fetchall() == [
            (1, 1, "[3]", None),
            (2, 1, "damaged", None),
        ]
        names = known.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()
        assert names == (3,)


def test_what_a_store_holds_is_told_without_changing_it(place: Path | str) -> None:
    held = describe_contents(place)
    assert held is None if isinstance(place, Path) else held and "empty" in held
    with closing(Memory(place)) as memory:
        keep(memory)
        memory.change_settings(GUILD, lambda _: ServerSettings())
        held = describe_contents(place)
    assert held is not None
    assert held.endswith("settings of 1 servers, 1 cards, 0 conversations")


@pytest.mark.parametrize(
    "address", ["", "mysql://a:hush@b/c", "postgresql://a:hush@b:port/c", "sqlite://", "hush"]
)
def test_an_address_that_is_none_is_refused_without_being_quoted(address: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_address(address)
    assert "hush" not in str(refused.value)


def test_an_address_is_shown_without_its_password() -> None:
    url = read_address("postgres://reader:hush@db.example:5433/memory?password=hush")
    assert url.drivername == "postgresql+psycopg"
    assert describe(url) == "postgresql://db.example:5433/memory"


def test_a_wrong_password_is_told_and_not_shown(postgres: Postgres) -> None:
    wrong = Postgres(postgres.port, "hush-hush").address("postgres")
    for use in (Memory, describe_contents):
        with pytest.raises(DatabaseUnusable, match="password authentication failed") as refused:
            use(wrong)
        assert "hush-hush" not in str(refused.value)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="unable to open database file"):
        Memory(tmp_path / "none" / "discord.sqlite")
