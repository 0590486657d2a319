import pytest

from corpus.citations.styles import cite
from corpus.ingest.assembly import make_document
from corpus.readers.dialogue import find_transcript
from corpus.readers.html.reader import read_html
from corpus.readers.reading import Reading

SPOKEN = """<p><i>The President.</i> The harbour is open. We are glad of it.</p>
<p><b>Tar and Rope</b></p>
<p>It was shut for years.</p><p>[<i>Laughter</i>]</p><p>Nobody's words stand here.</p>
<p><i>Q.</i> Mr. President, what of the tar?</p>
<p><i>Prime Minister Tarn.</i> It has arrived.</p>
<p>NOTE: The President spoke at noon on the quay.</p>"""
PAPER = f"""<html lang="en"><head><title>Remarks on the Harbour | The Example Project</title>
<link rel="canonical" href="https://www.presidency.ucsb.edu/documents/remarks-the-harbour" />
<meta property="og:site_name" content="The American Presidency Project"></head><body>
<nav>Menu</nav><div class="field-docs-person"><h3 class="diet-title"><a href="/p">Amos Harrow</a>
</h3></div><div class="field-ds-doc-title"><h1>Remarks on the Harbour at Brixwold</h1></div>
<div class="field-docs-start-date-time"><span class="date-display-single"
content="1871-04-16T00:00:00+00:00">April 16, 1871</span></div>
<div class="field-docs-content">{SPOKEN}</div>
<p class="field-prez-document-citation">Amos Harrow, Remarks. Online by the project.</p>
<footer>Twitter Facebook</footer></body></html>"""
TYPED = """<html><head><title>Weekly Compilation</title></head><body><pre>
[Weekly Compilation of Presidential Documents Volume 29, Number 15 (Monday, April 19, 1993)]
[Pages 602-603]
[From the Government Publishing Office, www.gpo.gov]


Remarks on the Harbour at Brixwold

April 16, 1993

    The President. The harbour is open, and we are
glad of it. The tar that

[[Page 603]]

was ordered has come.
    It was dear.

[[Page 604]]

    Q. What of the rope?
    The President. It will come.

Note: The President spoke at noon &amp; left at one.
</pre></body></html>"""


def read(source: str) -> Reading:
    (reading,) = read_html(source.encode())
    return reading


def turns(reading: Reading) -> list[tuple[str, str]]:
    return [(turn.label, turn.span.of(reading.text)) for turn in reading.turns or ()]


def test_a_paper_of_the_presidency_project_is_its_content() -> None:
    reading = read(PAPER)
    assert reading.text.startswith("The President. The harbour is open.")
    assert reading.text.endswith("NOTE: The President spoke at noon on the quay.")
    known = reading.provenance
    assert (known.title, known.kind) == ("Remarks on the Harbour at Brixwold", "remarks")
    assert (known.creators, known.event_date) == (("Amos Harrow",), "1871-04-16")
    assert known.publisher == "American Presidency Project"
    assert known.url == "https://www.presidency.ucsb.edu/documents/remarks-the-harbour"


def test_every_word_of_a_transcript_is_somebodys_but_remarks_and_notes() -> None:
    reading = read(PAPER)
    assert turns(reading) == [
        ("The President", ("The harbour is open. We are glad of it.\n\nTar and Rope\n\n"
         "It was shut for years.")),
        ("Q", "Mr. President, what of the tar?"),
        ("Prime Minister Tarn", "It has arrived."),
    ]  # fmt: skip
    assert [span.of(reading.text) for span in reading.boilerplate or ()] == [
        "NOTE: The President spoke at noon on the quay."
    ]


def test_a_page_of_govinfo_is_typed_text_without_the_marks_of_its_pages() -> None:
    reading = read(TYPED)
    assert reading.text == (
        "Remarks on the Harbour at Brixwold\n\nApril 16, 1993\n\n"
        "The President. The harbour is open, and we are glad of it. The tar that was ordered has "
        "come.\n\nIt was dear.\n\nQ. What of the rope?\n\nThe President. It will come.\n\n"
        "Note: The President spoke at noon & left at one."
    )
    assert [(page.label, reading.text[page.start :].split()[0]) for page in reading.pages] == [
        ("602", "Remarks"),
        ("603", "was"),
        ("604", "Q."),
    ]
    assert [label for label, _ in turns(reading)] == ["The President", "Q", "The President"]


def test_a_page_of_govinfo_is_cited_by_compilation_and_page() -> None:
    made = make_document("d", "d.htm", read(TYPED))
    known = made.provenance
    assert (known.title, known.event_date) == ("Remarks on the Harbour at Brixwold", "1993-04-16")
    assert known.publication_date == "1993-04-19"
    span = next(block for block in made.structure.blocks if "rope" in block.of(made.text))
    assert cite(made, span).note == (
        "“Remarks on the Harbour at Brixwold,” April 16, 1993, in Weekly Compilation of "
        "Presidential Documents 29, no. 15 (Government Publishing Office, 1993), p. 604."
    )


@pytest.mark.parametrize(
    "text",
    ["The President. He spoke.\n\nThe President. Again.", "A. One.\n\nB. Two.", "Words."],
)
def test_one_speaker_alone_makes_no_dialogue(text: str) -> None:
    assert find_transcript(text) is None
