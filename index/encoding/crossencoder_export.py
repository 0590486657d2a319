"""Exporting a sentence-transformers CrossEncoder to ONNX, once per machine.

Weights are integers if the scores agree with those of the original model, else float32, as for the
encoder.
"""

import gc
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelUnavailable
from index.encoding.crossencoder import SETTINGS, CrossEncoder, CrossEncoderSettings
from index.encoding.encoder import PROBES
from index.encoding.installation import (
    find_problem,
    first_line,
    hash_export,
    install,
    is_whole,
    optimize_graph,
    quiet_libraries,
    run_aside,
    run_export,
    save_tokenizer,
    slug,
    state_of,
)
from index.storage.checksummed import seal

# The least agreement for each type of weights: 1 less the greatest difference from the original's
# scores, as a share of their range.
_MIN_AGREEMENT = {"int8": 0.95, "int7": 0.95, "float32": 0.999}
_FORMAT = 1
_HASHED = ("model.onnx", "tokenizer.json")
_LONGEST = 512
_PAIRS = [*product(PROBES, PROBES)]

Scores = NDArray[np.float64]


def provide_crossencoder(name: str, cache: Path, report: Callable[[str], None]) -> Path:
    """Return the folder in `cache` of the exported cross-encoder `name`, exporting it if need be.

    `name` is that of a sentence-transformers CrossEncoder, or a local folder with one; a folder
    that has changed is exported again. `report` receives a message about
    the long work. Raises ModelUnavailable.
    """
    local = Path(name)
    state = state_of(local) if local.is_dir() else ""
    folder = cache / f"reranker-{slug(name, state)}-{_FORMAT}"
    if not is_whole(folder):
        report(f"preparing the reranker {name} (once, about half a minute)")
        install(folder, lambda target: _export_aside(name, target))
    return folder


def _export_aside(name: str, folder: Path) -> None:
    failed = run_aside("index.encoding.crossencoder_export", name, str(folder))
    if failed is not None:
        raise ModelUnavailable(
            f"{failed} Name a sentence-transformers CrossEncoder that can be downloaded, or a "
            "local folder with one; or ask without a reranker."
        )


def export_crossencoder(name: str, folder: Path) -> CrossEncoderSettings:
    """Export a sentence-transformers CrossEncoder, by name or path, to ONNX in `folder`.

    Raises ModelUnavailable if the model cannot be loaded, does not give one score for a pair of
    texts, or gives others here than with sentence-transformers.
    """
    work = folder / "export"
    wanted, longest = _load(name, work)
    save_tokenizer(work, folder)
    settings = CrossEncoderSettings(name, "", 0.0, longest, "")
    settings = _write_best(folder, work / "onnx" / "model.onnx", settings, wanted)
    shutil.rmtree(work)
    seal(folder)
    return settings


def _load(name: str, work: Path) -> tuple[Scores, int]:
    """Write the float32 graph and the tokenizer into `work`.

    Returns the original's scores of the probes, and its maximal number of tokens.
    """
    with quiet_libraries():
        import sentence_transformers
        import torch

        try:
            original = sentence_transformers.CrossEncoder(name, device="cpu")
            wanted: Any = original.predict(
                _PAIRS, activation_fn=torch.nn.Identity(), show_progress_bar=False
            )
            longest = min(int(original.max_seq_length or _LONGEST), _LONGEST)
            model = sentence_transformers.CrossEncoder(
                name,
                backend="onnx",
                model_kwargs={"provider": "CPUExecutionProvider", "export": True},
            )
            model.save_pretrained(str(work))
            # Free its temporary folder.
            del model
            gc.collect()
        except Exception as error:
            # Libraries and the model's files raise errors of any kind.
            raise ModelUnavailable(
                f"The reranker {name!r} cannot be loaded or exported ({first_line(error)})."
            ) from error
    if original.num_labels != 1:
        raise ModelUnavailable(
            f"The model {name!r} gives {original.num_labels} scores for a question and a text; "
            "a reranker gives one."
        )
    if problem := find_problem(work):
        raise ModelUnavailable(f"The model {name!r} {problem}.")
    return np.asarray(wanted, np.float64).reshape(len(_PAIRS)), longest


def _write_best(
    folder: Path, graph: Path, settings: CrossEncoderSettings, wanted: Scores
) -> CrossEncoderSettings:
    """Write the fastest graph that agrees with the original, and its settings."""
    from index.encoding.quantization import quantize_graph

    for weights, least in _MIN_AGREEMENT.items():
        source = graph
        if weights != "float32":
            source = graph.with_name(f"{weights}.onnx")
            quantize_graph(graph, source, int(weights.removeprefix("int")))
        optimize_graph(source, folder / "model.onnx")
        known = replace(settings, weights=weights, sha256=hash_export(folder, _HASHED))
        _write_settings(folder, known)
        agreement = _compare(CrossEncoder(folder, sealed=False), wanted)
        known = replace(known, agreement=round(agreement, 4))
        _write_settings(folder, known)
        if agreement >= least:
            return known
    raise ModelUnavailable(
        f"The reranker {settings.name!r} gives other scores without sentence-transformers than "
        "with it."
    )


def _compare(exported: CrossEncoder, wanted: Scores) -> float:
    """Return 1 less the greatest difference of scores, as a share of their range."""
    found = np.concatenate([exported.score(probe, PROBES) for probe in PROBES])
    if not np.isfinite(found).all():
        # NaN agrees with nothing.
        return 0.0
    spread = float(np.ptp(wanted)) or 1.0
    return 1.0 - float(np.abs(found - wanted).max()) / spread


def _write_settings(folder: Path, settings: CrossEncoderSettings) -> None:
    (folder / SETTINGS).write_text(json.dumps(asdict(settings), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    run_export(export_crossencoder)
