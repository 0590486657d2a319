"""Results on a terminal, and as plain text when piped."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.render.hints import addressed, spell_hint
from bot.render.record_wording import describe_match, list_others, name_record
from bot.render.wording import (
    REFUSALS,
    name_filters,
    phrase_rewriting,
    tell_attribution,
    tell_origin,
    tell_whose,
)
from corpus.addresses import is_address
from corpus.authority.attribution import attribute_words, describe_details
from corpus.authority.parts import part_at
from corpus.citations.styles import cite
from corpus.dates import in_words
from corpus.documents import Document, Span, Turn
from corpus.word_lists import read_lists
from corpus.wording import count_of, list_words
from index.answering.answer import Answer
from index.answering.counterpart import Counterpart
from index.answering.leads import Refusal
from index.answering.quotations import Quote
from index.answering.receipts import Replay, make_receipt
from index.answering.record_answers import RecordMatch
from index.answering.verdict import Verdict
from index.retrieval.filters import Filters
from index.retrieval.hits import Hit
from index.storage.generation import Manifest
from index.storage.inventory import Changes
from index.text.highlighting import find_matches
from index.understanding.conversation.rewriting import RewrittenQuestion
from index.verifying.verification import Verification

# Stands for characters that move the cursor or change the direction of text.
_MARK = "\ufffd"
_WIDTH = 100
# From this width on, what two sides say stands side by side.
_TWO_COLUMNS = 100
_FINDINGS: dict[str, dict[str, str]] = read_lists(__file__)
_CHANGES = {
    "same": ("", "", "bold"),
    "deleted": ("[-", "-]", "red"),
    "inserted": ("{+", "+}", "green"),
}


def make_console() -> Console:
    """Return the console for results: coloured on a terminal, unwrapped when piped."""
    console = Console(highlight=False, emoji=False, markup=False)
    if console.is_terminal:
        console.width = min(console.width, _WIDTH)
    else:
        console.width = 10_000
    return console


def visible(words: str) -> str:
    """Return words on one line, with a mark for every control character and direction override."""
    shown = []
    for char in words:
        if char.isspace():
            shown.append(" ")
        elif (
            unicodedata.category(char) in {"Cc", "Cs"}
            or char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        ):
            shown.append(_MARK)
        else:
            shown.append(char)
    return "".join(shown)


def draw_answer(answer: Answer, receipt_id: str, changed: Changes | None = None) -> Group:
    """Draw an answer: its quotations or the refusal, what was searched, and what has changed."""
    parts: list[RenderableType] = []
    if answer.verdict is Verdict.REDACTED:
        parts += [
            Text("What was asked for was withheld. The archive says:", style="yellow"),
            Text(),
        ]
    if answer.verdict is not Verdict.NOT_FOUND:
        for place, quote in enumerate(answer.quotes, start=1):
            whose, other = tell_whose(answer, place - 1), _other_side(answer, place - 1)
            parts.append(draw_quote(quote, answer.terms, place, other, whose))
    elif answer.refusal:
        parts += _draw_refusal(answer, answer.refusal)
    parts += _draw_records(answer)
    sure = f"{answer.verdict.replace('_', ' ')} · confidence {answer.confidence:.2f}"
    searched = f"{searched_line(answer.searched)}{_narrowing(answer.filters)}"
    line = f"{sure} · {searched} · receipt {receipt_id}"
    parts.append(Text(line, style="dim"))
    if changed:
        build = visible(addressed("memcon index build"))
        line = f"the files have changed since ({changed}): {build}"
        parts.append(Text(line, style="yellow"))
    return Group(*parts)


def _draw_refusal(answer: Answer, refusal: Refusal) -> Iterator[RenderableType]:
    """Yield the refusal, the leads, and the commands that would find more."""
    yield Text(REFUSALS[refusal], style="bold yellow")
    yield Text()
    if answer.leads:
        yield Text("Leads, not answers:", style="yellow")
        yield Text()
    for place, quote in enumerate(answer.leads):
        words = Text.assemble((f"lead {place + 1}: ", "yellow"), f"“{visible(quote.text)}”")
        lines = [Text(visible(tell_origin(quote)), style="italic")]
        if answer.speaker:
            lines.append(Text(visible(tell_whose(answer, place)), style="italic"))
        lines.append(Text(visible(cite(quote.document, quote.span).short)))
        lines.append(Text(_show(quote.document, quote.span), style="dim"))
        yield from (_indent(words, 2), *map(_indent, lines), Text())
    for hint in answer.hints:
        options = (f"--{name}" for name, _ in name_filters(answer.filters, hint.without))
        how = f"Without {' and '.join(options)}" if hint.without else f"At --level {hint.level}"
        what = "there is an answer" if hint.is_answered else "something comes near"
        yield Text(f"{how} {what}:", style="yellow")
        yield _indent(Text(visible(spell_hint(answer, hint))))
    if answer.hints:
        yield Text()


def _draw_records(answer: Answer) -> list[RenderableType]:
    """Draw the record that was asked for, and the others that fit, or the nearest."""
    match = answer.records
    # An answer from the whole archive does not mention the record.
    if match is None or (answer.quotes and not match.is_used):
        return []
    found = answer.verdict is not Verdict.NOT_FOUND
    parts: list[RenderableType] = [
        Text(visible(describe_match(match, is_found=found)), style="cyan")
    ]
    quoted = {quote.document.doc_id for quote in answer.quotes}
    heading, others, more = list_others(match, quoted)
    if others:
        parts.append(Text(heading, style="cyan"))
    for ref in others:
        line = Text.assemble("· ", visible(name_record(ref)), " ")
        line.append(visible(addressed(f"memcon show {ref.doc_id}")), style="dim")
        parts.append(_indent(line, 2))
    if more:
        parts.append(_indent(Text(f"and {more:,} more", style="dim"), 2))
    return [*parts, Text()]


def _narrowing(filters: Filters) -> str:
    words = [
        f"{name.removeprefix('date_')} {value}" for name, value in asdict(filters).items() if value
    ]
    return f", only {visible(list_words(words))}" if words else ""


def draw_understood(understood: RewrittenQuestion) -> Text:
    """Return how a question was understood that is asked in other words than those typed."""
    asked = phrase_rewriting(understood.question, understood.typed)
    return Text(f"asked as: {visible(asked)}", style="italic cyan")


def draw_replay(replayed: Replay, changed: Changes | None = None) -> Group:
    """Return a question asked again: whether the answer is the same, what changed, the answer."""
    then = replayed.receipt
    if replayed.changes:
        head = f"Not the answer of receipt {then.receipt_id}:"
        parts: list[RenderableType] = [Text(head, style="bold yellow")]
        parts += [
            Padding(Text(f"· {visible(change)}"), (0, 0, 0, 2), expand=False)
            for change in replayed.changes
        ]
    else:
        parts = [Text(f"The same answer as in receipt {then.receipt_id}.", style="bold green")]
    now = make_receipt(replayed.answer, then.limit).receipt_id
    parts += [Text(), Text(f"? {visible(then.question)}", style="bold"), Text()]
    return Group(*parts, draw_answer(replayed.answer, now, changed))


def draw_quote(
    quote: Quote,
    terms: Sequence[str],
    place: int,
    other: Counterpart | int | None = None,
    whose: str | None = None,
) -> RenderableType:
    """Draw a quotation with its matched words, attribution and citation.

    `other` is the other side's record, drawn to the right if there is room, else below; or the
    number of another quotation of the answer. `whose` replaces the source's attribution.
    """
    # A style of the whole text would also colour what is appended.
    text = Text.assemble(("“", "bold cyan"))
    words = Text(visible(quote.text), style="bold")
    for match in find_matches(quote.text, terms):
        words.stylize("bold black on yellow", match.start, match.end)
    text.append(words)
    text.append("”", style="bold cyan")
    head = Text.assemble((f"{place}. ", "green"))
    source = _Source(head, quote.document, quote.span, quote.turn, whose=whose)
    parts: list[RenderableType] = [text, source]
    if isinstance(other, int):
        line = Text(f"The other side's record: quotation {other}.", style="cyan")
        parts.append(_indent(line))
    elif other:
        parts = [_SideBySide(Group(*parts), other)]
    return Group(*parts, Text())


@dataclass(frozen=True, slots=True)
class _SideBySide:
    """A quotation and the other side's record: in two columns on a wide terminal."""

    drawn: RenderableType
    other: Counterpart

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not console.is_terminal or options.max_width < _TWO_COLUMNS:
            yield self.drawn
            yield from self._draw_other(4)
            return
        table = Table.grid(padding=(0, 2), expand=True)
        table.add_column(ratio=1, overflow="fold")
        table.add_column(ratio=1, overflow="fold")
        table.add_row(self.drawn, Group(*self._draw_other(0)))
        yield table

    def _draw_other(self, indent: int) -> Iterator[RenderableType]:
        other = self.other
        yield _indent(Text("The other side's record:", style="cyan"), indent)
        if other.text is None:
            yield _indent(Text("No sentence of it comes near these words.", style="dim"), indent)
        else:
            yield _indent(Text(f"“{visible(other.text)}”"), indent)
        yield _Source(Text(), other.document, other.span, other.turn, indent + 4)


