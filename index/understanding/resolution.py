"""What an English question that leans on earlier ones is asked as."""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from index.text.analyzer import STOP_WORDS, analyze
from index.understanding.elements import (
    DATE,
    NAME,
    NUMBER,
    ORDINAL,
    PERSON,
    Element,
    find_elements,
)
from index.understanding.expectations import expected_of
from index.understanding.leaning import AUXILIARY, JOINT, Leaning, Pronoun
from index.understanding.names import Names
from index.understanding.questions import LIGHT

# So many words of the last question are added at most, and where a question has fewer of its own.
_TOPIC = 8
_THIN = 2

_I = re.IGNORECASE
_WH_PHRASE = re.compile(
    r"(?:(?:\w+ )?(?:who|whom|whose|what|which|when|where|why|how)\b"
    rf"(?P<noun>(?: [\w’'-]+){{0,6}}?) )?"
    rf"(?P<turn>{AUXILIARY}\b)",
    _I,
)
_PLACE = re.compile(
    r"\b(?:in|at|to|from|into|near|visit|visited|outside|across|reach|reached) (?:the )?$", _I
)
# What stands so is not what a question is about.
_ASIDE = re.compile(
    r"\b(?:in|at|to|from|into|near|with|by|for|under|during|between|before|after|since) (?:the )?$",
    _I,
)
_BEFORE = re.compile(
    r"\b(in|on|at|by|from|for|with|to|under|during|before|after|since|until|about|of|between)"
    r" (?:the )?$",
    _I,
)
_LEADING = re.compile(
    r"(?:in|on|at|by|from|for|with|to|under|during|before|after|since|until|about|of|between) ", _I
)
_ARTICLE = re.compile(r"(?:the|an?) ", _I)
_ABOUT = re.compile(
    r"\b(?P<about>about|on|regarding|concerning) (?P<what>.+?)"
    r"(?=(?: (?:in|at|from|with|by|during|before|after|since|to|for)\b|\W*$))",
    _I,
)
_OWNED = re.compile(r"(?P<owner>.+['’]s) (?P<thing>.+)", _I)
_ANSWERS = re.compile(
    r"\W+(?:\w+ )?(?:reply|answer|respond|react|agree|accept|object|refuse|decline|say|think)\b", _I
)
_DESCRIBED = re.compile(r"who (?:is|was) ", _I)
# A thing that is asked for: "Which cable deals with China?", "Which cable was withheld?".
_ASKED_FOR = re.compile(
    r"(?:which|what) (?P<thing>(?:[a-z-]+ )??[a-z-]+) (?P<does>(?:is|was|has|had) [a-z].*?"
    r"|(?!(?:is|was|has|had|did|does|do|can|could|would|should|will|are|were|have)\b)"
    r"[a-z]+s .*?)\W*$",
    _I,
)
_ADDED = re.compile(r" \([^()]*\)(?=\W*$)")
# Verbs that carry a question, beside those that LIGHT has.
_CARRYING = LIGHT.union(analyze("cover contain deal exist read regard relate"))
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_WORD = re.compile(r"[^\W_]+(?:[.'’,-][^\W_]+)*")
_PLURAL = re.compile(r"(?!United States|United Nations).*(?:[^s]s|ese)", _I)


class Turn(Protocol):
    """What of an earlier turn is leant on: its question, and whom and when its answer named."""

    @property
    def question(self) -> str:
        """The question as it was asked."""

    @property
    def people(self) -> tuple[str, ...]:
        """Whom the answer names and the question does not."""

    @property
    def dates(self) -> tuple[str, ...]:
        """Which dates the answer names and the question does not."""


def resolve(question: str, leaning: Leaning, turns: Sequence[Turn], names: Names) -> str:
    """Return what a question that leans on some turns, the last one last, is asked as."""
    last = turns[-1]
    if leaning.bare:
        again = _ask_again(leaning.bare, last)
        return again or _with_topic(_sentence(leaning.bare), turns, names)
    text, is_open = _replace_pronouns(question, leaning.pronouns, turns, names)
    if leaning.piece:
        start = question.index(leaning.piece)
        piece = text[start : start + len(leaning.piece) + len(text) - len(question)]
        return _substitute(piece, last.question, names) or _with_topic(
            _sentence(piece), turns, names
        )
    text = _sentence(JOINT.sub("", text, count=1) if JOINT.match(text) else text)
    if is_open or leaning.is_vague or _is_thin(text, names):
        return _with_topic(text, turns, names)
    return text


def topic_of(question: str, names: Names) -> Iterator[str]:
    """Yield what a question is about: its names, dates and numbers, and its words of weight."""
    elements = find_elements(question, names)
    place = 0
    while match := _WORD.search(question, place):
        element = next((e for e in elements if e.start <= match.start() < e.end), None)
        if element:
            yield element.words
            place = element.end
            continue
        place = match.end()
        terms = analyze(match[0])
        is_verb = re.fullmatch(AUXILIARY, match[0], _I)
        if terms and not is_verb and not _CARRYING.issuperset(terms):
            yield match[0]


