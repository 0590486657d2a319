"""The load on the Discord bot: the real bot in a process of its own, on a fake Discord."""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot import settings
from corpus.ingest.sources import bundled_collection
from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.storage.inventory import gather
from tests.bot.discord.fakediscord import FakeDiscord, Interaction, Message, NoAnswerError, User
from tests.support.archives import Silence
from tests.support.discord import started
from tests.tools.bench.table import Table

AT_ONCE = 50
ROUNDS = 4
IN_FLIGHT = 300
FLAKY = 0.2
SEED = 20_260_101
HEARTBEAT = 1.5
# Discord gives an interaction so many seconds for its first word.
ALLOWED = 3.0
# A heartbeat is late that comes more than a tenth of the interval after its time.
LATE = HEARTBEAT / 10
# How long a person is waited with for the answer itself, in seconds.
PATIENCE = 240.0

_OPENINGS = (
    "What did the Prime Minister say about {}?",
    "Who wrote about {}?",
    "When was {} discussed?",
    "Why did the negotiators disagree over {}?",
    "How was {} received in Tokyo?",
)
_SUBJECTS = (
    "numerical targets", "the trade surplus", "automobile parts", "Super 301", "the cable",
    "government procurement", "insurance", "the summit in Washington", "the framework talks",
    "tax cuts", "North Korea", "the translation of the records", "the President's reply",
)  # fmt: skip
# Words that say nothing: a number would be asked of the evidence, and found in none.
_ENDINGS = ("", " then", " in private", " in the end", " at length")


@dataclass
class Measured:
    """What one kind of load came to; times are milliseconds."""

    name: str
    asked: int = 0
    acknowledged: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    honest: int = 0
    late: int = 0
    worst: float = 0.0

    def row(self) -> list[str]:
        """Return the figures as a table shows them."""
        acknowledged, answered = self.acknowledged, self.answered
        in_time = sum(each <= ALLOWED * 1000 for each in acknowledged)
        return [
            self.name,
            f"{in_time} of {self.asked}",
            *(f"{share(acknowledged, at):.0f}" for at in (0.5, 0.99, 1.0)),
            f"{share(acknowledged, 1.0) / (ALLOWED * 1000):.0%}",
            *(f"{share(answered, at):.0f}" for at in (0.5, 0.99)),
            str(self.honest),
            str(len(self.unanswered)),
            f"{self.late} ({self.worst:.0f} ms)",
        ]


HEADINGS = (
    "Load", "Acknowledged in 3 s", "Ack p50 ms", "p99", "max", "of the 3 s", "Answer p50 ms", "p99",
    "Busy or try again", "Unanswered", "Late heartbeats (worst)",
)  # fmt: skip


