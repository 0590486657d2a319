"""Lexical ranking: eight terms, the ten best passages."""

import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from tests.tools.bench.contest import Answerer, Measured, System, compare, shared
from tests.tools.bench.data import QUERIES, passages, queries
from tests.tools.bench.table import Table, amount

K = 10
# rank_bm25 holds a dict a passage: a million of them take 15 GB, and a query four seconds.
_RANK_BM25_UP_TO = 100_000
_BATCH = 50_000


def memcon(folder: Path, size: int) -> Answerer:
    """Build memcon's postings, and open them as an archive does."""
    from index.retrieval.lexical import LexicalIndex
    from index.retrieval.postings import PostingsBuilder
    from index.storage.checksummed import Sealed, seal

    target = _empty(folder / f"lexical-memcon-{size}")
    builder = PostingsBuilder(target)
    for terms in passages(size):
        builder.add(terms)
    builder.finish()
    seal(target)
    del builder
    opened, asked = LexicalIndex(Sealed(target)), queries()
    return lambda number: opened.top(asked[number], K)[0].tolist()


def rank_bm25(_: Path, size: int) -> Answerer:
    """Build the library's own index of the same variant."""
    from rank_bm25 import BM25Plus

    # Words split from texts, as everybody's are: no two passages share a string.
    model = BM25Plus([" ".join(terms).split() for terms in passages(size)])
    asked = queries()

    def answer(number: int) -> Sequence[int]:
        scores = model.get_scores(asked[number])
        best = np.argpartition(-scores, K)[:K]
        found: list[int] = best[np.argsort(-scores[best], kind="stable")].tolist()
        return found

    return answer


def _bm25s(_: Path, size: int, *, backend: str) -> Answerer:
    import bm25s

    model = bm25s.BM25(method="bm25+", delta=1.0, backend=backend)
    model.index(list(passages(size)), show_progress=False)
    asked = queries()

    def answer(number: int) -> Sequence[int]:
        found, _ = model.retrieve([asked[number]], k=K, show_progress=False)
        return [int(place) for place in found[0]]

    return answer


def tantivy(folder: Path, size: int) -> Answerer:
    """Build a tantivy index on disk, words apart at spaces."""
    import tantivy as library

    target = _empty(folder / f"lexical-tantivy-{size}")
    schema = (
        library.SchemaBuilder()
        .add_text_field("text", tokenizer_name="whitespace", index_option="freq")
        .add_integer_field("number", stored=True, fast=True)
        .build()
    )
    index = library.Index(schema, str(target))
    writer: Any = index.writer(256_000_000)
    for number, terms in enumerate(passages(size)):
        writer.add_document(library.Document(text=" ".join(terms), number=number))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    asked = [index.parse_query(" ".join(terms), ["text"]) for terms in queries()]

    def answer(number: int) -> Sequence[int]:
        hits = searcher.search(asked[number], K).hits
        return [searcher.doc(address)["number"][0] for _, address in hits]

    return answer


def lancedb(folder: Path, size: int) -> Answerer:
    """Build a LanceDB table with a full-text index."""
    import lancedb as library
    import pyarrow as pa

    target = _empty(folder / f"lexical-lancedb-{size}")

    def batches() -> Any:
        texts: list[str] = []
        start = 0
        for number in count():
            terms = next(source, None)
            if terms is not None:
                texts.append(" ".join(terms))
            if texts and (terms is None or len(texts) == _BATCH):
                numbers = range(start, start + len(texts))
                yield pa.RecordBatch.from_pydict({"number": list(numbers), "text": texts}, schema)
                start, texts = number + 1, []
            if terms is None:
                return

    source = iter(passages(size))
    schema = pa.schema([("number", pa.int64()), ("text", pa.string())])
    table = library.connect(target).create_table("passages", batches(), schema=schema)
    table.create_fts_index("text", stem=False, remove_stop_words=False)
    table.wait_for_index([each.name for each in table.list_indices()])
    asked = [" ".join(terms) for terms in queries()]

    def answer(number: int) -> Sequence[int]:
        found = table.search(asked[number], query_type="fts").select(["number", "_score"]).limit(K)
        return [row["number"] for row in found.to_list()]

    return answer


def systems(size: int) -> dict[str, System | None]:
    """Return what is compared at a size."""
    return {
        "memcon": memcon,
        "bm25s, numba": partial(_bm25s, backend="numba"),
        "bm25s, numpy": partial(_bm25s, backend="numpy"),
        "tantivy": tantivy,
        "LanceDB full-text": lancedb,
        "rank_bm25": rank_bm25 if size <= _RANK_BM25_UP_TO else None,
    }


def measure(folder: Path, sizes: Sequence[int]) -> tuple[Table, dict[str, dict[int, float]]]:
    """Return the table, and for the picture each system's median in ms by size."""

    def more(each: Measured, measured: Mapping[str, Measured]) -> list[str]:
        exact = measured.get("rank_bm25", measured["memcon"])
        found = shared(each.found, exact.found)
        return [f"{found:.2f}", amount(each.seconds), amount(each.memory)]

    headings = (
        "Passages", "System", "Query p50 ms", "p99", "memcon is faster by",
        "Of the 10 best of rank_bm25", "Indexing s", "Memory MB",
    )  # fmt: skip
    table = Table("Lexical query, 8 terms", headings, [])
    return compare(table, systems, folder, sizes, QUERIES, more)


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