def _with_topic(text: str, turns: Sequence[Turn], names: Names) -> str:
    """Return a question with what the last one was about, in brackets."""
    has = set(analyze(text))
    for turn in reversed(turns):
        found = [
            words
            for words in dict.fromkeys(topic_of(turn.question, names))
            if not has.issuperset(analyze(words))
        ]
        if found:
            kept = " ".join(found[:_TOPIC])
            return f"{text.rstrip(' ?')} ({kept})?"
    return text


def _is_thin(text: str, names: Names) -> bool:
    """Tell whether a question has few words of weight beside its names."""
    named = {term for element in find_elements(text, names) for term in analyze(element.words)}
    return len(set(analyze(text)) - LIGHT - named) < _THIN


def _sentence(text: str) -> str:
    """Return words as a question: a capital first, a question mark last."""
    kept = text.strip().rstrip(" ?!.,")
    return f"{kept[:1].upper()}{kept[1:]}?"


def _ask_again(asked: str, last: Turn) -> str | None:
    """Return the last question with another word of asking: when, where, why for its own."""
    question = last.question.rstrip(" ?")
    match = _WH_PHRASE.match(question)
    if match:
        noun = (match["noun"] or "").strip()
        rest = question[match.start("turn") :]
        more = f" ({noun})" if noun and analyze(noun) else ""
        return _sentence(f"{asked} {rest[:1].lower()}{rest[1:]}{more}")
    subject = re.match(r"(?:who|what|which) ", question, _I)
    if subject and "person" in expected_of(question) and last.people:
        return _sentence(f"{asked} {last.people[0]} {question[subject.end() :]}")
    return None


def _substitute(piece: str, question: str, names: Names) -> str | None:
    """Return a question with a piece in place of what is of its kind there, or None."""
    leading = _LEADING.match(piece)
    preposition = leading[0].strip().lower() if leading else ""
    words = piece[leading.end() :] if leading else piece
    inside = find_elements(words, names)
    bare = _ARTICLE.sub("", words, count=1).strip()
    main = next((e for e in inside if e.words == bare or e.kind == ORDINAL), None)
    elements = find_elements(question, names)
    if main:
        return _put(main, preposition, question, elements)
    owned = _OWNED.fullmatch(words)
    if owned:
        thing = r"[\w’' -]+?(?= (?:in|on|at|to|for|from|during|before|after)\b|\W*$)"
        match = re.search(rf"\b{re.escape(owned['owner'])} {thing}", question)
        if match:
            return question[: match.start()] + words + question[match.end() :]
    return _put_noun(words, question) or _put_topic(words, preposition, question)


def _put(main: Element, preposition: str, question: str, elements: Sequence[Element]) -> str | None:
    """Return a question with an element in place of the one that is most like it, or None."""
    if main.kind == DATE:
        return _put_date(main, preposition, question, elements)
    if main.kind in {NUMBER, ORDINAL}:
        alike = [e for e in elements if e.kind == main.kind]
        if not alike:
            return None
        own = alike[0]
        digits = re.search(r"\d.*", own.words)
        if main.words[:1].isdigit() and digits:
            start = own.end - len(digits[0])
            return question[:start] + main.words + question[own.end :]
        return question[: own.start] + main.words + question[own.end :]
    alike = [e for e in elements if e.kind in {PERSON, NAME}]
    scored = [(_alike(main, preposition, own, question), -own.start, own) for own in alike]
    best = max(scored, default=None, key=lambda each: each[:2])
    if best is None or best[0] <= 0:
        return None
    own = best[2]
    new = ("the " if main.has_article else "") + main.words
    return question[: own.outset] + new + question[own.end :]


def _alike(main: Element, preposition: str, own: Element, question: str) -> int:
    """Return how well one name may take another's place in a question."""
    before = _BEFORE.search(question[: own.start])
    here = before[1].lower() if before else ""
    score = 4 if main.kind == own.kind else -1
    score += 2 if main.has_article == own.has_article else 0
    if preposition:
        return score + (4 if preposition == here else -3)
    # What only says where something was is no party to it.
    return score - (4 if here in {"in", "at", "from"} else 0)


def _put_date(main: Element, preposition: str, question: str, elements: Sequence[Element]) -> str:
    dates = [e for e in elements if e.kind == DATE]
    words = main.words
    if not dates:
        return _sentence(f"{question.rstrip(' ?')} {preposition or 'in'} {words}")
    own = dates[-1]
    year = _YEAR.search(own.words)
    if year and not _YEAR.search(words):
        words = f"{words} {year[0]}"
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
    question: str, pronouns: Sequence[Pronoun], turns: Sequence[Turn], names: Names
) -> tuple[str, bool]:
    """Return a question with what its pronouns stand for, and whether one is still open."""
    pieces, end, is_open = [], 0, False
    for pronoun in pronouns:
        words = _stand_in(pronoun, question, turns, names)
        if words is None:
            is_open = True
            continue
        if pronoun.is_possessive:
            words += "’" if words.endswith("s") else "’s"
        pieces += [question[end : pronoun.start], words]
        end = pronoun.end
    return "".join([*pieces, question[end:]]), is_open


