"""Sources opened in the user's web browser."""

from typing import TYPE_CHECKING

from corpus.addresses import is_address
from corpus.errors import UsageError

if TYPE_CHECKING:
    from corpus.documents import Document, Span


def open_source(document: "Document", span: "Span | None" = None) -> None:
    """Open a document's address, at the words of a span where it has them.

    Raises UsageError for a document without a web address, and where no browser starts.
    """
    import webbrowser

    from corpus.citations.styles import cite

    citation = cite(document, span)
    url = citation.deep_link or citation.url
    # A document may name any address; only the web is opened.
    if not url or not is_address(url):
        raise UsageError(f"{document.doc_id} has no web address to open.")
    if not webbrowser.open(url):
        raise UsageError(f"No browser could be started; the address is {url}")
