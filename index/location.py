"""Where an archive is searched: in files on this machine, or on a cluster, as it remembers."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import DamagedIndex
from index.encoding.crossencoder import CrossEncoder
from index.milvus.address import Cluster
from index.retrieval.archive import Archive
from index.retrieval.local_engine import check_generation
from index.storage.checksummed import UNREADABLE
from index.storage.generation import Manifest, current, generations

if TYPE_CHECKING:
    from index.milvus.generations import Generations

_REMEMBERED = "engine.json"
# A cluster is asked this often, in seconds, whether another generation is in use.
_LOOK_EVERY = 1.0


@dataclass(slots=True)
class Location:
    """An archive's folder, and the cluster that has its generations; None, the folder has them.

    Where a cluster has them, the folder keeps what is this host's own: encoders, receipts, and the
    local generation on the host that builds. `cache` has exported models for all archives; `report`
    is told of the long work of exporting one.
    """

    root: Path
    cache: Path
    cluster: Cluster | None = None
    report: Callable[[str], None] = lambda _: None
    _seen: tuple[float, str] | None = field(default=None, init=False)

    def open(self, reranker: CrossEncoder | None = None) -> Archive:
        """Open the generation in use, with a model that reads the best passages again, if any.

        Raises NoIndex, DamagedIndex, and EngineUnavailable where the cluster is away.
        """
        if self.cluster is None:
            return Archive(self.root, reranker=reranker)
        # Not needed on the way of a question to local files.
        from index.milvus.connection import Connection

        connection = Connection(self.cluster)
        from index.milvus.generations import Generations

        try:
            engine = Generations(connection).open()
        except BaseException:
            connection.close()
            raise
        self.root.mkdir(parents=True, exist_ok=True)
        return Archive(self.root, engine=engine, provide=self._provide, reranker=reranker)

    def newest(self) -> str:
        """Return the name of the generation in use, as of a second ago on a cluster."""
        if self.cluster is None:
            return current(self.root).name
        now = time.monotonic()
        if self._seen is None or now - self._seen[0] > _LOOK_EVERY:
            with _generations(self.cluster) as there:
                self._seen = (now, there.current())
        return self._seen[1]

    def forget(self) -> None:
        """Ask anew which generation is in use."""
        self._seen = None

    def kept(self) -> dict[str, Manifest | None]:
        """Return the manifests of the generations that are kept, oldest first; None, damaged."""
        if self.cluster:
            with _generations(self.cluster) as there:
                return there.kept()
        kept: dict[str, Manifest | None] = {}
        for folder in generations(self.root):
            try:
                kept[folder.name] = Manifest.read(folder)
            except DamagedIndex:
                kept[folder.name] = None
        return kept

    def check(self, name: str) -> None:
        """Check a generation as a whole; raises DamagedIndex."""
        if self.cluster is None:
            check_generation(self.root, self.root / "generations" / name)
            return
        with _generations(self.cluster) as there:
            there.open(name).check()

    def _provide(self, manifest: Manifest) -> None:
        """Export the encoder of a generation that was built on another host."""
        from index.encoding.export import provide_model

        provide_model(manifest.encoder_name, self.root / "models", self.cache, self.report)


def roll_back(cluster: Cluster, generation: str | None = None) -> Manifest:
    """Put an older generation on a cluster back in use, the one before the current unless named.

    Raises UsageError where it is not there, DamagedIndex where it is damaged.
    """
    with _generations(cluster) as there:
        return there.roll_back(generation)


@contextmanager
def _generations(cluster: Cluster) -> "Iterator[Generations]":
    # Not needed on the way of a question to local files; the connection says what is missing.
    from index.milvus.connection import Connection

    with closing(Connection(cluster)) as connection:
        from index.milvus.generations import Generations

        yield Generations(connection)


def remember(root: Path, cluster: Cluster | None) -> None:
    """Keep in an archive where its generations are; never the token."""
    path = root / _REMEMBERED
    if cluster is None:
        path.unlink(missing_ok=True)
        return
    root.mkdir(parents=True, exist_ok=True)
    known = {"engine": "milvus", "uri": cluster.address, "name": cluster.name}
    aside = path.with_name(f"{path.name}.new")
    aside.write_text(json.dumps(known) + "\n", "utf-8")
    aside.replace(path)


def recall(root: Path) -> tuple[str, str] | None:
    """Return the address and name that `remember` kept; None where the folder has the index.

    Raises DamagedIndex.
    """
    path = root / _REMEMBERED
    try:
        known = json.loads(path.read_text("utf-8"))
        return str(known["uri"]), str(known["name"])
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        # Of a folder that cannot be read, the index itself says so.
        return None
    except UNREADABLE as error:
        raise DamagedIndex(
            f"{path} cannot be read.", "memcon index build --engine milvus --uri URI"
        ) from error