def _stand_in(pronoun: Pronoun, question: str, turns: Sequence[Turn], names: Names) -> str | None:
    match pronoun.stands_for:
        case "he":
            answers = not pronoun.is_possessive and bool(_ANSWERS.match(question, pronoun.end))
            return _person_of(turns, names, is_answering=answers)
        case "it":
            return thing_of(turns[-1].question, names)
        case "they":
            return _several_of(turns[-1].question, names)
        case "there":
            place = _place_of(turns, names)
            stands_after = _LEADING.search(question[: pronoun.start])
            is_led = stands_after and stands_after.end() == pronoun.start
            return place if place is None or is_led else f"in {place}"
        case _:
            return _pointed_at(pronoun, question, turns, names)


def _person_of(turns: Sequence[Turn], names: Names, *, is_answering: bool) -> str | None:
    """Return who was last spoken of: whom a question asked for, or else its own first person.

    Who answers is the other party.
    """
    for turn in reversed(turns):
        elements = find_elements(turn.question, names)
        people = [e for e in elements if e.kind == PERSON]
        asked = "person" in expected_of(turn.question) and not _describes(turn.question, people)
        # More than two were asked for as a group.
        if asked and 1 <= len(turn.people) <= 2:
            return turn.people[0]
        if people:
            return people[1 if len(people) > 1 and is_answering else 0].words
        if turn.people:
            return turn.people[0]
        known = {turn.question[m.start : m.end] for m in names.mentions(turn.question)}
        unknown = [
            e.words
            for e in elements
            if e.kind == NAME
            and not e.has_article
            and e.words not in known
            and not _PLACE.search(turn.question[: e.start])
        ]
        if unknown:
            return unknown[0]
    return None


def _describes(question: str, people: Sequence[Element]) -> bool:
    """Tell whether a question asks who somebody is: "Who is Owada Hisashi?" asks for no other."""
    match = _DESCRIBED.match(question)
    if not (match and people and people[0].start == match.end()):
        return False
    return question[people[0].end : people[0].end + 1] not in {"'", "’"}


def thing_of(question: str, names: Names) -> str | None:
    """Return the thing that a question is about, where it has a name or number, or is asked for."""
    question = _ADDED.sub("", question)
    asked_for = _ASKED_FOR.match(question)
    if asked_for:
        return f"the {asked_for['thing']} that {asked_for['does']}"
    turn = _WH_PHRASE.match(question)
    asked = turn.end() if turn else 0
    elements = [e for e in find_elements(question, names) if e.start >= asked]
    things = [
        e
        for e in elements
        if e.kind in {NAME, NUMBER}
        and not _ASIDE.search(question[: e.start])
        and not _PLURAL.fullmatch(e.words)
    ]
    if not things:
        return None
    # The subject comes first in an English question, unless that is a person.
    is_about = any(e.kind == PERSON for e in elements)
    about = [e for e in things if re.search(r"\b(?:about|on|of) (?:the )?$", question[: e.start])]
    chosen = about[-1] if is_about and about else things[0]
    return question[chosen.outset : chosen.end]


def _several_of(question: str, names: Names) -> str | None:
    elements = find_elements(question, names)
    people = [e.words for e in elements if e.kind == PERSON]
    if len(people) > 1:
        return f"{people[0]} and {people[1]}"
    groups = [e for e in elements if e.kind == NAME and _PLURAL.fullmatch(e.words)]
    return question[groups[-1].outset : groups[-1].end] if groups else None


def _place_of(turns: Sequence[Turn], names: Names) -> str | None:
    for turn in reversed(turns):
        places = [
            turn.question[e.outset : e.end]
            for e in find_elements(turn.question, names)
            if e.kind == NAME and _PLACE.search(turn.question[: e.start])
        ]
        if places:
            return places[-1]
    return None


def _pointed_at(pronoun: Pronoun, question: str, turns: Sequence[Turn], names: Names) -> str | None:
    """Return what "that year" or "that cable" points at."""
    last = turns[-1]
    elements = find_elements(last.question, names)
    if pronoun.noun in {"year", "month", "day"}:
        dates = [e.words for e in elements if e.kind == DATE] or [*last.dates]
        if not dates:
            return None
        date = dates[-1]
        if pronoun.noun == "year":
            year = _YEAR.search(date)
            date = year[0] if year else date
        before = question[: pronoun.start]
        led = re.search(r"\b(?:in|on|of|from|by|since|until|before|after|during) $", before, _I)
        return date if led else f"{'on' if pronoun.noun == 'day' else 'in'} {date}"
    for element in elements:
        if (
            pronoun.noun
            and element.kind == NUMBER
            and analyze(pronoun.noun)[:1] == analyze(element.words)[:1]
        ):
            return element.words
    return None
