"""Cards as values: whose words they show, what the other side has, and Discord's limits."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.discord import cards
from bot.discord.cards import Card
from bot.discord.delivery import make_embed
from bot.discord.pool import ArchivePool
from bot.discord.text import LIMITS, length
from corpus.documents import Provenance, Span, Turn
from index.answering.answer import Answer, answer
from index.answering.counterpart import Counterpart
from index.answering.verdict import Level
from index.answering.voices import Voice
from index.location import Location
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.verifying.splices import Part
from index.verifying.verification import Finding, verify
from tests.bot.discord.real_bot import ask, on_line
from tests.support.archives import document

FERRIES = "When should the ferries carry mail?"
BY_TELEGRAM = (
    "_Attributed to Hosokawa Morihiro (as “Prime Minister”) in a Japanese record, English "
    "translation_\n_cable · separate telegram 3 of no. 7701 · part 1 of 2_\n"
)
BY_MEMORANDUM = (
    "_Attributed to Hosokawa Morihiro (as “Prime Minister Hosokawa”) in an American record_\n"
    "_memorandum of conversation_\n"
)


@pytest.fixture
def answered(both_sides: Archive) -> Answer:
    return answer(FERRIES, both_sides)


def page_on(answered: Answer, doc_id: str) -> int:
    return next(n for n, quote in enumerate(answered.quotes) if quote.document.doc_id == doc_id)


def test_a_card_says_whose_words_in_which_record(answered: Answer) -> None:
    card = cards.answer_card(answered, "0123456789ab", page_on(answered, "telegram-3"))
    assert BY_TELEGRAM in card.description
    assert "index 000001 of " in card.footer
    assert card.footer.endswith("receipt 0123456789ab")
    ((name, value),) = card.fields
    assert name == "The other side's record"
    assert value.startswith(
        "“My government hopes that the ferries to Seattle can take mail from April.”\n"
        + BY_MEMORANDUM
    )


def test_a_refusal_says_in_words_what_would_find_more(both_sides: Archive) -> None:
    filters = Filters(date_from="2030-01-01")
    refused = answer(FERRIES, both_sides, filters=filters, level=Level.STRICT)
    shown = cards.answer_card(refused, "0123456789ab", 0).description
    assert shown.startswith("**The archive does not say.**")
    assert "Without “from 2030-01-01” there is an answer." in shown
    assert "--" not in shown.replace("2030-01-01", "")


def test_a_card_says_in_which_way_words_are_the_speakers_asked_for(both_sides: Archive) -> None:
    found = answer("What did Hosokawa say about the ferries?", both_sides, level=Level.EAGER)
    assert found.voices[0] is Voice.TURN
    assert (
        BY_TELEGRAM
        in cards.answer_card(found, "0123456789ab", page_on(found, "telegram-3")).description
    )
    reported = replace(found, voices=(Voice.REPORT,) * len(found.quotes))
    shown = cards.answer_card(reported, "0123456789ab", 0).description
    assert "; reports what Hosokawa said_" in shown


def test_an_other_side_without_a_near_sentence_has_a_field_too(both_sides: Archive) -> None:
    found = answer("When are wheat inspections discussed?", both_sides)
    ((_, value),) = cards.answer_card(found, "0123456789ab", 0).fields
    assert value.startswith("No sentence comes near these words.\n_From a Japanese record")


def test_what_records_no_meeting_has_no_field(both_sides: Archive) -> None:
    found = answer("When did otters return to Hakodate?", both_sides)
    card = cards.answer_card(found, "0123456789ab", 0)
    assert card.fields == ()
    assert "_From an article_" in card.description


def test_hits_documents_leads_and_verified_words_say_where_they_are_from(
    both_sides: Archive,
) -> None:
    query = both_sides.parse_query("ferries mail")
    hits = [
        (hit, both_sides.document(hit.passage.doc_id))
        for hit in both_sides.search(query, Filters(), 10)
    ]
    made = cards.search_cards("ferries mail", query.terms, hits, both_sides.manifest)
    assert BY_TELEGRAM in made[0].description
    assert BY_MEMORANDUM in made[0].description
    first = cards.document_cards(both_sides.document("telegram-3"))[0]
    assert first.description.startswith("_From a Japanese record, English translation_\n_cable ·")
    verified = verify("ferries to Seattle can take mail from April", both_sides)
    assert BY_MEMORANDUM in cards.verification_card(verified).description
    spliced = verify(
        "should be counted by both coast guards. Otters returned to the harbour", both_sides
    )
    assert cards.verification_card(spliced).description.count("_From a") == 2
    unanswered = answer("Who counted the otters in the harbour in 1871?", both_sides)
    assert unanswered.leads
    shown = cards.answer_card(unanswered, "0123456789ab", 0).description
    assert shown.startswith("**I found no answer that I am sure of.**\n\nLeads, not an answer:\n")
    assert shown.count("▸ “") == len(unanswered.leads)
    assert "· September 28, 1993 · record (cable)_\n" in shown
    assert "--" not in shown


async def test_both_sides_arrive_on_discord(meeting_root: Path, tmp_path: Path) -> None:
    service = ArchivePool(Location(meeting_root, tmp_path))
    async with on_line(service, tmp_path) as (server, _):
        message = await ask(server, FERRIES)
        (embed,) = message.embeds
        assert BY_TELEGRAM in embed["description"]
        (field,) = embed["fields"]
        assert field["name"] == "The other side's record"
        assert BY_MEMORANDUM in field["value"]
        assert server.violations == []


def is_within_limits(card: Card) -> bool:
    embed = make_embed(card).to_dict()
    fields = embed.get("fields", [])
    return (
        0 < length(card.title) <= LIMITS.embed_title
        and 0 < length(card.description) <= LIMITS.embed_description
        and length(card.footer) <= LIMITS.embed_footer
        and all(0 < length(each["name"]) <= LIMITS.field_name for each in fields)
        and all(0 < length(each["value"]) <= LIMITS.field_value for each in fields)
        and length(card.title) + length(card.description) + length(card.footer)
        + sum(length(each["name"]) + length(each["value"]) for each in fields)
        <= LIMITS.embed_total
    )  # fmt: skip


# What takes the most room escaped, and what counts double.
HOSTILE = st.sampled_from(
    ["*", "_", "<@1>", "@everyone", "🍣", "細川", "a ", "https://e.org/[x](y)"]
)
ENDLESS = st.builds(lambda piece, times: (piece * times)[:4000], HOSTILE, st.integers(1, 1500))


@settings(max_examples=15)
@given(texts=st.tuples(*[ENDLESS] * 5), known=st.booleans())
def test_every_card_keeps_to_discords_limits(
    both: tuple[Answer, Archive], texts: tuple[str, ...], known: bool
) -> None:
    words, name, label, kind, question = texts
    found, archive = both
    full = Provenance(
        title=name, kind=kind, creators=(name,), recipients=(label,), number=label, parent=label,
        side=name, separate_telegram=label, part=label, translator=name, language="en",
        url="https://example.org/" + "x" * 400,
    )  # fmt: skip
    long = replace(
        document(words + "\n\n" + words), provenance=full if known else Provenance(title=name)
    )
    whole = Span(0, len(words))
    turn = Turn(whole, label, name)
    candidate = found.quotes[0].candidate
    passage = replace(candidate.hit.passage, span=whole, turn=turn)
    hit = replace(candidate.hit, passage=passage)
    quote = replace(
        found.quotes[0], candidate=replace(candidate, hit=hit, document=long), span=whole
    )
    asked = replace(
        found,
        question=question[:2000],
        quotes=(quote, quote),
        counterparts=(Counterpart(long, whole, turn), None),
        terms=("细", "a"),
    )
    pages = range(len(cards.answer_pages(asked)))
    made = [cards.answer_card(asked, "0123456789ab", page) for page in pages]
    made += cards.document_cards(long)[:2]
    made += cards.search_cards(question, ("a",), [(hit, long)] * 5, found.searched)
    verified = replace(
        verify("ferries to Seattle can take mail", archive),
        document=long,
        span=whole,
        attributed_to="x",
    )
    part = Part(long, whole)
    spliced = replace(verified, finding=Finding.SPLICED, parts=(part,) * 9)
    made += [cards.verification_card(each) for each in (verified, spliced)]
    assert all(map(is_within_limits, made))


@pytest.fixture(scope="module")
def both(meeting_root: Path) -> Iterator[tuple[Answer, Archive]]:
    archive = Archive(meeting_root)
    yield answer(FERRIES, archive), archive
    archive.close()
