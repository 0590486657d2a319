"""Lists of words that stand beside a module, in a TOML file of the module's name."""

import tomllib
from pathlib import Path
from typing import Any


def read_lists(module: str) -> dict[str, Any]:
    """Return the lists beside a module, by its `__file__`."""
    return tomllib.loads(Path(module).with_suffix(".toml").read_text("utf-8"))


def read_sets(module: str) -> dict[str, frozenset[str]]:
    """Return the lists beside a module that has no other values, as sets."""
    return {name: frozenset(words) for name, words in read_lists(module).items()}


def read_patterns(module: str) -> dict[str, str]:
    """Return for each list of patterns beside a module one for any of them, in their order."""
    return {name: f"(?:{'|'.join(words)})" for name, words in read_lists(module).items()}
