"""Rewrite English follow-up questions to stand alone."""

import re
from collections.abc import Iterator, Sequence

from corpus.patterns import lazy_pattern
from index.text.analyzer import STOP_WORDS, analyze
from index.understanding.answer_types import expected_types
from index.understanding.conversation.antecedents import resolve_pronoun
from index.understanding.conversation.exchange import Exchange
from index.understanding.conversation.followups import (
    AUXILIARY,
    CONJUNCTION,
    COUNTING,
    HE,
    IT,
    OCCUPATION,
    PREPOSITION,
    THEY,
    WH_PHRASE,
    Followup,
    Pronoun,
)
from index.understanding.dates import find_year
from index.understanding.entities import (
    DATE,
    NAME,
    NUMBER,
    ORDINAL,
    PERSON,
    Entity,
    find_entities,
)
from index.understanding.names import Names
from index.understanding.questions import LIGHT

# The most words of the last question that are added, and below how many of its own they are.
_TOPIC = 8
_THIN = 2

_I = re.IGNORECASE
_BEFORE = lazy_pattern(rf"\b({PREPOSITION}) (?:the )?$", _I)
_LEADING = lazy_pattern(rf"{PREPOSITION} ", _I)
_ARTICLE = lazy_pattern(r"(?:the|an?) ", _I)
_ABOUT = lazy_pattern(
    r"\b(?P<about>about|on|regarding|concerning) (?P<what>.+?)"
    r"(?=(?: (?:in|at|from|with|by|during|before|after|since|to|for)\b|\W*$))",
    _I,
)
_OWNED = lazy_pattern(r"(?P<owner>.+['’]s) (?P<thing>.+)", _I)
# "The Foreign Minister" is a person.
_OFFICE = lazy_pattern(rf"(?:\w+ ){{0,2}}{OCCUPATION}(?: of \w+)?", _I)
# "And how many were restored?" after "How many barrels of oil were taken?".
_COUNTED = lazy_pattern(rf"\bhow (?P<how>many|much) (?P<what>(?!of\b)[\w’' -]+?) {AUXILIARY}\b", _I)
# "Why that day?" asks why.
_POINTING = lazy_pattern(r"^(why|how) (?:that|this|then|there|so|him|her|them|it)\b.*", _I)
_TIME = lazy_pattern(r"day|date|month|year|time", _I)
# Verbs without content, beyond those in LIGHT.
_CARRYING = LIGHT.union(analyze("cover contain deal exist read regard relate"))
_SAYING = lazy_pattern(
    r"\b(?:say|said|tell \w+|told \w+|think|propose|promise|reply)\b(?! that)", _I
)
_WORD = lazy_pattern(r"[^\W_]+(?:[.'’,-][^\W_]+)*")


def rewrite(question: str, followup: Followup, turns: Sequence[Exchange], names: Names) -> str:
    """Rewrite a follow-up after some exchanges, the last one last."""
    last = turns[-1]
    if followup.bare:
        # "Why that day?" asks why.
        bare = _POINTING.sub(r"\1", followup.bare)
        again = _ask_again(bare, last)
        return again or _with_topic(_sentence(followup.bare), turns, names)
    text, is_open = _replace_pronouns(question, followup.pronouns, turns, names)
    text = _add_counted(text, last.question) if text == question else text
    if followup.fragment:
        start = question.index(followup.fragment)
        fragment = text[start : start + len(followup.fragment) + len(text) - len(question)]
        return _substitute(fragment, last.question, names) or _with_topic(
            _sentence(fragment), turns, names
        )
    text = _sentence(CONJUNCTION.sub("", text, count=1) if CONJUNCTION.match(text) else text)
    # A resolved "it" or "they" gives the question its topic.
    has_thing = any(pronoun.stands_for in {IT, THEY} for pronoun in followup.pronouns)
    if followup.counts and COUNTING.search(text):
        is_open = True
    if is_open or followup.is_vague or (not has_thing and _is_thin(text, names)):
        return _with_topic(text, turns, names)
    return text


