import pytest

from index.retrieval.archive import Archive
from index.text.tables import read_rows
from index.understanding.japanese import dictionary, glossary
from index.understanding.japanese.glossary import find_speaker, gloss, is_japanese


def test_every_line_is_a_word_and_its_english() -> None:
    lines = list(read_rows(glossary.__file__))
    assert all(len(line) == 2 and line[1].isascii() and line[1].strip() for line in lines)
    assert len({word for word, _ in lines}) == len(lines) > 200


@pytest.mark.parametrize(
    ("question", "english"),
    [
        ("1921年9月の首脳会談", "September 1921 summit meeting"),
        ("細川首相は何と言いましたか", "Hosokawa Prime Minister what say"),
        ("北朝鮮の核開発", "North Korea nuclear program"),
        ("1994年2月11日の公電第1456号", "11 February 1994 cable no 1456 no"),
        ("灯台守ハリソンの公電", "灯台守ハリソン cable"),
        ("What is rice?", "What is rice?"),
    ],
)
def test_known_words_are_written_in_english(question: str, english: str) -> None:
    assert gloss(question) == english


def test_japanese_is_told_from_names_in_english_questions() -> None:
    assert is_japanese("公電1456号とは")
    assert not is_japanese("Who is 細川護熙 in the records?")
    assert not is_japanese("1456")


def test_a_question_that_ends_in_kana_is_japanese_whatever_names_it_has() -> None:
    assert is_japanese("Edmund Harrisonは何と言いましたか。")


def test_japanese_finds_english_records(bundled: Archive) -> None:
    query = bundled.parse_query("細川内閣はいつ発足しましたか。")
    assert query.translation == query.asked.text
    assert query.translation.startswith("When did")
    assert query.asked.expected == ("date",)
    assert {"hosokawa", "cabinet"} <= set(query.terms)
    assert query.text == "細川内閣はいつ発足しましたか。"
    assert query.untranslated == 0.0


def test_without_a_dictionary_the_words_of_the_glossary_are_looked_up(
    bundled: Archive, records: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dictionary, "open_dictionary", lambda: None)
    query = bundled.parse_query("細川内閣はいつ発足しましたか。")
    assert query.asked.text.startswith("what Hosokawa cabinet")
    assert query.asked.expected == ("date",)
    assert records.parse_query("灯台守は誰か").asked.text == "what 灯台守 who?"


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("細川首相はコメについて何と述べましたか", "Hosokawa Prime Minister"),
        ("クリントン大統領は何と言いましたか", "Clinton President"),
        ("細川内閣はいつ発足しましたか", ""),
    ],
)
def test_whose_words_are_asked_for(question: str, speaker: str) -> None:
    assert find_speaker(question) == speaker
