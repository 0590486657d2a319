import random
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corpus.documents import Document, Enclosure, Span
from corpus.errors import UsageError
from index.retrieval.archive import Archive
from index.text.folding import fold
from index.verifying.verification import Finding, verify
from tests.support.archives import build, document

CABLE = "us-japan-1993-94/cable-5517"
SENTENCE = "Cable no. 5517 states Japan's position on Russia: Japan backs reform in Russia"


# Each example of a property needs all documents.
@lru_cache(maxsize=1)
def read_all(archive: Archive) -> list[Document]:
    return [archive.document(row[0]) for row in archive.list_documents()]


@lru_cache(maxsize=1)
def sentences(archive: Archive) -> list[str]:
    """Return every indexed sentence of eight or more plain words on one line."""
    found = []
    for passage in archive.engine.passages(range(archive.manifest.passages)):
        text = archive.document(passage.doc_id).text
        found += [span.of(text) for span in passage.sentences]
    return [one for one in found if "\n" not in one and len(re.findall(r"[A-Za-z]+", one)) >= 8]


@lru_cache(maxsize=1)
def stored(archive: Archive) -> str:
    return " ".join(fold(each.text, join=True).text for each in read_all(archive))


@given(st.data())
def test_every_verbatim_span_is_exact(bundled: Archive, data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(read_all(bundled)))
    words = list(re.finditer(r"\S+", chosen.text))
    first = data.draw(st.integers(0, len(words) - 3))
    last = data.draw(st.integers(first + 2, min(first + 120, len(words) - 1)))
    quotation = chosen.text[words[first].start() : words[last].end()]
    assume(len(re.findall(r"\w+", quotation)) >= 3)
    found = verify(quotation, bundled)
    assert found.finding is Finding.EXACT
    assert found.text == quotation
    assert found.document
    assert found.span
    assert found.document.text[found.span.start : found.span.end] == quotation
    assert found.difference == ()


@pytest.mark.parametrize(
    "changed",
    [
        SENTENCE.replace("'", "’"),
        SENTENCE.upper(),
        SENTENCE.replace(" ", "\n  "),
        SENTENCE.replace(" ", "\u00a0"),
        SENTENCE.replace("reform", "re-\nform"),
        SENTENCE.replace("reform", "re\u00adform"),
        SENTENCE.replace("position on Russia", "position …"),
        SENTENCE.replace("states Japan's position ", "[...] "),
        SENTENCE.replace("reform", "\uff52\uff45\uff46\uff4f\uff52\uff4d"),
        f"«{SENTENCE.lower()}»",
    ],
)
def test_other_typography_is_told_from_other_words(bundled: Archive, changed: str) -> None:
    found = verify(changed, bundled)
    assert found.finding is Finding.TYPOGRAPHIC
    assert found.document
    assert found.document.doc_id == CABLE
    assert found.text == SENTENCE


@pytest.mark.parametrize("marks", ["“{}”", '"{}"', "‘{}’", "「{}」", "„{}“", "  {}\n"])
def test_quotation_marks_around_the_words_do_not_count(bundled: Archive, marks: str) -> None:
    found = verify(marks.format(SENTENCE), bundled)
    assert found.finding is Finding.EXACT
    assert found.text == SENTENCE


@given(st.data())
def test_curly_quotes_dashes_case_and_line_breaks_are_typographic(
    bundled: Archive, data: st.DataObject
) -> None:
    sentence = data.draw(st.sampled_from(sentences(bundled)))
    changed = data.draw(
        st.sampled_from([str.upper, str.swapcase, lambda s: s.replace(" ", "\r\n")])
    )
    given_words = changed(sentence.replace("-", "\u2013").replace("'", "’"))
    found = verify(given_words, bundled)
    assert found.finding is Finding.TYPOGRAPHIC
    assert fold(found.text or "", join=True).text == fold(sentence, join=True).text


@given(st.data())
def test_one_word_changed_put_in_or_left_out_is_altered(
    bundled: Archive, data: st.DataObject
) -> None:
    sentence = data.draw(st.sampled_from(sentences(bundled)))
    words = sentence.split()
    place = data.draw(st.integers(1, len(words) - 2))
    word = words[place]
    assume(word.isalpha())
    change = data.draw(st.sampled_from(["changed", "inserted", "deleted"]))
    match change:
        case "changed":
            words[place] = "xylophone"
        case "inserted":
            words.insert(place, "not")
        case _:
            del words[place]
    given_words = " ".join(words)
    assume(fold(given_words, join=True).text not in stored(bundled))
    found = verify(given_words, bundled)
    assert found.finding is Finding.ALTERED
    put_in = " ".join(piece.words for piece in found.difference if piece.kind == "inserted")
    left_out = " ".join(piece.words for piece in found.difference if piece.kind == "deleted")
    if change != "deleted":
        assert {"changed": "xylophone", "inserted": "not"}[change] in put_in.split()
    if change != "inserted":
        assert word in left_out
    for piece in found.difference:
        where = given_words if piece.kind == "inserted" else found.text or ""
        assert piece.words in " ".join(where.split())


