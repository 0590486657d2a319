"""Wording shared by the terminal and Discord: refusals and attributions."""

import re

from corpus.authority.attribution import attribute_words, describe_source, name_kind
from corpus.authority.parts import part_at
from corpus.wording import list_words
from index.answering.answer import Answer
from index.answering.leads import Refusal
from index.answering.quotations import Quote
from index.answering.voice_wording import describe_voice
from index.retrieval.filters import Filters
from index.verifying.verification import Verification

# What a follow-up takes over from the last question.
_ADDED = re.compile(r" \(([^()]+)\)\?$")
REFUSALS = {
    Refusal.UNSURE: "I found no answer that I am sure of.",
    Refusal.SILENT: "The archive does not say.",
}
# Names of filters as options.
OPTIONS = {"date_from": "from", "date_to": "to"}


def phrase_rewriting(question: str, typed: str) -> str:
    """Return a rewritten question, with words that it adds in brackets named after it."""
    added = _ADDED.search(question)
    if added is None or added[0].strip("? ") in typed:
        return question
    return f"{question[: added.start()]}? (also looking for “{added[1]}”)"


def tell_whose(answer: Answer, place: int) -> str:
    """Return the attribution of the quotation or lead at a place of an answer."""
    quote = (*answer.quotes, *answer.leads)[place]
    whose = None
    if answer.speaker and place < len(answer.voices):
        part = part_at(quote.document, quote.span)
        known = part.provenance if part.is_enclosed else quote.document.provenance
        voice = answer.voices[place]
        whose = describe_voice(voice, answer.speaker, known, quote.turn, part.enclosed_in)
    return whose or attribute_words(quote.document, quote.span, quote.turn)


def tell_origin(quote: Quote) -> str:
    """Return in a line the parties, date and kind of a source, as far as known."""
    part = part_at(quote.document, quote.span)
    provenance = part.provenance
    record = provenance.record
    writers, readers = " and ".join(record.creators), " and ".join(record.recipients)
    parties = f"{writers} to {readers}" if writers and readers else writers
    title = record.title or "untitled" if part.is_enclosed else quote.document.title
    kind = name_kind(provenance) if provenance.kind else None
    known = [parties or title, record.cited_date or "date not known", kind, part.enclosed_in]
    return " · ".join(filter(None, known))


def tell_attribution(verification: Verification) -> str:
    """Return in a sentence whether the attribution of a quotation is right."""
    name = verification.attributed_to
    if verification.attribution:
        return f"They are attributed to {name}, as claimed."
    turn = verification.turn
    if turn:
        whose = f"The record attributes them to {turn.speaker}"
        return f"{whose}, not to {name}." if verification.attribution is False else f"{whose}."
    writers, document = verification.writers, verification.document
    if writers and document and verification.attribution is False:
        if document.provenance.is_own:
            source = describe_source(document.provenance)
            return f"They are from “{document.title}”, {source}, not from {name}."
        return f"They are from {list_words(writers)}, not from {name}."
    return f"The archive leaves open whether they are from {name}."


def name_filters(filters: Filters, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the options and values of some filters."""
    return [(OPTIONS.get(name, name), getattr(filters, name)) for name in names]
