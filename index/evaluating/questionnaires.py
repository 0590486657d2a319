"""Questions about an existing archive, each with a pattern of right answers.

A questionnaire is a file of JSON lines:

    id, question, kind, answerable, doc_ids, pattern, why, turns and near_doc (both optional)

A quotation answers a question if it is from one of `doc_ids`, in any case, and matches the regular
expression `pattern`, ignoring case and folding white space. `turns` are the questions of a
conversation, the last of them judged; `question` is that one written out. `near_doc` is the
document nearest to a question without an answer.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.errors import CorpusError, UsageError
from index.evaluating.judged_sets import DOCS, QUERIES, parse_rows
from index.retrieval.archive import Archive
from index.text.question_text import clean_question

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Item:
    """A question of a questionnaire, with its right answers.

    `doc_ids` are in lower case; `turns` are empty for a single question.
    """

    item_id: str
    question: str
    kind: str
    answerable: bool
    doc_ids: tuple[str, ...]
    pattern: str
    turns: tuple[str, ...] = ()
    near_doc: str = ""

    def is_right(self, doc_id: str, text: str) -> bool:
        """Return whether a text of a document answers the question."""
        if not self.answerable or doc_id.lower() not in self.doc_ids:
            return False
        folded = _SPACE.sub(" ", text)
        return re.search(self.pattern or ".", folded, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """The questions of a file, named after it."""

    name: str
    items: tuple[Item, ...]

    def fingerprint(self, archive: Archive) -> str:
        """Return a hash of questions and texts, the same for comparable runs."""
        known = hashlib.sha256(json.dumps([asdict(item) for item in self.items]).encode())
        for doc_id, text in archive.engine.texts():
            known.update(f"{doc_id}\0{text}\0".encode("utf-8", "surrogatepass"))
        return known.hexdigest()[:16]


def find_questionnaires(path: Path) -> list[Path]:
    """Return the questionnaires at a path: the file itself, or those of a folder.

    A folder with documents of its own has none; raises CorpusError for one without questions.
    """
    if path.is_file():
        return [path]
    if (path / DOCS).exists() or (path / QUERIES).exists():
        return []
    found = sorted(path.glob("*.jsonl"))
    if not found:
        raise CorpusError(
            f"{path} is no set: it has neither {DOCS} and {QUERIES} nor a file of questions."
        )
    return found


def read_questionnaire(path: Path) -> Questionnaire:
    """Return the questions of a file; raises CorpusError for what is no questionnaire."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}.") from error
    items = [_read_item(where, row) for where, row in parse_rows(path, data)]
    if not items:
        raise CorpusError(f"{path} has no questions.")
    if len({item.item_id for item in items}) < len(items):
        raise CorpusError(f"{path} has two questions with the same id.")
    return Questionnaire(path.resolve().stem, tuple(items))


def _read_item(where: str, row: dict[str, Any]) -> Item:
    try:
        re.compile(row["pattern"])
        return Item(
            item_id=str(row["id"]),
            question=clean_question(row["question"]),
            kind=str(row["kind"]),
            answerable=bool(row["answerable"]),
            doc_ids=tuple(doc_id.lower() for doc_id in row["doc_ids"]),
            pattern=row["pattern"],
            turns=tuple(clean_question(turn) for turn in row.get("turns") or ()),
            near_doc=str(row.get("near_doc") or "").lower(),
        )
    except (KeyError, TypeError, AttributeError, UsageError, re.error) as error:
        raise CorpusError(
            f"{where} is no question with id, question, kind, answerable, doc_ids and pattern."
        ) from error
