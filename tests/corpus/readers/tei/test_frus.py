import re
from pathlib import Path

import pytest

from corpus.citations.chicago import chicago_note, short_note
from corpus.citations.cited import Cited
from corpus.citations.exports import to_bibtex
from corpus.documents import Provenance
from corpus.ingest.assembly import make_document
from corpus.readers.reading import Reading
from corpus.readers.tei.frus import find_side
from corpus.readers.tei.reader import read_xml
from index.text.passages import make_passages
from tests.support.frus_volume import CONVERSATION, LETTER, TELEGRAM, volume

MISMARKED = (
    "Memorandum by the Counselor to the <gloss type='from'>Mission</gloss> "
    "(<persName type='to'>Ash</persName>) of a Talk"
)


def read(*documents: str) -> list[Reading]:
    readings = list(read_xml(volume(*documents)))
    assert all(isinstance(each, Reading) for each in readings)
    return [each for each in readings if isinstance(each, Reading)]


def document(name: str, *others: str) -> Reading:
    readings = read(*(others or (TELEGRAM, CONVERSATION, LETTER)))
    return next(each for each in readings if each.name == name)


def untitled(body: str) -> Reading:
    (reading,) = read(f'<div type="document" xml:id="d9" n="9">{body}</div>')
    return reading


def test_each_document_of_a_volume_is_one_in_its_order() -> None:
    assert [each.name for each in read(TELEGRAM, CONVERSATION, LETTER)] == ["d1", "d2", "d3"]


def test_the_text_is_what_stands_in_the_volume() -> None:
    assert document("d1").text == (
        "611.90H/41: Telegram\n\n"
        "The Consul at Brixwold (Harrow) to the Secretary of State\n\n"
        "Consulate,\nBrixwold, November 3, 1871—7 p.m.\n[Received January 4—9 a.m.]\n\n"
        "No. 12\n\n"
        "Sir: The harbour is shut, and the consuls are [2 words missing] asleep.\n\n"
        "They ask for:\n\n1. rope;\n\n(b) tar.\n\n"
        "Year | Sum\n\n1870 | 4\n\n"
        "For the Consul:\nAmos Harrow.\n\n"
        "[Enclosure]\n\nTarnby, January 1, 1870\n\nEnclosed words.\n\n"
        "Notes\n\n1. Sent twice.\n\n2. Until spring. See ante, p. 4.\n\n3. Pounds.\n\n"
        "What is enclosed."
    )


def test_notes_and_file_numbers_are_never_quoted_and_cut_nothing_in_two() -> None:
    made = make_document("d", "v.xml", document("d1"))
    sentences = [
        span.of(made.text) for passage in make_passages(made) for span in passage.sentences
    ]
    assert "They ask for:" in sentences
    unquoted = ("Pounds", "611.90H", "What is", "ante", "7 p.m.", "Amos")
    assert not any(word in " ".join(sentences) for word in unquoted)
    # What is missing is never bridged.
    assert not any("suls are" in sentence for sentence in sentences)
    assert [each.span.of(made.text) for each in made.structure.redactions] == ["[2 words missing]"]


def test_pages_begin_where_they_are_marked_even_inside_a_word() -> None:
    reading = document("d1")
    assert [(page.label, reading.text[page.start :][:4]) for page in reading.pages] == [
        ("7", "611."),
        ("8", "suls"),
    ]
    assert [(page.start, page.label) for page in document("d2").pages] == [(0, "9")]


def test_what_the_volume_says_of_a_telegram_is_its_provenance() -> None:
    known = document("d1").provenance.to_dict()
    assert known == {
        "title": "The Consul at Brixwold (Harrow) to the Secretary of State",
        "kind": "telegram",
        "creators": ["Harrow"],
        "recipients": ["Secretary of State"],
        "document_date": "1871-11-03",
        "received_date": "1872-01-04",
        "number": "1",
        "publisher": "Brixwold Printing Office",
        "file_number": "611.90H/41",
        "collection": "frus1871v03",
        "url": "https://history.state.gov/historicaldocuments/frus1871v03/d1",
        "place": "Brixwold",
        "source_note": "611.90H/41: Telegram",
        "container": "Foreign Relations of the United States, 1871–1874, vol. III, Brixwold",
        "editors": ["Ann Example", "Ben Sample"],
        "publication_date": "1903",
        "publication_place": "Brixwold, DC",
        "signers": ["Amos Harrow"],
        "serials": ["12"],
        "enclosures": known["enclosures"],
    }


def test_what_the_volume_says_of_a_conversation_is_its_provenance() -> None:
    known = document("d2").provenance
    assert known.title == "Memorandum of Conversation"
    assert known.kind == "memorandum of conversation"
    assert known.people == ("Amos B. Harrow", "Clara Tarn")
    assert (known.event_date, known.document_date) == ("1872-07-26", "1872-07-26")
    assert known.classification == "Secret; Nodis"
    assert known.subject == "The price of tar"
    assert known.source_note is not None
    assert known.source_note.startswith("Source: Brixwold Town Archives, Harbour Files")
    assert known.creators == known.recipients == ()
    assert known.side == "United States"


