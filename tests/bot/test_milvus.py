"""The command line with the index on Milvus: on the host that builds, and on one that has only
the address.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.archives import Run
from tests.support.milvus import Server, needs_milvus

QUESTION = "How many lamps did the survey count?"
TOKEN = "keeper:Wicks-and-0il"  # noqa: S105 - of no server


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("papers")
    (folder / "survey.txt").write_text(
        "Survey of the Lamps\n\nThe survey counted 1,456 lamps in the harbour of Hakodate. "
        "Its clerk wrote them down twice.\n"
    )
    (folder / "oil.txt").write_text("The whale oil came from Yokohama each autumn.\n")
    return folder


@pytest.fixture(scope="module")
def built(
    memcon: Run, milvus: Server, papers: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Build an archive and publish it, by the command line; return its folder."""
    root = tmp_path_factory.mktemp("keeper") / "archive"
    done = memcon(
        *("index", "build", str(papers), "--engine", "milvus", "--uri", milvus.uri),
        *("--name", "lamps"),
        archive=root,
        env={"MEMCON_MILVUS_TOKEN": TOKEN},
    )
    assert done.returncode == 0, done.stderr
    assert f"lamps on {milvus.uri}" in done.stderr
    assert "index 000001 published" in done.stderr
    return root


@pytest.fixture
def far(memcon: Run, milvus: Server, built: Path, tmp_path: Path) -> Run:
    """Return the command line of a host that has nothing but the address, in its settings."""
    written = tmp_path / "settings.toml"
    written.write_text(f'[archive]\nengine = "milvus"\nuri = "{milvus.uri}"\nname = "lamps"\n')

    def run(*words: str, **options: Any) -> Any:
        return memcon(
            *words, archive=tmp_path / "far", env={"MEMCON_SETTINGS": str(written)}, **options
        )

    return run


@needs_milvus
def test_the_archive_remembers_where_its_index_is_and_no_token(memcon: Run, built: Path) -> None:
    done = memcon("ask", QUESTION, "--json", archive=built)
    assert json.loads(done.stdout)["quotes"][0]["text"].startswith("The survey counted 1,456")
    held = b"".join(path.read_bytes() for path in built.rglob("*") if path.is_file())
    assert b"Wicks" not in held


@needs_milvus
def test_a_host_with_the_address_alone_does_everything(far: Run, papers: Path) -> None:
    asked = far("ask", QUESTION, "--json")
    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    assert answer["verdict"] == "answered"
    quote = answer["quotes"][0]
    found = far("search", '"whale oil"', "--json")
    assert [hit["doc_id"] for hit in json.loads(found.stdout)["hits"]] == ["oil"]
    shown = far("show", quote["doc_id"], "--json")
    text = json.loads(shown.stdout)["text"]
    assert text[quote["start"] : quote["end"]] == quote["text"]
    assert "Survey of the Lamps" in far("cite", quote["doc_id"]).stdout
    assert far("verify", "Its clerk wrote them down twice.").returncode == 0
    assert far("verify", "Its clerk wrote them down thrice and left.").returncode == 1
    listed = json.loads(far("corpus", "list", "--json").stdout)
    assert {each["doc_id"] for each in listed["documents"]} == {"survey", "oil"}
    assert [each["source"] for each in listed["sources"]] == [str(papers)]
    replayed = far("replay", answer["receipt"], "--json")
    assert replayed.returncode == 0, replayed.stdout
    talked = far("chat", input=f"{QUESTION}\n")
    assert "1,456 lamps" in talked.stdout


@needs_milvus
def test_a_receipt_of_the_other_host_is_the_same(memcon: Run, far: Run, built: Path) -> None:
    here = json.loads(memcon("ask", QUESTION, "--json", archive=built).stdout)
    there = json.loads(far("ask", QUESTION, "--json").stdout)
    for told in (here, there):
        del told["timing_ms"]
    assert here == there


