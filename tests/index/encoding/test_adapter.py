"""The adapter that ships, and what is done with one."""

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from corpus.errors import ModelUnavailable
from index.encoding.adapter import PATH, SHA256, merge_adapter, read_adapter
from tests.tools.train.adapter import write_adapter

NAME = "encoder.layer.0.output.dense"


def make_changes(seed: int = 0) -> dict[str, tuple[Any, Any]]:
    chance = np.random.default_rng(seed)
    inner = chance.normal(size=(2, 6)).astype(np.float32)
    outer = chance.normal(size=(4, 2)).astype(np.float32)
    return {NAME: (inner, outer)}


def test_the_adapter_that_ships_is_whole_and_small() -> None:
    data = PATH.read_bytes()
    assert hashlib.sha256(data).hexdigest() == SHA256
    assert len(data) < 2_000_000
    changes = read_adapter(PATH)
    assert len(changes) == 6 * 6
    for inner, outer in changes.values():
        assert inner.shape[0] == outer.shape[1]
        assert np.isfinite(outer @ inner).all()
        assert np.abs(outer @ inner).max() > 0


def test_an_adapter_comes_back_to_the_eighth_bit(tmp_path: Path) -> None:
    changes = make_changes()
    write_adapter(tmp_path / "a.npz", changes)
    (inner, outer), (read_inner, read_outer) = changes[NAME], read_adapter(tmp_path / "a.npz")[NAME]
    for given, found in ((inner, read_inner), (outer, read_outer)):
        peaks = np.abs(given).max(axis=1, keepdims=True)
        assert (np.abs(given - found) <= peaks / 127 / 2 + 1e-6).all()


def test_rows_of_nothing_stay_nothing(tmp_path: Path) -> None:
    nothing = np.zeros((2, 6), np.float32), np.zeros((4, 2), np.float32)
    write_adapter(tmp_path / "a.npz", {NAME: nothing})
    inner, outer = read_adapter(tmp_path / "a.npz")[NAME]
    assert not inner.any()
    assert not outer.any()


def test_a_change_is_added_to_the_weights(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    path = tmp_path / "a.npz"
    write_adapter(path, make_changes())
    weight = torch.ones(4, 6)
    modules = {NAME: SimpleNamespace(weight=weight)}
    transformer = SimpleNamespace(get_submodule=modules.__getitem__)
    merge_adapter(transformer, path, hashlib.sha256(path.read_bytes()).hexdigest())
    inner, outer = read_adapter(path)[NAME]
    assert weight.numpy() == pytest.approx(1 + outer @ inner, abs=1e-6)


@pytest.mark.parametrize("damage", ["missing", "other bytes"])
def test_another_adapter_than_the_one_that_ships_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.npz"
    if damage == "other bytes":
        write_adapter(path, make_changes())
    with pytest.raises(ModelUnavailable, match=r"a\.npz") as refused:
        merge_adapter(SimpleNamespace(), path, SHA256)
    assert "pip install" in str(refused.value)
