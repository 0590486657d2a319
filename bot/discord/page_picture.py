"""Draw the page of a PDF that has a quotation."""

from pathlib import Path

from bot.discord.card_state import CardState, too_old
from bot.discord.drawing import find_shown
from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.layout import Card
from bot.discord.render.reading import PICTURE, picture_card
from corpus.documents import Document, Span
from corpus.errors import MemconError, UnreadableSource
from corpus.readers.pdf.picture import draw_isolated
from index.retrieval.archive import Archive

# The largest file that is drawn from and the largest picture that is sent, in bytes.
_LARGEST_FILE = 100 << 20
_LARGEST_PICTURE = 8 << 20


class PictureUnavailable(MemconError):
    """A page cannot be drawn."""


def draw_picture(
    state: CardState, place: int, archive: Archive, tr: Phrases = ENGLISH
) -> tuple[Card, tuple[str, bytes]]:
    """Draw the page of a quotation with its words marked; returns the card and its file.

    Raises PictureUnavailable, and the errors of `find_shown`.
    """
    document, span = find_shown(state, place, archive)
    if span is None:
        raise too_old()
    picture = _draw(document, span, archive.manifest.ocr)
    label = (document.structure.pages_of(span) or ("1",))[0]
    return picture_card(document, span, place, label, tr), (PICTURE, picture)


def _draw(document: Document, span: Span, ocr: str | None) -> bytes:
    path = Path(document.source)
    number = max(1, sum(page.start <= span.start for page in document.structure.pages))
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise PictureUnavailable("The file of this document is too large to draw its page.")
        picture = draw_isolated(path.read_bytes(), number, span.of(document.text), ocr)
    except OSError:
        raise PictureUnavailable(
            "The file of this document is no longer where it was read."
        ) from None
    except UnreadableSource as error:
        raise PictureUnavailable(f"The page cannot be shown: {error.message}.") from None
    if len(picture) > _LARGEST_PICTURE:
        raise PictureUnavailable("The picture of this page is too large for Discord.")
    return picture
