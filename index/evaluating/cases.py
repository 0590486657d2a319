"""Cases for confidence: evidence for the best quotation, with and without an answer.

A set's own questions without an answer are few, or written to mislead. Others are made from those
with an answer: the answering documents left out; a name or year replaced by another one of the
archive; and questions to a small archive about something else.
"""

import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from index.answering.evidence import compute_evidence
from index.answering.quotations import PASSAGES, Quote, select_quotes
from index.answering.verdict import kind_of
from index.evaluating.judged_sets import Judged
from index.retrieval.archive import Archive, Query
from index.retrieval.filters import Filters
from index.text.analyzer import analyze
from index.understanding.entities import find_capitalised

_YEAR = re.compile(r"(?<![\w.])\d{4}(?!\w)")


@dataclass(frozen=True, slots=True)
class Case:
    """The evidence for a question's best quotation, and whether the archive answers it.

    `kind` is "own", "left out", "swapped" or "foreign". `groups` are the subjects of question and
    archive, the question's own first. `right` is whether the quotation is an answer; `relevance` is
    the reranker's score of it, and `ahead` its lead over the others. `weight` is relative to other
    cases.
    """

    model: str
    kind: str
    groups: tuple[str, ...]
    query_id: str
    evidence: Mapping[str, float]
    answerable: bool
    right: bool = False
    relevance: float | None = None
    ahead: float = 0.0
    weight: float = 1.0


def find_cases(
    archive: Archive,
    queries: Sequence[Judged],
    foreign: Sequence[Judged] = (),
    is_right: Callable[[Judged, Quote], bool] = lambda judged, quote: judged.is_answered_by(
        quote.document.doc_id, quote.span
    ),
) -> Iterator[Case]:
    """Yield the cases of a set; they depend on the present weights of sentences.

    `foreign` are questions about other archives; `is_right` decides whether a quotation answers an
    answerable question.
    """
    for judged, case, quote in _find_cases(archive, queries, foreign):
        yield replace(case, right=case.answerable and is_right(judged, quote))


def _find_cases(
    archive: Archive, queries: Sequence[Judged], foreign: Sequence[Judged]
) -> Iterator[tuple[Judged, Case, Quote]]:
    parts = _find_parts(archive, queries)
    for judged in queries:
        own, query = (group_of(judged),), archive.parse_query(judged.text)
        yield from _make_case(archive, query, judged, "own", own)
        if not judged.answerable:
            continue
        yield from _make_case(archive, query, judged, "left out", own)
        if query.is_read and query.asked.kind == "question":
            swapped = swap_part(judged, parts[own[0]], archive)
            if swapped:
                yield from _make_case(archive, archive.parse_query(swapped), judged, "swapped", own)
    about = sorted({group_of(judged) for judged in queries})
    for judged in foreign:
        groups = (group_of(judged), *about)
        yield from _make_case(archive, archive.parse_query(judged.text), judged, "foreign", groups)


def group_of(judged: Judged) -> str:
    """Return the subject of a question, so that held-out parts share no article."""
    if judged.group:
        return judged.group
    return judged.doc_ids[0].rsplit("/", 1)[0] if judged.doc_ids else judged.query_id


def swap_part(judged: Judged, parts: Sequence[str], archive: Archive) -> str | None:
    """Return a question with one of its names or years replaced by another of the same kind.

    The other one is of `parts` and in no answering document; None without one. The choice depends
    on the question alone.
    """
    held = set(analyze(judged.text))
    for doc_id in judged.doc_ids:
        document = archive.document(doc_id)
        held.update(analyze(f"{document.title}\n{document.text}"))
    fitting = [part for part in parts if analyze(part) and held.isdisjoint(analyze(part))]
    for old in _shuffle(judged, _parts_of(judged.text)):
        same = [part for part in fitting if bool(_YEAR.fullmatch(part)) == bool(_YEAR.match(old))]
        if same:
            return judged.text.replace(old, _shuffle(judged, same)[0], 1)
    return None


def _make_case(
    archive: Archive, query: Query, judged: Judged, kind: str, groups: tuple[str, ...]
) -> Iterator[tuple[Judged, Case, Quote]]:
    left_out = judged.doc_ids if kind == "left out" else ()
    hits = archive.search(query, Filters(), PASSAGES + 10 * len(left_out))
    hits = [hit for hit in hits if hit.passage.doc_id not in left_out]
    quotes = select_quotes(query, hits, archive, 1)
    if quotes:
        evidence = compute_evidence(query, quotes[0], archive)
        answerable = judged.answerable and kind == "own"
        case = Case(
            model=kind_of(query),
            kind=kind,
            groups=groups,
            query_id=judged.query_id,
            evidence=evidence,
            answerable=answerable,
            relevance=quotes[0].relevance,
            ahead=quotes[0].ahead or 0.0,
        )
        yield judged, case, quotes[0]


def _find_parts(archive: Archive, queries: Sequence[Judged]) -> Mapping[str, list[str]]:
    """Return the names in the questions about each subject, and the years in its documents."""
    found: dict[str, set[str]] = defaultdict(set)
    for judged in queries:
        parts = found[group_of(judged)]
        parts.update(find_capitalised(judged.text))
        for doc_id in judged.doc_ids:
            parts.update(_YEAR.findall(archive.document(doc_id).text))
    return {group: sorted(parts) for group, parts in found.items()}


def _parts_of(text: str) -> list[str]:
    return [*find_capitalised(text), *_YEAR.findall(text)]


def _shuffle(judged: Judged, parts: Sequence[str]) -> list[str]:
    """Return parts in an order determined by the question."""
    return sorted(parts, key=lambda part: zlib.crc32(f"{judged.query_id} {part}".encode()))
