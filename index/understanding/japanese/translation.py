"""Draft the translation of a Japanese question: English alternatives for each word.

They come from memcon's glossary, the authority file and the dictionaries; for other names in
katakana, from words of the archive that sound alike. The passages choose among them
(`index.retrieval.query_translation`), and `index.understanding.japanese.word_order` orders them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from corpus.authority.names import bundled_entries
from corpus.patterns import lazy_pattern
from index.understanding.japanese.dictionary import Dictionary, Gloss, Word
from index.understanding.japanese.fixed_words import (
    QuestionToken,
    find_fixed,
    normalise,
    read_fixed,
)
from index.understanding.japanese.glossary import read_glossary
from index.understanding.japanese.katakana import romanise
from index.understanding.japanese.segmentation import (
    TITLE,
    TITLES,
    forms_in,
    segment,
)

# The most alternatives of a word; twice as many for a name.
_MOST = 8
# A word of the glossary costs less than any of a dictionary; a single character costs more.
_COST = 0.9
_SINGLE = 0.9

_LONG = lazy_pattern(r"ou|oo|uu|oh(?![aeiou])", re.IGNORECASE)
_TITLED = lazy_pattern(TITLES)
_PERSON = lazy_pattern(rf"(?:{TITLES})$(?<!内閣)(?<!政権)")
_KATAKANA = lazy_pattern(r"[\u30a1-\u30fc・]{2,}")
_KANJI = lazy_pattern(r"[\u3400-\u9fff]")
# Endings after the stem of a verb.
_INFLECTED = lazy_pattern(r"た|て|ま[しす]|な[いかけくさ]|れ|ら|る|よう|ば")
# The glossary lists verbs by their stem.
_STEM = lazy_pattern(r"[\u3400-\u9fff][\u3041-\u309f]*[いえしせけっりれわかまんべめなさ]$")
# Words without a meaning of their own.
_EMPTY = frozenset("事 物 者 方 為 時 際 中 等 上 下 内 間 所 点 氏 様 さん".split())


@dataclass(frozen=True, slots=True)
class Draft:
    """The tokens of a Japanese question."""

    tokens: tuple[QuestionToken, ...]

    @property
    def untranslated(self) -> float:
        """The share of the question's words without English."""
        words = [token for token in self.tokens if token.kind in {"word", "name"}]
        return sum(not token.is_known for token in words) / len(words) if words else 0.0


def draft(
    question: str,
    dictionary: Dictionary,
    sounds_like: Callable[[str], Sequence[str]] = lambda _: (),
) -> Draft:
    """Tokenize a Japanese question.

    `sounds_like` gives the words of the archive that a name in katakana may stand for.
    """
    text = normalise(question)
    tokens: list[QuestionToken] = []
    place = 0
    while match := _find_next(text, place):
        tokens += _words_in(text[place : match.start()], dictionary, sounds_like)
        if match.re is _mixed_words():
            tokens.append(QuestionToken(match[0], "word", _own_words()[match[0]].glosses))
        else:
            tokens.append(read_fixed(match))
        place = match.end()
    tokens += _words_in(text[place:], dictionary, sounds_like)
    return Draft(tuple(tokens))


def _find_next(text: str, place: int) -> re.Match[str] | None:
    own, fixed = _mixed_words().search(text, place), find_fixed(text, place)
    if own and fixed:
        return own if own.start() <= fixed.start() else fixed
    return own or fixed


def _words_in(
    run: str, dictionary: Dictionary, sounds_like: Callable[[str], Sequence[str]]
) -> Iterator[QuestionToken]:
    if not run:
        return
    found = forms_in(run)
    looked_up = dictionary.look_up({form for forms in found.values() for form in forms})
    pieces = segment(run, *_choose_forms(run, found, looked_up))
    nouns = [piece for piece in pieces if piece.word and not piece.word.is_verb]
    # "German" stands in "German person", and nowhere by itself.
    peoples = dictionary.look_up({f"{piece.text}人" for piece in nouns})
    names = dictionary.find_names(
        {
            each.text
            for each in nouns
            if _KATAKANA.fullmatch(each.text) or TITLE.match(run, each.end)
        }
    )
    for before, piece, after in zip([None, *pieces], pieces, [*pieces[1:], None], strict=False):
        leads = bool(after and after.word)
        if piece.word is None:
            yield _unknown(piece.text, sounds_like)
        elif piece.text in _EMPTY:
            yield QuestionToken(piece.text, "kana")
        elif (
            (leads or (before and before.word))
            and len(piece.text) == 1
            and piece.text not in _own_words()
        ):
            # A single character is part of the word beside it.
            continue
        elif leads and (people := _adjective(peoples.get(f"{piece.text}人"))):
            yield QuestionToken(piece.text, "word", (Gloss(people, 0),))
        else:
            yield _known(piece.text, piece.word, looked_up, names)


