"""What every command needs: the archive it works on, built if need be, and ways to reply."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import settings
from bot.render.hints import choose
from corpus.errors import DamagedIndex, NoIndex, UsageError

if TYPE_CHECKING:
    from index.building.executor import Executor
    from index.encoding.crossencoder import CrossEncoder
    from index.location import Location
    from index.retrieval.archive import Archive

NOT_FOUND = 1
WRONG_USAGE = 2
AT_FAULT = 3
INTERRUPTED = 130

_URI = "memcon.uri"


def archive_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which archive is meant."""
    for option in (
        click.option(
            "--uri",
            metavar="URI",
            expose_value=False,
            callback=lambda context, _option, value: context.meta.update({_URI: value}),
            help="The Milvus cluster that has the index. [default: $MEMCON_MILVUS_URI, or none]",
        ),
        click.option(
            "--archive",
            type=click.Path(file_okay=False, readable=False),
            callback=lambda _context, _option, value: _some_folder(value),
            help="The archive's folder. [default: $MEMCON_ARCHIVE, or one in your data directory]",
        ),
    ):
        command = option(command)
    return command


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def _some_folder(name: str | None) -> Path | None:
    """Return the folder that was named; an empty name would mean the working directory."""
    if name == "":
        raise click.BadParameter("the archive's folder has no name")
    chosen = None if name is None else Path(name)
    choose(chosen, settings.load().answers)
    return chosen


def find_archive(chosen: Path | None, name: str | None = None) -> "Location":
    """Return where the archive is: its folder, and the cluster that the options or settings name.

    `name` is what it is called on the cluster.
    """
    from index.location import Location

    known = settings.load()
    root = known.archive_folder(chosen)
    cluster = known.cluster(root, click.get_current_context().meta.get(_URI), name)
    return Location(root, known.cache_folder, cluster, report=say)


def open_archive(chosen: Path | None, *, rerank: str = "") -> "Archive":
    """Open the archive; where nothing has been built, build the bundled collection first.

    An archive that was named is never filled with that: it raises NoIndex.

    `rerank` names the model that reads the best passages again; none where it is empty.
    Raises ModelUnavailable where that cannot be loaded.
    """
    from index.storage.generation import read_sources_file

    location = find_archive(chosen)
    reranker = open_reranker(rerank) if rerank else None
    try:
        return location.open(reranker)
    except NoIndex:
        root = location.root
        if chosen is not None and not chosen.exists():
            # A name that was typed: most likely a mistyped one.
            raise NoIndex(f"There is no archive {chosen}.", "memcon index build FOLDER") from None
        if location.cluster or read_sources_file(root) is not None:
            # There was an index of other documents here: that is damage, and no fresh start.
            raise
        if settings.load().names_archive(chosen):
            # It was to have somebody's own documents, and must not answer from others.
            raise NoIndex(
                f"The archive {root} has no index yet.", "memcon index build FOLDER"
            ) from None
        say(f"no index in {root} yet: building one of the bundled collection")
        build_index(location, [])
        return location.open(reranker)


