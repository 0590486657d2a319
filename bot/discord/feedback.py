"""Answers that users judged wrong, kept as questions that `memcon eval` reads.

Each row is a question of a questionnaire (`index.evaluating.questionnaires`) that counts as
unanswerable, with the first quoted document as the one that comes near, until somebody who knows
the answer sets `answerable`, `doc_ids` and `pattern`. Rows name the server, never the user.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from index.answering.receipts import Quoted

FILE = "feedback.jsonl"
REASONS = {
    "wrong_person": "wrong person",
    "wrong_date": "wrong date",
    "no_answer": "no answer",
    "misquoted": "misquoted",
}
# A full file takes no more, so that nobody fills the disk; in bytes.
_MOST = 4_000_000


@dataclass(frozen=True, slots=True)
class Feedback:
    """A judged question; `kind` is one of `REASONS`, `quoted` are the places that were shown."""

    id: str
    question: str
    kind: str
    near_doc: str
    why: str
    guild_id: int
    quoted: tuple[str, ...]
    answerable: bool = False
    doc_ids: tuple[str, ...] = ()
    pattern: str = ""


def keep_feedback(
    root: Path, action: str, question: str, quoted: Sequence[Quoted], guild_id: int | None
) -> bool:
    """Keep a judgement once; returns False if the file is full. `action` is a key of `REASONS`."""
    kind = REASONS[action]
    places = tuple(f"{each.doc_id} {each.start}-{each.end}" for each in quoted)
    known = json.dumps([question, kind, places, guild_id or 0])
    row = Feedback(
        id=hashlib.sha256(known.encode()).hexdigest()[:12],
        question=question,
        kind=kind,
        near_doc=quoted[0].doc_id if quoted else "",
        why=f"judged on Discord: {kind}",
        guild_id=guild_id or 0,
        quoted=places,
    )
    path = root / FILE
    if any(each.id == row.id for each in _read(path)):
        return True
    line = write_feedback([row])
    if path.exists() and path.stat().st_size + len(line) > _MOST:
        return False
    # One write at the end of the file: other processes may append too.
    with path.open("ab", buffering=0) as file:
        file.write(line)
    return True


def write_feedback(rows: Iterable[Feedback]) -> bytes:
    """Write judgements as a file that `memcon eval` reads."""
    lines = (json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
    return "".join(lines).encode("utf-8", "replace")


def list_feedback(root: Path, guild_id: int) -> list[Feedback]:
    """List the judgements made in a server, the newest first."""
    return [each for each in reversed(_read(root / FILE)) if each.guild_id == guild_id]


def _read(path: Path) -> list[Feedback]:
    rows: list[Feedback] = []
    with suppress(FileNotFoundError):
        for line in path.read_text("utf-8").splitlines():
            # A user who edits the file may omit or add keys.
            with suppress(ValueError, TypeError, AttributeError):
                known = json.loads(line)
                names = Feedback.__slots__
                values = {name: known[name] for name in names if name in known}
                for name in ("quoted", "doc_ids"):
                    values[name] = tuple(values.get(name, ()))
                rows.append(Feedback(**values))
    return rows
