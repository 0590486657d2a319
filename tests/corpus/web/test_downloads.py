import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.errors import UnreadableSource
from corpus.web.downloads import Downloads, choose_suffix
from corpus.web.fetching import DownloadLimits, Fetcher
from tests.support.archives import read_all
from tests.support.fake_web import FakeWeb, Page, serve

TIDE = b"The tide tables of the harbour were printed every spring.\n"
PLAIN = {"Content-Type": "text/plain; charset=utf-8", "ETag": '"1"'}


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with serve() as web:
        web.pages["/tides"] = Page(TIDE, headers=PLAIN)
        yield web


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(DownloadLimits(delay=0, timeout=1, attempts=1), private=["127.0.0.1"])


def test_a_download_is_kept_with_where_and_when_it_came_from(
    web: FakeWeb, fetcher: Fetcher, tmp_path: Path
) -> None:
    url = f"{web.address}/tides"
    assert Downloads(tmp_path / "web").fetch(url, fetcher)
    (download,) = Downloads(tmp_path / "web")
    assert (download.url, download.etag) == (url, '"1"')
    assert download.sha256 == hashlib.sha256(TIDE).hexdigest()
    assert download.fetched.endswith("Z")
    assert (tmp_path / "web" / download.file).read_bytes() == TIDE
    (document,), problems = read_all(tmp_path / "web")
    assert problems == []
    assert (document.source, document.provenance.url) == (url, url)


def test_only_what_has_changed_is_downloaded_again(
    web: FakeWeb, fetcher: Fetcher, tmp_path: Path
) -> None:
    url = f"{web.address}/tides"
    downloads = Downloads(tmp_path)

    def page(headers: dict[str, str]) -> Page:
        return (
            Page(status=304) if headers.get("if-none-match") == '"1"' else Page(TIDE, headers=PLAIN)
        )

    web.pages["/tides"] = page
    assert downloads.fetch(url, fetcher)
    assert not downloads.fetch(url, fetcher)
    (download,) = downloads
    (tmp_path / download.file).write_bytes(b"damaged")
    assert downloads.fetch(url, fetcher)
    assert (tmp_path / download.file).read_bytes() == TIDE
    web.pages["/tides"] = Page(TIDE + b"More.", headers={**PLAIN, "ETag": '"2"'})
    assert downloads.fetch(url, fetcher)
    assert len(list(downloads)) == 1


def test_a_download_that_fails_leaves_the_old_one(
    web: FakeWeb, fetcher: Fetcher, tmp_path: Path
) -> None:
    url = f"{web.address}/tides"
    downloads = Downloads(tmp_path)
    downloads.fetch(url, fetcher)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    web.pages["/tides"] = Page(status=500)
    with pytest.raises(UnreadableSource):
        downloads.fetch(url, fetcher)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_download_is_removed_with_its_file(
    web: FakeWeb, fetcher: Fetcher, tmp_path: Path
) -> None:
    url = f"{web.address}/tides"
    downloads = Downloads(tmp_path)
    downloads.fetch(url, fetcher)
    assert downloads.find(url) == url
    assert downloads.find(f"{url}/#top") == url
    downloads.remove(url)
    assert Downloads(tmp_path).find(url) is None
    assert [path.name for path in tmp_path.iterdir()] == ["downloads.json"]


def test_addresses_that_differ_little_have_files_of_their_own(
    web: FakeWeb, fetcher: Fetcher, tmp_path: Path
) -> None:
    for path in ("/tides?y=1", "/tides?y=2", "/tides.txt", "/日本/潮"):
        web.pages[path] = Page(TIDE + path.encode(), headers=PLAIN)
    web.pages["/%E6%97%A5%E6%9C%AC/%E6%BD%AE"] = web.pages["/日本/潮"]
    downloads = Downloads(tmp_path)
    for path in ("/tides?y=1", "/tides?y=2", "/tides.txt", "/%E6%97%A5%E6%9C%AC/%E6%BD%AE"):
        downloads.fetch(web.address + path, fetcher)
    documents, problems = read_all(tmp_path)
    assert problems == []
    assert len({document.doc_id for document in documents}) == 4


def test_a_kind_of_file_that_is_not_read_is_refused(
    web: FakeWeb, fetcher: Fetcher, tmp_path: Path
) -> None:
    web.pages["/film"] = Page(b"...", headers={"Content-Type": "video/mp4"})
    with pytest.raises(UnreadableSource, match="video/mp4"):
        Downloads(tmp_path).fetch(f"{web.address}/film", fetcher)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", ["{", "[1]", '[{"url": "a"}]'])
def test_a_damaged_list_of_downloads_is_said(words: str, tmp_path: Path) -> None:
    (tmp_path / "downloads.json").write_text(words)
    with pytest.raises(UnreadableSource, match="damaged"):
        Downloads(tmp_path)


def test_the_list_of_downloads_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "downloads.json").write_text(json.dumps([]))
    (tmp_path / "a.txt").write_bytes(TIDE)
    documents, problems = read_all(tmp_path)
    assert [document.doc_id for document in documents] == ["a"]
    assert problems == []


@pytest.mark.parametrize(
    ("url", "kind", "suffix"),
    [
        ("https://a.test/tides", "text/plain; charset=utf-8", ".txt"),
        ("https://a.test/tides.md", "text/plain", ".md"),
        ("https://a.test/tides.md?raw=1", "", ".md"),
        ("https://a.test/tides.txt", "text/markdown", ".md"),
        ("https://a.test/tides.txt", "application/octet-stream", ".txt"),
    ],
)
def test_the_kind_that_a_server_gives_goes_before_the_name(
    url: str, kind: str, suffix: str
) -> None:
    assert choose_suffix(url, kind) == suffix


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://a.test/tides.txt", "video/mp4"),
        ("https://a.test/tides", ""),
        ("https://a.test/tides.exe", "application/octet-stream"),
    ],
)
def test_what_is_not_read_has_no_suffix(url: str, kind: str) -> None:
    with pytest.raises(UnreadableSource, match="does not read"):
        choose_suffix(url, kind)
