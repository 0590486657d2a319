"""Building a generation: read, cut into passages, encode, write aside, swap in."""

import datetime as dt
import hashlib
import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import filelock
import numpy as np

from corpus.dates import bounds
from corpus.documents import Document, Problem, Span
from corpus.errors import ArchiveBusy, ArchiveError, NothingToIndex
from corpus.sources import read_sources
from index import analyzer
from index.dense import quantize, write_vectors
from index.encoder import Encoder, PassageText, provide_model
from index.generation import Manifest, current, measure_files, next_name, publish
from index.lexical import build_postings
from index.passages import Passage, make_passages
from index.store import StoreWriter


class Progress(Protocol):
    """Whoever wants to know how a build goes on."""

    def stage(self, name: str, total: int | None = None) -> None:
        """Say that a stage begins, and of how many steps it is, where known."""

    def advance(self, steps: int) -> None:
        """Say that steps of the stage are done."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The documents of an archive, where they were looked for, and what was skipped."""

    documents: tuple[Document, ...]
    sources: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Built:
    """What a build came to; `changed` is False where the index was up to date already."""

    manifest: Manifest
    changed: bool


def gather(paths: Sequence[Path], progress: Progress) -> Gathered:
    """Read every document under `paths`, in the order of their names."""
    problems: list[Problem] = []
    documents = []
    progress.stage("reading")
    for document in read_sources(paths, problems):
        documents.append(document)
        progress.advance(1)
    documents.sort(key=lambda document: document.doc_id)
    sources = tuple(str(path.resolve()) for path in paths)
    return Gathered(tuple(documents), sources, tuple(problems))


def build_archive(
    root: Path,
    gathered: Gathered,
    *,
    model: str,
    cache: Path,
    progress: Progress,
    force: bool = False,
) -> Built:
    """Build an index of the documents and make it the archive's current one.

    The old index answers until the new one is whole. Nothing is built where nothing has changed,
    unless `force`. `cache` keeps exported models for all archives of this machine.
    Raises NothingToIndex, ArchiveBusy, ModelUnavailable.
    """
    cut = [make_passages(document) for document in gathered.documents]
    if not any(cut):
        raise NothingToIndex(_nothing(gathered))
    root.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(root / "build.lock", timeout=0):
            exported = provide_model(model, root / "models", cache, progress.stage)
            encoder = Encoder(exported)
            corpus = _hash_corpus(gathered.documents, cut)
            old = _current_manifest(root)
            if old and not force and _is_current(old, corpus, encoder, gathered):
                return Built(old, changed=False)
            generations = root / "generations"
            generations.mkdir(exist_ok=True)
            name = next_name(root)
            with tempfile.TemporaryDirectory(prefix=".new-", dir=generations) as aside:
                folder = Path(aside) / name
                folder.mkdir()
                _write(folder, gathered.documents, cut, encoder, progress)
                first, last = _dates(gathered.documents)
                manifest = Manifest(
                    generation=name,
                    built=dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    corpus=corpus,
                    analyzer=analyzer.IDENTITY,
                    encoder=encoder.settings.identity,
                    encoder_name=model,
                    model=exported.name,
                    documents=len(gathered.documents),
                    passages=sum(len(each) for each in cut),
                    sentences=sum(len(passage.sentences) for each in cut for passage in each),
                    date_from=first,
                    date_to=last,
                    sources=gathered.sources,
                    problems=gathered.problems,
                    files=measure_files(folder),
                )
                publish(root, folder, manifest)
            return Built(manifest, changed=True)
    except filelock.Timeout:
        raise ArchiveBusy(
            f"The archive {root} is being built by another process; wait until it is done."
        ) from None


def _write(
    folder: Path,
    documents: Sequence[Document],
    cut: Sequence[Sequence[Passage]],
    encoder: Encoder,
    progress: Progress,
) -> None:
    flat = [
        (document, passage) for document, own in zip(documents, cut, strict=True) for passage in own
    ]
    writer = StoreWriter(folder / "documents.sqlite")
    for document, own in zip(documents, cut, strict=True):
        writer.add(document, own)
    writer.close()
    build_postings(
        (
            analyzer.analyze(f"{context_of(document, passage)}\n{passage.span.of(document.text)}")
            for document, passage in flat
        ),
        folder / "lexical",
    )
    progress.stage("encoding", len(flat))
    firsts = np.cumsum([0] + [len(passage.sentences) for _, passage in flat])
    dimension = encoder.settings.dimension
    vectors = np.zeros((len(flat), dimension), np.int8)
    sentences = np.zeros((int(firsts[-1]), dimension), np.int8)
    texts = (passage_text(document, passage) for document, passage in flat)
    for place, encoded in enumerate(encoder.encode_passages(texts, progress.advance)):
        vectors[place] = quantize(encoded.passage)
        sentences[firsts[place] : firsts[place + 1]] = quantize(encoded.sentences)
    write_vectors(vectors, sentences, folder / "dense")


def context_of(document: Document, passage: Passage) -> str:
    """Return the words that set the scene of a passage for ranking: title, section, speaker."""
    speaker = passage.turn.label if passage.turn else None
    return " - ".join(filter(None, [document.title, passage.section, speaker]))


def passage_text(document: Document, passage: Passage) -> PassageText:
    """Return what the encoder reads of a passage."""
    start = passage.span.start
    return PassageText(
        context=context_of(document, passage),
        text=passage.span.of(document.text),
        sentences=tuple(Span(span.start - start, span.end - start) for span in passage.sentences),
    )


def _dates(documents: Iterable[Document]) -> tuple[str | None, str | None]:
    """Return the first and last day that the documents tell of."""
    dates = [document.provenance.date for document in documents]
    days = sorted(day for date in dates if date for day in bounds(date))
    return (days[0], days[-1]) if days else (None, None)


def _hash_corpus(documents: Iterable[Document], cut: Iterable[Sequence[Passage]]) -> str:
    """Return a hash of all that an index is made from: texts, provenance, and passages."""
    digest = hashlib.sha256()
    for document, own in zip(documents, cut, strict=True):
        known = [
            document.doc_id,
            document.source,
            document.sha256,
            document.provenance.to_dict(),
            [passage.passage_id for passage in own],
        ]
        digest.update(json.dumps(known).encode())
    return digest.hexdigest()


def _current_manifest(root: Path) -> Manifest | None:
    try:
        return Manifest.read(current(root))
    except ArchiveError:
        return None


def _is_current(old: Manifest, corpus: str, encoder: Encoder, gathered: Gathered) -> bool:
    return (
        old.corpus == corpus
        and old.analyzer == analyzer.IDENTITY
        and old.encoder == encoder.settings.identity
        and old.sources == gathered.sources
        and old.problems == gathered.problems
    )


def _nothing(gathered: Gathered) -> str:
    where = ", ".join(gathered.sources) or "nowhere"
    reasons = "; ".join(f"{item.source}: {item.reason}" for item in gathered.problems[:3])
    return f"No document to index was found in {where}" + (f" ({reasons})." if reasons else ".")
