"""What a question and a build cost as an archive grows, as a picture."""

from collections.abc import Mapping
from itertools import cycle
from pathlib import Path

# One line for memcon in every panel, so that it is found at a glance.
_OURS = "#b03a2e"
_OTHERS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#17becf")


def draw(panels: Mapping[str, Mapping[str, Mapping[str, float]]], path: Path) -> None:
    """Draw a panel for each title: for each name the milliseconds at each number of passages."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(6.2 * columns, 4.2 * rows), squeeze=False, layout="constrained"
    )
    for axis, (title, curves) in zip(axes.flat, panels.items(), strict=False):
        others = cycle(_OTHERS)
        for name, values in curves.items():
            ours = name.startswith("memcon")
            points = sorted((int(size), value) for size, value in values.items())
            axis.plot(
                [size for size, _ in points],
                [value for _, value in points],
                marker="o",
                markersize=4,
                linewidth=2.4 if ours else 1.2,
                color=_OURS if ours else next(others),
                linestyle="--" if "signs" in name else "-",
                zorder=3 if ours else 2,
                label=name,
            )
        axis.set_xscale("log")
        axis.set_yscale("log")
        lowest, highest = axis.get_ylim()
        # Less than two decades would make a mountain of every grain.
        axis.set_ylim(min(lowest, highest / 100), highest)
        axis.set_xlabel("passages")
        axis.set_ylabel("ms")
        axis.set_title(title, fontsize=10)
        axis.grid(visible=True, which="major", alpha=0.3)
        axis.legend(fontsize=7)
    for axis in list(axes.flat)[len(panels) :]:
        axis.set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
