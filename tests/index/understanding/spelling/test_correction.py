"""Questions in an archive's own spelling, on words that were invented for it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from corpus.documents import Span
from index.text.analyzer import analyze
from index.understanding.spelling.correction import Speller, suggest_names

# What the archive has: words as they are written there, and in how many passages.
WRITTEN = {
    "Gustav": 40,
    "Halvorsen": 30,
    "Brixwold": 60,
    "Wilhelmstad": 12,
    "Rostoff": 9,
    "Rostov": 1,
    "Pekin": 25,
    "Serbia": 30,
    "Kornholm": 5,
    "Kornhelm": 5,
    "Nordhaven": 80,
    "Meer": 2,
    "received": 90,
    "government": 300,
    "harbour": 120,
    "harbor": 0,
    "commission": 70,
    "captains": 40,
    "separate": 25,
    "conference": 90,
    "treaty": 90,
    "boat": 50,
    "dredged": 20,
    "modern": 9,
    "lighthouse": 33,
    "color": 8,
    "salt": 40,
    "works": 40,
    "minister": 100,
    "ships": 55,
    "skiff": 3,
    "schooner": 12,
    "gollum": 3,
    "blue": 11,
    "fields": 14,
    "Bluefjord": 200,
    "fjord": 20,
}
# Words of the language that are in no list of misspellings.
WORDS = {
    *(
        "boats",
        "three",
        "treaties",
        "saddlery",
        "shifted",
        "colour",
        "kind",
        "harbours",
        "sailor",
        "moderns",
    ),
    *("meir", "wilson", "kornholms", "piper"),
    *(word for word in WRITTEN if word.islower() and word != "gollum"),
}
SIDE_BY_SIDE = {("salt", "works"): "salt works", ("ting", "hai"): "Ting-hai"}


class Words:
    """A vocabulary in memory: every pair of words stands beside each other as said above."""

    passages = 5_000

    def __init__(self, written: Mapping[str, int] = WRITTEN) -> None:
        self._frequency: Counter[str] = Counter()
        self._forms: dict[str, dict[str, int]] = {}
        for word, frequency in written.items():
            if frequency:
                (term,) = analyze(word)
                self._frequency[term] += frequency
                self._forms.setdefault(term, {})[word] = min(frequency, 4)
        self.looked_up = 0

    def frequency(self, term: str) -> int:
        return self._frequency[term]

    def near(self, term: str, letters: Collection[str], most: int) -> list[str]:
        self.looked_up += 1
        return sorted(
            each
            for each, frequency in self._frequency.items()
            if frequency and each[0] in letters and OSA.distance(term, each) <= most
        )

    def forms(self, term: str) -> Mapping[str, int]:
        return self._forms[term]

    def side_by_side(self, first: str, second: str) -> str:
        return SIDE_BY_SIDE.get((first, second), "")


def speller(words: Words | None = None) -> Speller:
    return Speller(words or Words(), lambda word: word.lower() in WORDS)


def ask(question: str) -> str:
    return speller().correct(question).text


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        # Common words: a letter too few, too many, another, two exchanged.
        ("what was recieved", "what was received"),
        ("the goverment of the day", "the government of the day"),
        ("which comission was it", "which commission was it"),
        ("the captins of three ships", "the captains of three ships"),
        ("seperate treaties", "separate treaties"),
        ("how many sconers", "how many schooners"),
        ("wich ships came", "which ships came"),
        # Names, in small letters too, and at the start of a question.
        ("what did halvorson say", "what did Halvorsen say"),
        ("Who met Halversen?", "Who met Halvorsen?"),
        ("Brixwald in winter", "Brixwold in winter"),
        ("Was Brixwlod dredged?", "Was Brixwold dredged?"),
        ("the port of Wilhelmstadt", "the port of Wilhelmstad"),
        # Whose it is stays beside it.
        ("What became of Halvorson’s boat?", "What became of Halvorsen’s boat?"),
        # Old spellings and those of other countries.
        ("who was sent to Peking", "who was sent to Pekin"),
        ("the war with Servia", "the war with Serbia"),
        ("what colour was the boat", "what color was the boat"),
        # What scanning makes of letters.
        ("the govemment of the day", "the government of the day"),
    ],
)
def test_a_misspelt_word_is_the_archives(typed: str, asked: str) -> None:
    assert ask(typed) == asked


@pytest.mark.parametrize(
    "question",
    [
        # A name that is nobody's here must not become another's.
        "What did Gunnar say?",
        "What did Halversten of Nordhagen say to Brinkwell?",
        "What did Wilson tell Meir?",
        # As near to one as to the other.
        "Who came to Kornhalm?",
        # Words of the language that the archive has not got.
        "Was the saddlery shifted by a sailor?",
        # Too short, abbreviations, numbers, apostrophes that are missing.
        "the bot at 1457 and GOVERMENT",
        "didnt they",
        # Not a slip of anything.
        "the quixzotrian affair",
    ],
)
def test_what_is_no_near_miss_stays(question: str) -> None:
    assert ask(question) == question


def test_what_must_occur_just_so_stays() -> None:
    question = 'was "goverment" recieved'
    spelled = speller().correct(question, lambda: [Span(4, 15)])
    assert spelled.text == 'was "goverment" received'
    ((correction),) = spelled.corrections
    assert (correction.typed, correction.written) == ("recieved", "received")
    assert correction.span.of(question) == "recieved"


def test_a_rare_spelling_is_kept_and_the_frequent_one_looked_for_too() -> None:
    often = speller(Words({**WRITTEN, "Rostoff": 60})).correct("Who wrote from Rostov?")
    assert (often.text, often.near) == ("Who wrote from Rostov?", ("rostoff",))
    seldom = speller().correct("Who wrote from Rostov?")
    assert (seldom.text, seldom.near) == ("Who wrote from Rostov?", ())


@pytest.mark.parametrize(
    ("typed", "asked", "near"),
    [
        # The archive has the one word, often, and the two never side by side.
        ("the coast of Blue fjord", "the coast of Bluefjord", ()),
        ("the light-house", "the lighthouse", ()),
        ("a saltworks", "a salt works", ()),
        ("who took Tinghai", "who took Tinghai", ()),
        # Both stand there.
        ("the blue fields", "the blue fields", ()),
    ],
)
def test_a_word_in_two_and_two_in_one(typed: str, asked: str, near: Sequence[str]) -> None:
    spelled = speller().correct(typed)
    assert (spelled.text, spelled.near) == (asked, tuple(near))


def test_a_hyphen_of_the_archive_is_found() -> None:
    words = Words({**WRITTEN, "Ting": 8, "Hai": 8})
    assert speller(words).correct("who took Tinghai").text == "who took Ting-hai"


def test_nothing_is_looked_up_where_every_word_is_known() -> None:
    words = Words()
    question = "When was the harbour of Brixwold dredged by the government?"
    assert speller(words).correct(question).text == question
    assert words.looked_up == 0


@given(st.lists(st.sampled_from(sorted({w for w, n in WRITTEN.items() if n > 2})), min_size=1))
def test_what_the_archive_has_stays_as_typed(words: list[str]) -> None:
    question = ", ".join(words)
    assert speller().correct(question).text == question


@given(st.text(alphabet='abehlnorstvw B’-."?é細', max_size=60))
def test_a_corrected_question_is_not_corrected_again(question: str) -> None:
    once = speller().correct(question)
    assert speller().correct(once.text).text == once.text
    assert speller().correct(question) == once


KNOWN = ["Halvorsen, Gustav", "Halvorsen, Ingrid", "Brandt, Elias", "Meer, Johan van der"]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("Halvorson", ["Halvorsen, Gustav", "Halvorsen, Ingrid"]),
        ("Gustaf Halvorsson", ["Halvorsen, Gustav"]),
        ("Brand", ["Brandt, Elias"]),
        ("Servia", []),
        ("Quist", []),
        ("", []),
        ("1871", []),
    ],
)
def test_names_that_come_near_are_suggested(words: str, names: list[str]) -> None:
    assert suggest_names(words, KNOWN) == names
