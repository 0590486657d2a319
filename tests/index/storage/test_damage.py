"""Damage to any file: the right answer or one clear error, and a command that mends it."""

import os
import random
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import ArchiveError, DamagedIndex, NoIndex
from index.answering.answer import answer
from index.building.build import build_archive
from index.encoding.onnx_encoder import OnnxEncoder
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.retrieval.local_engine import check_generation
from index.storage.generation import current, read_sources_file
from index.storage.inventory import gather
from index.verifying.verification import verify
from tests.support.archives import Silence, segment_of
from tests.support.trials import NOON, QUESTION, Place, Trial, check_like_new, fake

MEND = re.compile(r"Try: memcon index build.*\(memcon doctor tells more\)", re.DOTALL)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Build an archive that has two generations; tests must leave it as it is."""
    with pytest.MonkeyPatch.context() as patch:
        fake(patch)
        trial = Trial(Place(tmp_path_factory.mktemp("sound")))
        for _ in range(2):
            trial.write()
            trial.place.build()
    return trial.place


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch)


@pytest.fixture
def harmed(sound: Place, tmp_path: Path) -> Place:
    """Copy the archive, to do damage to; the papers are where they were."""
    return copy(sound, tmp_path / "copy")


def copy(sound: Place, top: Path) -> Place:
    shutil.copytree(sound.root, top / "archive")
    shutil.copytree(sound.cache, top / "cache")
    (top / "papers").symlink_to(sound.papers)
    return Place(top)


def see(root: Path) -> list[Any]:
    """Return all that a person can see of an archive."""
    archive = Archive(root)
    try:
        found = answer(QUESTION, archive)
        documents = [archive.document(doc_id) for doc_id, *_ in archive.list_documents()]
        passages = archive.engine.passages(range(archive.manifest.passages))
        words = "was written in the harbour of Hakodate"
        among = archive.search(archive.parse_query("salt"), Filters.parse(), 50)
        return [
            *(found.verdict, found.quotes, found.leads, documents, passages, among),
            *(list(archive.engine.files()), verify(words, archive).span),
            *(archive.engine.values("speaker"), archive.engine.values("collection")),
        ]
    finally:
        archive.close()


# The sound archive stays as it is.
see_once = cache(see)


def check_seen(place: Place, sound: Place) -> bool:
    """Check that an archive shows what the sound one does, or says in one error what is wrong."""
    said = ""
    try:
        seen = see(place.root)
    except NoIndex:
        return False
    except ArchiveError as error:
        said = str(error)
    if said:
        assert MEND.search(said), said
        return False
    assert seen == see_once(sound.root)
    return True


def check_mended(place: Place) -> None:
    """Check that the command that the error names mends the archive."""
    last = read_sources_file(place.root)
    assert last is not None
    build_archive(
        place.root,
        gather([Path(source) for source in last.sources], Silence()),
        model=last.model,
        cache=place.cache,
        progress=Silence(),
        force=True,
    )
    archive = Archive(place.root)
    try:
        assert archive.manifest.documents > 2
        check_generation(place.root, current(place.root))
        assert answer(QUESTION, archive).quotes or answer(QUESTION, archive).leads
    finally:
        archive.close()


def flip(path: Path, place: int, bit: int) -> None:
    data = bytearray(path.read_bytes())
    if data:
        data[place % len(data)] ^= 1 << bit
        path.write_bytes(data)


def become_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def noise(size: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(size)


# Each does something to a file, at a place of it where that means anything.
HARMS: dict[str, Callable[[Path, int], object]] = {
    "flipped": lambda path, place: flip(path, place // 8, place % 8),
    "truncated": lambda path, place: os.truncate(path, place % max(1, path.stat().st_size)),
    "missing": lambda path, _: path.unlink(),
    "empty": lambda path, _: os.truncate(path, 0),
    "longer": lambda path, place: path.write_bytes(path.read_bytes() + bytes([place % 256])),
    "zeros": lambda path, _: path.write_bytes(bytes(path.stat().st_size)),
    "noise": lambda path, place: path.write_bytes(noise(path.stat().st_size, place)),
    "nested": lambda path, _: path.write_text("[" * 100_000),
    "a folder": lambda path, _: become_folder(path),
    "pickle": lambda path, _: path.write_bytes(b"cos\nabort\n(tR."),
}


@settings(max_examples=80)
@given(
    name=st.integers(0, 10**6),
    harm=st.sampled_from(["flipped"] * 12 + sorted(HARMS)),
    place=st.integers(0, 10**6),
)
def test_damage_anywhere_is_noticed_or_does_no_harm(
    name: int,
    harm: str,
    place: int,
    sound: Place,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    top = tmp_path_factory.mktemp("harmed")
    harmed = copy(sound, top / "copy")
    files = [*files_of(harmed.root), harmed.root / "CURRENT", harmed.root / "sources.json"]
    HARMS[harm](files[name % len(files)], place)
    check_seen(harmed, sound)
    check_mended(harmed)
    shutil.rmtree(top)


def files_of(root: Path) -> list[Path]:
    """Return the files of the generation in use and of its newest segment."""
    return sorted([*current(root).iterdir(), *segment_of(root).iterdir()])


def test_every_file_is_missed(sound: Place, tmp_path: Path) -> None:
    paths = [path.relative_to(sound.root) for path in files_of(sound.root)]
    assert len(paths) > 30
    for number, path in enumerate(paths):
        harmed = copy(sound, tmp_path / str(number))
        (harmed.root / path).unlink()
        assert not check_seen(harmed, sound), path
        with pytest.raises(DamagedIndex):
            check_generation(harmed.root, current(harmed.root))


@pytest.mark.parametrize("name", ["documents.sqlite", "vectors.bin"])
def test_every_kind_of_page_of_a_file_may_be_hit(name: str, sound: Place, tmp_path: Path) -> None:
    """Flip bits all over the file that has a structure, and over one that has none."""
    harmed = copy(sound, tmp_path / "copy")
    path = segment_of(harmed.root) / name
    whole = path.read_bytes()
    noticed = 0
    for place in range(5, 8 * len(whole), max(1, 8 * len(whole) // 150)):
        flip(path, place // 8, place % 8)
        noticed += not check_seen(harmed, sound)
        with pytest.raises(DamagedIndex):
            check_generation(harmed.root, current(harmed.root))
        path.write_bytes(whole)
    assert noticed > 20


def test_files_of_another_generation_are_foreign(harmed: Place, sound: Place) -> None:
    for kind in ("segments", "generations"):
        first, second = sorted((harmed.root / kind).iterdir())
        for path in sorted(second.iterdir()):
            whole = path.read_bytes()
            path.write_bytes((first / path.name).read_bytes())
            if path.read_bytes() != whole:
                check_seen(harmed, sound)
                with pytest.raises(DamagedIndex):
                    check_generation(harmed.root, current(harmed.root))
            path.write_bytes(whole)
    assert check_seen(harmed, sound)
    # A whole one under the name of another, too.
    shutil.rmtree(second)
    first.rename(second)
    assert not check_seen(harmed, sound)


def test_a_digit_flipped_in_current_does_not_answer_from_another(
    harmed: Place, sound: Place
) -> None:
    path = harmed.root / "CURRENT"
    for place in range(8 * len(path.read_bytes())):
        whole = path.read_bytes()
        flip(path, place // 8, place % 8)
        check_seen(harmed, sound)
        path.write_bytes(whole)


def test_sources_that_were_altered_are_not_built_from(harmed: Place, sound: Place) -> None:
    path = harmed.root / "sources.json"
    whole = path.read_bytes()
    wanted = read_sources_file(sound.root)
    assert wanted is not None
    for place in range(0, 8 * len(whole), 7):
        flip(path, place // 8, place % 8)
        known = read_sources_file(harmed.root)
        assert known is not None
        assert (known.sources, known.model) == (wanted.sources, wanted.model)
        path.write_bytes(whole)
    path.unlink()
    known = read_sources_file(harmed.root)
    assert known is not None
    assert known.sources == wanted.sources
    (harmed.root / "CURRENT").write_text("lost")
    with pytest.raises(DamagedIndex, match="name the folders again"):
        read_sources_file(harmed.root)


@pytest.mark.parametrize("merges", [True, False])
def test_a_build_takes_nothing_from_a_damaged_index(
    merges: bool, sound: Place, tmp_path: Path
) -> None:
    """A tree of SQLite that lost a branch would otherwise lose documents for good."""
    noticed = 0
    for place in range(100, 100_000, 4096 * 5):
        harmed = copy(sound, tmp_path / str(place))
        path = segment_of(harmed.root) / "documents.sqlite"
        if place >= path.stat().st_size:
            break
        flip(path, place, 3)
        (harmed.top / "papers").unlink()
        shutil.copytree(sound.papers, harmed.papers)
        if merges:
            harmed.write_papers(9)
        more = harmed.papers / "more.txt"
        more.write_text("One more paper of the harbour.\n")
        # A file this new is recorded without its time, and later with it.
        os.utime(more, (NOON, NOON))
        built = harmed.build()
        is_noticed = any("damaged" in reason for reason in built.reasons)
        noticed += is_noticed
        if merges or is_noticed:
            check_like_new(harmed)
            continue
        # What is not merged is not read: a question or the doctor finds the damage.
        with pytest.raises(DamagedIndex):
            check_generation(harmed.root, current(harmed.root))
        try:
            check_like_new(harmed)
        except DamagedIndex:
            noticed += 1
        check_mended(harmed)
    assert noticed


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "encoder.json", "checksums.json"])
@pytest.mark.parametrize("harm", sorted(HARMS))
def test_a_damaged_model_is_never_loaded(
    name: str, harm: str, records_root: Path, tmp_path: Path
) -> None:
    exported = next((records_root / "models").iterdir())
    for path in exported.iterdir():
        (tmp_path / path.name).hardlink_to(path)
    (tmp_path / name).unlink()
    shutil.copy(exported / name, tmp_path / name)
    for place in (12_345, 999_999):
        if not (tmp_path / name).is_file():
            break
        HARMS[harm](tmp_path / name, place)
        with pytest.raises(DamagedIndex) as caught:
            OnnxEncoder(tmp_path)
        assert MEND.search(str(caught.value))


def test_no_code_is_run_from_a_data_file() -> None:
    """Nothing on the way of a question can run code: no pickle, no eval, no NumPy objects.

    The process that reads files for a build answers in pickles, which are loaded by names alone:
    tests/corpus/ingest/test_isolation.py holds it to that.
    """
    root = Path(__file__).parents[3]
    reading = {root / "corpus/ingest/isolation.py", root / "corpus/ingest/worker.py"}
    sources = [
        path for folder in ("index", "corpus", "bot") for path in root.glob(f"{folder}/**/*.py")
    ]
    assert len(sources) > 40
    forbidden = re.compile(
        # A marshal is an office, too.
        r"\b(pickle|shelve|dill|joblib)\b|\b(?:import|from) marshal\b|\bmarshal\."
        r"|\beval\(|\bexec\(|allow_pickle"
    )
    for path in set(sources) - reading:
        assert not forbidden.search(path.read_text("utf-8")), path
