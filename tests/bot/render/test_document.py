from bot.render.document import draw_document
from corpus.authority.relations import Related
from corpus.documents import Provenance, Reference
from tests.bot.render.test_terminal import draw
from tests.support.archives import document

RECORD = document(
    "(Mayor) The lamp of [TN: name withheld for privacy] is out.\nIt [TN: the lamp] is old.\n",
    doc_id="talks",
    title="Talks at Brixwold (1 of 2)",
    kind="cable",
    number="7034",
    part="1 of 2",
    parent="7033",
    separate_telegram="1",
    creators=("Ambassador Arai",),
    recipients=("The Foreign Minister",),
    event_date="1871-11-03",
    document_date="1871-11-04",
    received_date="1871-11",
    place="Brixwold",
    side="Japan",
    classification="Secret",
    precedence="Urgent",
    language="en",
    original_language="ja",
    translator="J. Smith",
    sources=(Reference("A catalogue", "https://archive.test/c"), Reference("A list")),
)
RELATED = (Related("main", "main telegram", "Talks"), Related("b", "part 2 of 2", "Talks"))


def test_all_that_is_known_of_a_document_is_shown() -> None:
    drawn = draw(draw_document(RECORD, None, ()), terminal=False, width=200)
    pairs = (line.strip().split("  ", 1) for line in drawn.splitlines())
    shown = {pair[0]: pair[1].strip() for pair in pairs if len(pair) > 1}
    expected = {
        "kind": "cable",
        "number": "7034",
        "part": "1 of 2",
        "separate telegram": "1",
        "main telegram": "7033",
        "from": "Ambassador Arai",
        "to": "The Foreign Minister",
        "date of the event": "November 3, 1871",
        "written": "November 4, 1871",
        "received": "November 1871",
        "written at": "Brixwold",
        "side": "Japan",
        "language": "English",
        "translated": "from Japanese by J. Smith",
        "sources": "A catalogue https://archive.test/c; A list",
    }
    assert {name: shown.get(name) for name in expected} == expected
    assert "    20-51  [TN: name withheld for privacy]  reason: privacy" in drawn


def test_what_belongs_with_a_document_can_be_opened_from_there() -> None:
    shown = draw(draw_document(RECORD, None, RELATED), terminal=False, width=200)
    assert "main telegram  Talks  memcon show main" in shown
    assert "part 2 of 2    Talks  memcon show b" in shown
    assert "belongs with" not in draw(draw_document(RECORD, None, ()), terminal=False)


def test_an_abstract_shows_the_record_that_it_is_about() -> None:
    about = Provenance(title="Lamps", number="7034", language="fr")
    own = document("Of lamps.", kind="abstract", creators=("memcon",), about=about)
    shown = draw(draw_document(own, None, ()), terminal=False, width=200)
    assert "about the record Lamps" in shown
    assert "    number    7034" in shown
    assert "    language  French" in shown
