import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.corpus.fakeweb import FakeWeb, Page, serve

TIDE = "The tide tables of the harbour were printed every spring by the widow Sasaki.\n"
LAMP = "The lamp of the lighthouse burned whale oil until the year 1872.\n"

Corpus = Callable[..., Any]


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with serve() as web:
        web.pages["/tides.txt"] = Page(TIDE.encode(), headers={"Content-Type": "text/plain"})
        yield web


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "lamp.txt").write_text(LAMP)
    return folder


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def corpus(memcon: Run, archive: Path) -> Corpus:
    def run(*words: str) -> Any:
        return memcon("corpus", *words, archive=archive)

    return run


def listed(corpus: Corpus) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(corpus("list", "--json").stdout)
    return known


def test_addresses_and_folders_are_added_listed_and_removed(
    corpus: Corpus, memcon: Run, archive: Path, papers: Path, web: FakeWeb
) -> None:
    url = f"{web.address}/tides.txt"
    assert memcon("index", "build", str(papers), archive=archive).returncode == 0
    added = corpus("add", url)
    assert added.returncode == 0, added.stderr
    known = listed(corpus)
    assert {row["source"] for row in known["documents"]} == {url, str(papers / "lamp.txt")}
    assert [row["source"] for row in known["sources"]] == [
        str(papers),
        str(archive / "downloads"),
    ]
    assert all(row["added"].endswith("Z") for row in known["sources"])
    answer = json.loads(
        memcon("ask", "Who printed the tide tables?", "--json", archive=archive).stdout
    )
    assert answer["quotes"][0]["citation"]["url"] == url

    removed = corpus("remove", url)
    assert removed.returncode == 0, removed.stderr
    assert [row["source"] for row in listed(corpus)["documents"]] == [str(papers / "lamp.txt")]
    assert list((archive / "downloads").glob("*.txt")) == []


def test_an_archive_keeps_at_least_one_source(
    corpus: Corpus, memcon: Run, archive: Path, papers: Path
) -> None:
    memcon("index", "build", str(papers), archive=archive)
    last = corpus("remove", str(papers))
    assert last.returncode == 2
    assert "without any source" in last.stderr
    unknown = corpus("remove", "nothing-of-the-sort")
    assert unknown.returncode == 2
    assert "memcon corpus list" in unknown.stderr
    assert (papers / "lamp.txt").read_text() == LAMP
    assert len(listed(corpus)["documents"]) == 1


def test_what_cannot_be_added_is_said_and_the_rest_is_added(
    corpus: Corpus, memcon: Run, archive: Path, papers: Path, web: FakeWeb
) -> None:
    memcon("index", "build", str(papers), archive=archive)
    missing = corpus("add", str(papers / "nowhere"))
    assert missing.returncode == 2
    assert "There is no file or folder" in missing.stderr
    gone = corpus("add", f"{web.address}/gone")
    assert gone.returncode == 2
    assert "the server answers 404" in gone.stderr
    both = corpus("add", f"{web.address}/gone", f"{web.address}/tides.txt")
    assert both.returncode == 1
    assert "the server answers 404" in both.stderr
    assert len(listed(corpus)["documents"]) == 2


def test_a_new_archive_that_something_is_added_to_has_the_bundled_collection_too(
    corpus: Corpus, papers: Path
) -> None:
    assert corpus("add", str(papers)).returncode == 0
    names = [row["doc_id"] for row in listed(corpus)["documents"]]
    assert "lamp" in names
    assert any(name.startswith("us-japan-1993-94/") for name in names)
