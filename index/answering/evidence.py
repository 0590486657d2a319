"""Evidence for and against the best quotation being an answer.

`weights.json` has the evidence that each model of confidence uses. All values except score, margin,
passage, cosine and aligned lie between 0 and 1; cosine and aligned are on the scale of
`index.encoding.cosine_scale`: 1 for an answer, 0 for an unrelated text.

* score, margin: the score of the best quotation's sentence, and its lead over the next one;
* cosine, coverage, pairs, passage: the features of the same names of that sentence;
* missing: the share of the question's term weight that the passage lacks in any form;
* worst, rarest: the weight of the heaviest term that sentence and passage miss, as a share of the
  question's heaviest and of the heaviest possible;
* lost: the weight of the heaviest term that the quotation lacks in any form; all terms rarer than
  one passage in 200 weigh the same, so that small and large archives compare;
* names, words: the share of the question's names, and of its other words, that the passage has in
  some form, unweighted;
* numbers: the share of the question's numbers that sentence and context have;
* matched, aligned: the mean and the least similarity of the question's words to the sentence's
  (`index.answering.late_interaction`);
* negation, contrast: whether the question denies something, or says "before", "least", "first",
  and the passage does not;
* opposed: whether the quotation has the opposite of a word of the question: "formal" for
  "informal", "later" for "earlier";
* typed, untyped: whether the sentence has an expected answer type, and whether none is expected;
* lacks: whether a date, number or reason is asked for, and the quotation has none.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from index.answering.features import share
from index.answering.late_interaction import Interaction, Similarity
from index.answering.quotations import Quote
from index.retrieval.archive import Archive, Query
from index.text.analyzer import analyze
from index.text.passages import context_of
from index.text.tables import read_lists
from index.understanding.answer_types import has_type
from index.understanding.dates import MONTH_NAME
from index.understanding.questions import LIGHT, Question

_LISTS = read_lists(__file__)

# Terms with this many first letters in common are forms of one word.
_ROOT = 4
# Terms rarer than one passage in this many count as that rare.
_RARE = 200
# Answer types with a weight of their own.
_ASKED = ("date", "number", "person", "reason")
# Answer types that can be recognised by form, so that their absence counts.
_PLAIN = ("date", "number", "reason")

_NEGATION = re.compile(
    r"\b(?:not|never|no|none|without|except|excluding|other than|rather than|cannot|besides|unable"
    r"|fail\w*|refus\w*|lack\w*|stop\w*|unlike)\b|n['’]?t\b",
    re.IGNORECASE,
)
_CONTRASTS = frozenset(_LISTS["contrasts"].split())
_OPPOSITES: dict[str, set[str]] = {}
for _pair in _LISTS["opposites"].split():
    _first, _second = _pair.split(":")
    _OPPOSITES.setdefault(_first, set()).add(_second)
    _OPPOSITES.setdefault(_second, set()).add(_first)
_DENYING = ("un", "in", "im", "ir", "non", "dis")
_LETTERS = re.compile(r"[a-z]+")
_HOW = re.compile(r"\bhow \w+")
# Days, months, years and the numbers of records are no amounts.
_CALENDAR = re.compile(
    rf"\b(?:\d{{1,2}} )?(?:{MONTH_NAME})(?: \d{{1,2}}\b,?)?(?: \d{{4}}\b)?|\b(?:1[5-9]|20)\d\ds?\b"
    r"|\bNos?\. ?\d+",
    re.IGNORECASE,
)


def compute_evidence(query: Query, quote: Quote, archive: Archive) -> dict[str, float]:
    """Return all evidence for a quotation."""
    asked, text = query.asked, quote.document.text
    weighed = {term: weight * archive.engine.idf(term) for term, weight in asked.weights.items()}
    passage = quote.hit.passage.span.of(text)
    context = analyze(context_of(quote.document, quote.hit.passage))
    held = set(analyze(quote.text)).union(context)
    around = set(analyze(passage)).union(context)
    lost = {term: weighed[term] for term in _lost(weighed, around)}
    heaviest = max(weighed.values(), default=0.0) or 1.0
    missed = max((weight for term, weight in weighed.items() if term not in held), default=0.0)
    names = dict.fromkeys((term for term in asked.names if term in weighed), 1.0)
    numbers = dict.fromkeys(asked.numbers, 1.0)
    words = dict.fromkeys(weighed.keys() - names.keys() - numbers.keys() - LIGHT, 1.0)
    rare = min(archive.engine.heaviest, math.log(_RARE))
    question = asked.text.lower()
    compared = set(_LETTERS.findall(_HOW.sub("", question)))
    is_topic = asked.kind == "topic"
    match = Similarity(0.0, 0.0)
    # Late interaction says nothing of headings, whose words do not stand together in texts.
    if query.is_read and not is_topic:
        match = Interaction(asked, weighed, archive.encoder).match(quote.text)
    return {
        "score": quote.score / 10,
        "margin": min(quote.margin, 3.0),
        **{name: quote.features[name] for name in ("cosine", "coverage", "pairs", "passage")},
        "missing": share(weighed, lost.keys()) if any(weighed.values()) else 1.0,
        "worst": missed / heaviest,
        "rarest": max(lost.values(), default=0.0) / archive.engine.heaviest,
        "lost": max(
            (
                min(archive.engine.idf(term), rare) / rare
                for term in _lost(weighed.keys() - LIGHT, held)
            ),
            default=0.0,
        ),
        "names": _share_kept(names, around),
        "words": _share_kept(words, around),
        "numbers": share(numbers, held) if numbers else 1.0,
        "matched": match.mean,
        "aligned": match.least,
        **_place(query, quote),
        "negation": float(bool(_NEGATION.search(asked.text)) and not _NEGATION.search(quote.text)),
        "contrast": float(bool((compared & _CONTRASTS) - set(_LETTERS.findall(passage.lower())))),
        "opposed": float(has_opposite(question, f"{quote.text} {quote.document.title}".lower())),
        "typed": float(is_topic or any(quote.features[kind] for kind in asked.expected)),
        "untyped": float(not is_topic and not asked.expected),
        "lacks": float(_lacks(asked, quote.text)),
    }


def _place(query: Query, quote: Quote) -> dict[str, float]:
    """Return the evidence of a quotation's place: its voice, time, names and rank."""
    asked, hit = query.asked, quote.hit
    record = quote.document.provenance.record
    known = (quote.document.title, *record.creators, *record.recipients, *record.people)
    names = dict.fromkeys(asked.names, 1.0)
    # Stems are searched in the plain text, which saves analyzing a long document.
    words = "\n".join((*known, quote.document.text)).casefold() if names else ""
    features = quote.features
    voice = max(features["turn"], features["author"], features["report"])
    return {
        "voiced": voice,
        "open": float(bool(asked.speaker_name) and not voice),
        "timely": max(0.0, features["dated"]),
        "untimely": max(0.0, -features["dated"]),
        "known": share(names, {name for name in names if name in words}) if names else 1.0,
        "agreed": 1 / (hit.lexical_rank or 100) + 1 / (hit.dense_rank or 100),
        "nearest": features["nearest"],
        "counted": features["counted"],
        **{f"asks_{kind}": float(kind in asked.expected) for kind in _ASKED},
    }


