"""Ask ten questions of two web articles and nine volumes of FRUS; write the page of examples.

    python -m tests.examples ARCHIVE [--words]

ARCHIVE is built of those sources (`memcon index build`). The page says of every answer what it
rests on and, in words of its own, what it says; the quoted words stay where they are, and come
along with `--words` only. An answer from another document than the example names is an error.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from corpus.attribution import attribution
from corpus.citations import cite
from index.answering.answer import Answer, answer
from index.answering.quotations import Quote
from index.retrieval.archive import Archive

EXAMPLES = Path(__file__).with_name("examples.tsv")


@dataclass(frozen=True, slots=True)
class Example:
    """A question, the document that its first quotation is from, and what that says."""

    question: str
    verdict: str
    doc_id: str
    says: str


def read_examples() -> list[Example]:
    """Return the examples: question, verdict, document and gist, tabs in between."""
    lines = EXAMPLES.read_text("utf-8").splitlines()
    return [Example(*line.split("\t")) for line in lines if line]
