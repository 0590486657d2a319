from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Document
from index.text.passages import TARGET_CHARS, TURN_CHARS, Passage, make_passages
from tests.support.archives import document

LABELS = ["Prime Minister", "President", "Foreign Minister"]


@st.composite
def invented_records(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Draw a record, and every sentence in it that may be quoted."""
    sentences: list[str] = []
    parts: list[str] = ["A Record of Talks"]

    def paragraph() -> str:
        count = draw(st.integers(1, 9))
        length = draw(st.integers(1, 30))
        own = [
            f"Delegate {len(sentences) + i} spoke of rice" + " and ōats" * length + "."
            for i in range(count)
        ]
        sentences.extend(own)
        between = draw(st.sampled_from([" ", " [TN: two lines blacked out] ", " [ix] "]))
        if between == " [ix] ":
            sentences[-count:-1] = [f"{words} [ix]" for words in own[:-1]]
        return between.join(own)

    for _ in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(["plain", "turn", "turn", "heading", "furniture"]))
        if kind == "turn":
            parts.append(f"({draw(st.sampled_from(LABELS))}) {paragraph()}")
        elif kind == "heading":
            parts += [f"Section {len(parts)}", paragraph()]
        elif kind == "furniture":
            parts += ["Share this page", paragraph()]
        else:
            parts.append(paragraph())
    return "\n\n".join(parts), sentences


def texts(document: Document, passages: list[Passage]) -> list[str]:
    return [passage.span.of(document.text) for passage in passages]


@given(invented_records())
def test_passages_hold_every_quotable_sentence_once(record: tuple[str, list[str]]) -> None:
    text, sentences = record
    passages = make_passages(document(text))
    held = [span.of(text) for passage in passages for span in passage.sentences]
    assert Counter(held) == Counter(sentences)


@given(invented_records())
def test_passages_keep_to_one_turn_and_one_section(record: tuple[str, list[str]]) -> None:
    found = document(record[0])
    passages = make_passages(found)
    headings = found.structure.headings
    for passage in passages:
        turns = [turn for turn in found.structure.turns if turn.span.overlaps(passage.span)]
        assert turns == ([passage.turn] if passage.turn else [])
        assert passage.turn is None or passage.turn.span.holds(passage.span)
        outside = (*headings, *found.structure.boilerplate)
        assert not any(
            span.overlaps(sentence) for span in outside for sentence in passage.sentences
        )
        assert not any(span.overlaps(passage.span) for span in headings)
        above = [span.of(found.text) for span in headings if span.end <= passage.span.start]
        assert passage.section == (above[-1] if above else None)
        assert passage.span.start == passage.sentences[0].start
        assert passage.span.end == passage.sentences[-1].end
    assert all(one.span.end <= other.span.start for one, other in pairwise(passages))


@given(invented_records())
def test_a_turn_that_fits_is_never_cut(record: tuple[str, list[str]]) -> None:
    found = document(record[0])
    counted = Counter(passage.turn for passage in make_passages(found) if passage.turn)
    for turn in found.structure.turns:
        if len(turn.span) <= TURN_CHARS:
            assert counted[turn] <= 1


@given(invented_records())
def test_a_passage_of_several_sentences_is_of_bounded_size(record: tuple[str, list[str]]) -> None:
    for passage in make_passages(document(record[0])):
        fits = passage.turn and len(passage.turn.span) <= TURN_CHARS
        limit = TURN_CHARS if fits else TARGET_CHARS
        assert len(passage.sentences) == 1 or len(passage.span) <= limit


def test_lines_with_labels_of_their_own_are_turns_of_their_own() -> None:
    text = (
        "(Prime Minister) The dues are too high. They must fall.\n"
        "(President) It is late. We shall go.\n"
    )
    passages = make_passages(document(text))
    assert [(p.turn.label if p.turn else None, p.span.of(text)) for p in passages] == [
        ("Prime Minister", "The dues are too high. They must fall."),
        ("President", "It is late. We shall go."),
    ]


def test_paragraphs_that_fit_are_not_torn() -> None:
    long = "Rice was spoken of once more. " * 20
    found = document(f"{long.strip()}\n\n{long.strip()}\n")
    assert texts(found, make_passages(found)) == [long.strip()] * 2


@pytest.mark.parametrize(
    "text", ["", " \n\n ", "A Heading", "Share this page", "[TN: blacked out]", "***"]
)
def test_a_text_without_quotable_sentence_has_no_passage(text: str) -> None:
    found = document(text)
    assert make_passages(found) == []


def test_boilerplate_and_headings_are_in_no_passage() -> None:
    text = (
        "Skip to main content\n\nHarbours of the North\n\nThe first harbour is small.\n\n"
        "The Second Harbour\n\nIt is larger by far. It has two piers.\n\n"
        "Notes\n\n1. See the first register.\n\n2. See the second register.\n"
    )
    found = document(text, title="Harbours of the North")
    passages = make_passages(found)
    assert [(p.section, p.passage_id) for p in passages] == [
        (None, f"d:{text.index('The first')}-{text.index('The Second') - 2}"),
        ("The Second Harbour", f"d:{text.index('It is')}-{text.index('Notes') - 2}"),
    ]
    assert texts(found, passages) == [
        "The first harbour is small.",
        "It is larger by far. It has two piers.",
    ]


def test_short_lines_one_after_another_are_a_list_that_is_found_and_quoted_whole() -> None:
    lines = ["PARTICIPANTS", "The Harbour Master", "Ada Quill, Keeper of the Light", "Bo Reed"]
    body = [f"They spoke of rice on day {place}." for place in range(9)]
    text = "\n\n".join(["Talks at Brixwold", *lines, *body])
    found = document(text, title="Talks at Brixwold")
    passages = make_passages(found)
    assert texts(found, passages)[0] == "\n\n".join(lines)
    assert passages[0].section is None
    assert len(passages[0].sentences) == 1
    assert [passage.section for passage in passages[1:]] == ["Bo Reed"]


def test_a_few_headings_one_below_the_other_are_no_list() -> None:
    found = document("Talks\n\nPart One\n\nThe Harbour\n\nThey spoke of rice.\n\nIt rained.")
    assert texts(found, make_passages(found)) == ["They spoke of rice.\n\nIt rained."]


def test_a_list_too_long_for_a_passage_is_more_than_one() -> None:
    lines = [f"Delegate Number {place} of the Harbour Board" for place in range(60)]
    body = [f"They spoke of rice on day {place}." for place in range(90)]
    found = document("\n\n".join(["Talks", *lines, *body]), title="Talks")
    passages = make_passages(found)
    lists = [words for words in texts(found, passages) if words.startswith("Delegate")]
    assert len(lists) > 1
    assert all(len(words) <= TARGET_CHARS for words in lists)
    assert "\n\n".join(lists) == "\n\n".join(lines)
