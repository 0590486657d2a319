"""Work units of a build on Ray: a worker gives the same results as this machine, or refuses.

A kit has the data that a worker needs for all units of a kind; opened, it is a function of a unit.
A unit is self-contained, so that any worker can do it, and repeat it after a loss.
"""

import platform
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from corpus.authority.names import Authority, Entry
from corpus.documents import Problem
from corpus.errors import ClusterUnavailable, MemconError
from corpus.ingest.sources import SourceFile
from index.building.executor import Items, read_items, stack_codes
from index.building.preparation import Prepared, find_terms, prepare
from index.encoding.encoder import MIN_AGREEMENT, PROBES, Encoder, PassageText
from index.encoding.loading import load_encoder
from index.encoding.pooling import Vectors
from index.retrieval.dense import Codes
from index.storage.inventory import Source
from index.storage.reading_rules import LIBRARIES, ReadingRules

# Libraries that documents, terms and vectors depend on, readers included.
_LIBRARIES = (*LIBRARIES, "numpy", "onnxruntime", "PyStemmer", "tokenizers")


# Documents and problems of a file, and the formats that it was read as.
Contents = tuple[list[Prepared | Problem], Collection[str]]


@dataclass(frozen=True, slots=True)
class ReadingKit:
    """Reads and prepares files; `versions` are the driver's, `entries` the authority's."""

    versions: dict[str, str]
    entries: tuple[Entry, ...]

    def open(self) -> Callable[[Sequence[tuple[Source, bytes]]], list[Contents]]:
        """Return a function that reads files, and returns the contents of each.

        Raises ClusterUnavailable if this worker's versions differ.
        """
        _compare(self.versions)
        authority = Authority(self.entries)

        def read(files: Sequence[tuple[Source, bytes]]) -> list[Contents]:
            return [_read(source, data, authority) for source, data in files]

        return read


@dataclass(frozen=True, slots=True)
class EncodingKit:
    """Encodes passages: the files of an exported model, and its vectors of PROBES (n × d)."""

    versions: dict[str, str]
    model: dict[str, bytes]
    probes: Vectors

    @classmethod
    def pack(cls, encoder: Encoder) -> "EncodingKit":
        """Return the kit of an encoder."""
        model = {path.name: path.read_bytes() for path in encoder.folder.iterdir()}
        return cls(known_versions(), model, _encode_probes(encoder))

    def open(self) -> Callable[[Sequence[tuple[bytes, PassageText]]], list[tuple[bytes, Codes]]]:
        """Return a function that encodes passages, each with its key.

        Raises ClusterUnavailable if this worker's versions or vectors differ.
        """
        _compare(self.versions)
        with tempfile.TemporaryDirectory(prefix="memcon-") as folder:
            for name, data in self.model.items():
                Path(folder, name).write_bytes(data)
            # Other workers use the other cores.
            encoder = load_encoder(Path(folder), threads=1)
            agreement = float((_encode_probes(encoder) * self.probes).sum(axis=1).min())
        if agreement < MIN_AGREEMENT:
            raise ClusterUnavailable(
                f"The processor of {platform.node()} gives other vectors: their cosine with those "
                f"of this machine is {agreement:.3f}."
            )

        def encode(passages: Sequence[tuple[bytes, PassageText]]) -> list[tuple[bytes, Codes]]:
            found = encoder.encode_passages(text for _, text in passages)
            return [
                (key, stack_codes(encoded))
                for (key, _), encoded in zip(passages, found, strict=True)
            ]

        return encode


def known_versions() -> dict[str, str]:
    """Return the versions of memcon's rules and of libraries that results depend on."""
    known = {"memcon": ReadingRules().sign_all()}
    for library in _LIBRARIES:
        try:
            known[library] = version(library)
        except PackageNotFoundError:
            known[library] = "missing"
    return known


def _compare(wanted: dict[str, str]) -> None:
    here = known_versions()
    others = [
        f"{name} is {here[name]} and not {wanted[name]}"
        for name in wanted
        if here[name] != wanted[name]
    ]
    if others:
        # The hash of memcon's rules includes the libraries' versions, which explain more.
        raise ClusterUnavailable(
            f"A worker on {platform.node()} would not make the same index: "
            f"{'; '.join(others[1:] or others)}. Every node needs the versions of this machine."
        )


def _read(source: Source, data: bytes, authority: Authority) -> Contents:
    """Return the contents of a file, its documents prepared, with terms."""
    if isinstance(source, SourceFile) and source.ocr:
        from corpus.readers.pdf.ocr import check_ocr

        try:
            check_ocr(source.ocr)
        except MemconError as error:
            raise ClusterUnavailable(
                f"A worker on {platform.node()} cannot read pictures of pages: {error.message}"
            ) from error
    items: list[Prepared | Problem] = []
    read = Items(read_items(source, data))
    for item in read:
        if isinstance(item, Problem):
            items.append(item)
        else:
            ready = prepare(item, authority)
            terms = (tuple(find_terms(ready.document, each)) for each in ready.passages)
            items.append(replace(ready, terms=tuple(terms)))
    return items, read.formats


def _encode_probes(encoder: Encoder) -> Vectors:
    plain = [PassageText("", probe, ()) for probe in PROBES]
    return np.stack([encoded.passage for encoded in encoder.encode_passages(plain)])
