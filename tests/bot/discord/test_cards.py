"""Cards as values: whose words they show, what the other side has, and Discord's limits."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from bot.discord.drawing import draw_answer, draw_document, draw_search, draw_verification
from bot.discord.pool import ArchivePool
from bot.discord.render.answer import answer_card
from bot.discord.render.citing import citation_card
from bot.discord.render.layout import YELLOW, Button, Card, Section, Text
from bot.discord.render.reading import document_card, passage_card, picture_card
from bot.discord.render.search import search_card
from bot.discord.render.sources import quote_words
from bot.discord.render.verification import verification_card, verifications_card
from bot.discord.text import LIMITS, length
from bot.discord.views import make_view
from bot.services.ask import Reply, ask
from corpus.documents import Provenance, Span, Turn
from corpus.errors import UsageError
from index.answering.counterpart import Counterpart
from index.answering.verdict import Level, Verdict
from index.answering.voices import Voice
from index.location import Location
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.text.analyzer import analyze
from index.verifying.splices import Part
from index.verifying.verification import Finding, verify
from tests.bot.discord.real_bot import ask as ask_on_discord
from tests.bot.discord.real_bot import on_line, text_of
from tests.support.archives import build, document

NOT_FOUND = Verdict.NOT_FOUND
FERRIES = "When should the ferries carry mail?"
BY_TELEGRAM = (
    "-# Attributed to Hosokawa Morihiro (as “Prime Minister”) in a Japanese record, English "
    "translation · separate telegram 3 of no. 7701 · part 1 of 2"
)
BY_MEMORANDUM = (
    "-# Attributed to Hosokawa Morihiro (as “Prime Minister Hosokawa”) in an American record"
)


def words_of(card: Card) -> str:
    return "\n".join(card.texts)


def section_of(card: Card, words: str) -> str:
    """Return the source below the quotation that has these words."""
    place = next(
        n for n, part in enumerate(card.parts) if isinstance(part, Text) and words in part.words
    )
    source = card.parts[place + 1]
    assert isinstance(source, Section)
    return source.words


def test_a_card_has_every_quotation_with_its_source(both_sides: Archive) -> None:
    reply = ask(FERRIES, both_sides)
    card = answer_card(reply)
    for quote in reply.answer.quotes:
        plain = words_of(card).replace("**", "")
        assert f"“{quote.text}”" in plain
    assert BY_TELEGRAM in section_of(card, "Hakodate and Seattle")
    assert "28 September 1993" in section_of(card, "Hakodate and Seattle")
    assert [button.label for button in card.buttons if isinstance(button, Button)] == [
        *["Read"] * len(reply.answer.quotes),
        *("Cite", "Ask further", "Not it"),
    ]
    assert card.texts[-1].startswith("-# word for word · ")
    assert f"receipt {reply.receipt.receipt_id}" in card.texts[-1]


def test_read_shows_the_passage_and_the_other_sides_record(both_sides: Archive) -> None:
    reply = ask(FERRIES, both_sides)
    drawn = draw_answer(reply)
    read = next(each for each in drawn.card.buttons if isinstance(each, Button))
    quote = reply.answer.quotes[0]
    other = reply.answer.counterparts[0]
    assert other is not None
    assert read.page is not None
    kept = drawn.quoted[read.page]
    assert (kept.doc_id, kept.start) == (other.document.doc_id, other.span and other.span.start)
    card = passage_card(
        quote.document, quote.span, 0, (other.document, other.span or Span(0, 0), read.page)
    )
    shown = words_of(card)
    assert f"**{quote.text}**" in shown
    assert "The other side's record:" in shown
    assert other.text is not None
    assert f"“{other.text}”" in shown
    without = passage_card(quote.document, quote.span, 0, (other.document, Span(0, 0), 3))
    assert "No sentence comes near these words." in words_of(without)


def test_a_refusal_under_a_filter_says_what_was_searched_and_offers_everything(
    both_sides: Archive,
) -> None:
    filters = Filters(date_from="2030-01-01")
    reply = ask(FERRIES, both_sides, filters=filters, level=Level.STRICT)
    card = answer_card(reply)
    shown = words_of(card)
    assert "**The archive does not say.**" in shown
    assert "-# only from 1 January 2030" in shown
    assert "Without “only from 1 January 2030” there is an answer." in shown
    assert "searched 0 of 5 documents" in shown
    assert "--" not in shown
    buttons = [each for each in card.buttons if isinstance(each, Button)]
    assert [each.action for each in buttons] == ["widen"]
    assert card.colour == YELLOW


def test_what_was_searched_is_counted_in_documents(both_sides: Archive) -> None:
    reply = ask(FERRIES, both_sides, filters=Filters(date_from="1993-09-01", date_to="1993-09-30"))
    assert f"searched {reply.searched} of 5 documents" in words_of(answer_card(reply))
    assert 0 < (reply.searched or 0) < 5


def test_leads_are_marked_as_no_answers_and_can_be_read(both_sides: Archive) -> None:
    drawn = draw_answer(ask("Who counted the otters in the harbour in 1871?", both_sides))
    shown = words_of(drawn.card)
    assert "**I found no answer that I am sure of.**\nThe nearest passages, which are no" in shown
    assert sum(text.startswith("“") for text in drawn.card.texts) == len(drawn.quoted) > 0
    reads = [each for each in drawn.card.buttons if isinstance(each, Button)]
    assert [each.place for each in reads if each.action == "read"] == [*range(len(drawn.quoted))]


def test_leads_say_once_what_all_of_them_have_and_leave_out_who_may_have_said_it(
    bundled: Archive,
) -> None:
    reply = ask("What did Gore say about whaling?", bundled)
    assert len(reply.answer.leads) > 1
    shown = words_of(answer_card(reply))
    assert shown.count("a finding aid written for memcon, not a source") == 1
    assert "left open" not in shown


def test_a_card_says_in_which_way_words_are_the_speakers_asked_for(both_sides: Archive) -> None:
    reply = ask("What did Hosokawa say about the ferries?", both_sides, level=Level.EAGER)
    assert reply.answer.voices[0] is Voice.TURN
    assert BY_MEMORANDUM in section_of(answer_card(reply), "to Seattle can take")
    answer = reply.answer
    reported = replace(reply, answer=replace(answer, voices=(Voice.REPORT,) * len(answer.quotes)))
    # What holds for every quotation is said once.
    assert len(answer.quotes) > 1
    assert words_of(answer_card(reported)).count("reports what Hosokawa said") == 1


def test_hits_and_verified_words_say_where_they_are_from(both_sides: Archive) -> None:
    found = draw_search("ferries mail", Filters(), both_sides)
    assert BY_MEMORANDUM in words_of(found.card)
    assert BY_TELEGRAM[:60] in words_of(found.card)
    verified = draw_verification(verify("ferries to Seattle can take mail from April", both_sides))
    assert BY_MEMORANDUM in words_of(verified.card)
    assert len(verified.quoted) == 1
    spliced = verify(
        "should be counted by both coast guards. Otters returned to the harbour", both_sides
    )
    made = draw_verification(spliced)
    assert len(made.quoted) == 2
    reads = [each for each in made.card.buttons if isinstance(each, Button)]
    assert [(each.action, each.place) for each in reads] == [
        *(("read", 0), ("read", 1), ("cite_all", 2)),
    ]


@pytest.mark.parametrize(
    "question",
    [
        "Who translated the records into English?",
        "How much was the trade deficit in 1993?",
        "What did Clinton and Hosokawa say about North Korea?",
    ],
)
def test_at_least_half_of_what_an_answer_shows_is_quotation(
    bundled: Archive, question: str
) -> None:
    card = answer_card(ask(question, bundled))
    # What a link shows, without its address and the marks of markup.
    shown = [re.sub(r"\]\(\S+\)|^-# |\*\*|[\[\\]", "", text) for text in card.texts]
    quoted = sum(len(text) for text in shown if text.startswith("“"))
    assert quoted >= 0.5 * sum(map(len, shown))


async def test_both_sides_arrive_on_discord(meeting_root: Path, tmp_path: Path) -> None:
    service = ArchivePool(Location(meeting_root, tmp_path))
    async with on_line(service, tmp_path) as (server, _):
        message = await ask_on_discord(server, FERRIES)
        assert BY_TELEGRAM in text_of(message)
        read = await (await server.click(message, label="Read")).response()
        assert "The other side's record:" in text_of(read)
        there = await (await server.click(read, label="Read")).response()
        assert "The other side's record:" not in text_of(there)
        assert server.violations == []
    service.close()


def is_within_limits(card: Card) -> bool:
    payload: Any = make_view(card, "0" * 16).to_components()  # type: ignore[no-untyped-call]
    texts = [text for text in card.texts if text.strip()]
    ids = [(b.action, b.place, b.page) for b in card.buttons if isinstance(b, Button)]
    return (
        len(texts) == len(card.texts)
        and sum(map(length, texts)) <= LIMITS.card
        and card.components <= LIMITS.components
        and len(set(ids)) == len(ids)
        and len(payload) == 1
    )


# What takes the most room escaped, and what counts double.
HOSTILE = st.sampled_from(
    ["*", "_", "<@1>", "@everyone", "🍣", "細川", "a ", "https://e.org/[x](y)"]
)
ENDLESS = st.builds(lambda piece, times: (piece * times)[:4000], HOSTILE, st.integers(1, 1500))


@settings(max_examples=6, phases=[Phase.explicit, Phase.generate])
@example(
    texts=("🍣" * 1179, "a " * 420, "<@1>" * 749, "a " * 257, "https://e.org/[x](y)"), known=True
)
@given(texts=st.tuples(*[ENDLESS] * 5), known=st.booleans())
def test_every_card_keeps_to_discords_limits(
    both: tuple[Reply, Archive], texts: tuple[str, ...], known: bool
) -> None:
    words, name, label, kind, question = texts
    reply, archive = both
    found = reply.answer
    full = Provenance(
        title=name, kind=kind, creators=(name,), recipients=(label,), number=label, parent=label,
        side=name, separate_telegram=label, part=label, translator=name, language="en",
        url="https://example.org/" + "x" * 100,
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
        quotes=(quote,) * 3,
        counterparts=(Counterpart(long, whole, turn), None, None),
        terms=("细", "a"),
    )
    leads = replace(asked, quotes=(), leads=(quote,) * 5, counterparts=(), verdict=NOT_FOUND)
    made = [answer_card(replace(reply, answer=each)) for each in (asked, leads)]
    made += [document_card(long, page, place, whole) for page in (0, 1) for place in (None, 0)]
    made += [passage_card(long, whole, 0, (long, whole, 1)), picture_card(long, whole, 0, label)]
    made += [citation_card([(long, whole)] * count, "style_all", 3, "ris") for count in (1, 3)]
    filters = Filters(collection=name, speaker=label)
    made.append(
        search_card(
            question, ("a",), [(hit, long)] * 5, 1, 50, found.searched, filters, None, question
        )
    )
    verified = replace(
        verify("ferries to Seattle can take mail", archive),
        document=long,
        span=whole,
        attributed_to="x",
    )
    part = Part(long, whole)
    spliced = replace(verified, finding=Finding.SPLICED, parts=(part,) * 9)
    made += [verification_card(each) for each in (verified, spliced)]
    assert [
        (each.texts[0][:60], [*map(length, each.texts)], each.components)
        for each in made
        if not is_within_limits(each)
    ] == []


@pytest.fixture(scope="module")
def both(meeting_root: Path) -> Iterator[tuple[Reply, Archive]]:
    archive = Archive(meeting_root)
    yield ask(FERRIES, archive), archive
    archive.close()


@pytest.fixture(scope="module")
def long_letter(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Archive]:
    """Open an archive of one document of many pages, with letters that grow when folded."""
    paragraphs = [f"Straße {n} in İzmir has ﬁve lamps that the keeper counts." for n in range(300)]
    paragraphs[250] = "The  harbour master’s ledger was lost on the bar."
    archive = build(
        tmp_path_factory.mktemp("letter") / "archive",
        cache,
        document("\n\n".join(paragraphs), "letter"),
    )
    yield archive
    archive.close()


@pytest.mark.parametrize(
    "words",
    ["harbour master's ledger", "The harbour master’s ledger was lost", "HARBOUR MASTER'S"],
)
def test_a_document_opens_at_the_words_asked_for(long_letter: Archive, words: str) -> None:
    drawn = draw_document("letter", long_letter, around=words)
    shown = words_of(drawn.card)
    assert "ledger was lost on the bar" in shown.replace("**", "")
    assert re.search(r"\*\*[^*]*harbour master’s", shown)


def test_the_words_that_match_are_among_those_quoted() -> None:
    text = " ".join(f"The {n} barges were counted at dawn." for n in range(20))
    text += " Only the last barge carried cloves. Nobody knew why."
    quoted = quote_words(text, analyze("cloves"), 200)
    assert "**cloves**" in quoted
    assert quoted.startswith("… “")
    assert quoted.removeprefix("… “").split("”")[0].replace("**", "") in text
    assert quote_words(text, ("tea",), 200).startswith("“The 0 barges")


def test_a_verified_quotation_names_the_writer_of_its_letter(tmp_path: Path, cache: Path) -> None:
    known = Provenance(title="On the bar", kind="letter", creators=("A. Finch",))
    letter = replace(
        document("The harbour bar has shifted to the north.", "finch"), provenance=known
    )
    archive = build(tmp_path / "archive", cache, letter)
    words = "harbour bar has shifted to the north"
    assert "-# Written by A. Finch" in words_of(verification_card(verify(words, archive)))
    asked = words_of(verification_card(verify(words, archive, "B. Dray")))
    assert "They are from A. Finch, not from B. Dray." in asked
    archive.close()


def test_words_that_a_document_lacks_are_named(long_letter: Archive) -> None:
    with pytest.raises(UsageError, match="no such words"):
        draw_document("letter", long_letter, around="no such words")


def test_the_brackets_of_a_quotation_are_shown(long_letter: Archive) -> None:
    verification = verify("[t]he harbour master’s ledger was lost [at sea]", long_letter)
    assert verification.finding is Finding.BRACKETED
    assert "at sea" in str(verification_card(verification))
    assert "but for the brackets" in words_of(verifications_card([verification], 0))


def test_a_list_of_verifications_says_what_an_ellipsis_leaves_out(long_letter: Archive) -> None:
    words = long_letter.document("letter").text.split("\n")[0].split()
    assert len(words) > 8
    elided = verify(" ".join([*words[:4], "…", *words[7:]]), long_letter)
    assert elided.omitted
    shown = words_of(verifications_card([elided, elided], 3))
    assert shown.count(str(elided.caveat)) == 2
    assert "Not checked: 3 more." in shown
