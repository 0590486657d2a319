"""The editors' words in a text: notes on what they left out, summaries, paraphrases.

They stand in square brackets among the words of the source, and are never quoted as its writer's.
"""

import re
from collections.abc import Iterator, Sequence

from corpus.documents import OMISSION, PARAPHRASE, SUMMARY, Redaction, Span

_OMITTED = re.compile(
    r"""[\[［]\s*(?:
      (?:Omitted|Not\ printed|Not\ reproduced)\b
    | Here\ (?:follows?|are|is|appears?|is\ inserted)\b
    | (?:The|There)\ (?:remainder|rest|next|following|preceding|text|[ei]nclosures?|lists?|note)\b
      [^\[\]]{0,120}?\b(?:omitted|not\ (?:here\ )?printed|not\ reproduced|printed|missing)\b
    | For\ (?:the\ )?(?:(?:full|complete|English)\ )?
      (?:text|translation|[ei]nclosure|remainder|correspondence|documents?|other)\b
    | See\ (?:also\b|ante\b|post\b|footnote\b|p\.|pp\.|pages?\b|doc|Document)
    | (?:[EI]nclosures?|Attachments?|Annex(?:es)?)\b[^\[\]]{0,80}?
      \b(?:not\ (?:printed|found|attached|reproduced)|omitted)\b
    )(?:[^\[\]]|\[[^\[\]]{0,200}\]){0,1500}[\]］]""",
    re.VERBOSE,
)
# A paragraph in brackets, of which the writer is spoken of as another: "[Mr. Ash reports that …]".
_SUMMARY = re.compile(
    r"""[\[［]\s*(?:The|His|Her|Mr|Mrs|Dr|Sir|Lord|General|Count|Baron|Prince|Señor|M)\b[^\[\]]{0,140}?
    \b(?:reports|states|refers|directs|instructs|acknowledges|transmits|[ie]ncloses|requests|informs
    |says|expresses|gives|asks|declares|announces|communicates|recites|describes|replies|calls
    |repeats|explains|narrates|submits|forwards|advises|discusses|summari[sz]es)\b
    (?:[^\[\]]|\[[^\[\]]{0,200}\]){20,}[\]］]\.?""",
    re.VERBOSE,
)
_PARAPHRASE = re.compile(r"[\[［(]\s*Paraphrase\b[^\]］)\n]{0,60}[\]］)][ \t]*", re.IGNORECASE)
_PARAPHRASE_END = re.compile(
    r"[\[［(]\s*(?:End(?: of)? paraphrase|Plain|Text|Original|Quotation)\b[^\]］)\n]*[\]］)]",
    re.IGNORECASE,
)


def find_editorial(text: str, blocks: Sequence[Span], stops: Sequence[Span]) -> Iterator[Redaction]:
    """Yield the editors' notes on omissions, their summaries and their paraphrases, in no order.

    A paraphrase goes on to its end mark, or to the first of `stops` (headings) or the next mark.
    """
    if "[" not in text and "［" not in text and "araphrase" not in text:
        return
    yield from (Redaction(Span(*each.span()), OMISSION) for each in _OMITTED.finditer(text))
    for block in blocks:
        if text[block.start] not in "[［":
            continue
        words = block.of(text)
        if _SUMMARY.fullmatch(words) and not _OMITTED.match(words):
            yield Redaction(block, SUMMARY)
    marks = list(_PARAPHRASE.finditer(text))
    for mark in marks:
        ends = [each.start for each in stops] + [each.start() for each in marks]
        closing = _PARAPHRASE_END.search(text, mark.end())
        ends += [closing.start()] if closing else []
        end = min((each for each in ends if each >= mark.end()), default=len(text))
        if text[mark.end() : end].strip():
            yield Redaction(Span(mark.start(), end), PARAPHRASE)