def topic_words(question: str, names: Names) -> Iterator[str]:
    """Yield the entities and content words of a question."""
    entities = find_entities(question, names)
    place = 0
    while match := _WORD.search(question, place):
        entity = next((e for e in entities if e.start <= match.start() < e.end), None)
        if entity:
            yield entity.words
            place = entity.end
            continue
        place = match.end()
        terms = analyze(match[0])
        is_verb = re.fullmatch(AUXILIARY, match[0], _I)
        if terms and not is_verb and not _CARRYING.issuperset(terms):
            yield match[0]


def add_topic(question: str, turns: Sequence[Exchange], names: Names) -> str:
    """Return a question that stands alone with the topic of the last one in brackets."""
    bare = CONJUNCTION.sub("", question, count=1) if CONJUNCTION.match(question) else question
    return _with_topic(_sentence(bare), turns, names)


def _with_topic(text: str, turns: Sequence[Exchange], names: Names) -> str:
    has = set(analyze(text))
    for turn in reversed(turns):
        topic = [*dict.fromkeys(topic_words(turn.question, names))]
        if topic:
            kept = [words for words in topic if not has.issuperset(analyze(words))][:_TOPIC]
            return f"{text.rstrip(' ?')} ({' '.join(kept)})?" if kept else text
    return text


def _add_counted(question: str, last: str) -> str:
    """Return "how many" with the noun that the last question counted."""
    counting, counted = COUNTING.search(question), _COUNTED.search(last)
    if not (counting and counted and counting["how"].lower() == counted["how"].lower()):
        return question
    return f"{question[: counting.end()]} {counted['what']}{question[counting.end() :]}"


def _is_thin(text: str, names: Names) -> bool:
    """Return whether a question has few content words beside its names."""
    named = {term for entity in find_entities(text, names) for term in analyze(entity.words)}
    return len(set(analyze(text)) - LIGHT - named) < _THIN


def _sentence(text: str) -> str:
    """Return words with a capital first and a question mark last."""
    kept = text.strip().rstrip(" ?!.,")
    return f"{kept[:1].upper()}{kept[1:]}?"


def _ask_again(asked: str, last: Exchange) -> str | None:
    """Return the last question with another question word: when, where, why."""
    question = last.question.rstrip(" ?")
    match = WH_PHRASE.match(question)
    if match:
        noun = (match["noun"] or "").strip()
        rest = question[match.start("turn") :]
        if not noun and question[:5].lower() == "what ":
            # "What did he say about rice" had an object: "why did he say that about rice".
            rest = _SAYING.sub(r"\g<0> that", rest, count=1)
        more = f" ({noun})" if noun and analyze(noun) and not _TIME.fullmatch(noun) else ""
        return _sentence(f"{asked} {rest[:1].lower()}{rest[1:]}{more}")
    subject = re.match(r"(?:who|what|which) ", question, _I)
    if subject and "person" in expected_types(question) and last.people:
        return _sentence(f"{asked} {last.people[0]} {question[subject.end() :]}")
    return None


def _substitute(fragment: str, question: str, names: Names) -> str | None:
    """Return a question with a fragment in place of its counterpart there, or None."""
    leading = _LEADING.match(fragment)
    preposition = leading[0].strip().lower() if leading else ""
    words = fragment[leading.end() :] if leading else fragment
    inside = find_entities(words, names)
    bare = _ARTICLE.sub("", words, count=1).strip()
    # An ordinal may have a noun: "second meeting".
    main = next(
        (
            e
            for e in inside
            if e.words == bare
            or (e.kind == ORDINAL and bare.startswith(e.words) and bare.count(" ") <= 1)
        ),
        None,
    )
    entities = find_entities(question, names)
    if main:
        return _put(main, preposition, question, entities)
    owned = _OWNED.fullmatch(words)
    if owned:
        thing = r"[\w’' -]+?(?= (?:in|on|at|to|for|from|during|before|after)\b|\W*$)"
        match = re.search(rf"\b{re.escape(owned['owner'])} {thing}", question)
        if match:
            return question[: match.start()] + words + question[match.end() :]
    return _put_noun(words, question) or _put_topic(words, preposition, question)


