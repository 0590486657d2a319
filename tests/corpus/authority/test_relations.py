from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.authority.relations import Related, find_related
from corpus.documents import Provenance

CABLE: dict[str, Any] = {
    "kind": "cable",
    "creators": ("Ambassador Arai",),
    "document_date": "1993-09-28",
}
MAIN = Provenance(**CABLE, number="7033", title="Summit")
FIRST = Provenance(**CABLE, number="7034", parent="7033", title="Summit (Separate Telegram 1)")
NINTH = Provenance(
    **CABLE, number="7042", parent="7033", separate_telegram="9", title="Summit (Fish)"
)
PART_1 = Provenance(**CABLE, number="7050", part="1 of 2", title="Lunch (1 of 2)")
PART_2 = Provenance(**CABLE, number="7050", part="2 of 2", title="Lunch (2 of 2)")
ABSTRACT = Provenance(
    title="Abstract of cable no. 7034",
    kind="abstract",
    creators=("memcon",),
    about=Provenance(**CABLE, number="7034", parent="7033", url="https://archive.test/7034"),
)


def related(doc_id: str, **listing: Provenance) -> list[tuple[str, str]]:
    found = find_related(doc_id, [(name, f"{name}.txt", each) for name, each in listing.items()])
    return [(each.doc_id, each.relation) for each in found]


def test_telegrams_are_linked_to_their_main_one_and_to_each_other() -> None:
    everything = {"ninth": NINTH, "first": FIRST, "main": MAIN, "lunch": PART_1}
    separate = [("first", "separate telegram 1"), ("ninth", "separate telegram 9")]
    assert related("main", **everything) == separate
    assert related("first", **everything) == [("main", "main telegram"), separate[1]]
    assert related("ninth", **everything) == [("main", "main telegram"), separate[0]]


def test_parts_are_linked_by_their_number_or_their_title() -> None:
    assert related("a", a=PART_1, b=PART_2) == [("b", "part 2 of 2")]
    assert related("b", a=PART_1, b=PART_2) == [("a", "part 1 of 2")]
    unnumbered = {**CABLE, "part": "2 of 2", "title": "Lunch (2 of 2)"}
    first = Provenance(**{**unnumbered, "part": "1 of 2", "title": "Lunch (1 of 2)"})
    assert related("a", a=first, b=Provenance(**unnumbered)) == [("b", "part 2 of 2")]
    other = Provenance(**{**unnumbered, "title": "Dinner (2 of 2)"})
    assert related("a", a=first, b=other) == []


@pytest.mark.parametrize(
    "differing",
    [
        {"document_date": "1994-09-28"},
        {"creators": ("Ambassador Brook",)},
        {"creators": (), "document_date": None},
        {"container": "A Volume"},
        {"number": "7043"},
    ],
)
def test_the_same_number_of_another_year_or_post_is_another_record(
    differing: dict[str, Any],
) -> None:
    other = Provenance(**{**CABLE, "number": "7033", **differing})
    assert related("ninth", ninth=NINTH, other=other) == []


@pytest.mark.parametrize(
    "differing",
    [
        {"document_date": "1993-09"},
        {"document_date": None},
        {"creators": ("ambassador arai (Permanent Representative)",)},
        {"creators": ()},
    ],
)
def test_what_is_not_known_does_not_keep_records_apart(differing: dict[str, Any]) -> None:
    other = Provenance(**{**CABLE, "number": "7033", **differing})
    assert related("ninth", ninth=NINTH, other=other) == [("other", "main telegram")]


def test_an_abstract_stands_for_its_record_until_that_is_there() -> None:
    assert related("main", main=MAIN, own=ABSTRACT) == [("own", "separate telegram")]
    held = {"main": MAIN, "own": ABSTRACT, "first": FIRST}
    assert related("own", **held)[0] == ("first", "the record itself")
    assert related("first", **held) == [("main", "main telegram"), ("own", "abstract")]


@pytest.mark.parametrize("url", ["http://www.archive.test/7034/", None])
def test_a_record_is_known_by_its_address_or_its_number(url: str | None) -> None:
    record = Provenance(url=url, number="7034", **CABLE)
    assert related("own", own=ABSTRACT, record=record) == [("record", "the record itself")]


def test_a_record_is_known_by_where_it_was_downloaded() -> None:
    record = Provenance(url="https://archive.test/canonical", number="1")
    listing = [("own", "own.md", ABSTRACT), ("record", "https://archive.test/7034", record)]
    assert find_related("own", listing) == (Related("record", "the record itself", "record"),)


def test_a_background_note_is_about_a_record_and_no_part_of_the_series() -> None:
    note = Provenance(kind="background", creators=("memcon",), about=ABSTRACT.about)
    assert related("main", main=MAIN, note=note) == []
    assert related("first", first=FIRST, note=note) == [("note", "background note")]


words = st.sampled_from(["7033", "7034", None])
records = st.builds(
    Provenance,
    number=words,
    parent=words,
    part=st.sampled_from(["1 of 2", "2 of 2", None]),
    document_date=st.sampled_from(["1993-09-28", "1993-09", None]),
    creators=st.sampled_from([("A",), ("B",), ()]),
    title=st.sampled_from(["Lunch (1 of 2)", "Lunch (2 of 2)", None]),
)


@given(records, records)
def test_belonging_together_goes_both_ways(one: Provenance, other: Provenance) -> None:
    assert bool(related("a", a=one, b=other)) == bool(related("b", a=one, b=other))
