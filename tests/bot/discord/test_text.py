"""What Discord shows is told here by a simulator of its rules, written apart from the code."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.discord.text import LIMITS, clip, escape, length, mark, pages
from corpus.documents import Span

GUARD = "\u200b"
MARK = "\ufffd"

# The simulator: Discord's formatting as its client applies it, each rule at the place it reaches.
# White space is JavaScript's, which counts the byte order mark.
PINGS = re.compile(r"@everyone|@here|<@[!&]?[0-9]+>|<#[0-9]+>")
INVITES = re.compile(r"(?:discord\.gg|discord(?:app)?\.com/invite)/\w", re.IGNORECASE)
ESCAPE = re.compile(r"\\([^0-9A-Za-z\s\ufeff])")
STRONG = re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")
AT_LINE_START = {
    "heading": re.compile(r"[^\S\n]*#{1,3}(?:\s|$)"),
    "subtext": re.compile(r"[^\S\n]*-#(?:\s|$)"),
    "list": re.compile(r"[^\S\n]*(?:[-*+]|[0-9]+\.)(?:\s|$)"),
    "quote": re.compile(r"[^\S\n]*(?:>>>|>)(?:\s|$)"),
}
ANYWHERE = {
    "code": re.compile(r"(`+)[\s\S]*?[^`]\1(?!`)"),
    "italics": re.compile(
        r"_((?:__|\\[\s\S]|[^\\_])+?)_|\*(?=\S)((?:\*\*|\s+(?:[^*\s]|\*\*)|[^\s*])+?)\*(?!\*)"
    ),
    "underline": re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)"),
    "strike": re.compile(r"~~([\s\S]+?)~~(?!_)"),
    "spoiler": re.compile(r"\|\|([\s\S]+?)\|\|"),
    "masked link": re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?[^\s)]*>?[^)]*\)"),
    "link": re.compile(r"[A-Za-z][A-Za-z+.-]*://[^\s<]"),
    "angle link": re.compile(r"<(?:[A-Za-z]+:[^\s>]+|\+[0-9]+|[^\s@>]+@[^\s>]+)>"),
    "mention": re.compile(r"@everyone|@here|<@[!&]?[0-9]+>|<#[0-9]+>"),
    "custom emoji": re.compile(r"<a?:\w+:[0-9]+>"),
    "timestamp": re.compile(r"<t:-?[0-9]+(?::\w)?>"),
    "command": re.compile(r"</[^\n:>]+:[0-9]+>"),
    "navigation": re.compile(r"<id:[\w-]+>"),
    "shortcode": re.compile(r":[^\s:]+?(?:::skin-tone-[0-9])?:"),
}


def simulate(sent: str) -> tuple[list[str], str, list[Span]]:
    """Return what Discord does to `sent`, what it shows, and which of that is bold."""
    done = [f"ping {found}" for found in PINGS.findall(sent)]
    done += [f"invite {found}" for found in INVITES.findall(sent)]
    shown: list[str] = []
    bold: list[Span] = []
    place, closes, opened = 0, -1, 0
    while place < len(sent):
        if place == closes:
            bold.append(Span(opened, len(shown)))
            place, closes = place + 2, -1
        elif found := ESCAPE.match(sent, place):
            shown.append(found[1])
            place = found.end()
        elif closes < 0 and (found := STRONG.match(sent, place)):
            place, closes, opened = found.start(1), found.end(1), len(shown)
        else:
            line = sent[:place].rpartition("\n")[2]
            if not line.strip():
                done += [kind for kind, rule in AT_LINE_START.items() if rule.match(sent, place)]
            # A link begins after the letters before it too, as the text before it stops there.
            done += [kind for kind, rule in ANYWHERE.items() if rule.match(sent, place)]
            if sent[place] != GUARD:
                shown.append(sent[place])
            place += 1
    return done, "".join(shown), bold


def assert_shown(sent: str, text: str, *, keep_lines: bool = False) -> list[Span]:
    done, shown, bold = simulate(sent)
    assert done == []
    assert len(shown) == len(text)
    for place, (after, before) in enumerate(zip(shown, text, strict=True)):
        if before in "\n\v\f\r\x85\u2028\u2029":
            crlf = text[place : place + 2] == "\r\n"
            assert after == ("\n" if keep_lines and not crlf else " ")
        elif before == "\t":
            assert after == " "
        elif unicodedata.category(before) in {"Cc", "Cs"} or before in NEVER:
            assert after == MARK
        elif before in SOMETIMES:
            assert after in {before, MARK}
        else:
            assert after == before
    return bold


def among(*ranges: tuple[int, int]) -> str:
    return "".join(chr(code) for first, last in ranges for code in range(first, last + 1))


# Unicode's default ignorable code points, less the soft hyphen, and annotation characters.
SOMETIMES = among(
    (0x200C, 0x200D), (0x180B, 0x180D), (0x180F, 0x180F), (0xFE00, 0xFE0F), (0xE0020, 0xE007F),
    (0xE0100, 0xE01EF),
)  # fmt: skip
NEVER = "".join(
    sorted(
        set(
            among(
                (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5),
                (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),
                (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
                (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
            )
        )
        - set(SOMETIMES)
    )
)  # fmt: skip

PIECES = [
    *"\\*_~`|[]()<>#-+.:@!&/ \n\r\t12a!?'\"",
    "**", "***", "__", "~~", "||", "```", "``", ">>> ", "> ", "# ", "## ", "### ", "-# ", "- ",
    "* ", "+ ", "1. ", "12. ", "@everyone", "@here", "@Everyone", "everyone", "here>", "<@1>",
    "<@!12>", "<@&123>", "<#45>", "[a](b)", "[a](https://b.c)", "](", "https://a.b/c_d_e",
    "http://", "steam://x", "<https://a.b>", "<mailto:a@b.c>", "<a@b.c>", "<+123>", "<t:1:R>",
    "<t:-1>", "<:x:1>", "<a:x:1>", "</x:1>", "</x y:1>", "<id:browse>", ":smile:", ":+1:",
    "::skin-tone-2:", ":a:b:", "discord.gg/abc", "Discord.com/invite/x", "discordapp.com/invite/",
    "¯\\_(ツ)_/¯", "word", "Ünï", "会談。", "می\u200cخواهم", "ക്\u200d", "é", "e\u0301",
    "葛\U000e0100",
    "👩\u200d👩\u200d👧", "❤\ufe0f\u200d🔥", "👍🏽", "🇯🇵", "1\ufe0f\u20e3",
    "#\ufe0f\u20e3", "*\ufe0f\u20e3",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    *"\u200b\u200e\u200f\u202a\u202d\u202e\u2060\u2066\u2069\u061c\u034f\u115f\u3164\ufeff\ufff9",
    *"\u200c\u200d\ufe0e\ufe0f\U000e0001\U000e0041\U000e007f\U000e0100\u180b",
    "\0", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u2029", "\ud83d", "\ude00",
    "\xa0", "\u3000", "\xad",
]  # fmt: skip
ANY = st.text(st.characters(codec=None), max_size=30)
HOSTILE = st.lists(st.sampled_from(PIECES) | ANY, max_size=30).map("".join)
MARKUP = st.text("\\*_~`|[]()<>#-.:@/ \na1", max_size=60)
TEXTS = HOSTILE | MARKUP | ANY


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(TEXTS)
    ends = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    spans = [Span(start, end) for start, end in pairwise(ends)]
    keep = draw(st.lists(st.booleans(), min_size=len(spans), max_size=len(spans)))
    return text, [span for span, kept in zip(spans, keep, strict=True) if kept]


@given(TEXTS, st.booleans())
@example("@everyone @here", False)
@example("a\n# b\n- c\n1. d\n> e\n-# f", True)
def test_what_is_escaped_is_shown_as_given(text: str, keep_lines: bool) -> None:
    sent = escape(text, keep_lines=keep_lines)
    assert assert_shown(sent, text, keep_lines=keep_lines) == []
    sent.encode()  # no half of a surrogate pair is left
    assert keep_lines or "\n" not in sent


@pytest.mark.parametrize("piece", PIECES)
def test_nothing_hostile_works_even_ten_thousand_times(piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    for sent in (escape(text), escape(text, keep_lines=True)):
        assert PINGS.search(sent) is None
        # The simulator looks at every place: a stretch of the text will do.
        assert_shown(escape(text[:200]), text[:200])
    assert pages(text, 4096)


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ("hi @everyone", "ping @everyone"),
        ("\\<@1>", "ping <@1>"),
        ("*a*", "italics"),
        ("__a__", "underline"),
        ("~~a~~", "strike"),
        ("||a||", "spoiler"),
        ("`a`", "code"),
        ("```a```", "code"),
        ("a\n> b", "quote"),
        (">>> b", "quote"),
        ("  ## b", "heading"),
        ("-# b", "subtext"),
        ("a\n- b", "list"),
        ("12. b", "list"),
        ("[a\\](b)", "masked link"),
        ("see https://a.b", "link"),
        ("<a@b.c>", "angle link"),
        ("<t:1:R>", "timestamp"),
        ("<:x:1>", "custom emoji"),
        ("</x y:1>", "command"),
        ("<id:browse>", "navigation"),
        ("a:smile:", "shortcode"),
        ("discord.gg/abc", "invite discord.gg/a"),
    ],
)
def test_the_simulator_sees_each_rule_and_escaping_stops_it(sent: str, kind: str) -> None:
    assert kind in simulate(sent)[0]
    assert_shown(escape(sent), sent)
    assert_shown(escape(sent, keep_lines=True), sent, keep_lines=True)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("", ""),
        ("The fleet left at 12:30, in 1.5 hours.", "The fleet left at 12:30, in 1.5 hours."),
        ("a@b.com - c > d # e", "a@b.com - c > d # e"),
        ("@everyone", f"@{GUARD}everyone"),
        ("<@&1>", f"\\<{GUARD}@&1>"),
        ("[TN: cut] C:\\x", "\\[TN: cut] C:\\\\x"),
        ("1. a", "1\\. a"),
        ("-# a", "\\-\\# a"),
        ("a\r\nb\tc", "a  b c"),
        ("abc\u202edef\x07", f"abc{MARK}def{MARK}"),
        ("a\u200bb\u200dc", f"a{MARK}b{MARK}c"),
        ("\ud800", MARK),
        ("\u200d\ufe0f", MARK * 2),
        ("あ\u200d\u200d", "あ\u200d" + MARK),
        ("a\ufe0f", "a" + MARK),
    ],
)
def test_no_more_is_escaped_than_need_be(text: str, sent: str) -> None:
    assert escape(text) == sent


@pytest.mark.parametrize(
    "text",
    ["می\u200cخواهم", "ക്\u200d", "葛\U000e0100", "👩\u200d👩\u200d👧", "❤\ufe0f\u200d🔥",
     "1\ufe0f\u20e3", "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
     "co\xadop"],
)  # fmt: skip
def test_what_a_script_or_an_emoji_needs_stays(text: str) -> None:
    assert escape(text) == text


def test_lines_are_kept_where_asked() -> None:
    assert escape("a\r\n# b\n\u2028c", keep_lines=True) == "a \n\\# b\n\nc"


@given(marked(), st.booleans())
def test_marked_words_are_bold_and_nothing_else_is(
    case: tuple[str, list[Span]], keep_lines: bool
) -> None:
    text, spans = case
    sent = mark(text, spans, keep_lines=keep_lines)
    bold = assert_shown(sent, text, keep_lines=keep_lines)
    shown = simulate(sent)[1]
    asked = {place for span in spans for place in range(span.start, span.end)}
    got = {place for span in bold for place in range(span.start, span.end)}
    assert {place for place in asked if not shown[place].isspace()} == {
        place for place in got if not shown[place].isspace()
    }
    for span in bold:
        assert span.of(shown) == span.of(shown).strip()
        assert "\n" not in span.of(shown)
    for left, right in pairwise(bold):
        between = shown[left.end : right.start]
        assert between.strip() or "\n" in between


@given(TEXTS, st.booleans())
def test_without_spans_mark_is_escape(text: str, keep_lines: bool) -> None:
    assert mark(text, [], keep_lines=keep_lines) == escape(text, keep_lines=keep_lines)


@pytest.mark.parametrize(
    ("text", "spans", "sent"),
    [
        ("a b c", [Span(0, 1), Span(2, 3)], "**a b** c"),
        ("ab", [Span(0, 1), Span(1, 2)], "**ab**"),
        ("a  b", [Span(1, 3)], "a  b"),
        ("a *b* c", [Span(1, 6)], "a **\\*b\\*** c"),
        ("a\nb", [Span(0, 3)], "**a b**"),
        ("@everyone", [Span(1, 9)], f"@{GUARD}**everyone**"),
    ],
)
def test_bold_words_as_sent(text: str, spans: list[Span], sent: str) -> None:
    assert mark(text, spans) == sent


def test_bold_does_not_reach_over_a_kept_line_break() -> None:
    assert mark("a \n b", [Span(0, 5)], keep_lines=True) == "**a** \n **b**"


@given(TEXTS, st.integers(3, 80), st.integers(0, 20))
def test_pages_fit_and_join(text: str, room: int, reserve: int) -> None:
    found = pages(text, room + reserve, reserve=reserve)
    assert "".join(page.of(text) for page in found) == text
    assert all(left.end == right.start for left, right in pairwise(found))
    for page in found:
        assert len(page) > 0
        for keep_lines in (False, True):
            assert length(escape(page.of(text), keep_lines=keep_lines)) <= room


@given(st.lists(st.sampled_from(["word", "ab", "x*y", "end.", "終。", "q?", "\n\n"]), max_size=80))
def test_pages_end_after_words_and_sentences(words: list[str]) -> None:
    text = " ".join(words)
    for page in pages(text, 40)[:-1]:
        assert text[page.end - 1].isspace() or text[page.end - 1] == "。"
        assert not text[page.end].isspace()
        half = page.of(text)[len(page) // 2 + 1 :]
        if re.search(r"[.?]\s\S|。\S", half):
            assert re.search(r"[.?。]\s*$|\n", half)


def test_a_page_ends_where_a_reader_would_end_it() -> None:
    assert cut("One two. Three four five six", 20) == ["One two. Three four ", "five six"]
    assert cut("One two three. Four five six", 20) == ["One two three. ", "Four five six"]
    for name in ("Mr. Finch", "Nos. 3 and 4", "W. W. Dray", "No. 551"):
        text = f"It was so. One saw {name} go away again"
        assert cut(text, text.index(name) + 5)[0] == "It was so. One saw "
    assert cut("会談は続いた。条約は結ばれた。以上", 16) == [
        "会談は続いた。条約は結ばれた。",
        "以上",
    ]
    assert cut("ab" * 10, 6) == ["ababab", "ababab", "ababab", "ab"]


@pytest.mark.parametrize(
    "character",
    [
        "e\u0301\u0323",
        "👩\u200d👩\u200d👧",
        "👍🏽",
        "🇯🇵",
        "1\ufe0f\u20e3",
        "\u1112\u1161\u11ab",
        "می\u200cخ",
    ],
)
def test_no_character_is_cut_where_that_can_be_avoided(character: str) -> None:
    for room in range(length(character), 3 * length(character)):
        for page in pages(character * 12, max(room, 3)):
            words = page.of(character * 12)
            if "\u200c" in character:
                assert not words.startswith("\u200c")
            else:
                assert words == character * (len(words) // len(character))


def cut(text: str, limit: int) -> list[str]:
    return [page.of(text) for page in pages(text, limit)]


def test_no_pages_of_nothing_and_none_without_room() -> None:
    assert pages("", 10) == []
    with pytest.raises(ValueError, match="room for 3 code units, not 2"):
        pages("a", 10, reserve=8)


@pytest.mark.parametrize("limit", sorted({25, *[getattr(LIMITS, n) for n in LIMITS.__slots__]}))
@pytest.mark.parametrize("fill", ["a", "*", "😀", "wo ", "<@1>"])
def test_at_and_about_every_limit(limit: int, fill: str) -> None:
    for size in (limit - 1, limit, limit + 1):
        text = (fill * size)[:size]
        clipped = clip(text, limit)
        assert 0 < length(clipped) <= limit
        assert (clipped == text.strip()) == (length(text.strip()) <= limit)
        found = pages(text, limit)
        assert (len(found) == 1) == (length(escape(text)) <= limit)
        assert all(length(escape(page.of(text))) <= limit for page in found)


@given(TEXTS, st.integers(1, 60))
def test_a_clipped_text_fits_and_is_never_empty(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert 0 < length(clipped) <= limit
    assert clipped == " ".join(clipped.split())
    assert not set(clipped) & set(NEVER)
    clipped.encode()


@pytest.mark.parametrize(
    ("text", "limit", "clipped"),
    [
        ("", 5, "–"),
        (" \n\t\u3000", 5, "–"),
        ("a\nb  c", 5, "a b c"),
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 8, "one two…"),
        ("one two three", 7, "one…"),
        ("onetwothree", 7, "onetwo…"),
        ("a onetwothree", 9, "a onetwo…"),
        ("*not* escaped", 20, "*not* escaped"),
        ("a\u202eb\x00", 5, f"a{MARK}b{MARK}"),
        ("😀😀", 3, "😀…"),
        ("😀😀", 2, "…"),
        ("e\u0301e\u0301e\u0301", 5, "e\u0301e\u0301…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
    ],
)
def test_clipped_words(text: str, limit: int, clipped: str) -> None:
    assert clip(text, limit) == clipped


@given(TEXTS)
def test_length_is_never_less_than_code_points(text: str) -> None:
    assert length(text) == sum(2 if ord(char) > 0xFFFF else 1 for char in text) >= len(text)
