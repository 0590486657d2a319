from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import filelock
import pytest

from corpus.documents import Document, Problem, Provenance
from corpus.errors import ArchiveBusy, NothingToIndex
from index.answer import answer
from index.archive import Archive
from index.build import Built, Gathered, build_archive, gather
from index.encoder import DEFAULT_MODEL, Encoder
from tests.conftest import Silence, document
from tests.index.conftest import invented

QUESTION = "How often did the lighthouse keeper Ogata Ren light the lamp?"


def make(root: Path, cache: Path, *documents: Document, force: bool = False) -> Built:
    gathered = Gathered(documents, ("here",), (Problem("x.bin", "no text"),))
    return build_archive(
        root, gathered, model=DEFAULT_MODEL, cache=cache, progress=Silence(), force=force
    )


@pytest.fixture
def root(tmp_path: Path, cache: Path) -> Path:
    make(tmp_path / "archive", cache, *invented())
    return tmp_path / "archive"


def files(root: Path) -> dict[str, int]:
    return {str(path): path.stat().st_size for path in root.rglob("*") if path.name != "build.lock"}


def refuse(*_: Any) -> Iterator[Any]:
    raise AssertionError("nothing is to be encoded")


def quoted(archive: Archive) -> list[tuple[str, str]]:
    return [(quote.document.doc_id, quote.text) for quote in answer(QUESTION, archive).quotes]


def test_a_build_counts_what_it_indexed(root: Path, cache: Path) -> None:
    archive = Archive(root)
    manifest = archive.manifest
    assert (manifest.generation, manifest.documents, manifest.passages) == ("000001", 3, 6)
    assert manifest.sentences == len(archive.dense.sentences)
    assert (manifest.date_from, manifest.date_to) == ("1993-09-01", "1993-09-30")
    assert (manifest.sources, manifest.problems) == (("here",), (Problem("x.bin", "no text"),))
    archive.close()


def test_nothing_changed_encodes_nothing(
    root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Encoder, "encode_passages", refuse)
    before = files(root)
    built = make(root, cache, *invented())
    assert (built.changed, built.manifest.generation) == (False, "000001")
    assert files(root) == before


def test_a_forced_build_makes_the_same_index_anew(root: Path, cache: Path) -> None:
    old = Archive(root)
    built = make(root, cache, *invented(), force=True)
    assert (built.changed, built.manifest.generation) == (True, "000002")
    new = Archive(root)
    assert (new.dense.passages == old.dense.passages).all()
    assert new.manifest.files == old.manifest.files
    assert quoted(new) == quoted(old) != []
    old.close()
    new.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda first: document(first.text + "\nOne more line was added.\n", first.doc_id),
        lambda first: replace(first, provenance=replace(first.provenance, number="12")),
        lambda first: replace(first, doc_id="renamed"),
    ],
    ids=["text", "provenance", "name"],
)
def test_a_change_makes_a_new_generation(change: Any, root: Path, cache: Path) -> None:
    first, *others = invented()
    built = make(root, cache, change(first), *others)
    assert (built.changed, built.manifest.generation) == (True, "000002")


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
    with pytest.raises(NothingToIndex, match=r"here \(x.bin: no text\)"):
        make(tmp_path / "archive", cache, *documents)
    assert not (tmp_path / "archive").exists()


def test_a_second_builder_is_told_to_wait(root: Path, cache: Path) -> None:
    before = files(root)
    with filelock.FileLock(root / "build.lock", timeout=0), pytest.raises(ArchiveBusy):
        make(root, cache, document("The clerk counted gulls.\n"))
    assert files(root) == before


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_build_that_fails_leaves_all_as_it_was(
    error: type[BaseException], root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, whole = files(root), Encoder.encode_passages

    def fail(*arguments: Any) -> Iterator[Any]:
        for encoded in whole(*arguments):
            yield encoded
            raise error

    with monkeypatch.context() as patch:
        patch.setattr(Encoder, "encode_passages", fail)
        with pytest.raises(error):
            make(root, cache, *invented(), document("The clerk counted gulls.\n", "gulls"))
    assert files(root) == before
    archive = Archive(root)
    assert quoted(archive)
    archive.close()
    assert make(root, cache, *invented(), force=True).manifest.generation == "000002"


def test_gathering_sorts_documents_and_reports_problems(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("The second.")
    (tmp_path / "a.md").write_text("---\ntitle: First\n---\nThe first.")
    (tmp_path / "c.bin").write_bytes(b"\x00")
    gathered = gather([tmp_path], Silence())
    assert [each.doc_id for each in gathered.documents] == ["a", "b"]
    assert gathered.documents[0].provenance == Provenance(title="First")
    assert [Path(problem.source).name for problem in gathered.problems] == ["c.bin"]
    assert gathered.sources == (str(tmp_path.resolve()),)
