"""What the tests of the index share: an archive of invented records."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.documents import Document
from index.encoding.crossencoder import CrossEncoder
from index.encoding.crossexport import export_crossencoder
from index.retrieval.archive import Archive
from tests.conftest import build, document
from tests.index.crossencoders import save_crossencoder

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


@pytest.fixture(scope="session")
def records_root(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """Build an archive of invented records; tests must leave it as it is."""
    root = tmp_path_factory.mktemp("records") / "archive"
    build(root, cache, *invented()).close()
    return root


@pytest.fixture
def records(records_root: Path) -> Iterator[Archive]:
    archive = Archive(records_root)
    yield archive
    archive.close()


@pytest.fixture(scope="session")
def reranker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a small cross-encoder as sentence-transformers does; tests must leave it as it is."""
    return save_crossencoder(tmp_path_factory.mktemp("reranker") / "model")


@pytest.fixture(scope="session")
def reranker(reranker_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> CrossEncoder:
    """Export the small cross-encoder, and load it."""
    folder = tmp_path_factory.mktemp("exported")
    export_crossencoder(str(reranker_folder), folder)
    return CrossEncoder(folder)
