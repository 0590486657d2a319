from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Span
from index.text.sentences import is_complete, split_sentences
from tests.support.archives import document


def sentences(text: str) -> list[str]:
    found = document(text)
    return [
        span.of(text) for block in found.structure.blocks for span in split_sentences(found, block)
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "The U.S. side replied at once.",
        "See outgoing cable No. 1456 of that day.",
        "See Nos. 1456 and 1459.",
        "Mr. Sato and Mrs. Ono spoke with Dr. Ito.",
        "They met at 10 a.m. in Tokyo.",
        "They met at 1:30 p.m. Tokyo time.",
        "The surplus came to $59 bn in that year.",
        "It rose by 6.5 percent to 1,456 cases.",
        "He flew to Washington, D.C. on Friday.",
        "The talks in Geneva were hard.[ix]",
        "The talks in Geneva were hard. [ix]",
        "The talks in Geneva were hard.[12][13]",
        "“We shall see.”",
        "Will they come?",
    ],
)
def test_a_sentence_is_not_cut(sentence: str) -> None:
    following = "The minister left the hall."
    assert sentences(f"{sentence} {following} {sentence}") == [sentence, following, sentence]


def test_japanese_sentences_end_at_their_own_stops() -> None:
    assert sentences("首相は反対した。大統領は「分かった」と述べた。") == [
        "首相は反対した。",
        "大統領は「分かった」と述べた。",
    ]


@pytest.mark.parametrize(
    ("text", "quotable"),
    [
        (
            "Rice came first. [TN: two lines blacked out] The rest was calm.",
            ["Rice came first.", "The rest was calm."],
        ),
        ("Rice came first. ███ The rest was calm.", ["Rice came first.", "The rest was calm."]),
        ("He named [TN: name blacked out] and left. The rest was calm.", ["The rest was calm."]),
        (
            "Rice came first. [TN: part blacked out] and then he left. The rest was calm.",
            ["Rice came first.", "The rest was calm."],
        ),
        ("Rice came [TN: end of sentence blacked out]", []),
        ("[TN: text deleted] The rest was calm.", ["The rest was calm."]),
        ("[TN: text deleted] was calm.", []),
        ("One came. [not declassified] [not declassified] Two left.", ["One came.", "Two left."]),
        ("[TN: blacked out]", []),
    ],
)
def test_no_sentence_bridges_a_redaction(text: str, quotable: list[str]) -> None:
    assert sentences(text) == quotable


def test_remarks_and_glosses_of_the_translator_do_not_cut() -> None:
    text = "He spoke of it [North American Free Trade Agreement (NAFTA)] at length."
    assert sentences(text) == [text]


def test_offsets_count_code_points() -> None:
    text = "𠮷野 ate 🙂 at Ōta’s — naïve. Ōmi spoke. 首相は笑った。\n\nÉtat left."
    found = document(text)
    spans = [s for block in found.structure.blocks for s in split_sentences(found, block)]
    assert spans[0] == Span(0, text.index(" Ōmi"))
    assert "Ōmi spoke." in {span.of(text) for span in spans}
    assert spans[-1] == Span(text.index("État"), len(text))


@pytest.mark.parametrize("text", ["", "…", "* * *", "-- 🙂"])
def test_what_has_no_letter_or_digit_is_no_sentence(text: str) -> None:
    assert sentences(text) == []


@pytest.mark.parametrize("whole", ["He left.", "Why?", "“No!”", "Done.[ix]", "笑った。", "(End.)"])
def test_a_sentence_with_a_stop_is_complete(whole: str) -> None:
    assert is_complete(whole)


@pytest.mark.parametrize("part", ["Trade talks", "rice,", "He said:", "No. 5 of", "首相"])
def test_a_heading_or_item_is_not_complete(part: str) -> None:
    assert not is_complete(part)


PIECES = st.sampled_from(
    [
        "The U.S. side agreed.",
        "No. 1456",
        "He left",
        "and then",
        "Mr. Ōta",
        "came.",
        "🙂",
        "(1)",
        "[TN: two lines blacked out]",
        "[TN: sic]",
        "███",
        "[ix]",
        "[not declassified]",
        "…",
        "?",
        "首相は反対した。",
        "笑った",
        "$59 bn.",
        "“Yes.”",
        "10 a.m.",
        "Naïve é",
        "é",
        "a.",
        "\n",
        "!",
    ]
)


@given(st.lists(PIECES, max_size=14).map(" ".join) | st.text(max_size=80))
def test_sentences_are_ordered_disjoint_in_the_block_and_whole(text: str) -> None:
    found = document(text)
    removed = [r.span for r in found.structure.redactions if r.kind == "redaction"]
    for block in found.structure.blocks:
        spans = split_sentences(found, block)
        assert all(block.holds(span) for span in spans)
        assert all(one.end <= other.start for one, other in pairwise(spans))
        assert not any(span.overlaps(cut) for span in spans for cut in removed)
        for span in spans:
            words = span.of(text)
            assert words == words.strip()
            assert any(char.isalnum() for char in words)


@given(st.lists(PIECES, max_size=14).map(" ".join))
def test_what_stands_before_a_block_only_moves_its_sentences(text: str) -> None:
    before = "🙂𠮷é\n\n"
    alone, moved = document(text), document(before + text)
    first = split_sentences(alone, Span(0, len(text)))
    second = split_sentences(moved, Span(len(before), len(before + text)))
    assert second == [Span(s.start + len(before), s.end + len(before)) for s in first]


def test_a_line_that_begins_with_a_year_begins_no_item_of_a_list() -> None:
    made = document("THE FLEET WAS SOLD IN THE SPRING OF\n1963. IT WAS NEVER BOUGHT BACK.")
    whole = Span(0, len(made.text))
    assert [span.of(made.text) for span in split_sentences(made, whole)] == [
        "THE FLEET WAS SOLD IN THE SPRING OF\n1963.",
        "IT WAS NEVER BOUGHT BACK.",
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("They met at 9 a.m. Tokyo time was later.", 1),
        ("They met in Roma. Nobody came.", 2),
        ("He wrote xNos. Everyone read it.", 2),
        ("He wrote Nos. 4 and 5.", 1),
    ],
)
def test_what_is_shortened_ends_no_sentence(text: str, count: int) -> None:
    assert len(sentences(text)) == count
