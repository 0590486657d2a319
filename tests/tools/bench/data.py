"""What is measured on: passages of chance words and vectors, the same on every run.

Words have the frequencies of the ones that carry meaning in real text (Zipf's law in Mandelbrot's
form, the most frequent in a third of the passages). The most frequent are English ones, taken from
the bundled collection, so that questions are as long for an encoder as real ones are; all others
are invented. Vectors have most of their variance in few
directions, as those of real models have: vectors of pure chance would make every shortlist and
every graph look worse than it is.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.ingest.sources import bundled_collection
from index.text.analyzer import STOP_WORDS

SEED = 20_260_101
VOCABULARY = 200_000
DIMENSION = 384
QUERIES = 60
# Enough that none is asked twice of one system.
_QUESTIONS = 4 * QUERIES
# Terms of a passage and of a query.
PASSAGE_TERMS = 80
QUERY_TERMS = 8
# Passages of a document, sentences of a passage, words of a sentence, on average.
DOCUMENT_PASSAGES = 50
_SENTENCES = 6
_SENTENCE_WORDS = 21

_SHIFT, _EXPONENT = 30.0, 1.07
_BLOCK = 10_000
_DIRECTIONS = 64
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"


@cache
def vocabulary() -> "NDArray[np.object_]":
    """Return the words, the most frequent first."""
    syllables = [first + second for first in _CONSONANTS for second in _VOWELS]
    base = len(syllables)
    english = english_words()
    invented = [
        syllables[number % base] + syllables[number // base % base] + syllables[number // base**2]
        for number in range(VOCABULARY)
    ]
    known = set(english)
    words = [*english, *(word for word in invented if word not in known)]
    return np.array(words[:VOCABULARY], object)


@cache
def english_words() -> list[str]:
    """Return the words of the bundled collection, the most frequent first."""
    counted: Counter[str] = Counter()
    for path in sorted(bundled_collection().rglob("*.md")):
        counted.update(re.findall(r"\b[a-z]{4,}\b", path.read_text("utf-8")))
    known = [word for word in counted if word not in STOP_WORDS]
    return sorted(known, key=lambda word: (-counted[word], word))


@cache
def _cumulated() -> NDArray[np.float64]:
    weights = (np.arange(VOCABULARY) + _SHIFT) ** -_EXPONENT
    total: NDArray[np.float64] = np.cumsum(weights / weights.sum())
    return total


def draw(chance: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Return the numbers of `count` words, by their frequency."""
    return np.searchsorted(_cumulated(), chance.random(count)).clip(0, VOCABULARY - 1)


def passages(count: int) -> Iterator[list[str]]:
    """Yield the terms of each passage."""
    words = vocabulary()
    for start in range(0, count, _BLOCK):
        chance = np.random.default_rng((SEED, 1, start))
        lengths = chance.integers(PASSAGE_TERMS // 2, PASSAGE_TERMS * 3 // 2, _BLOCK)
        terms = words[draw(chance, int(lengths.sum()))].tolist()
        ends = np.cumsum(lengths).tolist()
        for begin, end in zip([0, *ends], ends[: count - start], strict=False):
            yield terms[begin:end]


def queries() -> list[list[str]]:
    """Return queries of different terms, as frequent as the words of passages are."""
    chance = np.random.default_rng((SEED, 2))
    found = []
    for _ in range(QUERIES):
        numbers: list[int] = []
        while len(numbers) < QUERY_TERMS:
            number = int(draw(chance, 1)[0])
            if number not in numbers:
                numbers.append(number)
        found.append([str(word) for word in vocabulary()[numbers]])
    return found


def _spread() -> NDArray[np.float32]:
    """Return the directions that vectors lie in, each shorter than the one before."""
    chance = np.random.default_rng((SEED, 3))
    directions = chance.standard_normal((_DIRECTIONS, DIMENSION))
    spread: NDArray[np.float32] = (
        directions / np.sqrt(np.arange(1, _DIRECTIONS + 1))[:, None]
    ).astype(np.float32)
    return spread


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def vector_blocks(count: int) -> Iterator[NDArray[np.float32]]:
    """Yield unit vectors, some thousand rows at a time."""
    spread = _spread()
    for start in range(0, count, _BLOCK):
        chance = np.random.default_rng((SEED, 4, start))
        rows = min(_BLOCK, count - start)
        known = chance.standard_normal((rows, _DIRECTIONS), np.float32) @ spread
        yield _unit(known + 0.3 * chance.standard_normal((rows, DIMENSION), np.float32))


def query_vectors() -> NDArray[np.float32]:
    """Return unit vectors, each near to one of the first thousand passages' vectors."""
    chance = np.random.default_rng((SEED, 5))
    near = next(vector_blocks(1000))[chance.choice(1000, QUERIES, replace=False)]
    noise = _unit(chance.standard_normal((QUERIES, _DIRECTIONS), np.float32) @ _spread())
    return _unit(near + 0.7 * noise)


def write_vectors(path: Path, count: int) -> None:
    """Write the vectors (count × DIMENSION, float32) into a file, unless it is there."""
    if path.exists() and path.stat().st_size == count * DIMENSION * 4:
        return
    with path.open("wb") as file:
        for block in vector_blocks(count):
            file.write(block.tobytes())


def documents(count: int) -> Iterator[tuple[str, str]]:
    """Yield names and texts of documents that come to about `count` passages.

    Two words in five are stop words; sentences end as sentences do, in paragraphs of a passage.
    """
    common = np.array(sorted(STOP_WORDS), object)
    for number in range(-(-count // DOCUMENT_PASSAGES)):
        yield f"record-{number:06}.txt", _write_document(number, common, 0)


def changed_document(number: int, edition: int) -> tuple[str, str]:
    """Return a document with some sentences of one passage written anew."""
    common = np.array(sorted(STOP_WORDS), object)
    return f"record-{number:06}.txt", _write_document(number, common, edition)


def _write_document(number: int, common: "NDArray[np.object_]", edition: int) -> str:
    chance = np.random.default_rng((SEED, 6, number))
    paragraphs = [f"Record {number} of the harbour board"]
    for place in range(DOCUMENT_PASSAGES):
        if edition and not place:
            paragraphs.append(_paragraph(np.random.default_rng((SEED, 7, number, edition)), common))
        paragraph = _paragraph(chance, common)
        if not (edition and not place):
            paragraphs.append(paragraph)
    return "\n\n".join(paragraphs) + "\n"


def _paragraph(chance: np.random.Generator, common: "NDArray[np.object_]") -> str:
    lengths = chance.integers(_SENTENCE_WORDS - 10, _SENTENCE_WORDS + 11, _SENTENCES)
    total = int(lengths.sum())
    words = np.where(
        chance.random(total) < 0.4,
        common[chance.integers(0, len(common), total)],
        vocabulary()[draw(chance, total)],
    ).tolist()
    sentences = []
    start = 0
    for length in lengths.tolist():
        sentences.append(" ".join(words[start : start + length]).capitalize() + ".")
        start += length
    return " ".join(sentences)


def questions() -> Sequence[str]:
    """Return questions of English words, `QUERY_TERMS` of them terms: some for each round."""
    chance = np.random.default_rng((SEED, 8))
    words = english_words()
    asked = []
    for _ in range(_QUESTIONS):
        terms = " ".join(words[place] for place in chance.choice(len(words), QUERY_TERMS, False))
        asked.append(f"What did they say about {terms}?")
    return asked
