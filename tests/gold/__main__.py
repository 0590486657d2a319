"""Ask the gold set, and print how it was answered, by type of question, as a table in Markdown.

    python -m tests.gold [--runs FILE] [--plots DIR] [--json] [--archive DIR] [SET]...

Below stands what `memcon eval` says of it, of the questions over invented records
(`tests/historian`), and of each SET as `memcon eval` reads it: files of
questions are asked of the archive named.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from bot import settings
from bot.commands.evaluate import measure_sets, report
from bot.render.plots import prepare_plots
from bot.render.progress import TerminalProgress
from corpus.ingest.sources import bundled_collection
from index.answering.verdict import Verdict
from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.evaluating.evaluation import (
    QUOTATION,
    Outcome,
    ask_questions,
)
from index.evaluating.questionnaire_runs import ask_questionnaire
from index.retrieval.archive import Archive
from index.storage.inventory import gather
from tests.gold import measure_quotations, read_gold
from tests.gold.exchanges import WAYS, ask_exchanges, count_changed
from tests.historian import build_records, read_questions
from tests.support.archives import Silence


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.gold")
    parser.add_argument("sets", nargs="*", type=Path, metavar="SET")
    parser.add_argument("--runs", type=Path, metavar="FILE")
    parser.add_argument("--plots", type=Path, metavar="DIR")
    parser.add_argument(
        "--archive", type=Path, metavar="DIR", default=settings.load().archive_folder(None)
    )
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.plots:
        prepare_plots(given.plots)
    with tempfile.TemporaryDirectory() as folder:
        gathered = gather([bundled_collection()], Silence())
        build_archive(
            Path(folder),
            gathered,
            model=DEFAULT_MODEL,
            cache=settings.load().cache_folder,
            progress=Silence(),
        )
        archive = Archive(Path(folder))
        gold = ask_questions("gold", [judged for _, judged in read_gold()], archive, Silence())
        if not given.json:
            say_types(gold.outcomes)
            say_following(archive)
        archive.close()
    with tempfile.TemporaryDirectory() as folder:
        build_records(Path(folder), settings.load().cache_folder)
        archive = Archive(Path(folder))
        historian = ask_questionnaire(read_questions(), archive, Silence())
        archive.close()
    with TerminalProgress() as progress:
        others = measure_sets(given.sets, lambda: Archive(given.archive), progress)
    report([gold, historian, *others], runs=given.runs, plots=given.plots, as_json=given.json)


def say_types(outcomes: Sequence[Outcome]) -> None:
    by_type = defaultdict(list)
    for (kind, _), outcome in zip(read_gold(), outcomes, strict=True):
        by_type[kind, outcome.answerable].append(outcome)
    say("| type | questions | quote@1 | quote@3 | answered |", "| --- | --- | --- | --- | --- |")
    for (kind, answerable), rows in sorted(by_type.items()):
        say(line(kind if answerable else f"{kind}, without an answer", rows))
    say(line("all", outcomes), "")


def say_following(archive: Archive) -> None:
    say("| follow-up questions | questions | quote@1 | quote@3 | answered |")
    say("| --- | --- | --- | --- | --- |")
    for name, way in WAYS.items():
        for held_out in (False, True):
            asked = list(ask_exchanges(archive, way, held_out=held_out))
            quoted = measure_quotations(*zip(*((f.judged, f.given) for f in asked), strict=True))
            shown = " | ".join(f"{value:.2f}" for value in quoted.values() if value is not None)
            said = sum(each.given.verdict != Verdict.NOT_FOUND for each in asked) / len(asked)
            title = f"{name}, held out" if held_out else name
            say(f"| {title} | {len(asked)} | {shown} | {said:.2f} |")
    questions = [judged.text for _, judged in read_gold()]
    changed = count_changed(questions, archive)
    say("", f"of {len(questions)} questions that stand alone, {changed} are changed", "")


def line(name: str, outcomes: Sequence[Outcome]) -> str:
    """Return a row of the table; answered is whatever has another verdict than not_found."""
    shown = []
    for measure in QUOTATION:
        known = [value for o in outcomes if (value := o.measures[measure]) is not None]
        shown.append(f"{sum(known) / len(known):.2f}" if known else "–")
    said = sum(outcome.verdict != Verdict.NOT_FOUND for outcome in outcomes)
    return f"| {name} | {len(outcomes)} | {' | '.join(shown)} | {said / len(outcomes):.2f} |"


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{each}\n" for each in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
