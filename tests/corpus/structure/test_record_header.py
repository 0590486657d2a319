import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.documents import Provenance
from corpus.readers import load_reader
from corpus.readers.formats import BY_SUFFIX
from corpus.structure.record_header import read_header
from tests.support.archives import document

CABLE = """\
Number: [TN: blacked out]
Primary: North American Affairs Bureau Director-General
Sent: United Nations, September 28, 1993, [TN: time blacked out]
Received: MOFA, September 29, 1993, [TN: time blacked out]
To: The Foreign Minister
From: Ambassador Arai
Japan-United States Summit Meeting (Separate Telegram 9)
No. 7042 Secret Top Urgent
(Limited Distribution)
Outgoing Cable No. 7033 Separate Telegram 9: Herring and Cod
(Prime Minister) The herring has not come back. We wait for it.
(President) It will. [TN: part of statement blacked out] So will the cod.
Passed to all [Japanese] diplomatic missions in Asia (End)
"""
WHOLE = Provenance(
    title="Japan-United States Summit Meeting (Separate Telegram 9)",
    kind="cable",
    subject="Herring and Cod",
    creators=("Ambassador Arai",),
    recipients=("The Foreign Minister",),
    document_date="1993-09-28",
    received_date="1993-09-29",
    number="7042",
    classification="Secret, Top Urgent, Limited Distribution",
    precedence="Top Urgent",
    parent="7033",
    separate_telegram="9",
    place="United Nations",
    side="Japan",
    office="North American Affairs Bureau Director-General",
    original_language="ja",
)


def altered(old: str, new: str) -> Provenance:
    assert old in CABLE
    return read_header(CABLE.replace(old, new))


def test_all_that_a_header_says_is_read() -> None:
    assert read_header(CABLE) == WHOLE


@pytest.mark.parametrize("suffix", ["txt", "md"])
@pytest.mark.parametrize("apart", ["\n", "\n\n"])
def test_it_is_read_from_plain_text_and_markdown_alike(suffix: str, apart: str) -> None:
    reader = load_reader(BY_SUFFIX[f".{suffix}"])
    (reading,) = reader(CABLE.replace("\n", apart).encode())
    assert getattr(reading, "provenance", None) == WHOLE


def test_front_matter_wins_over_the_header() -> None:
    reader = load_reader(BY_SUFFIX[".md"])
    (reading,) = reader(f'---\nnumber: "1"\nplace: Kyoto\n---\n{CABLE}'.encode())
    provenance = getattr(reading, "provenance")  # noqa: B009 - it may be what was skipped
    assert (provenance.number, provenance.place) == ("1", "Kyoto")
    assert (provenance.parent, provenance.side) == ("7033", "Japan")


@pytest.mark.parametrize(
    ("sent", "date", "place"),
    [
        ("United Nations, September 28, 1993, [TN: time blacked out]", "1993-09-28", True),
        ("United Nations, 28 September 1993", "1993-09-28", True),
        ("United Nations, Sept. 28, 1993, 21:05", "1993-09-28", True),
        ("United Nations, September [TN: day blacked out], 1993", "1993-09", True),
        ("[TN: place blacked out], September 28, 1993", "1993-09-28", False),
        ("Tuesday, September 28, 1993 9:05 PM", "1993-09-28", False),
        ("[TN: blacked out]", None, False),
        ("United Nations, September 31, 1993", None, False),
    ],
)
def test_dates_are_read_as_they_are_written(sent: str, date: str | None, place: bool) -> None:
    found = altered("United Nations, September 28, 1993, [TN: time blacked out]", sent)
    assert found.document_date == date
    assert found.place == ("United Nations" if place else None)


@pytest.mark.parametrize(
    ("line", "number", "marks", "precedence"),
    [
        ("No. 7042 Secret", "7042", "Secret", None),
        ("Cable No. 7042, Top Secret, Urgent", "7042", "Top Secret, Urgent", "Urgent"),
        ("No. [TN: blacked out] Confidential", None, "Confidential", None),
        ("No. 7042", "7042", None, None),
    ],
)
def test_number_and_markings_are_told_apart(
    line: str, number: str | None, marks: str | None, precedence: str | None
) -> None:
    found = read_header(
        CABLE.replace("No. 7042 Secret Top Urgent", line).replace("(Limited Distribution)\n", "")
    )
    assert (found.number, found.classification, found.precedence) == (number, marks, precedence)


def test_a_note_or_title_may_go_on_below() -> None:
    assert altered("[TN: time blacked out]", "[TN: time\nblacked out]") == WHOLE
    assert altered("(Separate Telegram 9)", "(Separate\nTelegram 9)") == WHOLE