def _other_side(answer: Answer, place: int) -> Counterpart | int | None:
    """Return the other side's counterpart of a quotation, or its number among the quotations."""
    other = answer.counterparts[place] if answer.counterparts else None
    if other is None or other.span is None:
        return other
    for number, quote in enumerate(answer.quotes, start=1):
        if quote.document.doc_id == other.document.doc_id and quote.span.holds(other.span):
            return number
    return other


def draw_verification(verification: Verification) -> Group:
    """Draw a verification: the finding, and the stored words with the changes.

    Words that the quotation leaves out stand in [-…-], words that it puts in in {+…+}.
    """
    finding = _FINDINGS[verification.finding]
    parts: list[RenderableType] = [Text(finding["words"], style=finding["style"])]
    document, span = verification.document, verification.span
    if verification.brackets:
        parts.append(Text(f"Its own: {visible(' '.join(verification.brackets))}", style="yellow"))
    if verification.caveat:
        parts.append(Text(verification.caveat, style="yellow"))
    if verification.attributed_to and document:
        parts.append(Text(visible(tell_attribution(verification)), style="yellow"))
    if verification.parts:
        for place, part in enumerate(verification.parts, start=1):
            parts += [Text(), Text(f"“{visible(part.text)}”", style="bold")]
            head = Text.assemble((f"{place}. ", "green"))
            parts.append(_Source(head, part.document, part.span, None))
    elif document and span:
        parts += [Text(), _draw_words(verification)]
        parts.append(_Source(Text(), document, span, verification.turn))
    parts += [Text(), Text(searched_line(verification.searched), style="dim")]
    return Group(*parts)