def check_model(name: str) -> None:
    """Raise UsageError for a name that no model can have: one that is no text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{name!r} is no name of a model.") from None


@cache
def open_reranker(name: str) -> "CrossEncoder":
    """Return the reranker of this name, loaded once; raises ModelUnavailable.

    It counts for confidence where it has been calibrated.
    """
    from index.encoding.calibration import calibration_file, read_calibration
    from index.encoding.crossencoder import CrossEncoder
    from index.encoding.crossencoder_export import provide_crossencoder

    check_model(name)
    if Path(name).is_dir():
        # Receipts have it, and are replayed from other folders.
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


@dataclass(frozen=True, slots=True)
class Thoroughness:
    """How a build goes about it.

    `force`: everything anew. `rehash`: files are compared by their bytes, whatever their size and
    time say. `strict`: the first file that cannot be read is an error. `ocr`: pages that are
    pictures are read, in `ocr_language`; None, as in the last build. `ray`: the Ray cluster that
    reads and encodes; None, this process.
    """

    force: bool = False
    rehash: bool = False
    strict: bool = False
    ocr: bool | None = None
    ocr_language: str | None = None
    ray: str | None = None

    def languages(self, before: str | None) -> str | None:
        """Return the languages in which pictures of pages are read, given those of last time."""
        if self.ocr is False:
            return None
        return self.ocr_language or before or ("eng" if self.ocr else None)


def build_index(
    location: "Location",
    sources: list[Path],
    *,
    model: str | None = None,
    how: Thoroughness = Thoroughness(),
) -> None:
    """Build and report; sources, model and OCR default to those of the last build.

    What was built is then published to the cluster that has the archive's index, if one has.
    """
    from bot.render.problems import report_problems
    from bot.render.progress import TerminalProgress
    from corpus.ingest.sources import bundled_collection
    from index.building.build import build_archive, publish_archive
    from index.building.reuse import known_files
    from index.encoding.encoder import DEFAULT_MODEL
    from index.milvus.connection import check_reachable
    from index.retrieval.local_engine import LocalEngine
    from index.storage.generation import read_sources_file
    from index.storage.inventory import gather

    root, cluster = location.root, location.cluster
    check_model(model or "")
    try:
        last = read_sources_file(root)
    except DamagedIndex:
        if not sources:
            raise
        last = None
    if last is not None:
        sources = sources or [Path(source) for source in last.sources]
        model = model or last.model
    if cluster:
        # Before hours of work, not after them.
        check_reachable(cluster)
        if last is None and not sources:
            refuse_elsewhere(location)
    languages = how.languages(last.ocr if last else None)
    if languages:
        from corpus.readers.pdf.ocr import check_ocr

        say(f"pictures of pages are read by {check_ocr(languages)}, which takes seconds a page")
    started = time.perf_counter()
    known = {} if how.force or how.rehash else known_files(root)
    with TerminalProgress() as progress, _find_executor(how.ray) as executor:
        paths = sources or [bundled_collection()]
        gathered = gather(paths, progress, known, ocr=languages, strict=how.strict)
        built = build_archive(
            root,
            gathered,
            model=model or DEFAULT_MODEL,
            cache=location.cache,
            progress=progress,
            force=how.force,
            executor=executor,
        )
    manifest = built.manifest
    engine = LocalEngine(root)
    for line in report_problems(engine.problems()):
        say(line)
    engine.close()
    for reason in built.reasons:
        say(reason)
    done = f"built in {time.perf_counter() - started:.0f} s" if built.changed else "is up to date"
    say(
        f"index {manifest.generation} {done}: {manifest.documents:,} documents, "
        f"{manifest.passages:,} passages ({built.encoded:,} new), "
        f"{manifest.skipped:,} files skipped"
    )
    if cluster:
        started = time.perf_counter()
        with TerminalProgress() as progress:
            published = publish_archive(root, cluster, progress, force=how.force)
        took = f"published in {time.perf_counter() - started:.0f} s"
        say(
            f"index {published.manifest.generation} "
            f"{took if published.changed else 'is in use already'}: "
            f"{cluster.name} on {cluster.address}"
        )


def refuse_unknown(root: Path) -> None:
    """Raise UsageError where nobody has said what an archive that was named is to consist of.

    It was never built, or its first build failed: the bundled collection is not what was meant.
    """
    from index.storage.generation import read_sources_file

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


def refuse_elsewhere(location: "Location") -> None:
    """Raise UsageError where a cluster has an archive of which this host has no sources.

    The bundled collection, which a first build takes, must not take the place of that.
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


@contextmanager
def _find_executor(ray: str | None) -> Iterator["Executor"]:
    """Give whoever reads and encodes: this process, or a Ray cluster, which is left at the end."""
    from index.building.executor import LOCAL

    if ray is None:
        yield LOCAL
        return
    from index.ray.executor import RayExecutor

    with RayExecutor(settings.load().ray_address(ray)) as cluster:
        yield cluster
    if cluster.lost:
        say(f"{cluster.lost} of {cluster.pieces} pieces were lost with a worker, and done again")


def say(message: str) -> None:
    """Tell a person something that is not the result, on stderr."""
    from bot.render.terminal import visible

    sys.stderr.write(f"memcon: {visible(message)}\n")


def print_json(value: Any, *, on_a_line: bool = False) -> None:
    """Print a JSON value on stdout, indented or on one line."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=None if on_a_line else 2))
