"""Quotations: the sentences that answer a question, as spans of stored texts.

Candidates are the sentences of the best passages, scored by a weighted sum of their features
(`index.answering.features`). The weights were fitted so that of all candidates the answering ones
are the most likely (a conditional logit: McFadden 1974), so that scores compare as odds: a
difference of 0.7 between two sentences means that one is twice as likely to answer as the other.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Document, Span, Turn
from index.answering.context import find_surroundings
from index.answering.features import (
    LEANING,
    PRONOUN,
    Candidate,
    describe_sentences,
)
from index.answering.voices import Voices
from index.encoding.cosine_scale import relative
from index.retrieval.archive import Archive, Query
from index.retrieval.fusion import Features
from index.retrieval.hits import Hit
from index.retrieval.phrases import make_matcher
from index.retrieval.reranking import make_text
from index.text.analyzer import analyze
from index.text.passages import context_of
from index.timing import stage
from index.weights import weights

# Sentences are taken from this many passages.
PASSAGES = 10

# Two quotations with a greater share of terms in common say the same.
_SAME = 0.7
# A further quotation is shown only when it is at least so likely as the best one to answer.
_WORTH = math.log(0.002)
# The sentence beside a quoted one comes along when it is so likely, compared to that one.
_BESIDE = math.log(0.05)
# Of a document that is quoted already, another sentence is so much less worth.
_ANOTHER = math.log(0.6)
# A note on a record that the archive has is so much less worth quoting than the record.
_SECOND_HAND = math.log(0.5)


@dataclass(frozen=True, slots=True)
class Quote:
    """One or two whole sentences of a document, in one turn.

    `candidate` is the sentence it was chosen for, `span` that sentence and the one beside it, if
    any. `score` and `features` are the candidate's, `margin` how far its score is above the next
    best sentence of all. `relevance` is the reranker's score of the candidate and `ahead` how far
    that is above any other; None without a reranker.
    """

    candidate: Candidate
    span: Span
    score: float
    margin: float
    features: dict[str, float]
    relevance: float | None = None
    ahead: float | None = None

    @property
    def document(self) -> Document:
        """The document, checked against its hash when it was fetched."""
        return self.candidate.document

    @property
    def hit(self) -> Hit:
        """The passage that the quotation is from."""
        return self.candidate.hit

    @property
    def turn(self) -> Turn | None:
        """The speaker's turn that has the quotation."""
        return self.hit.passage.turn

    @property
    def text(self) -> str:
        """The quoted words, as they were indexed."""
        return self.span.of(self.document.text)

    @property
    def context(self) -> tuple[Span, Span]:
        """What stands before and after the quotation in its paragraph."""
        return find_surroundings(self.document, self.span)


@dataclass(frozen=True, slots=True)
class RankedSentences:
    """Sentences in the order of their passages, each feature of them (n), and their scores (n)."""

    candidates: list[Candidate]
    features: Features
    scores: NDArray[np.float64]

    def features_of(self, place: int) -> dict[str, float]:
        """Return the features of one sentence."""
        return {name: float(values[place]) for name, values in self.features.items()}


def select_quotes(query: Query, hits: Sequence[Hit], archive: Archive, limit: int) -> list[Quote]:
    """Return the best one to `limit` quotations for a question, best first."""
    return pick_quotes(query, rank_sentences(query, hits, archive), archive, limit)


def pick_quotes(query: Query, ranked: RankedSentences, archive: Archive, limit: int) -> list[Quote]:
    """Return the best one to `limit` quotations among ranked sentences, best first."""
    candidates, scores = ranked.candidates, ranked.scores
    if not candidates:
        return []
    wanted, relevance = scores, None
    if archive.reranker:
        texts = [make_text(each.document, each.hit.passage, each.span) for each in candidates]
        # Both are log-odds. What the second is worth for confidence is for a calibration to say.
        relevance = archive.reranker.score(query.text, texts)
        wanted = scores + relevance
    worth = wanted.copy()
    least = float(worth.max()) + _WORTH
    quotes: list[Quote] = []
    chosen: list[frozenset[str]] = []
    places: list[int] = []
    while len(quotes) < limit:
        place = int(np.argmax(worth))
        if worth[place] < least:
            break
        candidate, document = candidates[place], candidates[place].document
        taken = [q.span for q in quotes if q.document.doc_id == document.doc_id]
        span = _widen(place, candidates, scores, taken)
        worth[place] = -np.inf
        terms = frozenset(analyze(span.of(document.text)))
        if any(span.overlaps(other) for other in taken) or any(
            _likeness(terms, others) > _SAME for others in chosen
        ):
            continue
        score = float(scores[place])
        others = scores[np.arange(len(scores)) != place]
        quotes.append(
            Quote(
                candidate=candidate,
                span=span,
                score=score,
                margin=score - float(others.max(initial=score - 3.0)),
                features=ranked.features_of(place),
                relevance=None if relevance is None else float(relevance[place]),
                ahead=None if relevance is None else _ahead(relevance, place),
            )
        )
        chosen.append(terms)
        places.append(place)
        same = [each.document.doc_id == document.doc_id for each in candidates]
        worth += _ANOTHER * np.array(same)
    # A second quotation of one document may be better than the one that was taken before it.
    return [quotes[rank] for rank in np.argsort(-wanted[places], kind="stable")]


