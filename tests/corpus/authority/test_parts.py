from dataclasses import replace

from corpus.authority.parts import part_at
from corpus.documents import (
    SUMMARY,
    Document,
    Enclosure,
    Provenance,
    Redaction,
    Span,
    Structure,
    hash_text,
)

TEXT = "Ash to Tarn. Rope is dear. Pine to Ash. Tar is cheap. A list. [Summary.] Yours, Ash."


def span(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words))


def reach(first: str, last: str) -> Span:
    return Span(span(first).start, span(last).end)


LETTER = Provenance(
    title="Ash to Tarn",
    kind="letter",
    creators=("Ash",),
    recipients=("Tarn",),
    signers=("Ada Ash",),
    document_date="1871-11-03",
    container="Papers of Brixwold",
    number="4",
    enclosures=(
        Enclosure(
            reach("Pine to Ash.", "A list."),
            title="Pine to Ash",
            creators=("Pine",),
            recipients=("Ash",),
            received_date="1871-10-02",
            printed_date="undated",
        ),
        Enclosure(span("A list.")),
    ),
)
DOCUMENT = Document(
    "d4",
    TEXT,
    LETTER,
    Structure(redactions=(Redaction(span("[Summary.]"), SUMMARY),)),
    "v.xml",
    hash_text(TEXT),
)


def test_words_of_an_enclosure_belong_to_its_own_writer() -> None:
    part = part_at(DOCUMENT, span("Tar is cheap."))
    assert part.writers == ("Pine",)
    assert part.name == "Pine to Ash, undated [received October 2, 1871]"
    assert part.enclosed_in == "enclosed in Ash to Tarn, November 3, 1871"
    # It is printed where its letter is.
    assert (part.provenance.container, part.provenance.number) == ("Papers of Brixwold", "4")


def test_an_enclosure_that_names_nobody_has_no_writer() -> None:
    part = part_at(DOCUMENT, span("A list."))
    assert (part.writers, part.name) == ((), None)
    assert part.enclosed_in == "enclosed in Pine to Ash, undated [received October 2, 1871]"


def test_an_enclosure_without_a_name_is_passed_over_on_the_way_out() -> None:
    nameless = Enclosure(reach("Pine to Ash.", "A list."))
    known = replace(LETTER, enclosures=(nameless, Enclosure(span("A list."))))
    part = part_at(replace(DOCUMENT, provenance=known), span("A list."))
    assert part.enclosed_in == "enclosed in Ash to Tarn, November 3, 1871"


def test_other_words_are_the_document_s() -> None:
    for words in ("Rope is dear.", "Yours, Ash."):
        part = part_at(DOCUMENT, span(words))
        assert (part.writers, part.enclosed_in, part.editorial) == (("Ash", "Ada Ash"), None, None)


def test_words_across_two_records_have_no_writer() -> None:
    for words in (reach("Rope is dear.", "Tar is cheap."), reach("Tar is cheap.", "Yours, Ash.")):
        assert part_at(DOCUMENT, words).writers == ()


def test_the_editors_words_are_named() -> None:
    assert part_at(DOCUMENT, span("[Summary.]")).editorial == "an editors’ summary"
