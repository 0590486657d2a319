"""The shards of a process: all, or some of a number that all processes share."""

import re
from dataclasses import dataclass

from corpus.errors import UsageError

_FORM = re.compile(r"(?:(?P<first>\d{1,6})(?:-(?P<last>\d{1,6}))?/)?(?P<count>\d{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards `first` to `last` of `count`, counted from 0."""

    first: int
    last: int
    count: int

    @classmethod
    def parse(cls, words: object) -> "Shards":
        """Parse shards: "0-3/16" and "2/16" are some of 16, "16" is all of 16.

        Raises UsageError for anything else.
        """
        number = not isinstance(words, bool) and isinstance(words, int | str)
        found = _FORM.fullmatch(str(words).strip()) if number else None
        if found is None:
            raise UsageError(
                f"{words!r} names no shards: 0-3/16 are the first four of 16, 2/16 is one of them, "
                "16 is all of 16."
            )
        count = int(found["count"])
        if found["first"] is None:
            first, last = 0, count - 1
        else:
            first = int(found["first"])
            last = int(found["last"] or first)
        if not 0 <= first <= last < count:
            raise UsageError(
                f"{words} names shards that do not exist: of {count}, they are counted from 0 to "
                f"{max(0, count - 1)}, the first before the last."
            )
        return cls(first, last, count)

    @property
    def ids(self) -> list[int]:
        """The shards' numbers."""
        return list(range(self.first, self.last + 1))

    def __str__(self) -> str:
        which = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{which}/{self.count}"
