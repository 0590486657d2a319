"""Names of files in a form that terminals, databases and people can take."""

import re
from pathlib import Path

# Stands for a byte of a name that cannot be decoded.
_SURROGATE = re.compile("[\ud800-\udfff]")


def printable(path: str | Path) -> str:
    """Return a path that any terminal or database takes, with undecodable bytes as "%E9"."""
    name = str(path)
    if name.isascii():
        return name
    return _SURROGATE.sub(lambda match: f"%{ord(match[0]) & 0xFF:02X}", name)


def storable(name: str) -> str:
    """Return a name that any database takes, with undecodable bytes as "_"."""
    return name if name.isascii() else _SURROGATE.sub("_", name)


def typeable(name: str) -> str:
    """Return a name that people can type, on one line: "_" for spaces and control characters."""
    return "".join(char if char.isprintable() and char != " " else "_" for char in name)
