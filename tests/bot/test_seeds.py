"""Two real texts as saved from web pages: the answers that a reader expects of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.archives import Run

NEWS, ARTICLE = "000_41c2cad31ec59795", "001_7601cd71598115de"


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory, memcon: Run) -> Path:
    folder = Path(__file__).resolve().parents[3] / "shared" / "archive" / "seeds"
    if not folder.is_dir():
        pytest.skip("needs the folder shared/ beside the checkout")
    archive = tmp_path_factory.mktemp("seeds") / "archive"
    built = memcon("index", "build", str(folder), archive=archive)
    assert built.returncode == 0, built.stderr
    return archive


def ask(memcon: Run, archive: Path, question: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(memcon("ask", question, "--json", archive=archive).stdout)
    return answer


@pytest.mark.parametrize(
    ("question", "doc_id", "words"),
    [
        ("How big was Japan's trade surplus by the end of 1993?", ARTICLE, "$59 bn"),
        ("Who translated the memoranda into English?", ARTICLE, "Stephen Mercado"),
        ("What metaphor described the bilateral relationship?", ARTICLE, "three-legged stool"),
        ("What did Clinton tell Yeltsin about the Japanese?", ARTICLE, "they mean no"),
        pytest.param(
            "Which trade law did the United States think of using?",
            NEWS,
            "Super 301",
            marks=pytest.mark.xfail(reason="the answer shares no word with it", strict=True),
        ),
        pytest.param(
            "Who besides Miyazawa met Clinton as prime minister?",
            ARTICLE,
            "Hosokawa",
            marks=pytest.mark.xfail(reason="the title of the article is nearer", strict=True),
        ),
        ("What was done to a Toshiba boombox?", ARTICLE, "destruction"),
        ("What happened to mentions of North Korea in the records?", ARTICLE, "withheld"),
        ("What did Clinton want that Miyazawa rejected?", ARTICLE, "quantitative indicators"),
        ("What share did Al Gore have in the talks?", ARTICLE, "took the lead"),
    ],
)
def test_the_first_quotation_holds_the_answer(
    memcon: Run, seeds: Path, question: str, doc_id: str, words: str
) -> None:
    answer = ask(memcon, seeds, question)
    assert answer["verdict"] == "answered"
    first = answer["quotes"][0]
    assert first["doc_id"] == doc_id
    assert words in first["text"]
    for quote in answer["quotes"]:
        for furniture in ("Skip to main content", "Read More", "[ii] ", "acc. Apr."):
            assert furniture not in quote["text"]


@pytest.mark.parametrize(
    "question",
    [
        "What did Reagan and Nakasone discuss in Williamsburg?",
        "How many American soldiers were stationed on Okinawa?",
        "Who won the 1993 World Series?",
        "What is the boiling point of water?",
    ],
)
def test_what_is_not_there_is_not_found(memcon: Run, seeds: Path, question: str) -> None:
    done = memcon("ask", question, archive=seeds)
    assert done.returncode == 1
    assert "searched 2 documents" in done.stdout
