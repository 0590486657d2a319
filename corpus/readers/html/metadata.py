"""A web page's own metadata: title, date, author, address, language.

Fields come in the vocabularies that archives, journals and newspapers use: Highwire (citation_…),
Dublin Core, Open Graph, schema.org as JSON-LD and microdata, and plain HTML. Nothing is taken from
the words of the page but its first heading.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from corpus.dates import find_date, parse_date
from corpus.documents import Provenance
from corpus.errors import UnreadableSource
from corpus.readers.text_flow import local_name, trim, words_of
from corpus.word_lists import read_lists

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMES: dict[str, list[str]] = read_lists(__file__)
_WRITINGS = re.compile(r"Article|Posting|Report|WebPage|CreativeWork", re.IGNORECASE)
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(?=[-_]|$)")
_JSON_CHARS = 200_000


def read_metadata(root: "_Element") -> Provenance:
    """Return the provenance in a page's metadata."""
    fields = _collect_fields(root)
    written = list(_linked_data(root))
    site = _first(fields, _NAMES["publisher"])
    kind = (_first(fields, ("og:type",)) or "").lower()
    return Provenance(
        title=_find_title(root, fields, written, site),
        kind="article" if kind == "article" else "web page",
        creators=_find_authors(root, fields, written),
        document_date=_find_date(root, fields, written),
        publisher=site or next(_names(each.get("publisher") for each in written), None),
        language=_find_language(root, fields),
        url=_find_address(root, fields),
    )


def _collect_fields(root: "_Element") -> dict[str, list[str]]:
    """Return the values of the page's meta elements by their names, in lower case."""
    fields: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        name = meta.get("name") or meta.get("property") or meta.get("http-equiv")
        name = name or meta.get("itemprop") or ""
        value = trim(meta.get("content") or "")
        if name and value:
            fields.setdefault(name.strip().lower(), []).append(value)
    return fields


def _first(fields: dict[str, list[str]], names: Iterable[str]) -> str | None:
    return next((fields[name][0] for name in names if name in fields), None)


def _linked_data(root: "_Element") -> Iterator[dict[str, Any]]:
    """Yield the JSON-LD objects of writings: articles, reports, the page itself."""
    for script in root.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        words = words_of(script)
        try:
            known = json.loads(words) if len(words) <= _JSON_CHARS else None
        except (ValueError, RecursionError):
            continue
        items = known if isinstance(known, list) else [known]
        for item in items:
            parts = item.get("@graph", [item]) if isinstance(item, dict) else []
            for part in parts if isinstance(parts, list) else [parts]:
                if isinstance(part, dict) and _WRITINGS.search(str(part.get("@type"))):
                    yield part


def _names(values: Iterable[Any]) -> Iterator[str]:
    """Yield names from a schema.org person: a string, an object with a name, or a list."""
    for value in values:
        if isinstance(value, list):
            yield from _names(value)
        elif isinstance(value, dict):
            yield from _names([value.get("name")])
        elif isinstance(value, str) and trim(value) and "://" not in value:
            yield trim(value)


def _find_title(
    root: "_Element", fields: dict[str, list[str]], written: list[dict[str, Any]], site: str | None
) -> str | None:
    named = _first(fields, _NAMES["title"]) or next(
        _names(each.get("headline") for each in written), None
    )
    headings = [words for each in root.iter("h1") if (words := trim(words_of(each)))]
    title = next((trim(words_of(each)) for each in root.iter("title")), "")
    # Many pages give the name of the site where their own title should stand.
    if named and named != site:
        return _without_site(named, site)
    if len(headings) == 1:
        return headings[0]
    return _without_site(title, site) or (headings[0] if headings else None) or named


def _without_site(title: str, site: str | None) -> str:
    if site:
        return re.sub(rf"\s*(?:[|–—·:»-]|::)\s*{re.escape(site)}\s*$", "", title) or title
    return title


def _find_authors(
    root: "_Element", fields: dict[str, list[str]], written: list[dict[str, Any]]
) -> tuple[str, ...]:
    for name in _NAMES["author"]:
        named = tuple(dict.fromkeys(_names(fields.get(name, []))))
        if named:
            return named
    named = tuple(dict.fromkeys(_names(each.get("author") for each in written)))
    if named:
        return named
    marked = (each for each in root.iter("*") if "author" in (each.get("rel") or "").split())
    return tuple(dict.fromkeys(words for each in marked if (words := trim(words_of(each)))))


def _find_date(
    root: "_Element", fields: dict[str, list[str]], written: list[dict[str, Any]]
) -> str | None:
    said = [fields[name][0] for name in _NAMES["date"] if name in fields]
    said += [str(each["datePublished"]) for each in written if each.get("datePublished")]
    said += [
        each.get("datetime") or words_of(each)
        for each in root.iter("time")
        if each.get("pubdate") is not None or each.get("itemprop") == "datePublished"
    ]
    return next(filter(None, map(read_date, said)), None)


def read_date(words: str) -> str | None:
    """Parse a date in any form that pages use, or return None."""
    plain = trim(words)
    try:
        return parse_date(re.split(r"[T ]", plain.replace("/", "-"), maxsplit=1)[0], "date")
    except UnreadableSource:
        found = find_date(plain)
        return found[0] if found else None


def _find_language(root: "_Element", fields: dict[str, list[str]]) -> str | None:
    said = (root.get("lang"), _first(fields, _NAMES["language"]), _first(fields, ("og:locale",)))
    tags = (_LANGUAGE_TAG.match((each or "").strip().lower()) for each in said)
    return next((tag[0] for tag in tags if tag), None)


def _find_address(root: "_Element", fields: dict[str, list[str]]) -> str | None:
    """Return the page's own address: the canonical link, else the one it is shared by."""
    links = [
        each.get("href") or ""
        for each in root.iter("link")
        if "canonical" in (each.get("rel") or "").lower().split()
    ]
    base = next((each.get("href") or "" for each in root.iter("base")), "")
    for address in (*links, *fields.get("og:url", [])[:1]):
        whole = urljoin(base, address.strip())
        parts = urlsplit(whole)
        # The address of a whole site is none of a page.
        if parts.scheme in {"http", "https"} and parts.hostname and parts.path.strip("/"):
            return whole
        if local_name(root) and links:
            # A canonical address that says only part of itself is not completed by guessing.
            return None
    return None
