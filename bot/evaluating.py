"""The command eval: measures over sets with judgements, as tables, files and pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import settings
from bot.asking import rerank_option
from bot.session import json_option, open_reranker, print_json
from corpus.errors import UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from index.evaluating.comparison import Comparison
    from index.evaluating.evaluation import Evaluation

# What is better when it is less.
_LESS = frozenset({"calibration_error", "aurc"})


@click.command(name="eval")
@click.argument(
    "folders",
    metavar="[SET]…",
    nargs=-1,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)
@click.option(
    "--runs",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write what came of every question into FILE, as JSON lines.",
)
@click.option(
    "--plots",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Draw reliability.png and risk-coverage.png into DIR.",
)
@click.option(
    "--compare",
    metavar="A B",
    nargs=2,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Compare two files of --runs over the same sets; no SET is asked.",
)
@rerank_option
@json_option
def evaluate(
    folders: tuple[Path, ...],
    runs: Path | None,
    plots: Path | None,
    compare: tuple[Path, Path] | None,
    rerank: str,
    as_json: bool,
) -> None:
    """Measure retrieval, quotation, abstention and confidence on SETs with judgements.

    A SET is a folder of docs.jsonl and queries.jsonl. Its index is kept in the cache, so that a
    second run only asks. Right means: one of the quotations has the answer. The less the
    calibration error and the area under risk-coverage (aurc), the better.

    --compare tells for each measure how much more B has than A, with the 95% bootstrap interval
    and the p-value of a paired randomisation test.
    """
    if compare:
        if folders or runs or plots:
            raise UsageError("--compare takes two files of --runs and nothing else.")
        _compare(*compare, as_json=as_json)
        return
    if not folders:
        raise UsageError("There is no SET to measure.", "memcon eval FOLDER")
    if runs:
        # What cannot be written is said before minutes of asking, not after.
        runs.open("a").close()
    if plots:
        from bot.plots import prepare_plots

        prepare_plots(plots)

    from bot.progress import TerminalProgress
    from index.evaluating.evaluation import run_evaluation

    reranker = open_reranker(rerank) if rerank else None
    with TerminalProgress() as progress:
        evaluations = [
            run_evaluation(folder, settings.cache_folder(), progress, reranker)
            for folder in folders
        ]
    report(evaluations, runs=runs, plots=plots, as_json=as_json)


def report(
    evaluations: "Sequence[Evaluation]", *, runs: Path | None, plots: Path | None, as_json: bool
) -> None:
    """Show evaluations on stdout, and write the files that were asked for."""
    from index.evaluating.evaluation import summarize
    from index.evaluating.runs import write_run

    if runs:
        write_run(evaluations, runs)
    if plots:
        from bot.plots import draw_reliability, draw_risk_coverage

        draw_reliability(evaluations, plots / "reliability.png")
        draw_risk_coverage(evaluations, plots / "risk-coverage.png")
    measured = [summarize(each) for each in evaluations]
    if not as_json:
        from bot.terminal import make_console

        make_console().print(draw_measures(measured))
    elif len(measured) == 1:
        print_json(measured[0])
    else:
        print_json({"schema": "memcon.evals/1", "sets": measured})


def draw_measures(measured: Sequence[Mapping[str, Any]]) -> "Table":
    """Return a table with a column for each set, of the schema `memcon.eval/1`."""
    table = _make_table("", *(each["set"] for each in measured))
    for name in measured[0]:
        values = [each[name] for each in measured]
        if name in {"schema", "set"} or (name == "reranker" and not any(values)):
            continue
        if name == "levels":
            for level in values[0]:
                table.add_row(
                    f"{level}: precision · has answer · coverage",
                    *(
                        " · ".join(_show(each[level][k]) for k in list(each[level])[1:])
                        for each in values
                    ),
                )
        elif isinstance(values[0], dict):
            table.add_row(
                f"{name} {' · '.join(values[0])}",
                *(" · ".join(str(number) for number in each.values()) for each in values),
            )
        else:
            table.add_row(_label(name), *map(_show, values))
    return table


def draw_comparison(compared: "Comparison") -> "Table":
    """Return the table of what two runs differ in over a set."""
    title = f"{compared.name}, {compared.queries:,} questions"
    table = _make_table(title, "A", "B", "B - A", "95% interval", "p", "questions")
    for each in compared.differences:
        low_high = each.interval
        table.add_row(
            _label(each.measure),
            f"{each.a:.4f}",
            f"{each.b:.4f}",
            f"{each.difference:+.4f}",
            f"{low_high[0]:+.4f} to {low_high[1]:+.4f}" if low_high else "–",
            f"{each.p:.4f}",
            f"{each.queries:,}",
        )
    return table


def _compare(first: Path, second: Path, *, as_json: bool) -> None:
    from index.evaluating.comparison import compare_runs
    from index.evaluating.runs import read_run

    compared = compare_runs(read_run(first), read_run(second))
    if as_json:
        print_json(
            {
                "schema": "memcon.comparison/1",
                "a": str(first),
                "b": str(second),
                "sets": [_comparison_form(each) for each in compared],
            }
        )
        return
    from bot.terminal import make_console

    console = make_console()
    for place, each in enumerate(compared):
        if place:
            console.print()
        console.print(draw_comparison(each))


def _comparison_form(compared: "Comparison") -> dict[str, Any]:
    return {
        "set": compared.name,
        "queries": compared.queries,
        "measures": {
            each.measure: {
                "a": round(each.a, 4),
                "b": round(each.b, 4),
                "difference": round(each.difference, 4),
                "interval": each.interval and [round(bound, 4) for bound in each.interval],
                "p": round(each.p, 4),
                "queries": each.queries,
            }
            for each in compared.differences
        },
    }


def _make_table(first: str, *columns: str) -> "Table":
    from rich.table import Table

    from bot.terminal import visible

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(visible(first))
    for column in columns:
        table.add_column(visible(column), justify="right")
    return table


def _label(name: str) -> str:
    return f"{name} (less is better)" if name in _LESS else name


def _show(value: Any) -> str:
    from bot.terminal import visible

    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else visible(str(value))
