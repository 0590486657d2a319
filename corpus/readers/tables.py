"""Tables of documents: CSV, JSON and JSON lines, with a document in each row.

A row has its text under one of the names in `_TEXTS`, what to call it under one of `_IDS`, and its
provenance under the names that front matter has. A row that cannot be read is reported with its
number, and the rest is read.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from corpus.errors import UnreadableSource
from corpus.frontmatter import read_provenance
from corpus.readers.encodings.decoding import decode_text
from corpus.readers.reading import Reading, Skipped

_TEXTS = ("text", "body", "content", "contents", "full_text", "transcript")
_IDS = ("id", "doc_id", "document_id", "identifier", "key")
# Other names that tables use for those of front matter, and names with several values.
_ALIASES = {"author": "creators", "authors": "creators", "from": "creators", "to": "recipients"}
_LISTS = ("creators", "recipients", "people", "tags", "editors")
_DELIMITERS = ",;\t|"
_SNIFFED = 20_000
_NAME_CHARS = 120


def read_csv(data: bytes) -> Iterator[Reading | Skipped]:
    """Yield the document of each row of a table whose first row names its columns.

    Of columns of one name, all texts are read, else the first.
    Raises UnreadableSource without such a row, or a column for texts.
    """
    decoded = decode_text(data)
    text = decoded.text
    # The limit is that of the process: raise it, but never lower it for other readers.
    csv.field_size_limit(max(len(text), csv.field_size_limit()))
    rows = csv.reader(io.StringIO(text, newline=""), _dialect(text))
    columns = _columns(rows)
    yield from _remark(_read_cells(rows, columns), (*decoded.remarks, *_find_doubles(columns)))


def _read_cells(rows: Iterator[list[str]], columns: list[str]) -> Iterator[Reading | Skipped]:
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
        row = _merge(zip(columns, cells, strict=False))
        yield _read_row(row, f"row {number}", f"row-{number}", split=True)


def _remark(
    items: Iterable[Reading | Skipped], remarks: Sequence[str]
) -> Iterator[Reading | Skipped]:
    """Yield the documents of a file, the first with the remarks on all of it."""
    for item in items:
        if remarks and isinstance(item, Reading):
            yield replace(item, remarks=(*remarks, *item.remarks))
            remarks = ()
        else:
            yield item


def read_json_lines(data: bytes) -> Iterator[Reading | Skipped]:
    """Yield the document of each line of JSON; raises UnreadableSource if no line is one."""
    decoded = decode_text(data)
    yield from _remark(_read_lines(decoded.text), decoded.remarks)


def _read_lines(text: str) -> Iterator[Reading | Skipped]:
    if text.lstrip().startswith("[") or "\n" not in text.strip():
        yield from _read_document(text)
        return
    skipped: list[Skipped] = []
    found = False
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_keep_texts)
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

    Raises UnreadableSource if it is not JSON.
    """
    decoded = decode_text(data)
    first, _, rest = decoded.text.lstrip().partition("\n")
    read = _read_lines if rest.strip() and _is_object(first) else _read_document
    yield from _remark(read(decoded.text), decoded.remarks)


def _read_document(text: str) -> Iterator[Reading | Skipped]:
    try:
        known = json.loads(text, object_pairs_hook=_keep_texts)
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


def _merge(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return names with values; of doubled names, both texts, else the first value."""
    known: dict[str, Any] = {}
    for name, value in pairs:
        before = known.get(name)
        if before in (None, "") or not isinstance(before, str) or not isinstance(value, str):
            known[name] = value if before in (None, "") else before
        elif name in _TEXTS and value.strip() and value != before:
            known[name] = f"{before}\n\n{value}"
    return known


def _keep_texts(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; of doubled names the last counts, but texts are all kept."""
    return {**dict(pairs), **_merge(pair for pair in pairs if pair[0] in _TEXTS)}


def _find_doubles(columns: Sequence[str]) -> Iterator[str]:
    """Yield a remark for each name that several columns have."""
    for name, count in Counter(filter(None, columns)).items():
        if count > 1:
            what = "all are read, one below the other" if name in _TEXTS else "the first is read"
            yield f"{count} columns are called “{name}”: {what}"


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
    """Return the dialect of a table by the commonest delimiter of its first row."""
    head = text[:_SNIFFED].split("\n", 1)[0]
    # csv.Sniffer looks at the texts, and takes letters for delimiters.
    best = max(_DELIMITERS, key=head.count)
    return type("Parted", (csv.excel,), {"delimiter": best})


def _read_row(row: Any, place: str, own: str, *, split: bool = False) -> Reading | Skipped:
    """Return the document of a row, or why it has none; `own` is its default name.

    `split`: lists are written with semicolons.
    """
    if not isinstance(row, dict):
        return Skipped(place, "no names and values")
    known = _merge((_name(str(key)), value) for key, value in row.items())
    text = next((known[each] for each in _TEXTS if known.get(each)), None)
    if not isinstance(text, str) or not text.strip():
        return Skipped(place, "no text")
    known = {_ALIASES.get(key, key): value for key, value in known.items()}
    if split:
        lists = {key: known[key].split(";") for key in _LISTS if key in known}
        known |= {key: [item.strip() for item in items] for key, items in lists.items()}
    provenance, faults = read_provenance(known)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    remarks = tuple(f"{place}: {fault}" for fault in faults)
    return Reading(text, provenance, name=_own_name(known) or own, remarks=remarks)


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
