"""Answer types: what kind of thing a question asks for, and whether a sentence contains it."""

import re
from collections.abc import Collection

from corpus.patterns import lazy_pattern
from index.text.analyzer import analyze
from index.understanding.dates import MONTH_NAME

_DATE = lazy_pattern(
    rf"\b(?:1\d|20)\d\ds?\b|\b(?:{MONTH_NAME})\b|\b\d{{1,2}}(?:st|nd|rd|th) centur"
    r"|\d+(?:年|月|日|世紀)|明治|大正|昭和|平成|令和"
)
_NUMBER = lazy_pattern(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty"
    r"|fifty|hundred|thousand|million|billion|trillion|half|third|quarter|dozen|percent|no|none"
    r"|several)\b|[一二三四五六七八九十百千万億]",
    re.IGNORECASE,
)
_COUNT = (
    r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty"
    r"|ninety|hundreds?|thousands?|millions?|billions?|dozens?|half|no|both|several)"
)
# A number and the words after it, which may name what it counts.
_COUNTED = lazy_pattern(
    rf"\b{_COUNT}(?:[- ]{_COUNT})*\b(?P<what>(?:\s+[\w’'-]+){{1,3}})", re.IGNORECASE
)
# A run of capitalised words, no acronym or month, and no single word at the start of a sentence.
_NO_NAME = (
    rf"(?!(?:{MONTH_NAME}|The|An?|This|That|These|Those|It|Its|He|She|They|His|Their|In|On|At|After"
    r"|Before|When|While|By|For|From|As|Of|But|And|No|However|Although|Other|Some|Most|Many|One)\b)"
)
_LINK = r"(?:of |the |de |von |van )?"
_NAME = lazy_pattern(
    rf"(?<![.!?] )(?<!^)\b{_NO_NAME}[A-Z][\w’'.-]*[a-z](?: {_LINK}[A-Z][\w’'.-]*)*"
    rf"|\b{_NO_NAME}[A-Z][\w’'-]*[a-z](?: {_LINK}[A-Z][\w’'-]+)+"
    r"|[ァ-ヴー]{3,}|[一-龥]{2,4}(?:氏|首相|大統領|大使|大臣)"
)
_PLACE = lazy_pattern(
    r"\b(?:in|at|near|to|from|of|outside|across|into|around) (?:the )?"
    rf"(?:[a-z]+ern |city of |town of )?{_NO_NAME}[A-Z]\w+|[一-龥]+[都道府県市町村国州島]"
)
_REASON = lazy_pattern(
    r"\b(?:because|due to|owing to|result(?:ed|ing)? (?:of|from|in)|as a result|in order to|so that"
    r"|since|caused?|reasons?|thus|therefore|led to|thanks to|as they|as it"
    r"|to (?:avoid|prevent|protect|ensure|allow|help|reduce|make))\b|ため|から|ので|理由|原因",
    re.IGNORECASE,
)
_DEFINITION = lazy_pattern(
    r"\b(?:is|are|was|were) (?:an?|the|one)\b|\b(?:means?|meaning|refers? to|called|known as"
    r"|defined as|term|name for|consists? of)\b|とは|である|という|呼ば",
    re.IGNORECASE,
)
_BEING = lazy_pattern(r"^(?P<subject>.{0,120}?)\b(?:is|are|was|were|means|refers to|consists?)\b")
# How questions ask for each type.
_ASKS_DATE = (
    r"\bwhen\b|\b(?:what|which|wich) (?:year|date|day|month|century|decade|time period"
    r"|period|era)\b|\bdate\b|\bhow long ago\b|いつ|何年|何月|何日|何世紀"
)
_ASKS_NUMBER = (
    r"\bhow (?:many|much|big|large|long|old|far|often|high|tall|few|fast|deep|wide|small"
    r"|great)\b|\bwhat (?:percent|percentage|number|share|size|figure|amount|proportion"
    r"|fraction|population|age|distance|length|height|price|cost|rate)\b"
    r"|[何幾][人個年間回つ%％割倍本カヶか台番]|いくつ|いくら|どのくらい|どれくらい"
)
_ASKS_PERSON = (
    r"\b(?:who|whom|whose|(?:what|which) (?:person|politician|president|minister|king"
    r"|author|leader|ambassador|official)s?)\b|誰|だれ|何者"
)
_ASKS_PLACE = (
    r"\bwhere\b|\b(?:what|which) (?:country|city|state|place|region|town|area|continent"
    r"|location|nation|river|county|island|province)s?\b|どこ|どの国|何県|何国|場所"
)
_ASKS_REASON = (
    r"\bwhy\b|\bwhat (?:caused|causes|led|reason|was the reason)|\bhow come\b"
    r"|なぜ|何故|理由|原因|どうして"
)
_ASKS_DEFINITION = (
    r"^what (?:is|are|was|were) [\w’' -]+\?*$|\bwhat does .* mean"
    r"|\bwhat .* (?:called|known as|named|mean|term)\b|とは|何と(?:いう|呼)|何か|意味"
)
_ASKS_NAME = (
    r"\b(?:what|which|wich)\b (?!is|are|was|were|did|do|does|has|have|had|can|could|would"
    r"|should|will|year|date|percent)"
)
_VERBS = (
    r"is|are|was|were|did|do|does|has|have|had|can|could|would|will|make|made|of|in|on|at|from|that"
    r"|who"
)
_ASKS_COUNT = lazy_pattern(
    rf"\bhow (?:many|much)\s+(?P<what>(?:[\w’'-]+\s+){{0,2}}?[\w’'-]+?)\s+(?:{_VERBS})\b",
    re.IGNORECASE,
)
_ASKS_WHAT_IS = lazy_pattern(
    r"^\s*(?:what|who) (?:(?:is|are|was|were) (?:meant by )?(?:an? |the )?(?P<what>[\w’' -]+?)"
    r"|do(?:es)? (?:the )?(?P<word>[\w’' -]+?) (?:mean|refer to|stand for))\??\s*$",
    re.IGNORECASE,
)
# Each type: how it is asked for, and what a sentence that answers contains.
_KINDS: dict[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    kind: (lazy_pattern(asked, re.IGNORECASE), held)
    for kind, asked, held in (
        ("date", _ASKS_DATE, _DATE),
        ("number", _ASKS_NUMBER, _NUMBER),
        ("person", _ASKS_PERSON, _NAME),
        ("place", _ASKS_PLACE, _PLACE),
        ("reason", _ASKS_REASON, _REASON),
        ("definition", _ASKS_DEFINITION, _DEFINITION),
        ("name", _ASKS_NAME, _NAME),
    )
}
KINDS = tuple(_KINDS)


