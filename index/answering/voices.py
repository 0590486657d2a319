"""Voices: in which way the words of a sentence are those of the person whose words are asked for.

Three are told apart. A record of talk attributes a turn to them; they wrote or signed the record,
or what is enclosed in it; or the sentence of somebody else reports what they said. Where the text
leaves it open, as it does for most of what stands in quotation marks, the voice is None.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from corpus.authority.attribution import attribute, describe_source
from corpus.documents import Document, Provenance, Span, Turn
from corpus.letters import fold_letter, fold_strokes
from index.text.analyzer import analyze
from index.understanding.names import Names
from index.understanding.speakers import any_of, name_of, split_speakers


class Voice(StrEnum):
    """In which way words are somebody's."""

    TURN = "turn"
    AUTHOR = "author"
    REPORT = "report"


# What opens a piece of a record that somebody else may have written.
_ENCLOSURE = re.compile(
    r"\W*(?:\d+\W*)?(?:list of |sub-?)?"
    r"(?:inclos|enclos|snbinclos|annex\b|attachment\b|appendix\b|tab \w)",
    re.IGNORECASE,
)
_HEADED = re.compile(
    r"\W*(?:extracts? (?:of|from)|no\. ?\d+"
    r"|(?:the |mr|m\.|sir|lord|count|baron|prince|general)\b.*\bto\b)",
    re.IGNORECASE,
)
_NOTES = re.compile(r"\W*notes?\b", re.IGNORECASE)
# A name as it stands under a letter: few words, no figures.
_SIGNED = re.compile(r"[^\W\d_][^\d\n]{1,60}(?:\n|$)")

_SAY = any_of(
    """
    acknowledge[sd]? add(?:s|ed) admit(?:s|ted) advise[sd] affirm(?:s|ed) allege[sd] announce[sd]
    answer(?:s|ed) argue[sd] ask(?:s|ed) assert(?:s|ed) assure[sd] aver(?:s|red) beg(?:s|ged)
    believe[sd] cable[sd] called claim(?:s|ed) comment(?:s|ed) complain(?:s|ed) concede[sd]
    conclude[sd] confirm(?:s|ed) consider(?:s|ed) contend(?:s|ed) declare[sd] declined
    demand(?:s|ed) denie[sd] describe[sd] desire[sd] disclaim(?:s|ed) emphasize[sd] enquire[sd]
    exclaimed expect(?:s|ed) explain(?:s|ed) express(?:es|ed) fear(?:s|ed) feels felt hinted
    hope[sd] indicate[sd] inform(?:s|ed) inquire[sd] insist(?:s|ed) instruct(?:s|ed) intimate[sd]
    maintain(?:s|ed) mention(?:s|ed) notifie[sd] object(?:s|ed) observe[sd] offer(?:s|ed) opine[sd]
    predict(?:s|ed) profess(?:es|ed) promise[sd] propose[sd] protest(?:s|ed) recall(?:s|ed)
    recommend(?:s|ed) referred refused regret(?:s|ted) reiterate[sd] remark(?:s|ed) remind(?:s|ed)
    repeat(?:s|ed) replie[sd] report(?:s|ed) represent(?:s|ed) request(?:s|ed) respond(?:s|ed)
    retort(?:s|ed) said says? speaks spoke state[sd] stress(?:es|ed) suggest(?:s|ed) swore
    telegraph(?:s|ed) telephoned tells testifie[sd] thinks thought threaten(?:s|ed) told urge[sd]
    voiced vowed warn(?:s|ed) wired wishe[sd] writes wrote
    """,
    "point(?:s|ed) out",
    "puts? it",
    "reads? to me",
)
_TOLD = any_of(
    """
    advised asked assured cautioned declared expressed given informed instructed made notified
    proposed reminded requested said stated suggested told urged warned written
    """
)
_WORDS = any_of(
    """
    answers? argument assurances? attitude cables? claim contention declarations? des?patch(?:es)?
    dispatch(?:es)? explanation instructions letters? message notes? objections? opinions? proposal
    remarks? replies reply report speech statements? suggestion telegrams? views? words
    """
)
# What may stand between a name and its verb: "Mr. Ward, in reply, frankly told me". No "was": who
# was told said nothing.
_MEANWHILE = any_of(
    """
    again all also always both but did does further furthermore had has have having herself himself
    however immediately just later merely next now once only repeatedly since still then therefore
    thereupon to-?day to-?night twice very who would yesterday \\w+ly
    """,
    "in (?:reply|answer|response|turn|conclusion|effect|person|private)",
    r"(?:this|last) \w+",
)
_BETWEEN = rf"(?:,? (?:\([^()]{{1,60}}\)|{_MEANWHILE})|, [^,.;:“”\"]{{1,60}},){{0,4}},? "
_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Messrs|Dr|Sir|Lord|M|Sr|Señor|Senor|Count|Baron|Prince|General|Colonel|Captain"
    r"|Admiral|Senator|Judge|Marquis|Duke|President|Secretary|Minister|Ambassador|Consul|Viceroy"
    r"|Governor|Chancellor|Commissioner|Pasha|Bey)\b\.?"
)
_SPACES = re.compile(r"\s+")
# How far before a name is looked for what makes words theirs.
_NEAR = 60
# A sentence is no longer than this; what follows is not looked at.
_LONGEST = 2_000


@cache
def _says() -> re.Pattern[str]:
    """Return what follows the name of somebody whose words are reported."""
    # All are compiled once they are needed: most questions ask for nobody's words.
    return re.compile(
        rf"{_BETWEEN}(?:{_SAY}|(?:is|was) of (?:the )?opinion\b)|['’]s? (?:\w+ ){{0,2}}?{_WORDS}"
    )


@cache
def _is_said() -> re.Pattern[str]:
    """Return what stands before such a name."""
    return re.compile(
        rf"\b(?:{_TOLD} (?:\w+ ){{0,2}}?by|according to|quoting|in the (?:opinion|words|view) of"
        rf"|{_WORDS} (?:\w+ ){{0,2}}?(?:of|by|from)) (?:[\w.]+ ){{0,3}}$"
        rf"|[,”\"] (?:said|replied|remarked|asked|answered|added) (?:[\w.]+ ){{0,2}}$"
    )


@cache
def _pronoun() -> re.Pattern[str]:
    """Return how a sentence begins that reports the words of somebody named before it."""
    return re.compile(rf"\W*(?:[Hh]e|[Ss]he|H\. ?[HE]\.|His [EHM]\w+){_BETWEEN}{_SAY}")


@dataclass(frozen=True, slots=True)
class _Speaker:
    """One speaker as a question names them: terms, and how their name stands in a sentence.

    `family` are the terms that every form of the name has; an office has none. `known` is anything
    that may mean them: "the King" for the King of Prussia, "the President" for President Grant.
    """

    terms: frozenset[str]
    family: frozenset[str]
    named: re.Pattern[str]
    known: re.Pattern[str]


