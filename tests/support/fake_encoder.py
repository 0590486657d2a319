"""An encoder in the place of the real one: vectors from hashes, hundreds of builds a minute."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

import index.building.build
import index.retrieval.archive
from index.encoding.cosine_scale import Background, Scale
from index.encoding.encoder import Encoded, EncoderSettings, PassageText
from index.encoding.pooling import Vectors

DIMENSION = 12
_SCALE = Scale(unrelated=0.0, spread=0.1, related=0.5)


class FakeEncoder:
    """Gives every text a vector of its own, and counts what it was given."""

    encoded = 0
    name = "fake"
    device = "CPU"

    def __init__(self, _folder: Path, **_options: int) -> None:
        self.settings = EncoderSettings(
            name=self.name,
            weights="int8",
            agreement=1.0,
            pooling="mean",
            max_tokens=256,
            dimension=DIMENSION,
            query_prompt="",
            passage_prompt="",
            sha256=hashlib.sha256(self.name.encode()).hexdigest(),
        )

    @property
    def identity(self) -> str:
        return self.settings.identity

    @property
    def background(self) -> Background:
        return Background(_SCALE, _SCALE, _SCALE, _SCALE)

    def encode_query(self, question: str) -> Vectors:
        return _vector(question)

    def encode_tokens(self, text: str) -> tuple[list[tuple[int, int]], Vectors]:
        words = [match.span() for match in re.finditer(r"\w+", text)]
        vectors = [_vector(text[start:end].lower()) for start, end in words]
        return words, np.array(vectors, np.float32).reshape(-1, DIMENSION)

    def reads(self, text: str) -> bool:
        return bool(text)

    def knows(self, word: str) -> bool:
        return word.lower() in {"boat", "forty", "harbour"}

    def encode_passages(
        self, passages: Iterable[PassageText], progress: Callable[[int], None] = lambda _: None
    ) -> Iterator[Encoded]:
        for passage in passages:
            type(self).encoded += 1
            sentences = [_vector(span.of(passage.text)) for span in passage.sentences]
            yield Encoded(_vector(passage.context + passage.text), np.array(sentences))
            progress(1)


def install(patch: pytest.MonkeyPatch) -> type[FakeEncoder]:
    """Put a new fake encoder in the place of the real one."""

    class Fake(FakeEncoder):
        encoded = 0

    patch.setattr(index.building.build, "provide_model", lambda name, models, *_: models / name)
    patch.setattr(index.building.build, "load_encoder", Fake)
    patch.setattr(index.retrieval.archive, "load_encoder", Fake)
    return Fake


def _vector(text: str) -> Vectors:
    seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
    vector = np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
    return vector / np.linalg.norm(vector)
