"""Phrases count in the singular, and say days as cards do."""

from dataclasses import replace

import pytest

from bot.discord.cards import about_card, status_card
from bot.discord.commands.archive import describe_upload
from bot.discord.phrases import ENGLISH, japanese
from bot.discord.render.bibliography import bibliography_card
from bot.services.uploads import Upload, read_upload
from corpus.documents import Problem
from corpus.errors import UsageError
from index.retrieval.archive import Archive
from tests.support.archives import document


@pytest.mark.parametrize(
    ("phrase", "one", "two"),
    [
        ("{n:,} passages", "1 passage", "2 passages"),
        ("{n:,} searches, {n} cards", "1 search, 1 card", "2 searches, 2 cards"),
        ("and {n:,} more changes", "and 1 more change", "and 2 more changes"),
        (
            "searched {m:,} of {n:,} documents",
            "searched 7 of 1 document",
            "searched 7 of 2 documents",
        ),
        ("page {n} of {m}, {text} words", "page 1 of 7, 1 words", "page 2 of 7, 1 words"),
    ],
)
def test_one_thing_is_counted_in_the_singular(phrase: str, one: str, two: str) -> None:
    assert [ENGLISH(phrase, n=n, m=7, text="1") for n in (1, 2)] == [one, two]


def test_what_users_wrote_is_not_counted() -> None:
    words = "1 documents"
    assert ENGLISH("asked as: {words}", words=words) == f"asked as: {words}"
    assert japanese()("{count} passages", count=1) == "1か所"


def test_the_reasons_of_a_file_have_a_subject() -> None:
    upload = Upload((document("The ferry sank.", "ferry"),), (Problem("a", "is encrypted"),))
    words = describe_upload("ferry.md", upload, replaces=False)
    assert "reads as 1 document:" in words
    assert "1 part cannot be read, the first: it is encrypted" in words


def test_an_unreadable_file_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem("a.zip", "is too large unpacked (9 MB)")
    monkeypatch.setattr("corpus.ingest.isolation.read_isolated", lambda *_: iter([problem]))
    with pytest.raises(UsageError, match="cannot be read: it is too large unpacked"):
        read_upload("a.zip", b"")


def test_days_are_written_as_on_cards(bundled: Archive) -> None:
    known = replace(bundled.manifest, date_from="1993-02-16", date_to="1994-03", skipped=1)
    assert "16 February 1993 to March 1994" in "\n".join(about_card(known, (), ()).texts)
    assert "1 file skipped" in "\n".join(status_card(known).texts)


def test_direct_messages_have_no_public() -> None:
    card, _ = bibliography_card([], [], private=False, direct=True)
    assert card.texts[-1] == "-# 0 sources · answers here, of the last 90 days"