def _choose_forms(
    run: str, found: Mapping[tuple[int, int], Sequence[str]], looked_up: Mapping[str, Word]
) -> tuple[dict[tuple[int, int], Word], dict[str, float]]:
    """Choose the word for each span of a run, and the costs of those in the glossary."""
    own = _own_words()
    known: dict[tuple[int, int], Word] = {}
    costs: dict[str, float] = {}
    for span, forms in found.items():
        written = run[slice(*span)]
        if written in own:
            known[span] = own[written]
            costs[written] = _COST + (_SINGLE if len(written) == 1 else 0.0)
            continue
        # Before the ending of a verb, a verb goes before a noun of the same form.
        order = [*forms[1:], written] if _INFLECTED.match(run, span[1]) else forms
        words = (looked_up[form] for form in order if form in looked_up)
        fitting = (w for w in words if w.form == written or w.is_verb or w.is_adjective)
        word = next(fitting, None)
        if word:
            known[span] = word
    return known, costs


def _adjective(people: Word | None) -> str:
    """Return "German" for "German person"."""
    first = people.glosses[0].words.split()[0] if people and not people.is_name else ""
    return first if first[:1].isupper() else ""


def _unknown(text: str, sounds_like: Callable[[str], Sequence[str]]) -> QuestionToken:
    if text == "・":
        return QuestionToken(text, "mark")
    if _KATAKANA.fullmatch(text):
        alike = sounds_like(text)
        # A name that the archive lacks is kept, so that passages without it do not answer.
        words = [each.capitalize() for each in alike] or [romanise(text).capitalize()]
        glosses = tuple(Gloss(each, place) for place, each in enumerate(words))
        return QuestionToken(text, "name", glosses, is_known=bool(alike))
    if _KANJI.search(text):
        return QuestionToken(text, "word", (Gloss(text, 0),), is_known=False)
    return QuestionToken(text, "kana")


def _known(
    text: str, word: Word, looked_up: Mapping[str, Word], names: Mapping[str, Word]
) -> QuestionToken:
    glosses = [*word.glosses]
    is_name = word.is_name
    if text in _own_words():
        more = looked_up.get(text)
        is_name = bool(more and more.is_name) and glosses[0].words[:1].isupper()
        glosses += [Gloss(each.words, each.rank + 2) for each in (more.glosses if more else ())]
    else:
        if text in names and not is_name:
            is_name = not word.is_common
            rank = 0 if is_name else 2
            glosses += [Gloss(each.words, rank) for each in names[text].glosses]
        if is_name and not _KATAKANA.fullmatch(text):
            glosses = [Gloss(form, each.rank) for each in glosses for form in _spell(each.words)]
    first: dict[str, Gloss] = {}
    for gloss in glosses:
        first.setdefault(gloss.words, gloss)
    order = sorted(first.values(), key=lambda gloss: gloss.rank)
    return QuestionToken(
        text,
        "name" if is_name else "word",
        tuple(order[: 2 * _MOST if is_name else _MOST]),
        is_verb=word.is_verb,
        is_title=bool(_TITLED.fullmatch(text)),
        is_person=bool(_PERSON.search(text)),
    )


def _spell(name: str) -> tuple[str, ...]:
    """Return spellings of a romanised name, first without long vowels."""
    short = _LONG.sub(lambda match: match[0][0], name)
    return (short, name) if short != name else (name,)


@cache
def _own_words() -> dict[str, Word]:
    words = {
        form: Word(
            form,
            tuple(Gloss(each, place) for place, each in enumerate(english.split("/"))),
            is_common=True,
            is_verb=bool(_STEM.search(form)),
        )
        for form, english in read_glossary().items()
    }
    for entry in bundled_entries():
        for form in entry.names:
            if re.search(r"[\u3041-\u9fff]", form):
                words.setdefault(form, Word(form, (Gloss(entry.name, 0),), is_common=True))
    return words


@cache
def _mixed_words() -> re.Pattern[str]:
    """Return the pattern of glossary words with digits or dots."""
    mixed = [form for form in _own_words() if re.search(r"[\d・]", form)]
    return re.compile("|".join(map(re.escape, sorted(mixed, key=len, reverse=True))) or "(?!)")
