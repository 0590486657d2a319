"""Any sequence of builds gives the archive that one build from nothing gives, to the bit."""

import random
import shutil
from collections.abc import Collection, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import Document
from index.building.build import Built, build_archive, roll_back
from index.retrieval.local_engine import check_generation
from index.storage.generation import Manifest, current
from index.storage.inventory import Inventory, survey
from tests.support.archives import Silence, document
from tests.support.fake_encoder import install
from tests.support.sameness import show

WORDS = ["rice", "harbour", "three-legged", "stool", "tariff", "U.S.", "lamp", "the", "1,456"]
SPEAKERS = ["Prime Minister", "President", "Émile Ōta"]
PEOPLE = ["Ogata Ren", "Ren Okada", "Thorvald Ims", "The Secretary of State"]
QUESTIONS = ("What did Ogata Ren say of the lamps of the harbour?",)


def invent(seed: int) -> Document:
    """Return a document of chance; many share names, facets and words."""
    chance = random.Random(seed)

    def maybe(values: list[str]) -> str | None:
        return chance.choice([None, *values])

    own = [f"word{seed}", f"harbor{chance.randint(1, 3)}"]
    lines = [f"Record {seed % 7} of many"]
    for _ in range(chance.randint(0, 4)):
        words = " ".join(chance.choice([*WORDS, *own]) for _ in range(chance.randint(4, 30)))
        spoken = chance.random() < 0.5
        lines.append(f"({chance.choice(SPEAKERS)}) {words}." if spoken else f"{words}.")
    provenance: dict[str, Any] = {
        "collection": maybe(["ports", "Lamps", "The 1993 volume"]),
        "kind": maybe(["cable", "memorandum", f"kind {seed % 5}"]),
        "classification": maybe(["Secret", "Confidential"]),
        "language": maybe(["en", "ja"]),
        "event_date": maybe(["1993", "1993-09-27", "1994-02-11"]),
        "document_date": maybe(["1993-02", "1993-09-27", "1994"]),
        "people": tuple(chance.sample(PEOPLE, chance.randint(0, 2))),
        "creators": tuple(chance.sample(PEOPLE, chance.randint(0, 1))),
        "recipients": tuple(chance.sample(PEOPLE, chance.randint(0, 1))),
        "signers": tuple(chance.sample(PEOPLE, chance.randint(0, 1))),
        "place": maybe(["Tokyo", "Port Mary"]),
        "number": maybe(["1", "2", "33"]),
        "serials": tuple(chance.sample(["1", "33"], chance.randint(0, 1))),
        "url": maybe([f"https://example.org/{seed % 9}"]),
    }
    return document("\n\n".join(lines) + "\n", f"record-{seed % 13}", **provenance)


@dataclass(frozen=True)
class Paper:
    """A file of some documents of chance."""

    name: str
    seeds: tuple[int, ...]

    @property
    def label(self) -> str:
        return f"/in/{self.name}"

    def state(self) -> tuple[int, int]:
        return len(self.seeds), 0

    def fetch(self) -> bytes:
        return repr(self.seeds).encode()

    def read(self, data: bytes) -> Generator[Document, None, Collection[str]]:
        assert data == self.fetch()
        yield from map(invent, self.seeds)
        return ["txt"][:0]


def collect(papers: list[Paper]) -> Inventory:
    return survey(papers, ("test",), [], Silence())


def make(root: Path, papers: list[Paper], **options: Any) -> Built:
    gathered = collect(papers)
    return build_archive(
        root, gathered, model="fake", cache=Path("unused"), progress=Silence(), **options
    )


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    monkeypatch.setattr("index.storage.checksummed.os.fsync", lambda _: None)


def check_like_new(root: Path, papers: list[Paper], top: Path) -> None:
    """Check that an archive shows what one from nothing of the same papers shows."""
    fresh = top / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    make(fresh, papers)
    ours, theirs = show(root, QUESTIONS), show(fresh, QUESTIONS)
    for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        assert one == other, place
    check_generation(root, current(root))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["add", "add", "change", "change", "remove", "rename", "swap", "twice", "merge", "back"]
        ),
        st.integers(0, 40),
        st.integers(0, 1000),
    ),
    min_size=1,
    max_size=4,
)


def step(papers: list[Paper], what: str, seed: int, place: int) -> list[Paper]:
    """Return the papers after a step."""
    papers = list(papers)
    number = place % len(papers)
    old = papers[number]
    match what:
        case "add":
            papers.insert(number, Paper(f"{place}-{seed}", (seed, seed + 1)[: 1 + seed % 2]))
        case "change":
            papers[number] = Paper(old.name, (*old.seeds[1:], seed))
        case "remove" if len(papers) > 1:
            del papers[number]
        case "rename":
            papers[number] = Paper(f"{old.name}'", old.seeds)
        case "swap":
            papers[number], papers[0] = papers[0], papers[number]
        case "twice":
            papers.append(Paper(f"{old.name}+", old.seeds))
    known: dict[str, Paper] = {}
    for paper in papers:
        known.setdefault(paper.name, paper)
    return [*known.values()]


@settings(max_examples=6)
@given(count=st.integers(3, 12), steps=STEPS, times=st.sampled_from([0, 0, 0.5, 4]))
def test_updates_give_what_a_build_from_nothing_gives(
    count: int,
    steps: list[tuple[str, int, int]],
    times: float,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # With 0, segments are merged only where there are too many.
    monkeypatch.setattr("index.building.merging._TIMES", times)
    monkeypatch.setattr("index.building.merging.MOST", 4)
    top = tmp_path_factory.mktemp("updates")
    root = top / "archive"
    papers = [Paper(f"paper-{number}", (number, 3 * number)) for number in range(count)]
    states = {make(root, papers).manifest.generation: papers}
    for what, seed, place in steps:
        if what == "back":
            if len(states) > 1:
                papers = states[roll_back(root, [*states][place % len(states)]).generation]
        else:
            papers = step(papers, what, seed, place)
            built = make(root, papers, merge_all=what == "merge")
            states[built.manifest.generation] = papers
        kept = {path.name for path in (root / "generations").iterdir()}
        states = {name: known for name, known in states.items() if name in kept}
        check_like_new(root, papers, top)
    used = {
        name
        for folder in (root / "generations").iterdir()
        for name in Manifest.read(folder).segments
    }
    assert {path.name for path in (root / "segments").iterdir()} == used
    shutil.rmtree(top)
