"""Resolve the pronouns of a follow-up question to antecedents in earlier exchanges."""

import re
from collections.abc import Collection, Iterator, Sequence

from corpus.patterns import lazy_pattern
from index.text.analyzer import analyze
from index.understanding.answer_types import expected_types
from index.understanding.conversation import followups
from index.understanding.conversation.exchange import Exchange
from index.understanding.conversation.followups import OCCUPATION, WH_PHRASE, Pronoun
from index.understanding.countries import is_country
from index.understanding.dates import find_year
from index.understanding.entities import DATE, NAME, NUMBER, PERSON, Entity, find_entities
from index.understanding.names import Names

_I = re.IGNORECASE
_PLACE = lazy_pattern(
    r"\b(?:in|at|on|to|from|into|near|outside|across|(?:visit|reach|leav|enter)(?:e?d|ing|e)?|left)"
    r" (?:the )?$",
    _I,
)
# Prepositions before what a question is not about.
_ASIDE = lazy_pattern(
    r"\b(?:in|at|to|from|into|near|with|by|for|under|during|between|before|after|since) (?:the )?$",
    _I,
)
_ANSWERS = lazy_pattern(
    r"\W+(?:\w+ )?(?:reply|answer|respond|react|agree|accept|object|refuse|decline|say|think)\b", _I
)
_ANSWER = lazy_pattern(r" (?:\w+ )?(?:reply|answer|response|reaction|objection)\b", _I)
_DESCRIBED = lazy_pattern(r"who (?:is|was) ", _I)
# "Which cable deals with China?", "Which cable was withheld?".
_ASKED_FOR = lazy_pattern(
    r"(?:which|what) (?P<thing>(?:[a-z-]+ )??[a-z-]+) (?P<does>(?:is|was|has|had) [a-z].*?"
    r"|(?!(?:is|was|has|had|did|does|do|can|could|would|should|will|are|were|have)\b)"
    rf"[a-z]+s (?!{followups.AUXILIARY}\b).*?)\W*$",
    _I,
)
_ADDED = lazy_pattern(r" \([^()]*\)(?=\W*$)")
_PLURAL = lazy_pattern(r"(?!United States|United Nations|.* of ).*(?:[^s]s|ese)", _I)
# "The framework talks", "the records", "the railway men", "the crew of the Amity".
_SEVERAL = lazy_pattern(
    r"\bthe (?:(?!of\b)[a-z][\w-]+ ){0,2}?(?:(?!(?:was|is|does|has)\b)[a-z][\w-]+[^\Ws]s|men|women"
    r"|people|children|crew|garrison|delegation|mission|police|troops)\b"
    r"(?: of (?:the )?[A-Z][\w’-]*(?: [A-Z][\w’-]*)*)?"
)
# "The German Emperor", "the consul at Samoa", "the Secretary of State".
_OFFICE = lazy_pattern(
    rf"\b[Tt]he (?:(?:[A-Z]|(?!of\b|and\b)[a-z])[\w’-]* ){{0,2}}?(?i:{OCCUPATION})\b(?![’'])"
    r"(?: (?:of|at|in|to) (?:the )?[A-Z][\w’-]*(?: [A-Z][\w’-]*)*)?"
)
# "Who shot William Wilson?": "he" is the one who shot William Wilson.
_WHO = lazy_pattern(r"who (?!(?:is|are|was|were|did|does|do)\b)(?P<does>.+?)\W*$", _I)
# Contexts in which an unknown name is a person's.
_ADDRESSED = lazy_pattern(
    r"\b(?:write|wrote|say|said|reply|replied|read|speak|spoke|telegraph|explain|promise)\b.* to $"
)
_FOR = lazy_pattern(r"\b(?:for|with|by) the $", _I)
_DOING = lazy_pattern(r"\b(?:do|done) $", _I)
# "The election of the League", "the light on the cape": the name only qualifies the noun.
_OF_IT = lazy_pattern(r"\bthe [a-z]+ (?:of|on) (?:the )?$", _I)
_HARMED = lazy_pattern(
    r"\b(?:shot|shoot|kill(?:ed)?|murder(?:ed)?|arrest(?:ed)?|wound(?:ed)?|assassinated?|marr(?:y|ied)"
    r"|appoint(?:ed)?|dismiss(?:ed)?|succeed(?:ed)?|poison(?:ed)?|exiled?) $"
)
_PERSONAL = lazy_pattern(
    r" (?:say|said|tell|told|write|wrote|ask|asked|think|thought|expect|explain|report|propose"
    r"|promise|advise|recommend|remark|believe|complain|warn|want|hope|reply|answer|object|argue"
    r"|instructed|informed|received|appointed|recalled|dismissed|arrested|killed|wounded)\b"
)
_LED = lazy_pattern(
    r"\b(?:in|on|at|by|from|for|with|to|under|during|before|after|since|until|about|of) $", _I
)


