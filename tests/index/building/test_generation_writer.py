from pathlib import Path

from corpus.authority.names import Authority
from corpus.documents import Problem, hash_text
from index.building.generation_writer import GenerationWriter
from index.building.reuse import Previous
from index.building.vector_journal import VectorJournal
from index.storage.inventory import gather
from index.storage.reading_rules import ReadingRules
from tests.support.archives import Silence

RICE = "The ministers spoke about rice.\n"


def problems_of(tmp_path: Path, *paths: Path) -> tuple[list[str], list[Problem]]:
    """Return the names of the documents that a writer takes in from paths, and its problems."""
    folder = tmp_path / "draft"
    folder.mkdir()
    gathered = gather(paths, Silence())
    with (
        VectorJournal(tmp_path / "vectors.bin", 4) as kept,
        GenerationWriter(folder, Previous(None, ReadingRules(), ""), kept, Authority([])) as writer,
    ):
        writer.read(gathered, Silence())
        return [*writer._ids._taken], writer.problems


def test_the_same_document_from_two_folders_is_taken_in_once_and_reported(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(RICE)
    taken, problems = problems_of(tmp_path, tmp_path / "1", tmp_path / "2")
    assert taken == ["a"]
    assert problems == [Problem(str(tmp_path / "2" / "a.txt"), "the same as a")]


def test_another_text_of_the_same_name_is_told_apart_by_its_hash(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(RICE * int(name))
    taken, problems = problems_of(tmp_path, tmp_path / "1", tmp_path / "2")
    assert taken == ["a", f"a-{hash_text(RICE * 2)[:8]}"]
    assert problems == []


def test_a_file_that_vanishes_while_the_index_is_built_is_reported_and_the_rest_taken_in(
    tmp_path: Path,
) -> None:
    papers, folder = tmp_path / "papers", tmp_path / "draft"
    for path in (papers, folder):
        path.mkdir()
    for name in ("a", "b", "c"):
        (papers / f"{name}.txt").write_text(f"{name.upper()}: {RICE}")
    gathered = gather([papers], Silence())
    (papers / "b.txt").unlink()
    with (
        VectorJournal(tmp_path / "vectors.bin", 4) as kept,
        GenerationWriter(folder, Previous(None, ReadingRules(), ""), kept, Authority([])) as writer,
    ):
        writer.read(gathered, Silence())
        assert [*writer._ids._taken] == ["a", "c"]
        assert writer.problems == [Problem(str(papers / "b.txt"), "No such file or directory")]
