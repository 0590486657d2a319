"""Answers from the record that a question asks for: what it says of something, or its opening.

Where a question says which record it means (`index.understanding.record_queries`), the answer is
looked for in the records that fit, and nowhere else. That they fit is not judged again: a date or
name of the question that is the record's own neither needs to be in a quotation nor speaks
against it. Where none fits there is no answer, and the nearest are offered. A question that asks
for a fact, and only says which record tells of it, is answered from that record where the fact is
there; otherwise it is asked of the whole archive like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.documents import Document, Span
from index.answering.context import find_surroundings
from index.answering.features import Candidate, describe_sentences
from index.answering.quotations import PASSAGES, Quote, select_quotes
from index.answering.verdict import Judgement, Level, Verdict, judge
from index.retrieval.archive import DEPTH, Archive, Query
from index.retrieval.filters import Filters
from index.retrieval.hits import Hit
from index.retrieval.phrases import parse_operators
from index.retrieval.record_search import FoundRecords, RecordPlace
from index.text.analyzer import analyze
from index.text.passages import Passage
from index.text.sentences import is_complete
from index.timing import stage
from index.understanding.record_queries import Asks, RecordCondition, read_condition

# How sure it is that a record is the one asked for: the only one that fits, and one of several.
_ONLY, _ONE_OF = 0.95, 0.75
# And where what was asked about it was not found there, so that its opening stands for it.
_OPENING = 0.6
# A topic is in a sentence that has such a share of its weight, or comes so near.
_COVERED, _NEAR = 0.5, 0.45
# So many records are named at most; of more than a few a fact is not looked for.
LISTED = 12
_FEW = 5
# An opening has at most so many sentences, and goes on while it is shorter than this.
_SENTENCES = 3
_CHARS = 320
_WORDS = 4


@dataclass(frozen=True, slots=True)
class RecordRef:
    """A record to be named: by its number in a volume, its title and its date, where known."""

    doc_id: str
    number: str | None
    title: str
    date: str | None
    volume: str | None


@dataclass(frozen=True, slots=True)
class RecordMatch:
    """Which record a question asked for, in words, and which there are.

    `fits` are the first of the `total` records that fit, best first; `nearest` those that come near
    where none does. `is_used` tells that what is quoted, or the refusal, is about these records,
    and not about the whole archive; `is_opening` that it is how a record begins, and no more;
    `is_typed` that the record was found as it was typed, and not as the archive spells it.
    """

    condition: str
    fits: tuple[RecordRef, ...]
    total: int
    nearest: tuple[RecordRef, ...] = ()
    is_used: bool = False
    is_opening: bool = False
    is_typed: bool = False


@dataclass(frozen=True, slots=True)
class Consulted:
    """What came of looking for a record; without a judgement the whole archive is to be asked."""

    match: RecordMatch
    quotes: tuple[Quote, ...] = ()
    judgement: Judgement | None = None


@stage("records")
def consult(
    question: str, query: Query, archive: Archive, filters: Filters, limit: int, level: Level
) -> Consulted | None:
    """Return what the records that a question asks for say; None where it asks for none.

    `question` is as it was typed, `query` as the archive spells it.
    """
    found = find_asked(question, query, archive)
    if found is None:
        return None
    condition, records, is_typed = found
    consulting = _Consulting(query, archive, filters, limit, level, condition)
    places = consulting.admit(records.fits)
    if not places:
        return consulting.refuse(() if records.fits else records.nearest)
    consulted = consulting.answer(places)
    return replace(consulted, match=replace(consulted.match, is_typed=is_typed))


def search(
    question: str, query: Query, archive: Archive, filters: Filters, k: int
) -> tuple[list[Hit], RecordMatch | None]:
    """Return the best passages, of the records that a query asks for where there are any."""
    found = find_asked(question, query, archive)
    if found is None:
        return archive.search(query, filters, k), None
    condition, records, is_typed = found
    within = list(dict.fromkeys(place.document for place in records.fits))
    refs = refer(within[:LISTED], archive)
    nearest = refer([place.document for place in records.nearest], archive)
    match = RecordMatch(
        condition.in_words,
        refs,
        len(within),
        nearest,
        is_used=bool(within),
        is_typed=is_typed and bool(within),
    )
    if not within:
        return archive.search(query, filters, k), match
    asked = archive.parse_query(condition.topic) if condition.topic else query
    return archive.search(asked, filters, k, within), match


def find_asked(
    question: str, query: Query, archive: Archive
) -> tuple[RecordCondition, FoundRecords, bool] | None:
    """Return which record a question asks for, what there is, and whether it was typed so.

    None where it asks for none.
    """
    found = None
    typed = parse_operators(question).plain
    # As it was typed, as the archive spells it, and with names as the archive has them.
    for words in dict.fromkeys((typed, query.text, query.asked.text)):
        condition = read_condition(words)
        if condition is None:
            continue
        records = archive.engine.find_records(condition)
        if records.fits:
            return condition, records, words == typed
        found = found or (condition, records, False)
    return found


def refer(documents: Sequence[int], archive: Archive) -> tuple[RecordRef, ...]:
    """Return how the documents of these numbers are named."""
    doc_ids = archive.engine.doc_ids([*dict.fromkeys(documents)])
    return tuple(_refer(archive.document(doc_id)) for doc_id in doc_ids)


@dataclass(frozen=True, slots=True)
class _Consulting:
    """A question on its way through the records that fit."""

    query: Query
    archive: Archive
    filters: Filters
    limit: int
    level: Level
    condition: RecordCondition

    def admit(self, places: Sequence[RecordPlace]) -> list[RecordPlace]:
        """Return those of the records in which filters, phrases and exclusions leave something."""
        wanted = self.query.wanted
        if not (self.filters.given or wanted.phrases or wanted.excluded):
            return [*places]
        documents = sorted({place.document for place in places})
        hits = self.archive.search(self.query, self.filters, DEPTH, documents)
        left = {hit.passage.doc_id for hit in hits}
        names = dict(zip(documents, self.archive.engine.doc_ids(documents), strict=True))
        return [place for place in places if names[place.document] in left]

    def answer(self, places: Sequence[RecordPlace]) -> Consulted:
        """Return what the records that fit say."""
        condition = self.condition
        documents = [*dict.fromkeys(place.document for place in places)]
        match = RecordMatch(
            condition.in_words, refer(documents[:LISTED], self.archive), len(documents)
        )
        if condition.asks is Asks.FACT:
            return self._answer_fact(documents, match)
        sure = _ONLY if len(documents) == 1 and condition.is_exact else _ONE_OF
        if condition.asks is Asks.CONTENT:
            asked = self._ask_topic()
            quotes = self._select(asked, documents)
            if quotes and _is_there(quotes[0]):
                judged = judge(asked, quotes, self.archive, self.level)
                confidence = max(judged.confidence, sure)
                return _use(match, quotes, self._judge(confidence, judged.verdict))
            if not condition.is_exact:
                return Consulted(match)
            sure = min(sure, _OPENING)
        openings = self._open(places[: self.limit])
        if not openings:
            return Consulted(match)
        return _use(replace(match, is_opening=True), openings, self._judge(sure))

    def refuse(self, nearest: Sequence[RecordPlace]) -> Consulted:
        """Return that no record fits, with the nearest; of a fact, the archive is asked instead."""
        refs = refer([place.document for place in nearest], self.archive)
        match = RecordMatch(self.condition.in_words, (), 0, refs)
        if self.condition.asks is Asks.FACT or not self.condition.is_definite:
            return Consulted(match)
        return _use(match, self._open(nearest), Judgement(Verdict.NOT_FOUND, 0.0))

    def _answer_fact(self, documents: Sequence[int], match: RecordMatch) -> Consulted:
        """Answer a fact from a record, where that is certain and has it."""
        if not self.condition.is_close or len(documents) > _FEW:
            return Consulted(match)
        asked = self._ask_topic()
        quotes = self._select(asked, documents)
        judgement = judge(asked, quotes, self.archive, self.level)
        if judgement.verdict is Verdict.NOT_FOUND:
            return Consulted(match)
        return _use(match, quotes, judgement)

    def _ask_topic(self) -> Query:
        """Return the question without what names the record."""
        if not any(char.isalnum() for char in self.condition.topic):
            return self.query
        return self.archive.parse_query(self.condition.topic)

    def _select(self, asked: Query, documents: Sequence[int]) -> tuple[Quote, ...]:
        hits = self.archive.search(asked, self.filters, PASSAGES, documents)
        return tuple(select_quotes(asked, hits, self.archive, self.limit))

    def _judge(self, confidence: float, verdict: Verdict = Verdict.ANSWERED) -> Judgement:
        if confidence < self.level.threshold:
            return Judgement(Verdict.NOT_FOUND, confidence)
        answered = Verdict.ANSWERED if verdict is Verdict.NOT_FOUND else verdict
        return Judgement(answered, confidence)

    def _open(self, places: Sequence[RecordPlace]) -> tuple[Quote, ...]:
        """Return the openings of these records."""
        quotes = (self._open_one(place) for place in places)
        return tuple(quote for quote in quotes if quote is not None)

    def _open_one(self, place: RecordPlace) -> Quote | None:
        """Return the opening of a record: the first sentences of its text; None where it has none.

        File numbers, datelines and salutations are none; nor is what it encloses, of the record.
        """
        archive = self.archive
        numbers = archive.engine.passages_of(place.document)
        passages = list(zip(numbers, archive.engine.passages(numbers), strict=True))
        if not passages:
            return None
        document = archive.document(passages[0][1].doc_id)
        sentences = [
            (number, passage, at)
            for number, passage in passages
            for at, span in enumerate(passage.sentences)
        ]
        own = [
            each for each in sentences if _belongs(each[1].sentences[each[2]], place, document)
        ] or sentences
        found = next(
            (each for each in own if _says_something(each[1].sentences[each[2]].of(document.text))),
            own[0],
        )
        return self._quote(document, *found)

    def _quote(self, document: Document, number: int, passage: Passage, at: int) -> Quote:
        hit = Hit(passage, number, 1, 0.0, None, 0.0, None, 0.0, {})
        span = _extend(document.text, passage.sentences[at:])
        title = frozenset(analyze(document.title))
        asked = self.query.asked
        idf = {term: self.archive.engine.idf(term) for term in asked.weights}
        (features,) = describe_sentences(asked, idf, [Candidate(hit, document, at, 0.0, title)])
        before, after = find_surroundings(document, span)
        return Quote(
            document=document,
            span=span,
            turn=passage.turn,
            section=passage.section,
            before=before,
            after=after,
            score=0.0,
            margin=0.0,
            features=features,
            hit=hit,
        )


def _use(match: RecordMatch, quotes: tuple[Quote, ...], judgement: Judgement) -> Consulted:
    return Consulted(replace(match, is_used=True), quotes, judgement)


def _belongs(sentence: Span, place: RecordPlace, document: Document) -> bool:
    """Tell whether a sentence is of a record itself, not of what encloses it or is enclosed."""
    start = sentence.start
    if place.start is not None and place.end is not None:
        return place.start <= start < place.end
    enclosures = document.provenance.record.enclosures
    return not any(each.span.start <= start < each.span.end for each in enclosures)


def _says_something(sentence: str) -> bool:
    """Tell whether a sentence is one, and not a number, a place with a date, or a salutation."""
    return is_complete(sentence) and sum(word[0].isalpha() for word in sentence.split()) >= _WORDS


def _extend(text: str, sentences: Sequence[Span]) -> Span:
    """Return the span of the first sentences of a paragraph, as long as they are short."""
    span = sentences[0]
    for following in sentences[1:_SENTENCES]:
        gap = text[span.end : following.start]
        # Nothing may be missing between them, such as a redaction.
        if gap.strip() or "\n\n" in gap or following.end - span.start > _CHARS:
            break
        span = Span(span.start, following.end)
    return span


def _is_there(quote: Quote) -> bool:
    """Tell whether a sentence has to do with a topic at all."""
    return quote.features["coverage"] >= _COVERED or quote.features["cosine"] >= _NEAR


def _refer(document: Document) -> RecordRef:
    record = document.provenance.record
    return RecordRef(
        doc_id=document.doc_id,
        number=record.number,
        title=document.title,
        date=record.document_date or record.event_date,
        volume=record.container,
    )
