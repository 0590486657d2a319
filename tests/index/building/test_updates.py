"""Any sequence of builds gives the archive that one build from nothing gives, to the bit."""

import random
import shutil
import sqlite3
from collections.abc import Collection, Generator
from contextlib import closing
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import Document
from index.building.build import Built, build_archive, roll_back
from index.building.merging import MOST, choose
from index.retrieval.archive import Archive
from index.retrieval.local_engine import check_generation
from index.storage.checksummed import seal
from index.storage.contents import open_contents
from index.storage.document_store import _check
from index.storage.generation import KEPT, Manifest, current
from index.storage.inventory import Inventory, survey
from tests.support.archives import Silence, document, local
from tests.support.fake_encoder import install
from tests.support.sameness import show, show_opened

WORDS = ["rice", "harbour", "three-legged", "stool", "tariff", "U.S.", "lamp", "the", "1,456"]
SPEAKERS = ["Prime Minister", "President", "Émile Ōta"]
PEOPLE = ["Ogata Ren", "Ren Okada", "Thorvald Ims", "The Secretary of State"]
# The seed of a document without any passage.
BLANK = 1000
QUESTIONS = ("What did Ogata Ren say of the lamps of the harbour?",)


def invent(seed: int) -> Document:
    """Return a document of chance; many share names, facets and words."""
    chance = random.Random(seed)
    if seed == BLANK:
        return document(" \n", "blank")

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
        return ()


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


@pytest.mark.parametrize("segments", [1, 2])
def test_a_reader_goes_on_though_its_segments_were_removed(segments: int, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    papers = [Paper(f"paper-{number}", (number, number + 20)) for number in range(5)]
    make(root, papers)
    if segments == 2:
        papers.append(Paper("paper-new", (50,)))
        make(root, papers)
    before = show(root, QUESTIONS)
    with closing(Archive(root)) as archive:
        opened = local(archive).segments
        assert len(opened) == segments
        for _ in range(KEPT):
            make(root, papers, force=True)
        assert not any(segment.sealed.folder.exists() for segment in opened)
        assert [*show_opened(archive, QUESTIONS)] == before


def test_a_segment_may_have_no_passage(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    papers = [Paper(f"paper-{number}", (number,)) for number in range(3)]
    make(root, papers)
    papers.append(Paper("paper-blank", (BLANK,)))
    make(root, papers)
    check_like_new(root, papers, tmp_path)
    assert len(Manifest.read(current(root)).segments) == 2


def make_old(root: Path, patch: pytest.MonkeyPatch) -> None:
    """Turn an index of one segment into one of format 4, which had none."""
    folder = current(root)
    manifest = Manifest.read(folder)
    contents = open_contents(folder, manifest)
    files, problems, owners = contents.files, contents.problems, contents.places["file"].tolist()
    for name in ("segments", "files", "problems", "manifest"):
        (folder / f"{name}.json").unlink()
    for name in ("places", "gone_terms", "gone_counts"):
        (folder / f"{name}.bin").unlink()
    segment = root / "segments" / manifest.segments[0]
    for name in ("counts", "passage_lengths", "keys", "key_owners", "names", "ids"):
        (segment / f"{name}.bin").unlink()
    for path in segment.iterdir():
        path.rename(folder / path.name)
    shutil.rmtree(root / "segments")
    with closing(sqlite3.connect(folder / "documents.sqlite")) as store:
        store.execute("ALTER TABLE documents ADD COLUMN file INTEGER")
        store.executemany(
            "UPDATE documents SET file = ? WHERE number = ?", zip(owners, range(99), strict=False)
        )
        store.execute("ALTER TABLE addresses DROP COLUMN document")
        store.execute("CREATE TABLE files (number, a, b, c, d, e, f, g, checksum)")
        for number, record in enumerate(files):
            row = (number, *astuple(record))
            store.execute("INSERT INTO files VALUES (?,?,?,?,?,?,?,?,?)", (*row, _check(row)))
        store.execute("CREATE TABLE problems (number, source, reason, is_read, checksum)")
        for number, problem in enumerate(problems):
            row = (problem.source, problem.reason, int(problem.is_read))
            store.execute(
                "INSERT INTO problems VALUES (?, ?, ?, ?, ?)", (number, *row, _check(row))
            )
        store.commit()
    patch.setattr("index.storage.generation.FORMAT", 4)
    replace(manifest, segments=(), checksums=seal(folder)).write(folder)
    patch.undo()


def test_an_index_without_segments_answers_and_is_written_again_unread(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    papers = [Paper(f"paper-{number}", (number, 13 * number + 20)) for number in range(6)]
    make(root, papers)
    before = show(root, QUESTIONS)
    with pytest.MonkeyPatch.context() as patch:
        make_old(root, patch)
    assert Manifest.read(current(root)).segments == ()
    assert show(root, QUESTIONS) == before
    check_generation(root, current(root))
    built = make(root, papers)
    assert built.reasons == ("the index is of an older format: all of it is written again",)
    assert (built.changed, built.read, built.encoded) == (True, 0, 0)
    assert show(root, QUESTIONS) == before
    assert not make(root, papers).changed


@pytest.mark.parametrize(
    ("live", "stored", "new", "chosen"),
    [
        ([], [], 5, set()),
        # One more than a quarter of it is new, or less.
        ([100], [100], 26, {0}),
        ([100], [100], 25, set()),
        ([100, 20, 4], [100, 20, 4], 1, set()),
        ([110, 20, 4], [110, 20, 4], 2, {1, 2}),
        # More than half of it is dead: it is written again though nothing is new.
        ([49, 600], [100, 600], 0, {0}),
        ([0, 600], [100, 600], 0, {0}),
        ([60, 600], [100, 600], 0, set()),
        # Segments of documents without passages do not pile up.
        ([0, 600, 0], [0, 600, 0], 5, {0, 2}),
    ],
)
def test_segments_are_merged_once_they_are_small_beside_what_is_written(
    live: list[int], stored: list[int], new: int, chosen: set[int]
) -> None:
    assert choose(live, stored, new) == chosen


@given(sizes=st.lists(st.integers(1, 10**6), min_size=1, max_size=200))
def test_segments_stay_few_and_passages_are_copied_few_times(sizes: list[int]) -> None:
    live: list[int] = []
    written = 0
    for size in sizes:
        chosen = choose(live, live, size)
        merged = size + sum(live[place] for place in chosen)
        live = [*(count for place, count in enumerate(live) if place not in chosen), merged]
        written += merged
        assert len(live) <= MOST
    assert sum(live) == sum(sizes)
    assert written <= sum(sizes) * 40
