"""Three invented records: a redacted telegram, a ledger, and a copy of its beginning."""

from corpus.documents import Document
from tests.support.archives import document

TELEGRAM = """\
Harbour Talks (Separate Telegram 2)

(Prime Minister) The harbour dues of Nagasaki should be lowered before the spring. \
This would help the small shipping firms of Kyushu. The rice question is another matter.

(President) We welcome lower harbour dues. [TN: two sentences blacked out] \
The small shipping firms of Oregon have waited for nine years. \
The lumber trade is worth $59 bn [TN: figure blacked out] and should grow.

(Prime Minister) Harbour dues are settled by the port of Nagasaki alone. \
The lumber trade needs no new treaty.

Read more
"""
LEDGER = """\
A Ledger of the Lighthouse

The lighthouse keeper Ogata Ren lit the lamp 1,456 times in the year 1921. \
He wrote every storm into his ledger. The ledger was found in Hakodate in 1958.

Lamp oil

Whale oil burned in the lamp until kerosene came from Yokohama. \
The keeper bought forty barrels of kerosene each autumn.
"""
COPY = """\
A Copy of the Ledger

The lighthouse keeper Ogata Ren lit the lamp 1,456 times in the year 1921. \
A clerk of the prefecture copied this ledger twice.
"""


def invented() -> tuple[Document, ...]:
    return (
        document(
            TELEGRAM,
            "telegram",
            title="Harbour Talks (Separate Telegram 2)",
            kind="cable",
            event_date="1993-09",
            collection="ports",
        ),
        document(LEDGER, "ledger", title="A Ledger of the Lighthouse", kind="article"),
        document(COPY, "copy", title="A Copy of the Ledger", kind="article"),
    )