def searched_line(manifest: Manifest) -> str:
    """Return in one line what was searched, and the state of the archive."""
    dates = f", {manifest.date_from} to {manifest.date_to}" if manifest.date_from else ""
    return (
        f"searched {count_of(manifest.documents, 'documents')}, "
        f"{count_of(manifest.passages, 'passages')}{dates}"
        f" · index {manifest.generation} of {manifest.built}"
    )


def draw_hits(
    hits: Iterable[tuple[Hit, Document]],
    terms: Sequence[str],
    manifest: Manifest,
    *,
    explain: bool,
    records: RecordMatch | None = None,
) -> Group:
    """Draw ranked passages and what was searched; with `explain`, the sources of each rank.

    `records` is the record that was asked for.
    """
    parts: list[RenderableType] = []
    if records:
        parts += [Text(visible(describe_match(records, is_found=False)), style="cyan"), Text()]
    for hit, document in hits:
        head = Text.assemble((f"{hit.rank}. ", "green"))
        head.append(visible(document.title), style="bold")
        if hit.passage.section:
            head.append(f" › {visible(hit.passage.section)}")
        head.append(f"  {hit.passage.passage_id}", style="dim")
        parts.append(head)
        if explain:
            ranks = (
                f"score {hit.score:.4f}"
                f" · lexical {_rank(hit.lexical_rank)} (BM25+ {hit.lexical_score:.2f})"
                f" · dense {_rank(hit.dense_rank)} (cosine {hit.cosine:.3f})"
            )
            if hit.relevance is not None:
                ranks += f" · reranker {hit.relevance:.2f}"
            parts.append(Padding(Text(ranks, style="magenta"), (0, 0, 0, 4), expand=False))
        raw = hit.passage.span.of(document.text)
        words = Text(visible(raw))
        for match in find_matches(raw, terms):
            words.stylize("bold yellow", match.start, match.end)
        origin = _draw_origin(document, hit.passage.span, hit.passage.turn)
        parts += map(_indent, (words, *origin))
        parts.append(Text())
    return Group(*parts, Text(searched_line(manifest), style="dim"))