def test_the_difference_reads_from_the_stored_words_to_the_given_ones(bundled: Archive) -> None:
    found = verify(SENTENCE.replace("backs", "opposes").replace("Cable", "Telegram"), bundled)
    assert found.finding is Finding.ALTERED
    assert found.text == SENTENCE
    assert [(piece.kind, piece.words) for piece in found.difference] == [
        ("deleted", "Cable"),
        ("inserted", "Telegram"),
        ("same", "no. 5517 states Japan's position on Russia: Japan"),
        ("deleted", "backs"),
        ("inserted", "opposes"),
        ("same", "reform in Russia"),
    ]


@pytest.mark.parametrize(
    "foreign",
    [
        "The whale oil lamps of the harbour were lit by the keeper every evening.",
        "It was the best of times, it was the worst of times.",
        "Ask not what your country can do for you",
        "to be or not to be",
        "吾輩は猫である。名前はまだ無い。",
        "of the and",
        "le renard brun saute par-dessus le chien paresseux",
    ],
)
def test_foreign_sentences_are_not_found(bundled: Archive, foreign: str) -> None:
    found = verify(foreign, bundled)
    assert found.finding is Finding.NOT_FOUND
    assert (found.document, found.span, found.turn, found.text) == (None, None, None, None)


@pytest.mark.parametrize("bad", ["", "  ", "“”", "word", "… …", "x" * 5001, "a b " * 1300, "\x00"])
def test_what_is_no_quotation_is_refused(bundled: Archive, bad: str) -> None:
    with pytest.raises(UsageError):
        verify(bad, bundled)


def test_a_turn_is_named_where_it_holds_the_words(records: Archive) -> None:
    found = verify("Harbour dues are settled by the port of Nagasaki alone.", records)
    assert found.finding is Finding.EXACT
    assert found.turn
    assert found.turn.label == "Prime Minister"
    across = verify("and should grow. (Prime Minister) Harbour dues are", records)
    assert across.finding is Finding.TYPOGRAPHIC
    assert across.turn is None


def test_furniture_and_headings_are_searched_too(records: Archive) -> None:
    assert verify("Read more", records).finding is Finding.EXACT
    assert verify("read  MORE", records).finding is Finding.TYPOGRAPHIC
    assert verify("A Ledger of the Lighthouse", records).finding is Finding.EXACT


@pytest.mark.parametrize(
    "cut", ["ettled by the port", "lit the lamp 1", "456 times in the year", "settled by the por"]
)
def test_a_cut_word_or_number_is_not_exact(records: Archive, cut: str) -> None:
    assert verify(cut, records).finding is not Finding.EXACT


def test_parts_between_ellipses_must_stand_in_order(records: Archive) -> None:
    right = verify("The lumber trade … is worth $59 bn", records)
    assert right.finding is Finding.TYPOGRAPHIC
    assert right.caveat is None
    shorter = verify("The lumber trade … new treaty.", records)
    assert shorter.finding is Finding.TYPOGRAPHIC
    assert shorter.caveat == "The quotation leaves out words that stand between: 2."
    wrong = verify("is worth $59 bn … The harbour dues of Nagasaki", records)
    assert wrong.finding is not Finding.TYPOGRAPHIC


@given(st.text(alphabet="abﬁé e\u0301-\n\u00ad–—“”'\".… \u00a0ßİｱﾞ", max_size=60), st.booleans())
def test_every_folded_character_leads_back_to_the_text(text: str, join: bool) -> None:
    folded = fold(text, join=join)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert folded.starts == sorted(folded.starts)
    assert all(
        0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True)
    )


@given(st.text(max_size=200))
def test_any_words_at_all_are_verified_or_refused(records: Archive, words: str) -> None:
    try:
        found = verify(words, records)
    except UsageError:
        return
    assert (found.document is None) == (found.finding is Finding.NOT_FOUND)
    assert bool(found.parts) == (found.finding is Finding.SPLICED)


def test_a_long_quotation_with_many_altered_words_is_altered(bundled: Archive) -> None:
    words = max((each.text for each in read_all(bundled)), key=len)[:4900].split()
    shuffled = random.Random(7)
    for place in range(0, len(words), 9):
        words[place] = shuffled.choice(words)
    assert verify(" ".join(words), bundled).finding is Finding.ALTERED


