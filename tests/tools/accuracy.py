"""How well the header fields of cables and of FRUS volumes are read.

`python -m tests.tools.accuracy FOLDER …` prints a table in Markdown for each folder, and below it
every field that differs. A folder with metadata.csv has cables as PDF: each field is compared with
what a person wrote down; what they left open ("NA") is not compared. Spacing, capitals, the writing
of dates and the marks between tags do not count. Any other folder has volumes in TEI: the date,
senders and recipients of every document and enclosure are compared with its own printed dateline
and head (see `tests.tools.frus_accuracy`).
"""

import csv
import datetime as dt
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.documents import Provenance
from corpus.readers import Reading
from corpus.readers.pdf.reader import read_pdf
from tests.tools import frus_accuracy

AGREES, RUNS_ON, DIFFERS = "agrees", "runs on", "differs"
# Column of the table that a person made, what it is called here, and where memcon puts it.
_FIELDS: tuple[tuple[str, str, Callable[[Provenance], str | None]], ...] = (
    ("cable_from", "from", lambda known: " ".join(known.creators)),
    ("cable_to", "to", lambda known: next(iter(known.recipients), None)),
    ("cable_subject", "subject", lambda known: known.subject),
    ("cable_date", "date", lambda known: known.document_date),
    ("classification", "classification", lambda known: known.classification),
    ("cable_tags", "tags", lambda known: " ".join(known.tags)),
    ("doc_number", "number", lambda known: known.number),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field of one cable: as the person has it, as memcon has it, and how they compare.

    `outcome` is RUNS_ON where the person's value begins with memcon's and goes on with the lines
    below it, which are no part of the field or are further ones of its kind.
    """

    file: str
    field: str
    gold: str
    found: str
    outcome: str


def compare(folder: Path) -> Iterator[Comparison]:
    """Yield every field that the person filled in, compared."""
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            data = (folder / row["source_file"]).read_bytes()
            reading = next(item for item in read_pdf(data) if isinstance(item, Reading))
            for column, name, find in _FIELDS:
                if row[column].strip().casefold() not in {"", "na", "n/a"}:
                    gold, found = row[column], find(reading.provenance) or ""
                    outcome = _judge(_plain(name, gold), _plain(name, found))
                    yield Comparison(row["source_file"], name, gold, found, outcome)


def _plain(name: str, value: str) -> str:
    if name == "tags":
        value = re.sub(r"[,:;]", " ", value)
    words = " ".join(value.split())
    if name == "date":
        try:
            day = dt.datetime.strptime(words, "%d %b %Y").replace(tzinfo=dt.UTC)
        except ValueError:
            return words
        return day.date().isoformat()
    return words.casefold()


def _judge(gold: str, found: str) -> str:
    if gold == found:
        return AGREES
    return RUNS_ON if found and gold.startswith(f"{found} ") else DIFFERS


def tally(comparisons: Sequence[Comparison]) -> Mapping[str, Counter[str]]:
    """Return for each field how often each outcome came about."""
    counts = {name: Counter[str]() for _, name, _ in _FIELDS}
    for each in comparisons:
        counts[each.field][each.outcome] += 1
    return counts


def draw(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| field | compared | agree | gold runs on | differ | accuracy | gold's run-ons apart |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for name, count in tally(comparisons).items():
        total = count.total()
        if total:
            agree, on = count[AGREES], count[RUNS_ON]
            strict, fair = agree / total, agree / ((total - on) or 1)
            yield (
                f"| {name} | {total} | {agree} | {on} | {count[DIFFERS]} | {strict:.3f} "
                f"| {fair:.3f} |"
            )


def main(folder: Path) -> None:
    """Print the table, and what differs."""
    if not (folder / "metadata.csv").exists():
        sys.stdout.write("\n".join(frus_accuracy.report(folder)) + "\n")
        return
    comparisons = list(compare(folder))
    lines = [*draw(comparisons), ""]
    lines += [
        f"- {each.file}, {each.field}, {each.outcome}: {each.found!r}; the person has {each.gold!r}"
        for each in comparisons
        if each.outcome != AGREES
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("usage: python -m tests.tools.accuracy FOLDER …")
    for argument in sys.argv[1:]:
        main(Path(argument))
