import json
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Provenance, Reference, Span, hash_text, merge_spans
from tests.support.archives import document

words = st.text(max_size=12)
known = st.none() | words
several = st.lists(words, max_size=3).map(tuple)
spans = st.builds(
    lambda start, size: Span(start, start + size), st.integers(0, 60), st.integers(0, 12)
)


def provenances(about: st.SearchStrategy[Provenance | None]) -> st.SearchStrategy[Provenance]:
    return st.builds(
        Provenance,
        title=known,
        creators=several,
        people=several,
        event_date=known,
        number=known,
        url=known,
        about=about,
        sources=st.lists(st.builds(Reference, words, known), max_size=2).map(tuple),
    )


@given(provenances(st.none() | provenances(st.none())))
def test_provenance_is_the_same_after_a_journey_through_json(provenance: Provenance) -> None:
    assert Provenance.from_dict(json.loads(json.dumps(provenance.to_dict()))) == provenance


def test_provenance_as_a_mapping_holds_only_what_is_known() -> None:
    provenance = Provenance(
        title="Talks", creators=("Ann",), about=Provenance(number="7"), sources=(Reference("Book"),)
    )
    assert provenance.to_dict() == {
        "title": "Talks",
        "creators": ["Ann"],
        "about": {"number": "7"},
        "sources": [{"title": "Book", "url": None}],
    }
    assert Provenance().to_dict() == {}


@pytest.mark.parametrize(
    ("provenance", "date"),
    [
        (Provenance(), None),
        (Provenance(document_date="1993-09"), "1993-09"),
        (Provenance(document_date="1993-09", event_date="1993-08"), "1993-08"),
        (Provenance(document_date="2020", about=Provenance(event_date="1993")), "1993"),
        (Provenance(document_date="2020", about=Provenance()), None),
    ],
)
def test_the_date_is_that_of_the_record_and_of_its_event_first(
    provenance: Provenance, date: str | None
) -> None:
    assert provenance.date == date


@given(st.text(max_size=20), st.data())
def test_a_span_is_as_long_as_its_words(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    assert len(span.of(text)) == len(span)
    assert Span(0, len(text)).holds(span)


@given(spans, spans)
def test_spans_overlap_when_they_share_a_code_point(one: Span, other: Span) -> None:
    shared = points([one]) & points([other])
    if len(one) and len(other):
        assert one.overlaps(other) == other.overlaps(one) == bool(shared)
        assert one.holds(other) == (shared == points([other]))


@given(st.lists(spans, max_size=8))
def test_merged_spans_cover_the_same_points_sorted_and_apart(given_spans: list[Span]) -> None:
    merged = merge_spans(given_spans)
    assert points(merged) == points(given_spans)
    assert list(merged) == sorted(merged)
    assert all(before.end < after.start for before, after in pairwise(merged))
    assert merge_spans(reversed(merged)) == merged


def test_a_document_is_called_by_its_title_or_else_by_its_name() -> None:
    assert document("Words.", "folder/a", title="Talks").title == "Talks"
    assert document("Words.", "folder/a").title == "folder/a"


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ],
)
def test_a_text_is_hashed_as_sha256_of_utf8(text: str, digest: str) -> None:
    assert hash_text(text) == digest


def test_texts_that_differ_only_in_composition_or_a_lone_surrogate_hash_apart() -> None:
    texts = ["é", "e\u0301", "\ud800", "\ud801"]
    assert len({hash_text(text) for text in texts}) == len(texts)


def points(given_spans: Sequence[Span]) -> set[int]:
    return {point for span in given_spans for point in range(span.start, span.end)}