@pytest.mark.parametrize(
    ("kind", "title", "remark", "side"),
    [
        ("memorandum of conversation", "Memorandum of Conversation", "", "United States"),
        ("memorandum of conversation", "Memorandum of Conversation (U.S.)", "", "United States"),
        ("memorandum of conversation", "Memorandum of Conversation (USSR)", "", None),
        ("memorandum of conversation", None, "Source: Foreign Policy Archives, Box 1.", None),
        ("telegram", "The Consul to the Secretary", "", None),
        (None, None, "", None),
    ],
)
def test_a_conversation_is_told_by_the_american_side_unless_the_volume_says_otherwise(
    kind: str | None, title: str | None, remark: str, side: str | None
) -> None:
    assert find_side(kind, title, [remark]) == side


def test_a_number_is_no_part_of_the_title_and_a_last_line_may_be_the_date() -> None:
    known = document("d3").provenance
    assert (known.title, known.number) == ("Mr. Tarn to Mr. Harrow", "3")
    assert (known.document_date, known.place) == ("1873-06-05", "Tarnby")
    assert known.classification == "Strictly confidential"


def test_speakers_have_turns_that_end_at_what_nobody_said() -> None:
    reading = document("d2")
    assert [(turn.label, turn.span.of(reading.text)) for turn in reading.turns or ()] == [
        ("Mr. Harrow", "Tar is dear.\n\nIt was cheap once."),
        ("Miss Tarn", "Then buy rope."),
    ]


def test_headings_are_those_of_documents_and_enclosures_not_of_lists() -> None:
    for name, headings in (
        ("d1", ["The Consul at Brixwold (Harrow) to the Secretary of State", "[Enclosure]"]),
        ("d2", ["2. Memorandum of Conversation"]),
    ):
        reading = document(name)
        assert [span.of(reading.text) for span in reading.headings or ()] == headings


@pytest.mark.parametrize(
    ("head", "creators", "recipients", "kind"),
    [
        ("The Consul at Brixwold (Harrow) to the Secretary of State",
         ("Harrow",), ("the Secretary of State",), "despatch"),
        ("Mr. Harrow to Lord Tarn.", ("Harrow",), ("Lord Tarn",), "letter"),
        ("Memorandum by the Chief of the Harbour (Tarn) of a Conversation With the Consul (Ash)",
         ("Tarn",), (), "memorandum"),
        ("Address by Secretary of State Tarn", ("Secretary of State Tarn",), (), "address"),
        ("4. Editorial Note", (), (), "editorial note"),
        ("Circular note to the powers", (), (), "circular"),
        ("Extract from the Treaty of Brixwold", (), (), "treaty"),
        (MISMARKED, ("Ash",), (), "memorandum"),
    ],
)  # fmt: skip
def test_sender_recipient_and_kind_are_read_from_a_head_and_never_guessed(
    head: str, creators: tuple[str, ...], recipients: tuple[str, ...], kind: str | None
) -> None:
    known = untitled(f"<head>{head}</head><p>Words.</p>").provenance
    assert (known.creators, known.recipients, known.kind) == (creators, recipients, kind)


@pytest.mark.parametrize(
    ("dateline", "date"),
    [
        ('<dateline><date when="1871">1871</date></dateline>', "1871"),
        ('<dateline><date from="1871-07-26" to="1871-07-28">July</date></dateline>', "1871-07"),
        ('<dateline><date notBefore="1871-07-26" notAfter="1872-01-02"/></dateline>', None),
        ("<dateline>Tarnby, <date>5 June 1871</date></dateline>", "1871-06-05"),
        ("<dateline>Tarnby, <date>undated</date></dateline>", None),
        ("<p>Extract from the treaty of Tarnby, May 8, 1871.</p>", None),
    ],
)
def test_a_date_is_as_exact_as_the_volume_has_it(dateline: str, date: str | None) -> None:
    assert untitled(f"<head>Words</head>{dateline}<p>Corn.</p>").provenance.document_date == date


@pytest.mark.parametrize(
    ("closer", "text"),
    [
        ("<closer>Yours,<lb/><signed>Ash</signed>.</closer>", "Yours,\nAsh."),
        ("<closer>[<signed>Ash</signed>]</closer>", "[Ash]"),
        ("<closer><signed>Ash</signed> <signed>Tarn</signed></closer>", "Ash\nTarn"),
    ],
)
def test_signatures_are_lines_with_the_points_and_brackets_around_them(
    closer: str, text: str
) -> None:
    assert untitled(f"<head>Words</head>{closer}").text == f"Words\n\n{text}"


def test_a_document_without_a_head_is_called_by_a_centred_line() -> None:
    body = '<head>[Untitled]</head><p rend="center">* Statement of a pilot.</p><p>Corn.</p>'
    assert untitled(body).provenance.title == "Statement of a pilot"
    assert untitled("<head/><p>Corn.</p>").provenance.title is None