def test_a_number_that_is_blacked_out_is_not_made_up_from_another() -> None:
    assert altered("No. 7042 Secret", "No. [TN: blacked out] Secret").number is None
    assert altered("No. 7042 Secret Top Urgent\n", "").number is None
    assert altered("Number: [TN: blacked out]", "Number: R012345").number == "7042"


def test_a_main_telegram_has_no_parent() -> None:
    line = "Outgoing Cable No. 7033 Separate Telegram 9: Herring and Cod"
    found = altered(line, "Outgoing Cable No. 7042: Herring and Cod")
    assert (found.number, found.parent, found.subject) == ("7042", None, "Herring and Cod")
    assert altered("No. 7033 Separate", "No. 7042 Separate").parent is None
    assert altered("No. 7033 Separate", "No. [TN: blacked out] Separate").parent is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(Separate Telegram 9)\n", "(Separate Telegram 9) (1 of 2)\n"),
        ("(Limited Distribution)", "(Limited Distribution)\n(1 of 2)"),
        ("Secret Top Urgent", "Secret Top Urgent (1/2)"),
    ],
)
def test_a_part_is_read_wherever_the_header_names_it(old: str, new: str) -> None:
    found = altered(old, new)
    assert found.part == "1 of 2"
    assert found.classification == "Secret, Top Urgent, Limited Distribution"


def test_the_subject_may_stand_in_the_title() -> None:
    title = "Summit Meeting (Working Lunch, Separate Telegram 2: Herring)"
    text = CABLE.replace("Summit Meeting (Separate Telegram 9)", title)
    found = read_header(
        text.replace("Outgoing Cable No. 7033 Separate Telegram 9: Herring and", "")
    )
    assert (found.subject, found.separate_telegram) == ("Herring", "2")


@pytest.mark.parametrize(
    ("opening", "date"),
    [
        ("On the 27th, the Prime Minister met the President.", "1993-09-27"),
        ("On the 30th, the Prime Minister met the President.", "1993-08-30"),
        ("The two met on September 27 in New York.", "1993-09-27"),
        ("The talks of September 27, 1993 lasted an hour.", "1993-09-27"),
        ("The Prime Minister arrived on September 27.", None),
        ("The two met on the 31st floor.", None),
        ("The two met and spoke of fish.", None),
        ("The Prime Minister, who had come to\nNew York, met him on\nthe 27th.", "1993-09-27"),
        ("(Foreign Minister) We met on the 20th.", None),
    ],
)
def test_the_day_of_the_meeting_is_that_of_the_opening_sentence(
    opening: str, date: str | None
) -> None:
    found = altered("(Prime Minister) The", f"{opening}\n(Prime Minister) The")
    assert (found.event_date, found.document_date) == (date, "1993-09-28")


def test_the_heading_of_a_publishers_page_is_read_too() -> None:
    heading = "Cable No. 7042, Ambassador Arai to the Foreign Minister, 'Summit Meeting'"
    lines = "\n".join(line for line in CABLE.splitlines() if not line.startswith(("From", "No.")))
    found = read_header(f"{heading}\n\n{lines}")
    assert (found.number, found.creators) == ("7042", ("Ambassador Arai",))
    assert found.title == "Japan-United States Summit Meeting (Separate Telegram 9)"


def test_the_side_is_said_only_where_it_is_clear() -> None:
    plain = CABLE.replace("Primary: North American Affairs Bureau Director-General\n", "")
    plain = plain.replace("[Japanese] ", "").replace("Received: MOFA", "Received: Head office")
    assert read_header(plain).side is None
    assert read_header(plain.replace("all diplomatic", "all Japanese diplomatic")).side == "Japan"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "From: a friend\nThe herring came back in autumn.",
        "The ship went from: here, to: there.\n\nNo. 5 was closed.",
        "To: be or not\n\nA play in five acts, of which one is lost.",
    ],
)
def test_what_has_no_header_says_nothing(text: str) -> None:
    assert read_header(text) == Provenance()


def test_a_letter_is_no_cable_and_its_first_words_no_title() -> None:
    found = read_header("From: A. Arden\nTo: B. Brook; C. Cole\nHerring is dear this year")
    assert found == Provenance(creators=("A. Arden",), recipients=("B. Brook", "C. Cole"))


@given(st.lists(st.sampled_from(CABLE.splitlines()) | st.text(max_size=30), max_size=20))
@example(["From: \x00", "To: [TN: ", "No. ９ Secret", "Sent: ４ May ２０００"])
def test_any_lines_give_a_provenance_that_can_be_stored(lines: list[str]) -> None:
    found = read_header("\n".join(lines))
    assert Provenance.from_dict(found.to_dict()) == found
    assert document("\n".join(lines)).text == "\n".join(lines)
