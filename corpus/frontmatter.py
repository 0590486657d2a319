"""Reads provenance from names and values that people write."""

import datetime as dt
from dataclasses import fields
from typing import Any

from corpus.dates import parse_date
from corpus.documents import Provenance, Reference
from corpus.errors import UnreadableSource

# Other tools' names for the same fields.
_ALIASES = {
    "author": "creators",
    "authors": "creators",
    "date": "document_date",
    "lang": "language",
}
_UNKNOWN = ("", "~", "null")
_LISTS = {"creators", "recipients", "copied_to", "people", "tags", "editors"}
_DATES = {"event_date", "document_date", "received_date", "publication_date"}


_NAMES = frozenset(field.name for field in fields(Provenance))


def read_provenance(known: dict[str, Any]) -> tuple[Provenance, tuple[str, ...]]:
    """Return the provenance in a mapping of names and values; other names are ignored.

    A value of the wrong form is left out, and the fault returned beside the provenance.
    """
    values: dict[str, Any] = {}
    faults: list[str] = []
    for key, value in known.items():
        name = _ALIASES.get(str(key), str(key))
        if name not in _NAMES or _is_unknown(value):
            continue
        try:
            if name == "about":
                values[name], inside = _read_about(value)
                faults += [fault.replace("left out ", "left out about, ", 1) for fault in inside]
            else:
                values[name] = _read_value(name, value)
        except UnreadableSource as error:
            faults.append(f"left out {error.message}")
    return Provenance(**values), tuple(faults)


def is_known(key: object) -> bool:
    """Return whether a name is one of those that front matter may have."""
    return _ALIASES.get(str(key), str(key)) in _NAMES


def _read_about(value: Any) -> tuple[Provenance, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise UnreadableSource("about: expected names and values")
    if "about" in value:
        raise UnreadableSource("about: expected a record that is about no other")
    return read_provenance(value)


def _read_value(name: str, value: Any) -> Any:
    if name == "sources":
        return tuple(_read_reference(item) for item in _as_list(value))
    if name in _LISTS:
        return tuple(_as_words(name, item) for item in _as_list(value))
    words = _as_words(name, value)
    return parse_date(words, name) if name in _DATES else words


def _is_unknown(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value in _UNKNOWN)


def _as_list(value: Any) -> list[Any]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if not _is_unknown(item)]


def _as_words(name: str, value: Any) -> str:
    if isinstance(value, (dict, list)):
        raise UnreadableSource(f"{name}: expected one value")
    if isinstance(value, dt.datetime):
        value = value.date()
    return str(value).strip()


def _read_reference(item: Any) -> Reference:
    if isinstance(item, dict):
        url = item.get("url")
        return Reference(
            _as_words("sources", item.get("title") or url or ""), str(url) if url else None
        )
    return Reference(_as_words("sources", item))