def test_what_is_enclosed_is_part_of_the_document_it_came_with() -> None:
    inside = (
        '<head>A to B</head><p>Corn.</p><frus:attachment xmlns:frus="http://history.state.gov/'
        'frus/ns/1.0"><div type="document"><head>C to D</head><dateline><date when="1860-01-01"/>'
        "</dateline><p>Hay.</p></div></frus:attachment><p>End.</p>"
    )
    reading = untitled(inside)
    assert reading.text == "A to B\n\nCorn.\n\nC to D\n\nHay.\n\nEnd."
    assert reading.provenance.document_date is None


def test_what_is_enclosed_is_known_by_its_own_head_and_place() -> None:
    reading = document("d1")
    (enclosed,) = reading.provenance.enclosures
    assert (enclosed.document_date, enclosed.creators) == ("1870-01-01", ())
    assert enclosed.span.of(reading.text).startswith("[Enclosure]")
    assert "Enclosed words." in enclosed.span.of(reading.text)
    assert Provenance.from_dict(reading.provenance.to_dict()) == reading.provenance


@pytest.mark.parametrize(
    ("body", "serials"),
    [
        ("<p>No. 82.]</p><p>Corn.</p>", ("82",)),
        ("<p>No. A 715</p><p>L. D. No. 1471</p><p>Corn.</p>", ("A 715", "1471")),
        ("<p>Your No. 82 tells of corn.</p>", ()),
        ('<note rend="inline">[Telegram]</note><p>47. Corn is dear.</p>', ("47",)),
        ("<p>47. Corn is dear.</p>", ()),
    ],
)
def test_a_document_has_the_number_that_it_bears(body: str, serials: tuple[str, ...]) -> None:
    assert untitled(f"<head>A to B</head>{body}").provenance.serials == serials


@pytest.mark.parametrize(
    ("signed", "signers"),
    [
        ("<signed>AMOS B. HARROW.</signed>", ("AMOS B. HARROW",)),
        ("<signed>Amos Harrow,<lb/>Consul</signed>", ("Amos Harrow",)),
        ("<signed>[File copy not signed]</signed>", ()),
        ("<signed>A. Harrow</signed><signed>C. Tarn</signed>", ("A. Harrow", "C. Tarn")),
    ],
)
def test_who_signed_is_known(signed: str, signers: tuple[str, ...]) -> None:
    body = f"<head>A to B</head><p>Corn.</p><closer>{signed}</closer>"
    assert untitled(body).provenance.signers == signers


def test_documents_are_cited_by_their_number_in_the_volume() -> None:
    volume_title = "Foreign Relations of the United States, 1871–1874, vol. III, Brixwold"
    out = "ed. Ann Example and Ben Sample (Brixwold, DC: Brixwold Printing Office, 1903)"
    address = "https://history.state.gov/historicaldocuments/frus1871v03"
    made = make_document("d", "v.xml", document("d1"))
    assert chicago_note(Cited(made)) == (
        "Harrow to Secretary of State, telegram, Brixwold, November 3, 1871, in "
        f"{volume_title}, {out}, doc. 1, {address}/d1."
    )
    assert short_note(Cited(made)) == (
        "Harrow to Secretary of State, "
        "Foreign Relations of the United States, 1871–1874, vol. …, doc. 1."
    )
    bibtex = to_bibtex(Cited(made))
    assert re.search(r"telegram, doc\. 1\b", bibtex, re.IGNORECASE)
    assert "to Secretary of State" in bibtex
    assert "no. 1" not in bibtex
    made = make_document("d", "v.xml", document("d2"))
    assert chicago_note(Cited(made)) == (
        f"“Memorandum of Conversation,” Brixwold, July 26, 1872, in {volume_title}, {out}, "
        f"doc. 2, {address}/d2."
    )
    assert short_note(Cited(made)) == (
        "“Memorandum of Conversation,” "
        "Foreign Relations of the United States, 1871–1874, vol. …, doc. 2."
    )


NEAR_EAST = "Diplomatic Papers, 1936, vol. III, The Near East and Africa"
FOUNDATIONS = "1969–1976, vol. I, Foundations of Foreign Policy, 1969–1972"


@pytest.mark.parametrize(
    ("name", "documents", "volume_title"),
    [
        ("frus1861", 350, None),
        ("frus1936v03", 586, f"Foreign Relations of the United States, {NEAR_EAST}"),
        ("frus1969-76v01", 123, f"Foreign Relations of the United States, {FOUNDATIONS}"),
    ],
)
def test_published_volumes_are_read_whole(
    shared: Path, name: str, documents: int, volume_title: str | None
) -> None:
    data = (shared / "samples" / "frus" / f"{name}.xml").read_bytes()
    readings = [each for each in read_xml(data) if isinstance(each, Reading)]
    assert len(readings) == documents
    if volume_title:
        assert {each.provenance.container for each in readings} == {volume_title}
        assert [each.provenance.number for each in readings] == [
            str(number) for number in range(1, documents + 1)
        ]
    assert all(each.pages and each.provenance.url for each in readings)
