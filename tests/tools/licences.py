"""List the licence of every package that memcon needs: `make licences`.

    python -m tests.tools.licences [EXTRA]...

Prints a table in Markdown. Licences are those that the installed packages declare; packages that
are needed on other platforms only, or are not installed, are not listed.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

UNKNOWN = "not declared"


def main(extras: Sequence[str]) -> None:
    """Print the table for the plain install and these extras."""
    rows = [(each.name, each.version, licence_of(each)) for each in closure("memcon", extras)]
    lines = ["| package | version | licence |", "| --- | --- | --- |"]
    lines += [f"| {' | '.join(row)} |" for row in sorted(rows, key=lambda row: row[0].lower())]
    sys.stdout.write("\n".join(lines) + "\n")


def closure(name: str, extras: Sequence[str] = ()) -> Iterator[Distribution]:
    """Yield a package and all that it needs, directly or not."""
    seen: set[tuple[str, str]] = set()
    yielded: set[str] = set()
    waiting = [(name, ("", *extras))]
    while waiting:
        name, wanted = waiting.pop()
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        key = canonicalize_name(name)
        if key not in yielded:
            yielded.add(key)
            yield found
        for extra in wanted:
            if (key, extra) in seen:
                continue
            seen.add((key, extra))
            waiting += [
                (each.name, ("", *sorted(each.extras)))
                for each in map(Requirement, found.requires or ())
                if each.marker is None or each.marker.evaluate({"extra": extra})
            ]


def licence_of(package: Distribution) -> str:
    """Return the licence that a package declares: expression, classifiers or the first line."""
    if expression := package.metadata["License-Expression"]:
        return expression
    declared = [
        classifier.rpartition(" :: ")[2]
        for classifier in package.metadata.get_all("Classifier", [])
        if classifier.startswith("License :: ") and not classifier.endswith("OSI Approved")
    ]
    if declared:
        return ", ".join(declared)
    text = (package.metadata["License"] or "").strip()
    return re.split(r"[\n|]", text)[0].strip() or UNKNOWN


if __name__ == "__main__":
    main(sys.argv[1:])
