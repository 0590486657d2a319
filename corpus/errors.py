"""Every error that memcon raises on purpose.

MemconError                 a message for people, and the command that mends it
├── UsageError              what was asked cannot be answered as asked (empty question, bad date)
├── CorpusError             documents
│   ├── UnreadableSource    a file that cannot be read; reported and skipped
│   ├── NothingToIndex      no document was found where the user pointed
│   └── UnknownDocument     no document of this name is in the archive
└── ArchiveError            the archive on disk
    ├── NoIndex             nothing has been built yet
    ├── DamagedIndex        a file is missing, truncated, altered or foreign
    ├── ArchiveBusy         somebody else is building
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
    """What was asked cannot be answered as asked."""


class CorpusError(MemconError):
    """Something is wrong with the documents."""


class UnreadableSource(CorpusError):
    """A file cannot be read as a document."""


class NothingToIndex(CorpusError):
    """No document was found where the user pointed."""


class UnknownDocument(CorpusError):
    """No document of this name is in the archive."""


class ArchiveError(MemconError):
    """Something is wrong with the archive on disk."""


class NoIndex(ArchiveError):
    """Nothing has been built in this archive yet."""


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
