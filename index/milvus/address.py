"""Which cluster, how to reach it, and what an archive's collections are called on it.

Each generation is three collections under one prefix; the alias of the archive points to the
records of the generation in use, and alone decides, as the file CURRENT does on one machine:

    NAME_000007_passages    what is ranked: vectors, weights of terms, what filters ask
    NAME_000007_terms       the number, frequency and weight of every term
    NAME_000007_records     manifest, names, files, documents with texts, provenance and structure
    NAME_current            the alias
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from corpus.errors import UsageError
from index.storage.generation import Manifest

PARTS = ("records", "terms", "passages")
DEFAULT_NAME = "memcon"
# The first is exact; HNSW answers from tens of millions of passages in milliseconds, not quite so.
DENSE_INDEXES = ("FLAT", "HNSW")
# What Milvus takes as a name, and short enough for what is appended to it.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
# A file of Milvus Lite.
_FILE = ".db"
_EXAMPLE = "memcon index build --engine milvus --uri http://HOST:19530"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Milvus cluster and the archive on it that is called `name`.

    `token` is an API key or "user:password", and stands in no message. `timeout` is in seconds, of
    one request and its repetitions. `certificate` and `key` are this client's own, `authority` the
    certificate of who signed the cluster's: files in PEM. `dense_index` is Milvus's type of index
    for dense vectors, one of `DENSE_INDEXES`.
    """

    uri: str
    name: str = DEFAULT_NAME
    token: str = field(default="", repr=False)
    database: str = ""
    authority: str = ""
    certificate: str = ""
    key: str = ""
    server_name: str = ""
    timeout: float = 10.0
    dense_index: str = "FLAT"

    def __post_init__(self) -> None:
        """Check the address and the name; raises UsageError, which never quotes a password."""
        if self.dense_index not in DENSE_INDEXES:
            raise UsageError(
                f"dense_index is one of {', '.join(DENSE_INDEXES)}, not {self.dense_index!r}."
            )
        if not _NAME.fullmatch(self.name):
            raise UsageError(
                f"{self.name!r} is no name for an archive on a cluster: letters, digits and _, "
                "a letter first."
            )
        parts = urlsplit(self.uri)
        if "@" in parts.netloc or parts.query:
            raise UsageError(
                "The address of a cluster must hold no password: set MEMCON_MILVUS_TOKEN, or token "
                "under [milvus] in the settings file."
            )
        if not (parts.scheme in {"http", "https"} and parts.hostname) and not self.is_file:
            raise UsageError(f"{self.uri!r} is no address of a Milvus cluster.", _EXAMPLE)

    @property
    def is_file(self) -> bool:
        """Whether it is a file of Milvus Lite, for trying out."""
        return "://" not in self.uri and self.uri.endswith(_FILE)

    @property
    def address(self) -> str:
        """The address with a file's whole path, the same from every working directory."""
        return str(Path(self.uri).resolve()) if self.is_file else self.uri

    @property
    def alias(self) -> str:
        """The alias that points to the generation in use."""
        return f"{self.name}_current"

    @property
    def example(self) -> str:
        """The command that puts an archive here."""
        return f"memcon index build --engine milvus --uri {self.uri}"

    def collection(self, generation: str, part: str) -> str:
        """Return what a part of a generation is called."""
        return f"{self.name}_{generation}_{part}"

    def split(self, collection: str) -> tuple[str, str] | None:
        """Return the generation and the part that a collection is, or None for a foreign one."""
        match = re.fullmatch(rf"{self.name}_([0-9]{{6,9}})_({'|'.join(PARTS)})", collection)
        return (match[1], match[2]) if match else None


@dataclass(frozen=True, slots=True)
class Published:
    """What is in use on the cluster, and whether that is new there."""

    manifest: Manifest
    changed: bool
