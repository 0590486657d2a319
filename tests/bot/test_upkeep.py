"""Keeping an archive: what doctor and status say of it, and what mends it, by the command line."""

import json
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from bot.services.doctor import Finding, examine
from index.location import Location
from index.retrieval.local_engine import check_generation
from tests.support.archives import Run

QUESTION = "When was the bridge opened?"


@pytest.fixture(scope="module")
def made(memcon: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an archive twice, its papers beside it; tests must leave both as they are."""
    top = tmp_path_factory.mktemp("upkeep")
    papers = top / "papers"
    papers.mkdir()
    (papers / "bridge.txt").write_text("The bridge of Brixwold was opened in 1901.\n")
    (papers / "ferry.txt").write_text("The ferry of Brixwold sank in 1899.\n")
    for words in ("The mill burned.\n", "The mill of Brixwold burned in 1905.\n"):
        (papers / "mill.txt").write_text(words)
        done = memcon("index", "build", str(papers), archive=top / "archive")
        assert done.returncode == 0, done.stderr
    return top


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    """Copy the archive, to do damage to; its papers stay where they were."""
    shutil.copytree(made / "archive", tmp_path / "archive")
    return tmp_path / "archive"


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 8
    path.write_bytes(data)


def findings(root: Path) -> dict[str, Finding]:
    return {
        each.name: each
        for each in examine(Location(root, root / "cache"))
        if not each.name.startswith("discord")
    }


def test_doctor_finds_nothing_wrong_with_what_is_sound(memcon: Run, archive: Path) -> None:
    done = memcon("doctor", archive=archive)
    assert done.returncode == 0, done.stdout
    told = [line for line in done.stdout.splitlines() if "discord" not in line]
    assert all(line.startswith("ok ") for line in told)
    for words in (
        "installation: memcon ",
        "archive: ",
        "encoder: memcon-minilm-1",
        "texts: every stored text",
        "sources: the same as",
        "index 000001: every file is intact; kept for memcon index rollback",
        "index 000002: every file is intact; in use",
        "disk: ",
    ):
        assert f"ok  {words}" in done.stdout, words


@pytest.mark.parametrize(
    ("name", "found", "mend"),
    [
        ("weights.bin", "index 000002: weights.bin of the index", ["index", "build", "--force"]),
        ("vectors.bin", "index 000002: vectors.bin of the index", ["index", "build", "--force"]),
        ("documents.sqlite", "archive: documents.sqlite", ["index", "build", "--force"]),
        ("manifest.json", "archive: The manifest of the index", ["index", "build", "--force"]),
        ("model.onnx", "encoder: The encoder in", ["index", "build", "--force"]),
        ("CURRENT", "archive: The file CURRENT", ["index", "rollback"]),
    ],
)
def test_doctor_finds_the_damage_and_the_command_that_mends_it(
    name: str, found: str, mend: list[str], memcon: Run, archive: Path
) -> None:
    places = {"model.onnx": "models/*/model.onnx", "CURRENT": "CURRENT"}
    path = next(archive.glob(places.get(name, f"*/000002/{name}")))
    damage(path)
    done = memcon("doctor", archive=archive)
    assert done.returncode == 3
    assert f"!!  {found}" in done.stdout
    assert f"try: memcon {' '.join(mend)}" in done.stdout
    assert "Traceback" not in done.stderr
    asked = memcon("ask", QUESTION, archive=archive)
    if asked.returncode == 3:
        assert "memcon doctor" in asked.stderr
        assert "Try: memcon index build" in asked.stderr
    else:
        # Nothing that the answer needed was hit.
        assert "1901" in asked.stdout
    mended = memcon(*mend, archive=archive)
    assert mended.returncode == 0, mended.stderr
    again = memcon("ask", QUESTION, archive=archive)
    assert (again.returncode, "1901" in again.stdout) == (0, True)
    whole = memcon("doctor", archive=archive).stdout
    assert "!!  archive" not in whole
    assert "!!  encoder" not in whole


def test_doctor_finds_damage_in_what_rollback_would_use(memcon: Run, archive: Path) -> None:
    damage(archive / "segments" / "000001" / "lengths.bin")
    done = memcon("doctor", archive=archive)
    assert done.returncode == 3
    assert "!!  index 000001: lengths.bin" in done.stdout
    assert "ok  index 000002" in done.stdout
    assert memcon("index", "rollback", archive=archive).returncode == 3
    assert memcon("ask", QUESTION, archive=archive).returncode == 0


def test_what_has_changed_is_told_by_doctor_status_and_answers(
    memcon: Run, archive: Path, made: Path, tmp_path: Path
) -> None:
    papers = tmp_path / "papers"
    shutil.copytree(made / "papers", papers)
    assert memcon("index", "build", str(papers), archive=archive).returncode == 0
    assert "nothing since" in memcon("index", "status", archive=archive).stdout
    (papers / "bridge.txt").write_text("The bridge of Brixwold was opened in 1902.\n")
    (papers / "ferry.txt").unlink()
    (papers / "new.txt").write_text("The tower fell.\n")
    told = "1 added, 1 altered, 1 removed"
    done = memcon("doctor", archive=archive)
    assert done.returncode == 3
    assert f"!!  sources: changed since the build: {told}" in done.stdout
    assert "try: memcon index build\n" in done.stdout
    status = memcon("index", "status", archive=archive).stdout
    assert f"changed     {told} since (memcon index build takes them in)" in status
    for how, name in (("added", "new"), ("altered", "bridge"), ("removed", "ferry")):
        assert f"{how} {papers / name}.txt" in status
    known = json.loads(memcon("index", "status", "--json", archive=archive).stdout)
    assert known["changed"] == {"added": 1, "altered": 1, "removed": 1}
    assert {(item["change"], Path(item["file"]).name) for item in known["changed_files"]} == {
        ("added", "new.txt"),
        ("altered", "bridge.txt"),
        ("removed", "ferry.txt"),
    }
    assert told in memcon("ask", QUESTION, archive=archive).stdout
    answer = json.loads(memcon("ask", QUESTION, "--json", archive=archive).stdout)
    assert answer["searched"]["changed"] == {"added": 1, "altered": 1, "removed": 1}
    assert memcon("index", "build", archive=archive).returncode == 0
    assert "1902" in memcon("ask", QUESTION, archive=archive).stdout
    assert "nothing since" in memcon("index", "status", archive=archive).stdout


def test_status_shows_every_generation_with_counts_and_sizes(memcon: Run, archive: Path) -> None:
    known = json.loads(memcon("index", "status", "--json", archive=archive).stdout)
    assert known["generations"] == ["000001", "000002"]
    assert [item["in_use"] for item in known["kept"]] == [False, True]
    for item in known["kept"]:
        files = archive.glob(f"*/{item['generation']}/*")
        sizes = [path.stat().st_size for path in files if path.name != "manifest.json"]
        assert item["size"] == sum(sizes)
        assert (item["documents"], item["passages"], item["damaged"]) == (3, 3, False)
        assert item["encoder"].startswith("memcon-minilm-1/")
    assert known["unfinished"] == 0
    (archive / "encoding").mkdir()
    (archive / "encoding" / "x.bin").write_bytes(bytes(2**20))
    damage(archive / "generations" / "000001" / "manifest.json")
    shown = memcon("index", "status", archive=archive).stdout
    assert "others kept 000001, damaged (memcon doctor)" in shown
    assert "unfinished  a build was cut off; 1.0 MB of vectors" in shown


def test_rollback_names_what_is_in_use_then(memcon: Run, archive: Path) -> None:
    done = memcon("index", "rollback", archive=archive)
    assert done.stdout.startswith("index 000001 of ")
    assert "1905" not in memcon("ask", "When did the mill burn?", archive=archive).stdout
    assert "no older index" in memcon("index", "rollback", archive=archive).stderr
    assert memcon("index", "rollback", "000002", archive=archive).returncode == 0
    assert "1905" in memcon("ask", "When did the mill burn?", archive=archive).stdout
    unknown = memcon("index", "rollback", "000009", archive=archive)
    assert unknown.returncode == 2
    assert "kept are 000001, 000002" in unknown.stderr


def test_who_builds_is_named(memcon: Run, archive: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from index.building.lock import writing\n"
        "with writing(Path(sys.argv[1])):\n"
        "    print('held', flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(archive)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            busy = memcon("index", "build", archive=archive)
            assert busy.returncode == 3
            assert f"is being built by process {holder.pid} on " in busy.stderr
            assert "wait until it is done" in busy.stderr
            asked = memcon("doctor", archive=archive)
            assert f"a new index is being built by process {holder.pid}" in asked.stdout
            assert asked.returncode == 0
        finally:
            holder.kill()
    died = memcon("doctor", archive=archive)
    assert "ok  build: the last one was cut off and harmed nothing" in died.stdout
    assert died.returncode == 0
    assert memcon("index", "build", archive=archive).returncode == 0
    assert not (archive / "builder.json").exists()
    assert "build:" not in memcon("doctor", archive=archive).stdout


def test_sources_that_are_lost_come_from_the_index(memcon: Run, archive: Path) -> None:
    (archive / "sources.json").unlink()
    done = memcon("index", "build", archive=archive)
    assert "is up to date" in done.stderr
    (archive / "sources.json").write_text("{}")
    shutil.rmtree(archive / "generations")
    lost = memcon("index", "build", archive=archive)
    assert lost.returncode == 3
    assert "name the folders again" in lost.stderr
    assert "Try: memcon index build PATH --force" in lost.stderr


def test_the_mend_for_lost_sources_mends(memcon: Run, archive: Path, made: Path) -> None:
    (archive / "sources.json").write_text("{}")
    (archive / "CURRENT").write_text("lost")
    done = memcon("index", "build", str(made / "papers"), "--force", archive=archive)
    assert done.returncode == 0, done.stderr
    assert "1901" in memcon("ask", QUESTION, archive=archive).stdout


def test_a_package_that_is_missing_or_too_old_is_found(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ["numpy>=999", "no-such-package>=1", "rich", "pytest>=999; extra == 'dev'"]
    monkeypatch.setattr(metadata, "requires", lambda _: wanted)
    found = [
        each
        for each in examine(Location(archive, archive / "cache"))
        if each.name == "installation"
    ]
    assert [(each.well, each.mend) for each in found] == [
        (False, 'pip install "numpy>=999"'),
        (False, 'pip install "no-such-package>=1"'),
    ]
    assert "it is not installed" in found[1].words


def test_a_disk_that_is_nearly_full_is_found(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert findings(archive)["disk"].well
    usage = shutil.disk_usage(archive)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10_000_000))
    disk = findings(archive)["disk"]
    assert not disk.well
    assert "too little to build the next one" in disk.words
    assert disk.mend is not None
    monkeypatch.undo()
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "may not be written" in findings(archive)["disk"].words


def test_an_index_that_goes_while_doctor_looks_is_no_damage(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(root: Path, folder: Path) -> None:
        if folder.name == "000001":
            shutil.rmtree(folder)
        check_generation(root, folder)

    monkeypatch.setattr("index.location.check_generation", late)
    assert "index 000001" not in findings(archive)
    assert findings(archive)["index 000002"].well


def test_doctor_leaves_no_trace(memcon: Run, archive: Path) -> None:
    def everything() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in archive.rglob("*")}

    before = everything()
    assert memcon("doctor", archive=archive).returncode == 0
    assert memcon("index", "status", archive=archive).returncode == 0
    assert everything() == before
