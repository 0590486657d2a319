from pathlib import Path

from corpus.authority.names import Authority
from corpus.documents import Problem, hash_text
from index.building.executor import LOCAL
from index.building.file_reader import FileReader
from index.building.reuse import Previous
from index.building.segment_writer import SegmentWriter
from index.storage.inventory import Inventory, gather
from index.storage.reading_rules import ReadingRules
from tests.support.archives import Silence

RICE = "The ministers spoke about rice.\n"


def take_in(tmp_path: Path, gathered: Inventory) -> tuple[list[str], list[Problem]]:
    """Return the names of the documents that are taken in from files, and the problems."""
    previous, folder = Previous(None, ReadingRules(), ""), tmp_path / "draft"
    folder.mkdir()
    reader = FileReader(gathered, previous, Authority([]))
    with SegmentWriter(folder, ()) as writer:
        reader.read(writer, Silence(), LOCAL)
    return reader.names, reader.finish()[2]


def test_the_same_document_from_two_folders_is_taken_in_once_and_reported(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(RICE)
    taken, problems = take_in(tmp_path, gather([tmp_path / "1", tmp_path / "2"], Silence()))
    assert taken == ["a"]
    assert problems == [Problem(str(tmp_path / "2" / "a.txt"), "the same as a")]


def test_another_text_of_the_same_name_is_told_apart_by_its_hash(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(RICE * int(name))
    taken, problems = take_in(tmp_path, gather([tmp_path / "1", tmp_path / "2"], Silence()))
    assert taken == ["a", f"a-{hash_text(RICE * 2)[:8]}"]
    assert problems == []


def test_a_file_that_vanishes_while_the_index_is_built_is_reported_and_the_rest_taken_in(
    tmp_path: Path,
) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    for name in ("a", "b", "c"):
        (papers / f"{name}.txt").write_text(f"{name.upper()}: {RICE}")
    gathered = gather([papers], Silence())
    (papers / "b.txt").unlink()
    taken, problems = take_in(tmp_path, gathered)
    assert taken == ["a", "c"]
    assert problems == [Problem(str(papers / "b.txt"), "No such file or directory")]