def share(values: Sequence[float], at: float) -> float:
    """Return the smallest value that a share `at` of all do not exceed; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(at * 100) // 100) - 1)] if ordered else 0.0


def question(number: int) -> str:
    """Return a question that is like no other of a round."""
    rest, opening = divmod(number, len(_OPENINGS))
    rest, subject = divmod(rest, len(_SUBJECTS))
    ending = _ENDINGS[rest % len(_ENDINGS)]
    return f"{_OPENINGS[opening].format(_SUBJECTS[subject]).rstrip('?')}{ending}?"


def make_archive(folder: Path) -> tuple[Path, Path]:
    """Build the bundled collection from a copy, and return the archive and the copy."""
    sources, root = folder / "sources", folder / "archive"
    shutil.copytree(bundled_collection(), sources)
    gathered = gather([sources], Silence())
    build_archive(
        root, gathered, model=DEFAULT_MODEL, cache=settings.load().cache_folder, progress=Silence()
    )
    return root, sources


async def _take(
    server: FakeDiscord, measured: Measured, work: Sequence[Callable[[], Awaitable[Interaction]]]
) -> None:
    """Send all interactions at once, wait for every answer, and take the figures."""
    before = len(server.heartbeats)

    async def one(send: Callable[[], Awaitable[Interaction]]) -> None:
        begun = time.perf_counter()
        interaction = await send()
        measured.asked += 1
        try:
            answer = await settled(interaction)
        except NoAnswerError as error:
            measured.unanswered.append(str(error))
        else:
            measured.answered.append((time.perf_counter() - begun) * 1000)
            words = answer.content if answer else ""
            measured.honest += any(each in words for each in ("again in", "took too long"))
        if interaction.is_acknowledged:
            measured.acknowledged.append(interaction.ack_ms)

    await asyncio.gather(*(one(each) for each in work))
    beats = [beat.late for beat in server.heartbeats[before:]]
    measured.late += sum(late > LATE for late in beats)
    measured.worst = max(measured.worst, *(late * 1000 for late in beats), 0.0)


async def settled(interaction: Interaction) -> Message | None:
    """Wait until a person sees an answer; choices are one too."""
    if interaction.kind == 4:
        await interaction.choices(ALLOWED + 1)
        return None
    return await interaction.response(PATIENCE)


async def ask_at_once(server: FakeDiscord) -> tuple[Measured, list[tuple[User, Message]]]:
    """Ask 50 different questions at once, in rounds; return also the cards and who asked."""
    measured = Measured(f"{AT_ONCE} questions at once, {ROUNDS} rounds")
    people = [server.add_user(f"reader{number}") for number in range(AT_ONCE)]
    for turn in range(ROUNDS):
        await _take(
            server,
            measured,
            [
                lambda number=number, user=user: server.slash(  # type: ignore[misc]
                    "ask", {"question": question(number)}, user=user
                )
                for number, user in enumerate(people, start=turn * AT_ONCE)
            ],
        )
    asked = [one for one in server.interactions if one.messages]
    cards = [(one.user, one.messages[0]) for one in asked]
    return measured, [
        (user, card)
        for user, card in cards
        if any(button["label"] == "Cite" for button in card.buttons)
    ]


async def endure(
    server: FakeDiscord, cards: Sequence[tuple[User, Message]], sources: Path
) -> Measured:
    """Keep 300 interactions of every kind in flight, while requests fail and the index is built."""
    measured = Measured(f"{IN_FLIGHT} mixed in flight, {FLAKY:.0%} of requests fail, rebuild")
    chance = random.Random(SEED)
    await asyncio.to_thread((sources / "ferry.md").write_text, "The ferry sank in 1902.\n")
    people = [server.add_user(f"crowd{number}") for number in range(IN_FLIGHT)]
    names = await (
        await server.autocomplete("source", {"document": ""}, focused="document")
    ).choices()
    server.faults.flaky(FLAKY, seed=SEED)
    rebuild = await server.slash("archive rebuild", {}, user=server.owner)

    def make(number: int) -> Callable[[], Coroutine[Any, Any, Interaction]]:
        user, kind = people[number], number % 6
        if kind <= 1:
            return lambda: server.slash("ask", {"question": question(number)}, user=user)
        if kind == 2:
            return lambda: server.slash("search", {"query": question(number)}, user=user)
        if kind == 3:
            name = chance.choice(names)["value"]
            return lambda: server.slash("source", {"document": name}, user=user)
        if kind == 4:
            typed = {"document": chance.choice("abcdet")}
            return lambda: server.autocomplete("source", typed, focused="document", user=user)
        owner, card = chance.choice(cards)
        label = chance.choice(("Cite", "Read"))
        return lambda: server.click(card, label=label, user=owner)

    await _take(server, measured, [make(number) for number in range(IN_FLIGHT)])
    while not (message := rebuild.messages[0].content).startswith("Index"):
        if not message.startswith("Rebuilding") and message:
            measured.unanswered.append(f"the rebuild said {message!r}")
            break
        await rebuild.updated(PATIENCE)
    measured.name += f" ({server.faults.random_hits} failed)"
    server.faults.clear()
    return measured


async def _measure() -> Table:
    with tempfile.TemporaryDirectory(prefix="memcon-bench-") as folder:
        root, sources = await asyncio.to_thread(make_archive, Path(folder))
        log = Path(folder) / "log"
        async with FakeDiscord(heartbeat_interval=HEARTBEAT) as server:
            environment = {"MEMCON_DISCORD_TOKEN": server.token, "MEMCON_ARCHIVE": str(root)}
            with log.open("wb") as sink:
                async with started(
                    server, "-m", "bot", "serve", "--sync", env=environment, stderr=sink
                ):
                    quiet, cards = await ask_at_once(server)
                    flaky = await endure(server, cards, sources)
        unexpected = [line for line in log.read_text("utf-8").splitlines() if '"error"' in line]
    failures = [f"unanswered: {words}" for each in (quiet, flaky) for words in each.unanswered[:10]]
    failures += [f"logged: {line}" for line in unexpected[:10]]
    rows = [each.row() for each in (quiet, flaky)]
    return Table("The Discord bot under load", HEADINGS, rows, failures)


def measure() -> Table:
    """Return the table; what stayed unanswered is among its failures."""
    return asyncio.run(_measure())
