"""Plots of confidence: the reliability diagram and the risk-coverage curve."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.errors import UsageError
from index.answering.verdict import Level
from index.evaluating.calibration import (
    BINS,
    area_under_risk,
    calibration_error,
    find_bins,
    find_risks,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.evaluating.evaluation import Evaluation

_COLOURS = ("#b03a2e", "#1f77b4", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#17becf", "#7f7f7f")
_MARKS = {Level.STRICT: "s", Level.BALANCED: "o", Level.EAGER: "^"}
_DPI = 110


def prepare_plots(folder: Path) -> None:
    """Make the folder for plots; raises UsageError without matplotlib or permission."""
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise UsageError(
            "Pictures are drawn by matplotlib, which is not installed.",
            'pip install "memcon[plots]"',
        ) from error
    # Without a screen, and the same on every machine.
    mpl.use("Agg")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"The folder {folder} cannot be made ({error.strerror}).") from error


def draw_reliability(evaluations: "Sequence[Evaluation]", path: Path) -> None:
    """Draw for each set the share of right answers at each confidence.

    Bars are 95% intervals of that share (Wilson); below, the share of questions in each bin.
    """
    import matplotlib.pyplot as plt
    from scipy.stats import binomtest

    figure, (above, below) = plt.subplots(
        *(2, 1), figsize=(6.2, 6.6), sharex=True, height_ratios=(4, 1), layout="constrained"
    )
    above.plot((0, 1), (0, 1), color="#999999", linestyle="--", linewidth=1, label="calibrated")
    width = 0.8 / BINS / max(1, len(evaluations))
    for place, (evaluation, colour) in enumerate(_coloured(evaluations)):
        confidence, right = _columns(evaluation)
        bins = find_bins(confidence, right)
        shares = np.array([each.right / each.count for each in bins])
        limits = [binomtest(each.right, each.count).proportion_ci(method="wilson") for each in bins]
        lengths = [shares - [each.low for each in limits], [each.high for each in limits] - shares]
        above.errorbar(
            [each.confidence for each in bins],
            shares,
            # An end that is 0 in truth may come out a hair below.
            yerr=np.maximum(0.0, lengths),
            color=colour,
            marker="o",
            markersize=4,
            linewidth=1.6,
            elinewidth=0.8,
            capsize=2,
            label=f"{evaluation.name}: {len(right):,} questions, "
            f"calibration error {calibration_error(confidence, right):.3f}",
        )
        counts, edges = np.histogram(confidence, BINS, (0.0, 1.0))
        shift = (place - (len(evaluations) - 1) / 2) * width
        below.bar(
            (edges[:-1] + edges[1:]) / 2 + shift, counts / len(right), width=width, color=colour
        )
    above.set_ylabel("share with a right quotation")
    above.set_title("How far confidence is right", fontsize=10)
    below.set_ylabel("questions")
    below.set_xlabel("confidence")
    above.set(xlim=(0, 1), ylim=(0, 1))
    _finish(figure, above, path)


def draw_risk_coverage(evaluations: "Sequence[Evaluation]", path: Path) -> None:
    """Draw for each set the share of wrong answers among the surest.

    The dashed line is the best possible order.
    """
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(6.2, 4.6), layout="constrained")
    for evaluation, colour in _coloured(evaluations):
        confidence, right = _columns(evaluation)
        area = area_under_risk(confidence, right)
        axis.plot(
            *find_risks(confidence, right),
            color=colour,
            linewidth=1.8,
            label=f"{evaluation.name}: area {area:.3f}",
        )
        axis.plot(
            *find_risks(right.astype(np.float64), right),
            color=colour,
            linewidth=0.9,
            linestyle="--",
        )
        for level, mark in _MARKS.items():
            said = confidence >= level.threshold
            if said.any():
                wrong = float((~right[said]).mean())
                axis.plot(said.mean(), wrong, color=colour, marker=mark, linestyle="")
    for level, mark in _MARKS.items():
        axis.plot([], [], color="#555555", marker=mark, linestyle="", label=str(level))
    axis.plot([], [], color="#555555", linewidth=0.9, linestyle="--", label="best possible order")
    axis.set_xlabel("coverage: share of the questions that are answered")
    axis.set_ylabel("risk: share of these without a right quotation")
    axis.set_title("What it is worth to leave doubtful questions out", fontsize=10)
    axis.set_xlim(0, 1)
    axis.set_ylim(bottom=0)
    _finish(figure, axis, path)


def _coloured(evaluations: "Sequence[Evaluation]") -> "list[tuple[Evaluation, str]]":
    return [(each, _COLOURS[place % len(_COLOURS)]) for place, each in enumerate(evaluations)]


def _columns(
    evaluation: "Evaluation",
) -> tuple["np.ndarray[Any, np.dtype[np.float64]]", "np.ndarray[Any, np.dtype[np.bool_]]"]:
    """Return the confidence of every question, and whether it was answered right."""
    return (
        np.array([outcome.confidence for outcome in evaluation.outcomes], np.float64),
        np.array([outcome.right for outcome in evaluation.outcomes], np.bool_),
    )


def _finish(figure: Any, axis: Any, path: Path) -> None:
    import matplotlib.pyplot as plt

    axis.grid(visible=True, alpha=0.3)
    axis.legend(fontsize=7)
    # No version of the library in the file: the same figures make the same bytes.
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})
    plt.close(figure)
