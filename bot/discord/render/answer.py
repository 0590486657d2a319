"""The cards of a question: quotations with their sources, or a refusal with what comes near."""

from collections.abc import Sequence

from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.layout import (
    GREEN,
    GREY,
    YELLOW,
    Button,
    Card,
    Part,
    Row,
    Section,
    Text,
    small,
)
from bot.discord.render.sources import (
    date_in_words,
    fit,
    quote_words,
    source_line,
    whose_details,
)
from bot.discord.text import LIMITS, clip, escape, length
from bot.render.record_wording import describe_match, list_others, name_record
from bot.render.wording import REFUSALS, phrase_rewriting, tell_whose
from bot.services.ask import Reply
from index.answering.answer import Answer
from index.answering.leads import Hint, Refusal
from index.answering.quotations import Quote
from index.answering.verdict import Level, Verdict
from index.answering.voices import Voice
from index.retrieval.filters import Filters
from index.storage.generation import Manifest
from index.storage.inventory import Changes

# Room for the first quotation, for each further one, and for a lead.
_FIRST_ROOM = 620
_FURTHER_ROOM = 320
_LEAD_ROOM = 240
_ASKED_ROOM = 180
_WHOSE_ROOM = 180
# The most other matching records that are named.
_OTHERS = 3

LEVELS = tuple(Level)
WITHHELD = "**What was asked for was withheld.**"
SHARED = "Each: {details}"
_FILTERS = {
    "date_from": "only from {value}",
    "date_to": "only to {value}",
    "speaker": "only speaker “{value}”",
    "collection": "only {value}",
    "kind": "only kind “{value}”",
    "person": "only person “{value}”",
    "classification": "only classification “{value}”",
    "language": "only language “{value}”",
}
_LEVELS = {Level.STRICT: "strict level", Level.EAGER: "eager level"}


def answer_card(reply: Reply, tr: Phrases = ENGLISH) -> Card:
    """Make the card of an answer or of a refusal."""
    answer = reply.answer
    if answer.verdict is Verdict.NOT_FOUND:
        return _refusal_card(reply, tr)
    redacted = answer.verdict is Verdict.REDACTED
    parts: list[Part] = [Text(_head(reply, tr))]
    if redacted:
        parts.append(Text(tr(WITHHELD)))
    details = [_details(answer, quote, place, tr) for place, quote in enumerate(answer.quotes)]
    shared = _shared(details)
    # The other sides' records follow the quotations among those that the card keeps.
    other = len(answer.quotes)
    for place, quote in enumerate(answer.quotes):
        counterpart = answer.counterparts[place] if answer.counterparts else None
        read = Button(tr("Read"), "read", place, other if counterpart else None)
        other += counterpart is not None
        room = _FIRST_ROOM if place == 0 else _FURTHER_ROOM
        words = quote_words(quote.text, answer.terms, room)
        own = [each for each in details[place] if each not in shared]
        parts += _quotation(quote, own, words, read, tr)
    parts += [
        *_show_shared(shared, tr),
        *_records(answer, tr),
        Row(
            (
                Button(tr("Cite"), "cite_all", len(answer.quotes)),
                Button(tr("Ask further"), "further"),
                Button(tr("Not it"), "not_it"),
            )
        ),
        Text(_foot(reply, tr("word for word · confidence {sure:.0%}", sure=answer.confidence), tr)),
    ]
    return Card(tuple(parts), GREY if redacted else GREEN)


def _refusal_card(reply: Reply, tr: Phrases) -> Card:
    """Make the card of a refusal, with as many leads as fit."""
    answer = reply.answer
    made = Card(())
    for count in range(len(answer.leads), -1, -1):
        made = Card(tuple(_refuse(reply, answer.leads[:count], tr)), YELLOW)
        if sum(map(length, made.texts)) <= LIMITS.card:
            break
    return made


def _refuse(reply: Reply, leads: Sequence[Quote], tr: Phrases) -> list[Part]:
    answer = reply.answer
    lines = [f"**{tr(REFUSALS[answer.refusal or Refusal.SILENT])}**"]
    lines += [_describe_hint(answer, hint, tr) for hint in answer.hints if hint.without]
    if leads:
        lines.append(tr("The nearest passages, which are no answer:"))
    parts: list[Part] = [Text(_head(reply, tr)), Text("\n".join(lines))]
    details = [_details(answer, quote, place, tr) for place, quote in enumerate(leads)]
    shared = _shared(details)
    for place, quote in enumerate(leads):
        words = quote_words(quote.text, (), _LEAD_ROOM)
        own = [each for each in details[place] if each not in shared]
        parts += _quotation(quote, own, words, Button(tr("Read"), "read", place), tr)
    parts += _show_shared(shared, tr)
    parts += _records(answer, tr)
    wider = _wider(answer, tr)
    if wider:
        parts.append(Row(wider))
    parts.append(
        Text(_foot(reply, tr("not found · confidence {sure:.0%}", sure=answer.confidence), tr))
    )
    return parts


def _quotation(
    quote: Quote, details: Sequence[str], words: str, read: Button, tr: Phrases
) -> tuple[Text, Section]:
    """Show a quotation above its source."""
    lines = [source_line(quote.document, quote.span, tr)]
    if details:
        lines.append(small(fit(" · ".join(details), _WHOSE_ROOM)))
    return Text(words), Section("\n".join(lines), read)


