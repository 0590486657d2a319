from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import index.storage.checksummed
from corpus.errors import DamagedIndex
from index.storage.checksummed import CHECKSUMS, Sealed, seal

ROWS = np.dtype(np.int32)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.storage.checksummed, "_CHUNK", 64)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    np.arange(100, dtype=ROWS).tofile(tmp_path / "a.bin")
    (tmp_path / "empty.bin").write_bytes(b"")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.txt").write_text("rice")
    return tmp_path


def flip(path: Path, place: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1 << bit
    path.write_bytes(data)


def test_what_was_sealed_is_read(folder: Path) -> None:
    sealed = Sealed(folder, seal(folder))
    array = sealed.array("a.bin", ROWS)
    assert array[:].tolist() == list(range(100))
    assert array[30:35].tolist() == [30, 31, 32, 33, 34]
    assert array.take(np.array([99, 3, 3])).tolist() == [99, 3, 3]
    assert sealed.array("a.bin", ROWS, 10)[2:3].tolist() == [list(range(20, 30))]
    assert len(sealed.array("empty.bin", ROWS)) == 0
    assert sealed.read("below/b.txt") == b"rice"
    sealed.verify_all()


@given(place=st.integers(0, 399), bit=st.integers(0, 7), row=st.integers(0, 99))
def test_a_flipped_bit_is_noticed_before_it_is_used(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int, row: int
) -> None:
    folder = tmp_path_factory.mktemp("sealed")
    np.arange(100, dtype=ROWS).tofile(folder / "a.bin")
    sha256 = seal(folder)
    flip(folder / "a.bin", place, bit)
    sealed = Sealed(folder, sha256)
    with pytest.raises(DamagedIndex, match="memcon doctor"):
        sealed.verify("a.bin")
    with pytest.raises(DamagedIndex):
        sealed.array("a.bin", ROWS)[:]
    touched = row * 4 // 64 == place // 64
    for taken in (False, True):
        array = sealed.array("a.bin", ROWS)
        if touched:
            with pytest.raises(DamagedIndex):
                array.take(np.array([row])) if taken else array[row : row + 1]
        else:
            # What is not read is not checked: that is what makes opening quick.
            read = array.take(np.array([row])) if taken else array[row : row + 1]
            assert read.tolist() == [row]


@pytest.mark.parametrize("harm", ["shorter", "longer", "missing", "foreign", "sums", "other sums"])
def test_files_that_are_not_those_that_were_sealed_are_noticed(harm: str, folder: Path) -> None:
    sha256 = seal(folder)
    path = folder / "a.bin"
    match harm:
        case "shorter":
            path.write_bytes(path.read_bytes()[:-1])
        case "longer":
            path.write_bytes(path.read_bytes() + b"x")
        case "missing":
            path.unlink()
        case "foreign":
            (folder / "below" / "c.bin").write_bytes(b"x")
        case "sums":
            (folder / CHECKSUMS).write_text("{")
        case _:
            (folder / CHECKSUMS).write_text((folder / CHECKSUMS).read_text() + " ")
    with pytest.raises(DamagedIndex) as caught:
        Sealed(folder, sha256)
    assert caught.value.mend == "memcon index build --force"


def test_a_file_that_is_no_whole_number_of_rows_is_damage(folder: Path) -> None:
    (folder / "a.bin").write_bytes(b"123456")
    sealed = Sealed(folder, seal(folder))
    with pytest.raises(DamagedIndex):
        sealed.array("a.bin", ROWS)


def test_a_file_that_was_not_sealed_is_damage(folder: Path) -> None:
    sealed = Sealed(folder, seal(folder))
    with pytest.raises(DamagedIndex):
        sealed.read("nothing.bin")
