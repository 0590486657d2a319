"""Answers that users judged wrong, kept as questions that `memcon eval` reads.

Each row is a question of a questionnaire (`index.evaluating.questionnaires`) that counts as
unanswerable, with the first quoted document as the one that comes near, until somebody who knows
the answer sets `answerable`, `doc_ids` and `pattern`. Rows name the server, never the user: a hash
of the card and the user lets a second judgement replace the first.
"""

import hashlib
import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
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
# Questions run in several threads.
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Feedback:
    """A judged question; `kind` is one of `REASONS`, `quoted` are the places that were shown.

    `judges` are the hashes of who judged so on which card; rows of earlier versions have none.
    """

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
    judges: tuple[str, ...] = ()


def name_judge(card_id: str, user_id: int) -> str:
    """Return the hash of a user and a card."""
    return hashlib.sha256(f"{card_id} {user_id}".encode()).hexdigest()[:16]


def keep_feedback(
    root: Path,
    action: str,
    question: str,
    quoted: Sequence[Quoted],
    guild_id: int | None,
    judge: str,
) -> bool:
    """Keep a judgement in place of the judge's earlier one; returns False if the file is full.

    `action` is a key of `REASONS`.
    """
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
        judges=(judge,),
    )
    path = root / FILE
    with _lock:
        before = path.read_bytes() if path.exists() else b""
        after = b"".join(_with_judgement(before.splitlines(keepends=True), row, judge))
        if len(after) > max(_MOST, len(before)):
            return False
        if after.startswith(before):
            # One write at the end of the file: other processes may append too.
            with path.open("ab", buffering=0) as file:
                file.write(after[len(before) :])
        else:
            written = path.with_suffix(".new")
            written.write_bytes(after)
            written.replace(path)
    return True


def _with_judgement(lines: Iterable[bytes], row: Feedback, judge: str) -> Iterator[bytes]:
    """Yield the lines of a file after a judgement; those that it does not change stay the same.

    A row that nobody else judged so is dropped, unless it was answered since.
    """
    is_there = False
    for line in lines:
        each = _parse(line)
        if each is not None and each.id == row.id:
            is_there = True
            if judge not in each.judges:
                yield write_feedback([replace(each, judges=(*each.judges, judge))], judges=True)
                continue
        elif each is not None and judge in each.judges:
            others = tuple(other for other in each.judges if other != judge)
            if others or each.answerable:
                yield write_feedback([replace(each, judges=others)], judges=True)
            continue
        yield line if line.endswith(b"\n") else line + b"\n"
    if not is_there:
        yield write_feedback([row], judges=True)


def write_feedback(rows: Iterable[Feedback], *, judges: bool = False) -> bytes:
    """Write judgements as a file that `memcon eval` reads, by default without `judges`."""
    lines = []
    for row in rows:
        known = asdict(row)
        if not judges:
            # Who sees a card knows its id, and could try the users of a server.
            del known["judges"]
        lines.append(json.dumps(known, ensure_ascii=False) + "\n")
    return "".join(lines).encode("utf-8", "replace")


def list_feedback(root: Path, guild_id: int) -> list[Feedback]:
    """List the judgements made in a server, the newest first."""
    rows: list[Feedback | None] = []
    with suppress(FileNotFoundError):
        rows = [_parse(line) for line in (root / FILE).read_bytes().splitlines()]
    return [each for each in reversed(rows) if each is not None and each.guild_id == guild_id]


def _parse(line: bytes) -> Feedback | None:
    """Parse a row; None for one that lacks a field, as a user may edit the file."""
    with suppress(ValueError, TypeError, AttributeError):
        known = json.loads(line)
        values = {name: known[name] for name in Feedback.__slots__ if name in known}
        for name in ("quoted", "doc_ids", "judges"):
            values[name] = tuple(values.get(name, ()))
        return Feedback(**values)
    return None