def _put(main: Entity, preposition: str, question: str, entities: Sequence[Entity]) -> str | None:
    """Return a question with an entity in place of the most similar one, or None."""
    if main.kind == DATE:
        return _put_date(main, preposition, question, entities)
    if main.kind in {NUMBER, ORDINAL}:
        alike = [e for e in entities if e.kind == main.kind]
        if not alike:
            return None
        own = alike[0]
        digits = re.search(r"\d.*", own.words)
        if main.words[:1].isdigit() and digits:
            start = own.end - len(digits[0])
            return question[:start] + main.words + question[own.end :]
        return question[: own.start] + main.words + question[own.end :]
    alike = [e for e in entities if e.kind in {PERSON, NAME}]
    scored = [(_alike(main, preposition, own, question), -own.start, own) for own in alike]
    best = max(scored, default=None, key=lambda each: each[:2])
    if best is None or best[0] <= 0:
        return None
    own = best[2]
    new = ("the " if main.has_article else "") + main.words
    return question[: own.outset] + new + question[own.end :]


def _alike(main: Entity, preposition: str, own: Entity, question: str) -> int:
    """Score how well one name replaces another in a question."""
    before = _BEFORE.search(question[: own.start])
    here = before[1].lower() if before else ""
    kinds = {PERSON if _OFFICE.fullmatch(each.words) else each.kind for each in (main, own)}
    score = 4 if len(kinds) == 1 else -1
    score += 2 if main.has_article == own.has_article else 0
    if preposition:
        return score + (4 if preposition == here else -3)
    # A place is no party to what happened there.
    return score - (4 if here in {"in", "at", "from"} else 0)


def _put_date(main: Entity, preposition: str, question: str, entities: Sequence[Entity]) -> str:
    dates = [e for e in entities if e.kind == DATE]
    words = main.words
    if not dates:
        return _sentence(f"{question.rstrip(' ?')} {preposition or 'in'} {words}")
    own = dates[-1]
    year = find_year(own.words)
    if year and not find_year(words):
        words = f"{words} {year}"
    before = _BEFORE.search(question[: own.start])
    if before and preposition:
        return f"{question[: before.start()]}{preposition} {words}{question[own.end :]}"
    return question[: own.start] + words + question[own.end :]


def _put_noun(words: str, question: str) -> str | None:
    """Return "when did land prices fall" for "land prices" and "when did share prices fall"."""
    terms = analyze(words)
    if not terms:
        return None
    spoken = list(_WORD.finditer(question))
    for place, word in enumerate(spoken):
        if analyze(word[0]) == terms[-1:]:
            first = place
            while first > 0 and _is_modifier(spoken[first - 1], spoken[first], question):
                first -= 1
            if first < place:
                return question[: spoken[first].start()] + words + question[word.end() :]
    return None


def _is_modifier(word: re.Match[str], following: re.Match[str], question: str) -> bool:
    lowered = word[0].lower()
    return (
        question[word.end() : following.start()] == " "
        and lowered not in STOP_WORDS
        and not re.fullmatch(AUXILIARY, lowered)
        and not LIGHT.issuperset(analyze(word[0]))
    )


def _put_topic(words: str, preposition: str, question: str) -> str | None:
    if preposition not in {"", "about", "on", "of"}:
        return None
    match = _ABOUT.search(question)
    if match is None:
        return None
    return question[: match.start("what")] + words + question[match.end("what") :]


def _replace_pronouns(
    question: str, pronouns: Sequence[Pronoun], turns: Sequence[Exchange], names: Names
) -> tuple[str, bool]:
    """Return a question with its pronouns resolved, and whether one is still open."""
    pieces, end, is_open = [], 0, False
    taken: list[str] = []
    for pronoun in pronouns:
        # "What did he say to him?" has two antecedents.
        others = () if pronoun.is_possessive else taken
        words = resolve_pronoun(pronoun, question, turns, names, others)
        if words is None:
            is_open = True
            continue
        if pronoun.stands_for == HE:
            taken.append(words)
        if pronoun.is_possessive:
            words += "’" if words.endswith("s") else "’s"
        pieces += [question[end : pronoun.start], words]
        end = pronoun.end
    return "".join([*pieces, question[end:]]), is_open
