import io
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import index.building.build
import index.storage.reading_rules
from corpus.readers.formats import FORMATS
from index.building.build import Built, build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.retrieval.archive import Archive
from index.storage.inventory import gather
from index.storage.reading_rules import ReadingRules
from tests.support.archives import Silence, local

READ_AGAIN = "the rules of reading have changed: every file is read again"


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Make a folder of a text, a table, and two ZIP files with one of each."""
    folder = tmp_path / "papers"
    folder.mkdir()
    text, table = "The ferry to Brixwold was late.\n", "id,text\n1,The tide tables were lost.\n"
    (folder / "a.txt").write_text(text)
    (folder / "b.csv").write_text(table)
    for name, inner, content in (("c.zip", "d.txt", text), ("e.zip", "f.csv", table)):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(inner, content.replace("Brixwold", "Orbey").replace("tide", "wage"))
        (folder / name).write_bytes(packed.getvalue())
    return folder


def make(root: Path, cache: Path, papers: Path, ocr: str | None = None) -> Built:
    gathered = gather([papers], Silence(), ocr=ocr)
    return build_archive(root, gathered, model=DEFAULT_MODEL, cache=cache, progress=Silence())


def change(patch: pytest.MonkeyPatch, library: str) -> None:
    """Let a library have another version."""
    real = index.storage.reading_rules._versioned
    patch.setattr(
        index.storage.reading_rules,
        "_versioned",
        lambda name: f"{name} 0" if name == library else real(name),
    )


def use(patch: pytest.MonkeyPatch, suffix: str, library: str) -> None:
    """Let the reader of one format depend on another library."""
    formats = [
        replace(each, libraries=(*each.libraries, library)) if each.suffix == suffix else each
        for each in FORMATS
    ]
    patch.setattr(index.building.build, "ReadingRules", partial(ReadingRules, formats=formats))


def test_only_files_of_a_changed_format_are_read_again_also_those_inside_archives(
    tmp_path: Path, cache: Path, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "archive"
    assert make(root, cache, papers).read == 4
    use(monkeypatch, ".csv", "lxml")
    built = make(root, cache, papers)
    assert (built.changed, built.read) == (True, 2)
    assert built.reasons == ("read again by changed rules: all files of CSV",)
    assert not make(root, cache, papers).changed


def test_a_change_to_a_format_that_the_archive_has_not_makes_nothing_stale(
    tmp_path: Path, cache: Path, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "archive"
    make(root, cache, papers)
    change(monkeypatch, "pypdfium2")
    assert not make(root, cache, papers).changed


def test_a_change_that_concerns_all_formats_makes_all_stale(
    tmp_path: Path, cache: Path, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "archive"
    make(root, cache, papers)
    change(monkeypatch, "sentencex")
    built = make(root, cache, papers)
    assert (built.read, built.reasons) == (4, (READ_AGAIN,))


def test_ocr_reads_nothing_again_where_there_are_no_pictures_of_pages(
    tmp_path: Path, cache: Path, papers: Path
) -> None:
    root = tmp_path / "archive"
    make(root, cache, papers)
    built = make(root, cache, papers, ocr="eng")
    assert (built.changed, built.read, built.manifest.ocr) == (True, 0, "eng")


def test_each_file_says_by_which_rules_it_was_read(
    tmp_path: Path, cache: Path, papers: Path
) -> None:
    root = tmp_path / "archive"
    make(root, cache, papers)
    rules = {
        record.name: [each.partition(":")[0] for each in (record.reading or "").split()]
        for _, record in local(Archive(root)).files()
    }
    assert rules == {
        "a.txt": [".txt", "all"],
        "b.csv": [".csv", "all"],
        "c.zip": [".txt", ".zip", "all"],
        "e.zip": [".csv", ".zip", "all"],
    }
