"""A weighted edit distance between spellings, in which common typos cost little.

The optimal string alignment distance (Damerau 1964, with adjacent transpositions): doubled letters,
exchanged letters, vowels, and letters that sound or print alike cost less than other changes.
"""

# Shorter words are too similar to correct.
SHORTEST = 4

_VOWELS = frozenset("aeiouy")
_DOUBLED, _MARK, _SILENT = 0.4, 0.2, 0.5
_EXCHANGED, _VOWEL, _ALIKE, _PRINTED, _MISSING = 0.6, 0.7, 0.8, 0.9, 0.8
_BESIDE, _OTHER, _OTHER_IN_NAME = 1.2, 1.4, 2.0
# An extra letter in a name mostly makes another name.
_VOWEL_MORE, _MORE = 1.1, 2.0
# Typos in the first letter are rare.
_FIRST = 1.0


def _pairs(words: str) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair) for pair in words.split())


# Consonants that sound alike, letters that print alike (also the long s), and neighbours on a
# keyboard.
_SOUNDS = _pairs("ck cs cz sz kq gj fv vw bp dt mn xs xz jy cg gk uw vb")
_PRINTS = _pairs("li lt il ce fs hb nu vy oa ij rt un")
_KEYS = _pairs(
    "qw we er rt ty yu ui io op as sd df fg gh hj jk kl zx xc cv vb bn nm"
    " qa ws ed rf tg yh uj ik ol"
)


def cost(typed: str, written: str, *, is_name: bool = False) -> float:
    """Return the distance of two words in small letters; consonants of a name cost more."""
    # Skip the common start and end.
    shorter = min(len(typed), len(written))
    head = next((at for at in range(shorter) if typed[at] != written[at]), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if typed[-1 - at] != written[-1 - at]), rest)
    rows: list[list[float]] = [[0.0]]
    for place in range(head, len(written) - tail):
        rows[0].append(rows[0][-1] + _gap(written, place))
    changed, into = typed[head : len(typed) - tail], written[head : len(written) - tail]
    for i, letter in enumerate(changed, start=1):
        gap = _gap(typed, head + i - 1, is_more=is_name)
        row = [rows[i - 1][0] + gap]
        for j, other in enumerate(into, start=1):
            first = i == j == 1 and not head
            best = min(
                rows[i - 1][j - 1] + _change(letter, other, is_name=is_name, first=first),
                rows[i - 1][j] + gap,
                row[j - 1] + _gap(written, head + j - 1),
            )
            if i > 1 and j > 1:
                before, ago = changed[i - 2] + letter, into[j - 2] + other
                if before != ago and before == ago[::-1]:
                    best = min(best, rows[i - 2][j - 2] + _EXCHANGED)
            # Scanning confuses "rn" and "m".
            if i > 1 and changed[i - 2 : i] == "rn" and other == "m":
                best = min(best, rows[i - 2][j - 1] + _PRINTED)
            if j > 1 and into[j - 2 : j] == "rn" and letter == "m":
                best = min(best, rows[i - 1][j - 2] + _PRINTED)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def _gap(word: str, place: int, *, is_more: bool = False) -> float:
    """Return the cost of a letter without a counterpart.

    `is_more` marks an extra letter in a name as typed.
    """
    letter = word[place]
    if not letter.isalpha():
        return _MARK
    if place and word[place - 1] == letter:
        return _DOUBLED
    if letter == "h":
        known = _SILENT
    elif letter in _VOWELS:
        known = _VOWEL_MORE if is_more else _VOWEL
    else:
        known = _MORE if is_more else _MISSING
    return known + (0.0 if place else _FIRST)


def _change(letter: str, other: str, *, is_name: bool, first: bool) -> float:
    if letter == other:
        return 0.0
    pair = frozenset((letter, other))
    if pair <= _VOWELS:
        known = _VOWEL
    elif pair in _SOUNDS:
        known = _ALIKE
    elif pair in _PRINTS:
        known = _PRINTED
    elif is_name:
        known = _OTHER_IN_NAME
    else:
        known = _BESIDE if pair in _KEYS else _OTHER
    return known + (_FIRST if first else 0.0)


def limit_of(length: int) -> float:
    """Return the largest distance allowed for a word of this length."""
    limits = ((SHORTEST, 0.85), (5, 1.0), (7, 1.3), (10, 1.45))
    return next((most for longest, most in limits if length <= longest), 2.0)


def edits_in(length: int) -> int:
    """Return the most edits considered for a word of this length."""
    return 1 if length <= 5 else 2 if length <= 10 else 3
