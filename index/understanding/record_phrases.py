"""Patterns of phrases that describe records: kinds, persons, numbers, volumes."""

import re

from corpus.patterns import lazy_pattern
from index.text.tables import read_lists
from index.understanding.dates import DATE, DAY, MONTH, YEAR

_LISTS = read_lists(__file__)

# A day, or days of one month: "June 5", "June 5 to 9, 1936".
SPAN = (
    rf"(?:(?:between )?(?P<first>{DATE}|(?i:{MONTH}) {DAY})(?: ?[-–—] ?| (?:and|to|through|until) )"
    rf"(?P<last>{DATE}|{DAY},? {YEAR}))"
)
KINDS = (
    r"memorand(?:um|a) of conversations?|telegrams?|cablegrams?|cables?|wires?|airgrams?"
    r"|radiograms?|d[ei]spatch(?:es)?|notes?"
    r"|letters?|memorand(?:um|a)|memos?|instructions?|circulars?|messages?|aides?-m[ée]moires?"
    r"|communications?|records?|documents?|reports?|reply|replies|answers?|notifications?"
    r"|executive orders?|minutes|proclamations?"
    r"|editorial notes?"
)
# Words for a record or an event, which need a day and a person.
LOOSE = lazy_pattern(
    r"(?:reports?|reply|replies|answers?|minutes|records?|proclamations?)$", re.IGNORECASE
)
NOT_NAMES = (
    rf"(?!(?:What|Who|Whom|Whose|When|Where|Why|How|Which|Is|Are|Was|Were|Do|Does|Did|Can|Could"
    rf"|Show|Give|Find|Tell|List|Quote|Read|Please|And|But|In|On|At|By|From|To|Of|For|About"
    rf"|According|A(?!\.)|An|I(?!\.)|No|Nos|(?i:{MONTH})|(?i:{KINDS}))\b)"
)
CAP = rf"{NOT_NAMES}[A-ZÀ-Þ](?:[\w.&]|-(?=\w)|[’'](?!s\b)(?=\w))*"
JOIN = (
    r"(?:(?:of|for|in|at|de|von|van|da|di|du|des|del|la|le|zu|y|and|ad|&)(?: the)? |(?:de|of) la )"
)
PARTICLE = r"(?:(?:von|van|de|du|des|da|di|del|la|le)(?: der| den| la)? |d[’'])"
PERSON = (
    rf"(?:(?:[Tt]he )?(?:American )?Commission to Negotiate Peace"
    rf"|(?:[Tt]he )?{PARTICLE}?{CAP}(?: (?:{JOIN})?(?:d[’'])?{CAP})*)"
)
# A place or a holder of an office in brackets: "Araujo (El Salvador)".
PERSON = rf"{PERSON}(?: \([^()]{{2,40}}\))?"
NUMBER = r"(?:(?:[A-Z]{1,3}[- ]?)?\d[\d,]*(?:[-/]\w+)?[a-z]?)"
SAID_NO = rf"(?:[Nn]os?\.? ?|[Nn]umber |#|№ ?)(?P<no>{NUMBER})"

