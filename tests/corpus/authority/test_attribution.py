from typing import Any

import pytest

from corpus.authority.attribution import (
    Category,
    attribute,
    describe_details,
    name_kind,
    name_side,
    series,
    translation,
)
from corpus.documents import Provenance, Span, Turn

JAPANESE: dict[str, Any] = {
    "kind": "cable",
    "side": "Japan",
    "language": "en",
    "original_language": "ja",
}


def turn(label: str, name: str | None = None) -> Turn:
    return Turn(Span(0, 1), label, name)


@pytest.mark.parametrize(
    ("said", "known", "told"),
    [
        (
            turn("Prime Minister", "Hosokawa Morihiro"),
            JAPANESE,
            (
                "Attributed to Hosokawa Morihiro (as “Prime Minister”) in a Japanese record, "
                "English translation"
            ),
        ),
        (
            turn("Staff Member"),
            {"kind": "memorandum of conversation", "side": "United States"},
            "Attributed to “Staff Member” in an American record",
        ),
        (
            turn("Clinton", "Bill Clinton"),
            {"kind": "cable", "side": "U.S."},
            "Attributed to Bill Clinton (as “Clinton”) in an American record",
        ),
        (
            turn("Al Gore", "Al Gore"),
            {"kind": "record of conversation"},
            "Attributed to Al Gore in a record of conversation",
        ),
        (turn("Mayor"), {}, "Attributed to “Mayor” in a document of unknown kind"),
        (turn("細川総理", "Hosokawa Morihiro"), {"kind": "cable", "side": "日本", "language": "ja"},
         "Attributed to Hosokawa Morihiro (as “細川総理”) in a Japanese record"),
        (
            turn("Envoy"),
            {"kind": "letter", "side": "Ruritania"},
            "Attributed to “Envoy” in a record from the side of Ruritania",
        ),
        (None, JAPANESE, "From a Japanese record, English translation"),
        (None, {"kind": "article"}, "From an article"),
        (None, {"kind": "article", "side": "Italy"}, "From an Italian article"),
        (None, {"side": "Japan"}, "From a Japanese document"),
        (None, {"kind": "editorial note"}, "From an editorial note"),
        (None, {"kind": "cable", "translator": "A. Clerk"}, "From a cable, in translation"),
        (None, {}, "From a document of unknown kind"),
        (
            None,
            {"kind": "abstract", "creators": ("memcon",), "about": Provenance(**JAPANESE)},
            "From an abstract of a Japanese record",
        ),
        (
            None,
            {"kind": "background", "creators": ("memcon",), "about": Provenance(**JAPANESE)},
            "From a background note",
        ),
        # An abstract by somebody else is what it says that it is.
        (None, {"kind": "abstract", "creators": ("A. Writer",)}, "From an abstract"),
    ],
)  # fmt: skip
def test_words_are_attributed_and_never_said(
    said: Turn | None, known: dict[str, Any], told: str
) -> None:
    assert attribute(Provenance(**known), said) == told


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (
            {**JAPANESE, "separate_telegram": "4", "parent": "5513", "part": "1 of 2"},
            ("cable", "separate telegram 4 of no. 5513", "part 1 of 2"),
        ),
        # The attribution names the kind already.
        ({"kind": "cable", "part": "2 of 2"}, ("part 2 of 2",)),
        ({"kind": "article"}, ()),
        ({}, ()),
        (
            {
                "kind": "abstract",
                "creators": ("memcon",),
                "about": Provenance(title="Talks (Separate Telegram 2)", parent="70"),
            },
            (
                "a finding aid written for memcon, not a source",
                "about separate telegram 2 of no. 70",
            ),
        ),
        (
            {
                "kind": "background",
                "creators": ("memcon",),
                "about": Provenance(title="Talks (Separate Telegram 2)", parent="70"),
            },
            ("a finding aid written for memcon, not a source",),
        ),
    ],
)
def test_what_else_a_source_is_is_told_beside_it(
    known: dict[str, Any], told: tuple[str, ...]
) -> None:
    assert describe_details(Provenance(**known)) == told


def test_a_record_that_belongs_to_a_telegram_says_to_which() -> None:
    assert series(Provenance(parent="70")) == ("belongs to no. 70",)
    assert series(Provenance(separate_telegram="9")) == ("separate telegram 9",)
    assert series(Provenance(number="70")) == ()


@pytest.mark.parametrize(
    ("kind", "category", "named"),
    [
        ("cable", Category.RECORD, "record (cable)"),
        ("Memorandum of Conversation", Category.RECORD, "record (Memorandum of Conversation)"),
        ("record of conversation", Category.RECORD, "record of conversation"),
        ("abstract", Category.ABSTRACT, "abstract"),
        ("background", Category.BACKGROUND, "background"),
        ("newspaper article", Category.ARTICLE, "newspaper article"),
        ("web page", None, "web page"),
        (None, None, "kind not known"),
    ],
)
def test_the_kind_of_a_source_is_named(
    kind: str | None, category: Category | None, named: str
) -> None:
    known = Provenance(kind=kind)
    assert Category.of(known) is category
    assert name_kind(known) == named


@pytest.mark.parametrize(
    ("original", "language", "translator", "told"),
    [
        ("ja", "en", None, "English translation"),
        ("ja", "ja", None, None),
        ("en-US", "en", None, None),
        (None, "en", "A. Clerk", "English translation"),
        ("ja", None, None, "in translation"),
        (None, "en", None, None),
    ],
)
def test_a_translation_is_told_where_one_is_known(
    original: str | None, language: str | None, translator: str | None, told: str | None
) -> None:
    known = Provenance(original_language=original, language=language, translator=translator)
    assert translation(known) == told


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ("Japan", "Japan"),
        ("USA", "United States"),
        ("the United States", "United States"),
        ("united states of america", "United States"),
        ("Ruritania", "Ruritania"),
        (" ", None),
        (None, None),
    ],
)
def test_a_side_has_one_name(written: str | None, one: str | None) -> None:
    assert name_side(written) == one
