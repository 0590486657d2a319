from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoding.calibration import (
    Calibration,
    calibration_file,
    keep_calibration,
    read_calibration,
)
from index.encoding.crossencoder import CrossEncoder
from index.weights import identity

KNOWN = Calibration("a" * 64, identity(), 90, 0.8, 0.5, 0.2, -1.0)
SHARES = st.floats(0.001, 0.999)
SCORES = st.floats(-12, 12)


@given(SHARES, SCORES, SCORES)
def test_without_weights_for_the_scores_confidence_stays(
    confidence: float, relevance: float, margin: float
) -> None:
    plain = replace(KNOWN, confidence=1.0, relevance=0.0, margin=0.0, intercept=0.0)
    assert plain.confirm(confidence, relevance, margin) == pytest.approx(confidence)


@given(SHARES, SCORES, SCORES, st.floats(0.01, 3))
def test_what_speaks_for_an_answer_makes_surer(
    confidence: float, relevance: float, margin: float, more: float
) -> None:
    least = KNOWN.confirm(confidence, relevance, margin)
    assert 0 < least < 1
    assert KNOWN.confirm(confidence, relevance + more, margin) > least
    assert KNOWN.confirm(confidence, relevance, margin + more) > least
    assert KNOWN.confirm(min(0.9999, confidence + more / 1e4), relevance, margin) > least


def test_a_calibration_is_of_one_model_and_of_one_set_of_weights() -> None:
    assert KNOWN.suits("a" * 64)
    assert not KNOWN.suits("b" * 64)
    assert not replace(KNOWN, weights="other").suits("a" * 64)


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    path = calibration_file("house/model", tmp_path / "models")
    assert read_calibration(path) is None
    keep_calibration(KNOWN, path)
    assert read_calibration(path) == KNOWN
    keep_calibration(replace(KNOWN, cases=91), path)
    assert read_calibration(path) == replace(KNOWN, cases=91)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert calibration_file("other/model", tmp_path / "models") != path


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cases": 3}'])
def test_what_cannot_be_read_suits_no_model(content: str, tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(content)
    found = read_calibration(path)
    assert found is not None
    assert not found.suits("")
    assert not found.suits(KNOWN.sha256)


def test_a_model_says_how_it_is_calibrated(reranker: CrossEncoder) -> None:
    other = CrossEncoder(reranker.folder)
    assert (other.calibration, other.settings.calibrated) == (None, None)
    other.use(KNOWN)
    assert (other.calibration, other.settings.calibrated) == (KNOWN, KNOWN.identity)
    assert KNOWN.identity != replace(KNOWN, intercept=0.0).identity
    other.use(None)
    assert other.settings == reranker.settings