def test_words_from_two_documents_are_spliced(records: Archive) -> None:
    found = verify(
        "He wrote every storm into his ledger. The lumber trade needs no new treaty.", records
    )
    assert found.finding is Finding.SPLICED
    assert [(part.document.doc_id, part.text) for part in found.parts] == [
        ("ledger", "He wrote every storm into his ledger"),
        ("telegram", "The lumber trade needs no new treaty"),
    ]
    assert found.document == found.parts[0].document


@given(st.data())
def test_two_distant_sentences_are_spliced_and_every_part_is_verbatim(
    bundled: Archive, data: st.DataObject
) -> None:
    plain = [each for each in sentences(bundled) if each.replace(" ", "").isalpha()]
    plain = plain or sentences(bundled)
    first, second = data.draw(st.sampled_from(plain)), data.draw(st.sampled_from(plain))
    joined = f"{first} {second}"
    assume(fold(joined, join=True).text not in stored(bundled))
    found = verify(joined, bundled)
    assert found.finding in {Finding.SPLICED, Finding.ALTERED}
    for part in found.parts:
        assert fold(part.text, join=True).text in fold(joined, join=True).text
    if found.finding is Finding.SPLICED:
        assert len(found.parts) > 1


def test_an_ellipsis_between_two_speakers_is_a_splice(records: Archive) -> None:
    found = verify("The rice question is another matter. … The small shipping firms", records)
    assert found.finding is Finding.SPLICED
    assert len(found.parts) == 2
    within = verify("We welcome lower harbour dues. … small shipping firms of Oregon", records)
    assert within.finding is Finding.TYPOGRAPHIC


def test_a_sentence_left_out_is_shown_as_left_out(records: Archive) -> None:
    found = verify(
        "The lighthouse keeper Ogata Ren lit the lamp 1,456 times in the year 1921. "
        "The ledger was found in Hakodate in 1958.",
        records,
    )
    assert found.finding is Finding.ALTERED
    assert ("deleted", "He wrote every storm into his ledger.") in [
        (piece.kind, piece.words) for piece in found.difference
    ]


@pytest.mark.parametrize(
    ("name", "attribution"),
    [("Prime Minister", True), ("prime minister", True), ("President", None), ("", None)],
)
def test_the_record_may_leave_open_whose_office_it_is(
    records: Archive, name: str, attribution: bool | None
) -> None:
    found = verify("Harbour dues are settled by the port of Nagasaki alone.", records, name)
    assert (found.finding, found.attribution) == (Finding.EXACT, attribution)


@pytest.fixture(scope="module")
def attributed(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Archive]:
    """Build an archive of turns whose speakers are known, and of a text read from a scan."""
    record = (
        "(Prime Minister) The ferries of the strait will be paid for by both sides.\n\n"
        "(Clinton) The ferries of the strait are a matter for the states alone.\n"
    )
    scan = "The clerk rernarked that the harbonr was closed for the whole of the winter.\n"
    note = "The ferries of the strait are a matter for the states alone.\n"
    archive = build(
        tmp_path_factory.mktemp("attributed") / "archive",
        cache,
        document(
            record,
            "record",
            title="Record of the Ferry Talks",
            side="Japan",
            event_date="1993-09-27",
            people=("Bill Clinton", "Hosokawa Morihiro"),
        ),
        document(note, "note", title="A Note on Ferries", creators=("Kuriyama Takakazu",)),
        document(scan, "scan", title="A Scan", extraction="OCR"),
    )
    yield archive
    archive.close()


@pytest.mark.parametrize(
    "name", ["Hosokawa Morihiro", "Morihiro Hosokawa", "細川護熙", "Hosokawa", "Prime Minister"]
)
def test_a_speaker_is_known_under_every_form_of_his_name(attributed: Archive, name: str) -> None:
    words = "The ferries of the strait will be paid for by both sides."
    found = verify(words, attributed, name)
    assert (found.finding, found.attribution) == (Finding.EXACT, True)


@pytest.mark.parametrize("name", ["Bill Clinton", "Gore", "Miyazawa Kiichi", "A Note on Ferries"])
def test_right_words_from_somebody_else_are_misattributed(attributed: Archive, name: str) -> None:
    words = "The ferries of the strait will be paid for by both sides."
    found = verify(words, attributed, name)
    assert (found.finding, found.attribution) == (Finding.MISATTRIBUTED, False)
    assert found.text == words
    assert found.turn
    assert found.turn.name == "Hosokawa Morihiro"


