from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.documents import Redaction, Span, Structure
from corpus.structure.blocks import find_blocks
from corpus.structure.detection import find_redactions, find_structure

# Pieces that the rules look for, in any order and number.
PIECES = [
    "(Prime Minister) ", "(President)", "（総理）", "(1 of 2)", "(End)", "（了）",
    "[TN: name deleted]", "[1] ", "[ii] ", "[ı] ", "3. ", "Notes", "Read More", "1.2k", "██",
    "Passed to all", "\n", "\n\n", "\n \n", "\t", "\r", "\u2028", "\x1c", "The talks went on. ",
    "# ", "Heading", "x" * 130, "　",
]  # fmt: skip
texts = st.text(max_size=80) | st.lists(
    st.sampled_from(PIECES) | st.text(max_size=6), max_size=14
).map("".join)


def words(text: str, spans: Sequence[Span]) -> list[str]:
    return [span.of(text) for span in spans]


def turns(text: str) -> list[tuple[str, str]]:
    return [(turn.label, turn.span.of(text)) for turn in find_structure(text).turns]


@settings(max_examples=400)
@given(texts)
@example("Opening words.\n\nMore words follow here.\n\n[ı] a note in Turkish")
def test_every_span_of_any_text_lies_in_it_and_none_is_empty(text: str) -> None:
    found = find_structure(text)
    spans = [*found.blocks, *found.headings, *found.boilerplate]
    spans += [turn.span for turn in found.turns]
    spans += [redaction.span for redaction in found.redactions]
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


@settings(max_examples=400)
@given(texts)
def test_blocks_are_ordered_and_disjoint_and_leave_out_only_white_space(text: str) -> None:
    blocks = find_blocks(text)
    assert all(before.end <= after.start for before, after in pairwise(blocks))
    outside = [text[a:b] for a, b in pairwise([0, *(p for b in blocks for p in (b.start, b.end))])]
    assert "".join(outside[::2]).strip() == ""
    assert text[blocks[-1].end if blocks else 0 :].strip() == ""
    assert all(block.of(text) == block.of(text).strip() for block in blocks)


@settings(max_examples=400)
@given(texts)
def test_turns_and_boilerplate_of_any_text_are_ordered_and_disjoint(text: str) -> None:
    found = find_structure(text)
    assert all(a.span.end <= b.span.start for a, b in pairwise(found.turns))
    assert all(a.end < b.start for a, b in pairwise(found.boilerplate))
    assert not any(b.overlaps(h) for b in found.boilerplate for h in found.headings)


@pytest.mark.parametrize("text", ["", " \n\n\t\n"])
def test_a_blank_text_has_no_structure(text: str) -> None:
    assert find_structure(text) == Structure()


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("One line.", ["One line."]),
        ("  Indented. \n\n\n Second.  ", ["Indented.", "Second."]),
        ("Number: 1\nSent: by wire, on the evening of the same day\nTo: X", 3),
        (
            "The talks were opened by the host in the\nlargest room, and they went on until\nnoon.",
            1,
        ),
        ("The talks were opened by the host.\nNext\n\nThe second\nlist, of a few, begins.", 3),
        ("A long line saved as one. " * 8 + "\n" + "Another paragraph of such a text. " * 8, 2),
    ],
)
def test_a_block_is_a_paragraph_or_a_free_standing_line(text: str, blocks: list[str] | int) -> None:
    found = words(text, find_blocks(text))
    assert (len(found) if isinstance(blocks, int) else found) == blocks


def test_the_lines_of_a_paragraph_wrapped_by_hand_are_one_block_as_they_stand() -> None:
    paragraph = (
        "When the ministers had come together in\nthe capital, both spoke at length of\nrice."
    )
    text = f"{paragraph}\n\nEnd."
    assert words(text, find_blocks(text)) == [paragraph, "End."]


BODY = "The ministers met again in autumn, and they spoke about the price of rice."


def test_headings_are_short_lines_alone_that_are_no_sentence() -> None:
    text = f"The Rice Talks\n\n{BODY}\n\nA short sentence.\n\n{BODY}\n\nWhat came next\n\n"
    text += f"{BODY}\n\n- item\n\nlower case words\n\n{BODY}\n\n1993\n\n{BODY}"
    assert words(text, find_structure(text).headings) == ["The Rice Talks", "What came next"]


def test_a_list_of_short_lines_has_no_heading_but_its_title() -> None:
    text = "Members\n\nAnn Arden\n\nBob Brook\n\nCyd Cole"
    assert words(text, find_structure(text).headings) == ["Members"]


def test_a_title_repeated_by_a_saved_page_is_a_heading_again() -> None:
    text = f"The Rice Talks\n\n{BODY} {BODY}\n{BODY}\nThe Rice Talks\n{BODY}\n{BODY}"
    assert words(text, find_structure(text).headings) == ["The Rice Talks"] * 2


def test_headings_known_from_the_format_are_taken_over() -> None:
    assert find_structure(f"Rice.\n\n{BODY}", [Span(0, 5)]).headings == (Span(0, 5),)
    assert find_structure(f"Rice Talks\n\n{BODY}", []).headings == ()


