import shutil
from pathlib import Path

import numpy as np
import pytest

from corpus.documents import Span
from corpus.errors import DamagedIndex, ModelUnavailable
from index.encoder import (
    DEFAULT_MODEL,
    Encoded,
    Encoder,
    PassageText,
    export_model,
    provide_model,
)

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
def encoder(folder: Path) -> Encoder:
    return Encoder(folder)


def passage(text: str, context: str = "", *sentences: Span) -> PassageText:
    return PassageText(context, text, sentences or (Span(0, len(text)),))


def encode(encoder: Encoder, *passages: PassageText) -> list[Encoded]:
    return list(encoder.encode_passages(passages))


def test_vectors_have_unit_length(encoder: Encoder) -> None:
    for each in encode(encoder, *(passage(text, "A title") for text in TEXTS)):
        assert each.passage.shape == (encoder.settings.dimension,)
        assert each.sentences.shape == (1, encoder.settings.dimension)
        assert np.linalg.norm(each.passage) == pytest.approx(1, abs=1e-5)
        assert np.linalg.norm(each.sentences[0]) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(encoder.encode_query("🙂")) == pytest.approx(1, abs=1e-5)


def test_a_passage_does_not_depend_on_its_batch(encoder: Encoder) -> None:
    passages = [passage(text) for text in TEXTS]
    together = encode(encoder, *passages)
    for each, wanted in zip(passages, together, strict=True):
        alone = encode(encoder, each)[0]
        assert float(alone.passage @ wanted.passage) >= 1 - 1e-3
        np.testing.assert_allclose(alone.passage, wanted.passage, atol=1e-3)


def test_every_passage_is_encoded_once_and_counted(encoder: Encoder) -> None:
    passages = [passage(f"Line {number} of the ledger.") for number in range(40)]
    steps: list[int] = []
    assert len(list(encoder.encode_passages(passages, steps.append))) == 40
    assert sum(steps) == 40
    assert list(encoder.encode_passages([])) == []


def test_near_meanings_have_near_vectors(encoder: Encoder) -> None:
    query = encoder.encode_query("Which ships did the fleet order?")
    rice, navy = encode(encoder, *(passage(text) for text in TEXTS[:2]))
    assert float(query @ navy.passage) > float(query @ rice.passage) + 0.1


def test_sentences_are_read_in_their_passage(encoder: Encoder) -> None:
    grew = Span(0, 8)
    rice, navy = encode(encoder, *(passage(t, "", grew, Span(9, len(t))) for t in TEXTS[:2]))
    # The same words in other company: near, and not the same.
    assert 0.3 < float(rice.sentences[0] @ navy.sentences[0]) < 0.999
    assert float(rice.sentences[1] @ navy.sentences[1]) < 0.5
    whole = encode(encoder, passage(TEXTS[0]))[0]
    assert float(whole.passage @ whole.sentences[0]) > 0.9


def test_the_context_moves_no_sentence_bounds(encoder: Encoder) -> None:
    text = TEXTS[0]
    spans = Span(0, 8), Span(9, len(text))
    bare, headed = encode(
        encoder, passage(text, "", *spans), passage(text, "Ōta’s 🙂 note", *spans)
    )
    for row in (0, 1):
        cosines = headed.sentences @ bare.sentences[row]
        assert int(np.argmax(cosines)) == row


def test_what_the_model_cannot_read_has_the_vector_of_its_passage(encoder: Encoder) -> None:
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
        Encoder(tmp_path)


def test_tampered_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.encoder._DEFAULT_MODEL_SHA256", "0" * 64)
    with pytest.raises(ModelUnavailable, match="not those that its authors published"):
        export_model(DEFAULT_MODEL, tmp_path)
    # Exported here and not in a process of its own, which would not see the patched hash.
    monkeypatch.setattr("index.encoder._export_aside", export_model)
    with pytest.raises(ModelUnavailable):
        provide_model(DEFAULT_MODEL, tmp_path / "models", tmp_path / "cache", lambda _: None)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_model_is_exported_once_a_machine(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "cache" / folder.name)
    told: list[str] = []
    provided = provide_model(DEFAULT_MODEL, tmp_path / "models", tmp_path / "cache", told.append)
    assert Encoder(provided).settings == Encoder(folder).settings
    assert told == []
    (tmp_path / "cache" / folder.name / "encoder.json").unlink()
    again = provide_model(DEFAULT_MODEL, tmp_path / "models", tmp_path / "cache", told.append)
    assert (again, told) == (provided, [])
