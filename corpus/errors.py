"""The errors that memcon raises on purpose, but for those of the Discord bot.

MemconError                 a message for people, and the command that mends it
├── UsageError              the request cannot be answered (empty question, bad date)
├── CorpusError             documents
│   ├── UnreadableSource    a file that cannot be read; reported and skipped
│   ├── NothingToIndex      no document was found where the user pointed
│   └── UnknownDocument     no document of this name is in the archive
├── ClusterUnavailable      the cluster that a build runs on cannot be joined, or cannot do it
└── ArchiveError            the archive on disk
    ├── NoIndex             nothing has been built yet
    ├── DamagedIndex        a file is missing, truncated, altered or foreign
    ├── ArchiveBusy         another process is building
    ├── ArchiveUnwritable   the disk is full, or writing is not allowed
    ├── ModelUnavailable    the encoder cannot be loaded or exported
    └── EngineUnavailable   the search engine is away, refuses the token or is not installed
"""


class MemconError(Exception):
    """An error fit to be shown to a person: `message`, and `mend`, a command or None."""

    def __init__(self, message: str, mend: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.message} Try: {self.mend}" if self.mend else self.message


class UsageError(MemconError):
    """The request cannot be answered as it stands."""


class CorpusError(MemconError):
    """A fault of the documents."""


class UnreadableSource(CorpusError):
    """A file cannot be read as a document."""


class NothingToIndex(CorpusError):
    """No document was found where the user pointed."""


class UnknownDocument(CorpusError):
    """No document of this name is in the archive."""


class ClusterUnavailable(MemconError):
    """A cluster cannot be joined, or its workers cannot do the work."""


class ArchiveError(MemconError):
    """A fault of the archive on disk."""


class NoIndex(ArchiveError):
    """This archive has no index yet."""


class DamagedIndex(ArchiveError):
    """A file of the index is missing, truncated, altered or foreign."""

    def __str__(self) -> str:
        return f"{super().__str__()} (memcon doctor tells more)"


class ArchiveBusy(ArchiveError):
    """Another process is building this archive."""


class ArchiveUnwritable(ArchiveError):
    """The archive cannot be written: the disk is full, or writing is not allowed."""


class ModelUnavailable(ArchiveError):
    """The encoder's model cannot be loaded or exported."""


class EngineUnavailable(ArchiveError):
    """The search engine is away, refuses the token, or is not installed."""
