"""Whose words a question asks for: a person or an office, by the words that the question has.

"What did Lord John Russell tell Dallas", "the German minister's remark", "as Kissinger put it". Only
the form of the question is looked at; what no form tells stays open.
"""

import re

from index.text.analyzer import analyze

# Offices that stand before a name.
TITLES = frozenset(
    analyze("President Prime Minister Foreign Ambassador Secretary Vice Chancellor King Mr Mrs Dr")
)
# Words before which no name has begun: "General", "Señor", "Vice Consul".
_HONORIFICS = frozenset(
    """
    acting admiral ambassador archbishop attaché baron baroness bishop cardinal captain chancellor
    chairman charge chargé chief colonel commander commandant commissioner commodore congressman
    consul count countess delegate director doctor don dr duchess duke earl emperor emir empress
    envoy excellency father financial foreign general governor grand imam judge justice king lady
    lieutenant lord madam madame major maréchal marquess marquis marshal mayor military minister
    miss monsieur mr mrs ms naval pacha pasha pope premier president prince princess private
    professor queen representative resident reverend rev secretary senator señor senor sergeant
    shah sheikh signor sir sr sultan tsar under vice vicar viceroy viscount
    """.split()
)
# What a person is without a name: "the editor of the Post", "the district attorney".
_OFFICES = _HONORIFICS | frozenset(
    """
    admiralty agent attorney banker board bureau cabinet caller callers committee commission
    commissioners company congress counsel council court delegation department editor embassy
    engineer foreign government legation magistrate manager ministers ministry office officer
    official parliament party press senate speaker spokesman state tribunal yamên yamen
    """.split()
)
# What is no speaker though it may "say" something: a record, and nobody in particular.
_RECORDS = (
    r"(?:account|act|agreement|aide|annex|appendix|archives?|articles?|bill|book|bulletin|cable|case"
    r"|chapter|cipher|circular|citation|clause|communiqu[eé]|constitution|contract|convention"
    r"|declaration|decree|des?patch(?:es)?|dispatch(?:es)?|diary|doc|documents?|draft|edict|enclosure"
    r"|file|index|inquiry|instructions?|interview|law|leaflet|letters?|list|meeting|memo|memorandum|memoranda"
    r"|memoir|message|minutes|no|note|notes|notice|order|page|pamphlet|paper|papers|paragraph"
    r"|petition|proclamation|proposal|protocol|protest|records?|regulations?|report|reports"
    r"|resolution|section|sources?|speech(?:es)?|statements?|telegrams?|text|transcript|treaty|volume|wire)"
)
_NOBODY = re.compile(
    r"(?:he|she|they|it|we|you|i|who|there|this|that|these|those|any\w*|some\w*|every\w*|nobody"
    r"|no|all|each|both|one|people|others?|his|her|their|its|my|our)\b",
    re.IGNORECASE,
)
_VERBS = (
    r"(?:accuse|acknowledge|add|admit|advise|advocate|affirm|allege|allow|announce|answer|argue|ask"
    r"|assert|assure|beg|believe|blame|boast|cable|call|caution|claim|comment|complain"
    r"|concede|conclude|condemn|confess|confide|consider|criticize|declare|demand|denounce|deny"
    r"|describe|dictate|direct|emphasize|estimate|exclaim|explain|express|favou?r|fear|feel|flatter"
    r"|forecast|foretell|greet|hint|hold (?:that|about)|hope|imply|indicate|inform|inquire|insist|instruct|intimate|joke|judge (?:the|of|that|how)|lament"
    r"|maintain|mention|note that|object|observe|offer|own|plead|pledge|point|pray|predict|press|proclaim"
    r"|promise|pronounce|propose|protest|put (?:it|to)|question|quote|react|reassure|recall|recommend|regret"
    r"|remark|remind|reply|report|repeat|request|respond|retort|reveal|rule|say|speak|stress"
    r"|suggest|sum|swear|telegraph|telephone|tell|testify|think|thank|threaten|urge|voice|vow|warn"
    r"|wire|wish|write|state(?= (?:about|in|that|to)\b|\W*$))\b"
)
_PAST = (
    r"(?:added|admitted|advised|announced|answered|argued|asked|assured|cabled|claimed|complained"
    r"|declared|described|explained|expressed|hinted|informed|insisted|observed|pointed|predicted"
    r"|promised|proposed|put|quoted|recommended|remarked|replied|reported|said|saw|spoken|stated"
    r"|stressed|suggested|telegraphed|thought|told|urged|warned|wired|wrote|written)\b"
)
_WORDS_OF = (
    r"(?:account|advice|answer|argument|assurance|attitude|chance|claim|comment|complaint|conviction"
    r"|description|estimate|excuse"
    r"|explanation|fault|feeling|greeting|hint|impression|instruction|judge?ment|message|notice"
    r"|objection|opinion|order|position|promise|proposal|protest|question|reaction|reason|remark|reply"
    r"|report|request|response|rule|solution|speech|statement|suggestion|threat|verdict|view|warning|wish|word)s?"
)
# A verb or a preposition between them is the end of a name.
_NO_NAME = (
    r"(?:a|an|at(?! [A-Z])|be|been|but|by|did|do|find|for|from|get|give|go|have|if|in(?! [A-Z])|into|leave|make|mean|on|see"
    r"|send|set|sure|take|that|try|use|was|were|what|when|which|while|who|with|not|his|her|its)\b"
)
_WORD = rf"(?!{_NO_NAME})[\w.’'&-]*[\w.]"
_NAME = rf"(?P<{{}}>(?!(?:the|to)\b){_WORD}(?: (?!to\b){_WORD}){{{{0,8}}}}?)"
_THE = r"(?:[Tt]he |an? )?"
_MONTHS = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_ADVERB = (
    r"(?: (?:also|actually|afterwards?|alone|else|ever|first|formally|himself|herself|in reply"
    r"|in return|just|later|once|personally|privately|publicly|really|supposedly|then|themselves"
    rf"|twice)| (?:in|on|early in|late in) (?:{_MONTHS}|\d)[\w, ]{{0,16}}?)*"
)
_FORMS = tuple(
    re.compile(form)
    for form in (
        # "What did the German minister remark", "does Jackson say", "had Wilson told".
        rf"\b[Dd](?:id|oes|o) {_THE}{_NAME.format('who')}{_ADVERB} {_VERBS}",
        rf"\b(?:[Hh]ad|[Hh]as|[Hh]ave) {_THE}{_NAME.format('who')}{_ADVERB} {_PAST}",
        # "What reason did Graziani give", "What fault did Lord Aberdeen find".
        rf"\b{_WORDS_OF}\b[^?]*? did {_THE}{_NAME.format('who')}{_ADVERB}"
        r" (?:give|make|find|have|send|return|raise|advance|cite|pass|leave|see|lay|add)\b",
        # "What was Sir Robert Collier's opinion", "in Lord Grey's view", "by Dupuy's note".
        rf"\b(?:was|were|is|are|[Ii]n|[Bb]y) {_THE}{_NAME.format('who')}(?:['’]s|(?<=s)['’])"
        rf" (?:[\w-]+ ){{0,2}}?(?:{_WORDS_OF}|{_RECORDS})\b",
        rf"\b[Aa]ccording to {_THE}{_NAME.format('who')}(?=[,?.]|$| (?:in|on|what|who|how|when)\b)",
        rf"\b[Aa]s {_THE}{_NAME.format('who')}{_ADVERB} {_PAST}",
        rf"\b(?:said|told|reported|proposed|promised|suggested|declared) by {_THE}"
        rf"{_NAME.format('who')}(?=[,?.]|$| (?:in|on|at|to|about|that|when|as)\b)",
        rf"\b(?:was|were) {_THE}{_NAME.format('who')} (?:free|told|asked|directed|instructed|ordered)"
        rf" to {_VERBS}",
        r"\b(?:statement|remark|reply|answer|words|speech)s? (?:by|of)"
        rf" (?P<who>[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*)*)",
        rf", (?:said|says|wrote|asked|thought) {_THE}{_NAME.format('who')}\W*$",
        r"^(?P<who>[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*)*) on (?:how|why|what|whether|when)\b",
    )
)
_OWNER = re.compile(rf"(?P<who>.+?)(?:['’]s|(?<=s)['’]) (?:[\w-]+ ){{0,2}}?{_RECORDS}\b", re.IGNORECASE)
_IS_RECORD = re.compile(rf"(?:[\w.’'-]+ )*?{_RECORDS}\b(?! [A-Z])(?:\W.*)?$")
# What says when: "Canning in 1823", "Benavides the day after".
_WHEN = re.compile(
    rf",? (?:(?:in|on|of|at) (?:the )?(?:early |late )?(?:{_MONTHS}|\d|[a-z]+ \d)|the day|when|after"
    r"|before|during|from|under|with|by|for|twice)\b.*"
)
_PARTICLES = frozenset("al bin d da das de del della der di do dos du e ibn la las le los van von y zu".split())


