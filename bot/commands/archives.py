"""Find, open and build the archive that a command works on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import settings
from bot.commands.options import URI
from bot.commands.output import say
from corpus.errors import NoIndex
from corpus.wording import count_of

if TYPE_CHECKING:
    from index.building.build import Built
    from index.building.executor import Executor
    from index.encoding.crossencoder import CrossEncoder
    from index.location import Location
    from index.retrieval.archive import Archive


def find_archive(chosen: Path | None, name: str | None = None) -> "Location":
    """Return the archive's folder, and its address on Milvus if it is there.

    `name` is the archive's name on Milvus.
    """
    from index.location import Location

    known = settings.load()
    root = known.archive_folder(chosen)
    milvus = known.milvus_of(root, click.get_current_context().meta.get(URI), name)
    return Location(root, known.cache_folder, milvus, report=say)


def open_archive(chosen: Path | None, *, rerank: str = "") -> "Archive":
    """Open the archive; if nothing has been built, build the bundled collection first.

    `rerank` names the reranker, empty for none. Raises NoIndex for a named archive without an
    index, ModelUnavailable for a reranker that cannot be loaded.
    """
    from index.storage.generation import read_sources_file

    location = find_archive(chosen)
    reranker = open_reranker(rerank) if rerank else None
    try:
        return location.open(reranker)
    except NoIndex:
        root = location.root
        if chosen is not None and not chosen.exists():
            # Most likely mistyped.
            raise NoIndex(f"There is no archive {chosen}.", "memcon index build FOLDER") from None
        if location.milvus or read_sources_file(root) is not None:
            # There was an index of other documents: this is damage, not a fresh start.
            raise
        if settings.load().names_archive(chosen):
            # It is for the user's own documents, and must not answer from others.
            raise NoIndex(
                f"The archive {root} has no index yet.", "memcon index build FOLDER"
            ) from None
        say(f"no index in {root} yet: building one of the bundled collection")
        build_index(location, [])
        return location.open(reranker)


@cache
def open_reranker(name: str) -> "CrossEncoder":
    """Load a reranker once, with its calibration if it has one; raises ModelUnavailable."""
    from bot.services.rebuild import check_model_name
    from index.encoding.calibration import calibration_file, read_calibration
    from index.encoding.crossencoder import CrossEncoder
    from index.encoding.crossencoder_export import provide_crossencoder

    check_model_name(name)
    if Path(name).is_dir():
        # Receipts keep it, and are replayed from other folders.
        name = str(Path(name).resolve())
    cache = settings.load().cache_folder
    reranker = CrossEncoder(provide_crossencoder(name, cache, say))
    calibration = read_calibration(calibration_file(name, cache))
    if calibration is None:
        return reranker
    if calibration.suits(reranker.settings.sha256):
        reranker.use(calibration)
    else:
        say(
            f"the reranker {name} was calibrated with other files or by another memcon, and counts "
            f"for the order alone until you run: memcon rerank calibrate {name}"
        )
    return reranker


def build_index(
    location: "Location",
    sources: list[Path],
    *,
    ray: str | None = None,
    **options: Any,
) -> None:
    """Rebuild the index, publish it if the archive is on Milvus, and say what was done.

    `ray` names the Ray cluster that reads and encodes; None, this process does. `options` are those
    of `bot.services.rebuild.BuildOptions`.
    """
    from bot.render.progress import TerminalProgress
    from bot.services.rebuild import BuildOptions, rebuild

    started = time.perf_counter()
    with TerminalProgress() as progress, _open_executor(ray) as executor:

        def report_built(built: "Built") -> None:
            nonlocal started
            _report_built(location.root, built, time.perf_counter() - started)
            started = time.perf_counter()

        built = rebuild(
            location,
            BuildOptions(sources, **options),
            progress,
            executor=executor,
            report=say,
            on_built=report_built,
        )
    if location.milvus:
        took = f"published in {time.perf_counter() - started:.0f} s"
        say(
            f"index {built.manifest.generation} {took if built.changed else 'is in use already'}: "
            f"{location.milvus.name} on {location.milvus.endpoint}"
        )


def _report_built(root: Path, built: "Built", seconds: float) -> None:
    """Say what could not be read, why work was repeated, and what the index has."""
    from bot.render.problems import report_problems
    from index.retrieval.local_engine import LocalEngine
    from index.weights import foreign_encoder

    engine, manifest = LocalEngine(root), built.manifest
    warning = foreign_encoder(manifest.encoder_name)
    for line in (*report_problems(engine.problems()), *built.reasons, *filter(None, [warning])):
        say(line)
    engine.close()
    say(
        f"index {manifest.generation} "
        f"{f'built in {seconds:.0f} s' if built.changed else 'is up to date'}: "
        f"{count_of(manifest.documents, 'documents')}, {count_of(manifest.passages, 'passages')} "
        f"({built.encoded:,} new), {count_of(manifest.skipped, 'files')} skipped"
    )


@contextmanager
def _open_executor(ray: str | None) -> Iterator["Executor"]:
    """Yield this process as the executor, or a Ray cluster, which is left at the end."""
    from index.building.executor import LOCAL

    if ray is None:
        yield LOCAL
        return
    from index.location import ray_executor

    with ray_executor(settings.load().ray_address(ray)) as executor:
        yield executor
    if executor.lost:
        say(f"{executor.lost} of {executor.units} work units were lost with a worker, and repeated")