CABLE = """\
Number: [TN: blacked out]
To: The Foreign Minister
From: Ambassador Arai
Rice Talks (Separate Telegram 2)
No. 7001 Secret
(Limited Distribution)
(1 of 2)
Outgoing Cable No. 7001 Separate Telegram 2: Rice and nothing else at all on this long day
(Prime Minister) The harvest was poor. We shall import rice this year.
He added that the law stays.
(President) That helps. [TN: part of statement blacked out] The rest can wait.
(Foreign Minister) We agree.
Passed to all diplomatic missions in Asia (End)
"""


def test_a_cable_is_told_in_turns_that_end_at_the_closing_formula() -> None:
    assert turns(CABLE) == [
        (
            "Prime Minister",
            "The harvest was poor. We shall import rice this year.\nHe added that the law stays.",
        ),
        ("President", "That helps. [TN: part of statement blacked out] The rest can wait."),
        ("Foreign Minister", "We agree."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "(Limited Distribution)\nThe talks began at ten and ended late.",
        "(1 of 2) The talks began at ten and ended late.\n(2 of 2) They went on after lunch.",
        "The talks (Prime Minister) began at ten.",
        "(Once) The talks began at ten.",
        "(President)\n",
        "(End)\n(End)",
    ],
)
def test_a_bracket_that_names_no_speaker_begins_no_turn(text: str) -> None:
    assert turns(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("（総理）努力。\n（大統領）結構。\n（了）", [("総理", "努力。"), ("大統領", "結構。")]),
        ("（総理）努力。\n\n（大統領）結構。\n（了）", [("総理", "努力。"), ("大統領", "結構。")]),
        ("(Arden) We try.\n\n(Brook) So do we.", [("Arden", "We try."), ("Brook", "So do we.")]),
        ("(Chief Arden) We try.\n\ncc: all", [("Chief Arden", "We try.")]),
        ("  (President)　We try.\n\nMore of it.", [("President", "We try.\n\nMore of it.")]),
        ("(President) We try.\n\nhandled by B", [("President", "We try.")]),
    ],
)  # fmt: skip
def test_a_bracket_at_the_head_of_a_line_begins_a_turn(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert turns(text) == expected


def test_a_turn_ends_at_a_heading() -> None:
    text = f"(President) We try.\n\nSecond Day\n\n{BODY}\n\n{BODY}"
    assert turns(text) == [("President", "We try.")]


def test_nobody_is_given_the_words_of_the_next_speaker_in_a_text_wrapped_by_hand() -> None:
    text = (
        "The talks opened in a small room of the old guest house, and lasted an\nhour.\n"
        "(President) The figures are what count here, and they have not moved.\n"
        "(Prime Minister) They will move once the budget law has passed in May.\n"
        "Passed to all diplomatic missions (End)\n"
    )
    assert turns(text) == [
        ("President", "The figures are what count here, and they have not moved."),
        ("Prime Minister", "They will move once the budget law has passed in May."),
    ]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("[TN: part of statement blacked out]", "redaction"),
        ("[TN: time blacked-out]", "redaction"),
        ("[Two lines deleted]", "redaction"),
        ("[not declassified]", "redaction"),
        ("[illegible]", "redaction"),
        ("[不開示]", "redaction"),
        ("████", "redaction"),
        ("[TN: the speaker means rice]", "note"),
        ("[訳注：米]", "note"),
    ],
)
def test_what_was_removed_is_told_from_a_remark_of_the_translator(words: str, kind: str) -> None:
    (found,) = find_redactions(f"He said {words} and left.")
    assert (found.span, found.kind) == (Span(8, 8 + len(words)), kind)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("[TN: name withheld for privacy]", "privacy"),
        ("[TN: two lines blacked out for reasons of national security.]", "national security"),
        ("[text withheld under E.O. 12958, 1.4(c)]", "E.O. 12958, 1.4(c)"),
        ("[name deleted to protect a source]", "protect a source"),
        ("[1½ lines not declassified]", "not declassified"),
        ("[less than 1 line not\ndeclassified]", "not declassified"),
        ("[Redacted (b)(6)]", "(b)(6)"),
        ("[one word illegible]", "illegible"),
        ("［不開示（理由：個人情報）］", "個人情報"),
        ("[TN: blacked out]", None),
        ("[TN: statement for the press blacked out]", None),
        ("████", None),
    ],
)
def test_the_reason_for_a_removal_is_the_one_that_the_text_gives(
    words: str, reason: str | None
) -> None:
    (found,) = find_redactions(f"He said {words} and left.")
    assert found == Redaction(Span(8, 8 + len(words)), "redaction", reason)


@pytest.mark.parametrize(
    "text",
    [
        "the [North American Free Trade Agreement (NAFTA)] talks",
        "all [Japanese] missions",
        "a tax [the excise on rice wine] was named",
        "the words were withheld, and lines were deleted",
        "a single █ mark",
        "an open [TN: bracket blacked out",
    ],
)
def test_a_gloss_or_plain_words_are_no_redaction(text: str) -> None:
    assert find_redactions(text) == ()


