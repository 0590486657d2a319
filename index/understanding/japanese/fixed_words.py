"""Parts of a Japanese question that no dictionary has: dates, numbers, Latin and question words."""

import re
import unicodedata
from dataclasses import dataclass

from corpus.dates import ERAS
from corpus.patterns import lazy_pattern
from index.understanding.japanese.dictionary import Gloss
from index.understanding.japanese.glossary import write_date

_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
_NUMERALS = lazy_pattern(r"[〇一二三四五六七八九]{4}(?=年)")
_UNITS = {"兆": 1_000_000_000_000, "億": 100_000_000, "万": 10_000}
_SIZES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_COUNTERS = "人|回|隻|名|度|件|か国|カ国|ヶ国|時間|つ|本"
# The first that fits counts.
_ASKING = (
    ("why", r"なぜ|何故|どうして|なにゆえ"),
    ("how many years", r"何年間"),
    ("how many days", r"何日間"),
    ("when", r"いつ(?!も|か(?:は|ら|の))|何年(?:何月)?(?:何日)?|何月(?:何日)?|何日|何時(?!間)"),
    ("where", r"どこ|何処"),
    ("who", r"誰|だれ|どなた|何者"),
    ("how many", rf"いくつ|幾つ|何(?:{_COUNTERS})"),
    ("how much", r"いくら|どの(?:くらい|ぐらい|程度)|どれ(?:くらい|ぐらい|ほど|だけ)"),
    ("how much", r"何(?:パーセント|%|割|ドル|円)"),
    ("what", r"どのような|どんな|いかなる|どういう|どういった"),
    ("how", r"どの(?:ように|よう)|どう(?!して|い)|いかに|如何に"),
    ("which", r"どの|どれ|どちら"),
    ("how many", r"何(?=[\u4e00-\u9fff\u30a1-\u30fa])"),
    ("what", r"何(?=[とをがでにはだかの、？?。])|なに"),
)
_ASK = "|".join(f"(?P<ask{place}>{asked})" for place, (_, asked) in enumerate(_ASKING))
_LATIN = r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’.-]*"
_DATE = r"\d{1,2}月(?:\d{1,2}日)?"
_FIXED = lazy_pattern(
    rf"""
      (?P<era>{"|".join(ERAS)})(?P<of>\d{{1,2}}|元)年(?P<rest>{_DATE})?
    | (?P<date>\d{{4}}年(?!代|間)(?:{_DATE})?|{_DATE})
    | (?P<decade>\d{{4}})年代
    | (?P<century>\d{{1,2}})世紀
    | 第?(?P<numbered>\d[\d.,-]*)号
    | (?P<amount>\d[\d.,]*)(?P<unit>[{"".join(_UNITS)}])
    | (?P<number>\d[\d.,]*)
    | (?P<marker>に関(?:する|して|し)|に対(?:する|して|し)|を[めぐ巡]+[るっり]て?
        |に[お於](?:ける|いて)|に[よ依](?:る|って|れば|り)|として(?:の)?|とき|ところ|こと|もの|ため|よう
        |(?<![\u4e00-\u9fff])[後前]に)
    | {_ASK}
    | (?P<latin>{_LATIN}(?:\ {_LATIN})*)
    | (?P<mark>[、。，．,?？!！「」『』（）()"“”'\s]+)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class QuestionToken:
    """A token of a Japanese question, with its English alternatives, best first.

    `kind` is "word", "name", "fixed", "asking", "kana" or "mark". `is_known` marks tokens with
    English words, `is_title` an office or rank, `is_person` words that end with one.
    """

    text: str
    kind: str
    alternatives: tuple[Gloss, ...] = ()
    is_verb: bool = False
    is_title: bool = False
    is_person: bool = False
    is_known: bool = True


def normalise(question: str) -> str:
    """Return a question with digits for the numerals of a year, and letters of one width."""
    text = unicodedata.normalize("NFKC", question)
    return _NUMERALS.sub(lambda match: match[0].translate(_DIGITS), text)


def find_fixed(text: str, place: int) -> re.Match[str] | None:
    """Return the next part, from a place on, that no dictionary has."""
    return _FIXED.search(text, place)


def read_fixed(match: re.Match[str]) -> QuestionToken:
    """Return the token of a match of `find_fixed`."""
    if match["mark"] or match["marker"]:
        return QuestionToken(match[0], "mark" if match["mark"] else "kana")
    asking = next((words for n, (words, _) in enumerate(_ASKING) if match[f"ask{n}"]), None)
    if asking:
        return QuestionToken(match[0], "asking", (Gloss(asking, 0),))
    # A name in Latin letters may be a person's, unless it is all capitals.
    is_person = bool(match["latin"] and match["latin"].istitle())
    return QuestionToken(match[0], "fixed", (Gloss(_write(match), 0),), is_person=is_person)


def _write(match: re.Match[str]) -> str:
    if match["era"]:
        year = ERAS[match["era"]] + (1 if match["of"] == "元" else int(match["of"]))
        return write_date(f"{year}年{match['rest'] or ''}")
    if match["date"]:
        return write_date(match["date"])
    if match["amount"]:
        return _write_amount(match["amount"], match["unit"])
    for name, form in (("decade", "{}s"), ("century", "{}th century"), ("numbered", "no. {}")):
        if match[name]:
            return form.format(match[name])
    return match["number"] or match["latin"]


def _write_amount(amount: str, unit: str) -> str:
    try:
        value = float(amount.replace(",", "")) * _UNITS[unit]
    except ValueError:
        return amount
    for size, name in _SIZES:
        if value >= size:
            return f"{value / size:g} {name}"
    return f"{value:,.0f}"
