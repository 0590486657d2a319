"""To whom a record attributes words, what kind of source it is, and what the other side has."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.render.terminal import draw_answer
from index.answering.answer import answer
from index.answering.leads import LEADS
from index.retrieval.archive import Archive
from tests.support.archives import Run

FERRIES = "When should the ferries carry mail?"
SALMON = "Who should count salmon off Kamchatka?"
BY_TELEGRAM = (
    "Attributed to Hosokawa Morihiro (as “Prime Minister”) in a Japanese record, English "
    "translation"
)
BY_MEMORANDUM = (
    "Attributed to Hosokawa Morihiro (as “Prime Minister Hosokawa”) in an American record"
)


@pytest.fixture
def shown(memcon: Run, meeting_root: Path) -> Callable[..., str]:
    """Return a function that runs a command over both sides' records, and gives its output."""

    def run(*words: str) -> str:
        done = memcon(*words, archive=meeting_root)
        assert done.returncode in {0, 1}, done.stderr
        return str(done.stdout)

    return run


@pytest.fixture
def told(shown: Callable[..., str]) -> Callable[..., dict[str, Any]]:
    """Return a function that does the same with --json."""
    return lambda *words: dict(json.loads(shown(*words, "--json")))


def test_an_answer_names_side_kind_telegram_and_part(shown: Callable[..., str]) -> None:
    lines = shown("ask", FERRIES, "-k", "1").splitlines()
    assert lines[0].startswith("“The ferries between Hakodate and Seattle should carry mail")
    assert lines[1] == f"    {BY_TELEGRAM}"
    assert lines[2] == "    cable · separate telegram 3 of no. 7701 · part 1 of 2"
    beside = lines.index("    The other side's record:")
    assert lines[beside + 1 : beside + 4] == [
        "    “My government hopes that the ferries to Seattle can take mail from April.”",
        f"        {BY_MEMORANDUM}",
        "        memorandum of conversation",
    ]
    assert "· index 000001 of " in lines[-2]
    assert "· receipt " in lines[-2]
    # The files that tests hold in memory count as removed.
    assert lines[-1].startswith("the files have changed")
    assert " said" not in "\n".join(lines)


def test_a_speaker_whom_nobody_knows_stays_unknown(shown: Callable[..., str]) -> None:
    out = shown("ask", "Who has been told of the plan for lanterns?", "-k", "1")
    assert "Attributed to “Staff Member” in a Japanese record, English translation" in out


def test_without_a_speaker_it_is_told_what_the_words_are_from(shown: Callable[..., str]) -> None:
    assert "    From an article\n" in shown("ask", "When did otters return to Hakodate?", "-k", "1")
    out = shown("ask", "When was the lighthouse of Otaru painted green?", "-k", "1")
    assert "    From a document of unknown kind\n" in out


def test_leads_show_their_words_with_date_and_source(shown: Callable[..., str]) -> None:
    out = shown("ask", "Who counted the otters in the harbour in 1871?")
    assert out.startswith("I found no answer that I am sure of.\n\nLeads, not answers:\n")
    lines = out.splitlines()
    firsts = [place for place, line in enumerate(lines) if line.startswith("  lead ")]
    assert lines[firsts[0]].startswith("  lead 1: “Otters returned to the harbour of Hakodate")
    assert any(
        line.endswith(" · September 28, 1993 · record (cable)") for line in lines[firsts[0] :]
    )
    assert sum("memcon show" in line for line in lines) == len(firsts) <= LEADS


def test_hits_say_where_they_are_from_and_what_was_searched(shown: Callable[..., str]) -> None:
    out = shown("search", "ferries mail", "-k", "3")
    assert f"    {BY_TELEGRAM}\n    cable · separate telegram 3 of no. 7701 · part 1 of 2\n" in out
    assert out.rstrip().splitlines()[-1].startswith("searched 5 documents, ")


def test_a_verified_quotation_says_where_it_is_from(shown: Callable[..., str]) -> None:
    out = shown("verify", "ferries to Seattle can take mail from April")
    assert f"    {BY_MEMORANDUM}\n    memorandum of conversation\n" in out
    assert "index 000001" in out
    spliced = shown(
        "verify", "should be counted by both coast guards. Otters returned to the harbour"
    )
    assert spliced.count("    From ") == 2


