import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.support.archives import Run
from tests.support.fake_web import FakeWeb, Page, serve

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
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text('[downloads]\nprivate_hosts = ["127.0.0.1"]\ndelay = 0\n')
    return path


@pytest.fixture
def corpus(memcon: Run, archive: Path, settings: Path) -> Corpus:
    def run(*words: str) -> Any:
        env = {"MEMCON_SETTINGS": str(settings)}
        return memcon("corpus", *words, archive=archive, env=env)

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

    (download,) = known["downloads"]
    assert (download["url"], download["sha256"]) == (url, sha256(TIDE.encode()).hexdigest())
    shown = corpus("list").stdout
    assert f"from {url}, of {download['fetched']}, SHA-256 {download['sha256']}" in shown

    removed = corpus("remove", f"{url}#top")
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


def test_a_new_archive_that_is_named_has_what_is_added_to_it_alone(
    corpus: Corpus, papers: Path
) -> None:
    assert corpus("add", str(papers)).returncode == 0
    names = [row["doc_id"] for row in listed(corpus)["documents"]]
    assert "lamp" in names
    assert not any(name.startswith("us-japan-1993-94/") for name in names)


RECORD = """\
Sent: Brixwold, November 4, 1871
Received: MOFA, November 5, 1871
To: The Foreign Minister
From: Consul Arden
Talks on the harbour
No. 0412 Secret

(Harbour Master) The widow Sasaki keeps the tide tables in the chapel of the old fort.
(Consul) The chapel will be mended before the winter storms.
"""
ABSTRACT = """\
---
kind: abstract
title: Abstract of cable no. 0412, the harbour
creators: [memcon]
about:
  kind: cable
  number: "0412"
  title: Talks on the harbour
  document_date: 1871-11-04
  url: {}
---
# Abstract of cable no. 0412

Cable no. 0412 tells that the widow Sasaki keeps the tide tables in the chapel of the old fort.
"""


@pytest.mark.parametrize("written", ["{}/records/0412", "{}/records/0412/?utm_source=list#top"])
def test_fetched_records_go_before_the_abstracts_that_name_them(
    written: str, corpus: Corpus, memcon: Run, archive: Path, papers: Path, web: FakeWeb
) -> None:
    url = written.format(web.address)
    (papers / "abstract.md").write_text(ABSTRACT.format(url))
    page = Page(RECORD.encode(), headers={"Content-Type": "text/plain", "ETag": '"1"'})
    # The publisher sends on to the address that he prefers.
    for path in ("/records/0412", "/records/0412/?utm_source=list"):
        web.pages[path] = Page(status=301, headers={"Location": "/records/harbour-talks"})
    web.pages["/records/harbour-talks"] = page
    assert memcon("index", "build", str(papers), archive=archive).returncode == 0

    def ask() -> dict[str, Any]:
        question = "Where does the widow Sasaki keep the tide tables?"
        answer: dict[str, Any] = json.loads(
            memcon("ask", question, "--json", archive=archive).stdout
        )
        return answer

    assert ask()["quotes"][0]["doc_id"] == "abstract"
    fetched = corpus("fetch")
    assert fetched.returncode == 0, fetched.stderr
    assert "1 of 1" in fetched.stderr
    first = ask()["quotes"][0]
    assert first["doc_id"] != "abstract"
    assert first["text"].startswith("The widow Sasaki")
    assert first["citation"]["note"].startswith("Cable no. 0412, Consul Arden to the Foreign")
    related = json.loads(memcon("show", "abstract", "--json", archive=archive).stdout)["related"]
    assert [(each["doc_id"], each["relation"]) for each in related] == [
        (first["doc_id"], "the record itself")
    ]

    # The abstract stays; and what has not changed is not downloaded again.
    assert {row["doc_id"] for row in listed(corpus)["documents"]} >= {"abstract", "lamp"}
    web.pages["/records/harbour-talks"] = lambda headers: (
        Page(status=304) if headers.get("if-none-match") == '"1"' else page
    )
    again = corpus("fetch")
    assert again.returncode == 0
    assert "has not changed" in again.stderr
    assert "is up to date" in again.stderr


def test_an_interrupted_fetch_goes_on(
    corpus: Corpus, memcon: Run, archive: Path, papers: Path, web: FakeWeb
) -> None:
    for name in ("a", "b"):
        (papers / f"{name}.md").write_text(ABSTRACT.format(f"{web.address}/{name}"))
    web.pages["/a"] = Page(RECORD.encode(), headers={"Content-Type": "text/plain"})
    web.pages["/b"] = Page(RECORD.encode(), headers={"Content-Type": "text/plain"}, cut=True)
    assert memcon("index", "build", str(papers), archive=archive).returncode == 0
    broken = corpus("fetch")
    assert broken.returncode == 1
    assert "the connection broke off" in broken.stderr
    assert "1 of 2 could not be downloaded; memcon corpus fetch goes on" in broken.stderr
    assert [row["url"] for row in listed(corpus)["downloads"]] == [f"{web.address}/a"]
    web.pages["/b"] = Page(RECORD.encode() + b"More.\n", headers={"Content-Type": "text/plain"})
    assert corpus("fetch").returncode == 0
    assert len(listed(corpus)["downloads"]) == 2


def test_a_volume_is_fetched_by_its_name(
    corpus: Corpus, settings: Path, web: FakeWeb, memcon: Run, archive: Path, papers: Path
) -> None:
    memcon("index", "build", str(papers), archive=archive)
    with settings.open("a") as file:
        file.write(f'frus = "{web.address}/volumes/{{}}.md"\n')
    web.pages["/volumes/frus1871v01.md"] = Page(TIDE.encode(), headers={"Content-Type": ""})
    assert corpus("fetch", "frus1871v01").returncode == 0
    assert web.paths() == ["/volumes/frus1871v01.md"]
    assert corpus("fetch", "../secret").returncode == 2
    assert len(web.paths()) == 1


def test_a_private_address_is_refused_unless_the_settings_allow_it(
    corpus: Corpus, settings: Path, memcon: Run, archive: Path, web: FakeWeb
) -> None:
    url = f"{web.address}/tides.txt"
    settings.write_text("")
    refused = corpus("add", url)
    assert refused.returncode == 2
    assert "not on the public internet" in refused.stderr
    assert web.asked == []
    allowed = memcon(
        "corpus", "add", url, archive=archive, env={"MEMCON_PRIVATE_HOSTS": "127.0.0.0/8"}
    )
    assert allowed.returncode == 0, allowed.stderr
