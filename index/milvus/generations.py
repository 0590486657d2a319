"""The generations of an archive on Milvus: the one in use, those kept, and removal.

The alias decides which one is in use. A generation is complete once it has a manifest, which is
written last; one without is being published, or its publisher died. Readers query collections, not
the alias: they continue with the generation that they opened.
"""

import time
from dataclasses import asdict, dataclass
from typing import Any

from corpus.errors import ArchiveBusy, ArchiveError, DamagedIndex, UsageError
from index.milvus.address import PARTS
from index.milvus.connection import Connection
from index.milvus.engine import MilvusEngine
from index.milvus.records import Kind, RecordRows, Records
from index.storage.generation import KEPT, Manifest

# The age in seconds of its last announcement after which a publisher counts as dead.
_ABANDONED = 600.0
# The collections that are released when a generation is no longer in use.
_LARGE = ("passages", "terms")


@dataclass(frozen=True, slots=True)
class Builder:
    """A publisher: the archive in the folder `root` on a host, and its last announcement."""

    host: str
    root: str
    process: int
    since: str
    beat: float = 0.0

    def is_other(self, own: "Builder") -> bool:
        """Return whether another host or archive is at work; the lock covers the archive's own."""
        elsewhere = (self.host, self.root) != (own.host, own.root)
        return elsewhere and time.time() - self.beat < _ABANDONED


class Generations:
    """The generations of an archive on Milvus."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.address = connection, connection.address

    def current(self) -> str:
        """Return the generation in use; raises NoIndex if there is none."""
        pointed = self.connection.pointed_to(self.address.alias)
        known = self.address.split(pointed)
        if known is None:
            raise DamagedIndex(
                f"The alias {self.address.alias} on {self.address.endpoint} points to {pointed}, "
                "which is none of this archive's.",
                self.address.example,
            )
        return known[0]

    def open(self, name: str | None = None) -> MilvusEngine:
        """Open the generation in use, or the one named; raises NoIndex or DamagedIndex."""
        if name:
            return MilvusEngine(self.connection, name)
        name = self.current()
        while True:
            try:
                return MilvusEngine(self.connection, name)
            except ArchiveError:
                # A build may have just put another in use, and removed this one.
                newest = self.current()
                if newest == name:
                    raise
                name = newest

    def manifests(self) -> dict[str, Manifest | None]:
        """Return the manifests of the complete generations, oldest first.

        None for one that this version cannot read.
        """
        kept: dict[str, Manifest | None] = {}
        for name, parts in self._found().items():
            if "records" not in parts:
                continue
            try:
                known = self._records(name).read_manifest()
            except DamagedIndex:
                kept[name] = None
            else:
                if known:
                    kept[name] = known[0]
        return kept

    def next_name(self, least: str) -> str:
        """Return the next free number, at least `least`."""
        highest = max((int(name) for name in self._found()), default=0)
        return f"{max(highest + 1, int(least)):06}"

    def switch(self, name: str) -> None:
        """Put a generation in use for all readers at once."""
        self.connection.point(self.address.alias, self.address.collection(name, "records"))

    def roll_back(self, name: str | None = None) -> Manifest:
        """Check an older generation and put it back in use, by default the one before the current.

        Raises UsageError if it does not exist, DamagedIndex if it is damaged.
        """
        kept, now = self.manifests(), self.current()
        older = [each for each in kept if int(each) < int(now)]
        if name is None and not older:
            raise UsageError(
                f"The archive on {self.address.endpoint} has no older index to go back to."
            )
        name = name or older[-1]
        if name not in kept:
            raise UsageError(f"There is no index {name}; kept are {', '.join(kept) or 'none'}.")
        engine = MilvusEngine(self.connection, name)
        engine.check()
        self.switch(name)
        return engine.manifest

    def announce(self, name: str, builder: Builder) -> None:
        """Record the publisher of a generation; repeat while it works."""
        value = asdict(builder) | {"beat": time.time()}
        rows = list(RecordRows().make(Kind.BUILDER, 0, value))
        self.connection.replace(self.address.collection(name, "records"), rows)

    def builder(self, name: str) -> Builder | None:
        """Return the publisher of a generation."""
        known: dict[str, Any] | None = self._records(name).read_whole(Kind.BUILDER)
        return Builder(**known) if known else None

    def clear_unfinished(self, own: Builder) -> None:
        """Remove what dead publishers have left; raises ArchiveBusy if one is at work."""
        kept = self.manifests()
        for name, parts in self._found().items():
            if name in kept:
                continue
            builder = self.builder(name) if "records" in parts else None
            if builder and builder.is_other(own):
                raise ArchiveBusy(
                    f"The archive on {self.address.endpoint} is being published by process "
                    f"{builder.process} on {builder.host}, since {builder.since}; wait until it "
                    "is done."
                )
            self.remove(name)

    def remove(self, name: str) -> None:
        """Remove a generation, its records first, so that the rest is not taken for one."""
        there = set(self.connection.collections())
        for part in PARTS:
            collection = self.address.collection(name, part)
            if collection in there:
                self.connection.drop(collection)

    def retire(self, before: str | None) -> None:
        """Remove surplus generations, and release the memory of older ones.

        `before` was in use until now, and may still have readers.
        """
        now = self.current()
        # Those skipped by a rollback are removed first.
        order = sorted(
            self.manifests(), key=lambda name: (int(name) > int(before or now), -int(name))
        )
        order = [now, *(name for name in order if name != now)]
        for name in order[KEPT:]:
            self.remove(name)
        for name in order[:KEPT]:
            if name not in {now, before}:
                for part in _LARGE:
                    self.connection.release(self.address.collection(name, part))

    def _records(self, name: str) -> Records:
        collection = self.address.collection(name, "records")
        self.connection.load(collection)
        return Records(self.connection, collection)

    def _found(self) -> dict[str, set[str]]:
        """Return the existing parts of each generation, oldest first."""
        found: dict[str, set[str]] = {}
        for collection in self.connection.collections():
            known = self.address.split(collection)
            if known:
                found.setdefault(known[0], set()).add(known[1])
        return dict(sorted(found.items(), key=lambda item: int(item[0])))