class Voices:
    """Tells of sentences whether they are the words of the one whom a question asks for.

    One is made for each question. What it finds out of a document it keeps for the next sentence.
    """

    def __init__(self, words: str, names: Names | None = None) -> None:
        """Ask for the words of the speaker whom a question names so; `names` knows other forms."""
        self.words = words
        forms = [
            form
            for each in split_speakers(words)
            for form in (each, *(names.forms(name_of(each) or each)[1:] if names else ()))
        ]
        self._speakers = tuple(filter(None, map(_read_speaker, dict.fromkeys(forms))))
        self._authorships: dict[str, _Authorship] = {}

    def of(self, document: Document, turn: Turn | None, span: Span) -> Voice | None:
        """Return in which way the words of a span are theirs; None where that is open."""
        if not self._speakers:
            return None
        if turn is not None and any(map(self._is_named, filter(None, (turn.label, turn.name)))):
            return Voice.TURN
        text = document.text[span.start : min(span.end, span.start + _LONGEST)]
        if turn is None:
            authorship = self._authorships.get(document.doc_id)
            if authorship is None:
                authorship = self._authorships[document.doc_id] = _Authorship(document)
            is_theirs = any(map(self._is_named, authorship.of(span))) or (
                authorship.is_own(span) and self._is_sender(authorship.sender)
            )
            if is_theirs and not _is_quoted(document, span):
                return Voice.AUTHOR
        if self._is_reported(_fold(text)) or self._goes_on(document, span, text):
            return Voice.REPORT
        return None

    def wrote(self, provenance: Provenance) -> bool:
        """Tell whether the speaker wrote a record, as what is known of it says."""
        sender = _sender(provenance.title or "")
        return self._is_sender(sender) or any(map(self._is_named, provenance.creators))

    def is_named_in_document(self, document: Document, span: Span | None = None) -> bool:
        """Tell whether a document, or what is known of its record, names the speaker at all.

        Of its text only the span is looked at, where one is given.
        """
        record = document.provenance.record
        known = (*record.creators, *record.recipients, *record.people, document.title)
        return self.is_named_in(
            "\n".join((*known, span.of(document.text) if span else document.text))
        )

    def is_named_in(self, text: str) -> bool:
        """Tell whether words name the speaker, by name or by office."""
        if not text.isascii():
            plain = unicodedata.normalize("NFKD", fold_strokes(text))
            text = plain.encode("ascii", "ignore").decode()
        folded = text.lower()
        return not self._speakers or any(each.known.search(folded) for each in self._speakers)

    def _is_reported(self, folded: str) -> bool:
        """Tell whether a sentence, in small letters without accents, says that they said it."""
        return any(
            _says().match(folded, match.end())
            or _is_said().search(folded, max(0, match.start() - _NEAR), match.start())
            for each in self._speakers
            for match in each.named.finditer(folded)
        )

    def _is_named(self, words: str) -> bool:
        """Tell whether words name the speaker: the person, or the very office."""
        terms = _terms(words)
        name = {term for term in _terms(name_of(words) or words) if len(term) > 1}
        for each in self._speakers:
            own = {term for term in each.terms if len(term) > 1}
            if not each.family:
                named = each.terms == terms or (len(each.terms) > 1 and each.terms <= terms)
            else:
                named = own <= terms and len(own) > 1
                named |= each.family <= name and (name <= own or own <= name)
            if named:
                return True
        return False

    def _is_sender(self, words: str) -> bool:
        """Tell whether an office that is asked for is that of who sent a record, by its title."""
        terms = _terms(words)
        return any(
            not each.family and len(each.terms) > 1 and each.terms <= terms
            for each in self._speakers
        )

    def _goes_on(self, document: Document, span: Span, text: str) -> bool:
        """Tell whether "he said" can only mean the one who is named before it in the paragraph."""
        if not _pronoun().match(text):
            return False
        before = _fold(_before(document, span))
        last = max(
            (match.end() for each in self._speakers for match in each.named.finditer(before)),
            default=None,
        )
        if last is None:
            return False
        # Between the name and the pronoun nobody else has come in.
        between = document.text[span.start - (len(before) - last) : span.start]
        return not _TITLED.search(between) and not _is_quoted(document, span)


class _Authorship:
    """Who wrote each piece of a document: the record itself, and what is enclosed with it."""

    def __init__(self, document: Document) -> None:
        structure, text = document.structure, document.text
        # What only describes a record has not got its words.
        is_record = document.provenance.about is None
        self._creators = document.provenance.creators if is_record else ()
        self.sender = _sender(document.title) if is_record else ""
        apart = sorted((*structure.boilerplate, *structure.headings))
        heads = [(span, span.of(text)) for span in apart]
        # The first heading of a document is its own.
        own = structure.headings[0].start if structure.headings else -1
        self._starts = [
            span.start
            for span, words in heads
            if _ENCLOSURE.match(words)
            or (span.start > own and span in structure.headings and _HEADED.match(words))
        ]
        self._ends = [
            (span.start, words)
            for span, words in heads
            if span not in structure.headings and _SIGNED.match(words) and not _NOTES.match(words)
        ]

    def of(self, span: Span) -> Iterable[str]:
        """Return who wrote or signed the piece that a span is in, by the names there."""
        following = next((start for start in self._starts if start > span.start), None)
        signed = [
            words.partition("\n")[0]
            for start, words in self._ends
            if start >= span.end and (following is None or start < following)
        ]
        return (*(self._creators if self.is_own(span) else ()), *signed[:2])

    def is_own(self, span: Span) -> bool:
        """Tell whether a span is in the record itself, not in what is enclosed with it."""
        return not any(start <= span.start for start in self._starts)


def is_other_speaker(
    asked: Voices, document: Document, turn: Turn | None, span: Span | None = None
) -> bool:
    """Tell whether words whose voice is open cannot be those of the one asked for.

    A turn of somebody else's is theirs; elsewhere the record does not name the one asked for, or
    the span of it that is given.
    """
    return turn is not None or not asked.is_named_in_document(document, span)


