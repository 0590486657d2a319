import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Span
from corpus.errors import DamagedIndex
from index.encoding import onnx_encoder as encoders
from index.encoding.encoder import Encoded, PassageText
from index.encoding.onnx_encoder import OnnxEncoder, make_batches
from index.encoding.sessions import open_session
from index.storage.checksummed import CHECKSUMS, seal

TEXTS = [
    "It grew. The rice harvest failed in the north.",
    "It grew. The navy built four cruisers at Kure.",
    "首相は反対した。",
    "",
    "Lamp oil " * 120,
]


@pytest.fixture(scope="module")
def folder(records_root: Path) -> Path:
    return next(path for path in (records_root / "models").iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def encoder(folder: Path) -> OnnxEncoder:
    return OnnxEncoder(folder)


def passage(text: str, context: str = "", *sentences: Span) -> PassageText:
    return PassageText(context, text, sentences or (Span(0, len(text)),))


def encode(encoder: OnnxEncoder, *passages: PassageText) -> list[Encoded]:
    return list(encoder.encode_passages(passages))


def test_vectors_have_unit_length(encoder: OnnxEncoder) -> None:
    for each in encode(encoder, *(passage(text, "A title") for text in TEXTS)):
        assert each.passage.shape == (encoder.settings.dimension,)
        assert each.sentences.shape == (1, encoder.settings.dimension)
        assert np.linalg.norm(each.passage) == pytest.approx(1, abs=1e-5)
        assert np.linalg.norm(each.sentences[0]) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(encoder.encode_query("🙂")) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", [*TEXTS, "🙂", "Hatano’s naïve café"])
def test_every_token_stands_in_its_text_and_has_unit_length(
    encoder: OnnxEncoder, text: str
) -> None:
    spans, vectors = encoder.encode_tokens(text)
    assert vectors.shape[0] == len(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(spans)), abs=1e-5)


def same(ours: Encoded, theirs: Encoded) -> bool:
    """Tell whether two passages have the same vectors, to the last bit."""
    return np.array_equal(ours.passage, theirs.passage) and np.array_equal(
        ours.sentences, theirs.sentences
    )


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_vectors_depend_on_no_neighbour_order_or_thread(folder: Path, threads: int) -> None:
    passages = [passage(f"{text} Line {number}.") for number in range(3) for text in TEXTS]
    single = OnnxEncoder(folder, threads=1)
    alone = [encode(single, each)[0] for each in passages]
    order = random.Random(threads).sample(range(len(passages)), len(passages))
    found = encode(OnnxEncoder(folder, threads=threads), *(passages[number] for number in order))
    assert all(same(alone[number], each) for number, each in zip(order, found, strict=True))


def test_questions_and_passages_have_the_same_vectors(encoder: OnnxEncoder) -> None:
    for text in TEXTS[:3]:
        np.testing.assert_array_equal(
            encoder.encode_query(text), encode(encoder, passage(text))[0].passage
        )


def test_passages_are_taken_as_they_are_needed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoders, "_CPU_WINDOW", 8)
    taken = 0

    def endless() -> Iterator[PassageText]:
        nonlocal taken
        while True:
            taken += 1
            yield passage(f"Line {taken} of the ledger.")

    found = OnnxEncoder(folder, threads=2).encode_passages(endless())
    for number in range(1, 40):
        next(found)
        assert taken <= number + 2 * 8
    # Whoever stops half-way leaves no thread at work.
    found.close()  # type: ignore[attr-defined]


def test_a_text_that_cannot_be_had_ends_the_encoding(encoder: OnnxEncoder) -> None:
    def broken() -> Iterator[PassageText]:
        yield passage(TEXTS[0])
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(encoder.encode_passages(broken()))


def test_every_passage_is_encoded_once_and_counted(encoder: OnnxEncoder) -> None:
    passages = [passage(f"Line {number} of the ledger.") for number in range(40)]
    steps: list[int] = []
    assert len(list(encoder.encode_passages(passages, steps.append))) == 40
    assert sum(steps) == 40
    assert list(encoder.encode_passages([])) == []


def test_near_meanings_have_near_vectors(encoder: OnnxEncoder) -> None:
    query = encoder.encode_query("Which ships did the fleet order?")
    rice, navy = encode(encoder, *(passage(text) for text in TEXTS[:2]))
    assert float(query @ navy.passage) > float(query @ rice.passage) + 0.1


def test_sentences_are_read_in_their_passage(encoder: OnnxEncoder) -> None:
    grew = Span(0, 8)
    rice, navy = encode(encoder, *(passage(t, "", grew, Span(9, len(t))) for t in TEXTS[:2]))
    # The same words in other company: near, and not the same.
    assert 0.3 < float(rice.sentences[0] @ navy.sentences[0]) < 0.999
    assert float(rice.sentences[1] @ navy.sentences[1]) < 0.5
    whole = encode(encoder, passage(TEXTS[0]))[0]
    assert float(whole.passage @ whole.sentences[0]) > 0.9


