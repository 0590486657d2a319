"""The address of an archive on a Milvus server, and the names of its collections there.

Each generation is three collections under one prefix. The archive's alias points to the records of
the generation in use, as the file CURRENT does on one machine:

    NAME_000007_passages    vectors, term weights and filter fields of passages
    NAME_000007_terms       the number, frequency and weight of every term
    NAME_000007_records     manifest, names, files, documents with texts, provenance and structure
    NAME_current            the alias
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from corpus.errors import UsageError

PARTS = ("records", "terms", "passages")
DEFAULT_NAME = "memcon"
# FLAT is exact; HNSW is approximate, and takes milliseconds for tens of millions of passages.
DENSE_INDEXES = ("FLAT", "HNSW")
# Milvus names, short enough for the suffixes of collections.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
# The suffix of a Milvus Lite file.
_FILE = ".db"
_EXAMPLE = "memcon index build --engine milvus --uri http://HOST:19530"


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    """A Milvus server, and the name of an archive on it.

    `token` is an API key or "user:password"; no message contains it. `timeout` is in seconds, for
    one request with its retries. `certificate` and `key` are the client's, `authority` the
    certificate that signed the server's: PEM files. `dense_index` is the Milvus index type of
    dense vectors, one of `DENSE_INDEXES`.
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
                f"{self.name!r} is no name for an archive on Milvus: letters, digits and _, "
                "a letter first."
            )
        parts = urlsplit(self.uri)
        if "@" in parts.netloc or parts.query:
            raise UsageError(
                "The address of Milvus must hold no password: set MEMCON_MILVUS_TOKEN, or token "
                "under [milvus] in the settings file."
            )
        if not (parts.scheme in {"http", "https"} and parts.hostname) and not self.is_file:
            raise UsageError(f"{self.uri!r} is no address of a Milvus server.", _EXAMPLE)

    @property
    def is_file(self) -> bool:
        """Whether it is a file of Milvus Lite, for trying out."""
        return "://" not in self.uri and self.uri.endswith(_FILE)

    @property
    def endpoint(self) -> str:
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
        """Return the name of the collection with a part of a generation."""
        return f"{self.name}_{generation}_{part}"

    def split(self, collection: str) -> tuple[str, str] | None:
        """Return a collection's generation and part, or None for a foreign one."""
        match = re.fullmatch(rf"{self.name}_([0-9]{{6,9}})_({'|'.join(PARTS)})", collection)
        return (match[1], match[2]) if match else None
