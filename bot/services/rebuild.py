"""Rebuild an archive's index, and publish it to Milvus if the archive is there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.errors import DamagedIndex, NoIndex, UsageError
from corpus.ingest.sources import bundled_collection
from index.building.build import Built, build_archive
from index.building.executor import LOCAL, Executor
from index.building.reuse import known_files
from index.encoding.encoder import DEFAULT_MODEL
from index.location import Location
from index.storage.generation import read_sources_file
from index.storage.inventory import Progress, gather


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How an index is built.

    `sources` and `model` default to those of the last build; the sources of a first build default
    to the bundled collection. `force`: build even if nothing has changed. `rehash`: compare files
    by their bytes, not by size and time. `merge`: merge all segments into one. `strict`: fail at
    the first file that cannot be read. `ocr`: read pages that are pictures, in `ocr_language`;
    None, as in the last build.
    """

    sources: Sequence[Path] = ()
    model: str | None = None
    force: bool = False
    rehash: bool = False
    merge: bool = False
    strict: bool = False
    ocr: bool | None = None
    ocr_language: str | None = None

    def languages(self, before: str | None) -> str | None:
        """Return the languages for OCR, given those of the last build; None for no OCR."""
        if self.ocr is False:
            return None
        return self.ocr_language or before or ("eng" if self.ocr else None)


def rebuild(
    location: Location,
    options: BuildOptions,
    progress: Progress,
    *,
    executor: Executor = LOCAL,
    report: Callable[[str], None] = lambda _: None,
    on_built: Callable[[Built], None] = lambda _: None,
) -> Built:
    """Build the index, then publish it if the archive is on Milvus.

    `on_built` receives the local index before it is published. Returns the index that answers from
    now on: the published one on Milvus.
    Raises UsageError, ArchiveBusy, and EngineUnavailable if Milvus does not answer.
    """
    root = location.root
    sources, model = options.sources, options.model
    check_model_name(model or "")
    try:
        last = read_sources_file(root)
    except DamagedIndex:
        if not sources:
            raise
        last = None
    if last is not None:
        sources = sources or [Path(source) for source in last.sources]
        model = model or last.model
    # Before hours of work, not after them.
    if location.check_milvus() and last is None and not sources:
        refuse_elsewhere(location)
    languages = options.languages(last.ocr if last else None)
    if languages:
        from corpus.readers.pdf.ocr import check_ocr

        report(f"pictures of pages are read by {check_ocr(languages)}, which takes seconds a page")
    known = {} if options.force or options.rehash else known_files(root)
    built = build_archive(
        root,
        gather(
            sources or [bundled_collection()],
            progress,
            known,
            ocr=languages,
            strict=options.strict,
        ),
        model=model or DEFAULT_MODEL,
        cache=location.cache,
        progress=progress,
        force=options.force,
        # All of a generation is published anyway.
        merge_all=options.merge or location.milvus is not None,
        executor=executor,
    )
    on_built(built)
    published = location.publish(progress, force=options.force)
    if published:
        built = replace(built, manifest=published.manifest, changed=published.changed)
    return built


def check_model_name(name: str) -> None:
    """Raise UsageError for a name that is not valid Unicode."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{name!r} is no name of a model.") from None


def refuse_unknown(root: Path) -> None:
    """Raise UsageError if a named archive has no sources on record.

    It was never built, or its first build failed; the bundled collection was not meant.
    """
    try:
        known = read_sources_file(root)
    except DamagedIndex:
        return
    if known is None:
        raise UsageError(
            f"The archive {root} has no index yet, so that it is not known what it is to have: "
            "name the folder of its documents (--bundled is the bundled collection).",
            "memcon index build FOLDER",
        )


def refuse_elsewhere(location: Location) -> None:
    """Raise UsageError if Milvus has an archive whose sources are on another host.

    A first build's bundled collection must not replace it.
    """
    try:
        manifest = location.open().manifest
    except NoIndex:
        return
    raise UsageError(
        f"The archive was built on another host, from {', '.join(manifest.sources)}: build it "
        "there, or name what it is to consist of.",
        "memcon index build PATH",
    )