@needs_milvus
def test_status_and_doctor_tell_where_the_index_is(
    memcon: Run, far: Run, milvus: Server, built: Path
) -> None:
    known = json.loads(far("index", "status", "--json").stdout)
    assert (known["engine"], known["uri"], known["documents"]) == ("milvus", milvus.uri, 2)
    assert f"lamps on {milvus.uri}" in memcon("index", "status", archive=built).stdout
    looked = far("doctor")
    assert looked.returncode == 0, looked.stdout
    assert "milvus_lite" in looked.stdout
    assert "nothing is missing; in use" in looked.stdout


@needs_milvus
def test_a_change_is_published_and_rolled_back(
    memcon: Run, milvus: Server, papers: Path, tmp_path: Path
) -> None:
    root, folder = tmp_path / "archive", tmp_path / "papers"
    folder.mkdir()
    for path in papers.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    where = ("--engine", "milvus", "--uri", milvus.uri, "--name", "changing")
    assert memcon("index", "build", str(folder), *where, archive=root).returncode == 0
    again = memcon("index", "build", archive=root)
    assert "is up to date" in again.stderr
    assert "index 000001 is in use already: changing" in again.stderr
    (folder / "ferry.txt").write_text("The ferry of Brixwold sank in 1902.\n")
    status = json.loads(memcon("index", "status", "--json", archive=root).stdout)
    assert status["changed"]["added"] == 1
    added = memcon("corpus", "add", str(folder / "ferry.txt"), archive=root)
    assert "(1 new)" in added.stderr, added.stderr
    assert "index 000002 published" in added.stderr
    ferry = ("search", '"the ferry"')
    assert memcon(*ferry, archive=root).returncode == 0
    back = memcon("index", "rollback", archive=root)
    assert "index 000001" in back.stdout
    assert memcon(*ferry, archive=root).returncode == 1
    # Back to this machine's files, which have the newest.
    local = memcon("index", "build", "--engine", "local", archive=root)
    assert local.returncode == 0, local.stderr
    assert memcon(*ferry, archive=root).returncode == 0
    assert json.loads(memcon("index", "status", "--json", archive=root).stdout)["engine"] == "local"


@needs_milvus
def test_a_host_without_the_sources_does_not_replace_the_archive(far: Run, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("Something else.\n")
    for words in (("index", "build"), ("corpus", "add", str(tmp_path / "new.txt"))):
        done = far(*words)
        assert done.returncode == 2, done.stderr
        assert "was built on another host" in done.stderr
    assert far("ask", QUESTION).returncode == 0


@needs_milvus
def test_what_is_wrong_is_said_in_a_line_with_what_mends_it(
    memcon: Run, milvus: Server, tmp_path: Path
) -> None:
    nobody = "http://127.0.0.1:1"
    quick = tmp_path / "settings.toml"
    quick.write_text(f'[milvus]\ntimeout = 1\ntoken = "{TOKEN}"\n')
    env = {"MEMCON_SETTINGS": str(quick)}
    for words, uri, said in (
        (("ask", "Why?"), nobody, f"Milvus at {nobody} does not answer. Try: memcon doctor"),
        (("index", "build"), nobody, "does not answer"),
        (("ask", "Why?"), milvus.uri, "Try: memcon index build --engine milvus --uri"),
        (("index", "rollback"), milvus.uri, "There is no archive memcon on"),
    ):
        done = memcon(*words, "--uri", uri, archive=tmp_path / "archive", env=env)
        assert done.returncode == 3, done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert "Wicks" not in done.stderr + done.stdout
    hidden = memcon("ask", "Why?", "--uri", f"http://{TOKEN}@127.0.0.1:1", archive=tmp_path)
    assert hidden.returncode == 2
    assert "Wicks" not in hidden.stderr + hidden.stdout
    # Nothing was built before it was known that nobody is there to take it.
    assert not (tmp_path / "archive" / "generations").exists()
    looked = memcon("doctor", "--uri", nobody, archive=tmp_path / "archive", env=env)
    assert looked.returncode == 3
    assert "!!  milvus: Milvus at" in looked.stdout
