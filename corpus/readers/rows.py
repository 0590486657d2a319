"""Tables of documents: CSV, JSON and JSON lines, a row a document.

A row has its text under one of the names in `_TEXTS`, what to call it under one of `_IDS`, and its
provenance under the names that front matter has. A row that cannot be read is reported with its
number, and the rest is read.
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from corpus.errors import UnreadableSource
from corpus.frontmatter import read_provenance
from corpus.readers.reading import Reading, Skipped
from corpus.readers.text import decode

_TEXTS = ("text", "body", "content", "contents", "full_text", "transcript")
_IDS = ("id", "doc_id", "document_id", "identifier", "key")
# What tables call some names of front matter, and which of those may be several.
_ALIASES = {"author": "creators", "authors": "creators", "from": "creators", "to": "recipients"}
_LISTS = ("creators", "recipients", "people", "tags", "editors")
_DELIMITERS = ",;\t|"
_SNIFFED = 20_000
_NAME_CHARS = 120


def read_csv(data: bytes) -> Iterator[Reading | Skipped]:
    """Yield the document of each row of a table whose first row names its columns.

    Raises UnreadableSource where there is no such row, or no column for texts.
    """
    text = decode(data)
    # The limit is the whole process's: it is raised, and never lowered for other readers.
    csv.field_size_limit(max(len(text), csv.field_size_limit()))
    rows = csv.reader(io.StringIO(text, newline=""), _dialect(text))
    columns = _columns(rows)
    number = 1
    while True:
        number += 1
        try:
            cells = next(rows, None)
        except csv.Error as error:
            yield Skipped(f"row {number}", f"no row of a table ({error})")
            continue
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            yield Skipped(f"row {number}", "has more cells than the first row has names")
            continue
        row = dict(zip(columns, cells, strict=False))
        yield _read_row(row, f"row {number}", f"row-{number}", split=True)


def read_json_lines(data: bytes) -> Iterator[Reading | Skipped]:
    """Yield the document of each line of JSON; raises UnreadableSource where no line is any."""
    text = decode(data)
    if text.lstrip().startswith("[") or "\n" not in text.strip():
        yield from _read_document(text)
        return
    skipped: list[Skipped] = []
    found = False
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            skipped.append(Skipped(f"line {number}", _say(error)))
        else:
            found |= isinstance(row, dict)
            if found:
                yield from skipped
                skipped.clear()
            yield _read_row(row, f"line {number}", f"line-{number}")
    if found:
        yield from skipped
    else:
        # One document of JSON, perhaps, over many lines.
        yield from _read_document(text)


def read_json(data: bytes) -> Iterator[Reading | Skipped]:
    """Yield the document of each object of a list, or the one of a single object.

    Raises UnreadableSource where it is no JSON.
    """
    text = decode(data)
    first, _, rest = text.lstrip().partition("\n")
    if rest.strip() and _is_object(first):
        yield from read_json_lines(data)
    else:
        yield from _read_document(text)


def _read_document(text: str) -> Iterator[Reading | Skipped]:
    try:
        known = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableSource(f"the file is {_say(error)}") from error
    if isinstance(known, dict) and not any(name in known for name in _TEXTS):
        # The list may have a name: {"documents": […]}.
        lists = [value for value in known.values() if isinstance(value, list)]
        known = lists[0] if len(lists) == 1 else known
    rows = known if isinstance(known, list) else [known]
    if not rows:
        raise UnreadableSource("the file is empty")
    for number, row in enumerate(rows, start=1):
        yield _read_row(row, f"row {number}", f"row-{number}" if len(rows) > 1 else "")


def _columns(rows: Iterator[list[str]]) -> list[str]:
    try:
        names = [_name(cell) for cell in next(rows, [])]
    except csv.Error as error:
        raise UnreadableSource(f"the file is no table ({error})") from error
    if not any(name in _TEXTS for name in names):
        told = ", ".join(name[:30] for name in names[:12] if name) or "none"
        raise UnreadableSource(f"no column for texts, such as “text”, among {told}")
    return names


def _dialect(text: str) -> Any:
    """Return how the cells of a table are parted, by what its first row has most of."""
    head = text[:_SNIFFED].split("\n", 1)[0]
    # The standard library's own guess looks at the texts, and takes letters for what parts them.
    best = max(_DELIMITERS, key=head.count)
    return type("Parted", (csv.excel,), {"delimiter": best})


def _read_row(row: Any, place: str, own: str, *, split: bool = False) -> Reading | Skipped:
    """Return the document of a row, or why it is none; `own` is its name where it has none.

    `split`: lists are written with semicolons.
    """
    if not isinstance(row, dict):
        return Skipped(place, "no names and values")
    known = {_name(str(key)): value for key, value in row.items()}
    text = next((known[each] for each in _TEXTS if known.get(each)), None)
    if not isinstance(text, str) or not text.strip():
        return Skipped(place, "no text")
    known = {_ALIASES.get(key, key): value for key, value in known.items()}
    if split:
        lists = {key: known[key].split(";") for key in _LISTS if key in known}
        known |= {key: [item.strip() for item in items] for key, items in lists.items()}
    try:
        provenance = read_provenance(known)
    except UnreadableSource as error:
        return Skipped(place, error.message)
    except RecursionError:
        return Skipped(place, "nested too deeply")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Reading(text, provenance, name=_own_name(known) or own)


def _own_name(known: dict[str, Any]) -> str:
    found = next((known[each] for each in _IDS if known.get(each) not in (None, "")), "")
    if isinstance(found, str | int):
        return str(found).strip()[:_NAME_CHARS].replace("/", "-")
    return ""


def _name(words: str) -> str:
    return words.strip().lower().replace(" ", "_").replace("-", "_")


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _say(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON ({error.msg}, line {error.lineno}, column {error.colno})"
    return "nested too deeply" if isinstance(error, RecursionError) else f"no JSON ({error})"
