"""Japanese questions cut into words, and the English that these may be."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.understanding.japanese import dictionary as dictionaries
from index.understanding.japanese.dictionary import Dictionary, Gloss, Word, open_dictionary
from index.understanding.japanese.fixed_words import find_fixed, normalise, read_fixed
from index.understanding.japanese.segmentation import forms_in, segment
from index.understanding.japanese.translation import draft
from index.understanding.japanese.word_order import Written, write
from tests.support.lexicon import make_dictionary


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Dictionary:
    return make_dictionary(tmp_path_factory.mktemp("lexicon"))


def written(question: str, lexicon: Dictionary) -> Written:
    drafted = draft(question, lexicon)
    chosen = {
        place: token.alternatives[0].words
        for place, token in enumerate(drafted.tokens)
        if token.alternatives
    }
    return write(drafted, chosen)


def words_of(known: Word) -> list[str]:
    return [gloss.words for gloss in known.glosses]


def test_a_form_has_its_glosses_without_explanations_the_best_first(lexicon: Dictionary) -> None:
    found = lexicon.look_up({"水先人", "修理", "建てる", "ランプ", "無い"})
    assert set(found) == {"水先人", "修理", "建てる", "ランプ"}
    assert words_of(found["水先人"]) == ["pilot", "harbour pilot"]
    assert words_of(found["建てる"]) == ["build", "erect"]
    assert found["建てる"].is_verb
    assert not found["修理"].is_verb
    ranks = [gloss.rank for gloss in found["修理"].glosses]
    assert ranks == sorted(ranks)
    # What a later sense says is less likely than what comes next in the first.
    assert ranks[2] - ranks[1] > ranks[1] - ranks[0]


def test_the_usual_reading_of_a_name_comes_first(lexicon: Dictionary) -> None:
    assert words_of(lexicon.find_names({"堀江"})["堀江"]) == ["Horie", "Horigoe"]


def test_threads_may_ask_at_once(lexicon: Dictionary) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: lexicon.look_up({"灯台", "網"}), range(64)))
    assert found[0]
    assert all(each == found[0] for each in found)


def test_without_the_package_there_is_no_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jamdict_data", None)
    open_dictionary.cache_clear()
    assert open_dictionary() is None
    open_dictionary.cache_clear()


def test_the_package_has_words_and_names() -> None:
    lexicon = open_dictionary()
    assert lexicon is not None
    assert "lighthouse" in words_of(lexicon.look_up({"灯台"})["灯台"])
    assert dictionaries.INSTALL.endswith("'memcon[japanese]'")


@pytest.mark.parametrize(
    ("question", "english"),
    [
        ("1871年11月3日", "3 November 1871"),
        ("一八七一年11月", "November 1871"),
        ("明治4年", "1871"),
        ("昭和元年12月", "December 1926"),
        ("１８７０年代", "1870s"),
        ("第12号", "no. 12"),
        ("30億", "3 billion"),
        ("5万", "50,000"),
        ("なぜ", "why"),
        ("何人", "how many"),
        ("何隻", "how many"),
        ("どのような", "what"),
        ("どのように", "how"),
        ("何を", "what"),
        ("いつ", "when"),
        ("Brixwold", "Brixwold"),
    ],
)
def test_dates_numbers_and_words_of_asking_are_read(question: str, english: str) -> None:
    text = normalise(question)
    match = find_fixed(text, 0)
    assert match is not None
    assert [gloss.words for gloss in read_fixed(match).alternatives] == [english]


@given(
    st.text(st.sampled_from("0123456789,.年月日号億万兆明治元世紀代第何いつどこの、A"), max_size=24)
)
def test_no_mixture_of_numbers_is_too_much(text: str) -> None:
    place = 0
    while match := find_fixed(normalise(text), place):
        assert match.end() > place
        read_fixed(match)
        place = match.end()


@given(st.text(st.sampled_from("灯台網漁師のはをにランプー建てた、"), max_size=20), st.data())
def test_pieces_are_the_whole_text(text: str, data: st.DataObject) -> None:
    spans = sorted(forms_in(text))
    chosen = data.draw(st.lists(st.sampled_from(spans), max_size=6)) if spans else []
    known = {(start, end): Word(text[start:end], (Gloss("word", 0),)) for start, end in chosen}
    assert "".join(piece.text for piece in segment(text, known, {})) == text


@pytest.mark.parametrize(
    ("question", "english"),
    [
        ("灯台はいつ修理されましたか。", "When did lighthouse repair?"),
        ("漁師はなぜ灯台を建てたのですか。", "Why did fisherman build lighthouse?"),
        ("誰が灯台の網を修理しましたか。", "Who did repair lighthouse net?"),
        # A clause before a noun comes after it.
        ("漁師が建てた灯台はどこですか。", "Where was lighthouse build fisherman?"),
        ("漁師は灯台をなぜ建てなかったのですか。", "Why did fisherman not build lighthouse?"),
        ("灯台に関する網", "What was net about lighthouse?"),
        ("どの漁師が灯台を建てましたか。", "Which fisherman did build lighthouse?"),
        # An office goes before the name, and long vowels are not written.
        (
            "藤堂首相は灯台について何と言いましたか。",
            "What did Prime Minister Todo say about lighthouse?",
        ),
        ("ノルドル漁師は何を建てましたか。", "What did Nordlish fisherman build?"),
    ],
)
def test_a_question_is_put_in_the_order_of_english(
    question: str, english: str, lexicon: Dictionary
) -> None:
    assert written(question, lexicon).text == english


def test_the_longest_word_is_meant(lexicon: Dictionary) -> None:
    tokens = draft("灯台の灯", lexicon).tokens
    assert [token.text for token in tokens] == ["灯台", "の", "灯"]


def test_whose_words_are_asked_for_is_told_of_persons_alone(lexicon: Dictionary) -> None:
    said = written("堀江大使は網について何と言いましたか。", lexicon)
    assert said.speaker == "Ambassador Horie"
    assert written("灯台は何と言いましたか。", lexicon).speaker == ""
    assert written("堀江大使は灯台を建てましたか。", lexicon).speaker == ""


def test_a_name_that_nothing_has_stays_a_name(lexicon: Dictionary) -> None:
    drafted = draft("ブリクスウォルドの灯台", lexicon)
    assert drafted.tokens[0].kind == "name"
    assert drafted.tokens[0].alternatives[0].words[0] == "B"
    assert drafted.untranslated == pytest.approx(0.5)
    heard = draft("ブリクスウォルドの灯台", lexicon, lambda _: ["brixwold"])
    assert heard.tokens[0].alternatives[0].words == "Brixwold"
    assert heard.untranslated == 0.0


def test_a_long_name_in_katakana_is_not_cut_into_words(lexicon: Dictionary) -> None:
    assert draft("ランプリッジの灯台", lexicon).tokens[0].text == "ランプリッジ"
    # Names of one person that a dot parts stay together.
    said = written("ハリソン・ランプリッジ大使は何と言いましたか。", lexicon)
    assert said.speaker.startswith("Ambassador Harrison ")


def test_what_no_dictionary_has_is_counted(lexicon: Dictionary) -> None:
    assert draft("灯台の鰊はどこですか", lexicon).untranslated == pytest.approx(0.5)
    assert draft("いつですか", lexicon).untranslated == 0.0


@settings(max_examples=40, deadline=None)
@given(
    text=st.text(
        st.sampled_from("灯台網漁師藤堂首相のはをにがとでランプー建てた何誰いつ、。1年号"),
        max_size=24,
    )
)
def test_every_question_has_one_english_form(text: str, lexicon: Dictionary) -> None:
    english = written(text, lexicon).text
    assert english.endswith("?")
    assert english == written(text, lexicon).text
