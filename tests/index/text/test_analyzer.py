import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.analyzer import analyze


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("No. 1456", ["1456"]),
        ("Super 301", ["super", "301"]),
        ("$59", ["59"]),
        ("1,456", ["1456"]),
        ("1,234,567.5", ["1234567.5"]),
        ("6.5 percent.", ["6.5", "percent"]),
        ("In 1993.", ["1993"]),
        ("１，４５６ and １４５６", ["1456", "1456"]),
    ],
)
def test_numbers_keep_their_digits(text: str, terms: list[str]) -> None:
    assert analyze(text) == terms


@pytest.mark.parametrize(
    "name",
    [
        "U.S.",
        "US",
        "USA",
        "U.S.A.",
        "United States",
        "UNITED\nSTATES",
        "ＵＳ",
        "United States of America",
        "the united  states",
    ],
)
def test_the_united_states_are_one_term_however_written(name: str) -> None:
    assert analyze(name) == ["us"]


@pytest.mark.parametrize("words", ["us", "Us", "between us", "us.", "of us all"])
def test_us_the_pronoun_is_no_term(words: str) -> None:
    assert analyze(words) == []


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("United Nations", "U.N."),
        ("United Kingdom", "U.K."),
        ("Soviet Union", "U.S.S.R."),
        ("Shōwa", "Showa"),
        ("Sho\u0304wa", "SHOWA"),
        ("naïve Café", "naive cafe"),
        ("negotiations", "negotiated"),
        ("targets", "Target"),
        ("Japan’s", "Japan's"),
        ("Japan’s", "Japan"),
        ("O’Neill", "O'Neill"),
        ("日米首脳会談", "日米 米首 首脳 脳会 会談"),
    ],
)
def test_forms_of_one_word_are_one_term(long: str, short: str) -> None:
    assert analyze(long) == analyze(short) != []


def test_runs_of_japanese_become_overlapping_pairs() -> None:
    assert analyze("首相は") == ["首相", "相は"]
    assert analyze("円") == ["円"]
    assert analyze("Clinton大統領1993年") == ["clinton", "大統", "統領", "1993", "年"]


def test_cyrillic_letters_keep_their_marks() -> None:
    assert analyze("й") != analyze("и")


@pytest.mark.parametrize("word", ["the", "The", "who", "IT’S", "no", "t"])
def test_stop_words_are_no_terms(word: str) -> None:
    assert analyze(word) == []


@given(st.text(st.characters()))
def test_any_text_has_terms_fit_for_the_index(text: str) -> None:
    for term in analyze(text):
        assert term.encode()
        assert not any(char.isspace() for char in term)


@given(st.text())
def test_compatible_forms_of_a_text_have_the_same_terms(text: str) -> None:
    assert analyze(unicodedata.normalize("NFKC", text)) == analyze(text)
    assert analyze(unicodedata.normalize("NFD", text)) == analyze(text)


@given(st.text(st.sampled_from("0123456789,. $日米首脳会談アメリカ々")))
def test_terms_of_numbers_and_japanese_are_their_own_terms(text: str) -> None:
    terms = analyze(text)
    assert analyze(" ".join(terms)) == terms


@given(st.text(), st.text())
def test_paragraphs_share_no_term(one: str, other: str) -> None:
    assert analyze(f"{one}\n|\n{other}") == analyze(one) + analyze(other)


def test_a_word_broken_at_the_end_of_a_line_is_found_whole_and_in_its_halves() -> None:
    terms = analyze("THE INTERNA-\nTIONAL FLEET OF DENMARK-\nNORWAY")
    assert set(analyze("international Denmark Norway")) <= set(terms)


@given(
    st.text(
        st.sampled_from(list("aStu.'-,_ 019\n")) | st.characters(max_codepoint=127), max_size=40
    ).filter(lambda text: "-\n" not in text)
)
def test_plain_ascii_is_analyzed_as_any_text_is(text: str) -> None:
    # One letter beyond ASCII sends the whole text another way.
    assert [*analyze(f"{text} "), "zo"] == analyze(f"{text} zö")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("the Soviet Union and the United Nations", ["ussr", "un"]),
        ("the Soviet Union — and the United Nations", ["ussr", "un"]),
        ("union of states", ["union", "state"]),
    ],
)
def test_names_become_their_initials(text: str, terms: list[str]) -> None:
    assert analyze(text) == terms


@pytest.mark.parametrize(
    ("past", "verb"), [("bought", "buys"), ("Wrote", "writing"), ("held", "hold"), ("met", "meets")]
)
def test_an_irregular_past_is_its_verb(past: str, verb: str) -> None:
    assert analyze(past) == analyze(verb)


def test_words_of_their_own_are_no_past() -> None:
    assert analyze("rose") != analyze("rise")
    assert analyze("left") != analyze("leave")


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Łukasiewicz", "Lukasiewicz"),
        ("Bjørnson", "Bjornson"),
        ("Weißenfels", "Weissenfels"),
        ("Ærøskøbing", "Aeroskobing"),
        ("Đorđe", "Dorde"),
        ("Þórunn", "Thorunn"),
        ("ıspanak", "ispanak"),
        ("Алёна", "Алена"),
        ("Ἄργος", "αργος"),
        ("كِتاب", "كتاب"),
        ("light\u00adhouse", "lighthouse"),
        ("light\u200bhouse", "lighthouse"),
        ("light\u2060house", "lighthouse"),
        ("light\u034fhouse", "lighthouse"),
        ("light\ufffehouse", "lighthouse"),
        ("light\u00ad\nhouse", "lighthouse"),
        ("light¬\nhouse", "lighthouse"),
        ("light\ufffe\nhouse", "lighthouse"),
    ],
)
def test_what_is_typed_without_signs_is_the_same_term(text: str, typed: str) -> None:
    assert analyze(text) == analyze(typed) != []


@pytest.mark.parametrize("hyphen", ["-", "\u2010"])
@pytest.mark.parametrize("end", ["\n", " \n", "\n  "])
def test_a_hyphen_at_the_end_of_a_line_may_be_the_words_own(hyphen: str, end: str) -> None:
    assert {"light", "hous", "lighthous"} <= set(analyze(f"light{hyphen}{end}house"))