def test_a_document_says_what_it_is(shown: Callable[..., str]) -> None:
    assert shown("show", "telegram-3").splitlines()[1] == (
        "A Japanese record, English translation · cable · separate telegram 3 of no. 7701 "
        "· part 1 of 2"
    )


SOURCE = {
    "attribution": BY_TELEGRAM,
    "kind": "cable",
    "category": "record",
    "finding_aid": False,
    "side": "Japan",
    "translation": "English translation",
    "separate_telegram": "3",
    "of_number": "7701",
    "part": "1 of 2",
}


def test_the_contract_of_a_quotation(
    told: Callable[..., dict[str, Any]], meeting_root: Path
) -> None:
    answered = told("ask", FERRIES)
    quote = next(each for each in answered["quotes"] if each["doc_id"] == "telegram-3")
    assert quote["source"] == SOURCE
    other = quote["other_side"]
    archive = Archive(meeting_root)
    stored = archive.document(other["doc_id"]).text
    archive.close()
    assert other["text"] == stored[other["start"] : other["end"]]
    assert set(other) | {"section", "other_side", "voice"} == set(quote)
    assert other["speaker"] == {"label": "Prime Minister Hosokawa", "name": "Hosokawa Morihiro"}
    assert other["source"]["attribution"] == BY_MEMORANDUM
    assert stored[: other["start"]].endswith(other["context"]["before"])
    assert "“Memorandum of Conversation,”" in other["citation"]["note"]
    assert answered["searched"]["generation"] == "000001"


def test_the_contract_of_an_other_side_without_a_near_sentence(
    told: Callable[..., dict[str, Any]],
) -> None:
    (quote,) = told("ask", "When are wheat inspections discussed?", "-k", "1")["quotes"]
    other = quote["other_side"]
    assert other["doc_id"] == "telegram-3"
    empty = ("text", "start", "end", "speaker", "context")
    assert [other[key] for key in empty] == [None] * len(empty)
    assert other["source"]["attribution"] == "From a Japanese record, English translation"
    assert other["citation"]["deep_link"] is None


def test_the_contract_of_hits_verifications_and_documents(
    told: Callable[..., dict[str, Any]],
) -> None:
    hits = told("search", "ferries mail")["hits"]
    assert next(hit for hit in hits if hit["doc_id"] == "telegram-3")["source"]["kind"] == "cable"
    verified = told("verify", "The ferries between Hakodate and Seattle should carry mail")
    assert verified["source"] == SOURCE
    assert told("verify", "words that nobody ever wrote down")["source"] is None
    spliced = told(
        "verify", "should be counted by both coast guards. Otters returned to the harbour"
    )
    assert [part["source"]["kind"] for part in spliced["parts"]] == ["cable", "article"]
    document = told("show", "telegram-3")
    whole = {**SOURCE, "attribution": "From a Japanese record, English translation"}
    assert document["source_kind"] == whole
    assert document["searched"]["generation"] == "000001"


def draw(archive: Archive, question: str, limit: int, width: int) -> list[str]:
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, color_system=None, width=width, highlight=False, markup=False
    )
    console.print(draw_answer(answer(question, archive, limit=limit), "0123456789ab"))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_on_a_wide_terminal_two_sides_stand_side_by_side(both_sides: Archive) -> None:
    wide, narrow = (draw(both_sides, FERRIES, 1, width) for width in (100, 80))
    assert wide[0].endswith("  The other side's record:")
    assert "    The other side's record:" in narrow
    assert all(len(line) <= 100 for line in wide)
    assert all(len(line) <= 80 for line in narrow)


def test_another_side_that_is_quoted_already_is_told_by_its_number(both_sides: Archive) -> None:
    lines = draw(both_sides, "When can the ferries to Seattle take mail?", 3, 100)
    assert "    The other side's record: quotation 2." in lines
    assert "    The other side's record: quotation 1." in lines
    assert "    The other side's record:" not in lines
