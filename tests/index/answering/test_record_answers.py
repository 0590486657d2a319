from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.documents import Enclosure, Span
from index.answering.answer import Answer, answer
from index.answering.receipts import make_receipt, replay
from index.answering.record_answers import search
from index.answering.verdict import Verdict
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.verifying.verification import Finding, verify
from tests.support.archives import build, document

FIRST = """\
No. 33.

The harbour master has shut the harbour. The ice came early. He asks for forty barrels of tar.

The price of rope has doubled since the autumn.
"""
SECOND = "The consul thanks the minister for the tar. It came in good order and was paid for.\n"
INSIDE = "The pilot at Port Mary saw two brigs near the bar.\n"
THIRD = f"I enclose what the pilot cabled to me this week.\n\n{INSIDE}"
WHERE = {"collection": "frus1871v03", "container": "Harbour Papers, 1871"}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Archive]:
    root = tmp_path_factory.mktemp("papers") / "archive"
    start = THIRD.index(INSIDE)
    enclosed = Enclosure(
        Span(start, len(THIRD) - 1), creators=("Odd",), document_date="1871-12-01", kind="telegram"
    )
    documents = (
        document(
            FIRST,
            "first",
            title="Mr. Harrow to Mr. Tarn",
            kind="telegram",
            creators=("Harrow",),
            recipients=("Tarn",),
            document_date="1871-11-03",
            number="1",
            **WHERE,
        ),
        document(
            SECOND,
            "second",
            title="Mr. Harrow to Mr. Tarn",
            creators=("Harrow",),
            recipients=("Tarn",),
            document_date="1871-11-20",
            number="2",
            **WHERE,
        ),
        document(
            THIRD,
            "third",
            title="Mr. Harrow to Mr. Tarn",
            creators=("Harrow",),
            recipients=("Tarn",),
            document_date="1871-12-05",
            number="3",
            enclosures=(enclosed,),
            **WHERE,
        ),
    )
    archive = build(root, cache, *documents)
    yield archive
    archive.close()


def doc_ids(given: Answer) -> list[str]:
    return [quote.document.doc_id for quote in given.quotes]


def test_a_record_without_a_topic_is_answered_with_its_opening(papers: Archive) -> None:
    given = answer("Harrow's telegram to Tarn, November 3, 1871", papers)
    assert given.verdict is Verdict.ANSWERED
    assert doc_ids(given) == ["first"]
    assert given.quotes[0].text.startswith("The harbour master has shut the harbour.")
    assert given.confidence > 0.9
    assert given.records is not None
    assert given.records.is_used
    assert given.records.is_opening
    assert given.records.total == 1


def test_a_topic_is_looked_for_in_the_record_alone(papers: Archive) -> None:
    given = answer("What does document 1 say about the price of rope?", papers)
    assert given.verdict is Verdict.ANSWERED
    assert set(doc_ids(given)) == {"first"}
    assert "price of rope" in given.quotes[0].text
    assert given.records is not None
    assert not given.records.is_opening


def test_a_topic_that_is_not_there_is_answered_with_the_opening(papers: Archive) -> None:
    given = answer("What does document 2 say about elephants in Sumatra?", papers)
    assert doc_ids(given) == ["second"]
    assert given.records is not None
    assert given.records.is_opening
    assert given.confidence < 0.7


def test_several_that_fit_are_offered(papers: Archive) -> None:
    given = answer("letters from Harrow to Tarn", papers, limit=1)
    assert given.records is not None
    # The telegram is no letter.
    assert [each.doc_id for each in given.records.fits] == ["second", "third"]
    assert doc_ids(given) == ["second"]


def test_an_enclosure_is_opened_at_its_place(papers: Archive) -> None:
    given = answer("Odd's cable of December 1, 1871, forwarded by Harrow", papers)
    assert doc_ids(given) == ["third"]
    assert given.quotes[0].text == INSIDE.strip()
    whole = answer("Harrow to Tarn, December 5, 1871", papers)
    assert whole.quotes[0].text == THIRD.splitlines()[0]


def test_no_record_is_answered_from_where_none_fits(papers: Archive) -> None:
    given = answer("Harrow's telegram to Tarn of November 9, 1871 about tar", papers)
    assert given.verdict is Verdict.NOT_FOUND
    assert given.records is not None
    assert given.records.total == 0
    assert [each.doc_id for each in given.records.nearest] == ["first", "second", "third"]
    assert [quote.document.doc_id for quote in given.leads] == ["first", "second", "third"]


def test_a_fact_is_asked_of_the_archive_where_no_record_fits(papers: Archive) -> None:
    asked = "How many barrels of tar did the harbour master ask for?"
    other = "How many barrels of tar did the harbour master ask for in the note of May 1, 1871?"
    given = answer(other, papers)
    assert given.records is not None
    assert not given.records.is_used
    shown = given.quotes or given.leads
    assert shown[0].document.doc_id == "first"
    assert answer(asked, papers).records is None


def test_filters_hold_for_records_too(papers: Archive) -> None:
    question = "Harrow to Tarn, November 3, 1871"
    given = answer(question, papers, filters=Filters.parse(date_from="1871-12"))
    assert given.verdict is Verdict.NOT_FOUND


def test_a_search_for_a_record_is_of_that_record(papers: Archive) -> None:
    asked = "Harrow's letter of November 20, 1871"
    hits, match = search(asked, papers.parse_query(asked), papers, Filters(), 5)
    assert {hit.passage.doc_id for hit in hits} == {"second"}
    assert match is not None
    query = papers.parse_query("tar")
    found, match = search("tar", query, papers, Filters(), 5)
    assert match is None
    assert found == papers.search(query, Filters(), 5)[: len(found)] != []


def test_a_search_ends_with_the_last_passage_that_fits(papers: Archive) -> None:
    def find(words: str) -> list[int]:
        return [
            hit.rank for hit in search(words, papers.parse_query(words), papers, Filters(), 5)[0]
        ]

    assert find("quaternions photosynthesis") == []
    assert papers.search(papers.parse_query("quaternions photosynthesis"), Filters(), 5)
    ranks = find("tar")
    assert ranks == [*range(1, len(ranks) + 1)] != []
    # Of words that no index has.
    assert find('"and was"')


def test_words_are_verified_to_be_from_the_record_named(papers: Archive) -> None:
    words = "The consul thanks the minister for the tar."
    right = verify(words, papers, "Harrow to Tarn, November 20, 1871")
    assert (right.finding, right.attribution) == (Finding.EXACT, True)
    wrong = verify(words, papers, "Harrow to Tarn, November 3, 1871")
    assert (wrong.finding, wrong.attribution) == (Finding.MISATTRIBUTED, False)
    assert verify(words, papers, "document 2").attribution is True


def test_an_answer_from_a_record_is_replayed(papers: Archive) -> None:
    given = answer("Harrow to Tarn, November 3, 1871", papers)
    assert replay(make_receipt(given, 3), papers).changes == ()


def test_a_year_that_only_the_record_has_is_no_reason_to_refuse(
    papers: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Sure of everything, but for what is capped.
    monkeypatch.setattr("index.answering.verdict.estimate", lambda *_: 0.9)
    dated = answer("Who thanks the minister for the tar in November 1871?", papers)
    other = answer("Who thanks the minister for the tar in November 1890?", papers)
    assert (dated.confidence, other.confidence) == (0.9, 0.2)
