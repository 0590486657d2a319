import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import DamagedIndex, NoIndex, UsageError
from index.retrieval.archive import Archive
from index.storage.generation import (
    KEPT,
    LastBuild,
    Manifest,
    clear_leftovers,
    current,
    generations,
    new_folder,
    next_name,
    previous_name,
    publish,
    read_sources_file,
    switch,
)
from tests.support.archives import segment_of

MANIFEST = Manifest(
    generation="000007",
    built="2026-11-21T22:00:00Z",
    inventory="c0",
    reading="r0",
    analyzer="a/1",
    encoder="e/int8/00",
    encoder_name="e",
    model="e-1",
    agreement=0.99,
    dimension=384,
    files=2,
    documents=2,
    passages=3,
    sentences=5,
    terms=9,
    date_from="1993-01-01",
    date_to=None,
    sources=("/archive/ō",),
    skipped=1,
    size=99,
    checksums="00",
    ocr=None,
)


@pytest.fixture
def copy(records_root: Path, tmp_path: Path) -> Path:
    """Copy an archive, to do damage to."""
    root = tmp_path / "archive"
    shutil.copytree(records_root, root, ignore=shutil.ignore_patterns("models"))
    return root


def make(root: Path, name: str) -> None:
    built = new_folder(root, name)
    (built / "documents.sqlite").write_text(name)
    manifest = replace(MANIFEST, generation=name)
    manifest.write(built)
    publish(root, built, manifest)
    clear_leftovers(root)


def names(root: Path) -> list[str]:
    return [path.name for path in generations(root)]


def test_a_manifest_comes_back_as_it_was(tmp_path: Path) -> None:
    MANIFEST.write(tmp_path)
    assert Manifest.read(tmp_path) == MANIFEST


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"format": 4}', '{"format": 99}', '{"format": 4, "x": 1}'],
)
def test_a_broken_manifest_is_damage(text: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(DamagedIndex) as caught:
        Manifest.read(tmp_path)
    assert caught.value.mend == "memcon index build --force"


def test_a_manifest_that_was_altered_is_damage(tmp_path: Path) -> None:
    MANIFEST.write(tmp_path)
    path = tmp_path / "manifest.json"
    path.write_text(path.read_text().replace('"passages": 3', '"passages": 4'))
    with pytest.raises(DamagedIndex, match="damaged"):
        Manifest.read(tmp_path)


def test_a_manifest_that_is_not_utf8_is_damage(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(b"\xff\xfe")
    with pytest.raises(DamagedIndex):
        Manifest.read(tmp_path)


def test_an_index_without_what_records_are_found_by_is_only_to_be_built_again(
    tmp_path: Path,
) -> None:
    (tmp_path / "manifest.json").write_text('{"format": 3}')
    with pytest.raises(DamagedIndex, match="format 3") as caught:
        Manifest.read(tmp_path)
    assert caught.value.mend == "memcon index build"


def test_a_manifest_of_another_format_says_so(tmp_path: Path) -> None:
    MANIFEST.write(tmp_path)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(DamagedIndex, match="format 99"):
        Manifest.read(tmp_path)


def test_an_archive_without_generation_has_no_index(tmp_path: Path) -> None:
    with pytest.raises(NoIndex) as caught:
        current(tmp_path / "nowhere")
    assert caught.value.mend == "memcon index build FOLDER"


@pytest.mark.parametrize(
    "pointer", [b"", b"\xff\xfe", b"garbage", b"000099\n", b"../../etc", b"..", b"\x00", b"1" * 999]
)
def test_a_pointer_to_nothing_is_damage(pointer: bytes, copy: Path) -> None:
    (copy / "CURRENT").write_bytes(pointer)
    with pytest.raises(DamagedIndex):
        Archive(copy)


def test_a_pointer_that_is_a_folder_is_damage(copy: Path) -> None:
    (copy / "CURRENT").unlink()
    (copy / "CURRENT").mkdir()
    with pytest.raises(DamagedIndex):
        Archive(copy)


def test_a_missing_or_shortened_file_is_damage(copy: Path) -> None:
    paths = sorted([*current(copy).iterdir(), *segment_of(copy).iterdir()])
    assert {"documents.sqlite", "vectors.bin", "weights.bin"} <= {path.name for path in paths}
    for path in paths:
        whole = path.read_bytes()
        path.unlink()
        with pytest.raises(DamagedIndex):
            Archive(copy)
        if whole:
            path.write_bytes(whole[:-2])
            with pytest.raises(DamagedIndex):
                Archive(copy)
        path.write_bytes(whole)
    archive = Archive(copy)
    assert archive.manifest.documents == 3
    archive.close()


def test_a_file_too_many_is_damage(copy: Path) -> None:
    (current(copy) / "more.bin").write_bytes(b"x")
    with pytest.raises(DamagedIndex):
        Archive(copy)


@pytest.mark.parametrize(
    "name", ["documents.sqlite", "starts.bin", "terms.bin", "manifest.json", "segments.json"]
)
def test_a_file_of_the_right_size_that_is_no_index_is_damage(name: str, copy: Path) -> None:
    path = next(copy.glob(f"*/000001/{name}"))
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(DamagedIndex):
        Archive(copy)


def test_an_index_of_another_analyzer_is_refused(copy: Path) -> None:
    folder = current(copy)
    replace(Manifest.read(folder), analyzer="memcon-analyzer/old").write(folder)
    with pytest.raises(DamagedIndex, match="built by another memcon"):
        Archive(copy)


def test_publishing_names_counts_up_and_keeps_the_last(tmp_path: Path) -> None:
    (tmp_path / "generations").mkdir()
    made = []
    for _ in range(KEPT + 2):
        made.append(next_name(tmp_path))
        make(tmp_path, made[-1])
        folder = current(tmp_path)
        assert folder.name == made[-1]
        assert (folder / "documents.sqlite").read_text() == made[-1]
        assert Manifest.read(folder).generation == made[-1]
    assert made == [f"{number:06}" for number in range(1, KEPT + 3)]
    left = sorted(path.name for path in (tmp_path / "generations").iterdir())
    assert left == made[-KEPT:] == names(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "CURRENT",
        "generations",
        "sources.json",
    ]
    assert read_sources_file(tmp_path) == LastBuild(
        MANIFEST.sources, MANIFEST.encoder_name, {MANIFEST.sources[0]: MANIFEST.built}
    )


def test_the_current_one_may_be_switched_to_one_that_is_kept(tmp_path: Path) -> None:
    (tmp_path / "generations").mkdir()
    for name in ("000001", "000002", "000003"):
        make(tmp_path, name)
    assert previous_name(tmp_path) == "000002"
    switch(tmp_path, "000002")
    assert (current(tmp_path).name, previous_name(tmp_path)) == ("000002", "000001")
    assert next_name(tmp_path) == "000004"
    with pytest.raises(UsageError, match="no index 000009; kept are 000001, 000002, 000003"):
        switch(tmp_path, "000009")
    switch(tmp_path, "000001")
    with pytest.raises(UsageError, match="no older index"):
        previous_name(tmp_path)
