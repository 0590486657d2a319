"""Wording shared by the terminal and Discord: refusals and attributions."""

from corpus.authority.attribution import attribute_words, name_kind
from corpus.dates import in_words
from index.answering.answer import Answer
from index.answering.leads import Refusal
from index.answering.quotations import Quote
from index.answering.voice_wording import describe_voice
from index.retrieval.filters import Filters

REFUSALS = {
    Refusal.UNSURE: "I found no answer that I am sure of.",
    Refusal.SILENT: "The archive does not say.",
}
# Names of filters as options.
OPTIONS = {"date_from": "from", "date_to": "to"}


def tell_whose(answer: Answer, place: int) -> str:
    """Return the attribution of the quotation or lead at a place of an answer."""
    quote = (*answer.quotes, *answer.leads)[place]
    provenance = quote.document.provenance
    whose = None
    if answer.speaker and place < len(answer.voices):
        whose = describe_voice(answer.voices[place], answer.speaker, provenance, quote.turn)
    return whose or attribute_words(quote.document, quote.span, quote.turn)


def tell_origin(quote: Quote) -> str:
    """Return in a line the parties, date and kind of a source, as far as known."""
    provenance = quote.document.provenance
    record = provenance.record
    writers, readers = " and ".join(record.creators), " and ".join(record.recipients)
    parties = f"{writers} to {readers}" if writers and readers else writers
    date = record.document_date or record.event_date
    known = [parties or quote.document.title, in_words(date) if date else "date not known"]
    return " · ".join([*known, *([name_kind(provenance)] if provenance.kind else [])])


def name_filters(filters: Filters, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the options and values of some filters."""
    return [(OPTIONS.get(name, name), getattr(filters, name)) for name in names]