def _draw_words(verification: Verification) -> Text:
    text = verification.document.text if verification.document else ""
    before, after = verification.context or (Span(0, 0), Span(0, 0))
    words = Text(visible(before.of(text)), style="dim")
    words.append("“", style="bold cyan")
    if not verification.difference:
        words.append(visible(verification.text or ""), style="bold")
    for place, piece in enumerate(verification.difference):
        if place:
            words.append(" ")
        opening, closing, style = _CHANGES[piece.kind]
        words.append(f"{opening}{visible(piece.words)}{closing}", style=style)
    words.append("”")
    words.append(visible(after.of(text)), style="dim")
    return words


@dataclass(frozen=True, slots=True)
class _Source:
    """Whose words these are, their citation, their address, and the command that shows them.

    A terminal gets the short citation, as a hyperlink to the words; `cite` has the whole one.
    """

    head: Text
    document: Document
    span: Span | None
    turn: Turn | None
    indent: int = 4
    whose: str | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines, indented."""
        citation = cite(self.document, self.span)
        lines = _draw_origin(self.document, self.span, self.turn, self.whose)
        show = Text(_show(self.document, self.span), style="dim")
        if not console.is_terminal:
            lines.append(self.head + Text(visible(citation.note)))
            if citation.deep_link:
                lines.append(Text(visible(citation.deep_link)))
        else:
            link = citation.deep_link or citation.url or ""
            # Only the web: a document may name any address.
            is_safe = is_address(link) and link == visible(link)
            short = Text(visible(citation.short), Style(link=link) if is_safe else "")
            date = self._date()
            dated = f" {date}" if date and date not in citation.short else ""
            lines = [Text(" · ").join(lines), Text.assemble(self.head, short, dated)]
        yield from (_indent(line, self.indent) for line in (*lines, show))

    def _date(self) -> str | None:
        """Return the date of the record that the words belong to, or of the event."""
        if self.span and (part := part_at(self.document, self.span)).is_enclosed:
            return part.provenance.cited_date
        record = self.document.provenance.record
        return in_words(record.event_date) if record.event_date else record.cited_date


def _show(document: Document, span: Span | None) -> str:
    at = f" --at {span.start}-{span.end}" if span else ""
    return visible(addressed(f"memcon show {document.doc_id}{at}"))


def _indent(line: Text, by: int = 4) -> RenderableType:
    return Padding(line, (0, 0, 0, by), expand=False)


def _draw_origin(
    document: Document, span: Span | None, turn: Turn | None, whose: str | None = None
) -> list[Text]:
    """Draw the attribution of words, or `whose`, and details of the source."""
    whose = whose or attribute_words(document, span, turn)
    lines = [Text(visible(whose), style="italic")]
    details = " · ".join(describe_details(document.provenance))
    return [*lines, Text(visible(details), style="dim")] if details else lines


def stylize(words: Text, style: str, span: Span, block: Span) -> None:
    """Style the part of a span that lies in a block."""
    words.stylize(style, max(0, span.start - block.start), max(0, span.end - block.start))


def _rank(rank: int | None) -> str:
    return f"rank {rank}" if rank else "not ranked"
