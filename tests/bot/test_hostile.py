"""Builds over files that cannot be read, by the real command line."""

import json
from pathlib import Path

import pytest

from tests.support.archives import Run
from tests.support.samples import make_samples


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "harbour.txt").write_text("The harbour of Brixwold was dredged in 1871.\n")
    return folder


def test_what_can_be_read_is_indexed_and_the_rest_is_told(
    memcon: Run, papers: Path, tmp_path: Path
) -> None:
    whole = make_samples()
    (papers / "cut.docx").write_bytes(whole["a.docx"][:900])
    (papers / "locked.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    (papers / "box.zip").write_bytes(whole["a.zip"])
    archive = tmp_path / "archive"
    built = memcon("index", "build", str(papers), archive=archive)
    assert built.returncode == 0, built.stderr
    assert "cut.docx: the file is damaged, or no ZIP archive" in built.stderr
    assert "locked.doc: the file is an old Microsoft Office file; save it as DOCX" in built.stderr
    listed = json.loads(memcon("corpus", "list", "--json", archive=archive).stdout)
    assert {Path(each["source"]).name for each in listed["problems"]} >= {"cut.docx", "locked.doc"}
    names = {each["doc_id"] for each in listed["documents"]}
    assert {"harbour", "box/in/a", "box/c", "box/c.eml/wheat"} <= names
    again = memcon("index", "build", archive=archive)
    assert "is up to date" in again.stderr
    assert "cut.docx" in again.stderr


def test_a_strict_build_fails_for_the_first_and_puts_nothing_in_use(
    memcon: Run, papers: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    assert memcon("index", "build", str(papers), "--strict", archive=archive).returncode == 0
    (papers / "table.csv").write_text("title,date\nA,1993\n")
    failed = memcon("index", "build", "--strict", archive=archive)
    assert failed.returncode == 3
    assert "table.csv: no column for texts" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert (archive / "CURRENT").read_text().split()[0] == "000001"
    assert memcon("index", "build", archive=archive).returncode == 0
    assert memcon("index", "build", "--strict", archive=archive).returncode == 3
    assert memcon("index", "build", "--rehash", "--merge", archive=archive).returncode == 0
    assert (archive / "CURRENT").read_text().split()[0] == "000002"


def test_where_nothing_can_be_read_nothing_is_built(memcon: Run, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "a.docx").write_bytes(b"no document")
    built = memcon("index", "build", str(tmp_path / "papers"), archive=tmp_path / "archive")
    assert built.returncode == 3
    assert "a.docx: the file is damaged, or no ZIP archive" in built.stderr
    assert not (tmp_path / "archive" / "CURRENT").exists()
