import os
from dataclasses import replace
from pathlib import Path

import pytest

import corpus.ingest.sources
import index.storage.inventory
from corpus.citations.chicago import chicago_note
from corpus.citations.cited import Cited
from corpus.documents import Document, Problem, Provenance, Span, hash_text
from corpus.errors import UnreadableSource
from corpus.ingest.assembly import make_document
from corpus.ingest.sources import DocIds, SourceFile, find_files
from corpus.readers import Reading
from tests.support.archives import read_all
from tests.support.samples import make_samples

RICE = "The ministers spoke about rice."
WHEAT = "The ministers spoke about wheat."


def write(path: Path, text: str = RICE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def read(*paths: Path) -> tuple[list[Document], list[Problem]]:
    """Return the documents under their names in an archive, without those it has already."""
    documents, problems = read_all(*paths)
    ids, kept = DocIds(), []
    for document in documents:
        doc_id = ids.take(document.doc_id, document.sha256)
        if doc_id is None:
            problems.append(Problem(document.source, f"the same as {document.doc_id}"))
        else:
            kept.append(replace(document, doc_id=doc_id))
    return kept, problems


def names(*paths: Path) -> list[str]:
    documents, problems = read(*paths)
    assert problems == []
    return [document.doc_id for document in documents]


def test_documents_are_named_by_their_place_in_the_folder_in_a_stable_order(
    tmp_path: Path,
) -> None:
    for name in ("b.txt", "a/z.md", "a/b/c d.e.txt", "Ärger.text"):
        write(tmp_path / name)
    assert names(tmp_path) == ["a/b/c_d.e", "a/z", "b", "Ärger"]
    assert names(tmp_path) == names(tmp_path)


def test_a_file_is_named_by_itself(tmp_path: Path) -> None:
    assert names(write(tmp_path / "a" / "talks.txt")) == ["talks"]


def test_a_name_is_fit_for_one_line_of_a_terminal(tmp_path: Path) -> None:
    assert names(write(tmp_path / "a\nb\x1b[31m c.txt")) == ["a_b_[31m_c"]


def test_the_same_name_with_another_text_is_told_apart_by_the_text(tmp_path: Path) -> None:
    one, two = write(tmp_path / "1" / "a.txt"), write(tmp_path / "2" / "a.txt", WHEAT)
    assert names(one.parent, two.parent) == ["a", f"a-{hash_text(WHEAT)[:8]}"]
    assert names(tmp_path) == ["1/a", "2/a"]


def test_the_same_document_given_twice_is_read_once_and_reported(tmp_path: Path) -> None:
    one, two = write(tmp_path / "1" / "a.txt"), write(tmp_path / "2" / "a.txt")
    documents, problems = read(one, two)
    assert [document.source for document in documents] == [str(one)]
    assert problems == [Problem(str(two), "the same as a")]


def test_a_folder_given_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    documents, _ = read(tmp_path, tmp_path)
    assert [document.doc_id for document in documents] == ["a"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    for name in (".a.txt", ".git/b.txt", "c/.d/e.txt", "f.txt"):
        write(tmp_path / name)
    assert names(tmp_path) == ["f"]


def test_links_are_followed_inside_a_folder_only(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside" / "secret.txt", WHEAT)
    folder = tmp_path / "folder"
    write(folder / "a.txt")
    (folder / "inside.txt").symlink_to("a.txt")
    (folder / "out.txt").symlink_to(outside)
    (folder / "whole").symlink_to(outside.parent)
    documents, problems = read(folder)
    assert [document.doc_id for document in documents] == ["a", "inside"]
    out = "a link that leads out of the folder"
    assert problems == [Problem(str(folder / name), out) for name in ("out.txt", "whole")]


def test_links_that_lead_nowhere_are_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    (tmp_path / "broken.txt").symlink_to("gone.txt")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    documents, problems = read(tmp_path)
    assert [document.doc_id for document in documents] == ["a"]
    assert [Path(problem.source).name for problem in problems] == ["broken.txt", "loop.txt"]


def test_what_is_not_there_or_no_file_is_a_problem(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    gone, pipe = tmp_path / "gone", tmp_path / "pipe.txt"
    assert list(find_files([gone, pipe])) == [
        Problem(str(gone), "no such file or folder"),
        Problem(str(pipe), "not a file"),
    ]
    assert list(find_files([tmp_path])) == [Problem(str(pipe), "not a file")]


def test_problems_are_reported_with_their_reason_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    write(tmp_path / "broken.md", "---\ntitle: [open\n---\nRice.")
    write(tmp_path / "empty.txt", "")
    (tmp_path / "scan.txt").write_bytes(b"II*\0\0\0\0\0")
    (tmp_path / "noise.txt").write_bytes(b"\1\2\0\0\3\0\0\0")
    write(tmp_path / "scan.png")
    write(tmp_path / "z.txt")
    documents, problems = read(tmp_path, tmp_path / "gone.txt")
    assert [document.doc_id for document in documents] == ["a", "broken", "z"]
    reasons = {Path(problem.source).name: problem.reason for problem in problems}
    assert reasons["broken.md"] == "front matter: left out title: not valid YAML (line 2)"
    assert [problem.is_read for problem in problems].count(True) == 1
    assert reasons["scan.png"] == "memcon does not read this kind of file (.png)"
    assert reasons["empty.txt"] == "the file is empty"
    assert reasons["noise.txt"] == "the file is binary, not text"
    assert reasons["scan.txt"].endswith("it is a picture (TIFF)")
    assert reasons["gone.txt"] == "no such file or folder"
    assert len(problems) == len(reasons) == 6


def test_a_file_that_is_too_large_is_no_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus.ingest.sources, "MAX_FILE_BYTES", len(RICE))
    right, large = write(tmp_path / "a.txt"), write(tmp_path / "b.txt", RICE + "!")
    documents, problems = read(right, large)
    assert [document.text for document in documents] == [RICE]
    assert problems == [Problem(str(large), "the file is too large (0 MB)")]


def test_a_file_that_vanished_since_it_was_found_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone.txt"
    monkeypatch.setattr(
        index.storage.inventory, "find_files", lambda *_: [SourceFile(gone, "gone.txt")]
    )
    assert read(tmp_path) == ([], [Problem(str(gone), "No such file or directory")])
    with pytest.raises(UnreadableSource, match="No such file or directory"):
        SourceFile(gone, "gone.txt").fetch()


def test_an_undecodable_file_name_makes_a_document_that_can_be_stored_and_cited(
    tmp_path: Path,
) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 1.txt"))
    try:
        write(path)
    except OSError:
        pytest.skip("this file system takes no such names")
    (document,), problems = read(tmp_path)
    assert problems == []
    assert document.doc_id == "caf__1"
    assert chicago_note(Cited(document)) == "“caf__1,” file caf%E9 1.txt."
    assert document.source.encode().endswith(b" 1.txt")


def test_a_problem_with_an_undecodable_file_name_can_be_printed(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png"))
    try:
        write(path)
    except OSError:
        pytest.skip("this file system takes no such names")
    _, (problem,) = read(tmp_path)
    assert problem.source.encode().endswith(b".png")


def test_a_document_knows_its_source_its_hash_and_its_structure(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md", f"# Talks\n\n{RICE}")
    (document,) = SourceFile(path, "a.md").read(path.read_bytes())
    assert isinstance(document, Document)
    assert document.source == str(path)
    assert document.sha256 == hash_text(f"Talks\n\n{RICE}")
    assert document.structure.headings == (Span(0, 5),)


def test_people_of_the_record_are_among_the_people_of_the_document() -> None:
    provenance = Provenance(people=("Ann", "Bob"), about=Provenance(people=("Bob", "Cyd")))
    document = make_document("a", "a.txt", Reading(RICE, provenance))
    assert document.provenance.people == ("Ann", "Bob", "Cyd")


def test_a_folder_that_may_not_be_entered_is_a_problem_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    write(tmp_path / "closed" / "b.txt")
    (tmp_path / "closed").chmod(0)
    try:
        if os.access(tmp_path / "closed", os.R_OK):
            pytest.skip("nothing is closed to this user")
        documents, problems = read(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert [document.doc_id for document in documents] == ["a"]
    assert problems == [Problem(str(tmp_path / "closed"), "Permission denied")]


def test_a_file_that_has_become_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(UnreadableSource, match="not a file"):
        SourceFile(tmp_path / "a.txt", "a.txt").fetch()


def test_a_gigabyte_of_nothing_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(1 << 30)
    assert read(tmp_path) == (
        [],
        [Problem(str(tmp_path / "a.txt"), "the file is too large (1024 MB)")],
    )


def test_no_file_is_changed_by_being_read(tmp_path: Path) -> None:
    for name, data in make_samples().items():
        (tmp_path / name).write_bytes(data)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    documents, problems = read(tmp_path)
    assert len(documents) > len(before)
    assert all(problem.reason.startswith("the same as ") for problem in problems)
    assert {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()
    } == before
