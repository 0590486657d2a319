"""Patterns of reported speech around a speaker's name."""

import re
from functools import cache

from index.understanding.speakers import any_of

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
# Words between a name and its verb: "Mr. Ward, in reply, frankly told me". Not "was": a person who
# was told something said nothing.
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


@cache
def said_after() -> re.Pattern[str]:
    """Return the pattern of what follows the speaker's name; compiled on first use."""
    return re.compile(
        rf"{_BETWEEN}(?:{_SAY}|(?:is|was) of (?:the )?opinion\b)|['’]s? (?:\w+ ){{0,2}}?{_WORDS}"
    )


@cache
def said_before() -> re.Pattern[str]:
    """Return the pattern of what precedes the speaker's name."""
    return re.compile(
        rf"\b(?:{_TOLD} (?:\w+ ){{0,2}}?by|according to|quoting|in the (?:opinion|words|view) of"
        rf"|{_WORDS} (?:\w+ ){{0,2}}?(?:of|by|from)) (?:[\w.]+ ){{0,3}}$"
        rf"|[,”\"] (?:said|replied|remarked|asked|answered|added) (?:[\w.]+ ){{0,2}}$"
    )


@cache
def said_by_pronoun() -> re.Pattern[str]:
    """Return the pattern of a sentence that reports the words of the person named before it."""
    return re.compile(rf"\W*(?:[Hh]e|[Ss]he|H\. ?[HE]\.|His [EHM]\w+){_BETWEEN}{_SAY}")
