import pytest

from corpus.authority.attribution import attribute_words
from corpus.authority.parts import part_at
from corpus.documents import QUOTATION, Document, Span
from tests.support.archives import document

LONG = "The harbour master reports that " + "tar and rope are dear, " * 6 + "and hay is cheap."


def find(known: Document, words: str) -> Span:
    start = known.text.index(words)
    return Span(start, start + len(words))


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("TEXT OF NOTE FOLLOWS:", "END TEXT."),
        ("TEXT FOLLOWS. BEGIN TEXT:", "END OF TEXT."),
        ("Begin text:", "End text."),
        ("HE SAID QUOTE", "UNQUOTE."),
    ],
)
def test_what_a_cable_gives_in_full_is_not_its_sender_s(opening: str, closing: str) -> None:
    known = document(
        f"1. Rope is dear. {opening}\n\nTar is cheap.\n\n{closing} 2. Corn is up.",
        kind="cable",
        creators=("Ash",),
    )
    (enclosure,) = known.provenance.enclosures
    assert (enclosure.kind, enclosure.span.of(known.text)) == (QUOTATION, "Tar is cheap.")
    assert part_at(known, find(known, "Tar is cheap.")).writers == ()
    assert part_at(known, find(known, "Corn is up.")).writers == ("Ash",)


def test_a_text_that_never_ends_is_not_certain() -> None:
    known = document("TEXT OF NOTE FOLLOWS: Tar is cheap. The text of the note ends in hay.")
    assert known.provenance.enclosures == ()


def test_a_numbered_enclosure_stands_in_its_letter() -> None:
    known = document(
        f"Sir: Rope is dear.\n\nAsh\n\nEnclosure 1\n\n{LONG}\n\n[Enclosure]\n\n{LONG}",
        kind="letter",
        creators=("Ash",),
        recipients=("Tarn",),
    )
    assert len(known.provenance.enclosures) == 2
    span = find(known, "hay is cheap.")
    assert part_at(known, span).writers == ()
    assert attribute_words(known, span, None) == "From a document, enclosed in Ash to Tarn"


@pytest.mark.parametrize("list_of", ["Enclosure", "Enclosure 1", "Enclosures:", "[Enclosure]"])
def test_a_list_of_enclosures_encloses_nothing(list_of: str) -> None:
    known = document(f"Sir: Rope is dear.\n\nAsh\n\n{list_of}\n\nA list of ships.", kind="letter")
    assert known.provenance.enclosures == ()
