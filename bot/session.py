"""What every command needs: the archive it works on, built if need be, and ways to reply."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import settings
from corpus.errors import DamagedIndex, NoIndex

if TYPE_CHECKING:
    from index.building.execution import Executor
    from index.retrieval.archive import Archive

NOT_FOUND = 1
WRONG_USAGE = 2
AT_FAULT = 3
INTERRUPTED = 130

archive_option = click.option(
    "--archive",
    type=click.Path(file_okay=False, readable=False),
    callback=lambda _context, _option, value: _some_folder(value),
    help="The archive's folder. [default: $MEMCON_ARCHIVE, or one in your data directory]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def _some_folder(name: str | None) -> Path | None:
    """Return the folder that was named; an empty name would mean the working directory."""
    if name == "":
        raise click.BadParameter("the archive's folder has no name")
    return None if name is None else Path(name)


def open_archive(chosen: Path | None) -> "Archive":
    """Open the archive; where nothing has been built, build the bundled collection first."""
    from index.retrieval.archive import Archive
    from index.storage.generation import read_sources_file

    root = settings.archive_folder(chosen)
    try:
        return Archive(root)
    except NoIndex:
        if read_sources_file(root) is not None:
            # There was an index of other documents here: that is damage, and no fresh start.
            raise
        say(f"no index in {root} yet: building one of the bundled collection")
        build_index(root, [])
        return Archive(root)


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
    root: Path, sources: list[Path], *, model: str | None = None, how: Thoroughness = Thoroughness()
) -> None:
    """Build and report; sources, model and OCR default to those of the last build."""
    from bot.progress import TerminalProgress
    from bot.skipped import report_problems
    from corpus.sources import bundled_collection
    from index.building.build import build_archive
    from index.building.reuse import known_files
    from index.encoding.encoder import DEFAULT_MODEL
    from index.retrieval.archive import Archive
    from index.storage.generation import read_sources_file
    from index.storage.inventory import gather

    try:
        last = read_sources_file(root)
    except DamagedIndex:
        if not sources:
            raise
        last = None
    if last is not None:
        sources = sources or [Path(source) for source in last.sources]
        model = model or last.model
    languages = how.languages(last.ocr if last else None)
    if languages:
        from corpus.readers.ocr import check_ocr

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
            cache=settings.cache_folder(),
            progress=progress,
            force=how.force,
            executor=executor,
        )
    manifest = built.manifest
    archive = Archive(root)
    for line in report_problems(archive.store.problems()):
        say(line)
    archive.close()
    for reason in built.reasons:
        say(reason)
    done = f"built in {time.perf_counter() - started:.0f} s" if built.changed else "is up to date"
    say(
        f"index {manifest.generation} {done}: {manifest.documents:,} documents, "
        f"{manifest.passages:,} passages ({built.encoded:,} new), "
        f"{manifest.skipped:,} files skipped"
    )


@contextmanager
def _find_executor(ray: str | None) -> Iterator["Executor"]:
    """Give whoever reads and encodes: this process, or a Ray cluster, which is left at the end."""
    from index.building.execution import LOCAL

    if ray is None:
        yield LOCAL
        return
    from index.building.cluster import RayExecutor

    with RayExecutor(settings.ray_address(ray)) as cluster:
        yield cluster
    if cluster.lost:
        say(f"{cluster.lost} of {cluster.pieces} pieces were lost with a worker, and done again")


def say(message: str) -> None:
    """Tell a person something that is not the result, on stderr."""
    from bot.terminal import visible

    sys.stderr.write(f"memcon: {visible(message)}\n")


def print_json(value: Any) -> None:
    """Print a JSON value on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
