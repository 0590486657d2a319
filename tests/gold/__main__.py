"""Ask the gold set, and print how it was answered, by type of question, as a table in Markdown.

python -m tests.gold
"""

import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from bot.settings import cache_folder
from corpus.sources import bundled_collection
from index.answering.answer import Answer, answer
from index.answering.verdict import Level, Verdict
from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.evaluating.evaluation import Judged, measure_abstention, measure_quotations
from index.retrieval.archive import Archive
from index.storage.inventory import gather
from tests.conftest import Silence
from tests.gold import read_gold
from tests.gold.exchanges import WAYS, ask_exchanges, count_changed


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        gathered = gather([bundled_collection()], Silence())
        build_archive(
            Path(folder), gathered, model=DEFAULT_MODEL, cache=cache_folder(), progress=Silence()
        )
        archive = Archive(Path(folder))
        asked = [(kind, judged, answer(judged.text, archive)) for kind, judged in read_gold()]
        followed = {
            (name, held_out): [
                (each.judged, each.given) for each in ask_exchanges(archive, way, held_out=held_out)
            ]
            for name, way in WAYS.items()
            for held_out in (False, True)
        }
        changed = count_changed([judged.text for _, judged, _ in asked], archive)
        archive.close()
    by_type = defaultdict(list)
    for kind, judged, given in asked:
        by_type[kind, judged.answerable].append((judged, given))
    say("| type | questions | quote@1 | quote@3 | answered |", "| --- | --- | --- | --- | --- |")
    for (kind, answerable), rows in sorted(by_type.items()):
        say(line(kind if answerable else f"{kind}, without an answer", rows))
    everything = [(judged, given) for _, judged, given in asked]
    say(line("all", everything))
    queries, answers = zip(*everything, strict=True)
    say("", f"abstention AUROC {measure_abstention(queries, answers)}", "")
    say("| level | threshold | precision | coverage |", "| --- | --- | --- | --- |")
    for level in Level:
        said = [j.answerable for j, given in everything if given.confidence >= level.threshold]
        precision, coverage = sum(said) / len(said), sum(said) / sum(j.answerable for j in queries)
        say(f"| {level} | {level.threshold} | {precision:.2f} | {coverage:.2f} |")
    say("", "| follow-up questions | questions | quote@1 | quote@3 | answered |")
    say("| --- | --- | --- | --- | --- |")
    for (name, held_out), rows in followed.items():
        say(line(f"{name}, held out" if held_out else name, rows))
    say(
        "",
        f"of the {len(asked)} questions that stand alone, {changed} are changed in a conversation",
    )


def line(name: str, rows: list[tuple[Judged, Answer]]) -> str:
    """Return a row of the table; precision and answers go by whether anything was said."""
    queries, answers = zip(*rows, strict=True)
    quoted = measure_quotations(queries, answers)
    shown = ["–" if value is None else f"{value:.2f}" for value in quoted.values()]
    said = sum(given.verdict is not Verdict.NOT_FOUND for given in answers)
    return f"| {name} | {len(rows)} | {' | '.join(shown)} | {said / len(rows):.2f} |"


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{each}\n" for each in lines))


if __name__ == "__main__":
    main()
