"""The cards of verified quotations: of one, and of several."""

from collections.abc import Sequence

from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.answer import searched
from bot.discord.render.layout import GREEN, YELLOW, Button, Card, Part, Row, Section, Text, small
from bot.discord.render.sources import fit, source_line, whose_lines
from bot.discord.text import clip, escape, length
from bot.render.wording import tell_attribution
from corpus.documents import Document, Span
from corpus.wording import list_words
from index.retrieval.filters import Filters
from index.verifying.verification import Finding, Verification

# The most parts of a spliced quotation that are shown.
_PARTS = 3

_FINDINGS = {
    Finding.EXACT: "These words are in the archive, letter for letter.",
    Finding.TYPOGRAPHIC: "These words are in the archive; only typography differs.",
    Finding.BRACKETED: "These words are in the archive, but for the brackets.",
    Finding.SCANNED: "The same words, as far as a machine read the scan (OCR).",
    Finding.MISATTRIBUTED: "These words are in the archive, but from another source.",
    Finding.SPLICED: "Every part stands in the archive, but they do not stand together.",
    Finding.ALTERED: "The archive has other words.",
}
# The findings in a list of several.
_LISTED = {
    Finding.EXACT: "word for word in the archive",
    Finding.TYPOGRAPHIC: "in the archive; only typography differs",
    Finding.BRACKETED: "in the archive, but for the brackets",
    Finding.SCANNED: "in the archive, as far as a machine read the scan",
    Finding.MISATTRIBUTED: "in the archive, but from another source",
    Finding.SPLICED: "every part in the archive, but not together",
    Finding.ALTERED: "altered: the archive has other words",
    Finding.NOT_FOUND: "not in the archive",
}
WRITTEN_BY = "Written by {names}"
# Words in both texts; words that the quotation adds; words that it omits.
_DIFFERENCE = {"same": "{}", "inserted": "**[+ {}]**", "deleted": "~~{}~~"}


def verification_card(verification: Verification, tr: Phrases = ENGLISH) -> Card:
    """Make the card of a quotation: whether and where it stands, and how it differs."""
    foot = Text(small(searched(verification.searched, Filters(), None, tr)))
    found = verified_places(verification)
    if not found:
        words = f"“{fit(verification.quotation, 1500)}”"
        return Card((Text(tr("**Not in the archive.**")), Text(words), foot), YELLOW)
    parts: list[Part] = [Text(f"**{tr(_FINDINGS[verification.finding])}**")]
    if verification.brackets:
        own = fit(" ".join(verification.brackets), 300)
        parts.append(Text(tr("The quotation's own: {words}", words=own)))
    if verification.caveat:
        parts.append(Text(fit(tr.known(verification.caveat), 300)))
    if verification.attributed_to:
        parts.append(Text(fit(tr.known(tell_attribution(verification)), 300)))
    room = 1100 if len(found) == 1 else 400
    for place, (document, span) in enumerate(found):
        turn = None if verification.parts else verification.turn
        source = source_line(document, span, tr)
        lines = [source, *whose_lines(document, turn, 120, tr, span=span)]
        if verification.writers and not (turn or verification.parts):
            writers = fit(list_words(verification.writers), 150)
            lines.append(small(tr(WRITTEN_BY, names=writers)))
        parts.append(Text(f"“{fit(span.of(document.text), room)}”"))
        if verification.difference and not verification.parts:
            words = tr("Beside the archive's words:")
            parts.append(Text(f"{words}\n{_difference(verification)}"))
        parts.append(Section("\n".join(lines), Button(tr("Read"), "read", place)))
    more = len(verification.parts) - _PARTS
    if more > 0:
        parts.append(Text(tr("… and {count} more", count=more)))
    parts += [Row((Button(tr("Cite"), "cite_all", len(found)),)), foot]
    return Card(tuple(parts), GREEN if verification.finding.is_found else YELLOW)


def verifications_card(
    verifications: Sequence[Verification], more: int, tr: Phrases = ENGLISH
) -> Card:
    """Make the card of several quotations, each found one with its source and Read.

    `more` were not checked.
    """
    parts: list[Part] = []
    place = 0
    for number, each in enumerate(verifications, start=1):
        finding = tr(_LISTED[each.finding]).capitalize()
        lines = [f"**{number}.** “{escape(clip(each.quotation, 80))}”", finding]
        if each.caveat:
            lines.append(small(fit(tr.known(each.caveat), 200)))
        if each.document is None or each.span is None:
            parts.append(Text("\n".join(lines)))
            continue
        lines[1] = f"{finding} · {source_line(each.document, each.span, tr)}"
        parts.append(Section("\n".join(lines), Button(tr("Read"), "read", place)))
        place += 1
    if more:
        parts.append(Text(tr("Not checked: {more:,} more.", more=more)))
    if place:
        parts.append(Row((Button(tr("Cite"), "cite_all", place),)))
    parts.append(Text(small(searched(verifications[0].searched, Filters(), None, tr))))
    is_found = all(each.finding.is_found for each in verifications)
    return Card(tuple(parts), GREEN if is_found else YELLOW)


def verified_places(verification: Verification) -> list[tuple[Document, Span]]:
    """Return where the words of a quotation stand: of a spliced one its first parts."""
    if verification.parts:
        return [(part.document, part.span) for part in verification.parts[:_PARTS]]
    if verification.document is None or verification.span is None:
        return []
    return [(verification.document, verification.span)]


def _difference(verification: Verification) -> str:
    """Describe the difference word by word, as far as it fits."""
    shown: list[str] = []
    room = 1000
    for piece in verification.difference:
        words = _DIFFERENCE[piece.kind].format(fit(piece.words, 300))
        room -= length(words) + 1
        if room < 0:
            return " ".join([*shown, "…"])
        shown.append(words)
    return " ".join(shown)
