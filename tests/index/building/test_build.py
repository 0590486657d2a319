from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import filelock
import pytest

from corpus.documents import Document, Problem, Provenance
from corpus.errors import ArchiveBusy, DamagedIndex, NothingToIndex
from index.answering.answer import answer
from index.building.build import Built, build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.encoding.onnx_encoder import OnnxEncoder
from index.retrieval.archive import Archive
from index.storage.inventory import gather
from index.text import analyzer
from tests.support.archives import Silence, document, held, local, read_all
from tests.support.invented import invented

QUESTION = "How often did the lighthouse keeper Ogata Ren light the lamp?"
SKIPPED = Problem("x.bin", "no text")
GULLS = "The clerk counted gulls.\n"


def make(root: Path, cache: Path, *documents: Document, force: bool = False) -> Built:
    gathered = held(*documents, problems=[SKIPPED])
    return build_archive(
        root, gathered, model=DEFAULT_MODEL, cache=cache, progress=Silence(), force=force
    )


@pytest.fixture
def root(tmp_path: Path, cache: Path) -> Path:
    make(tmp_path / "archive", cache, *invented())
    return tmp_path / "archive"


def files(root: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of every file, but for the lock, which any writer touches."""
    return {
        path.relative_to(root).as_posix(): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file() and path.name != "build.lock"
    }


def contents(archive: Archive) -> Mapping[str, bytes]:
    """Return the bytes of a segment's files."""
    folder = local(archive).segments[0].sealed.folder
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refuse(*_: Any) -> Iterator[Any]:
    raise AssertionError("nothing is to be encoded")


def quoted(archive: Archive) -> list[tuple[str, str]]:
    return [(quote.document.doc_id, quote.text) for quote in answer(QUESTION, archive).quotes]


def test_a_build_counts_what_it_indexed(root: Path) -> None:
    archive = Archive(root)
    manifest = archive.manifest
    assert (manifest.generation, manifest.documents, manifest.passages) == ("000001", 3, 6)
    engine = local(archive)
    assert (manifest.files, manifest.terms) == (3, len(list(engine.terms())))
    assert manifest.sentences == len(engine.dense.sentences) == engine.table.sentences
    assert (manifest.date_from, manifest.date_to) == ("1993-09-01", "1993-09-30")
    assert (manifest.sources, manifest.skipped) == (("test",), 1)
    assert list(archive.engine.problems()) == [SKIPPED]
    own = engine.sealed.folder.iterdir()
    sizes = [path.stat().st_size for path in own if path.name != "manifest.json"]
    assert manifest.size == sum(sizes) + sum(len(data) for data in contents(archive).values())
    archive.close()


def test_nothing_changed_encodes_and_writes_nothing(
    root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OnnxEncoder, "encode_passages", refuse)
    before = files(root)
    built = make(root, cache, *invented())
    assert (built.changed, built.manifest.generation) == (False, "000001")
    assert files(root) == before


def test_a_forced_build_makes_the_same_index_anew(root: Path, cache: Path) -> None:
    old = Archive(root)
    built = make(root, cache, *invented(), force=True)
    assert (built.changed, built.manifest.generation) == (True, "000002")
    assert (built.read, built.encoded) == (3, 6)
    new = Archive(root)
    assert contents(new) == contents(old)
    assert quoted(new) == quoted(old) != []
    old.close()
    new.close()


@pytest.mark.parametrize(
    ("change", "encoded"),
    [
        (lambda first: document(first.text + "\nOne more line was added.\n", first.doc_id), 3),
        (lambda first: replace(first, provenance=replace(first.provenance, number="12")), 0),
        (lambda first: replace(first, doc_id="renamed"), 0),
    ],
    ids=["text", "provenance", "name"],
)
def test_a_change_makes_a_new_generation_and_encodes_what_is_new(
    change: Callable[[Document], Document], encoded: int, root: Path, cache: Path
) -> None:
    first, *others = invented()
    built = make(root, cache, change(first), *others)
    assert (built.changed, built.manifest.generation) == (True, "000002")
    assert (built.read, built.encoded) == (1, encoded)


def test_a_reader_goes_on_with_the_generation_it_opened(root: Path, cache: Path) -> None:
    reader = Archive(root)
    before = quoted(reader)
    for number in range(3):
        make(root, cache, document(f"The clerk counted {number} gulls.\n", "gulls"))
    assert quoted(reader) == before
    assert reader.document("ledger").text == invented()[1].text
    reader.close()
    kept = sorted(path.name for path in (root / "generations").iterdir())
    assert kept == ["000002", "000003", "000004"]


@pytest.mark.parametrize("documents", [(), (document(" \n"),), (document("[TN: blacked out]"),)])
def test_nothing_to_index_is_said_and_builds_nothing(
    documents: tuple[Document, ...], tmp_path: Path, cache: Path
) -> None:
    root = tmp_path / "archive"
    with pytest.raises(NothingToIndex, match=r"test \(x.bin: no text\)"):
        make(root, cache, *documents)
    left = {path.name for path in root.iterdir()} if root.exists() else set()
    # The encoder was needed to find out; it serves the next build.
    assert left <= {"build.lock", "models", "generations", "segments"}
    assert not [*root.glob("generations/*"), *root.glob("segments/*")]


def test_a_second_builder_is_told_to_wait(root: Path, cache: Path) -> None:
    before = files(root)
    with filelock.FileLock(root / "build.lock", timeout=0), pytest.raises(ArchiveBusy):
        make(root, cache, document(GULLS))
    assert files(root) == before


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_build_that_fails_leaves_all_as_it_was(
    error: type[BaseException], root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, whole = files(root), OnnxEncoder.encode_passages
    more = (*invented(), document(GULLS, "gulls"), document("It rained.\n", "rain"))

    def fail(*arguments: Any) -> Iterator[Any]:
        for encoded in whole(*arguments):
            yield encoded
            raise error

    with monkeypatch.context() as patch:
        patch.setattr(OnnxEncoder, "encode_passages", fail)
        with pytest.raises(error):
            make(root, cache, *more)
    after = files(root)
    # What was encoded is kept for the next build, and nothing else.
    kept = after.keys() - before.keys()
    assert {name.split("/")[0] for name in kept} == {"encoding"}
    assert {name: after[name] for name in before} == before
    archive = Archive(root)
    assert quoted(archive)
    archive.close()
    built = make(root, cache, *more)
    assert (built.manifest.generation, built.read, built.encoded) == ("000002", 2, 1)
    assert not (root / "encoding").exists()


def test_gathering_sorts_documents_and_reports_problems(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("The second.")
    (tmp_path / "a.md").write_text("---\ntitle: First\n---\nThe first.")
    (tmp_path / "c.bin").write_bytes(b"\x00")
    documents, problems = read_all(tmp_path)
    assert [each.doc_id for each in documents] == ["a", "b"]
    assert documents[0].provenance == Provenance(title="First")
    assert [Path(problem.source).name for problem in problems] == ["c.bin"]
    assert gather([tmp_path], Silence()).sources == (str(tmp_path.resolve()),)


def test_an_index_of_other_terms_is_made_anew_and_keeps_its_vectors(
    tmp_path: Path, cache: Path
) -> None:
    root = tmp_path / "archive"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyzer, "IDENTITY", "memcon-analyzer/0")
        make(root, cache, *invented())
    with pytest.raises(DamagedIndex, match=r"by another memcon.* Try: memcon index build "):
        Archive(root)
    built = make(root, cache, *invented())
    assert (built.changed, built.encoded) == (True, 0)
    assert built.reasons == ("the analysis of words has changed: the index of words is new",)
    assert quoted(Archive(root))
