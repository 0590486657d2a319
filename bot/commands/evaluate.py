"""The command eval: measures of answers to judged questions, as tables, files and plots."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import settings
from bot.commands.archives import open_archive, open_reranker
from bot.commands.options import archive_option, json_option, rerank_option
from bot.commands.output import print_json
from corpus.errors import UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from index.encoding.crossencoder import CrossEncoder
    from index.evaluating.comparison import Comparison
    from index.evaluating.evaluation import Evaluation
    from index.retrieval.archive import Archive
    from index.storage.inventory import Progress

# Measures of which less is better.
_LESS = frozenset({"calibration_error", "aurc"})


@click.command(name="eval")
@click.argument(
    "folders",
    metavar="[SET]…",
    nargs=-1,
    type=click.Path(path_type=Path, exists=True),
)
@click.option(
    "--runs",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write the outcome of every question to FILE, as JSON lines.",
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
    help="Compare two files of --runs over the same sets; give no SET.",
)
@click.option(
    "--model",
    metavar="NAME",
    help="Measure with another encoder, a sentence-transformers model, by name or path.",
)
@rerank_option
@archive_option
@json_option
def evaluate(
    folders: tuple[Path, ...],
    runs: Path | None,
    plots: Path | None,
    compare: tuple[Path, Path] | None,
    archive: Path | None,
    as_json: bool,
    **models: str | None,
) -> None:
    """Measure retrieval, quotation, abstention and confidence on SETs with judgements.

    A SET is a folder of docs.jsonl and queries.jsonl. Its index is kept in the cache, so that a
    second run only asks. An answer is right if one of its quotations has the answer. Less is better
    for the calibration error and the area under risk-coverage (aurc).

    A SET may also be a file of questions for an existing archive: JSON lines with id, question,
    kind, answerable, doc_ids, and the pattern that a right quotation contains. They are asked of
    --archive, and reported by kind of question and by the stage at which a miss occurred.

    --compare shows by how much B exceeds A in each measure, with the 95% bootstrap interval and the
    p-value of a paired randomisation test.
    """
    if compare:
        if folders or runs or plots:
            raise UsageError("--compare takes two files of --runs and nothing else.")
        _compare(*compare, as_json=as_json)
        return
    if not folders:
        raise UsageError("There is no SET to measure.", "memcon eval SET")
    if runs:
        # Fail before minutes of asking, not after.
        runs.open("a").close()
    if plots:
        from bot.render.plots import prepare_plots

        prepare_plots(plots)

    from bot.render.progress import TerminalProgress

    rerank = models["rerank"] or ""
    reranker = open_reranker(rerank) if rerank else None
    with TerminalProgress() as progress:
        evaluations = measure_sets(
            folders,
            lambda: open_archive(archive, rerank=rerank),
            progress,
            reranker,
            model=models["model"],
        )
    report(evaluations, runs=runs, plots=plots, as_json=as_json)


def measure_sets(
    paths: Sequence[Path],
    open_asked: "Callable[[], Archive]",
    progress: "Progress",
    reranker: "CrossEncoder | None" = None,
    *,
    model: str | None = None,
) -> "list[Evaluation]":
    """Evaluate sets that bring their documents, and files of questions.

    `open_asked` opens the archive that files of questions are asked of, if there are any. `model`
    encodes the documents of sets, None for the default. Raises UsageError for a model with a file
    of questions, since an archive has its own.
    """
    from index.encoding.encoder import DEFAULT_MODEL
    from index.evaluating.evaluation import run_evaluation
    from index.evaluating.questionnaire_runs import ask_questionnaire
    from index.evaluating.questionnaires import find_questionnaires, read_questionnaire

    # Fail before minutes of asking, not after.
    asked = [[*map(read_questionnaire, find_questionnaires(path))] for path in paths]
    if model and any(asked):
        raise UsageError(
            "--model is for sets that bring their documents; an archive has its own encoder.",
            f"memcon index build --model {model}",
        )
    archive = open_asked() if any(asked) else None
    evaluations = []
    for path, questionnaires in zip(paths, asked, strict=True):
        if archive and questionnaires:
            evaluations += [ask_questionnaire(each, archive, progress) for each in questionnaires]
        else:
            evaluations.append(
                run_evaluation(
                    *(path, settings.load().cache_folder, progress, reranker),
                    model or DEFAULT_MODEL,
                )
            )
    if archive:
        archive.close()
    return evaluations


def report(
    evaluations: "Sequence[Evaluation]", *, runs: Path | None, plots: Path | None, as_json: bool
) -> None:
    """Show evaluations on stdout, and write the files asked for."""
    from index.evaluating.evaluation import summarize
    from index.evaluating.questionnaire_runs import summarize_kinds
    from index.evaluating.runs import write_run

    if runs:
        write_run(evaluations, runs)
    if plots:
        from bot.render.plots import draw_reliability, draw_risk_coverage

        draw_reliability(evaluations, plots / "reliability.png")
        draw_risk_coverage(evaluations, plots / "risk-coverage.png")
    measured = [
        summarize_kinds(each) if each.outcomes[0].stage else summarize(each) for each in evaluations
    ]
    if not as_json:
        from bot.render.terminal import make_console

        console = make_console()
        console.print(draw_measures(measured))
        for each in measured:
            if "kinds" in each:
                for table in (draw_kinds(each), draw_stages(each)):
                    console.print()
                    console.print(table)
    elif len(measured) == 1:
        print_json(measured[0])
    else:
        print_json({"schema": "memcon.evals/1", "sets": measured})


def draw_measures(measured: Sequence[Mapping[str, Any]]) -> "Table":
    """Return a table with a column for each set, of the schema `memcon.eval/1`."""
    table = _make_table("", *(each["set"] for each in measured))
    for name in dict.fromkeys(name for each in measured for name in each):
        values = [each.get(name) for each in measured]
        if name in {"schema", "set", "kinds", "stages"} or not any(v is not None for v in values):
            continue
        if name == "levels":
            for level in measured[0][name]:
                table.add_row(
                    f"{level}: precision · has answer · coverage",
                    *(
                        " · ".join(_show(value) for value in [*each[level].values()][1:])
                        for each in (other[name] for other in measured)
                    ),
                )
        elif name == "latency_ms":
            table.add_row(
                f"{name} {' · '.join(measured[0][name])}",
                *(" · ".join(map(str, each[name].values())) for each in measured),
            )
        else:
            table.add_row(_label(name), *map(_show, values))
    return table


def draw_kinds(measured: Mapping[str, Any]) -> "Table":
    """Return the table of a questionnaire's measures, a row for each kind of question."""
    from index.evaluating.questionnaire_runs import ASKED

    table = _make_table(measured["set"], "n", *ASKED)
    for kind, known in _kinds_of(measured):
        shown = ("–" if known[name] is None else f"{known[name]:.2f}" for name in ASKED)
        table.add_row(kind, f"{known['queries']:,}", *shown)
    return table


def draw_stages(measured: Mapping[str, Any]) -> "Table":
    """Return the table of the stages that questions reached; misses are to the right."""
    table = _make_table(
        measured["set"], "n", *(stage.replace("_", " ") for stage in measured["stages"])
    )
    for kind, known in _kinds_of(measured):
        table.add_row(kind, f"{known['queries']:,}", *map(str, known["stages"].values()))
    return table


def _kinds_of(measured: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [*measured["kinds"].items(), ("all", measured)]


def draw_comparison(compared: "Comparison") -> "Table":
    """Return the table of two runs' differences over a set."""
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
    from bot.render.terminal import make_console

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

    from bot.render.terminal import visible

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(visible(first))
    for column in columns:
        table.add_column(visible(column), justify="right")
    return table


def _label(name: str) -> str:
    return f"{name} (less is better)" if name in _LESS else name


def _show(value: Any) -> str:
    from bot.render.terminal import visible

    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else visible(str(value))
