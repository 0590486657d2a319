import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoding.background import measure_background, read_extracts
from index.encoding.cosine_scale import Scale, find_rows, match_words, relative
from index.encoding.onnx_encoder import OnnxEncoder
from index.encoding.pooling import Vectors

COSINES = st.floats(-1, 1)
SCALES = st.builds(Scale, st.floats(-0.2, 0.7), st.floats(0.01, 0.3), st.floats(0, 1))


@pytest.fixture(scope="module")
def encoder(records_root: Path) -> OnnxEncoder:
    return OnnxEncoder(next(path for path in (records_root / "models").iterdir() if path.is_dir()))


class Flattened:
    """A model whose cosines lie between a half and 1, as those of some models do."""

    def __init__(self, model: OnnxEncoder) -> None:
        self.model = model

    def encode_query(self, question: str) -> Vectors:
        return self.flatten(self.model.encode_query(question))

    def encode_tokens(self, text: str) -> tuple[list[tuple[int, int]], Vectors]:
        spans, vectors = self.model.encode_tokens(text)
        return spans, np.stack([self.flatten(vector) for vector in vectors])

    def encode_passages(self, passages: object, _progress: object = None) -> Iterator[object]:
        for each in self.model.encode_passages(passages):  # type: ignore[arg-type]
            sentences = np.stack([self.flatten(vector) for vector in each.sentences])
            yield type(each)(self.flatten(each.passage), sentences)

    @staticmethod
    def flatten(vector: Vectors) -> Vectors:
        flat: Vectors = np.append(vector, 1).astype(np.float32) / np.float32(np.sqrt(2))
        return flat


@given(COSINES, COSINES, SCALES)
def test_a_greater_cosine_is_never_farther(first: float, second: float, scale: Scale) -> None:
    low, high = sorted((first, second))
    assert relative(low, scale) <= relative(high, scale)
    together = relative(np.array([low, high], np.float32), scale)
    assert together == pytest.approx([relative(low, scale), relative(high, scale)], abs=1e-4)


def test_unrelated_texts_are_at_0_and_related_ones_at_1() -> None:
    scale = Scale(unrelated=0.2, spread=0.1, related=0.6)
    assert relative(0.2, scale) == 0
    assert relative(0.6, scale) == pytest.approx(1)
    assert relative(0.8, scale) == pytest.approx(1.5)
    assert relative(-1.0, scale) == -0.5


def test_chance_is_not_made_to_look_like_nearness() -> None:
    blind = Scale(unrelated=0.9, spread=0.05, related=0.9)
    assert relative(0.95, blind) == pytest.approx(1)
    assert relative(0.9, blind) == 0


def test_the_word_that_fits_least_counts_by_its_worst_piece() -> None:
    spans = [(0, 4), (5, 8), (8, 12)]
    vectors = np.eye(3, dtype=np.float32)
    others = np.array([[0.9, 0.5, 0.3], [0.1, 0.7, 0.2]], np.float32)
    rows = find_rows([(0, 4), (5, 12)], spans)
    worst, mean = match_words(rows, vectors, others)
    assert worst == pytest.approx([0.9, 0.3])
    assert all(mean >= worst)
    assert find_rows([(20, 24)], spans) == [[]]


def test_an_export_says_what_its_cosines_mean(encoder: OnnxEncoder) -> None:
    assert encoder.settings.background == encoder.background == measure_background(encoder)
    for scale in (encoder.background.passage, encoder.background.sentence, encoder.background.word):
        # An answer stands out from chance.
        assert scale.related > scale.unrelated + 2 * scale.spread


def test_an_export_of_an_older_version_is_measured_when_it_is_needed(
    encoder: OnnxEncoder, tmp_path: Path
) -> None:
    shutil.copytree(encoder.folder, tmp_path / "old")
    known = json.loads((tmp_path / "old" / "encoder.json").read_text("utf-8"))
    del known["settings"]["background"]
    (tmp_path / "old" / "encoder.json").write_text(json.dumps(known), "utf-8")
    old = OnnxEncoder(tmp_path / "old", sealed=False)
    assert old.settings.background is None
    assert old.background == encoder.background
    # Vectors are the same: an index that was made with it stays as it is.
    assert old.settings.identity == encoder.settings.identity


def test_what_a_cosine_means_does_not_depend_on_where_a_models_cosines_lie(
    encoder: OnnxEncoder,
) -> None:
    own = encoder.background
    flattened = measure_background(Flattened(encoder))  # type: ignore[arg-type]
    for scale, flat in (
        (own.passage, flattened.passage),
        (own.sentence, flattened.sentence),
        (own.word, flattened.word),
    ):
        assert flat.unrelated > 0.5
        for cosine in (0.0, 0.3, 0.9):
            assert relative((cosine + 1) / 2, flat) == pytest.approx(
                relative(cosine, scale), abs=0.01
            )


def test_sentences_of_an_extract_stand_where_they_are_said_to() -> None:
    extracts = read_extracts()
    assert len({each.question for each in extracts} | {each.trap for each in extracts}) == 2 * len(
        extracts
    )
    for each in extracts:
        found = [span.of(each.text) for span in each.sentences]
        assert found == [each.before, each.answer, each.after]