def has_opposite(question: str, sentence: str) -> bool:
    """Return whether a sentence has the opposite of a word that only the question has.

    Both must be in small letters.
    """
    words = set(_LETTERS.findall(sentence))
    own = set(_LETTERS.findall(question)) - words
    if any(not _OPPOSITES[word].isdisjoint(words) for word in _OPPOSITES.keys() & own):
        return True
    # Of a pair with the same first letter, the question's word must begin with such a prefix: the
    # weights were fitted so.
    roots = {word[: _ROOT + 1] for word in words}
    if any(
        root in roots and (root[0] != word[0] or word[:2] in _DENYING)
        for word, root in _denied_roots(own)
    ):
        return True
    roots = {word[: _ROOT + 1] for word in own}
    return any(
        root in roots and (root[0] != word[0] or root[:2] in _DENYING)
        for word, root in _denied_roots(words)
    )


def _lacks(asked: Question, sentence: str) -> bool:
    """Return whether a question asks for a date, amount or reason that a sentence lacks."""
    amounts = _CALENDAR.sub(" ", sentence)
    return any(
        not has_type(kind, amounts if kind == "number" else sentence, asked.weights.keys())
        for kind in _PLAIN
        if kind in asked.expected
    )


def _denied_roots(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the words that may be a form with a negative prefix such as "un", with their roots."""
    for word in words:
        if word.startswith(_DENYING):
            for prefix in _DENYING:
                if word.startswith(prefix) and len(word) >= len(prefix) + _ROOT:
                    yield word, word[len(prefix) :][: _ROOT + 1]


def _lost(terms: Iterable[str], held: AbstractSet[str]) -> Iterable[str]:
    """Return the terms that are not among those held in any form."""
    roots = {term[:_ROOT] for term in held if len(term) >= _ROOT}
    return [
        term
        for term in terms
        if term not in held and not (len(term) >= _ROOT and term[:_ROOT] in roots)
    ]


def _share_kept(weights: Mapping[str, float], held: AbstractSet[str]) -> float:
    """Return the share of terms that are held in some form; 1 if there are none."""
    return 1 - share(weights, set(_lost(weights, held)))
