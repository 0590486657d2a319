"""The encoder protocol: what turns questions, passages and tokens into vectors.

`index.encoding.loading` loads the one implementation, an exported sentence-transformers model.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from corpus.documents import Span
from index.encoding.adapter import ADAPTED_MODEL
from index.encoding.cosine_scale import Background
from index.encoding.pooling import Vectors

DEFAULT_MODEL = ADAPTED_MODEL

# The least cosine of two encoders' vectors of the same text for these to be interchangeable.
MIN_AGREEMENT = 0.98
# Texts on which vectors are compared, one a line.
PROBES = tuple(Path(__file__).with_name("probes.txt").read_text("utf-8").splitlines())
JAPANESE = next(probe for probe in PROBES if not probe.isascii())


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """Properties of an exported model; `sha256` is of the files that its vectors depend on.

    `weights` is the type of its weights, `agreement` the least cosine with the original model.
    `pooling` and `dense` are kinds of pooling and activations of layers, joined with "+".
    `background` is the scale of its cosines; exports of older versions lack it.
    """

    name: str
    weights: str
    agreement: float
    pooling: str
    max_tokens: int
    dimension: int
    query_prompt: str
    passage_prompt: str
    sha256: str
    dense: str = ""
    background: Background | None = None

    @property
    def identity(self) -> str:
        """The name, weights and hash; vectors of different identities are not comparable."""
        return f"{self.name}/{self.weights}/{self.sha256[:16]}"


@dataclass(frozen=True, slots=True)
class PassageText:
    """The encoder's input for a passage: context, text, and the spans of its sentences.

    Spans are offsets into `text`.
    """

    context: str
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Encoded:
    """The unit vectors of a passage (d) and of its sentences (n × d), from one forward pass."""

    passage: Vectors
    sentences: Vectors


class Encoder(Protocol):
    """Encodes texts as unit vectors; safe to use from several threads."""

    @property
    def folder(self) -> Path:
        """The folder of the model's files."""

    @property
    def settings(self) -> EncoderSettings:
        """The model's properties."""

    @property
    def identity(self) -> str:
        """See `EncoderSettings.identity`."""

    @property
    def device(self) -> str:
        """The device that encodes passages: "CPU", or an accelerator such as "CUDA"."""

    @property
    def background(self) -> Background:
        """The scale of the model's cosines."""

    def encode_query(self, question: str) -> Vectors:
        """Return the unit vector (d) of a question."""

    def encode_tokens(self, text: str) -> tuple[list[tuple[int, int]], Vectors]:
        """Return the offsets of a text's tokens, and their unit vectors (t × h)."""

    def encode_passages(
        self, passages: Iterable[PassageText], progress: Callable[[int], None] = ...
    ) -> Iterator[Encoded]:
        """Yield the vectors of each passage, in order; `progress` is called with 1 for each.

        Passages are consumed as needed, some hundreds ahead.
        """

    def reads(self, text: str) -> bool:
        """Whether the model knows the language of a text by more than its single letters."""

    def knows(self, word: str) -> bool:
        """Whether a word is a single token of the model, as frequent words of its language are."""
