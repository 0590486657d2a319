"""Downloads of documents, kept in a folder of the archive.

The folder holds the files as downloaded, and `downloads.json` with the address of each, the time it
was fetched, its hash, and the server's version of it. It is a folder of sources like any other:
`corpus/ingest/sources.py` reads the addresses from that file.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from corpus.addresses import address_key
from corpus.errors import UnreadableSource
from corpus.ingest.sources import DOWNLOADS
from corpus.readers.formats import BY_SUFFIX, FORMATS, suffix_of
from corpus.web.fetching import Fetched, Fetcher

_SUFFIXES = {kind: each.suffix for each in FORMATS for kind in each.media_types}
# Servers give many files one of these kinds, whatever they are.
_VAGUE = {"", "text/plain", "application/octet-stream", "binary/octet-stream"}
_NAME_CHARS = 100


@dataclass(frozen=True, slots=True)
class Download:
    """A downloaded file: its address, its name in the folder, when it was fetched, its version."""

    url: str
    file: str
    fetched: str
    sha256: str
    etag: str | None = None
    modified: str | None = None


class Downloads:
    """The downloads of one archive."""

    def __init__(self, folder: Path) -> None:
        """Use the folder, which the first download creates.

        Raises UnreadableSource if its list of downloads is damaged.
        """
        self.folder = folder
        self._known: dict[str, Download] = {}
        try:
            known: list[dict[str, Any]] = json.loads((folder / DOWNLOADS).read_text("utf-8"))
            self._known = {item["url"]: Download(**item) for item in known}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnreadableSource(
                f"{folder / DOWNLOADS} is damaged: remove the folder and add its addresses again"
            ) from error

    def __iter__(self) -> Iterator[Download]:
        """Yield the downloads in the order of their addresses."""
        return iter(sorted(self._known.values(), key=lambda download: download.url))

    def __len__(self) -> int:
        """Return the number of downloads."""
        return len(self._known)

    def fetch(self, url: str, fetcher: Fetcher) -> bool:
        """Download an address unless it is unchanged; return whether it has changed.

        Raises UnreadableSource; an earlier download then stays.
        """
        old = self._known.get(url)
        whole = old is not None and self._is_whole(old)
        etag, modified = (old.etag, old.modified) if old and whole else (None, None)
        fetched = fetcher.fetch(url, etag, modified, accept=choose_suffix)
        if fetched.data is None:
            return False
        sha256 = hashlib.sha256(fetched.data).hexdigest()
        changed = not whole or old is None or old.sha256 != sha256
        self.folder.mkdir(parents=True, exist_ok=True)
        name = _file_name(url, fetched)
        if old and old.file != name:
            (self.folder / old.file).unlink(missing_ok=True)
        if changed:
            _write(self.folder / name, fetched.data)
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._known[url] = Download(url, name, now, sha256, fetched.etag, fetched.modified)
        self._save()
        return changed

    def find(self, url: str) -> str | None:
        """Return the downloaded address that is the same as `url`, however written, or None."""
        key = address_key(url)
        same = (known for known in self._known if key and address_key(known) == key)
        return url if url in self._known else next(same, None)

    def remove(self, url: str) -> None:
        """Remove a download."""
        download = self._known.pop(url)
        (self.folder / download.file).unlink(missing_ok=True)
        self._save()

    def _is_whole(self, download: Download) -> bool:
        try:
            data = (self.folder / download.file).read_bytes()
        except OSError:
            return False
        return hashlib.sha256(data).hexdigest() == download.sha256

    def _save(self) -> None:
        known = json.dumps([asdict(each) for each in self], ensure_ascii=False, indent=1)
        _write(self.folder / DOWNLOADS, known.encode())


def choose_suffix(url: str, content_type: str) -> str:
    """Return the suffix for the file at an address, by the media type that its server gives.

    If the server says only that it is text or data, the address's own suffix counts.
    Raises UnreadableSource for a kind of file that memcon does not read.
    """
    kind = content_type.partition(";")[0].strip().lower()
    own = suffix_of(unquote(urlsplit(url).path))
    suffix = own if kind in _VAGUE and own in BY_SUFFIX else _SUFFIXES.get(kind)
    if suffix is None:
        raise UnreadableSource(f"memcon does not read what is there ({kind or 'of no known kind'})")
    return suffix


def _file_name(url: str, fetched: Fetched) -> str:
    """Return a readable name for a download, unique to its address, with a suffix that is read."""
    suffix = choose_suffix(fetched.url, fetched.content_type)
    parts = urlsplit(url)
    path = PurePosixPath(unquote(parts.path))
    stem = path.with_suffix("") if path.suffix.lower() == suffix else path
    words = re.sub(r"[^\w.-]+", "-", f"{parts.hostname}{stem}").strip("-.")[:_NAME_CHARS]
    mark = hashlib.sha256(url.encode()).hexdigest()[:8]
    return f"{words}-{mark}{suffix}"


def _write(path: Path, data: bytes) -> None:
    """Replace a file in one step, so that it is never half written."""
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    new.replace(path)
