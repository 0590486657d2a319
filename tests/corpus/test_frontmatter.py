import datetime as dt
from typing import Any

import pytest

from corpus.documents import Provenance, Reference
from corpus.frontmatter import read_provenance


@pytest.mark.parametrize(
    ("known", "provenance"),
    [
        ({}, Provenance()),
        ({"title": " Talks \n"}, Provenance(title="Talks")),
        ({"title": None, "number": 5514}, Provenance(number="5514")),
        ({"author": "Ann"}, Provenance(creators=("Ann",))),
        ({"authors": ["Ann", "Bob"]}, Provenance(creators=("Ann", "Bob"))),
        ({"date": "1993-9"}, Provenance(document_date="1993-09")),
        ({"lang": "ja"}, Provenance(language="ja")),
        ({"people": []}, Provenance()),
        ({"layouts": ["x"], 7: "seven", "layout": {"a": 1}}, Provenance()),
    ],
)
def test_names_and_values_become_provenance(known: dict[Any, Any], provenance: Provenance) -> None:
    assert read_provenance(known) == (provenance, ())


@pytest.mark.parametrize(
    ("value", "date"),
    [
        (dt.date(1993, 9, 27), "1993-09-27"),
        (dt.datetime(1993, 9, 27, 23, 59, tzinfo=dt.UTC), "1993-09-27"),
        (1993, "1993"),
        ("1993-09", "1993-09"),
    ],
)
def test_a_date_may_come_in_any_form_that_yaml_gives(value: object, date: str) -> None:
    assert read_provenance({"event_date": value}) == (Provenance(event_date=date), ())


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"title": ["one", "two"]}, "title: expected one value"),
        ({"number": {"a": 1}}, "number: expected one value"),
        ({"creators": [["Ann"]]}, "creators: expected one value"),
        ({"people": {"a": 1}}, "people: expected one value"),
        ({"event_date": "last spring"}, "event_date: 'last spring' is not a date"),
        ({"received_date": True}, "received_date: 'True' is not a date"),
        ({"about": "cable 7001"}, "about: expected names and values"),
        ({"about": {"date": "soon"}}, "about, document_date: 'soon' is not a date"),
        ({"sources": [["a"]]}, "sources: expected one value"),
    ],
)
def test_a_value_of_the_wrong_form_is_left_out_and_named(
    known: dict[str, Any], reason: str
) -> None:
    provenance, (fault,) = read_provenance({**known, "place": "Brixwold"})
    assert provenance.filled_from(Provenance(about=Provenance())) == Provenance(
        place="Brixwold", about=Provenance()
    )
    assert fault.startswith(f"left out {reason}")


def test_a_source_may_be_a_title_an_address_or_both() -> None:
    known = {"sources": ["Book", {"title": "Page", "url": "https://a.test"}, {"url": "https://b"}]}
    assert read_provenance(known)[0].sources == (
        Reference("Book"),
        Reference("Page", "https://a.test"),
        Reference("https://b", "https://b"),
    )
    assert read_provenance({"sources": "Book"})[0].sources == (Reference("Book"),)


@pytest.mark.parametrize("name", ["creators", "recipients", "people", "sources"])
def test_an_empty_place_in_a_list_is_nobody_and_nothing(name: str) -> None:
    assert read_provenance({name: [None]}) == (Provenance(), ())


def test_the_record_that_a_document_is_about_is_read_like_a_document() -> None:
    about = {"author": "Ann", "event_date": dt.date(1993, 9, 27), "number": 7}
    provenance, _ = read_provenance({"kind": "abstract", "about": about})
    assert provenance.record == Provenance(creators=("Ann",), event_date="1993-09-27", number="7")
