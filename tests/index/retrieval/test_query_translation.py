"""Which English words a Japanese question is asked in: those that passages have together."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.answering.answer import answer
from index.answering.verdict import Verdict
from index.retrieval.archive import Archive
from index.retrieval.query_translation import choose_words
from index.understanding.japanese.dictionary import Gloss
from index.understanding.japanese.fixed_words import QuestionToken
from index.understanding.japanese.translation import Draft
from tests.support.archives import build, document

LIGHT = document(
    "Ambassador Horie told the harbour board that the lighthouse at Brixwold needed a new lamp.\n\n"
    "The lamp of the lighthouse was repaired on 3 November 1871 by Edmund Vandenberg, a keeper.\n\n"
    "The web of rules about dues was changed in 1872, and nobody understood it.\n",
    doc_id="light",
)
NETS = document(
    "The fishermen mended their nets in the spring, and the nets were sold in the autumn.\n\n"
    "Every fisherman of the coast owned a net of his own before the war.\n",
    doc_id="nets",
)


@pytest.fixture(scope="module")
def coast(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Archive]:
    archive = build(tmp_path_factory.mktemp("coast") / "archive", cache, LIGHT, NETS)
    yield archive
    archive.close()


def token(text: str, *words: str, kind: str = "word") -> QuestionToken:
    return QuestionToken(text, kind, tuple(Gloss(each, place) for place, each in enumerate(words)))


def choose(archive: Archive, *tokens: QuestionToken) -> list[str]:
    chosen = choose_words(Draft(tokens), archive.engine, archive.encoder)
    return [chosen[place] for place in sorted(chosen)]


def test_the_word_that_stands_beside_the_others_is_meant(coast: Archive) -> None:
    assert choose(coast, token("漁師", "fisherman"), token("網", "web", "net"))[1] == "net"
    assert choose(coast, token("規則", "rule"), token("網", "web", "net"))[1] == "web"


def test_where_the_archive_has_no_word_the_dictionarys_first_stays(coast: Archive) -> None:
    assert choose(coast, token("鯨", "whale", "whalebone")) == ["whale"]


def test_a_reading_that_the_archive_has_is_taken(coast: Archive) -> None:
    assert choose(coast, token("堀江", "Horigoe", "Horie", kind="name")) == ["Horie"]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("灯台のランプはいつ修理されましたか。", "3 November 1871"),
        ("灯台のランプを修理したのは誰ですか。", "Edmund Vandenberg"),
        ("漁師は春に何をしましたか。", "mended their nets"),
    ],
)
def test_a_japanese_question_finds_english_words(question: str, words: str, coast: Archive) -> None:
    given = answer(question, coast)
    assert words in (given.quotes or given.leads)[0].text


def test_a_name_in_katakana_is_heard(coast: Archive) -> None:
    query = coast.parse_query("ヴァンデンバーグは灯台で何をしましたか。")
    assert "Vandenberg" in query.translation


def test_a_question_about_another_name_is_not_answered(coast: Archive) -> None:
    given = answer("ムッソリーニは灯台について何と言いましたか。", coast)
    assert given.verdict is Verdict.NOT_FOUND


def test_the_same_question_is_asked_in_the_same_words(coast: Archive) -> None:
    question = "灯台のランプを修理したのは誰ですか。"
    assert len({coast.parse_query(question).translation for _ in range(3)}) == 1


def test_an_english_question_has_no_translation(coast: Archive) -> None:
    query = coast.parse_query("Who repaired the lamp?")
    assert (query.translation, query.untranslated) == ("", 0.0)
