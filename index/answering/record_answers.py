"""Answer from the record that a question asks for: what it says on a topic, or its opening.

If a question describes a record (`index.understanding.record_queries`), only the matching records
are searched. Names and dates that describe the record need not be in the quotation. If none fits,
there is no answer, and the nearest records are offered. A question for a fact is answered from the
record if it has the fact, and from the whole archive otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.documents import QUOTATION, Document, Span
from index.answering.features import Candidate, describe_sentences
from index.answering.leads import cut_unrelated
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
from index.understanding.record_condition import Asks, RecordCondition
from index.understanding.record_queries import parse_condition

# The confidence in a record that alone fits, and in one of several.
_ONLY, _ONE_OF = 0.95, 0.75
# The confidence in an opening, where the topic was not found in the record.
_OPENING = 0.6
# The share of a topic's weight, or the cosine, from which a sentence is about it.
_COVERED, _NEAR = 0.5, 0.45
# The most records listed, and the most searched for a fact.
LISTED = 12
_FEW = 5
# The most sentences and characters of an opening, and the fewest words of its first sentence.
_SENTENCES = 3
_CHARS = 320
_WORDS = 4


@dataclass(frozen=True, slots=True)
class RecordRef:
    """A reference to a record: its number in a volume, its title and its date, if known."""

    doc_id: str
    number: str | None
    title: str
    date: str | None
    volume: str | None


@dataclass(frozen=True, slots=True)
class RecordMatch:
    """The record that a question asked for, in words, and those that were found.

    `fits` are the first of the `total` records that fit, best first; `nearest` is for when none
    does. `is_used`: the answer or refusal rests on these records, not on the whole archive;
    `is_opening`: the quotation is only a record's opening; `is_typed`: the record was found by the
    words as typed, not by the archive's spelling. If all that fit were excluded, `excluded` counts
    them, and `excluded_by` names what was given: "quoted words", "excluded words", "filters".
    """

    condition: str
    fits: tuple[RecordRef, ...]
    total: int
    nearest: tuple[RecordRef, ...] = ()
    is_used: bool = False
    is_opening: bool = False
    is_typed: bool = False
    excluded: int = 0
    excluded_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """The answer from records; without a judgement the whole archive must be asked."""

    match: RecordMatch
    quotes: tuple[Quote, ...] = ()
    judgement: Judgement | None = None


@stage("records")
def answer_from_records(
    question: str, query: Query, archive: Archive, filters: Filters, limit: int, level: Level
) -> RecordAnswer | None:
    """Answer from the records that a question asks for; None if it asks for none.

    `question` is as typed, `query` in the archive's spelling.
    """
    found = find_requested(question, query, archive)
    if found is None:
        return None
    condition, records, is_typed = found
    consulting = _RecordAnswerer(query, archive, filters, limit, level, condition)
    places = consulting.admit(records.fits)
    if not places:
        return consulting.refuse(records)
    consulted = consulting.answer(places)
    return replace(consulted, match=replace(consulted.match, is_typed=is_typed))


def search(
    question: str, query: Query, archive: Archive, filters: Filters, k: int
) -> tuple[list[Hit], RecordMatch | None]:
    """Return the best passages, only of the records that a query asks for if there are any.

    Otherwise the list ends with the last passage that has a word of the query or is near to it.
    """
    found = find_requested(question, query, archive)
    if found is None:
        return _search_all(query, archive, filters, k), None
    condition, records, is_typed = found
    within = list(dict.fromkeys(place.document for place in records.fits))
    refs = list_refs(within[:LISTED], archive)
    nearest = list_refs([place.document for place in records.nearest], archive)
    match = RecordMatch(
        condition.in_words,
        refs,
        len(within),
        nearest,
        is_used=bool(within),
        is_typed=is_typed and bool(within),
    )
    if not within:
        return _search_all(query, archive, filters, k), match
    asked = archive.parse_query(condition.topic) if condition.topic else query
    return archive.search(asked, filters, k, within), match


def _search_all(query: Query, archive: Archive, filters: Filters, k: int) -> list[Hit]:
    hits = archive.search(query, filters, k)
    # What has a quoted phrase, even of words that are in no index, has to do with the query.
    return hits if query.wanted.phrases else cut_unrelated(hits, is_read=query.is_read)


def find_requested(
    question: str, query: Query, archive: Archive
) -> tuple[RecordCondition, FoundRecords, bool] | None:
    """Return the condition, the records found, and whether the typed words found them.

    None if the question asks for no record.
    """
    found = None
    typed = parse_operators(question).plain
    # As typed, in the archive's spelling, and with the archive's names.
    for words in dict.fromkeys((typed, query.text, query.asked.text)):
        condition = parse_condition(words)
        if condition is None:
            continue
        records = archive.engine.find_records(condition)
        if records.fits:
            return condition, records, words == typed
        found = found or (condition, records, False)
    return found


def list_refs(documents: Sequence[int], archive: Archive) -> tuple[RecordRef, ...]:
    """Return references to the documents with these numbers."""
    doc_ids = archive.engine.doc_ids([*dict.fromkeys(documents)])
    return tuple(_make_ref(archive.document(doc_id)) for doc_id in doc_ids)


@dataclass(frozen=True, slots=True)
class _RecordAnswerer:
    """Answers one question from the records that fit."""

    query: Query
    archive: Archive
    filters: Filters
    limit: int
    level: Level
    condition: RecordCondition

    def admit(self, places: Sequence[RecordPlace]) -> list[RecordPlace]:
        """Drop records in which filters, phrases and exclusions leave nothing."""
        if not self._narrowed_by():
            return [*places]
        documents = sorted({place.document for place in places})
        hits = self.archive.search(self.query, self.filters, DEPTH, documents)
        left = {hit.passage.doc_id for hit in hits}
        names = dict(zip(documents, self.archive.engine.doc_ids(documents), strict=True))
        return [place for place in places if names[place.document] in left]

    def _narrowed_by(self) -> tuple[str, ...]:
        """Name what narrows the search besides the description of the record."""
        wanted = self.query.wanted
        given = {
            "quoted words": wanted.phrases,
            "excluded words": wanted.excluded,
            "filters": self.filters.given,
        }
        return tuple(name for name, value in given.items() if value)

    def answer(self, places: Sequence[RecordPlace]) -> RecordAnswer:
        condition = self.condition
        documents = [*dict.fromkeys(place.document for place in places)]
        match = RecordMatch(
            condition.in_words, list_refs(documents[:LISTED], self.archive), len(documents)
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
                return RecordAnswer(match)
            sure = min(sure, _OPENING)
        openings = self._open(places[: self.limit])
        if not openings:
            return RecordAnswer(match)
        return _use(replace(match, is_opening=True), openings, self._judge(sure))

    def refuse(self, records: FoundRecords) -> RecordAnswer:
        """Refuse with the nearest records; for a fact, leave the answer to the whole archive."""
        nearest = () if records.fits else records.nearest
        refs = list_refs([place.document for place in nearest], self.archive)
        excluded = len({place.document for place in records.fits})
        by = self._narrowed_by() if excluded else ()
        match = RecordMatch(self.condition.in_words, (), 0, refs, excluded=excluded, excluded_by=by)
        if self.condition.asks is Asks.FACT or not self.condition.is_definite:
            return RecordAnswer(match)
        return _use(match, self._open(nearest), Judgement(Verdict.NOT_FOUND, 0.0))

    def _answer_fact(self, documents: Sequence[int], match: RecordMatch) -> RecordAnswer:
        """Answer a fact from the records, if the condition is specific and they have it."""
        if not self.condition.is_close or len(documents) > _FEW:
            return RecordAnswer(match)
        asked = self._ask_topic()
        quotes = self._select(asked, documents)
        judgement = judge(asked, quotes, self.archive, self.level)
        if judgement.verdict is Verdict.NOT_FOUND:
            return RecordAnswer(match)
        return _use(match, quotes, judgement)

    def _ask_topic(self) -> Query:
        """Return the question without the description of the record."""
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
        quotes = (self._open_one(place) for place in places)
        return tuple(quote for quote in quotes if quote is not None)

    def _open_one(self, place: RecordPlace) -> Quote | None:
        """Quote the first sentences of a record, or None if it has none.

        File numbers, datelines, salutations and enclosures are skipped.
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
        candidate = Candidate(hit, document, at, 0.0, title)
        known = describe_sentences(asked, idf, [candidate])
        features = {name: float(values[0]) for name, values in known.items()}
        return Quote(candidate, span, score=0.0, margin=0.0, features=features)


