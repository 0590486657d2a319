import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import UsageError
from corpus.readers import Reading, Skipped
from corpus.readers.pdf.ocr import check_ocr
from corpus.readers.pdf.reader import read_pdf
from tests.support.pdf_maker import Telegram, make_pdf, print_cable, scan, set_lines, sheet

LINES = [
    "The harbour master wrote to the council in April.",
    "He asked for two more boats and a new lantern.",
]


@pytest.fixture
def _tesseract() -> None:
    if shutil.which("tesseract") is None:
        pytest.skip("needs the program tesseract")


@pytest.mark.usefixtures("_tesseract")
def test_a_scan_is_read_and_says_that_it_was_read_by_a_machine() -> None:
    scanned = scan(make_pdf([set_lines(LINES, size=14)]))
    (reading,) = read_pdf(scanned, ocr="eng")
    assert isinstance(reading, Reading)
    assert reading.text == "\n".join(LINES)
    assert reading.provenance.extraction == "OCR"


@pytest.mark.usefixtures("_tesseract")
def test_a_scanned_cable_is_read_as_a_cable() -> None:
    (reading,) = read_pdf(scan(print_cable(Telegram().lines(), sheet())), ocr="eng")
    assert isinstance(reading, Reading)
    known = reading.provenance
    assert (known.kind, known.creators, known.document_date) == (
        "cable",
        ("AMEMBASSY ELSINORE",),
        "1977-02-14",
    )


@pytest.mark.usefixtures("_tesseract")
def test_a_language_that_is_not_installed_is_named_with_the_command_that_brings_it() -> None:
    assert check_ocr("eng").startswith("tesseract ")
    with pytest.raises(UsageError, match=r"no language tlh; it has .*eng") as error:
        check_ocr("eng+tlh")
    assert error.value.mend == "apt install tesseract-ocr-tlh"


def test_without_tesseract_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UsageError, match="tesseract, which is not installed") as error:
        check_ocr("eng")
    assert error.value.mend
    assert "apt install" in error.value.mend


def test_a_page_that_cannot_be_recognised_is_skipped_and_the_rest_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        return subprocess.CompletedProcess([], 1, b"", b"reading\nout of ink\n")

    monkeypatch.setattr(subprocess, "run", fail)
    words = set_lines(LINES, size=14)
    mixed = scan(make_pdf([words, words]), hidden=[words, []])
    reading, skipped = read_pdf(mixed, ocr="eng")
    assert isinstance(reading, Reading)
    assert reading.text == "\n".join(LINES)
    assert skipped == Skipped("page 2", "OCR failed: out of ink")


@pytest.mark.usefixtures("_tesseract")
def test_ocr_is_asked_for_at_a_build_and_remembered(
    memcon: Callable[..., Any], tmp_path: Path
) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    (folder / "harbour.pdf").write_bytes(scan(make_pdf([set_lines(LINES, size=14)])))
    (folder / "note.txt").write_text("The lantern was lit in May.\n")
    archive = tmp_path / "archive"
    built = memcon("index", "build", str(folder), archive=archive)
    assert "harbour.pdf: its pages are without text" in built.stderr
    assert "memcon index build --ocr" in built.stderr
    built = memcon("index", "build", "--ocr", archive=archive)
    assert (built.returncode, "2 documents" in built.stderr) == (0, True), built.stderr
    asked = memcon("ask", "Who asked for two more boats?", archive=archive)
    assert "two more boats" in asked.stdout
    assert "text read by OCR" in asked.stdout
    (folder / "note.txt").write_text("The lantern was lit in June.\n")
    built = memcon("index", "build", archive=archive)
    assert "2 documents" in built.stderr, "remembered"
    built = memcon("index", "build", "--no-ocr", archive=archive)
    assert "1 document" in built.stderr, "given up"