def find_speaker(plain: str) -> str:
    """Return the words by which a question names whose words it asks for, or nothing."""
    for form in _FORMS:
        for match in form.finditer(plain):
            words = _clean(match["who"])
            if words:
                return words
    return ""


def _clean(words: str) -> str:
    """Return what names a speaker of these words: the owner of a record, or nobody for another."""
    if _NOBODY.match(words):
        return ""
    owner = _OWNER.match(words)
    if owner:
        words = owner["who"]
    elif _IS_RECORD.match(words):
        return ""
    words = re.sub(r"(?:['’]s|['’])$", "", _WHEN.sub("", words).strip(" ,"))
    return words if re.search(r"[^\W\d_]", words) else ""


def split_speakers(words: str) -> tuple[str, ...]:
    """Return each of the speakers that are named together: "Prince Ching and Li Hung-chang"."""
    parts = [part for part in re.split(r" and (?:the )?", words) if part]
    # "Case of Ulen and Company" is one.
    return (words,) if any(" of " in part for part in parts) else tuple(parts)


def name_of(words: str) -> str:
    """Return the name that a speaker has beside titles and offices; nothing for an office alone.

    "Lord John Russell" has "John Russell", "Captain Howe of the Cleopatra" has "Howe", and "the
    King of Prussia" has none.
    """
    head, of, _ = words.partition(" of ")
    pieces = head.split()
    last = max(
        (place for place, piece in enumerate(pieces) if _bare(piece) in _OFFICES), default=-1
    )
    name = pieces[last + 1 :]
    if not name:
        return ""
    # "London bankers" are none by name, nor is "the editor".
    cased = any(piece[:1].isupper() for piece in pieces)
    if name[-1][:1].islower() and (cased or of):
        return ""
    return " ".join(name)


def speaker_terms(words: str) -> frozenset[str]:
    """Return the terms of a speaker: those of the name, or those that tell one office of others."""
    terms: set[str] = set()
    for each in split_speakers(words):
        name = name_of(each)
        kept = [piece for piece in name.split() if _bare(piece) not in _PARTICLES]
        terms.update(analyze(" ".join(kept) if kept else each))
    return frozenset(terms) - TITLES


def without_titles(words: str) -> str:
    """Return a name that titles stand around, as in "Ogata Ren Prime Minister"; else the words."""
    return " ".join(piece for piece in words.split() if _bare(piece) not in _OFFICES) or words


def _bare(piece: str) -> str:
    """Return a word of a name without what stands around it, in small letters."""
    return piece.strip(".,'’").removesuffix("'s").removesuffix("’s").casefold()
