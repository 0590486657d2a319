import codecs

import pytest

from corpus.errors import UnreadableSource
from corpus.ingest.recognition import may_be_readable, recognise
from corpus.readers.formats import BY_SUFFIX
from tests.support.samples import RICE, make_samples, make_zip

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PAGE = "<!DOCTYPE html>\n<html><body>Rice</body></html>"


@pytest.mark.parametrize("name", make_samples())
def test_a_whole_file_is_what_its_name_says(name: str) -> None:
    data = make_samples()[name]
    kinds = {".tgz": ".gz"}
    suffix = f".{name.rsplit('.', 1)[1]}"
    assert recognise(name, data) == kinds.get(suffix, suffix)
    assert may_be_readable(name, data[:4096])


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("report.txt", b"%PDF-1.4 ...", ".pdf"),
        ("report", b"\n%PDF-1.4 ...", ".pdf"),
        ("notes.txt", b"A note on %PDF-1.4 files.", ".txt"),
        ("page.txt", PAGE.encode(), ".html"),
        ("page.md", b"\n\n<HTML>", ".html"),
        ("page.php", PAGE.encode(), ".html"),
        ("page", codecs.BOM_UTF16_LE + PAGE.encode("utf-16-le"), ".html"),
        ("page.htm", PAGE.encode(), ".htm"),
        ("page.xhtml", f"<?xml version='1.0'?><!-- x -->{PAGE}".encode(), ".xhtml"),
        ("page.xml", PAGE.encode(), ".xml"),
        ("talk.txt", b"<?xml version='1.0'?><TEI/>", ".xml"),
        ("talk.md", b"<em>Not</em> a page.", ".md"),
        ("sheet.docx", make_zip({"a.txt": RICE}), ".zip"),
        ("papers.txt", make_zip({"a.txt": RICE}), ".zip"),
        ("papers.zip", make_samples()["a.docx"], ".docx"),
        ("papers.docx", make_samples()["a.epub"], ".epub"),
        ("papers.zip", make_samples()["a.tar"], ".tar"),
        ("broken.docx", make_samples()["a.docx"][:500], ".docx"),
        ("table.csv", b"text\nrice", ".csv"),
    ],
)
def test_content_that_tells_its_kind_is_believed_before_the_name(
    name: str, data: bytes, kind: str
) -> None:
    assert recognise(name, data) == kind


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"\x89PNG\r\n\x1a\n", "a picture"),
        ("a.docx", OLE + bytes(600), "an old Microsoft Office file"),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"),
         "is encrypted with a password"),
        ("a.docx", make_zip({"xl/workbook.xml": ""}), "save its sheets as CSV"),
        ("a.odt", make_zip({"mimetype": "", "content.xml": ""}), "OpenDocument"),
        ("a.zip", b"Rar!\x1a\x07\0", "RAR"),
        ("a.xyz", b"\0\1\2", r"\(.xyz\)"),
        ("a", b"\0\1\2", "memcon does not read this kind of file"),
        ("a.exe", b"Only words.", r"\(.exe\)"),
        ("drawing.svg", b"<?xml version='1.0'?><svg/>", r"\(.svg\)"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_told_by_what_it_is(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason):
        recognise(name, data)


def test_a_kind_without_a_reader_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(BY_SUFFIX, ".pdf")
    with pytest.raises(UnreadableSource, match=r"does not read this kind of file \(.pdf\)"):
        recognise("a.txt", b"%PDF-1.4")
    assert not may_be_readable("a", b"%PDF-1.4")


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("notes", b"Only words.", ".txt"),
        ("Letter to Mr. Vane", b"Only words.", ".txt"),
        ("report.1993", "Größe".encode("cp1252"), ".txt"),
        ("report", codecs.BOM_UTF16_LE + "words".encode("utf-16-le"), ".txt"),
        ("17.", b"Message-ID: <1@a>\nFrom: a@b\nTo: c\n\nWords.", ".eml"),
        ("letter", b"From: Orla\nTo: Ivo\n\nWords.", ".txt"),
        ("box", b"From a@b Mon Nov  2 09:15:00 1998\nFrom: a@b\n\nWords.", ".mbox"),
        ("a.txt", b"From the sea in 1998\ncame a storm.", ".txt"),
    ],
)
def test_a_text_without_a_suffix_is_told_by_its_words(name: str, data: bytes, kind: str) -> None:
    assert recognise(name, data) == kind
