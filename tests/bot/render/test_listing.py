from click import unstyle

from bot.render.listing import draw_listing
from corpus.documents import Problem, Provenance
from tests.bot.render.test_terminal import draw

LONG = "An inventory of every lamp, rope and lantern that the harbour kept over the winter"
DOCUMENTS = [
    ("harbour1871/d12", "d12.xml", Provenance(title=LONG, kind="telegram"), 3),
    ("notes/lantern", "l.txt", Provenance(title="Lantern", document_date="1872-02"), 1),
]


def test_a_listing_fits_the_terminal() -> None:
    for width in (40, 60, 100):
        shown = draw(draw_listing(DOCUMENTS, []), terminal=True, width=width)
        lines = unstyle(shown).splitlines()
        assert len(lines) == 3
        assert all(len(line) <= width for line in lines)
        assert "…" in lines[1]
    assert "telegram" in lines[1]


def test_a_piped_listing_has_everything() -> None:
    problems = [Problem("x.bin", "not a document")]
    shown = draw(draw_listing(DOCUMENTS, problems, ["from papers"]), terminal=False, width=500)
    assert LONG in shown
    assert "1872-02" in shown
    assert "skipped 1: not a document" in shown
    assert shown.splitlines()[-1].rstrip() == "from papers"
