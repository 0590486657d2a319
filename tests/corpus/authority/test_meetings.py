"""Which records tell of one meeting: where it is certain, and where nothing is claimed."""

from typing import Any

import pytest

from corpus.authority.meetings import People, find_counterpart_record, meeting_day
from corpus.authority.names import Authority, Person
from corpus.documents import Document, Provenance
from tests.support.archives import document

SIDES = {
    "Kato Jun": ("Japan",),
    "Mori Aya": ("Japan",),
    "Ann Hill": ("United States",),
    "Bob Dale": ("United States",),
}
PEOPLE = People(
    filed=lambda words: {"Jun Kato": "Kato Jun"}.get(words, words),
    sides=lambda name: SIDES.get(name, ()),
)
DAY = "1971-11-03"


def record(doc_id: str, side: str | None, *people: str, **known: Any) -> Document:
    values = {"kind": "record of conversation", "event_date": DAY, "title": f"Talks, by {doc_id}"}
    return document("They met.", doc_id, side=side, people=people, **{**values, **known})


OURS = record("ours", "Japan", "Jun Kato", "Ann Hill")
THEIRS = record("theirs", "USA", "Ann Hill", "Kato Jun", "Bob Dale", "The President")


def names(mine: Document, *others: Document) -> list[str]:
    return [each.doc_id for each in find_counterpart_record(mine, others, PEOPLE)]


def test_two_sides_of_one_meeting_find_each_other() -> None:
    assert names(OURS, THEIRS) == ["theirs"]
    assert names(THEIRS, OURS) == ["ours"]
    assert names(OURS, THEIRS, OURS) == ["theirs"]


@pytest.mark.parametrize(
    "other",
    [
        record("o", "Japan", "Kato Jun", "Ann Hill"),  # of the same side
        record("o", None, "Kato Jun", "Ann Hill"),  # of an unknown side
        record("o", "United States", "Kato Jun", "Ann Hill", event_date="1971-11-04"),
        record("o", "United States", "Kato Jun", "Ann Hill", event_date="1971-11"),
        record("o", "United States", "Kato Jun", "Ann Hill", event_date=None),
        record("o", "United States", "Kato Jun", "Ann Hill", kind="article"),
        record("o", "United States", "Kato Jun", "Ann Hill", kind="news conference"),
        record("o", "United States", "Kato Jun"),  # one person is too few
        record("o", "United States"),
        record("o", "United States", "Mori Aya", "Ann Hill"),  # another meeting of that day
        record("o", "United States", "Kato Jun", "Ann Hill", "Bob Dale", title="Plenary Session"),
    ],
    ids=lambda other: str(other.provenance.to_dict()),
)
def test_nothing_is_claimed_where_a_sign_is_missing(other: Document) -> None:
    assert names(OURS, other) == []
    assert names(other, OURS) == []


def test_two_meetings_of_one_day_are_told_apart_by_their_setting_alone() -> None:
    ours_small = record("small", "Japan", "Kato Jun", "Ann Hill", title="Small Group Meeting")
    ours_lunch = record("lunch", "Japan", "Kato Jun", "Ann Hill", title="Working Lunch")
    theirs_lunch = record("meal", "United States", "Kato Jun", "Ann Hill", subject="Luncheon talks")
    both = (ours_small, ours_lunch, theirs_lunch)
    assert names(ours_lunch, *both) == ["meal"]
    assert names(ours_small, *both) == []
    assert names(theirs_lunch, *both) == ["lunch"]
    # Which of two is meant cannot be known.
    twice = (record("a", "USA", "Kato Jun", "Ann Hill"), record("b", "USA", "Kato Jun", "Ann Hill"))
    assert names(OURS, *twice) == []
    assert names(twice[0], OURS, twice[1]) == []


def test_the_telegrams_and_parts_of_one_record_are_one_record() -> None:
    telegrams = [
        record(f"t{n}", "Japan", *people, kind="cable", number=f"{70 + n}", parent="70")
        for n, people in enumerate([("Kato Jun",), ("Ann Hill",)], start=1)
    ]
    # Only together do they name both.
    assert names(THEIRS, *telegrams) == ["t1", "t2"]
    assert names(telegrams[0], THEIRS, telegrams[1]) == ["theirs"]
    parts = [
        record(
            f"p{n}", "Japan", "Kato Jun", "Ann Hill", title=f"Talks ({n} of 2)", part=f"{n} of 2"
        )
        for n in (1, 2)
    ]
    assert names(THEIRS, *parts) == ["p1", "p2"]


def test_an_abstract_stands_for_a_record_that_the_archive_has_not() -> None:
    about = OURS.provenance
    abstract = document(
        "An abstract.", "abstract", kind="abstract", creators=("memcon",), about=about,
        people=("Kato Jun", "Ann Hill"),
    )  # fmt: skip
    assert names(THEIRS, abstract) == ["abstract"]
    assert names(THEIRS, abstract, OURS) == ["ours"]
    assert meeting_day(Provenance(kind="background", about=about)) is None


def test_somebody_of_each_side_is_there() -> None:
    ours = record("ours", "Japan", "Kato Jun", "Mori Aya")
    assert names(ours, record("theirs", "United States", "Kato Jun", "Mori Aya")) == []
    # Who is in no authority file may be of any side.
    ours = record("ours", "Japan", "Kato Jun", "Unknown Envoy")
    assert names(ours, record("theirs", "United States", "Kato Jun", "Unknown Envoy")) == ["theirs"]


def test_who_speaks_takes_part() -> None:
    said = document(
        "(Kato Jun) We met at noon.\n\n(Ann Hill) We did.",
        "said", side="Japan", kind="record of conversation", event_date=DAY,
    )  # fmt: skip
    assert names(said, THEIRS) == [], "a label alone is nobody's name"
    authority = Authority([Person("Kato Jun"), Person("Ann Hill")])
    assert names(authority.name_speakers(said), THEIRS) == ["theirs"]
