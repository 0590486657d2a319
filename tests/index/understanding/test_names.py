from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.authority.names import Office, Person, Subject, bundled_entries
from index.storage.checksummed import Sealed, seal
from index.text.analyzer import analyze
from index.understanding.names import FILE, Names, write_names

ENTRIES = (
    Person("Ogata Ren", ("Ren Ogata", "緒方蓮")),
    Person("Jane Lord", ("Lord", "ロード")),
    Person("Mori Ai", ("森愛",)),
    Person("Mori Kei", ("森圭",)),
    Subject("Harbour Board", ("港湾局",)),
    Subject("Prime Minister", ("首相", "総理")),
)
ENGLISH = "The Harbour Board met Ren Ogata, and Jane Lord the Prime Minister."
JAPANESE = "港湾局は緒方氏とロード首相に会った。緒方蓮は話した。"


@pytest.fixture(scope="module")
def names() -> Names:
    return Names((entry.forms, isinstance(entry, Person)) for entry in ENTRIES)


def occurs(*texts: str) -> Callable[[str], bool]:
    terms = {term for text in texts for term in analyze(text)}
    return lambda term: term in terms


@pytest.mark.parametrize(
    ("question", "reworded"),
    [
        ("緒方蓮は何と言ったか", "Ogata Ren は何と言ったか"),
        ("緒方首相は何と言ったか", "Ogata Ren Prime Minister は何と言ったか"),
        ("港湾局の緒方氏", "Harbour Board の Ogata Ren 氏"),
        ("ロード氏の話", "Jane Lord 氏の話"),
        ("ロードマップの話", "ロードマップの話"),
        ("緒方の話", "緒方の話"),
        ("森首相の話", "森 Prime Minister の話"),
        ("Ren Ogata and the Harbour Board", "Ren Ogata and the Harbour Board"),
        ("the lighthouse", "the lighthouse"),
        ("", ""),
    ],
)
def test_names_are_put_into_the_words_of_the_archive(
    question: str, reworded: str, names: Names
) -> None:
    assert names.reword(question, occurs(ENGLISH)) == reworded


@pytest.mark.parametrize(
    ("question", "reworded"),
    [
        ("What did Ren Ogata say?", "What did 緒方蓮 say?"),
        ("What did OGATA REN's board say?", "What did 緒方蓮 board say?"),
        ("What did Ogata say?", "What did 緒方蓮 say?"),
        ("Did Mori speak?", "Did Mori speak?"),
        ("The Lord knows", "The ロード knows"),
        ("Harbour Board, Prime Minister", "港湾局 , 首相"),
        ("Harbour, Board", "Harbour, Board"),
        ("緒方蓮", "緒方蓮"),
    ],
)
def test_names_are_put_into_another_script(question: str, reworded: str, names: Names) -> None:
    assert names.reword(question, occurs(JAPANESE)) == reworded


def test_a_family_name_may_be_all_that_occurs(names: Names) -> None:
    assert names.reword("What did Ren Ogata say?", occurs("緒方氏")) == "What did 緒方 say?"


def test_where_both_occur_the_question_stays_and_the_other_terms_are_looked_for(
    names: Names,
) -> None:
    known = occurs(ENGLISH, JAPANESE)
    assert names.reword("What did Ren Ogata say?", known) == "What did Ren Ogata say?"
    assert names.other_terms("What did Ren Ogata say?", known) == ("方蓮", "緒方")
    assert names.other_terms("緒方蓮の話", known) == ("ogata", "ren")
    assert names.other_terms("What did Ren Ogata say?", occurs(ENGLISH)) == ()
    assert names.other_terms("the lighthouse", known) == ()


@pytest.mark.parametrize("form", ["Ogata Ren", "ren ogata", "緒方蓮", "緒方首相", "Ogata"])
def test_a_name_to_filter_by_has_all_its_forms(form: str, names: Names) -> None:
    assert set(names.forms(form)) == {form, "Ogata Ren", "Ren Ogata", "緒方蓮"}


@pytest.mark.parametrize("words", ["President", "Ogata and Lord", "Mori", "", "the Ogata"])
def test_other_words_have_no_other_form(words: str, names: Names) -> None:
    assert names.forms(words) == (words,)


def test_names_are_kept_in_a_generation(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("generation")
    write_names(folder, ENTRIES)
    seal(folder)
    kept = Names.parse(Sealed(folder).read(FILE))
    assert kept.reword("緒方蓮の話", occurs(ENGLISH)) == "Ogata Ren の話"


pieces = st.sampled_from(["緒方", "蓮", "首相", "ロード", "Ren", "Ogata", " ", "の", "Lord", "。"])


@given(st.lists(pieces | st.text(max_size=4), max_size=10).map("".join))
def test_any_question_is_reworded_once_and_for_all(text: str) -> None:
    names = Names((entry.forms, isinstance(entry, Person)) for entry in ENTRIES)
    known = occurs(ENGLISH)
    once = names.reword(text, known)
    assert names.reword(once, known) == once


@pytest.mark.parametrize(
    "form",
    ["Hosokawa Morihiro", "Morihiro Hosokawa", "細川護熙", "細川首相", "細川総理", "Hosokawa"],
)
def test_the_persons_of_the_first_archive_are_known_by_every_form(form: str) -> None:
    names = Names((entry.forms, isinstance(entry, Person)) for entry in bundled_entries())
    assert {"Hosokawa Morihiro", "細川護熙"} <= set(names.forms(form))


@pytest.mark.parametrize(
    ("written", "filed"),
    [
        ("Ren Ogata", "Ogata Ren"),
        ("Ogata Ren", "Ogata Ren"),
        ("緒方蓮", "Ogata Ren"),
        ("港湾局", "Harbour Board"),
        ("Nobody Known", "Nobody Known"),
        ("", ""),
    ],
)
def test_a_name_is_filed_by_one_form(written: str, filed: str, names: Names) -> None:
    assert names.filed(written) == filed


def test_the_sides_that_a_person_held_office_for_are_kept(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("generation")
    offices = (Office("Envoy", "Japan"), Office("Consul", "Japan"), Office("Clerk", "Italy"))
    write_names(folder, [*ENTRIES, Person("Ito Ken", ("Ken Ito",), offices)])
    seal(folder)
    opened = Names.parse(Sealed(folder).read(FILE))
    assert opened.sides("Ito Ken") == ["Japan", "Italy"]
    assert list(opened.sides("Ogata Ren")) == []
    assert list(opened.sides("Nobody Known")) == []
