"""Where an archive is searched and built: on this machine, on Milvus, or by Ray.

The one module that reaches `index.milvus` and `index.ray`, both experimental. It imports them
inside functions, so that neither questions to local files nor local builds load them.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import DamagedIndex
from index.retrieval.archive import Archive
from index.retrieval.local_engine import check_generation
from index.storage.checksummed import UNREADABLE
from index.storage.generation import Manifest, current, generations, replace_file
from index.storage.inventory import Progress

if TYPE_CHECKING:
    from index.encoding.crossencoder import CrossEncoder
    from index.milvus.address import MilvusAddress as MilvusAddress  # noqa: PLC0414 - exported
    from index.milvus.generations import Generations
    from index.milvus.publishing import Published
    from index.ray.executor import RayExecutor

_REMEMBERED = "engine.json"
# The least time in seconds between two requests to Milvus for the generation in use.
_LOOK_EVERY = 1.0


@dataclass(slots=True)
class Location:
    """An archive's folder and, if its generations are on Milvus, their address there.

    With Milvus, the folder keeps this host's own files: encoders, receipts and, on the host that
    builds, the local generation. `cache` has exported models for all archives; `report` receives
    messages about the export of a model.
    """

    root: Path
    cache: Path
    milvus: "MilvusAddress | None" = None
    report: Callable[[str], None] = lambda _: None
    _seen: tuple[float, str] | None = field(default=None, init=False)

    def open(self, reranker: "CrossEncoder | None" = None) -> Archive:
        """Open the generation in use, with an optional reranker.

        Raises NoIndex, DamagedIndex, and EngineUnavailable if Milvus does not answer.
        """
        if self.milvus is None:
            return Archive(self.root, reranker=reranker)
        from index.milvus.connection import Connection

        connection = Connection(self.milvus)
        from index.milvus.generations import Generations

        try:
            engine = Generations(connection).open()
        except BaseException:
            connection.close()
            raise
        self.root.mkdir(parents=True, exist_ok=True)
        return Archive(self.root, engine=engine, provide=self._provide, reranker=reranker)

    def newest(self) -> str:
        """Return the name of the generation in use; on Milvus, at most a second old."""
        if self.milvus is None:
            return current(self.root).name
        now = time.monotonic()
        if self._seen is None or now - self._seen[0] > _LOOK_EVERY:
            with _generations(self.milvus) as remote:
                self._seen = (now, remote.current())
        return self._seen[1]

    def manifests(self) -> dict[str, Manifest | None]:
        """Return the manifests of all generations, oldest first; None for a damaged one."""
        if self.milvus:
            with _generations(self.milvus) as remote:
                return remote.manifests()
        found: dict[str, Manifest | None] = {}
        for folder in generations(self.root):
            try:
                found[folder.name] = Manifest.read(folder)
            except DamagedIndex:
                found[folder.name] = None
        return found

    def check(self, name: str) -> None:
        """Check a generation as a whole; raises DamagedIndex."""
        if self.milvus is None:
            check_generation(self.root, self.root / "generations" / name)
            return
        with _generations(self.milvus) as remote:
            remote.open(name).check()

    def roll_back(self, generation: str | None = None) -> Manifest:
        """Put an older generation back in use, by default the one before the current.

        Raises UsageError if it does not exist, DamagedIndex if it is damaged, ArchiveBusy.
        """
        if self.milvus:
            with _generations(self.milvus) as remote:
                return remote.roll_back(generation)
        from index.building.build import roll_back

        return roll_back(self.root, generation)

    def check_milvus(self) -> str | None:
        """Return the version of the Milvus server; None without one. Raises EngineUnavailable."""
        if self.milvus is None:
            return None
        from index.milvus.connection import Connection

        with closing(Connection(self.milvus)) as connection:
            return connection.version()

    def publish(self, progress: Progress, *, force: bool = False) -> "Published | None":
        """Publish the local generation in use to Milvus; None without an address there.

        Raises EngineUnavailable, ArchiveBusy and DamagedIndex.
        """
        if self.milvus is None:
            return None
        self.check_milvus()
        from index.building.lock import writing
        from index.milvus.publishing import publish

        with writing(self.root):
            published = publish(self.root, self.milvus, progress, force=force)
        self._seen = None
        return published

    def _provide(self, manifest: Manifest) -> None:
        """Export the encoder of a generation that was built on another host."""
        from index.encoding.export import provide_model

        provide_model(manifest.encoder_name, self.root / "models", self.cache, self.report)


@contextmanager
def _generations(address: "MilvusAddress") -> "Iterator[Generations]":
    from index.milvus.connection import Connection

    with closing(Connection(address)) as connection:
        # It needs the other packages of memcon[milvus]; the connection reports that these lack.
        from index.milvus.generations import Generations

        yield Generations(connection)


def milvus_address(uri: str, name: str | None, **options: Any) -> "MilvusAddress":
    """Return the address of the archive `name` on a Milvus server; raises UsageError."""
    from index.milvus.address import DEFAULT_NAME, MilvusAddress

    return MilvusAddress(uri, name or DEFAULT_NAME, **options)


def ray_executor(address: str) -> "RayExecutor":
    """Return an executor on the Ray cluster at `address`, a context manager.

    Raises ClusterUnavailable if Ray is not installed.
    """
    from index.ray.executor import RayExecutor

    return RayExecutor(address)


def remember(location: Location) -> None:
    """Record in the archive's folder where its generations are, without the token."""
    path = location.root / _REMEMBERED
    if location.milvus is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {"engine": "milvus", "uri": location.milvus.endpoint, "name": location.milvus.name}
    replace_file(path, json.dumps(known))


def recall(root: Path) -> tuple[str, str] | None:
    """Return the address and name recorded by `remember`; None if the index is local.

    Raises DamagedIndex.
    """
    path = root / _REMEMBERED
    try:
        known = json.loads(path.read_text("utf-8"))
        return str(known["uri"]), str(known["name"])
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        # Opening the index reports an unreadable folder.
        return None
    except UNREADABLE as error:
        raise DamagedIndex(
            f"{path} cannot be read.", "memcon index build --engine milvus --uri URI"
        ) from error
