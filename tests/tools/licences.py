"""List the licence of every package that memcon needs: `make licences`.

    python -m tests.tools.licences [EXTRA]...

Prints a table in Markdown. Licences are those that the installed packages declare; packages that
are needed on other platforms only are not listed. Exits with 1 if a package is not installed or
declares no licence.
"""

import re
import sys
from collections.abc import Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

UNKNOWN = "not declared"


def main(extras: Sequence[str]) -> None:
    """Print the table for the plain install and these extras."""
    found = closure("memcon", extras)
    rows = [
        (name, *((each.version, licence_of(each)) if each else ("", UNKNOWN)))
        for name, each in sorted(found.items())
    ]
    lines = ["| package | version | licence |", "| --- | --- | --- |"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    sys.stdout.write("\n".join(lines) + "\n")
    if unknown := [name for name, _, licence in rows if licence == UNKNOWN]:
        sys.exit(f"memcon: no licence is known of {', '.join(unknown)}")


def closure(name: str, extras: Sequence[str] = ()) -> dict[str, Distribution | None]:
    """Return a package and all that it needs, directly or not; None for what is not installed."""
    found: dict[str, Distribution | None] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(name, ("", *extras))]
    while waiting:
        name, wanted = waiting.pop()
        key = canonicalize_name(name)
        if key not in found:
            try:
                found[key] = distribution(name)
            except PackageNotFoundError:
                found[key] = None
        package = found[key]
        for extra in wanted:
            if package is None or (key, extra) in seen:
                continue
            seen.add((key, extra))
            waiting += [
                (each.name, ("", *sorted(each.extras)))
                for each in map(Requirement, package.requires or ())
                if each.marker is None or each.marker.evaluate({"extra": extra})
            ]
    return found


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
