"""A glossary of diplomatic Japanese, for questions over English records.

Each line of `glossary.tsv` beside this module has a Japanese word and its English; names of persons
come from the authority file. Words are looked up one by one, which is enough to find passages.
"""

import re
from functools import cache

from corpus.authority.names import bundled_entries
from corpus.dates import MONTHS
from corpus.patterns import lazy_pattern
from index.text.analyzer import CJK
from index.text.tables import read_rows

_DATE = lazy_pattern(r"(?:\d{4}年)?(?:(?:1[0-2]|[1-9])月)?(?:[1-3]?\d日)?")
_KANJI = lazy_pattern(r"[\u4e00-\u9fff]{3,6}")
# The speaker: a name and an office, then the topic's particle, then a verb of saying.
_SPEAKER = lazy_pattern(
    r"(?P<who>[\u4e00-\u9fff\u30a1-\u30ff]{2,})は[^。]*(?:言[いっわ]|述べ|話[しさ]|語[りっ]|発言|答え)"
)
_ENDING = lazy_pattern(r"[\u3041-\u309f][。？?\s]*$")
_KANA_ONLY = lazy_pattern(r"[\u3040-\u309f、。？！・「」『』]+")


def gloss(question: str) -> str:
    """Translate the known words of a Japanese question in place.

    Dates are written out, unknown words stay, and function words in kana are removed.
    """
    known = _words()
    longest = max(map(len, known))
    found: list[str] = []
    rest = ""
    place = 0
    while place < len(question):
        date = _DATE.match(question, place)
        if date and date[0]:
            found += [rest, write_date(date[0])]
            rest, place = "", date.end()
            continue
        word = next(
            (
                question[place : place + length]
                for length in range(min(longest, len(question) - place), 0, -1)
                if question[place : place + length] in known
            ),
            None,
        )
        if word is None:
            rest += question[place]
            place += 1
        else:
            found += [rest, known[word]]
            rest, place = "", place + len(word)
    found.append(rest)
    words = " ".join(_KANA_ONLY.sub(" ", words) for words in found).split()
    # A single remaining character is mostly the stem of a verb.
    return " ".join(word for word in words if word.isascii() or len(word) > 1)


def find_speaker(question: str) -> str:
    """Return the speaker whose words a Japanese question asks for, in English, or ""."""
    match = _SPEAKER.search(question)
    return gloss(match["who"]) if match else ""


def is_japanese(question: str) -> bool:
    """Return whether a question is mostly in Chinese characters and kana, or ends in kana."""
    letters = [char for char in question if char.isalpha()]
    written = 2 * len(re.findall(f"[{CJK}]", question)) > len(letters) > 0
    return written or bool(_ENDING.search(question))


def write_date(written: str) -> str:
    """Return a Japanese date in English: "10 April 1861" for "1861年4月10日"."""
    year, month, day = (re.search(rf"(\d+){unit}", written) for unit in "年月日")
    name = MONTHS[int(month[1]) - 1] if month and 1 <= int(month[1]) <= 12 else None
    return " ".join(filter(None, [day and day[1], name, year and year[1]])) or written


@cache
def read_glossary() -> dict[str, str]:
    """Return the glossary: Japanese words and their English alternatives, separated by "/"."""
    return dict(read_rows(__file__))


@cache
def _words() -> dict[str, str]:
    words = {word: english.replace("/", " ") for word, english in read_glossary().items()}
    for entry in bundled_entries():
        for form in entry.names:
            if _KANJI.fullmatch(form):
                words[form] = entry.name
    return words
