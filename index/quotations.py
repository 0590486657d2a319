"""Quotations: the sentences that answer a question, as spans of stored texts.

Candidates are the sentences of the best passages. Each is scored by what it shares with the
question (rank-bm25 over the candidates, and the share of the question's term weight that sentence
and title hold), by the cosine of its vector, by its passage's rank, and by whether it has what the
question asks for: a date, a number, a name.
"""

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from rank_bm25 import BM25Plus

from corpus.documents import Document, Span, Turn
from index.analyzer import analyze
from index.archive import Archive, Query
from index.phrases import make_matcher
from index.search import Hit
from index.sentences import is_complete

# Sentences are taken from this many passages.
PASSAGES = 10

# Weights of a sentence's features, each between 0 and 1; chosen on a development set of questions
# over encyclopaedia articles, and not sensitive: a change of 0.25 in any moves quote@1 below 0.01.
_WEIGHTS = {
    "lexical": 0.5,
    "coverage": 0.5,
    "cosine": 1.0,
    "passage": 0.5,
    "expected": 0.3,
    "complete": 0.3,
}
# Two quotations with a greater share of terms in common say the same.
_SAME = 0.7
# A further quotation is shown only when it scores at least this share of the best one.
_WORTH = 0.6
_CONTEXT_CHARS = 400

_LIGHT = frozenset(
    analyze(
        """
        become begin believe big bring call cause come concern consider describe did different
        discuss do exactly explain feel find get give go happen help hear important include involve
        keep kind know large last lead learn leave let like little long look main make many matter
        mean mention much name need offer part people place play please point possible put question
        reach reason receive remark reply result role say see seem share show sort speak state
        statement suggest take talk tell thing think time try turn type use view want way word work
        write year
        """
    )
)
_LIGHT_WEIGHT = 0.3

_LEANING = re.compile(
    r"(?:He|She|They|It|This|That|These|Those|Such|His|Her|Their|Its|Both|But|However|Instead"
    r"|Nevertheless|Therefore|Thus|Hence|Then|So|Neither|Also|Here|There)\b"
)
_DATE = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\b(?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December)\b|年|月"
)
_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty"
    r"|hundred|thousand|million|billion|trillion|half|third|quarter|dozen|percent|no|none)\b",
    re.IGNORECASE,
)
# A run of capitalised words, no acronym and no month; a single one does not count at the head of a
# sentence. A run that shares a word with the question names nobody new.
_NO_NAME = (
    r"(?!(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|The|An?|This|That|These|Those|In|On|At|After|Before|When|While|By|For|From|As|Of|But|And|No)\b)"
)
_NAME = re.compile(
    rf"(?<![.!?] )(?<!^)\b{_NO_NAME}[A-Z][\w’'.-]*[a-z](?: [A-Z][\w’'.-]*)*"
    rf"|\b{_NO_NAME}[A-Z][\w’'-]*[a-z](?: [A-Z][\w’'.-]*)+"
)
_ASKS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        re.compile(r"\b(?:when|(?:what|which) (?:year|date|day|month))\b", re.IGNORECASE),
        _DATE,
    ),
    (
        re.compile(
            r"\bhow (?:many|much|big|large|long|old|far|often|high|tall|few)\b"
            r"|\bwhat (?:percent|percentage|number|share|size|figure)\b",
            re.IGNORECASE,
        ),
        _NUMBER,
    ),
    (
        re.compile(
            r"\b(?:who|whom|whose|where|which (?:country|city|person|company|state))\b",
            re.IGNORECASE,
        ),
        _NAME,
    ),
)


@dataclass(frozen=True, slots=True)
class Quote:
    """One or two whole sentences of a document, in one turn, with what stands around them.

    `document` was checked against its hash when it was fetched, so that `text` is what was indexed.
    `before` and `after` are spans of the context. `coverage` is the share of the question's term
    weight that quotation and title hold; the cosines are the sentence's and the passage's with the
    question.
    """

    document: Document
    span: Span
    turn: Turn | None
    section: str | None
    before: Span
    after: Span
    score: float
    coverage: float
    cosine: float
    passage_cosine: float

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.span.of(self.document.text)


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    document: Document
    place: int
    terms: list[str]
    cosine: float
    title_terms: frozenset[str]

    @property
    def span(self) -> Span:
        return self.hit.passage.sentences[self.place]


def select_quotes(query: Query, hits: Sequence[Hit], archive: Archive, limit: int) -> list[Quote]:
    """Return the best one to `limit` quotations for a question, best first."""
    hits = hits[:PASSAGES]
    candidates = list(_find_candidates(query, hits, archive))
    if not candidates:
        return []
    scores = _score(query, candidates, archive)
    scores *= [_WORTH if _is_second_hand(each.document, archive) else 1.0 for each in candidates]
    order = np.lexsort((np.arange(len(scores)), -scores))
    quotes: list[Quote] = []
    chosen: list[frozenset[str]] = []
    for place in order:
        candidate = candidates[place]
        score = float(scores[place])
        if quotes and score < _WORTH * quotes[0].score:
            break
        quote = _make_quote(query, candidate, score, archive)
        terms = frozenset(analyze(quote.text))
        if any(
            (quote.document.doc_id == other.document.doc_id and quote.span.overlaps(other.span))
            or _likeness(terms, others) > _SAME
            for other, others in zip(quotes, chosen, strict=True)
        ):
            continue
        quotes.append(quote)
        chosen.append(terms)
        if len(quotes) == limit:
            break
    return quotes


