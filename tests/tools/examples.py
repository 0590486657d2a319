"""Ask ten questions of two web articles and nine volumes of FRUS, and write the page of examples.

    python -m tests.tools.examples ARCHIVE [--words] > bot/examples.md

ARCHIVE is built of those sources. For every answer the page names the sources and says in other
words what they say; it has the quoted words only with `--words`. Fails, and writes no page, if an
answer is not the one that the gist was written for.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from corpus.citations.cited import Cited
from corpus.dates import in_words
from index.answering.answer import answer
from index.answering.quotations import Quote
from index.answering.receipts import make_receipt
from index.retrieval.archive import Archive

PATH = Path(__file__).with_name("examples.tsv")
HEADING = """\
# Ten questions and their answers

The archive: two articles from the web on Clinton, Miyazawa and Hosokawa, and nine volumes of
*Foreign Relations of the United States* as history.state.gov publishes them, from 1861 to 1972;
3,255 documents. After each receipt a reader, who looked the quotation up, says whether it is right
and what it says, in other words. `memcon show … --at …` shows the quoted words, and `memcon cite …
--at …` the full citation. The page is made by
`python -m tests.tools.examples ARCHIVE > bot/examples.md`; with `--words` it has the words as well.
"""


@dataclass(frozen=True, slots=True)
class Example:
    """A question, its verdict, the place of its first quotation or lead, and what that says."""

    question: str
    verdict: str
    place: str
    gist: str


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.examples")
    parser.add_argument("archive", type=Path, metavar="ARCHIVE")
    parser.add_argument("--words", action="store_true")
    given = parser.parse_args()
    archive = Archive(given.archive)
    page = [HEADING]
    for number, example in enumerate(read_examples(), start=1):
        page.append(draw_example(number, example, archive, words=given.words))
    archive.close()
    sys.stdout.write("\n".join(page))


def read_examples() -> list[Example]:
    """Return the examples: question, verdict, place and gist, with tabs in between."""
    return [Example(*line.split("\t")) for line in PATH.read_text("utf-8").splitlines()]


def draw_example(number: int, example: Example, archive: Archive, *, words: bool) -> str:
    """Return an example in Markdown; exits where the archive answers otherwise."""
    given = answer(example.question, archive)
    shown = given.quotes or given.leads
    first = place_of(shown[0]) if shown else ""
    if (given.verdict, first) != (example.verdict, example.place):
        sys.exit(f"{example.question}: {given.verdict}\t{first}")
    verdict = f"{given.verdict.replace('_', ' ')}, confidence {given.confidence:.2f}"
    lines = [
        f"## {number}. {example.question}",
        "",
        f"**{verdict}**, receipt `{make_receipt(given, 3).receipt_id}`. {example.gist}",
        "",
    ]
    for rank, quote in enumerate(shown, start=1):
        mark = f"{rank}." if given.quotes else "-"
        lines += [
            f"{mark} {name_source(quote)}",
            f"   `memcon show {place_of(quote)}`",
        ]
        lines += ["", f"   > {' '.join(quote.text.split())}", ""] if words else []
    return "\n".join([*lines, ""])


def name_source(quote: Quote) -> str:
    """Return sender and recipient, date, volume, place and address of a quotation's record.

    No title: titles of records are others' words.
    """
    cited = Cited.of(quote.document, quote.span)
    record = cited.provenance
    who = " to ".join(
        " and ".join(names) for names in (record.creators, record.recipients) if names
    )
    day = record.document_date and in_words(record.document_date)
    parts = (who, day, record.container or cited.file_name, cited.locator, cited.address)
    return ", ".join(filter(None, parts))


def place_of(quote: Quote) -> str:
    """Return the words after `memcon show` by which a quotation is found."""
    return f"{quote.document.doc_id} --at {quote.span.start}-{quote.span.end}"


if __name__ == "__main__":
    main()
