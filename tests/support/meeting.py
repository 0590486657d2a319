"""Two sides of one meeting, invented: what the tests of attribution ask about."""

from typing import Any

from corpus.documents import Document, Provenance
from corpus.ingest.assembly import make_document
from corpus.readers.reading import Reading

_TELEGRAM = """\
{title}

(Prime Minister) {prime_minister}

(President) {president}

(Staff Member) {staff}
"""
_MEMORANDUM = """\
Memorandum of Conversation

(President Clinton) We like the idea of a mail ferry, but Congress would have to agree before port \
dues could be cut by half.

(Prime Minister Hosokawa) My government hopes that the ferries to Seattle can take mail from April.

(President Clinton) On salmon, let our coast guards count the catch off Kamchatka jointly.

(Secretary Christopher) The wheat inspections are a matter for later.
"""


def _document(text: str, doc_id: str, **known: Any) -> Document:
    return make_document(doc_id, f"{doc_id}.txt", Reading(text, Provenance(**known)))


def _telegram(number: int, prime_minister: str, president: str, staff: str) -> Document:
    title = f"Japan-United States Harbour Summit (Separate Telegram {number})"
    return _document(
        _TELEGRAM.format(
            title=title, prime_minister=prime_minister, president=president, staff=staff
        ),
        f"telegram-{number}",
        title=title,
        kind="cable",
        number=f"770{number + 1}",
        parent="7701",
        separate_telegram=str(number),
        part="1 of 2" if number == 3 else None,
        event_date="1993-09-27",
        document_date="1993-09-28",
        side="Japan",
        language="en",
        original_language="ja",
        translator="A. Clerk",
        url=f"https://example.org/telegram-{number}",
    )


def meeting() -> tuple[Document, ...]:
    """Return two telegrams of one side, the memorandum of the other, an article, and a letter."""
    return (
        _telegram(
            3,
            "The ferries between Hakodate and Seattle should carry mail from next April.",
            "The United States welcomes the mail ferries, but halving port dues needs the consent "
            "of Congress.",
            "The harbour master of Seattle has been told of the plan for lanterns.",
        ),
        _telegram(
            4,
            "Salmon caught off Kamchatka should be counted by both coast guards together.",
            "Counting is a sensible idea, and may begin in March.",
            "A chart of the fishing grounds was handed over.",
        ),
        _document(
            _MEMORANDUM,
            "memorandum",
            title="Memorandum of Conversation",
            kind="memorandum of conversation",
            event_date="1993-09-27",
            side="United States",
            people=("Bill Clinton", "Hosokawa Morihiro", "Warren Christopher"),
        ),
        _document(
            "Otters returned to the harbour of Hakodate in 1958, to the surprise of its pilots.",
            "article",
            title="Otters " + "and harbours " * 30,
            kind="article",
        ),
        _document("The lighthouse of Otaru was painted green in 1901.", "letter"),
    )
