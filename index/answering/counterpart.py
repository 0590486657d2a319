"""What the other side's record of a meeting has beside a quotation from one side's.

The sentence that comes nearest to the quoted words is taken, by its vector and by the words that
both have. Two sides tell one thing in different words: what is shown is a place to compare, and no
second proof.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from corpus.documents import Document, Span, Turn
from index.answering.context import find_surroundings
from index.answering.features import share
from index.answering.quotations import Quote
from index.encoding.cosine_scale import relative
from index.retrieval.archive import Archive
from index.retrieval.dense import Codes, cosines
from index.text.analyzer import analyze
from index.understanding.questions import LIGHT

# How near a sentence must be, by its vector and by shared weight, to be put beside the words.
# Of twelve pairs of sentences that tell one thing in other words, seven come so near; the best
# sentence of another document of the same volume of FRUS does in one of seven cases.
_NEAR = 0.58
# How much nearness counts beside the share of weight.
_BY_VECTOR = 0.43


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The other side's record, and where in it a sentence comes near to the quotation.

    `document` is the one of its telegrams or parts that has the sentence; `span` is None where no
    sentence comes near, and then `document` is the first of them.
    """

    document: Document
    span: Span | None
    turn: Turn | None

    @property
    def text(self) -> str | None:
        """The words of the sentence."""
        return self.span.of(self.document.text) if self.span else None

    @property
    def context(self) -> tuple[Span, Span] | None:
        """What stands before and after the sentence in its paragraph."""
        return find_surroundings(self.document, self.span) if self.span else None


def find_counterpart(quote: Quote, archive: Archive) -> Counterpart | None:
    """Return the counterpart of a quotation in the other side's record, or None."""
    documents = archive.other_side(quote.document)
    if not documents:
        return None
    found = max(
        (each for place in documents for each in _compare(quote, archive, *place)),
        # Of equals the first in the record is taken.
        key=lambda each: each[0],
        default=None,
    )
    if found is None or found[0] < _NEAR:
        return Counterpart(documents[0][1], None, None)
    return Counterpart(*found[1:])


def _compare(
    quote: Quote, archive: Archive, number: int, document: Document
) -> Iterator[tuple[float, Document, Span, Turn | None]]:
    """Yield each sentence of a document, with how near it comes to the quotation."""
    terms = {term for term in analyze(quote.text) if term not in LIGHT}
    weights = {term: archive.engine.idf(term) for term in terms}
    own = _vector(quote, archive)
    numbers = archive.engine.passages_of(number)
    for place, passage in zip(numbers, archive.engine.passages(numbers), strict=True):
        similar = cosines(archive.engine.sentence_vectors(place), own)
        near = relative(similar, archive.encoder.background.sentence)
        for span, nearness in zip(passage.sentences, near.tolist(), strict=True):
            shared = share(weights, set(analyze(span.of(document.text))))
            yield _BY_VECTOR * nearness + shared, document, span, passage.turn


def _vector(quote: Quote, archive: Archive) -> Codes:
    """Return the vector of the quoted sentence, the first of them where there are two."""
    sentences = quote.hit.passage.sentences
    place = next(n for n, span in enumerate(sentences) if span.overlaps(quote.span))
    vector: Codes = archive.engine.sentence_vectors(quote.hit.number)[place]
    return vector