def test_the_context_moves_no_sentence_bounds(encoder: OnnxEncoder) -> None:
    text = TEXTS[0]
    spans = Span(0, 8), Span(9, len(text))
    bare, headed = encode(
        encoder, passage(text, "", *spans), passage(text, "Ōta’s 🙂 note", *spans)
    )
    for row in (0, 1):
        cosines = headed.sentences @ bare.sentences[row]
        assert int(np.argmax(cosines)) == row


def test_what_the_model_cannot_read_has_the_vector_of_its_passage(encoder: OnnxEncoder) -> None:
    text = "Lamp oil was dear. " * 200
    cut, longer = (
        encode(encoder, passage(words, "", Span(0, 18), Span(len(text) - 19, len(text) - 1)))[0]
        for words in (text, text + "The navy built four cruisers at Kure. " * 50)
    )
    np.testing.assert_allclose(cut.passage, longer.passage, atol=1e-6)
    np.testing.assert_array_equal(cut.sentences[1], cut.passage)
    assert not np.array_equal(cut.sentences[0], cut.passage)


@pytest.mark.parametrize("name", ["encoder.json", "tokenizer.json", "model.onnx"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff garbage"])
def test_a_broken_export_is_damage(
    name: str, content: bytes | None, folder: Path, tmp_path: Path
) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DamagedIndex):
        OnnxEncoder(tmp_path)


@given(st.lists(st.integers(1, 600), max_size=300), st.sampled_from([0, 256, 16_384]))
def test_batches_have_like_lengths_and_fit(lengths: list[int], most: int) -> None:
    batches = list(make_batches(lengths, most))
    assert sorted(number for batch in batches for number in batch) == list(range(len(lengths)))
    longest = [[lengths[number] for number in batch] for batch in batches]
    for batch in longest:
        assert len(batch) == 1 or len(batch) * max(batch) <= most
    assert all(min(one) >= max(other) for one, other in pairwise(longest))
    batches = list(make_batches(lengths, most, equal=True))
    assert sorted(number for batch in batches for number in batch) == list(range(len(lengths)))
    assert all(len({lengths[number] for number in batch}) == 1 for batch in batches)
    assert all(len(batch) == 1 or len(batch) * lengths[batch[0]] <= most for batch in batches)


class Accelerated:
    """A GPU that is none: the processor under its name, counting how often it is run."""

    def __init__(self, session: onnxruntime.InferenceSession, provider: str) -> None:
        self.session, self.provider, self.runs = session, provider, 0

    def get_providers(self) -> list[str]:
        return [self.provider]

    def get_inputs(self) -> Any:
        return self.session.get_inputs()

    def run(self, *arguments: Any) -> Any:
        self.runs += 1
        return self.session.run(*arguments)


@pytest.fixture
def with_gpu(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an export on a machine with a GPU, for which the processor stands in."""
    for path in folder.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "float32.onnx").symlink_to(folder / "model.onnx")
    (tmp_path / CHECKSUMS).unlink()
    seal(tmp_path)
    offered = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: offered)
    return tmp_path


def answer_with(monkeypatch: pytest.MonkeyPatch, found: Any) -> None:
    """Let the sessions that are opened on a GPU be what `found` returns."""
    real = open_session
    monkeypatch.setattr(
        encoders,
        "open_session",
        lambda graph, on=None: found(real(graph), on) if on else real(graph),
    )


def test_passages_are_encoded_on_a_gpu(
    with_gpu: Path, encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Accelerated] = []

    def on_gpu(session: onnxruntime.InferenceSession, provider: str) -> Accelerated:
        opened.append(Accelerated(session, provider))
        return opened[-1]

    answer_with(monkeypatch, on_gpu)
    monkeypatch.setattr(encoders, "_WINDOW", 8)
    monkeypatch.setattr(encoders, "_BATCH_TOKENS", 60)
    passages = [passage(f"{text} {number}.", "A title") for number in range(5) for text in TEXTS]
    gpu = OnnxEncoder(with_gpu)
    assert gpu.device == "CUDA"
    steps: list[int] = []
    found = list(gpu.encode_passages(passages, steps.append))
    assert opened[0].runs > 1
    assert sum(steps) == len(passages)
    # Padding is nothing to a text, and the order is that of the texts.
    for ours, theirs in zip(found, encode(encoder, *passages), strict=True):
        assert float(ours.passage @ theirs.passage) > 1 - 1e-3
        np.testing.assert_allclose(ours.sentences, theirs.sentences, atol=0.02)
    np.testing.assert_array_equal(gpu.encode_query("salt"), encoder.encode_query("salt"))


def fail(session: Any, provider: str) -> Any:
    raise RuntimeError("CUDA driver version is insufficient")


def fall_back(session: Any, provider: str) -> Any:
    return session


class Wrong(Accelerated):
    """A GPU that computes nonsense."""

    def run(self, *arguments: Any) -> Any:
        return [np.ones_like(each) for each in super().run(*arguments)]


@pytest.mark.parametrize("gpu", [fail, fall_back, Wrong])
def test_a_gpu_that_is_of_no_use_is_not_used(
    gpu: Any, with_gpu: Path, encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, gpu)
    other = OnnxEncoder(with_gpu)
    assert other.device == encoder.device == "CPU"
    assert same(encode(other, passage(TEXTS[0]))[0], encode(encoder, passage(TEXTS[0]))[0])
