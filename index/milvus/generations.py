"""The generations of an archive on Milvus: which is in use, which are kept, which are to go.

The alias alone decides which is in use. A generation is whole once it has a manifest, which is
written last; one without is being published, or its publisher died. Readers ask collections, not
the alias: they go on with the generation that they have opened.
"""

import time
from dataclasses import asdict, dataclass
from typing import Any

from corpus.errors import ArchiveBusy, ArchiveError, DamagedIndex, NoIndex, UsageError
from index.milvus.address import PARTS
from index.milvus.connection import Connection
from index.milvus.engine import MilvusEngine
from index.milvus.records import Kind, RecordRows, Records
from index.storage.generation import KEPT, Manifest

# A publisher that has not said for so many seconds that it is at work has died.
_ABANDONED = 600.0
# What questions do not need of a generation that is only kept.
_LARGE = ("passages", "terms")


@dataclass(frozen=True, slots=True)
class Builder:
    """Who publishes: the archive in the folder `root` on a host, and when it last said so."""

    host: str
    root: str
    process: int
    since: str
    beat: float = 0.0

    def is_other(self, own: "Builder") -> bool:
        """Tell whether somebody else is at work: an archive's own lock keeps out its other ones."""
        elsewhere = (self.host, self.root) != (own.host, own.root)
        return elsewhere and time.time() - self.beat < _ABANDONED


class Generations:
    """What an archive has on Milvus."""

    def __init__(self, connection: Connection) -> None:
        """Look through a connection."""
        self.connection, self.address = connection, connection.address

    def current(self) -> str:
        """Return the generation in use; raises NoIndex where there is none."""
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
                # A builder may have put others in use, and removed this one, at this moment.
                newest = self.current()
                if newest == name:
                    raise
                name = newest

    def manifests(self) -> dict[str, Manifest | None]:
        """Return the manifests of the generations that are whole, oldest first.

        It is None for one that this version cannot read.
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
        """Return the number that follows the highest there is, or `least` if that is higher."""
        highest = max((int(name) for name in self._found()), default=0)
        return f"{max(highest + 1, int(least)):06}"

    def switch(self, name: str) -> None:
        """Put a generation in use, for everybody at once."""
        self.connection.point(self.address.alias, self.address.collection(name, "records"))

    def roll_back(self, name: str | None = None) -> Manifest:
        """Put an older generation back in use, the one before the current unless named, checked.

        Raises UsageError where it is not there, DamagedIndex where it is damaged.
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
        """Say who publishes a generation, now and again while it goes on."""
        value = asdict(builder) | {"beat": time.time()}
        rows = list(RecordRows().make(Kind.BUILDER, 0, value))
        self.connection.replace(self.address.collection(name, "records"), rows)

    def builder(self, name: str) -> Builder | None:
        """Return who publishes a generation."""
        known: dict[str, Any] | None = self._records(name).read_whole(Kind.BUILDER)
        return Builder(**known) if known else None

    def clear_unfinished(self, own: Builder) -> None:
        """Remove what publishers have left that died; raises ArchiveBusy where one is at work."""
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
        """Remove a generation; its records first, so that nobody takes the rest for one."""
        there = set(self.connection.collections())
        for part in PARTS:
            collection = self.address.collection(name, part)
            if collection in there:
                self.connection.drop(collection)

    def retire(self, before: str | None) -> None:
        """Remove generations beyond those that are kept, and let the older ones take no memory.

        `before` was in use until now: there may be readers who go on with it.
        """
        now = self.current()
        # Those that were passed over by a rollback go first.
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

    def current_or_none(self) -> str | None:
        """Return the generation in use, or None where there is none."""
        try:
            return self.current()
        except NoIndex:
            return None

    def _records(self, name: str) -> Records:
        collection = self.address.collection(name, "records")
        self.connection.load(collection)
        return Records(self.connection, collection)

    def _found(self) -> dict[str, set[str]]:
        """Return the parts that are there of each generation, oldest first."""
        found: dict[str, set[str]] = {}
        for collection in self.connection.collections():
            known = self.address.split(collection)
            if known:
                found.setdefault(known[0], set()).add(known[1])
        return dict(sorted(found.items(), key=lambda item: int(item[0])))
