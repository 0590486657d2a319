import json
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.documents import Span
from corpus.errors import ModelUnavailable
from index.encoding import export
from index.encoding.encoder import DEFAULT_MODEL, PROBES, PassageText
from index.encoding.export import choose_prompt, export_model, provide_model
from index.encoding.onnx_encoder import OnnxEncoder
from index.storage.checksummed import CHECKSUMS, seal

WORDS = "the lamp oil was dear in spring harbour dues query passage rice navy".split()
# What onnxruntime offers on a machine with a GPU.
OFFERED = ["CUDAExecutionProvider", "CPUExecutionProvider"]


@pytest.fixture(scope="module")
def folder(records_root: Path) -> Path:
    return next(path for path in (records_root / "models").iterdir() if path.is_dir())


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Any:
    """Keep the model libraries' notes to their developers out of the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(scope="module")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a transformer of two layers with random weights, and its tokenizer."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("transformer")
    letters = [f"{mark}{chr(code)}" for code in range(33, 127) for mark in ("", "##")]
    filling = [f"[unused{number}]" for number in range(400)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *letters, *filling]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", "utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(str(folder))
    torch.manual_seed(11)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=96,
        # Random weights of the usual size would give all texts nearly the same vector.
        initializer_range=0.3,
    )
    BertModel(config).save_pretrained(str(folder))
    return folder


def save_model(folder: Path, transformer: Path, rest: Sequence[Any], **settings: Any) -> Any:
    """Save a sentence-transformers model of the transformer and other modules."""
    import sentence_transformers
    from sentence_transformers.models import Transformer

    model = sentence_transformers.SentenceTransformer(
        modules=[Transformer(str(transformer), max_seq_length=40), *rest], device="cpu", **settings
    )
    model.save(str(folder))
    return model


def modules(kind: str) -> tuple[list[Any], dict[str, Any]]:
    """Return the modules after the transformer, and settings, of one kind of model."""
    import torch
    from sentence_transformers.models import Dense, Normalize, Pooling

    torch.manual_seed(12)
    if kind == "prompts":
        prompts = {"query": "query: ", "passage": "passage: "}
        return [Pooling(32, "mean"), Normalize()], {"prompts": prompts}
    if kind == "cls":
        prompts = {"search": "lamp: "}
        return [Pooling(32, "cls")], {"prompts": prompts, "default_prompt_name": "search"}
    if kind == "dense":
        layers = [Dense(64, 24), Dense(24, 20, bias=False, activation_function=torch.nn.Identity())]
        return [Pooling(32, ("max", "lasttoken")), *layers, Normalize()], {}
    raise ValueError(kind)


@pytest.mark.parametrize(
    ("kind", "made", "prompts", "names"),
    [
        ("prompts", ("mean", 32), ("query: ", "passage: "), ("query", "passage")),
        ("cls", ("cls", 32), ("lamp: ", "lamp: "), (None, None)),
        ("dense", ("max+lasttoken", 20), ("", ""), (None, None)),
    ],
)
def test_a_model_of_any_make_has_its_own_vectors(
    kind: str,
    made: tuple[str, int],
    prompts: tuple[str, str],
    names: tuple[str | None, str | None],
    transformer: Path,
    tmp_path: Path,
) -> None:
    rest, settings = modules(kind)
    original = save_model(tmp_path / "model", transformer, rest, **settings)
    known = export_model(str(tmp_path / "model"), tmp_path)
    assert (known.pooling, known.dimension) == made
    assert (known.query_prompt, known.passage_prompt) == prompts
    assert known.max_tokens == 40
    assert known.weights in {"int8", "int7"}
    assert known.agreement >= 0.98
    encoder = OnnxEncoder(tmp_path)
    assert encoder.settings == known
    # Longer than the model reads, as well.
    texts = [*PROBES, "the lamp oil was dear " * 30]
    found = list(encoder.encode_passages(PassageText("", text, (Span(0, 9),)) for text in texts))
    # None is what a model does unasked: it has its default prompt.
    questions, passages = (
        original.encode(texts, prompt_name=name, normalize_embeddings=True) for name in names
    )
    for text, ours, passage, question in zip(texts, found, passages, questions, strict=True):
        assert float(ours.passage @ passage) >= 0.98
        assert float(encoder.encode_query(text) @ question) >= 0.98
        assert ours.sentences.shape == (1, known.dimension)
    # They are vectors that tell texts apart: agreement means something.
    assert float(passages[0] @ passages[3]) < 0.95


def test_what_memcon_cannot_run_is_said(transformer: Path, tmp_path: Path) -> None:
    import torch
    from sentence_transformers.models import CNN, Dense, Pooling

    wrong = {
        "consists of Transformer, CNN, Pooling": [CNN(32, 32, [3]), Pooling(32, "mean")],
        "pooling leaves out the prompt": [Pooling(32, "mean", include_prompt=False)],
        "pooling use Softplus": [
            Pooling(32, "mean"),
            Dense(32, 8, activation_function=torch.nn.Softplus()),
        ],
    }
    for number, (words, rest) in enumerate(wrong.items()):
        model = save_model(tmp_path / str(number), transformer, rest)
        with pytest.raises(ModelUnavailable, match=words):
            export._describe(model, "odd")


def test_a_model_with_other_vectors_is_refused(
    transformer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sentence_transformers.models import Pooling

    save_model(tmp_path / "model", transformer, [Pooling(32, "mean")])
    real = export._encode_probes
    monkeypatch.setattr(
        export, "_encode_probes", lambda *given: tuple(-each for each in real(*given))
    )
    with pytest.raises(ModelUnavailable, match="gives other vectors without"):
        export_model(str(tmp_path / "model"), tmp_path)


def test_a_model_stays_float32_where_whole_numbers_do_not_agree(
    transformer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sentence_transformers.models import Pooling

    save_model(tmp_path / "model", transformer, [Pooling(32, "mean")])
    monkeypatch.setattr(export, "MIN_AGREEMENT", 0.999999)
    monkeypatch.setattr(
        "index.encoding.quantization.quantize_columns", lambda weights, _: coarse(weights)
    )
    # float32 has to agree as well, but for the last digit that is kept.
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: OFFERED)
    known = export_model(str(tmp_path / "model"), tmp_path)
    assert (known.weights, known.agreement) == ("float32", 1.0)
    assert (tmp_path / "float32.onnx").is_file()


def coarse(weights: Any) -> Any:
    """Keep no more than the sign of a weight."""
    return np.sign(weights).astype(np.int8), np.abs(weights).mean(axis=0).astype(np.float32)


@pytest.mark.parametrize("content", [None, "{}"])
def test_what_is_no_model_is_said(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "modules.json").write_text(content, "utf-8")
    with pytest.raises(ModelUnavailable, match="cannot be loaded or exported"):
        export_model(str(tmp_path / "model"), tmp_path)


@pytest.mark.parametrize(
    ("prompts", "default", "chosen"),
    [
        ({"query": "q: ", "document": "d: "}, None, ("q: ", "d: ")),
        ({"query": "q: ", "passage": "p: "}, None, ("q: ", "p: ")),
        ({"query": "", "corpus": "c: "}, None, ("", "c: ")),
        ({"search_query": "q: ", "search_document": "d: "}, None, ("q: ", "d: ")),
        ({"clustering_query": "x: ", "retrieval.query": "q: "}, None, ("q: ", "")),
        ({"query": None, "document": None, "sts": "s: "}, "sts", ("s: ", "s: ")),
        ({"query": "q: ", "sts": "s: "}, None, ("q: ", "")),
        ({}, None, ("", "")),
    ],
)
def test_prompts_are_found_by_name(
    prompts: dict[str, str | None], default: str | None, chosen: tuple[str, str]
) -> None:
    names = export._QUERY_PROMPTS, export._PASSAGE_PROMPTS
    assert tuple(choose_prompt(prompts, each, default) for each in names) == chosen


def test_tampered_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_BASE_MODEL_SHA256", "0" * 64)
    with pytest.raises(ModelUnavailable, match="not those that its authors published"):
        export_model(DEFAULT_MODEL, tmp_path)
    # Exported here and not in a process of its own, which would not see the patched hash.
    monkeypatch.setattr(export, "_export_aside", export_model)
    with pytest.raises(ModelUnavailable):
        provide_model(DEFAULT_MODEL, tmp_path / "models", tmp_path / "cache", lambda _: None)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def provide(root: Path, told: list[str]) -> Path:
    return provide_model(DEFAULT_MODEL, root / "models", root / "cache", told.append)


def test_a_model_is_exported_once_a_machine(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "cache" / folder.name)
    told: list[str] = []
    provided = provide(tmp_path, told)
    assert OnnxEncoder(provided).settings == OnnxEncoder(folder).settings
    assert told == []
    (tmp_path / "cache" / folder.name / "encoder.json").unlink()
    assert (provide(tmp_path, told), told) == (provided, [])


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "encoder.json"])
def test_an_export_that_was_altered_is_replaced(name: str, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "cache" / folder.name)
    provided = provide(tmp_path, [])
    (provided / name).write_bytes((provided / name).read_bytes()[:-9])
    assert provide(tmp_path, []) == provided
    assert (provided / name).read_bytes() == (folder / name).read_bytes()


def test_a_new_gpu_gets_its_graph_and_changes_nothing_else(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folder, tmp_path / "cache" / folder.name)
    provided = provide(tmp_path, [])
    before = {path.name: path.read_bytes() for path in provided.iterdir()}

    def export_again(name: str, target: Path) -> None:
        shutil.copytree(folder, target, dirs_exist_ok=True)
        # Other versions of the libraries write other bytes.
        known = json.loads((target / "encoder.json").read_text("utf-8"))
        (target / "tokenizer.json").write_text("{}", "utf-8")
        known["settings"]["sha256"] = export._hash_export(target)
        (target / "encoder.json").write_text(json.dumps(known), "utf-8")
        (target / "float32.onnx").write_bytes(b"graph")
        (target / CHECKSUMS).unlink()
        seal(target)

    monkeypatch.setattr(export, "_export_aside", export_again)
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: OFFERED)
    told: list[str] = []
    assert provide(tmp_path, told) == provided
    assert len(told) == 1
    after = {path.name: path.read_bytes() for path in provided.iterdir()}
    assert after.pop(CHECKSUMS) != before.pop(CHECKSUMS)
    assert after == before | {"float32.onnx": b"graph"}
    assert (provide(tmp_path, told), len(told)) == (provided, 1)
