"""Put the English words of a Japanese question into English order.

Japanese puts the verb last and modifiers before their noun, and marks each phrase by the kana after
it. The result has the question word, the topic, the verb, its object and the rest; a clause before
a noun follows it. That is close enough to English for names, pairs of words and the encoder.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.patterns import lazy_pattern
from index.understanding.japanese.fixed_words import QuestionToken
from index.understanding.japanese.translation import Draft

# Functions of a phrase, by the kana after it.
_GENITIVE = lazy_pattern(r"の(?![はをがかでにも])|との|での|からの|への|までの|における|による")
_ABOUT = lazy_pattern(r"(?:について|につき|に関|に対|をめぐ|を巡)")
_DESCRIBING = ("る", "の")
_TOPIC = lazy_pattern(r"[にでとら]?[はも]|から[はも]|が|とは")
_PREPOSITIONS = (
    ("から", "from"),
    ("まで", "until"),
    ("へ", "to"),
    ("に", "to"),
    ("で", "at"),
    ("と", "with"),
)
_DOING = lazy_pattern(r"[しさせす]|でき|な[さっいか]|いた")
_CLOSING = lazy_pattern(r"(?:て|で|し|ば|たら|なら|と|つつ|ながら|り)$")
_NOMINAL = lazy_pattern(r"(?:こと|もの)(?:について|[はをがにでも])|の[はをがに]")
_PARTICLE = lazy_pattern(r"[はをがにかと]$")
_NEGATED = lazy_pattern(r"[かさしせらわたえけめれべ]?(?:な(?:い|かった)|ず(?!れ)|ません)")
_SAYING = lazy_pattern(r"言[いっわ]|述べ|話[しさす]|語[りっる]|発言|答え|回答")
_STOP = lazy_pattern(r"[、。?？]")
# Question words before a noun: "what opinion", "how many ships".
_OF_THINGS = frozenset({"what", "which", "how many"})


@dataclass(frozen=True, slots=True)
class Written:
    """An English question, and the speaker whose words it asks for, or ""."""

    text: str
    speaker: str = ""


@dataclass(slots=True)
class _Phrase:
    """Words, the kana after them, and their function."""

    words: list[str] = field(default_factory=list)
    asking: str = ""
    kana: str = ""
    is_verb: bool = False
    is_person: bool = False
    is_predicate: bool = False
    is_describing: bool = False
    follows_clause: bool = False
    is_last: bool = False
    ends_in_name: bool = False
    is_joined: bool = False

    def add(self, token: QuestionToken, words: str) -> None:
        """Add the words of a token; an office moves before its name."""
        if self.is_joined and self.ends_in_name:
            self.words[-1] += f" {words}"
        elif token.is_title and self.ends_in_name:
            self.words[-1] = f"{words[:1].upper()}{words[1:]} {self.words[-1]}"
        else:
            self.words.append(words)
        self.is_joined = False
        self.is_verb = token.is_verb
        self.is_person = self.is_person or token.is_person
        self.ends_in_name = token.kind == "name"


@dataclass(slots=True)
class _Clause:
    subject: str = ""
    objects: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Sentence:
    """The parts of a question so far."""

    asking: str = ""
    topic: str = ""
    is_person: bool = False
    clause: _Clause = field(default_factory=_Clause)
    # Modifiers of the next noun, and whether they follow it in English.
    modifier: list[str] = field(default_factory=list)
    comes_after: bool = False
    predicate: list[str] = field(default_factory=list)
    # Whether the predicate is a verb.
    acts: bool = False

    def take(self, phrase: _Phrase) -> None:
        words = " ".join(phrase.words)
        if phrase.asking in _OF_THINGS and words and not phrase.is_predicate:
            self.asking = self.asking or f"{phrase.asking} {self._described(words, phrase)}"
            return
        self.asking = self.asking or phrase.asking
        if not words:
            return
        if phrase.is_predicate:
            self._take_predicate(phrase, words)
        else:
            self._take_noun(phrase, self._described(words, phrase))

    def _described(self, words: str, phrase: _Phrase) -> str:
        after = phrase.follows_clause or self.comes_after
        parts = [words, *self.modifier] if after else [*self.modifier, words]
        self.modifier, self.comes_after = [], False
        return " ".join(parts)

    def _take_predicate(self, phrase: _Phrase, words: str) -> None:
        if _NEGATED.match(phrase.kana):
            words = f"not {words}"
        if phrase.is_last:
            self.predicate.append(words)
            self.acts = True
            return
        clause, self.clause = self.clause, _Clause()
        said = [words, *clause.objects, *clause.others]
        if phrase.is_describing:
            self.modifier.append(" ".join(filter(None, [*said, clause.subject])))
        elif _NOMINAL.search(phrase.kana):
            self.clause.objects.append(" ".join(filter(None, [clause.subject, *said])))
        else:
            self.clause.others.append(" ".join(filter(None, [clause.subject, *said])))

    def _take_noun(self, phrase: _Phrase, words: str) -> None:
        kana = phrase.kana
        if _GENITIVE.match(kana):
            self.modifier = [words]
        elif _ABOUT.match(kana):
            if kana.endswith(_DESCRIBING):
                self.modifier, self.comes_after = [f"about {words}"], True
            else:
                self.clause.others.append(f"about {words}")
        elif kana.startswith("を"):
            self.clause.objects.append(words)
        elif _TOPIC.match(kana):
            self._take_subject(phrase, words)
        elif phrase.is_last:
            self.predicate.append(words)
        else:
            preposition = next((word for each, word in _PREPOSITIONS if kana.startswith(each)), "")
            self.clause.others.append(f"{preposition} {words}".strip())

    def _take_subject(self, phrase: _Phrase, words: str) -> None:
        if phrase.kana.startswith("が"):
            self.clause.subject = self.clause.subject or words
        elif self.topic:
            self.clause.others.append(words)
        else:
            self.topic, self.is_person = words, phrase.is_person

    def finish(self) -> str:
        clause = self.clause
        subject = self.topic or clause.subject
        if self.topic and clause.subject:
            clause.others.insert(0, clause.subject)
        rest = [*self.predicate, *clause.objects, *clause.others, *self.modifier]
        if self.acts or clause.objects:
            words = [self.asking, "did", subject, *rest]
        else:
            words = [self.asking or "what", "was", subject, *rest]
        text = " ".join(filter(None, words))
        return f"{text[:1].upper()}{text[1:]}?"


def write(drafted: Draft, chosen: Mapping[int, str]) -> Written:
    """Return the English question; `chosen` has the words for each token by its place."""
    sentence = _Sentence()
    for phrase in _mark(list(_phrases(drafted, chosen))):
        sentence.take(phrase)
    asks_words = any(_SAYING.match(token.text) for token in drafted.tokens)
    speaker = sentence.topic if asks_words and sentence.is_person else ""
    return Written(sentence.finish(), speaker)


def _phrases(drafted: Draft, chosen: Mapping[int, str]) -> Iterator[_Phrase]:
    """Yield words with the kana that follow them."""
    phrase = _Phrase()
    for place, token in enumerate(drafted.tokens):
        words = chosen.get(place, "")
        if token.kind in {"mark", "kana"}:
            phrase.is_joined = token.text == "・"
            stop = "、" if _STOP.search(token.text) and phrase.words else ""
            if phrase.words or phrase.asking:
                phrase.kana += stop if token.kind == "mark" else token.text
            continue
        if phrase.kana or (token.kind == "asking" and phrase.words):
            yield phrase
            phrase = _Phrase()
        if token.kind == "asking":
            phrase.asking = phrase.asking or words
        elif words:
            phrase.add(token, words)
    if phrase.words or phrase.asking:
        yield phrase


def _mark(phrases: list[_Phrase]) -> list[_Phrase]:
    """Set the functions of phrases by their kana."""
    for phrase in phrases:
        stops = phrase.kana.endswith("、")
        kana = phrase.kana = phrase.kana.rstrip("、")
        inflects = phrase.is_verb and not re.match(r"[をがはの]", kana)
        phrase.is_predicate = inflects or bool(_DOING.match(kana))
        ends = _CLOSING.search(kana) or _NOMINAL.search(kana) or _PARTICLE.search(kana)
        phrase.is_describing = phrase.is_predicate and not stops and not ends
    for last in [phrase for phrase in phrases if phrase.words][-1:]:
        last.is_last = True
    for first, second in pairwise(phrases):
        second.follows_clause = first.is_describing
    return phrases
