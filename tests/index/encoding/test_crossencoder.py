import json
import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import DamagedIndex, ModelUnavailable
from index.encoding import crossencoder_export as crossexport
from index.encoding.crossencoder import CrossEncoder
from index.encoding.crossencoder_export import export_crossencoder, provide_crossencoder
from tests.support.crossencoders import save_crossencoder

QUESTION = "was the lamp oil dear in spring?"
TEXTS = (
    "the lamp oil was dear in spring",
    "harbour dues",
    "rice navy kerosene 1,456",
    # Longer than the model reads.
    "the harbour dues of the navy were dear " * 20,
    "首相は交渉の継続を求めた。",
    "",
)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep the model libraries' notes to their developers out of the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_scores_are_those_of_sentence_transformers(
    reranker: CrossEncoder, reranker_folder: Path
) -> None:
    import sentence_transformers
    import torch

    original = sentence_transformers.CrossEncoder(str(reranker_folder), device="cpu")
    wanted = original.predict(
        [(QUESTION, text) for text in TEXTS], activation_fn=torch.nn.Identity()
    )
    found = reranker.score(QUESTION, TEXTS)
    assert np.ptp(wanted) > 0.5
    assert np.abs(found - wanted).max() < 0.1 * np.ptp(wanted)
    known = reranker.settings
    assert known.agreement >= 0.95
    assert known.weights in {"int8", "int7", "float32"}
    assert known.max_tokens == 64
    assert known.name == str(reranker_folder)


def test_float32_is_used_where_whole_numbers_do_not_agree(
    reranker_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    least = {"int8": 1.1, "int7": 1.1, "float32": 0.999}
    monkeypatch.setattr(crossexport, "_MIN_AGREEMENT", least)
    known = export_crossencoder(str(reranker_folder), tmp_path)
    assert (known.weights, known.agreement >= 0.999) == ("float32", True)


def test_a_model_that_gives_other_scores_is_refused(
    reranker_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crossexport, "_compare", lambda *_: 0.5)
    with pytest.raises(ModelUnavailable, match="gives other scores"):
        export_crossencoder(str(reranker_folder), tmp_path)


def test_a_score_does_not_depend_on_what_is_beside_it(reranker: CrossEncoder) -> None:
    together = reranker.score(QUESTION, TEXTS)
    alone = np.concatenate([reranker.score(QUESTION, [text]) for text in TEXTS])
    assert together.tobytes() == alone.tobytes()
    assert reranker.score(QUESTION, ()).shape == (0,)


def test_a_model_with_several_scores_is_refused(tmp_path: Path) -> None:
    model = save_crossencoder(tmp_path / "model", labels=3)
    with pytest.raises(ModelUnavailable, match="gives 3 scores"):
        export_crossencoder(str(model), tmp_path)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelUnavailable, match="cannot be loaded or exported"):
        export_crossencoder(str(tmp_path), tmp_path / "out")


def provide(model: Path, cache: Path) -> tuple[Path, list[str]]:
    told: list[str] = []
    return provide_crossencoder(str(model), cache, told.append), told


def test_a_model_is_exported_once_and_anew_when_it_changes(
    reranker: CrossEncoder,
    reranker_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crossexport, "_export_aside", export_crossencoder)
    model = tmp_path / "model"
    shutil.copytree(reranker_folder, model)
    folder, told = provide(model, tmp_path / "cache")
    assert len(told) == 1
    assert CrossEncoder(folder).score(QUESTION, TEXTS).tobytes() == (
        reranker.score(QUESTION, TEXTS).tobytes()
    )
    assert provide(model, tmp_path / "cache") == (folder, [])
    # A file that is altered has another time, or another size.
    (folder / "tokenizer.json").write_text("{}")
    again, told = provide(model, tmp_path / "cache")
    assert (again, len(told)) == (folder, 1)
    save_crossencoder(model, seed=12)
    os.utime(model / "model.safetensors", (1, 1))
    other, told = provide(model, tmp_path / "cache")
    assert other != folder
    assert CrossEncoder(other).settings.sha256 != CrossEncoder(folder).settings.sha256


def test_a_damaged_export_is_not_used(reranker_folder: Path, tmp_path: Path) -> None:
    export_crossencoder(str(reranker_folder), tmp_path)
    known = json.loads((tmp_path / "crossencoder.json").read_text())
    (tmp_path / "crossencoder.json").write_text(json.dumps({**known, "max_tokens": 3}))
    with pytest.raises(DamagedIndex, match="reranker"):
        CrossEncoder(tmp_path)


def test_a_model_that_is_not_there_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    # In a process of its own, as for people.
    with pytest.raises(ModelUnavailable) as raised:
        provide(tmp_path / "nothing", tmp_path / "cache")
    said = str(raised.value)
    assert str(tmp_path / "nothing") in said
    assert "local folder with one; or ask without a reranker" in said
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []
