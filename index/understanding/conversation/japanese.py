"""Rewrite Japanese follow-up questions: "では5517号は？", "彼は何と答えましたか。"."""

import re
from collections.abc import Sequence

from index.understanding.conversation.antecedents import find_thing
from index.understanding.conversation.english import topic_words
from index.understanding.conversation.exchange import Exchange
from index.understanding.japanese.glossary import is_japanese
from index.understanding.names import TITLE, Mention, Names

# The most words of the last question that are added.
_TOPIC = 6

_JOINT = r"(?:では|じゃあ?|それでは|それなら|そして|また|あと|なら|で)?[、,\s]*"
_END = r"[?？。\s]*"
# "X は？" has no verb; "X とは？" asks what X is, and stands alone.
_PIECE = re.compile(
    rf"(?P<joint>{_JOINT})(?P<what>[^、。?？]{{1,24}}?)(?P<about>について|に関して|の場合)?(?<!と)"
    rf"(?:は|も|では|には)(?:どう(?:です|でした)?か)?{_END}"
)
# Without a conjunction, only a name, number or date is a fragment; 「ラオスの首都は？」 is none.
_ELEMENT = re.compile(r"(?:公電|電報|文書)?第?\d+号|(?:\d{4}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?")
_ASKING = "なぜ|何故|どうして|いつ|どこ|誰|だれ|何人|いくら|いくつ"
_BARE = re.compile(rf"{_JOINT}(?P<asked>{_ASKING})(?P<case>[でがにを]?)(?:です|でした)?か?{_END}")
_WORD_OF_ASKING = re.compile(_ASKING)
_PERSON = re.compile(r"彼女(?!ら)|彼(?!ら|女)|同(?:氏|首相|大統領|大使|外相|長官)")
_TIME = re.compile(r"(?:同|その)(?P<unit>年|月|日)(?!本)")
_AFTER = re.compile(
    r"その(?:後(?!任|継)|前(?!任)|時|際|とき|ため|結果|頃|ころ|まま)|それ(?:以来|から|まで)"
)
_THING = re.compile(r"それ(?!ぞれ|ら)|その|(?<!ど)そこ|これ(?!ら)|(?<!ど)この|あの")
_OPEN = re.compile(r"彼ら|[こそ]れら|両(?:者|氏|首脳)|同(?:会談|席|地|国)")
# Words for the archive itself have no antecedent.
_AT_HAND = re.compile(
    r"(?:これら?|この)の?(?:文書|記録|資料|史料|文章|公文書|アーカイブ|コレクション|質問|年|月|日)"
)
_CONTENT = re.compile(r"[\u3400-\u9fff々ァ-ヴーA-Za-z0-9]{2,}")
_DATE = re.compile(r"(?:(\d{4})年)?(?:\d{1,2}月)?(?:\d{1,2}日)?")
_NUMBERED = re.compile(r"(?:公電|電報|文書)?(?:第)?\d+号")
_TOPIC_END = re.compile(r"[はがをで]|について")


def rewrite(question: str, turns: Sequence[Exchange], names: Names) -> str | None:
    """Rewrite a Japanese question after some exchanges; None if it stands alone."""
    last = turns[-1]
    bare = _BARE.fullmatch(question)
    if bare:
        return _ask_again(bare["asked"] + bare["case"], last.question) or _with_topic(
            question, last, names
        )
    piece = _PIECE.fullmatch(question)
    if piece and _is_piece(piece, names) and not _pointing(piece["what"], names):
        return _substitute(piece["what"], last.question, names) or _with_topic(
            question, last, names
        )
    found = _pointing(question, names)
    return _replace(question, found, turns, names) if found else None


def _is_piece(match: re.Match[str], names: Names) -> bool:
    what = match["what"]
    return bool(
        match["joint"]
        or _ELEMENT.fullmatch(what)
        or any(_titled(each, what) == what for each in names.mentions(what))
    )


def _pointing(question: str, names: Names) -> re.Match[str] | None:
    """Return the pronoun or demonstrative of a question that lacks an antecedent, or None."""
    for pattern in (_AFTER, _TIME, _PERSON, _OPEN, _THING):
        match = pattern.search(question)
        if match is None or _AT_HAND.match(question, match.start()):
            continue
        before = question[: match.start()]
        known = (
            any(mention.is_person for mention in names.mentions(before))
            if pattern is _PERSON
            else _CONTENT.search(before)
        )
        if not known:
            return match
    return None


def _replace(question: str, found: re.Match[str], turns: Sequence[Exchange], names: Names) -> str:
    """Return a question with its pronoun resolved, or else with the topic of the last one."""
    last, rest = turns[-1], question[found.end() :]
    head = question[: found.start()]
    words = None
    if found.re is _PERSON:
        words = _find_person(turns, names)
    elif found.re is _TIME:
        dates = [match for match in _DATE.finditer(last.question) if match[0]]
        words = _up_to(dates[-1][0], found["unit"]) if dates else None
    elif found.re is _THING:
        words = _find_topic(last, names)
        if words and found[0] in {"その", "この", "あの"}:
            words += "の"
    return _with_topic(question, last, names) if words is None else f"{head}{words}{rest}"


def _find_person(turns: Sequence[Exchange], names: Names) -> str | None:
    for turn in reversed(turns):
        if turn.people and re.search("誰|だれ|who", turn.question, re.IGNORECASE):
            return turn.people[0]
        people = [each for each in names.mentions(turn.question) if each.is_person]
        if people:
            return _titled(people[0], turn.question)
        if turn.people:
            return turn.people[0]
    return None


def _find_topic(last: Exchange, names: Names) -> str | None:
    """Return the numbered document that a question is about, or else its topic."""
    question = last.question
    numbered = _NUMBERED.search(question)
    if numbered:
        return numbered[0]
    if not is_japanese(question):
        return find_thing(question, names)
    end = _TOPIC_END.search(question)
    return question[: end.start()] if end and end.start() else None


def _ask_again(asked: str, question: str) -> str | None:
    """Return the last question with another question word, or None."""
    own = _WORD_OF_ASKING.findall(question)
    if len(own) != 1:
        return None
    return re.sub(rf"(?:{_ASKING})[でがにを]?", asked, question)


def _substitute(what: str, question: str, names: Names) -> str | None:
    """Return a question with a number, date or name replaced by another, or None."""
    number, own = (
        re.search(r"\d+(?=号|$)", what),
        re.search(
            r"\d+(?=号)|(?<=no\. )\d+|\b(?!(?:1[5-9]|20)\d\d\b(?!-))\d{4,}\b(?!年)", question
        ),
    )
    if number and own:
        return question[: own.start()] + number[0] + question[own.end() :]
    date = _DATE.match(what)
    dates = [match for match in _DATE.finditer(question) if match[0]]
    if date and date[0] == what and dates:
        year = f"{dates[-1][1]}年" if dates[-1][1] and not date[1] else ""
        return f"{question[: dates[-1].start()]}{year}{what}{question[dates[-1].end() :]}"
    main = next((each for each in names.mentions(what) if _titled(each, what) == what), None)
    if main:
        alike = [each for each in names.mentions(question) if each.is_person == main.is_person]
        if alike:
            end = alike[0].start + len(_titled(alike[0], question))
            return question[: alike[0].start] + what + question[end:]
    return None


def _with_topic(question: str, last: Exchange, names: Names) -> str:
    """Return a question preceded by the topic of the last one."""
    if is_japanese(last.question):
        found = [
            words for words in _CONTENT.findall(last.question) if not re.fullmatch(_ASKING, words)
        ]
    else:
        found = [*topic_words(last.question, names)]
    kept = [words for words in dict.fromkeys(found) if words not in question][:_TOPIC]
    return f"{' '.join(kept)}について、{question}" if kept else question


def _titled(mention: Mention, text: str) -> str:
    """Return a name with the title after it."""
    title = TITLE.match(text, mention.end)
    return text[mention.start : title.end() if title else mention.end]


def _up_to(date: str, unit: str) -> str:
    """Return a date down to its year, month or day."""
    place = date.find(unit)
    return date[: place + 1] if place >= 0 else date
