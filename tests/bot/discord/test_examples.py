"""Examples of questions name people of the records, not the authors of articles about them."""

from types import SimpleNamespace

import pytest

from bot.discord import examples
from corpus.documents import Provenance
from index.answering.verdict import Verdict

RECORDS = [
    Provenance(title="The ferries in history", creators=("Modern Scholar",), people=("Odo Finch",)),
    Provenance(title="Finding aid", creators=("Modern Scholar",)),
    Provenance(title="On the ferry", creators=("Odo Finch",), recipients=("The Office",)),
    Provenance(title="A talk", creators=("Ada Dray",), event_date="1901-05"),
    Provenance(
        title="An abstract",
        creators=("Modern Scholar",),
        about=Provenance(title="The talk", people=("Odo Finch", "Emil Tarn")),
    ),
]


def test_examples_name_people_of_the_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "_MOST", 99)
    monkeypatch.setattr(examples, "answer", lambda *_: SimpleNamespace(verdict=Verdict.ANSWERED))
    archive = SimpleNamespace(
        list_documents=lambda: ((str(n), "", each, 1) for n, each in enumerate(RECORDS))
    )
    found = examples.find_examples(archive)  # type: ignore[arg-type]
    assert "What did Odo Finch say about Ada Dray?" in found
    assert "Who was Emil Tarn?" in found
    assert not any("Scholar" in each or "The Office" in each for each in found)
