import pytest

from corpus.citations.chicago import chicago_note
from corpus.citations.cited import Cited
from corpus.errors import UnreadableSource
from corpus.ingest.assembly import make_document
from corpus.readers.html.reader import read_html
from corpus.readers.reading import Reading
from corpus.structure.record_header import read_header

ADDRESS = "https://digitalarchive.wilsoncenter.org/document/cable-no-0412-example"
HEADING = (
    "Cable No. 0412, Ambassador Example to the Foreign Minister, 'Japan-United States Summit "
    "Meeting (Separate Telegram 9)'"
)
RECORD = """<p>Number: [TN: blacked out]<br>
Primary: North American Affairs Bureau Director-General<br>
Sent: United Nations, September 28, 1993, [TN: time blacked out]<br>
Received: MOFA, September 28, 1993, [TN: time blacked out]</p>
<p>To: The Foreign Minister<br>From: Ambassador Example</p>
<p>Japan-United States Summit Meeting (Separate Telegram 9)</p>
<p>No. 0412 Secret Top Urgent</p><p>(Limited Distribution)</p>
<p>Outgoing Cable No. 0403 Separate Telegram 9: The price of tar</p>
<p>(Prime Minister) Tar has become dear in both of our countries.</p>
<p>(President) I agree. [TN: part of statement blacked out] The harbour must be open by spring.</p>
<p>Passed to all [Japanese] diplomatic missions in the north. (End)</p>"""


def page(body: str, address: str = ADDRESS) -> bytes:
    cited = (
        f"“{HEADING},” September 28, 1993, Wilson Center Digital Archive, Diplomatic Archives of "
        "the Ministry of Foreign Affairs of Japan, File No. 2014-00000. Contributed by Ann "
        f"Example and translated by Ben Sample. {address}"
    )
    return f"""<!DOCTYPE html><html lang="en"><head>
<title>{HEADING} | Wilson Center Digital Archive</title>
<link rel="canonical" href="{address}">
<meta property="og:site_name" content="Wilson Center Digital Archive">
<script>track("no text")</script></head><body>
<a class="visually-hidden" href="#main">Skip to main content</a>
<header><nav><a href="/">Home</a><a href="/collections">Collections</a></nav></header>
<main id="main"><p>September 28, 1993</p><h1>{HEADING}</h1>
<h2>Citation</h2><button>Copy</button><p>{cited}</p>
<h2>Summary</h2><p>They speak of tar, in words of the archive's own.</p>
{body}
<h2>Document Information</h2><h3>Source</h3><p>Diplomatic Archives, as above.</p>
<h3>Original Language</h3><p>Japanese</p><h3>Record ID</h3><p>300000</p>
<h2>Related Documents</h2><ul><li><a href="/document/x">Cable No. 0411</a></li></ul></main>
<footer><p>Example Plaza</p></footer></body></html>""".encode()


def read(body: str) -> Reading:
    (reading,) = read_html(page(body))
    return reading


@pytest.mark.parametrize(
    "body", [f"<h2>English Translation</h2>{RECORD}", f"<div class='x'>{RECORD}</div>"]
)
def test_the_text_is_the_record_alone(body: str) -> None:
    text = read(body).text
    assert text.startswith("Number: [TN: blacked out]\nPrimary: North American")
    assert text.endswith("diplomatic missions in the north. (End)")
    assert not any(
        words in text for words in ("Citation", "archive's own", "Record ID", "0411", "Home")
    )


def test_a_page_is_known_as_its_header_in_a_text_file_would_be_and_by_its_sections() -> None:
    reading = read(f"<h2>English Translation</h2>{RECORD}")
    known = reading.provenance
    header = read_header(f"{HEADING}\n\n{reading.text}")
    assert known.filled_from(header) == known
    assert (known.number, known.parent, known.separate_telegram) == ("0412", "0403", "9")
    assert (known.creators, known.recipients) == (
        ("Ambassador Example",),
        ("The Foreign Minister",),
    )
    assert (known.document_date, known.received_date) == ("1993-09-28", "1993-09-28")
    assert known.repository == "Diplomatic Archives of the Ministry of Foreign Affairs of Japan"
    assert (known.file_number, known.translator) == ("2014-00000", "Ben Sample")
    assert (known.language, known.original_language, known.side) == ("en", "ja", "Japan")
    assert known.url == ADDRESS
    assert chicago_note(Cited(make_document("d", "d.html", reading))) == (
        "“Cable No. 0412, Ambassador Example to the Foreign Minister, ‘Japan-United States Summit "
        "Meeting (Separate Telegram 9)’,” September 28, 1993, History and Public Policy Program "
        "Digital Archive, Diplomatic Archives of the Ministry of Foreign Affairs of Japan, File "
        f"No. 2014-00000. Translated by Ben Sample. {ADDRESS}"
    )


def test_speakers_are_named_by_their_offices() -> None:
    made = make_document("d", "d.html", read(RECORD))
    assert [(turn.label, turn.span.of(made.text)) for turn in made.structure.turns] == [
        ("Prime Minister", "Tar has become dear in both of our countries."),
        (
            "President",
            "I agree. [TN: part of statement blacked out] The harbour must be open by spring.",
        ),
    ]


def test_a_record_without_a_header_is_known_by_its_page() -> None:
    known = read("<h3>Document</h3><p>The ministers spoke of tar.</p>").provenance
    assert (known.title, known.kind, known.document_date) == (HEADING, "cable", "1993-09-28")
    assert known.file_number == "2014-00000"


def test_a_summary_never_passes_for_the_record() -> None:
    assert read('<div class="field--name-body"><p>The record.</p></div>').text == "The record."
    with pytest.raises(UnreadableSource, match="no text of the record"):
        read("<p><a href='/scan.pdf'>Download the scan</a></p>")