def describe_voice(
    voice: Voice | None, speaker: str, provenance: Provenance, turn: Turn | None
) -> str | None:
    """Return in words whose the quoted words are, for a question that asks for a speaker's.

    None where it is said by to whom the record attributes them.
    """
    asked, by = _with_article(speaker), f"From {describe_source(provenance)}"
    writers = " and ".join(map(_with_article, provenance.creators))
    readers = " and ".join(map(_with_article, provenance.recipients))
    if writers and provenance.about is None:
        is_known = provenance.kind or provenance.side or not readers
        by = f"{by} that {writers} wrote" if is_known else f"From what {writers} wrote to {readers}"
    match voice:
        case Voice.TURN:
            return None
        case Voice.AUTHOR:
            own = Voices(speaker).wrote(provenance)
            return by if own else f"{by}, in a part that {asked} signed"
        case Voice.REPORT:
            return f"{attribute(provenance, turn) if turn else by}; reports what {asked} said"
        case _:
            return None if turn else f"{by}; whether {asked} said this is left open"


def _with_article(words: str) -> str:
    """Return how a person or an office is called inside a sentence: "the Secretary of State"."""
    is_office = not any(map(name_of, split_speakers(words)))
    return f"the {words}" if is_office and not words.lower().startswith("the ") else words


def _read_speaker(words: str) -> _Speaker | None:
    name = name_of(words)
    terms = frozenset(_terms(name or words))
    if not terms:
        return None
    office = rf"(?<!\w)(?:{'|'.join(map(re.escape, _office_words(words, name)))})(?!\w)"
    if not name:
        return _Speaker(terms, frozenset(), _pattern_of(words), re.compile(office))
    pieces = name.split()
    # "Chang Chih-tung" and "Li Hung Chang" are known by the whole name, "John Russell" by the last.
    whole = len(pieces) > 1 and ("-" in pieces[-1] or (len(pieces) > 2 and _is_plain(pieces)))
    family = terms if whole else frozenset(_terms(pieces[-1]))
    named = _pattern_of(name if whole else pieces[-1])
    known = rf"{named.pattern}|{office}" if name != words else named.pattern
    return _Speaker(terms, family, named, re.compile(known))


def _office_words(words: str, name: str) -> list[str]:
    """Return the words of a title or an office, without where it is held."""
    own = set(_fold(name).split())
    head = _fold(words).partition(" of ")[0]
    return [word for word in re.findall(r"\w+", head) if word not in own] or [head]


def _is_plain(pieces: Sequence[str]) -> bool:
    """Tell whether each word of a name is a word with a capital, no initial and no particle."""
    return all(piece[:1].isupper() and not piece.endswith(".") for piece in pieces)


def _pattern_of(words: str) -> re.Pattern[str]:
    pieces = [re.escape(piece) for piece in re.findall(r"\w+", _fold(words))]
    pattern = r"[\W_]{1,2}".join(pieces)
    # One office by two names.
    affairs = r"(?:foreign\\W+minister|(?:minister|secretary) (?:for|of) foreign affairs)"
    pattern = re.sub(r"\bforeign\[\\W_\]\{1,2\}minister\b", affairs, pattern)
    return re.compile(rf"(?<![\w-]){pattern}(?![\w-])")


def _sender(title: str) -> str:
    """Return what a title says before "to" of who wrote to whom: "The Minister in China (Ward)"."""
    sender, to, _ = title.partition(" to ")
    return sender if to else ""


def _is_quoted(document: Document, span: Span) -> bool:
    """Tell whether a span begins inside quotation marks that its paragraph opened, or with one."""
    if document.text[span.start : span.start + 1] in {"“", '"', "‘"}:
        return True
    before = _before(document, span)
    return before.count("“") > before.count("”") or before.count('"') % 2 == 1


def _before(document: Document, span: Span) -> str:
    """Return what stands before a span in its paragraph."""
    blocks = document.structure.blocks
    place = bisect_right(blocks, span.start, key=lambda block: block.end)
    start = min(blocks[place].start, span.start) if place < len(blocks) else span.start
    return document.text[max(start, span.start - _LONGEST) : span.start]


def _terms(words: str) -> set[str]:
    return set(analyze(words))


def _fold(words: str) -> str:
    """Return words in small letters without accents, as long as they were."""
    if words.isascii():
        return _SPACES.sub(lambda match: " " * len(match[0]), words).lower()
    return "".join(" " if char.isspace() else fold_letter(char).lower()[:1] for char in words)
