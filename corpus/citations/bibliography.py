"""The bibliography of an answer or a session."""

from dataclasses import replace

from corpus.citations.cited import Cited
from corpus.citations.styles import CitationStyle
from corpus.documents import Document, Span


class Bibliography:
    """The records quoted, each once, in the order of their first quotation."""

    def __init__(self, accessed: str | None = None) -> None:
        """Start without records; `accessed` is the day on which they are read, as an ISO date."""
        self._accessed = accessed
        self._records: dict[str, Cited] = {}

    def add(self, document: Document, span: Span | None) -> Cited:
        """Add a document or a quotation from it, and return what to cite it as."""
        cited = Cited.of(document, span, self._accessed)
        self.include(cited)
        return cited

    def include(self, cited: Cited) -> None:
        """Add a record, or the words quoted from it."""
        known = self._records.get(cited.key, replace(cited, span=None))
        quoted = dict.fromkeys([*known.quoted, *filter(None, [cited.span])])
        self._records[cited.key] = replace(known, quoted=tuple(quoted))

    def write(self, style: CitationStyle) -> str:
        """Return the entries in a style."""
        return style.write([*self._records.values()])
