import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.languages import detect_language, name_language
from tests.support.archives import document

JAPANESE = (
    "港の灯台は一八七二年の春までに四十の新しいランプを必要とする"
    "と町長は述べた。技師は三月に工事を始めると答えた。"
)
KOREAN = (
    "항구에는 봄까지 마흔 개의 새 등불이 필요하다고"
    " 시장이 말했다. 기사는 삼월에 공사를 시작한다고 대답하였다. 의회는 승인했다."
)
CHINESE = (
    "港口在一八七二年春天以前需要四十盏新灯"
    "市长说工程师回答说工程将于三月开始议会批准了所需的费用并通知了各方"
)
TEXTS = {
    "en": "The harbour needs forty new lamps by the spring, the mayor said, and the engineer "
    "answered that the work would begin in March if the council agreed to the cost.",
    "fr": "Le port a besoin de quarante nouvelles lampes avant le printemps, dit le maire, et "
    "l'ingénieur répondit que les travaux commenceraient en mars si le conseil acceptait.",
    "de": "Der Hafen braucht bis zum Frühjahr vierzig neue Lampen, sagte der Bürgermeister, und "
    "der Ingenieur antwortete, die Arbeit werde im März beginnen, wenn der Rat zustimme.",
    "ru": "Гавани нужны сорок новых фонарей к весне, сказал мэр, и инженер ответил, что работы "
    "начнутся в марте, если совет согласится с расходами на их постройку.",
    "ja": JAPANESE,
    "ko": KOREAN,
    "zh": CHINESE,
}


@pytest.mark.parametrize("language", TEXTS)
def test_the_language_of_a_text_is_told(language: str) -> None:
    assert detect_language(TEXTS[language]) == language


@pytest.mark.parametrize(
    "text",
    ["", "1993 09 27 — 40", "Hosokawa Morihiro", "東京 大阪", "Talks", JAPANESE + TEXTS["en"][:90]],
)
def test_where_it_is_not_sure_nothing_is_said(text: str) -> None:
    assert detect_language(text) is None


def test_a_few_words_in_another_script_change_nothing() -> None:
    assert detect_language(f"{TEXTS['en']} (細川護熙)") == "en"
    assert detect_language(f"{JAPANESE} NAFTA, GATT") == "ja"


def test_a_document_has_its_language_unless_it_says_another() -> None:
    assert document(JAPANESE).provenance.language == "ja"
    assert document(JAPANESE, language="en").provenance.language == "en"
    assert document("Talks").provenance.language is None


@given(st.text(max_size=200))
def test_any_text_has_a_language_or_none(text: str) -> None:
    assert detect_language(text) == detect_language(text)


def test_languages_are_called_by_their_names() -> None:
    assert [name_language(code) for code in ("ja", "en-GB", "xx")] == ["Japanese", "English", "xx"]


@pytest.mark.parametrize(
    "text",
    [
        "Le Havre | Marseille | Bordeaux | Dunkerque\n" * 12,
        "Ministère des Affaires étrangères\t1871\t40\n" * 12,
        "Préface .......... iii\nListe des documents .......... vii\n" * 8,
        (
            "Jean Dupont, Pierre Martin, Marie Durand, Louis Bernard, Anne Petit, Jacques Moreau, "
            "Paul Lefebvre, Claire Roux, Henri Fournier"
        ),
        TEXTS["fr"] + " " + TEXTS["en"],
    ],
)
def test_tables_lists_and_names_are_in_no_language(text: str) -> None:
    assert detect_language(text) is None


def test_a_telegram_in_capitals_and_the_text_around_a_table_have_their_language() -> None:
    assert detect_language(TEXTS["en"].upper()) == "en"
    assert detect_language(f"{TEXTS['en']}\n\nLe Havre | Marseille | Bordeaux") == "en"
