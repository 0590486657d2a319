"""Tables beside modules: the rows of a .tsv file, and lists of words."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path


def read_rows(module: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the .tsv file beside a module; comments begin with #."""
    for line in Path(module).with_suffix(".tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def read_lists(module: str) -> dict[str, str]:
    """Return the lists of words in the .tsv file beside a module, by name.

    A row has a list's name and words separated by spaces; a list may have several rows.
    """
    lists: dict[str, list[str]] = defaultdict(list)
    for name, words in read_rows(module):
        lists[name].append(words)
    return {name: " ".join(rows) for name, rows in lists.items()}
