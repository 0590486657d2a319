import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import Document
from index.answering import quotations
from index.answering.features import share
from index.answering.quotations import PASSAGES, Quote, select_quotes
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.text.sentences import split_sentences
from tests.support.invented import LEDGER, TELEGRAM, invented

WORDS = sorted({word for each in invented() for word in each.text.split()})


def quotes(archive: Archive, question: str, limit: int = 3) -> list[Quote]:
    query = archive.parse_query(question)
    return select_quotes(query, archive.search(query, Filters(), PASSAGES), archive, limit)


def whole_sentences(document: Document) -> set[tuple[int, int]]:
    structure = document.structure
    blocks = [*structure.blocks, *(turn.span for turn in structure.turns)]
    return {(s.start, s.end) for block in blocks for s in split_sentences(document, block)}


@pytest.mark.parametrize(
    ("question", "label", "text"),
    [
        (
            "What is the lumber trade worth?",
            "Prime Minister",
            "The lumber trade needs no new treaty.",
        ),
        (
            "How long have the small shipping firms of Oregon waited?",
            "President",
            "The small shipping firms of Oregon have waited for nine years.",
        ),
        (
            "Which dues of Nagasaki should be lowered before the spring?",
            "Prime Minister",
            "The harbour dues of Nagasaki should be lowered before the spring.",
        ),
        (
            "How many barrels of kerosene did the keeper buy?",
            None,
            "The keeper bought forty barrels of kerosene each autumn.",
        ),
    ],
)
def test_the_best_quotation_is_a_whole_sentence_of_one_speaker(
    question: str, label: str | None, text: str, records: Archive
) -> None:
    best = quotes(records, question)[0]
    assert best.text == text
    assert (best.turn.label if best.turn else None) == label


def test_a_sentence_that_leans_takes_the_one_before(records: Archive) -> None:
    best = quotes(records, "Who wrote every storm into his ledger?")[0]
    assert best.text == (
        "The lighthouse keeper Ogata Ren lit the lamp 1,456 times in the year 1921. "
        "He wrote every storm into his ledger."
    )
    best = quotes(records, "Would this help small shipping firms of Kyushu?")[0]
    assert best.text == (
        "The harbour dues of Nagasaki should be lowered before the spring. "
        "This would help the small shipping firms of Kyushu."
    )


def test_the_same_words_are_not_quoted_twice(records: Archive) -> None:
    found = quotes(records, "How many times did Ogata Ren light the lamp in 1921?", 10)
    sentence = "The lighthouse keeper Ogata Ren lit the lamp 1,456 times in the year 1921."
    assert sum(sentence in quote.text for quote in found) == 1


def test_there_are_as_many_quotations_as_asked_for_at_most(records: Archive) -> None:
    question = "What of the harbour dues and the small shipping firms?"
    many = quotes(records, question, 4)
    assert len(many) > 1
    for limit in (1, 2):
        assert quotes(records, question, limit) == many[:limit]


def test_without_hits_there_are_no_quotations(records: Archive) -> None:
    assert select_quotes(records.parse_query("dues"), [], records, 3) == []


@settings(max_examples=20)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join))
def test_no_quotation_crosses_a_turn_or_redaction_or_holds_boilerplate(
    records: Archive, question: str
) -> None:
    found = quotes(records, question, 5)
    assert found
    for quote in found:
        structure, span = quote.document.structure, quote.span
        turns = [turn for turn in structure.turns if turn.span.overlaps(span)]
        assert turns == ([quote.turn] if quote.turn else [])
        assert all(turn.span.holds(span) for turn in turns)
        assert not any(redaction.span.overlaps(span) for redaction in structure.redactions)
        assert not any(area.overlaps(span) for area in structure.boilerplate)
        assert not any(heading.overlaps(span) for heading in structure.headings)
        bounds = whole_sentences(quote.document)
        assert span.start in {start for start, _ in bounds}
        assert span.end in {end for _, end in bounds}
        before, after = quote.context
        assert (before.end, after.start) == (span.start, span.end)
        around = [b for b in structure.blocks if b.overlaps(span)]
        assert around[0].start <= before.start
        assert after.end <= around[-1].end
    scores = [quote.score for quote in found]
    assert scores == sorted(scores, reverse=True)
    assert not any(
        one.document == other.document and one.span.overlaps(other.span)
        for place, one in enumerate(found)
        for other in found[:place]
    )


def test_context_is_what_stands_around(records: Archive) -> None:
    text = "He wrote every storm into his ledger."
    best = quotes(records, "Where was the ledger found in 1958?")[0]
    assert best.text == "The ledger was found in Hakodate in 1958."
    before, after = best.context
    assert before.of(LEDGER).endswith(f"{text} ")
    assert after.of(LEDGER) == ""
    assert "Read more" in TELEGRAM


@pytest.mark.parametrize(
    ("weights", "held", "wanted"),
    [
        ({"rice": 2.0}, {"rice"}, 1.0),
        ({"rice": 2.0, "salt": 2.0}, {"rice"}, 0.5),
        ({"rice": 1.0, "say": 0.3}, {"rice"}, 1 / 1.3),
        ({"rice": 2.0}, set(), 0.0),
        ({}, {"rice"}, 0.0),
    ],
)
def test_coverage_is_a_share_of_weight(
    weights: dict[str, float], held: set[str], wanted: float
) -> None:
    assert share(weights, held) == pytest.approx(wanted)


def test_another_sentence_of_a_quoted_document_counts_for_less(
    records: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "What is said of the harbour dues?"
    monkeypatch.setattr(quotations, "_WORTH", -math.inf)
    first, second = quotes(records, question, 2)
    assert first.document == second.document
    monkeypatch.setattr(quotations, "_ANOTHER", -50.0)
    documents = [quote.document.doc_id for quote in quotes(records, question, 2)]
    assert documents[0] == first.document.doc_id
    assert len(set(documents)) == 2