DOCUMENT = lazy_pattern(
    r"\b(?:doc(?:ument)?s?\.?)(?: (?:no\.?|number|nr\.?)| #)? ?#?(?P<one>\d{1,5}[a-z]?)\b"
    r"(?![.,]\d|-\d)"
    r"(?:(?:,| and|, and| or) (?P<two>\d{1,5}[a-z]?)\b(?! \w+ (?:18|19|20)\d\d))?",
    re.IGNORECASE,
)
DOC_ID = lazy_pattern(r"\b(?P<volume>frus[\w.-]+)/d(?P<one>\d+[a-z]?)\b", re.IGNORECASE)
JAPANESE_DOCUMENT = lazy_pattern(
    r"文書(?:番号)?第?(?P<one>\d{1,5})[号番]?|第?(?P<first>\d{1,5})[号番]の?文書"
)
JAPANESE_VOLUME = lazy_pattern(r"(?P<volume>\d{4})年(?:版|の?巻)の?")
JAPANESE_KINDS = {
    "電報": "telegram",
    "公電": "telegram",
    "電信": "telegram",
    "書簡": "letter",
    "手紙": "letter",
    "覚書": "memorandum",
    "訓令": "instruction",
    "公信": "dispatch",
}
JAPANESE_KIND = lazy_pattern(rf"(?P<kind>{'|'.join(JAPANESE_KINDS)})(?:第(?P<no>\d{{1,5}})号)?")
JAPANESE_BEFORE = lazy_pattern(rf"(?:(?P<date>{DATE})(?:付け?)?の?)?(?:第(?P<no>\d{{1,5}})号の?)?$")
# Japanese words that only ask: "what", "write", "contents", "show".
JAPANESE_ASKS = lazy_pattern(r"[\u3041-\u3096ー、。？?\s何書内容記載述見示教読言本文中]*")
VOLUME_NOUN = r"(?:volumes?|vol\.|correspondence|papers|series|collection|compilation|edition)"
VOLUME_AFTER = lazy_pattern(
    r",? (?:in|of|from) (?:the )?(?P<volume>(?:(?!(?:say|says|said|ask|asks|about|on|tell|tells"
    r"|propose|proposes|report|reports|contain|contains|concern|concerns|deal|deals)\b)[^?;])+?)"
    r"(?=,? (?:say|says|said|ask|asks|asked|about|on|tell|tells|propose|proposes|report|reports"
    r"|contain|contains|concern|concerns|deal|deals|which|that|the one|the|and|with)\b|\s*[?.]*$)",
)
VOLUME = lazy_pattern(
    rf",? (?:in|of|from) (?:the )?(?P<volume>(?:FRUS,? |Foreign Relations,? )?(?:[\w–-]+ ){{0,4}}?"
    rf"{YEAR}(?:[-–]\d{{2,4}})?(?: [\w’'-]+){{0,4}}? {VOLUME_NOUN}(?: [IVXLC\d]+)?"
    rf"|(?:FRUS|Foreign Relations),? {YEAR}(?:[-–]\d{{2,4}})?(?:,? vol(?:ume|\.) [IVXLC\d]+)?)",
    re.IGNORECASE,
)
ONE = lazy_pattern(rf",? the (?:one|ones) (?P<how>from|in|at|to|by) (?P<who>{PERSON})")
KIND = lazy_pattern(
    rf"(?:(?P<owner>{PERSON})[’'](?:s\b)? )?(?P<before>(?:[\w-]+ ){{0,2}}?)"
    rf"(?P<kind>(?i:{KINDS}))\b(?![’'-])"
)
EPITHET = lazy_pattern(rf"(?:the |a |an )?(?P<word>{CAP}) $")
DATED_BEFORE = lazy_pattern(rf"(?P<date>{DATE})[’']?s? $")
TO = lazy_pattern(rf"(?P<from>{PERSON})(?: to | ?[-–—→] ?)(?P<to>{PERSON})")
LOWER_TO = lazy_pattern(
    rf"(?P<from>[a-z][a-z.’'-]*(?: [a-z][a-z.’'-]*){{0,3}}) to (?P<to>[a-z][a-z.’'-]*(?: "
    rf"[a-z][a-z.’'-]*){{0,3}}?)(?:, (?P<place>[a-z]+(?: [a-z.]+)?))?,? (?P<date>{DATE})",
    re.IGNORECASE,
)
STRONG_VERBS = (
    r"telegraph(?:ed|s)?|cabl(?:e|ed)|wir(?:e|ed)|write|wrote|radio(?:ed)?|instruct(?:ed)?"
)
WEAK_VERBS = (
    r"answer(?:ed)?|repl(?:y|ied)|respond(?:ed)?|report(?:ed)?|inform(?:ed)?|advise(?:d)?|say|said"
    r"|tell|told|send|sent|propose(?:d)?|ask(?:ed)?|urge(?:d)?|direct(?:ed)?|order(?:ed)?|warn(?:ed)?"
)
VERB = lazy_pattern(
    rf"(?:(?:on|in) (?P<early>{DATE}),? )?(?:what|how|whom?)(?: \w+)? did (?P<from>{PERSON})"
    rf" (?:(?P<strong>{STRONG_VERBS})|(?:{WEAK_VERBS}))\b"
    rf"(?: (?!on |in |from |to |about |by )(?P<to>{PERSON}))?",
    re.IGNORECASE,
)
# What a question must have for the longer patterns to match: these are fast.
HAS_KIND = lazy_pattern(KINDS, re.IGNORECASE)
PAIRED = lazy_pattern(r" to |[-–—→]", re.IGNORECASE)
DID = lazy_pattern(r" did ", re.IGNORECASE)
# Phrases that may follow a record's name.
AFTER = (
    ("no", lazy_pattern(rf",? \(?{SAID_NO}\)?")),
    ("bare", lazy_pattern(rf" (?P<no>{NUMBER})(?=,| of| from| to| dated|\?|$)")),
    ("span", lazy_pattern(rf"(?:,|,? (?:of|from|dated|written|sent))? {SPAN}")),
    (
        "date",
        lazy_pattern(rf"(?:,? (?:of|dated|from|written on|sent on|for)|,)? (?P<date>{DATE})"),
    ),
    ("on", lazy_pattern(rf",? on (?P<date>{DATE})")),
    (
        "sent",
        lazy_pattern(
            rf",? (?:(?:that|which) )?(?P<who>{PERSON}) (?:had )?(?:sent|wrote|written"
            r"|telegraphed|cabled|addressed|wired)\b"
        ),
    ),
    (
        "through",
        lazy_pattern(
            rf",? (?:which was |as )?(?:forwarded|transmitted|enclosed|inclosed|sent on|passed on"
            rf"|communicated)(?: to (?P<via>{PERSON}))? by (?P<who>{PERSON})"
        ),
    ),
    ("to", lazy_pattern(rf",? (?:addressed )?to (?P<who>{PERSON})")),
    (
        "from",
        lazy_pattern(rf",? from (?P<who>{PERSON})"),
    ),
    ("by", lazy_pattern(rf",? (?:sent |written |signed )?(?:by|of) (?P<who>{PERSON})")),
    ("at", lazy_pattern(rf",? (?:in|at) (?P<who>{PERSON})")),
    (
        "place",
        lazy_pattern(rf", (?P<who>{PERSON}(?:, {PERSON})?)(?=,? (?:of |dated )?(?:{DATE}))"),
    ),
)
ABOUT = lazy_pattern(
    r"\b(?:about|on|concerning|regarding|respecting|re|touching|as to|(?:with|in) regard to"
    r"|with respect to|relating to|relative to|dealing with|on the subject of)\b",
    re.IGNORECASE,
)
# Words that only ask for a record or its content.
SCAFFOLD = frozenset(_LISTS["scaffold"].split())
# Longer questions, in characters, ask for no record.
LONGEST = 400
MAKES = lazy_pattern(r"[^\W_]+(?:['’][^\W_]+)*")
STOPS = frozenset("how what who where when why which listen according due next prior back".split())