def coverage(wanted: Sequence[str], held: AbstractSet[str], idf: Callable[[str], float]) -> float:
    """Return the share of the weight of `wanted` terms that is among those `held`, 0 to 1.

    Words that carry a question rather than its subject weigh little: in a small archive they are
    rare, and would count as much as a name.
    """
    weights = {term: idf(term) * (_LIGHT_WEIGHT if term in _LIGHT else 1.0) for term in wanted}
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in held) / total if total else 0.0


def _is_second_hand(document: Document, archive: Archive) -> bool:
    """Tell whether a document only describes a record that is in the archive itself."""
    about = document.provenance.about
    return about is not None and about.url is not None and archive.store.has_url(about.url)


def _find_candidates(query: Query, hits: Sequence[Hit], archive: Archive) -> list[_Candidate]:
    found = []
    documents: dict[str, Document] = {}
    for hit in hits:
        doc_id = hit.passage.doc_id
        if doc_id not in documents:
            documents[doc_id] = archive.document(doc_id)
        document = documents[doc_id]
        similar = archive.sentence_cosines(hit, query)
        speaker = hit.passage.turn.speaker if hit.passage.turn else ""
        title = frozenset(analyze(f"{document.title}\n{speaker}"))
        found += [
            _Candidate(
                hit, document, place, analyze(span.of(document.text)), float(similar[place]), title
            )
            for place, span in enumerate(hit.passage.sentences)
        ]
    return _with_phrases(query.wanted.phrases, found)


def _with_phrases(phrases: Sequence[str], found: list[_Candidate]) -> list[_Candidate]:
    """Return the candidates with the first words that had to occur, or all where none has them."""
    for phrase in phrases:
        matches = make_matcher(phrase)
        having = [each for each in found if matches(each.span.of(each.document.text))]
        found = having or found
    return found


def _score(
    query: Query, candidates: Sequence[_Candidate], archive: Archive
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return the weighted sum of each candidate's features."""
    best_hit = max(candidate.hit.score for candidate in candidates) or 1.0
    features = {
        "lexical": _lexical(query, candidates),
        "coverage": [
            coverage(query.terms, candidate.title_terms.union(candidate.terms), archive.lexical.idf)
            for candidate in candidates
        ],
        "cosine": [max(0.0, candidate.cosine) for candidate in candidates],
        "passage": [candidate.hit.score / best_hit for candidate in candidates],
        "expected": [
            float(_has_expected(query.text, candidate.span.of(candidate.document.text)))
            for candidate in candidates
        ],
        "complete": [
            float(is_complete(candidate.span.of(candidate.document.text)))
            for candidate in candidates
        ],
    }
    total = np.zeros(len(candidates))
    for name, values in features.items():
        total += _WEIGHTS[name] * np.asarray(values, np.float64)
    return total


def _lexical(query: Query, candidates: Sequence[_Candidate]) -> list[float]:
    """Return rank-bm25's scores of the candidate sentences, the best of them 1."""
    # The library divides by the mean length, which is 0 where no sentence has a term.
    if not any(candidate.terms for candidate in candidates):
        return [0.0] * len(candidates)
    scores = BM25Plus([candidate.terms for candidate in candidates]).get_scores(list(query.terms))
    scores = scores - scores.min()
    return list(scores / (scores.max() or 1.0))


def _has_expected(question: str, sentence: str) -> bool:
    """Tell whether a sentence holds the kind of thing that a question asks for."""
    wanted = [kind for asks, kind in _ASKS if asks.search(question)]
    if not wanted:
        return True
    asked = set(analyze(question))
    return any(
        asked.isdisjoint(analyze(match[0])) for kind in wanted for match in kind.finditer(sentence)
    )


def _make_quote(query: Query, candidate: _Candidate, score: float, archive: Archive) -> Quote:
    """Return the candidate as a quotation, with the sentence before it where it leans on that."""
    passage, text = candidate.hit.passage, candidate.document.text
    span, place = candidate.span, candidate.place
    if place and _LEANING.match(span.of(text)):
        before = passage.sentences[place - 1]
        gap = Span(before.end, span.start)
        # Sentences that touch: no redaction, heading or missing sentence lies between.
        if not gap.of(text).strip() and "\n\n" not in gap.of(text):
            span = Span(before.start, span.end)
    held = set(analyze(span.of(text))) | candidate.title_terms
    return Quote(
        document=candidate.document,
        span=span,
        turn=passage.turn,
        section=passage.section,
        before=_context(candidate.document, span, -1),
        after=_context(candidate.document, span, 1),
        score=score,
        coverage=coverage(query.terms, held, archive.lexical.idf),
        cosine=candidate.cosine,
        passage_cosine=candidate.hit.cosine,
    )


def _context(document: Document, span: Span, side: int) -> Span:
    """Return what stands before (-1) or after (1) a quotation in its paragraph, cut at a word."""
    block = next(block for block in document.structure.blocks if block.end > span.start)
    last = next(block for block in reversed(document.structure.blocks) if block.start < span.end)
    if side < 0:
        start = max(block.start, span.start - _CONTEXT_CHARS)
        if start > block.start:
            space = document.text.find(" ", start, span.start)
            start = space + 1 if space >= 0 else span.start
        return Span(min(start, span.start), span.start)
    end = min(last.end, span.end + _CONTEXT_CHARS)
    if end < last.end:
        space = document.text.rfind(" ", span.end, end)
        end = space if space >= 0 else span.end
    return Span(span.end, max(end, span.end))


def _likeness(terms: frozenset[str], others: frozenset[str]) -> float:
    """Return the Jaccard index of two sets of terms."""
    union = terms | others
    return len(terms & others) / len(union) if union else 1.0
