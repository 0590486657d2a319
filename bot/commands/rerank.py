"""The command rerank: calibrates a reranker for confidence."""

from dataclasses import asdict
from pathlib import Path

import click

from bot import settings
from bot.commands.archives import open_archive, open_reranker
from bot.commands.options import archive_option, json_option
from bot.commands.output import print_json, say


@click.group()
def rerank() -> None:
    """Prepare rerankers (--rerank)."""


@rerank.command()
@click.argument("model")
@click.argument(
    "folders",
    metavar="[SET]…",
    nargs=-1,
    type=click.Path(path_type=Path, exists=True),
)
@archive_option
@json_option
def calibrate(model: str, folders: tuple[Path, ...], archive: Path | None, as_json: bool) -> None:
    """Let a reranker count for confidence as well as for the order.

    MODEL is a sentence-transformers CrossEncoder, by name or path. Its scores are fitted on the
    judged questions that ship with memcon, and on those of each SET, as for "memcon eval": a folder
    of docs.jsonl and queries.jsonl, or a file of questions for --archive. The result is kept beside
    the exported model and used wherever that model is named.
    """
    from bot.render.progress import TerminalProgress
    from index.encoding.calibration import calibration_file, keep_calibration
    from index.evaluating.questionnaires import find_questionnaires, read_questionnaire
    from index.evaluating.reranker_fitting import calibrate as fit

    cache = settings.load().cache_folder
    name = str(Path(model).resolve()) if Path(model).is_dir() else model
    files = {folder: find_questionnaires(folder) for folder in folders}
    asked = [read_questionnaire(path) for found in files.values() for path in found]
    reranker = open_reranker(model)
    opened = open_archive(archive, rerank=model) if asked else None
    with TerminalProgress() as progress:
        done = fit(
            reranker,
            [folder for folder, found in files.items() if not found],
            cache,
            progress,
            [(each, opened) for each in asked] if opened else (),
        )
    if opened:
        opened.close()
    path = calibration_file(name, cache)
    keep_calibration(done.calibration, path)
    if as_json:
        known = asdict(done.calibration)
        measured = {"auroc": {"without": round(done.without, 4), "with": round(done.within, 4)}}
        print_json({"schema": "memcon.calibration/1", "model": name, **known, **measured})
        return
    say(f"kept in {path}")
    click.echo(
        f"{done.calibration.cases:,} cases: confidence separates right answers from others "
        f"{done.without:.3f} without the reranker, {done.within:.3f} with it (AUROC, each case "
        "judged by what was fitted on others)."
    )
