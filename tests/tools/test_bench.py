"""`make bench`: every subject at a tiny size, the same data on every run, systems that fail."""

import math
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.tools.bench import asking, building, data, dense, discord, lexical
from tests.tools.bench.__main__ import SUBJECTS, measure
from tests.tools.bench.contest import Measured, compete, failures, shared
from tests.tools.bench.table import Table, amount


def test_data_are_the_same_on_every_run_and_at_every_size() -> None:
    few, many = list(data.passages(20)), list(islice(data.passages(10_010), 20))
    assert few == many
    assert len(list(data.passages(10_010))) == 10_010
    assert data.queries() == data.queries()
    assert all(len(set(terms)) == data.QUERY_TERMS for terms in data.queries())
    first, second = (np.concatenate(list(data.vector_blocks(50))) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    assert np.linalg.norm(first, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_changed_document_differs_in_one_paragraph() -> None:
    name, before = next(data.documents(1))
    changed, after = data.changed_document(0, edition=1)
    assert name == changed
    pairs = zip(before.split("\n\n"), after.split("\n\n"), strict=True)
    assert sum(old != new for old, new in pairs) == 1


def test_systems_are_measured_beside_one_that_fails(tmp_path: Path) -> None:
    data.write_vectors(tmp_path / "vectors-300.bin", 300)
    systems: dict[str, Any] = {
        "memcon": partial(dense._memcon, coarse=False),
        "numpy": dense.numpy_product,
        "none": math.sqrt,  # no system: it takes one argument
    }
    measured = compete(systems, tmp_path, 300, 20)
    for name in ("memcon", "numpy"):
        assert len(measured[name].times) == 40
        assert all(len(found) == dense.K for found in measured[name].found.values())
    assert shared(measured["memcon"].found, measured["numpy"].found) > 0.9
    assert [words.split(":")[:2] for words in failures(measured)] == [["none", " TypeError"]]


def test_the_time_of_a_share_of_the_queries_is_the_last_of_them() -> None:
    measured = Measured(times=[5.0, 1.0, 2.0, 4.0, 3.0])
    assert (measured.at(0.5), measured.at(0.99)) == (3.0, 5.0)


def test_a_table_is_markdown_and_tells_what_failed() -> None:
    table = Table("Title", ("A", "B"), [["1", amount(1234.5)]], ["x: no such library"])
    assert str(table) == (
        "### Title\n\n| A | B |\n| --- | --- |\n| 1 | 1,234 |\n\nx: no such library\n"
    )
    assert not table.whole


def test_the_picture_has_a_panel_for_each_title(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from tests.tools.bench.plot import draw

    draw({"A": {"memcon": {"10": 1.0, "100": 2.0}}, "B": {"x": {"10": 3.0}}}, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the data are that subjects share."""
    return tmp_path_factory.mktemp("bench")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    """Let every subject ask and repeat as little as it can."""
    monkeypatch.setenv("MEMCON_CACHE", str(cache.parent))
    # Compiling takes longer than a hundred passages do without it.
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    texts = building.real_passages()[:4]
    monkeypatch.setattr(building, "real_passages", lambda: texts)
    for module, name, value in (
        *((module, "QUERIES", 2) for module in (asking, dense, lexical)),
        *((building, name, 1) for name in ("_REBUILDS", "_ENCODINGS")),
        (asking, "_COLD_RUNS", 1),
        # It takes seconds to import, and three other subjects do.
        (asking, "_REFERENCE", "json"),
        (discord, "ROUNDS", 1),
        (discord, "AT_ONCE", 5),
        (discord, "IN_FLIGHT", 6),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_is_measured(
    subject: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.md"
    measure([subject], [100], folder, tmp_path / "picture.png", report)
    written = report.read_text("utf-8")
    assert written.endswith(capsys.readouterr().out)
    # A system that is not installed has its reason as its row; any other failure is a fault.
    rows = [line for line in written.splitlines() if line.startswith("| ")][2:]
    assert rows
    absent = [row for row in rows if "ModuleNotFoundError" in row]
    failed = [line for line in written.splitlines() if "Error" in line or "unanswered" in line]
    assert [line for line in failed if "ModuleNotFoundError" not in line] == []
    assert len(absent) < len(rows)
    if subject not in {"discord", "encoding", "completing"}:
        assert (folder / f"curves-{subject}.json").exists()