def _details(answer: Answer, quote: Quote, place: int, tr: Phrases) -> list[str]:
    """Return whose the words of a quotation are, and what kind of source has them."""
    voice = answer.voices[place] if place < len(answer.voices) else None
    # The source names its writer. A lead is no answer, so nobody expects it to be the speaker's.
    is_said = voice is not Voice.AUTHOR and (voice is not None or bool(answer.quotes))
    whose = tell_whose(answer, place) if answer.speaker and is_said else None
    return whose_details(quote.document, quote.turn, quote.span, whose, tr)


def _shared(details: Sequence[Sequence[str]]) -> list[str]:
    """Return the details that all of several quotations have: they are said once."""
    if len(details) < 2:
        return []
    first, *others = details
    return [each for each in first if all(each in other for other in others)]


def _show_shared(shared: Sequence[str], tr: Phrases) -> list[Text]:
    if not shared:
        return []
    return [Text(small(tr(SHARED, details=fit(" · ".join(shared), _WHOSE_ROOM))))]


def _wider(answer: Answer, tr: Phrases) -> tuple[Button, ...]:
    """Return the buttons that ask again with fewer conditions.

    The place of each is the level to ask at, by its position among the levels.
    """
    level = LEVELS.index(answer.level)
    buttons = []
    if answer.filters.given:
        buttons.append(Button(tr("Search everything"), "widen", level, primary=True))
    lower = next((hint.level for hint in answer.hints if hint.level), None)
    if lower:
        buttons.append(Button(tr("Answer though less sure"), "lower", LEVELS.index(lower)))
    return tuple(buttons)


def _head(reply: Reply, tr: Phrases) -> str:
    """Show the question, how it was understood, and what narrowed the search, in small lines."""
    answer, typed = reply.answer, reply.understood.typed or reply.answer.question
    lines = [small(f"**{fit(typed, _ASKED_ROOM)}**")]
    if typed != answer.question:
        asked = tr.known(phrase_rewriting(answer.question, typed), "asked")
        lines.append(small(tr("asked as: {words}", words=fit(asked, _ASKED_ROOM))))
    if answer.filters.given:
        lines.append(small(fit(describe_filters(answer.filters, tr), 140)))
    return "\n".join(lines)


def describe_filters(filters: Filters, tr: Phrases = ENGLISH) -> str:
    """Describe what narrows a search: "only from 1 May 1901, only FRUS"; not escaped."""
    given = []
    for name in filters.__slots__:
        value = getattr(filters, name)
        if value is not None:
            shown = tr.date(value, date_in_words) if name.startswith("date") else value
            given.append(tr(_FILTERS[name], value=shown))
    return tr(", ").join(given)


def _foot(reply: Reply, outcome: str, tr: Phrases) -> str:
    what = [outcome, searched(reply.answer.searched, reply.answer.filters, reply.searched, tr)]
    if reply.answer.level is not Level.BALANCED:
        what.append(tr(_LEVELS[reply.answer.level]))
    receipt = tr("receipt {name}", name=reply.receipt.receipt_id)
    return small(" · ".join([*what, *_stale(reply.changed, tr), receipt]))


def _stale(changed: Changes | None, tr: Phrases) -> list[str]:
    if not changed:
        return []
    counts = ", ".join(map(tr.known, str(changed).split(", ")))
    return [tr("its files have changed since ({counts})", counts=counts)]


def searched(manifest: Manifest, filters: Filters, count: int | None, tr: Phrases = ENGLISH) -> str:
    """Say how much of the archive was searched: "searched 41 of 353 documents"."""
    total = manifest.documents
    if not filters.given:
        return tr("searched {total:,} documents", total=total)
    if count is None:
        return tr("searched some of {total:,} documents", total=total)
    return tr("searched {count:,} of {total:,} documents", count=count, total=total)


def _describe_hint(answer: Answer, hint: Hint, tr: Phrases) -> str:
    """Describe the filters without which the question finds more."""
    given = describe_filters(
        Filters(**{name: getattr(answer.filters, name) for name in hint.without}), tr
    )
    return tr(
        "Without “{filters}” there is an answer."
        if hint.is_answered
        else "Without “{filters}” something comes near.",
        filters=escape(clip(given, 120)),
    )


def _records(answer: Answer, tr: Phrases) -> list[Text]:
    """Name the record that was asked for, and other or near ones."""
    match = answer.records
    if match is None or (answer.quotes and not match.is_used):
        return []
    found = answer.verdict is not Verdict.NOT_FOUND
    lines = [small(fit(tr.known(describe_match(match, is_found=found)), 200))]
    heading, others, more = list_others(match, {q.document.doc_id for q in answer.quotes})
    if others:
        named = [
            small(f"▸ {fit(tr.known(name_record(ref), 'listed'), 80)}") for ref in others[:_OTHERS]
        ]
        more += len(others) - len(named)
        left = [small(tr("and {count:,} more", count=more))] if more else []
        lines += [small(tr.known(heading)), *named, *left]
    return [Text("\n".join(lines))]
