import os
from pathlib import Path

import pytest

from corpus.errors import UnreadableSource
from corpus.ingest.sources import SourceFile
from index.storage.inventory import gather
from tests.support.archives import Silence

LONG_AGO = 1_000_000_000


def write(path: Path, text: str, when: int = LONG_AGO) -> Path:
    path.write_text(text)
    os.utime(path, (when, when))
    return path


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the names of the files whose bytes are read."""
    names: list[str] = []
    whole = SourceFile.fetch

    def fetch(source: SourceFile) -> bytes:
        names.append(source.name)
        return whole(source)

    monkeypatch.setattr(SourceFile, "fetch", fetch)
    return names


def test_a_file_of_the_same_size_and_time_is_not_read_again(
    tmp_path: Path, fetched: list[str]
) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        write(tmp_path / name, f"Rice {name}")
    first = gather([tmp_path], Silence())
    known = {record.path: record for _, record in first.files}
    write(tmp_path / "b.txt", "Rice and wheat")
    fetched.clear()
    again = gather([tmp_path], Silence(), known)
    assert fetched == ["b.txt"]
    assert again.digest != first.digest
    assert again.digest == gather([tmp_path], Silence()).digest


def test_a_file_that_was_only_touched_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "Rice")
    first = gather([tmp_path], Silence())
    os.utime(path, (LONG_AGO + 9, LONG_AGO + 9))
    known = {record.path: record for _, record in first.files}
    assert gather([tmp_path], Silence(), known).digest == first.digest


def test_a_change_in_the_same_instant_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Rice.")
    time = path.stat().st_mtime_ns
    first = gather([tmp_path], Silence())
    path.write_text("Mice.")
    os.utime(path, ns=(time, time))
    known = {record.path: record for _, record in first.files}
    assert gather([tmp_path], Silence(), known).digest != first.digest


def test_a_strict_gathering_fails_for_the_first_file_that_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "Rice")
    write(tmp_path / "b.png", "x")
    assert not gather([tmp_path], Silence()).strict
    with pytest.raises(UnreadableSource, match=r"b.png: memcon does not read this kind of file"):
        gather([tmp_path], Silence(), strict=True)


def test_a_file_that_cannot_be_stored_under_its_name_still_has_a_record(tmp_path: Path) -> None:
    try:
        for name in (b"caf\xe9.txt", b"caf\xe8.txt"):
            Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text(f"Rice {name!r}")
    except OSError:
        pytest.skip("this file system takes no such names")
    records = [record for _, record in gather([tmp_path], Silence()).files]
    assert [record.name for record in records] == ["caf_.txt", "caf_.txt"]
    assert [Path(record.path).name for record in records] == ["caf%E8.txt", "caf%E9.txt"]


def test_a_folder_named_from_where_one_stands_is_known_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "papers").mkdir()
    write(tmp_path / "papers" / "a.txt", "Rice")
    monkeypatch.chdir(tmp_path)
    near = gather([Path("papers")], Silence())
    monkeypatch.chdir("/")
    assert near.sources == (str(tmp_path / "papers"),)
    assert [record.path for _, record in near.files] == [str(tmp_path / "papers" / "a.txt")]
    assert near.digest == gather([tmp_path / "papers"], Silence()).digest
