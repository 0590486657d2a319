"""The commands for the documents of an archive: corpus list, add, remove, fetch."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import settings
from bot.commands.archives import build_index, find_archive, open_archive
from bot.commands.options import archive_option, json_option
from bot.commands.output import NOT_FOUND, print_json, say
from corpus.errors import UnreadableSource, UsageError

if TYPE_CHECKING:
    from corpus.web.downloads import Downloads
    from index.location import Location

_VOLUME = re.compile(r"frus[\w-]+", re.ASCII)


@click.group()
def corpus() -> None:
    """See what the archive holds, add to it, and remove from it."""


@corpus.command(name="list")
@click.option("--person", metavar="NAME", help="Only documents by, to or with this person.")
@click.option("--from", "date_from", metavar="DATE", help="From 1993, 1993-09 or 1993-09-27 on.")
@click.option("--to", "date_to", metavar="DATE", help="Up to the end of this date.")
@click.option("--kind", metavar="KIND", help="Only one kind, such as cable or abstract.")
@click.option("--collection", metavar="NAME", help="Only one collection.")
@archive_option
@json_option
def list_command(archive: Path | None, as_json: bool, **filters: str | None) -> None:
    """List the documents by date, where they come from, and the files that were skipped.

    With filters, only the documents that fit. Exit code 1: none fits.
    """
    from bot.services.listing import list_fitting
    from index.retrieval.filters import Filters

    chosen = Filters.parse(**filters)
    opened = open_archive(archive)
    documents = list_fitting(opened, chosen)
    problems = list(opened.engine.problems())
    # An archive from another host is described by its index.
    known = _sources(opened.root) or dict.fromkeys(opened.manifest.sources, opened.manifest.built)
    if as_json:
        from dataclasses import asdict

        from bot.render.json_form import listing_form

        sources = [{"source": source, "added": when} for source, when in known.items()]
        listing = listing_form(documents, problems)
        fetched = [asdict(download) for download in _downloads(opened.root)]
        print_json(
            {"schema": "memcon.corpus/1", "sources": sources, "downloads": fetched, **listing}
        )
    else:
        from bot.render.listing import draw_listing
        from bot.render.paging import print_paged

        origins = [f"from {source}, since {when}" for source, when in known.items()]
        origins += [
            f"from {download.url}, of {download.fetched}, SHA-256 {download.sha256}"
            for download in _downloads(opened.root)
        ]
        # Filters ask about documents alone.
        whole = ([], []) if chosen.given else (problems, origins)
        print_paged(draw_listing(documents, *whole))
    if chosen.given and not documents:
        say("no document fits.")
        sys.exit(NOT_FOUND)


@corpus.command()
@click.argument("sources", nargs=-1, required=True, metavar="PATH_OR_URL...")
@archive_option
def add(sources: tuple[str, ...], archive: Path | None) -> None:
    """Add files, folders or web addresses to the archive, and build its index.

    What is at an address is downloaded into the archive, with when and from where it came.
    """
    from corpus.addresses import is_address

    location = find_archive(archive)
    root = location.root
    addresses = [source for source in sources if is_address(source)]
    paths = [Path(source).resolve() for source in sources if not is_address(source)]
    for path in paths:
        if not path.exists():
            raise UsageError(f"There is no file or folder {path}.")
    failed = _download(root, addresses)
    if failed == len(sources):
        raise UsageError("Nothing could be added.")
    _build(location, [*_known(location, archive), *paths])
    sys.exit(1 if failed else 0)


@corpus.command()
@click.argument("sources", nargs=-1, required=True, metavar="PATH_OR_URL...")
@archive_option
def remove(sources: tuple[str, ...], archive: Path | None) -> None:
    """Remove files, folders or web addresses from the archive, and build its index.

    Files and folders of your own stay where they are; downloads are deleted.
    """
    location = find_archive(archive)
    root = location.root
    downloads = _downloads(root)
    known = _known(location, archive)
    gone = []
    for source in sources:
        path, url = Path(source).resolve(), downloads.find(source)
        if url is None and path not in known:
            raise UsageError(
                f"{source} is no source of this archive; a document goes with its file.",
                "memcon corpus list",
            )
        if url is not None:
            gone.append(url)
        else:
            known.remove(path)
    if not [path for path in known if path != downloads.folder or len(downloads) > len(gone)]:
        raise UsageError("That would leave the archive without any source.")
    for url in gone:
        downloads.remove(url)
    _build(location, known)


@corpus.command()
@click.argument("volumes", nargs=-1, metavar="[VOLUME]...")
@archive_option
def fetch(volumes: tuple[str, ...], archive: Path | None) -> None:
    """Download records into the archive, and build its index.

    VOLUME is a volume of Foreign Relations of the United States, such as frus1969-76v01. Without
    one, the records that the archive has abstracts of are downloaded from their publishers, and
    what was downloaded before is brought up to date. Only what has changed is downloaded; after an
    interruption the same command goes on.
    """
    location = find_archive(archive)
    root = location.root
    names = [volume.removesuffix(".xml") for volume in volumes]
    for name in names:
        if not _VOLUME.fullmatch(name):
            raise UsageError(f"{name!r} is no volume of FRUS; they are called frus1969-76v01.")
    if names:
        frus = settings.load().downloads.frus
        addresses = [frus.format(name) for name in names]
    else:
        addresses = [*_catalogue(archive), *(download.url for download in _downloads(root))]
    failed = _download(root, list(dict.fromkeys(addresses)))
    _build(location, _known(location, archive))
    if failed:
        say(f"{failed} of {len(addresses)} could not be downloaded; memcon corpus fetch goes on")
    sys.exit(1 if failed else 0)


def _catalogue(archive: Path | None) -> Iterable[str]:
    """Return the addresses of the records that the archive has abstracts of."""
    opened = open_archive(archive)
    found = {
        provenance.about.url
        for _, _, provenance, _ in opened.list_documents()
        if provenance.about and provenance.about.url
    }
    opened.close()
    return sorted(found)


def _download(root: Path, addresses: list[str]) -> int:
    """Download addresses, report each, and return how many failed."""
    from corpus.web.fetching import DownloadLimits, Fetcher

    known = settings.load().downloads
    fetcher = Fetcher(
        DownloadLimits(delay=known.delay),
        private=known.private_hosts,
        contact=known.contact or None,
    )
    downloads, failed = _downloads(root), 0
    for number, url in enumerate(addresses, start=1):
        try:
            changed = downloads.fetch(url, fetcher)
            result = "downloaded" if changed else "has not changed"
        except UnreadableSource as error:
            failed += 1
            result = f"not downloaded: {error.message}"
        say(f"{number} of {len(addresses)}: {url}: {result}")
    return failed


def _build(location: "Location", paths: list[Path]) -> None:
    """Build the index of these and of the downloads, if there are any."""
    downloads = _downloads(location.root)
    others = [path for path in dict.fromkeys(paths) if path != downloads.folder]
    build_index(location, [*others, *([downloads.folder] if len(downloads) else [])])


def _downloads(root: Path) -> "Downloads":
    from corpus.web.downloads import Downloads

    return Downloads(root.resolve() / "downloads")


def _known(location: "Location", chosen: Path | None) -> list[Path]:
    """Return the sources of the archive; of a new one that nobody named, the bundled collection.

    Raises UsageError where another host has them.
    """
    from bot.services.rebuild import refuse_elsewhere
    from corpus.ingest.sources import bundled_collection

    sources = _sources(location.root)
    if location.milvus and not sources:
        refuse_elsewhere(location)
    new = [] if settings.load().names_archive(chosen) else [bundled_collection()]
    return [Path(source) for source in sources] or new


def _sources(root: Path) -> dict[str, str]:
    """Return the sources of the archive with when they were added."""
    from index.storage.generation import read_sources_file

    last = read_sources_file(root)
    return {source: last.added.get(source, "") for source in last.sources} if last else {}
