"""Words that a terminal and Discord have in common: refusals, and whose a quotation is."""

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
# What the fields of filters are called where a person gives them.
OPTIONS = {"date_from": "from", "date_to": "to"}


def tell_whose(answer: Answer, place: int) -> str:
    """Return whose words the quotation, or else the lead, at a place of an answer has."""
    quote = (*answer.quotes, *answer.leads)[place]
    provenance = quote.document.provenance
    whose = None
    if answer.speaker and place < len(answer.voices):
        whose = describe_voice(answer.voices[place], answer.speaker, provenance, quote.turn)
    return whose or attribute_words(quote.document, quote.span, quote.turn)


def tell_origin(quote: Quote) -> str:
    """Return in a line who wrote to whom, when, and what kind of source it is, as far as known."""
    provenance = quote.document.provenance
    record = provenance.record
    writers, readers = " and ".join(record.creators), " and ".join(record.recipients)
    parties = f"{writers} to {readers}" if writers and readers else writers
    date = record.document_date or record.event_date
    known = [parties or quote.document.title, in_words(date) if date else "date not known"]
    return " · ".join([*known, *([name_kind(provenance)] if provenance.kind else [])])


def name_filters(filters: Filters, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return some of the filters of a question by the names of their options, with their values."""
    return [(OPTIONS.get(name, name), getattr(filters, name)) for name in names]
