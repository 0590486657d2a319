"""Japanese records, and records in two languages, from the text to the answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.errors import UsageError
from index.answering.answer import Answer, answer
from index.answering.verdict import Verdict
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from tests.support.archives import build, document

HARBOUR = document(
    "港の灯台についての会談記録\n\n"
    "（総理）港には来年の春までに四十の新しい灯が要る。費用は町が半分を持つ。"
    "残りは国が持つべきである。\n"
    "（大統領）ＮＡＦＴＡの話は別の日にしたい。灯の費用は理解した。［訳注：二行墨塗り］"
    "工事は三月に始まる。\n"
    "（総理）了解した。「三本の柱」という言葉を忘れないでほしい。\n"
    "（了）\n",
    doc_id="harbour",
    title="日米首脳会談（灯台）",
    event_date="1993-09-27",
    side="Japan",
    people=("クリントン",),
)
HERRING = document(
    "鰊の漁獲量に関する報告\n\n"
    "北の港では鰊の漁獲量が昨年の三分の一に減った。漁師たちは網の目を大きくすることに同意した。"
    "組合は一九九三年九月に補償を求めた。\n",
    doc_id="herring",
)
LAMPS = document(
    "Talks about the lamps\n\n"
    "(Prime Minister) The lamps must burn through the winter.\n"
    "(President) The winter is long on our coast as well.\n",
    doc_id="lamps",
    title="Japan-United States Summit Meeting",
    event_date="1993-09-27",
    side="Japan",
)
OLDER = document(
    "(Prime Minister) The nets must be mended before the ice comes.\n",
    doc_id="older",
    title="Japan-United States Summit Meeting",
    event_date="1993-04-16",
    side="Japan",
)


@pytest.fixture(scope="module")
def japanese(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Archive]:
    archive = build(tmp_path_factory.mktemp("japanese") / "archive", cache, HARBOUR, HERRING)
    yield archive
    archive.close()


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Archive]:
    archive = build(tmp_path_factory.mktemp("english") / "archive", cache, LAMPS, OLDER)
    yield archive
    archive.close()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Archive]:
    root = tmp_path_factory.mktemp("both") / "archive"
    archive = build(root, cache, HARBOUR, HERRING, LAMPS, OLDER)
    yield archive
    archive.close()


def quoted(given: Answer) -> list[str]:
    return [quote.text for quote in given.quotes or given.leads]


def test_passages_are_whole_japanese_sentences_inside_turns(japanese: Archive) -> None:
    document = japanese.document("harbour")
    passages = [
        passage
        for passage in japanese.engine.passages(range(japanese.manifest.passages))
        if passage.doc_id == "harbour"
    ]
    turns = [
        (passage.turn.speaker, [span.of(document.text) for span in passage.sentences])
        for passage in passages
        if passage.turn
    ]
    assert turns == [
        (
            "総理 (Hosokawa Morihiro)",
            [
                "港には来年の春までに四十の新しい灯が要る。",
                "費用は町が半分を持つ。",
                "残りは国が持つべきである。",
            ],
        ),
        (
            "大統領 (Bill Clinton)",
            ["ＮＡＦＴＡの話は別の日にしたい。", "灯の費用は理解した。", "工事は三月に始まる。"],
        ),
        (
            "総理 (Hosokawa Morihiro)",
            ["了解した。", "「三本の柱」という言葉を忘れないでほしい。"],
        ),
    ]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("港にはいくつの灯が要るか", "港には来年の春までに四十の新しい灯が要る。"),
        ("鰊の漁獲量はどれだけ減ったか", "北の港では鰊の漁獲量が昨年の三分の一に減った。"),
        # The short sentence before it comes along.
        (
            "細川総理は何を忘れないでほしいと言ったか",
            "了解した。「三本の柱」という言葉を忘れないでほしい。",
        ),
    ],
)
def test_a_japanese_question_is_answered_in_the_records_own_words(
    question: str, sentence: str, japanese: Archive
) -> None:
    given = answer(question, japanese)
    assert given.verdict is Verdict.ANSWERED
    assert quoted(given)[0].startswith(sentence)
    for quote in given.quotes:
        assert (
            quote.text
            == japanese.document(quote.document.doc_id).text[quote.span.start : quote.span.end]
        )


def test_what_japanese_records_do_not_say_is_not_found(japanese: Archive) -> None:
    assert answer("鯨の値段はいくらか", japanese).verdict is Verdict.NOT_FOUND


def test_letters_of_any_width_are_one_for_the_index_and_stay_in_the_text(
    japanese: Archive,
) -> None:
    assert quoted(answer("NAFTAの話はいつか", japanese))[0] == "ＮＡＦＴＡの話は別の日にしたい。"


@pytest.mark.parametrize("question", ['"三本の柱"', '言葉 "を忘れないで"', '"灯の費用"'])
def test_a_japanese_phrase_must_occur_just_so(question: str, japanese: Archive) -> None:
    phrase = question.split('"')[1]
    hits = japanese.search(japanese.parse_query(question), Filters(), 10)
    assert hits
    text = japanese.document("harbour").text
    assert all(phrase in hit.passage.span.of(text) for hit in hits)
    assert answer('"四本の柱"', japanese).quotes == ()


def test_the_language_is_noted_and_filtered_by(both: Archive) -> None:
    assert both.document("herring").provenance.language == "ja"
    hits = both.search(both.parse_query("winter 灯"), Filters(language="ja"), 10)
    assert {hit.passage.doc_id for hit in hits} == {"harbour", "herring"}


FORMS = ["Hosokawa Morihiro", "Morihiro Hosokawa", "細川護熙", "細川首相", "Hosokawa"]


@pytest.mark.parametrize("form", FORMS)
def test_a_speaker_is_found_under_every_form_of_his_name(form: str, both: Archive) -> None:
    for filters in (Filters(speaker=form), Filters(person=form)):
        hits = both.search(both.parse_query("lamps 灯 nets"), filters, 10)
        assert {hit.passage.doc_id for hit in hits} == {"harbour", "lamps"}
    spoken = both.search(both.parse_query("winter 灯"), Filters(speaker=form), 10)
    assert spoken
    assert all(hit.passage.turn and hit.passage.turn.name == FORMS[0] for hit in spoken)


def test_an_unknown_name_is_said_to_be_unknown(both: Archive) -> None:
    with pytest.raises(UsageError, match="緒方蓮"):
        both.search(both.parse_query("winter"), Filters(speaker="緒方蓮"), 10)


@pytest.mark.parametrize("question", ["細川護熙", "細川首相は何と述べたか", "細川護熙総理の発言"])
def test_a_name_in_characters_finds_english_records(question: str, english: Archive) -> None:
    hits = english.search(english.parse_query(question), Filters(), 1)
    assert hits[0].passage.turn is not None
    assert hits[0].passage.turn.name == "Hosokawa Morihiro"


@pytest.mark.parametrize("question", ["Hosokawa Morihiro", "What did Hosokawa say?"])
def test_a_name_in_letters_finds_japanese_records(
    question: str, tmp_path: Path, cache: Path
) -> None:
    cabinet = document("細川内閣は八月に発足した。港の人々は喜んだ。\n", doc_id="cabinet")
    archive = build(tmp_path / "archive", cache, HERRING, cabinet)
    hits = archive.search(archive.parse_query(question), Filters(), 1)
    assert hits[0].passage.doc_id == "cabinet"
    archive.close()


def test_in_an_archive_of_both_languages_a_name_finds_both(both: Archive) -> None:
    for question in ("細川護熙", "Hosokawa Morihiro"):
        hits = both.search(both.parse_query(question), Filters(), 4)
        assert {hit.passage.doc_id for hit in hits if hit.lexical_rank} >= {"harbour", "lamps"}