@pytest.mark.parametrize(
    ("name", "doc_id"),
    [
        ("Clinton", "record"),
        ("Kuriyama", "note"),
        ("A Note on Ferries", "note"),
        ("record", "record"),
    ],
)
def test_of_several_places_the_one_that_is_attributed_so_is_shown(
    attributed: Archive, name: str, doc_id: str
) -> None:
    found = verify("The ferries of the strait are a matter for the states alone.", attributed, name)
    assert (found.finding, found.attribution) == (Finding.EXACT, True)
    assert found.document
    assert found.document.doc_id == doc_id


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Archive]:
    """Build an archive of letters: one encloses a note, one is signed for an office."""
    covering = "I send you the note that was left at the customs house on Monday.\n\n"
    note = "The [old] ferry [12] will not cross the sound again before the spring thaw.\n"
    order = "All vessels of the line shall keep their lamps lit through the night.\n"
    span = Span(len(covering), len(covering) + len(note))
    enclosure = Enclosure(span, creators=("Count Brandt",), recipients=("Ellery",))
    unnamed = Enclosure(span)
    archive = build(
        tmp_path_factory.mktemp("letters") / "archive",
        cache,
        document(covering + note, "letter", creators=("Ellery",), enclosures=(enclosure,)),
        document(
            covering.replace("note", "list") + note.replace("ferry", "barge"),
            "list",
            creators=("Ellery",),
            enclosures=(unnamed,),
        ),
        document(
            order,
            "order",
            title="The President to the Harbour Board (Thorne)",
            creators=("Rufus B. Thorne",),
        ),
        document("It [sic] rained in teh harbour all day.\n", "log", kind="editorial note"),
    )
    yield archive
    archive.close()


@pytest.mark.parametrize(
    ("words", "name", "finding", "attribution"),
    [
        ("will not cross the sound again", "Brandt", Finding.EXACT, True),
        ("ferry [12] will not cross the sound", "Ellery", Finding.MISATTRIBUTED, False),
        ("barge [12] will not cross the sound", "Ellery", Finding.EXACT, None),
        ("left at the customs house on Monday", "Mr. Ellery", Finding.EXACT, True),
        ("shall keep their lamps lit", "Thorne", Finding.EXACT, True),
        ("shall keep their lamps lit", "President Rufus Thorne", Finding.EXACT, True),
        ("shall keep their lamps lit", "Silas Thorne", Finding.MISATTRIBUTED, False),
        ("shall keep their lamps lit", "the President", Finding.EXACT, True),
        ("rained in teh harbour", "Thorne", Finding.EXACT, None),
    ],
)
def test_words_are_their_own_records_writers(
    letters: Archive, words: str, name: str, finding: Finding, attribution: bool | None
) -> None:
    found = verify(words, letters, name)
    assert (found.finding, found.attribution) == (finding, attribution)


def test_the_editors_words_are_said_to_be_theirs(letters: Archive) -> None:
    caveat = verify("rained in teh harbour", letters).caveat
    assert caveat
    assert "an editorial note" in caveat
    assert verify("shall keep their lamps lit", letters).caveat is None


def test_literal_brackets_are_tried_before_the_quotations_own(letters: Archive) -> None:
    literal = verify("It [sic] rained in teh harbour", letters)
    assert (literal.finding, literal.brackets) == (Finding.EXACT, ())
    own = verify("[S]hall keep their lamps [at the mast] lit", letters, "Thorne")
    assert (own.finding, own.attribution) == (Finding.BRACKETED, True)
    assert own.brackets == ("[S]", "[at the mast]")
    assert own.text == "shall keep their lamps lit"
    assert own.finding.is_found
    altered = verify("[S]hall keep their blinds [at the mast] drawn", letters)
    assert altered.finding in {Finding.ALTERED, Finding.NOT_FOUND}


def test_misread_letters_of_a_scan_are_told_from_changed_words(attributed: Archive) -> None:
    right = "The clerk remarked that the harbour was closed for the whole of the winter."
    found = verify(right, attributed)
    assert found.finding is Finding.SCANNED
    assert found.finding.is_found
    assert {piece.words for piece in found.difference if piece.kind == "deleted"} == {
        "rernarked",
        "harbonr",
    }
    for changed in (right.replace("was closed", "was not closed"), right.replace("winter", "war")):
        assert verify(changed, attributed).finding is Finding.ALTERED


def test_a_hyphen_at_the_end_of_a_line_is_the_lines_or_the_words() -> None:
    text = document("The cur-\nrency of a long-\nterm loan.").text
    assert "currency" in fold(text, join=True).text
    assert "long-term" in fold(text, join=False).text
