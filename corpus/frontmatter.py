"""Provenance as people write it: names and values, checked."""

import datetime as dt
from dataclasses import fields
from typing import Any

from corpus.dates import parse_date
from corpus.documents import Provenance, Reference
from corpus.errors import UnreadableSource

# What other tools call the same things.
_ALIASES = {
    "author": "creators",
    "authors": "creators",
    "date": "document_date",
    "lang": "language",
}
_UNKNOWN = (None, "", "~", "null")
_LISTS = {"creators", "recipients", "copied_to", "people", "tags", "editors"}
_DATES = {"event_date", "document_date", "received_date", "publication_date"}


def read_provenance(known: dict[str, Any]) -> Provenance:
    """Return the provenance that a mapping of names and values gives; other names are left alone.

    Raises UnreadableSource for a value of the wrong form, naming it.
    """
    names = {field.name for field in fields(Provenance)}
    values: dict[str, Any] = {}
    for key, value in known.items():
        name = _ALIASES.get(str(key), str(key))
        if name not in names or value in _UNKNOWN:
            continue
        if name == "about":
            if not isinstance(value, dict):
                raise UnreadableSource("about: expected names and values")
            values[name] = read_provenance(value)
        elif name == "sources":
            values[name] = tuple(_read_reference(item) for item in _as_list(value))
        elif name in _LISTS:
            values[name] = tuple(_as_words(name, item) for item in _as_list(value))
        elif name in _DATES:
            values[name] = parse_date(_as_words(name, value), name)
        else:
            values[name] = _as_words(name, value)
    return Provenance(**values)


def _as_list(value: Any) -> list[Any]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if item not in _UNKNOWN]


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