def resolve_pronoun(
    pronoun: Pronoun,
    question: str,
    turns: Sequence[Exchange],
    names: Names,
    taken: Collection[str] = (),
) -> str | None:
    """Return the antecedent of a pronoun, or None if it is unclear.

    `taken` are the antecedents of other pronouns in the same clause.
    """
    match pronoun.stands_for:
        case followups.HE:
            answering = _ANSWER if pronoun.is_possessive else _ANSWERS
            answers = bool(answering.match(question, pronoun.end))
            return _find_person(turns, names, is_answering=answers, taken=taken)
        case followups.IT:
            if _DOING.search(question[: pronoun.start]):
                # "When did he do it?": "it" is an action.
                return None
            acts = re.search(rf"\b{followups.AUXILIARY} $", question[: pronoun.start], _I)
            return find_thing(turns[-1].question, names, is_object=not acts)
        case followups.THEY:
            return _find_group(turns[-1].question, names)
        case followups.THERE:
            place = _find_place(turns, names)
            led = _LED.search(question[: pronoun.start])
            return place[place.index(" ") + 1 :] if place and led else place
        case _:
            return _resolve_demonstrative(pronoun, question, turns, names)


def _find_person(
    turns: Sequence[Exchange], names: Names, *, is_answering: bool, taken: Collection[str] = ()
) -> str | None:
    """Return the person last mentioned: the answer to a question, or else its first person.

    For one who answers (`is_answering`), it is the last person of the question instead.
    """
    for turn in reversed(turns):
        entities = find_entities(turn.question, names)
        people = [e for e in entities if e.kind == PERSON]
        asked = "person" in expected_types(turn.question) and not _describes(turn.question, people)
        # More than two answers are a group.
        if asked and 1 <= len(turn.people) <= 2:
            return turn.people[0]
        who = _WHO.match(_ADDED.sub("", turn.question))
        if who and not taken:
            return f"the one who {who['does']}"
        spoken_of = [words for words in _find_people(turn.question, entities) if words not in taken]
        if spoken_of:
            return spoken_of[-1 if is_answering else 0]
        if turn.people:
            return turn.people[0]
        known = {turn.question[m.start : m.end] for m in names.mentions(turn.question)}
        unknown = [
            e.words
            for e in entities
            if e.kind == NAME
            and not e.has_article
            and e.words not in known
            and e.words not in taken
            and not is_country(e.words)
            and not _PLACE.search(turn.question[: e.start])
        ]
        if unknown:
            return unknown[-1 if is_answering else 0]
    return None


def _find_people(question: str, entities: Sequence[Entity]) -> Iterator[str]:
    """Yield the persons of a question in order, those named by their office included."""
    people = [e for e in entities if e.kind == PERSON]
    found = [(e.start, e.words) for e in people]
    found += [(e.start, e.words) for e in entities if e.kind == NAME and _is_personal(e, question)]
    for match in _OFFICE.finditer(question):
        if all(e.end <= match.start() or match.end() <= e.start for e in people):
            found.append((match.start(), f"the {match[0][4:]}"))
    yield from (words for _, words in sorted(found))


