"""Evidence: what speaks for and against the best quotation being an answer.

Which of these a model of confidence leans on stands in `weights.json`. All but the score, the
margin, the score of the passage, and cosine and aligned lie between 0 and 1; these two are
on the scale of `index.encoding.cosine_scale`: 1 for an answer, 0 for an unrelated text.

* score, margin: of the best quotation's sentence, and how far it is above the next one's;
* cosine, coverage, pairs, passage: the features of the same names of that sentence;
* missing: the share of the question's term weight that is in the passage in no form;
* worst, rarest: the weight of the heaviest term that sentence and passage miss, as a share of the
  question's heaviest and of the heaviest possible;
* lost: the weight of the heaviest term that the quotation has in no form; from one passage in 200
  on all weigh the same, so that a word is as rare in a small archive as in a large one;
* names, words: the share of the question's names, and of its other words, that the passage has in
  some form, each word alike;
* numbers: the share of the question's numbers that sentence and context have;
* matched, aligned: how near the question's words come to those of the sentence, and how near the
  one does that is matched least (`index.answering.late_interaction`);
* negation, contrast: whether the question denies something, or says "before", "least", "first",
  and the passage does not;
* opposed: whether the quotation has the opposite of a word of the question, "formal" or "later"
  where that has "informal" or "earlier";
* typed, untyped: whether the sentence has the kind of thing that the question expects, and
  whether it expects none in particular;
* lacks: whether a date, a number or a reason is asked for, and the quotation has none.
"""

import math
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from index.answering.features import share
from index.answering.late_interaction import Interaction, Similarity
from index.answering.quotations import Quote
from index.retrieval.archive import Archive, Query
from index.text.analyzer import analyze
from index.text.passages import context_of
from index.understanding.answer_types import has_type
from index.understanding.dates import MONTH_NAME
from index.understanding.questions import LIGHT, Question

# So many letters in common are one word in two forms that the stems tell apart.
_ROOT = 4
# A term in a smaller share of the passages counts as in this one.
_RARE = 200
# Kinds of thing that questions ask for more or less often than they are told.
_ASKED = ("date", "number", "person", "reason")
# A kind of thing that can be told by its form, so that a sentence without it gives none.
_PLAIN = ("date", "number", "reason")

_NEGATION = re.compile(
    r"\b(?:not|never|no|none|without|except|excluding|other than|rather than|cannot|besides|unable"
    r"|fail\w*|refus\w*|lack\w*|stop\w*|unlike)\b|n['’]?t\b",
    re.IGNORECASE,
)
_CONTRASTS = frozenset(
    """
    above after before begin below decrease decreased different early earlier east eastern end
    female few finish first former high higher highest increase increased inside large larger
    largest last late later latter least less low lower lowest male many maximum minimum more most
    new north northern old only outside over same second small smaller smallest south southern
    start third under west western
    """.split()
)
_OPPOSITES = [
    pair.split(":")
    for pair in """
    above:below accept:reject agree:refuse allow:forbid arrive:leave attack:defend before:after
    began:ended begin:end bought:sold brother:sister buy:sell died:born direct:indirect
    domestic:foreign earlier:later earliest:latest early:late eastern:western east:west
    failure:success father:mother father:son first:last friend:enemy higher:lower highest:lowest
    high:low husband:wife import:export include:exclude increase:decrease inside:outside
    join:leave king:queen larger:smaller largest:smallest large:small life:death male:female
    many:few maximum:minimum more:less most:least northern:southern north:south old:new
    oldest:newest open:close opened:closed peace:war public:private raise:lower rich:poor rise:fall
    same:different son:daughter start:finish strong:weak succeeded:failed support:oppose true:false
    win:lose won:lost
    """.split()
]
_DENYING = ("un", "in", "im", "ir", "non", "dis")
_LETTERS = re.compile(r"[a-z]+")
_HOW = re.compile(r"\bhow \w+")
# A day, a month or a year, and the number of a record, are no amounts.
_CALENDAR = re.compile(
    rf"\b(?:\d{{1,2}} )?(?:{MONTH_NAME})(?: \d{{1,2}}\b,?)?(?: \d{{4}}\b)?|\b(?:1[5-9]|20)\d\ds?\b"
    r"|\bNos?\. ?\d+",
    re.IGNORECASE,
)


def compute_evidence(query: Query, quote: Quote, archive: Archive) -> dict[str, float]:
    """Return the evidence that confidence is made of."""
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
    # Headings have words that no text has beside one another: it would tell nothing of them.
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
    """Return what speaks for the quotation where it stands: its voice, time, names and rank."""
    asked, hit = query.asked, quote.hit
    record = quote.document.provenance.record
    known = (quote.document.title, *record.creators, *record.recipients, *record.people)
    names = dict.fromkeys(asked.names, 1.0)
    # Stems are looked up as they are in the words: a long document is not analyzed for it.
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
    """Tell whether a sentence has the opposite of a word that only the question has.

    Both are in small letters.
    """
    words = set(_LETTERS.findall(sentence))
    own = set(_LETTERS.findall(question)) - words
    if any(
        (first in own and second in words) or (second in own and first in words)
        for first, second in _OPPOSITES
    ):
        return True
    return any(
        _denies(word, other) or _denies(other, word)
        for word in own
        for other in words
        if word[0] != other[0] or word[:2] in _DENYING
    )


def _lacks(asked: Question, sentence: str) -> bool:
    """Tell whether a date, an amount or a reason is asked for, and a sentence has none."""
    amounts = _CALENDAR.sub(" ", sentence)
    return any(
        not has_type(kind, amounts if kind == "number" else sentence, asked.weights.keys())
        for kind in _PLAIN
        if kind in asked.expected
    )


def _denies(word: str, other: str) -> bool:
    """Tell whether a word is another one, in some form, with "un" or the like before it."""
    return any(
        word.startswith(prefix)
        and len(word) >= len(prefix) + _ROOT
        and word[len(prefix) :][: _ROOT + 1] == other[: _ROOT + 1]
        for prefix in _DENYING
    )


def _lost(terms: Iterable[str], held: AbstractSet[str]) -> Iterable[str]:
    """Return the terms that are not among those held, in no form."""
    roots = {term[:_ROOT] for term in held if len(term) >= _ROOT}
    return [
        term
        for term in terms
        if term not in held and not (len(term) >= _ROOT and term[:_ROOT] in roots)
    ]


def _share_kept(weights: Mapping[str, float], held: AbstractSet[str]) -> float:
    """Return the share of terms that are held in some form; 1 where there are none."""
    return 1 - share(weights, set(_lost(weights, held)))