def expected_types(question: str) -> tuple[str, ...]:
    """Return the answer types of a question, some of KINDS or none."""
    return tuple(kind for kind, (asked, _) in _KINDS.items() if asked.search(question))


def has_type(kind: str, sentence: str, known: Collection[str]) -> bool:
    """Return whether a sentence has something of a type, other than the `known` terms."""
    found = _KINDS[kind][1].finditer(sentence)
    if kind in {"reason", "definition"}:
        return next(found, None) is not None
    terms = set(known)
    return any(terms.isdisjoint(analyze(match[0])) for match in found)


def counted_term(question: str) -> str:
    """Return the term that a question counts, "parties" of "How many parties …", or ""."""
    match = _ASKS_COUNT.search(question)
    return (analyze(match["what"]) or [""])[-1] if match else ""


def counts_term(sentence: str, term: str) -> bool:
    """Return whether a sentence has a number before a term."""
    return any(term in analyze(match["what"]) for match in _COUNTED.finditer(sentence))


def defined_terms(question: str) -> frozenset[str]:
    """Return the terms that a question asks to define, "What was the 1955 system?", or none."""
    match = _ASKS_WHAT_IS.search(question)
    return frozenset(analyze(match["what"] or match["word"])) if match else frozenset()


def defines_terms(sentence: str, terms: Collection[str]) -> bool:
    """Return whether a sentence defines terms: it begins with them, and at most two others."""
    match = _BEING.search(sentence)
    subject = analyze(match["subject"]) if match else []
    return bool(terms) and set(terms) <= set(subject) and len(subject) <= len(terms) + 2