def _is_personal(entity: Entity, question: str) -> bool:
    """Return whether the context of an unknown name makes it a person's."""
    return (
        not entity.has_article
        and not is_country(entity.words)
        and bool(
            _PERSONAL.match(question, entity.end)
            or _HARMED.search(question[: entity.start])
            or _ADDRESSED.search(question[: entity.start])
        )
    )


def _describes(question: str, people: Sequence[Entity]) -> bool:
    """Return whether a question asks who a named person is: "Who is Owada Hisashi?"."""
    match = _DESCRIBED.match(question)
    if not (match and people and people[0].start == match.end()):
        return False
    return question[people[0].end : people[0].end + 1] not in {"'", "’"}


def find_thing(question: str, names: Names, *, is_object: bool = False) -> str | None:
    """Return the thing that a question is about: asked for, or with a name or number.

    `is_object` prefers the object of the question to its subject.
    """
    question = _ADDED.sub("", question)
    if _DESCRIBED.match(question):
        return None
    asked_for = _ASKED_FOR.match(question)
    if asked_for:
        return f"the {asked_for['thing']} that {asked_for['does']}"
    turn = WH_PHRASE.match(question)
    asked = turn.end() if turn else 0
    entities = [e for e in find_entities(question, names) if e.start >= asked]
    things = [
        e
        for e in entities
        if e.kind in {NAME, NUMBER}
        and (not _ASIDE.search(question[: e.start]) or _OF_IT.search(question[: e.start]))
        and not (e.has_article and _PLURAL.fullmatch(e.words))
        and not _is_personal(e, question)
    ]
    if not things:
        # "The dues that were asked for the Amity": the ship.
        things = [e for e in entities if e.kind == NAME and _FOR.search(question[: e.start])][-1:]
    if not things:
        return None
    # The subject comes first in an English question, unless it is a person.
    is_about = is_object or any(e.kind == PERSON for e in entities)
    about = [e for e in things if re.search(r"\b(?:about|on|of) (?:the )?$", question[: e.start])]
    chosen = about[-1] if is_about and about else things[0]
    whole = _OF_IT.search(question[: chosen.start])
    return question[whole.start() if whole else chosen.outset : chosen.end]


def _find_group(question: str, names: Names) -> str | None:
    entities = find_entities(question, names)
    people = [e.words for e in entities if e.kind == PERSON]
    if len(people) > 1:
        return f"{people[0]} and {people[1]}"
    groups = [
        e for e in entities if e.kind == NAME and e.has_article and _PLURAL.fullmatch(e.words)
    ]
    if groups:
        return question[groups[-1].outset : groups[-1].end]
    plain = _SEVERAL.search(_ADDED.sub("", question))
    return plain[0] if plain else None


def _find_place(turns: Sequence[Exchange], names: Names) -> str | None:
    """Return the place last mentioned, after "in", "at", "on" or "near"."""
    for turn in reversed(turns):
        for e in reversed(find_entities(turn.question, names)):
            placed = _PLACE.search(turn.question[: e.start]) if e.kind == NAME else None
            if placed:
                word = placed[0].split()[0].lower()
                led = word if word in {"at", "on", "near"} else "in"
                return f"{led} {turn.question[e.outset : e.end]}"
    return None


def _resolve_demonstrative(
    pronoun: Pronoun, question: str, turns: Sequence[Exchange], names: Names
) -> str | None:
    """Return the antecedent of "that year" or "that cable"."""
    last = turns[-1]
    entities = find_entities(last.question, names)
    if pronoun.noun in {"year", "month", "day"}:
        dates = [e.words for e in entities if e.kind == DATE] or [*last.dates]
        if not dates:
            return None
        date = dates[-1]
        if pronoun.noun == "year":
            date = find_year(date) or date
        led = _LED.search(question[: pronoun.start])
        return date if led else f"{'on' if pronoun.noun == 'day' else 'in'} {date}"
    for entity in entities:
        if (
            pronoun.noun
            and entity.kind == NUMBER
            and analyze(pronoun.noun)[:1] == analyze(entity.words)[:1]
        ):
            return entity.words
    return None