@pytest.mark.parametrize(
    "line",
    [
        "Skip to main content", "Read More", "Share", "Share this article on Facebook", "1.2k",
        "47", "Facebook", "Sign in", "Subscribe to our list", "12 comments", "Advertisement",
        "© 2020 A Publisher", "All rights reserved.", "Related articles",
        "This website uses cookies", "Back to top", "5 min read", "Privacy policy", "email",
        "Copy link", "Print",
    ],
)  # fmt: skip
def test_what_a_web_page_puts_around_an_article_is_boilerplate(line: str) -> None:
    text = f"{line}\n\n{BODY} {BODY}\n\n{BODY}"
    found = find_structure(text)
    assert words(text, found.boilerplate) == [line]
    assert line not in words(text, found.headings)


@pytest.mark.parametrize(
    "line",
    ["Share prices fell in the autumn.", "Home rule", "1993 was a year", "Print runs were small."],
)
def test_a_line_that_only_begins_like_furniture_is_text(line: str) -> None:
    assert find_structure(f"{line}\n\n{BODY} {BODY}\n\n{BODY}").boilerplate == ()


def test_what_follows_read_more_near_the_end_of_a_page_is_about_other_pages() -> None:
    text = f"{BODY}\n\n" * 12 + "Read More\n\nWheat Talks\n\nAnother page."
    assert words(text, find_structure(text).boilerplate) == [
        "Read More\n\nWheat Talks\n\nAnother page."
    ]
    early = "Read More\n\n" + f"{BODY}\n\n" * 12
    assert words(early, find_structure(early).boilerplate) == ["Read More"]


@pytest.mark.parametrize(
    ("notes", "headed"),
    [
        ("[1] Arden, Rice.\n\nA remark without a number.\n\n[2] Brook, Wheat.", False),
        ("[i] Arden, Rice.\n\nA remark without a number.\n\n[ii] Brook.\n\n[iii] Cole.", False),
        ("[iv] not the first.", None),
        ("1. Arden, Rice.\n\nA remark without a number.\n\n2. Brook, Wheat.", True),
        ("1. Arden, Rice.\n\n2. Brook, Wheat.", None),
    ],
)  # fmt: skip
def test_endnotes_count_up_from_one_with_what_lies_between(notes: str, headed: bool | None) -> None:
    heading = "Notes\n\n" if headed else ""
    text = f"{BODY}\n\n" * 6 + heading + notes
    expected = [] if headed is None else [heading + notes]
    assert words(text, find_structure(text).boilerplate) == expected


def test_marks_in_the_first_half_of_a_text_are_no_endnotes() -> None:
    text = "[1] Rice.\n\n[2] Wheat.\n\n" + f"{BODY}\n\n" * 6
    assert find_structure(text).boilerplate == ()


def test_a_caption_given_twice_is_boilerplate() -> None:
    caption = "The ministers on the steps of the guest house"
    text = f"{BODY}\n\n{caption}\n{caption}. Photo: A. Arden\n\n{BODY} {BODY}"
    assert words(text, find_structure(text).boilerplate) == [
        f"{caption}\n{caption}. Photo: A. Arden"
    ]


@pytest.mark.parametrize(
    "remark",
    [
        "[TN: blacked out [two lines]]",
        "[TN: part of statement omitted]",
        "[TN: statement deleted]",
        "[TN: not disclosed]",
        "[TN: undisclosed portion]",
        "[TN: two lines blackened out]",
        "[TN: painted over in black]",
        "[TN: three words blacked\nout]",
        "［TN: 墨塗り］",
        "(blacked out)",
        "●●●●",
        "XXXXX",
    ],
)
def test_removals_are_recognised_in_every_wording(remark: str) -> None:
    text = f"The salt of {remark} is dear.\n"
    found = find_redactions(text)
    assert [(redaction.kind, redaction.span.of(text)) for redaction in found] == [
        ("redaction", remark)
    ]


def test_a_label_on_a_line_of_its_own_and_lettered_items() -> None:
    text = (
        "(Prime Minister)\nSalt should be cheap.\n\n"
        "(President [in English]) Salt is dear.\n(a) salt\n(b) wool\n"
    )
    turns = find_structure(text).turns
    assert [turn.label for turn in turns] == ["Prime Minister", "President [in English]"]
    assert turns[0].span.of(text) == "Salt should be cheap."


def test_formalities_of_a_cable_are_never_passages() -> None:
    text = (
        "Number: 0088\nSent: Cork, May 3, 1871\n(Limited Distribution)\nOutgoing Cable No. 88\n\n"
        "(President) Cork is dear.\nPassed to all missions (End)\n"
    )
    boilerplate = " ".join(span.of(text) for span in find_structure(text).boilerplate)
    for words in ("Number: 0088", "Sent: Cork", "(Limited Distribution)", "Passed to all missions"):
        assert words in boilerplate
    assert "Cork is dear" not in boilerplate
    assert [turn.label for turn in find_structure(text).turns] == ["President"]
