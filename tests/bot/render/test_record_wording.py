"""Questions for a record on every screen: which was asked for, and what else there is."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from bot.discord.render.answer import answer_card
from bot.render.json_form import answer_form
from bot.render.terminal import draw_answer
from bot.services.ask import ask
from index.answering.answer import answer
from index.answering.verdict import Verdict
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from tests.support.archives import build, document

VOLUME = {"container": "Harbour Papers, 1871", "creators": ("Harrow",), "recipients": ("Tarn",)}


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Archive]:
    made = [
        document(
            f"The ice stood {number} feet high in the harbour of Brixwold this week.",
            f"letter-{number:02}",
            title="Mr. Harrow to Mr. Tarn",
            kind="letter",
            number=str(number),
            document_date=f"1871-11-{number:02}",
            **VOLUME,
        )
        for number in range(1, 20)
    ]
    archive = build(tmp_path_factory.mktemp("letters") / "archive", cache, *made)
    yield archive
    archive.close()


def draw(thing: object) -> str:
    out = io.StringIO()
    Console(file=out, width=200, highlight=False, markup=False, emoji=False).print(thing)
    return out.getvalue()


def test_others_that_fit_are_offered(letters: Archive) -> None:
    given = answer("letters from Harrow to Tarn", letters)
    shown = draw(draw_answer(given, "0123456789ab"))
    asked = "Asked for: letters, from Harrow, to Tarn; 19 records fit."
    assert f"{asked} Each is quoted from its beginning.\nOthers that fit:" in shown
    assert "· document 4: Mr. Harrow to Mr. Tarn, November 4, 1871 memcon show letter-04" in shown
    assert "and 7 more" in shown
    card = answer_card(ask("letters from Harrow to Tarn", letters))
    (value,) = [text for text in card.texts if text.startswith(f"-# {asked}")]
    assert value.endswith("and 13 more")
    form = answer_form(given, "0123456789ab", 1.0)["records"]
    assert (form["total"], form["used"], form["opening"]) == (19, True, True)
    assert form["fits"][0] == {
        "doc_id": "letter-01",
        "number": "1",
        "title": "Mr. Harrow to Mr. Tarn",
        "date": "1871-11-01",
        "volume": "Harbour Papers, 1871",
    }


def test_the_nearest_are_offered_where_none_fits(letters: Archive) -> None:
    given = answer("Harrow to Tarn, November 25, 1871", letters)
    assert given.verdict is Verdict.NOT_FOUND
    shown = draw(draw_answer(given, "0123456789ab"))
    told = "No record in the archive fits: from Harrow, to Tarn, November 25, 1871."
    assert f"{told}\nThe nearest:\n  · document 19: Mr. Harrow to Mr. Tarn, November 19" in shown
    card = answer_card(ask("Harrow to Tarn, November 25, 1871", letters))
    assert any(text.startswith(f"-# {told}") for text in card.texts)
    form = answer_form(given, "0123456789ab", 1.0)["records"]
    assert [each["doc_id"] for each in form["nearest"]] == ["letter-19", "letter-18", "letter-17"]
    json.dumps(form)


def test_one_record_that_fits_is_quoted_from_its_beginning(letters: Archive) -> None:
    shown = draw(draw_answer(answer("Harrow to Tarn, November 4, 1871", letters), "0123456789ab"))
    assert "1 record fits. It is quoted from its beginning." in shown


@pytest.mark.parametrize(
    ("question", "filters", "ending"),
    [
        ('Harrow to Tarn, November 4, 1871 "otter pelts"', {}, "1 record fits, but the quoted"),
        ('letters from Harrow to Tarn "otter pelts"', {}, "the quoted words exclude them."),
        ("letters from Harrow to Tarn -ice", {}, "19 records fit, but the excluded words exclude"),
        ("Harrow to Tarn, November 4, 1871", {"date_from": "1890"}, "but the filters exclude it."),
        (
            'letters from Harrow to Tarn "otter pelts"',
            {"date_from": "1890"},
            "the quoted words and filters exclude them.",
        ),
    ],
)
def test_records_that_fit_but_are_excluded_are_counted(
    letters: Archive, question: str, filters: dict[str, str], ending: str
) -> None:
    given = answer(question, letters, filters=Filters.parse(**filters))
    assert given.verdict is Verdict.NOT_FOUND
    shown = draw(draw_answer(given, "0123456789ab"))
    assert ending in shown
    assert "No record in the archive fits" not in shown
    form = answer_form(given, "0123456789ab", 1.0)["records"]
    assert form["total"] == 0
    assert form["excluded"] in {1, 19}


def test_a_question_for_no_record_tells_of_none(letters: Archive) -> None:
    given = answer("How high stood the ice in the harbour?", letters)
    assert given.records is None
    assert answer_form(given, "0123456789ab", 1.0)["records"] is None
    assert "Asked for" not in draw(draw_answer(given, "0123456789ab"))
