"""Archives and documents that tests make."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.documents import Document, Problem, Provenance
from corpus.errors import UnreadableSource
from corpus.ingest.assembly import make_document
from corpus.readers import Reading
from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.retrieval.archive import Archive
from index.retrieval.local_engine import LocalEngine
from index.storage.generation import Manifest, current
from index.storage.inventory import Inventory, gather, survey

if TYPE_CHECKING:
    from subprocess import CompletedProcess

Run = Callable[..., "CompletedProcess[str]"]


class Silence:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int | None = None) -> None:
        pass

    def advance(self, steps: int) -> None:
        pass


def document(text: str, doc_id: str = "d", **provenance: Any) -> Document:
    """Return a document of this text, its structure found as for a text file."""
    return make_document(doc_id, f"{doc_id}.txt", Reading(text, Provenance(**provenance)))


@dataclass(frozen=True)
class Held:
    """A source that holds one document in memory; its bytes are all that is known of it."""

    document: Document

    @property
    def name(self) -> str:
        return self.document.doc_id

    @property
    def label(self) -> str:
        return self.document.source

    def state(self) -> tuple[int, int]:
        return len(self.fetch()), 0

    def fetch(self) -> bytes:
        return repr(self.document).encode("utf-8", "surrogatepass")

    def read(self, data: bytes) -> Generator[Document, None, None]:
        assert data == self.fetch()
        yield self.document


def held(*documents: Document, problems: Sequence[Problem] = ()) -> Inventory:
    """Return documents as they are gathered from files, one each."""
    found = sorted((Held(each) for each in documents), key=lambda source: source.name)
    return survey(found, ("test",), list(problems), Silence())


def build(root: Path, cache: Path, *documents: Document, force: bool = False) -> Archive:
    """Build an archive of these documents with the real encoder, and open it."""
    gathered = held(*documents)
    build_archive(root, gathered, model=DEFAULT_MODEL, cache=cache, progress=Silence(), force=force)
    return Archive(root)


def local(archive: Archive) -> LocalEngine:
    """Return the files that an archive on this machine is read from."""
    assert isinstance(archive.engine, LocalEngine)
    return archive.engine


def segment_of(root: Path) -> Path:
    """Return the folder of the newest segment of the generation in use."""
    return root / "segments" / Manifest.read(current(root)).segments[-1]


def read_all(*paths: Path) -> tuple[list[Document], list[Problem]]:
    """Return every document under the paths, and what could not be read."""
    gathered = gather(paths, Silence())
    problems: list[Any] = list(gathered.problems)
    documents: list[Any] = []
    for source, _ in gathered.files:
        try:
            for item in source.read(source.fetch()):
                (problems if isinstance(item, Problem) else documents).append(item)
        except UnreadableSource as error:
            problems.append(Problem(source.label, error.message))
    return documents, problems