def _use(match: RecordMatch, quotes: tuple[Quote, ...], judgement: Judgement) -> RecordAnswer:
    return RecordAnswer(replace(match, is_used=True), quotes, judgement)


def _belongs(sentence: Span, place: RecordPlace, document: Document) -> bool:
    """Return whether a sentence is in the record itself, not in an enclosing or enclosed one."""
    start = sentence.start
    if place.start is not None and place.end is not None:
        return place.start <= start < place.end
    enclosures = document.provenance.record.enclosures
    return not any(
        each.span.start <= start < each.span.end for each in enclosures if each.kind != QUOTATION
    )


def _says_something(sentence: str) -> bool:
    """Return whether a sentence is more than a number, a place with a date, or a salutation."""
    return is_complete(sentence) and sum(word[0].isalpha() for word in sentence.split()) >= _WORDS


def _extend(text: str, sentences: Sequence[Span]) -> Span:
    """Return the span of the first sentences of a paragraph, while it is short."""
    span = sentences[0]
    for following in sentences[1:_SENTENCES]:
        gap = text[span.end : following.start]
        # Stop at a gap, such as a redaction.
        if gap.strip() or "\n\n" in gap or following.end - span.start > _CHARS:
            break
        span = Span(span.start, following.end)
    return span


def _is_there(quote: Quote) -> bool:
    return quote.features["coverage"] >= _COVERED or quote.features["cosine"] >= _NEAR


def _make_ref(document: Document) -> RecordRef:
    record = document.provenance.record
    return RecordRef(
        doc_id=document.doc_id,
        number=record.number,
        title=document.title,
        date=record.document_date or record.event_date,
        volume=record.container,
    )
