import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.documents import Document, Provenance
from corpus.ingest.sources import SourceFile as File
from corpus.ingest.sources import bundled_collection
from tests.support.archives import read_all

ARCHIVE = "https://digitalarchive.wilsoncenter.org/document"
ADDRESSES = {
    f"{ARCHIVE}/240298",
    f"{ARCHIVE}/cable-no-1456-ambassador-kuriyama-foreign-minister-japan-united-states-summit-meeting",
    f"{ARCHIVE}/cable-no-5514-ambassador-hatano-foreign-minister-japan-united-states-summit-meeting",
    f"{ARCHIVE}/record-japan-united-states-summit-meeting",
    "https://www.gpo.gov/fdsys/pkg/WCPD-1993-07-12/html/WCPD-1993-07-12-Pg1270.htm",
    "https://www.wilsoncenter.org/blog-post/clinton-miyazawa-and-hosokawa-us-japanese-relations-lost-decade",
}
_TEMPLATE = re.compile(
    r"\{\{|\}\}|\{%|%\}|\$\{|<<|>>|<[A-Z_ ]{2,}>"
    r"|\b(?:TODO|FIXME|TBD|XXX|lorem ipsum)\b|\[(?:NAME|DATE|TITLE|URL)\]"
)
FILES = sorted(bundled_collection().iterdir())


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def own(request: pytest.FixtureRequest) -> Document:
    path: Path = request.param
    source = File(path, f"{path.parent.name}/{path.name}")
    (document,) = source.read(source.fetch())
    assert isinstance(document, Document)
    return document


def addresses(provenance: Provenance) -> Iterator[str]:
    if provenance.url:
        yield provenance.url
    yield from (source.url for source in provenance.sources if source.url)
    if provenance.about:
        yield from addresses(provenance.about)


def test_the_collection_is_read_whole_and_without_problems() -> None:
    documents, problems = read_all(bundled_collection())
    assert problems == []
    assert len(documents) == len(FILES) >= 30
    assert len({document.sha256 for document in documents}) == len(documents)
    assert all(document.doc_id.startswith("us-japan-1993-94/") for document in documents)


def test_every_document_is_as_long_as_an_abstract_ought_to_be(own: Document) -> None:
    assert 150 <= len(own.text.split()) <= 600


def test_every_document_says_what_it_is_and_what_it_is_about(own: Document) -> None:
    provenance = own.provenance
    assert provenance.title
    assert provenance.kind in {"abstract", "background"}
    assert provenance.creators == ("memcon",)
    assert provenance.collection == "us-japan-1993-94"
    assert provenance.about is not None
    assert provenance.about.kind
    assert provenance.about.title or provenance.about.subject
    assert provenance.sources
    assert all(source.title for source in provenance.sources)


def test_every_address_is_one_that_was_seen(own: Document) -> None:
    assert set(addresses(own.provenance)) <= ADDRESSES
    assert set(re.findall(r"https?://[^\s)>\"']+", own.text)) <= ADDRESSES


def test_every_word_of_a_document_is_written_out(own: Document) -> None:
    assert _TEMPLATE.findall(Path(own.source).read_text(encoding="utf-8")) == []


def test_every_document_begins_with_its_title_and_has_no_boilerplate(own: Document) -> None:
    assert own.structure.headings[0].of(own.text) == own.title
    assert own.structure.boilerplate == ()
    assert own.structure.turns == ()


def test_the_check_for_template_marks_finds_them() -> None:
    for text in ("a {{ name }}", "${x}", "TODO: write", "from <NAME> to", "{% if %}", "[DATE]"):
        assert _TEMPLATE.search(text), text
