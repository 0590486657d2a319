"""Detect follow-up questions: whether a question depends on the one before, and by which words.

A follow-up has a pronoun without an antecedent of its own, is a fragment ("And Gore?"), or has no
subject matter ("Who took part?"). A question that can stand alone is left unchanged, so that topics
do not mix. The rules on what a pronoun cannot refer to (the subject of its own clause, what the
question asks for) are those of English grammar.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.patterns import lazy_pattern
from index.text.analyzer import analyze
from index.understanding.dates import find_year
from index.understanding.entities import DATE, NAME, NUMBER, PERSON, Entity
from index.understanding.questions import LIGHT
from index.understanding.speakers import TITLES

HE, IT, THEY, THERE, THAT = "he", "it", "they", "there", "that"

_I = re.IGNORECASE
AUXILIARY = (
    r"(?:is|are|was|were|do|does|did|can|could|may|might|will|would|shall|should|has|have|had|must)"
)
_WH = r"(?:who|whom|whose|what|which|when|where|why|how)"
# The question phrase up to the inverted verb: "Which cable did".
WH_PHRASE = lazy_pattern(
    r"(?:(?:\w+ )?(?:who|whom|whose|what|which|when|where|why|how)\b"
    rf"(?P<noun>(?: [\w’'-]+){{0,6}}?) )?"
    rf"(?P<turn>{AUXILIARY}\b)",
    _I,
)
# Conjunctions that open a follow-up.
CONJUNCTION = lazy_pattern(r"(?:(?:and|but|so|or|also|then|now|well|ok(?:ay)?)\b[,\s]*)+", _I)
_CONNECTOR = lazy_pattern(
    rf"(?:{CONJUNCTION.pattern})?(?:(?:what|how) about|what of)\b\s*|{CONJUNCTION.pattern}", _I
)
_TOO = lazy_pattern(r"[,\s]+(?:too|as well|also|either)(?=[\s?!.]*$)", _I)
PREPOSITION = (
    r"(?:in|on|at|by|from|for|with|to|under|during|before|after|since|until|about|of|between)"
)
_OPENING_PREPOSITION = lazy_pattern(rf"{PREPOSITION}\b", _I)
_ANYTHING = lazy_pattern(r"(?:any|some|no)(?:thing|one|body) (?:on|about|from|by|for|in)\b", _I)
_FULL = lazy_pattern(rf"\b(?:{_WH}|{AUXILIARY})\b", _I)
# The most words of a fragment.
_LONGEST_FRAGMENT = 8
_BARE = lazy_pattern(
    rf"(?:(?:by|with|to|for|from|of|about|since|until|in|at|on) )?{_WH}"
    r"(?: (?:many|much|long|often|far|so|not|come|else|exactly|then|one|ones|year|day|month|place"
    r"|country|time|date))?"
    r"|(?:any|some|no)(?:thing|one|body) else|(?:what|who|where) else|more|go on|tell me more"
    # "Why that day?", "Why there?"
    r"|(?:why|how) (?:that|this|then|there|so|him|her|them|it)(?: [a-z]+)?",
    _I,
)
# The start of a later clause.
_CLAUSE = lazy_pattern(
    r"[,;:]\s*|\s(?:when|while|because|that|who|whom|which|whose|if|although)\s"
    r"|\sto\s(?=(?!(?:the|an?|his|her|their|its|this|that|be)\b)[a-z]{2,} [a-z])"
    rf"|\s(?:and|but|or)\s(?=(?:{_WH}|{AUXILIARY}|he|she|it|they)\b)",
    _I,
)
_PRONOUN = lazy_pattern(
    r"\b(?:(?P<he>he|she|him|his|her|hers)|(?P<it>it|its)|(?P<they>they|them|their|theirs))\b", _I
)
_POSSESSIVE = frozenset({"his", "its", "their"})
_OBJECT = frozenset({"him", "them"})
_AFTER_HER = lazy_pattern(
    r"\W*(?:$|(?:to|in|at|on|about|with|for|from|by|and|or|before|after|as|when|that|too|again"
    r"|there|then|so)\b)",
    _I,
)
# "Why is it so hard for Japan to …", "Is it true that …".
_PLEONASTIC = lazy_pattern(
    r"\bit\b(?: (?:is|was|be|been|ever|still|really|so|too|very|more|not|that))*"
    r" (?:true|false|possible|impossible|likely|unlikely|hard|difficult|easy|important|necessary"
    r"|clear|known|said|right|wrong|fair|correct|safe|legal|common|usual|better|best|worth|early"
    r"|late|certain|sure|thought|believed|claimed)\b"
    r"(?=.* (?:that|to|for|if|whether|when|why|how)\b)"
    r"|\bit (?:that|to|from)\b|\bit (?:means?|takes?|took|costs?)\b(?=.* (?:to|when|for|if)\b)",
    _I,
)
_ASKED_FOR = lazy_pattern(
    rf"(?:{_WH}|(?:\w+ ){{1,2}}(?:what|which|whom|whose))\b(?: [\w’'-]+){{0,5}}?", _I
)
# Offices and occupations that denote a person.
OCCUPATION = (
    r"(?:president|minister|premier|ambassador|secretary|politician|official|officer|emperor|empress"
    r"|king|queen|prince|princess|regent|leader|man|woman|person|journalist|historian|author|writer"
    r"|translator|general|admiral|captain|commander|governor|prefect|mayor|envoy|delegate|agent"
    r"|adviser|counselor|attach[eé]|charg[eé](?: d[’']affaires)?|consul(?:[ -]general)?|vice-consul"
    r"|commissioner|chairman|representative|spokesman|senator|chancellor|sultan|shah|khedive|pope"
    r"|bishop|missionary|judge|engineer|merchant|owner|master|count|baron|duke|marshal|colonel)"
)
_SOMEBODY = lazy_pattern(
    rf"\b(?:the|an?|which|what|this|that) (?:[\w-]+ ){{0,2}}?{OCCUPATION}\b", re.IGNORECASE
)
_SOMETHING = lazy_pattern(r"\b(?:the|an?|any|no|some|which|what|my|this) [a-z][\w-]+", _I)
_SEVERAL = lazy_pattern(
    r"\b(?:people|men|women|children|both|two|three|four|five|seven|many|several)\b(?! of\b)"
    r"|\b(?!(?:was|is|has|does|this|his|its|us|as|thus|always|perhaps)\b)[\w’-]{2,}[^\Ws]s\b"
    r"|\b(?:the|which) (?:government|parliament|congress|cabinet|party|press|senate|house|army)\b",
    _I,
)
_WHEN_WORDS = r"year|month|day|week|time|moment|date|morning|evening|summer|spring|autumn|winter"
_DEMONSTRATIVE = lazy_pattern(
    rf"\bthat (?P<when>{_WHEN_WORDS})s?\b"
    rf"|(?:\b(?:{AUXILIARY}|about|after|before|with|to|of|on|in|at|for|by|from|like|despite|against"
    r"|during|behind|than|and)|^) (?P<word>that|this|these|those)\b"
    r"(?! (?:who|which|of|in|to|\w+ing)\b)"
    r"(?: (?P<noun>[a-z][\w-]+))?"
    r"|\b(?P<near>this|these|those) (?P<thing>[a-z][\w-]+)",
    _I,
)
# Nouns that denote the archive itself or the present, not an antecedent.
_AT_HAND = lazy_pattern(
    r"(?:records?|documents?|texts?|papers?|archives?|collections?|files?|sources?|materials?"
    r"|transcripts?|translations?|website|site|database|bot|question|answer|quotations?|week|month"
    r"|year|century|moment)\b",
    _I,
)
_THERE = lazy_pattern(r"\bthere\b", _I)
# "How many were there?", "Is there any?", but not "Who was there on the other side?".
_EXISTING = lazy_pattern(
    rf"\bthere (?:{AUXILIARY}|be|been|exist\w*)\b"
    r"|\bhow (?:many|much)\b.* (?:is|are|was|were|be|been) there\b"
    rf"|\b(?:{AUXILIARY}|be|been) there\b(?! (?:on|in|at|for|with|from|by|before|after|too|also"
    r"|again|then|when|during|as)\b|\W*$)",
    _I,
)
_ORDERED = lazy_pattern(
    r"\b(?:the|that) (?:first|second|third|fourth|fifth|last|next|previous|earlier|later|other|same"
    r"|former|latter)(?: (?:one|meeting|summit|session|round|conference|visit|talks|time|day|year"
    r"|month|cable|telegram|side|leader|occasion))?(?=\W*$)",
    _I,
)
_NEXT = lazy_pattern(r"\bwhat happened (?:next|then|afterwards?|later|subsequently)\W*$", _I)
# "And how many were restored?" counts what the last question counted.
COUNTING = lazy_pattern(
    rf"how (?P<how>many|much)(?= (?!(?:is|are|was|were) (?:there|it)\b)(?:{AUXILIARY}|more)\b)",
    _I,
)
# "Her" and "she" for a ship.
_AFLOAT = lazy_pattern(
    r"her (?:cargo|crew|master|captain|owners?|rudder|passengers|voyage|sails|hull|flag|papers)\b"
    r"|she (?:\w+ )?(?:sail|sank|sink|sunk|wrecked|anchor|founder|run aground|seized|launched)",
    _I,
)
# Verbs whose object is missing at the end of a question.
_ANSWERING = lazy_pattern(
    rf"(?:(?:what|how|why|when) )?{AUXILIARY} (?:the )?(?!(?:the|there|it)\b)[\w’'.-]+"
    r"(?: (?!(?:in|on|at|to|for|by|with|from|about)\b)[\w’'.-]+){0,4}?"
    r" (?:really |actually |then )*(?:react|respond|reply|answer|say|think|object|agree|retaliate"
    r"|comment|explain|refuse|accept|feel|decide|propose|want)(?: (?:to|about|of|with))?",
    _I,
)


@dataclass(frozen=True, slots=True)
class Pronoun:
    """A pronoun without an antecedent in its question: its kind and its place.

    `noun` is the noun of a demonstrative, as in "that plan".
    """

    stands_for: str
    start: int
    end: int
    is_possessive: bool = False
    noun: str = ""


@dataclass(frozen=True, slots=True)
class Followup:
    """How a question depends on the last one; false if it stands alone.

    `fragment` has the words of a fragment without its conjunction, `bare` a lone question word such
    as "why". `is_vague` questions have no subject matter; `counts` asks how many without a noun.
    """

    fragment: str = ""
    bare: str = ""
    pronouns: tuple[Pronoun, ...] = ()
    is_vague: bool = False
    counts: bool = False

    def __bool__(self) -> bool:
        return bool(self.fragment or self.bare or self.pronouns or self.is_vague or self.counts)


def detect_followup(question: str, entities: Sequence[Entity]) -> Followup:
    """Return how an English question depends on the one before."""
    joined = _CONNECTOR.match(question)
    rest = question[joined.end() if joined else 0 :]
    too = _TOO.search(rest)
    core = (rest[: too.start()] if too else rest).strip(" ?!.,")
    if not core:
        return Followup()
    if _BARE.fullmatch(core):
        return Followup(bare=core)
    # Pronouns without an antecedent in the question, in order.
    found = [*_find_personal(question, entities), *_find_pointing(question, entities)]
    pronouns = tuple(sorted(found, key=lambda pronoun: pronoun.start))
    is_fragment = not _FULL.search(core) and len(core.split()) <= _LONGEST_FRAGMENT
    if is_fragment and (
        joined
        or too
        or (_OPENING_PREPOSITION.match(core) and "?" in rest)
        or _ANYTHING.match(core)
        or _ORDERED.fullmatch(core)
    ):
        return Followup(fragment=core, pronouns=pronouns)
    return Followup(
        pronouns=pronouns,
        is_vague=_is_vague(question, core, entities),
        counts=bool(COUNTING.match(core)),
    )


def opens_with_conjunction(question: str) -> bool:
    """Return whether a question opens with a conjunction: "And who sent it?"."""
    return bool(CONJUNCTION.match(question))


def _is_vague(question: str, core: str, entities: Sequence[Entity]) -> bool:
    """Return whether a question has no subject matter of its own."""
    if _NEXT.search(question):
        return True
    match = _ORDERED.search(question)
    if match and not any(each.kind in {PERSON, DATE} for each in entities):
        return True
    if _ANSWERING.fullmatch(core):
        return True
    own = set(analyze(core)) - LIGHT - TITLES
    return bool(_FULL.search(core)) and not own and not entities and core.isascii()


def _find_personal(question: str, entities: Sequence[Entity]) -> Iterator[Pronoun]:
    for match in _PRONOUN.finditer(question):
        word = match[0].lower()
        stands_for = next(kind for kind in (HE, IT, THEY) if match[kind])
        possessive = word in _POSSESSIVE or (
            word == "her" and not _AFTER_HER.match(question, match.end())
        )
        if _AFLOAT.match(question, match.start()):
            stands_for = IT
        if stands_for == IT and _PLEONASTIC.match(question, match.start()):
            continue
        if not _is_bound(question, match, stands_for, entities, possessive=possessive):
            yield Pronoun(stands_for, match.start(), match.end(), possessive)


def _is_bound(
    question: str,
    match: re.Match[str],
    stands_for: str,
    entities: Sequence[Entity],
    *,
    possessive: bool,
) -> bool:
    """Return whether a question itself has an antecedent for a pronoun."""
    before = question[: match.start()]
    # "When he came to Tokyo, what did Clinton say?"
    comma = question.find(",", match.end())
    if (
        comma >= 0
        and re.match(
            r"(?:when|before|after|while|as|since|although|once|during|in)\b", question, _I
        )
        and any(each.start > comma and each.kind in {PERSON, NAME} for each in entities)
    ):
        return True
    joined = _CONNECTOR.match(before)
    opening = joined.end() if joined else 0
    breaks = [each.end() for each in _CLAUSE.finditer(before, opening + 1)]
    clause = breaks[-1] if breaks else opening
    in_clause = before[clause:]
    # Before the inverted verb stands what the question asks for.
    turned = re.fullmatch(rf"(?:{_ASKED_FOR.pattern}|) ?{AUXILIARY}(?:n['’]t)? ", in_clause, _I)
    earlier = _count(question, 0, clause, stands_for, entities)
    if turned:
        return earlier > 0
    here = _count(question, clause, match.start(), stands_for, entities)
    # A possessive may refer to the subject: "Who gave up his seat?", "smith lost his seat".
    stated = re.match(rf"(?:who\b|(?!(?:{_WH}|{AUXILIARY}|{PREPOSITION})\b)\w+ )", in_clause, _I)
    if possessive:
        return bool(earlier + here > 0 or stated or _has_plain_subject(in_clause))
    # "Why did the French feel they had no right?", "Who said he would resign?"
    is_subject = re.match(rf" {AUXILIARY}\b", question[match.end() :], _I) or match[0].lower() in {
        "he",
        "she",
        "they",
    }
    if is_subject and (stated or re.search(r" (?:the |an? )?\w+ ", in_clause.strip(), _I)):
        return earlier + here > 0 or bool(stated or re.search(r" [A-Z]", in_clause))
    is_object = match[0].lower() in _OBJECT or (
        match[0].lower() in {"it", "her"} and not re.search(rf"\b{AUXILIARY} $", in_clause, _I)
    )
    # An object pronoun does not refer to the subject of its own clause.
    return earlier > 0 or here > (1 if is_object else 0)


def _has_plain_subject(clause: str) -> bool:
    """Return whether the start of a clause, typed without capitals, has a subject."""
    plain = clause[1:].islower() and re.search(
        rf"\b{AUXILIARY} (?!(?:the|an?|there)\b)[\w’'-]+ [\w’'-]+ $", clause, _I
    )
    return bool(plain)


def _count(question: str, start: int, end: int, stands_for: str, entities: Sequence[Entity]) -> int:
    inside = [each for each in entities if start <= each.start and each.end <= end]
    words = question[start:end]
    people = sum(each.kind == PERSON for each in inside)
    names = sum(each.kind in {NAME, NUMBER} for each in inside)
    if stands_for == HE:
        single = sum(each.kind == NAME and not each.has_article for each in inside)
        return (
            people
            + single
            + len(_SOMEBODY.findall(words))
            + (start > 0) * bool(re.search(r"\bwho\b", words, _I))
        )
    if stands_for == IT:
        return names + len(_SOMETHING.findall(words))
    return int(people + names > 1) + len(_SEVERAL.findall(words)) + names


def _find_pointing(question: str, entities: Sequence[Entity]) -> Iterator[Pronoun]:
    dated = [each for each in entities if each.kind == DATE and find_year(each.words)]
    for match in _DEMONSTRATIVE.finditer(question):
        noun = match["when"] or match["noun"] or match["thing"] or ""
        start = match.start("word") if match["word"] else match.start()
        is_past = (match["word"] or "that").lower() == "that" and not match["near"]
        is_time = is_past and bool(re.fullmatch(_WHEN_WORDS, noun, _I))
        if _AT_HAND.fullmatch(noun) and not is_time:
            continue
        if is_time and any(each.end <= start for each in dated):
            continue
        known = set(analyze(question[:start]))
        if noun and known & set(analyze(noun)):
            continue
        end = match.end() if noun else match.end("word")
        yield Pronoun(THAT, start, end, noun=noun.lower())
    for match in _THERE.finditer(question):
        existing = any(
            found.start() <= match.start() < found.end() for found in _EXISTING.finditer(question)
        )
        placed = any(each.kind == NAME and each.end <= match.start() for each in entities)
        if not existing and not placed:
            yield Pronoun(THERE, match.start(), match.end())
