"""The background of a model: its cosines for related and for unrelated texts.

`pairs.jsonl` has invented extracts of archives of many kinds, one per line: a title, the sentence
that answers `question`, and those before and after it. Each question is compared with its own
extract and with all others. `trap` is a question with words of the extract that it does not answer;
`index.evaluating` asks both.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Span
from index.encoding.cosine_scale import Background, Scale, find_rows, match_words
from index.encoding.encoder import Encoder, PassageText
from index.encoding.pooling import Vectors
from index.text.analyzer import analyze

PATH = Path(__file__).with_name("pairs.jsonl")
WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_ROUNDED = 4


@dataclass(frozen=True, slots=True)
class Extract:
    """A title, three sentences, a question that the second answers, and one that none answers."""

    title: str
    before: str
    answer: str
    after: str
    question: str
    trap: str

    @property
    def text(self) -> str:
        """The three sentences, as a passage."""
        return f"{self.before} {self.answer} {self.after}"

    @property
    def sentences(self) -> tuple[Span, Span, Span]:
        """The spans of the sentences in the passage."""
        start = len(self.before) + 1
        end = start + len(self.answer)
        return Span(0, start - 1), Span(start, end), Span(end + 1, len(self.text))


@cache
def read_extracts() -> tuple[Extract, ...]:
    """Return the extracts that ship with memcon."""
    lines = PATH.read_text("utf-8").splitlines()
    return tuple(Extract(**json.loads(line)) for line in lines)


def measure_background(model: Encoder) -> Background:
    """Measure a model's cosines of related and of unrelated texts."""
    extracts = read_extracts()
    questions = np.stack([model.encode_query(each.question) for each in extracts])
    encoded = [*model.encode_passages(PassageText(e.title, e.text, e.sentences) for e in extracts)]
    passages = questions @ np.stack([each.passage for each in encoded]).T
    sentences = questions @ np.concatenate([each.sentences for each in encoded]).T
    answers = [model.encode_tokens(each.answer)[1] for each in extracts]
    matched = np.array([[*_match(model, each.question, answers)] for each in extracts], np.float32)
    own = np.arange(len(extracts))
    return Background(
        passage=_scale(passages, own, own),
        sentence=_scale(sentences, own, own * 3 + 1),
        word=_scale(matched[:, :, 0], own, own),
        words=_scale(matched[:, :, 1], own, own),
    )


def _match(
    model: Encoder, question: str, answers: Sequence[Vectors]
) -> Iterator[tuple[float, float]]:
    """Yield the cosines of a question's least matched word, and of all on average, per answer."""
    pieces, vectors = model.encode_tokens(question)
    words = [word.span() for word in WORD.finditer(question) if analyze(word[0])]
    rows = [each for each in find_rows(words, pieces) if each]
    for others in answers:
        if not rows or not len(others):
            yield 0.0, 0.0
            continue
        worst, mean = match_words(rows, vectors, others)
        yield float(worst.min()), float(mean.mean())


def _scale(cosines: Vectors, own: NDArray[np.int64], right: NDArray[np.int64]) -> Scale:
    """Return the scale of questions (rows) with texts; `right` are the answering texts."""
    # The other sentences of its own extract are neither unrelated to a question nor its answer.
    share = cosines.shape[1] // len(own)
    unrelated = cosines[own[:, None] != np.arange(cosines.shape[1])[None, :] // share]
    return Scale(
        unrelated=round(float(unrelated.mean(dtype=np.float64)), _ROUNDED),
        spread=round(float(unrelated.std(dtype=np.float64)), _ROUNDED),
        related=round(float(cosines[own, right].mean(dtype=np.float64)), _ROUNDED),
    )
