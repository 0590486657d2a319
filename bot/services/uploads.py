"""Read a file that somebody offers, and keep it as a source of the archive."""

import re
from dataclasses import dataclass
from pathlib import Path

from corpus.documents import Document, Problem
from corpus.errors import UnreadableSource, UsageError

# The folder of the archive that has added files, and the most bytes of one.
FOLDER = "uploads"
MAX_BYTES = 10 * 2**20

# In characters, which may take four bytes each; file systems take 255 bytes.
_LONGEST_NAME = 60
_UNUSUAL = re.compile(r"[^\w.\-]+")


@dataclass(frozen=True, slots=True)
class Upload:
    """The documents of a file, and what could not be read."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]


def read_upload(name: str, data: bytes) -> Upload:
    """Read a file in isolation, as a build does.

    Raises UsageError for a file that is too large, and for one without any document.
    """
    from corpus.ingest.expansion import Opened
    from corpus.ingest.isolation import read_isolated

    if len(data) > MAX_BYTES:
        raise too_large()
    documents, problems = [], []
    try:
        for item in read_isolated(Opened(name, name, None, None), data):
            if isinstance(item, Document):
                documents.append(item)
            else:
                problems.append(item)
    except UnreadableSource as error:
        raise _unreadable(error.message) from None
    if not documents:
        raise _unreadable(problems[0].reason if problems else "it has no text")
    return Upload(tuple(documents), tuple(problems))


def make_clause(reason: str) -> str:
    """Return a reason with a subject: "it is encrypted"."""
    return f"it {reason}" if reason.startswith(("is ", "lies ")) else reason


def _unreadable(reason: str) -> UsageError:
    return UsageError(f"The file cannot be read: {make_clause(reason)}.")


def too_large() -> UsageError:
    """Return the error for a file that is too large."""
    return UsageError(f"The file is larger than {MAX_BYTES >> 20} MB.")


def safe_name(name: str) -> str:
    """Return a file's name without folders and unusual characters; a long one loses its start."""
    usual = _UNUSUAL.sub("-", Path(name.replace("\\", "/")).name)
    return usual[-_LONGEST_NAME:].strip(".-") or "file"


def keep_upload(root: Path, name: str, data: bytes) -> Path:
    """Keep a file in the archive in `root`, replacing one of the same name; return its folder."""
    folder = root.resolve() / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / safe_name(name)).write_bytes(data)
    return folder
