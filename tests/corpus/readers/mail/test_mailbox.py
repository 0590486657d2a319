import pytest

from corpus.documents import Document
from corpus.errors import UnreadableSource
from corpus.ingest.expansion import Begun, Expansion, Opened
from corpus.readers.mail.mailbox import read_mbox

FIRST = "From: Ivo Keel <ivo@keel.test>\nDate: Mon, 2 Nov 1998 09:15:00 +0000\nSubject: Pier\n"
SECOND = "From: orla at brixwold.test (Orla Brandt)\nDate: Tue, 3 Nov 1998 09:15:00 +0000\n"
BOX = (
    f"From ivo@keel.test Mon Nov  2 09:15:00 1998\n{FIRST}\nThe planks are wet.\n"
    ">From here to the quay.\nFrom 1998 on: nothing.\n\n"
    f"From orla at brixwold.test  Tue Nov  3 09:15:00 1998\n{SECOND}Subject: Re: Pier\n\n"
    "> The planks are wet.\n\nLet them dry.\n"
)


def documents(name: str, data: str) -> list[Document]:
    found = list(Expansion(Opened(name, name)).read(data.encode()))
    assert all(isinstance(item, Begun | Document) for item in found)
    return [item for item in found if isinstance(item, Document)]


@pytest.mark.parametrize("name", ["pier.mbox", "pier.mbx", "1998-November.txt", "Inbox"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_message_of_a_mailbox_is_a_document(name: str, end: str) -> None:
    first, second = documents(name, BOX.replace("\n", end))
    assert first.text.strip() == (
        "The planks are wet.\nFrom here to the quay.\nFrom 1998 on: nothing."
    )
    assert (first.provenance.creators, first.provenance.document_date) == (
        ("Ivo Keel",),
        "1998-11-02",
    )
    assert second.provenance.creators == ("Orla Brandt",)
    assert second.doc_id.endswith("/message-2")
    quoted = [span.of(second.text) for span in second.structure.boilerplate]
    assert quoted == ["> The planks are wet."]


def test_what_is_no_mailbox_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="no mailbox"):
        list(read_mbox(b"From the sea came a storm.\n"))