@stage("quotations")
def rank_sentences(query: Query, hits: Sequence[Hit], archive: Archive) -> RankedSentences:
    """Return the sentences of the best passages, with their features and scores."""
    candidates = find_candidates(query, hits[:PASSAGES], archive)
    idf = {term: archive.engine.idf(term) for term in query.asked.weights}
    voices = Voices(speaker, archive.names) if (speaker := query.asked.speaker_name) else None
    features = describe_sentences(query.asked, idf, candidates, voices)
    known = weights("sentences", "read" if query.is_read else "unread")
    scores = np.zeros(len(candidates))
    for name, weight in known.items():
        scores += weight * features[name]
    documents = {each.document.doc_id: each.document for each in candidates}
    described = {doc_id for doc_id, each in documents.items() if _is_second_hand(each, archive)}
    second_hand = np.array([each.document.doc_id in described for each in candidates], np.bool_)
    return RankedSentences(candidates, features, scores + _SECOND_HAND * second_hand)


def _ahead(relevance: NDArray[np.float64], place: int) -> float:
    """Return how far a score is above all others; 0 where there are none."""
    others = np.delete(relevance, place)
    return float(relevance[place] - others.max()) if len(others) else 0.0


def find_candidates(query: Query, hits: Sequence[Hit], archive: Archive) -> list[Candidate]:
    """Return the sentences of these passages, in order."""
    found: list[Candidate] = []
    documents: dict[str, Document] = {}
    near: Iterator[float] = repeat(0.0)
    if query.is_read and hits:
        cosines = archive.sentence_cosines(hits, query)
        near = iter(relative(cosines, archive.encoder.background.sentence).tolist())
    for hit in hits:
        passage = hit.passage
        if passage.doc_id not in documents:
            documents[passage.doc_id] = archive.document(passage.doc_id)
        document = documents[passage.doc_id]
        context = frozenset(analyze(context_of(document, passage)))
        places = range(len(passage.sentences))
        found += [Candidate(hit, document, place, next(near), context) for place in places]
    return _with_phrases(query.wanted.phrases, found)


def _with_phrases(phrases: Sequence[str], found: list[Candidate]) -> list[Candidate]:
    """Return the candidates with the first words that had to occur, or all where none has them."""
    for phrase in phrases:
        matches = make_matcher(phrase)
        having = [each for each in found if matches(each.text)]
        found = having or found
    return found


def _is_second_hand(document: Document, archive: Archive) -> bool:
    """Return whether a document only describes a record that is in the archive itself."""
    about = document.provenance.about
    return about is not None and about.url is not None and archive.engine.has_url(about.url)


def _widen(
    place: int,
    candidates: Sequence[Candidate],
    scores: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    taken: Sequence[Span],
) -> Span:
    """Return a sentence's span, extended to the one before if it refers to it, or to a likely one.

    Both must touch: no redaction, heading or missing sentence may lie between.
    """
    candidate = candidates[place]
    span, text = candidate.span, candidate.document.text
    beside: dict[int, Span] = {}
    for other in (place - 1, place + 1):
        if not 0 <= other < len(candidates) or candidates[other].hit is not candidate.hit:
            continue
        near = candidates[other].span
        first, last = sorted((span, near))
        gap = text[first.end : last.start]
        adjacent = abs(candidates[other].place - candidate.place) == 1
        if adjacent and not gap.strip() and "\n\n" not in gap:
            beside[other] = near
    if place - 1 in beside and LEANING.match(candidate.text):
        return Span(beside[place - 1].start, span.end)
    # One that leans itself would open the quotation with words that point at nothing.
    leans = place - 1 in beside and LEANING.match(candidates[place - 1].text)
    likely = [
        other
        for other, near in beside.items()
        if scores[other] >= _BESIDE + scores[place]
        and not any(near.overlaps(t) for t in taken)
        and not (leans and other < place and not PRONOUN.search(candidate.text))
    ]
    if not likely:
        return span
    near = beside[max(likely, key=lambda other: scores[other])]
    return Span(min(span.start, near.start), max(span.end, near.end))


def _likeness(terms: frozenset[str], others: frozenset[str]) -> float:
    """Return the Jaccard index of two sets of terms."""
    union = terms | others
    return len(terms & others) / len(union) if union else 1.0
