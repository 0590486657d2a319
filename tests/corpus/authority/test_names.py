import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.authority.names import (
    Authority,
    Office,
    Person,
    Subject,
    bundled_entries,
    read_authority,
)
from corpus.dates import bounds
from corpus.documents import Provenance
from corpus.errors import UnreadableSource
from tests.support.archives import document

SUMMIT = Provenance(
    title="Japan-United States Summit Meeting", event_date="1993-09-27", side="Japan"
)
OWN = """
[[person]]
name = "Ogata Ren"
names = ["Ren Ogata", "緒方蓮"]
offices = [{ title = "Harbour Master", side = "Hakodate", first = "1921", last = "1930-06" }]
"""


@pytest.fixture(scope="module")
def known() -> Authority:
    return Authority(bundled_entries())


@pytest.mark.parametrize(
    "form", ["Hosokawa Morihiro", "Morihiro Hosokawa", "morihiro  HOSOKAWA", "細川護熙", "細川護煕"]
)
def test_a_person_is_known_under_every_form_of_his_name(form: str, known: Authority) -> None:
    person = known.find(form)
    assert person is not None
    assert person.name == "Hosokawa Morihiro"
    assert known.known_as(form) == "Hosokawa Morihiro"


def test_a_name_that_nobody_has_stays_as_it_is(known: Authority) -> None:
    assert known.find("Nobody Inparticular") is None
    assert known.known_as("Nobody Inparticular") == "Nobody Inparticular"


@pytest.mark.parametrize(
    ("label", "date", "name"),
    [
        ("Prime Minister", "1993-09-27", "Hosokawa Morihiro"),
        ("Prime Minister", "1993-04-16", "Miyazawa Kiichi"),
        ("Prime Minister", "1993-07", "Miyazawa Kiichi"),
        ("Foreign Minister", "1994-02-11", "Hata Tsutomu"),
        ("Foreign Minister", "1993-07", "Muto Kabun"),
        ("President", "1994-02-11", "Bill Clinton"),
        ("President", "1992-01-08", "George H. W. Bush"),
        ("Vice President", "1993-04", "Al Gore"),
        ("Prime Minister", "1993", None),  # two held the office in that year
        ("Prime Minister", "1993-08", None),
        ("Prime Minister", "1955", None),
        ("総理", "1993-09-27", "Hosokawa Morihiro"),
        ("President [in English]", "1993-09-27", "Bill Clinton"),
        ("Prime Minister Hosokawa", "1993-09-27", "Hosokawa Morihiro"),
        ("Prime Minister Hosokawa", "1995-09-27", None),
        ("Ambassador Kuriyama", "1993-09-27", "Kuriyama Takakazu"),
        ("Ambassador", "1993-09-27", None),  # there are many of them
        ("Clinton", "1993-09-27", "Bill Clinton"),
        ("Clinton", "1805", None),
        ("Archivist", "1993-09-27", None),
    ],
)
def test_an_office_is_resolved_by_the_date_and_the_side_of_the_record(
    label: str, date: str, name: str | None, known: Authority
) -> None:
    record = Provenance(title=SUMMIT.title, event_date=date, side="Japan")
    assert known.identify(label, record) == name


def test_without_a_date_or_a_side_an_office_stays_unknown(known: Authority) -> None:
    assert known.identify("Prime Minister", Provenance(side="Japan")) is None
    # Several countries have a president.
    assert known.identify("President", Provenance(event_date="1993-09-27")) is None


def test_the_side_named_by_the_title_goes_before_that_of_the_subject(known: Authority) -> None:
    on_russia = Provenance(title=SUMMIT.title, subject="Russia", event_date="1993-09-27")
    assert known.identify("President", on_russia) == "Bill Clinton"
    # The sea is no country.
    sea = Provenance(title="The Indochina Sea", event_date="1993-09-27")
    assert known.identify("President", sea) is None


def test_a_single_name_without_a_date_stays_unknown(known: Authority) -> None:
    assert known.identify("Clinton", Provenance()) is None
    assert known.identify("Clinton", Provenance(people=("Bill Clinton",))) == "Bill Clinton"
    assert known.identify("Hosokawa Morihiro", Provenance()) == "Hosokawa Morihiro"


def test_who_wrote_received_and_speaks_is_known_by_office(known: Authority) -> None:
    record = document(
        "(President) The rice is dear.\n(Clerk) Noted.\n",
        title=SUMMIT.title,
        document_date="1994-02-12",
        side="Japan",
        creators=("Ambassador Kuriyama",),
        recipients=("The Foreign Minister", "Nobody"),
    )
    assert known.persons_of(known.name_speakers(record)) == (
        "Kuriyama Takakazu",
        "Hata Tsutomu",
        "Bill Clinton",
    )


def test_a_president_is_the_one_who_takes_part(known: Authority) -> None:
    talks = Provenance(event_date="1993-07-10", people=("Boris Yeltsin", "Miyazawa Kiichi"))
    assert known.identify("President", talks) == "Boris Yeltsin"
    both = Provenance(event_date="1993-07-10", people=("Boris Yeltsin", "Bill Clinton"))
    assert known.identify("President", both) is None


def test_a_family_name_is_the_one_person_of_that_name_who_takes_part(known: Authority) -> None:
    assert known.identify("Hosokawa", Provenance(people=("Hosokawa Morihiro",))) == (
        "Hosokawa Morihiro"
    )
    assert known.identify("Mr. Hosokawa", Provenance()) is None
    couple = Provenance(people=("Bill Clinton", "Hillary Rodham Clinton"))
    assert known.identify("Mrs. Clinton", couple) != "Hosokawa Morihiro"


def test_an_office_with_a_name_is_the_person(known: Authority) -> None:
    talks = Provenance(event_date="1994-02-11", people=("Hata Tsutomu",))
    assert known.identify("Foreign Minister Hata", talks) == "Hata Tsutomu"


def test_speakers_are_named_in_the_turns_of_a_document(known: Authority) -> None:
    text = "Talks\n\n(Prime Minister) The rice is dear.\n\n(President) It is.\n\n(Clerk) Noted.\n"
    record = document(text, title=SUMMIT.title, event_date="1993-09-27", side="Japan")
    turns = known.name_speakers(record).structure.turns
    assert [(turn.label, turn.name) for turn in turns] == [
        ("Prime Minister", "Hosokawa Morihiro"),
        ("President", "Bill Clinton"),
        ("Clerk", None),
    ]
    assert turns[0].speaker == "Prime Minister (Hosokawa Morihiro)"
    assert turns[2].speaker == "Clerk"


def test_a_form_that_two_persons_share_means_neither() -> None:
    both = Authority([Person("Ito A", ("Ito",)), Person("Ito B", ("Ito",))])
    assert both.find("Ito") is None
    assert both.find("Ito B") == Person("Ito B", ("Ito",))


def test_an_archive_adds_its_own_persons_and_may_replace_one(known: Authority) -> None:
    own = read_authority(OWN)
    both = Authority([*known.entries, *own])
    assert both.known_as("緒方蓮") == "Ogata Ren"
    harbour = Provenance(document_date="1921-05-03", side="Hakodate")
    assert both.identify("Harbour Master", harbour) == "Ogata Ren"
    replaced = Authority([*own, Person("Ogata Ren", ("R. Ogata",))])
    assert replaced.find("緒方蓮") is None
    assert replaced.known_as("R Ogata") == "Ogata Ren"


def test_subjects_have_names_too_and_are_no_persons() -> None:
    own = read_authority("[[subject]]\nname = 'Edo'\nnames = ['江戸']")
    assert own == (Subject("Edo", ("江戸",)),)
    assert Authority(own).find("江戸") is None
    assert Authority(own).entries == own


@pytest.mark.parametrize(
    "text",
    [
        "[[subject]]\nnames = ['x']",
        "[[person",
        "[[person]]\nnames = ['x']",
        "[[person]]\nname = 3",
        "[[person]]\nname = ''",
        "person = 3",
        "[[person]]\nname = 'x'\noffices = [{ title = 'y' }]",
        "[[person]]\nname = 'x'\noffices = [{ title = 'y', side = 'z', first = 'soon' }]",
    ],
)
def test_a_broken_authority_file_is_named_with_what_it_should_be(text: str) -> None:
    with pytest.raises(UnreadableSource, match=r"authority\.toml|first"):
        read_authority(text)


def test_the_persons_of_the_first_archive_hold_no_office_backwards() -> None:
    offices = [each for one in Authority(bundled_entries()).persons for each in one.offices]
    terms = [(each.first, each.last) for each in offices if each.first and each.last]
    assert terms
    assert [term for term in terms if bounds(term[0])[0] >= bounds(term[1])[1]] == []


@given(year=st.integers(1990, 1996), first=st.integers(1990, 1996), length=st.integers(0, 6))
def test_an_office_is_held_on_a_year_that_lies_in_its_time(
    year: int, first: int, length: int
) -> None:
    office = Office("Keeper", "Ezo", str(first), str(first + length))
    assert office.held_on(str(year)) == (first <= year <= first + length)
